"""Displays: what the twin is seen on. One interface, a file each."""

from vr_app.display.base import Display, InputFrame, open_display

__all__ = ["Display", "InputFrame", "open_display"]
