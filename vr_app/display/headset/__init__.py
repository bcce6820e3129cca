"""The headset: OpenXR through pyopenxr, and everything that a wearer or a runtime may do."""
