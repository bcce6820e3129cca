"""The application people look through: displays, streaming, overlays, hand tools, commands."""
