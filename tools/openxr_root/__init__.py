"""A Debian root with a real OpenXR runtime in it, for the headset's tests."""
