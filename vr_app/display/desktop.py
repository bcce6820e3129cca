"""A window with keyboard and mouse.

Keys are read by their place on the keyboard, so that WASD works under Cyrillic and Japanese
layouts too; text is read as typed.
"""

from __future__ import annotations

from typing import Any, Final

from panda3d.core import WindowProperties

from vr_app.display.input import InputFrame
from vr_app.display.panda import PandaDisplay

KEYS: Final = (
    *"abcdefghijklmnopqrstuvwxyz1234567890",
    "arrow_up",
    "arrow_down",
    "arrow_left",
    "arrow_right",
    "space",
    "lshift",
    "lcontrol",
    "rcontrol",
    "escape",
    "enter",
    "backspace",
    "tab",
    "f1",
    "f2",
    "f9",
    "f10",
    "f11",
    "f12",
    "home",
    "page_up",
    "page_down",
)
MOUSE: Final = ("mouse1", "mouse2", "mouse3", "wheel_up", "wheel_down")
RADIANS_PER_PIXEL: Final = 0.0022


class DesktopDisplay(PandaDisplay):
    """One window."""

    name = "desktop"

    def __init__(self, size: tuple[int, int], title: str) -> None:
        super().__init__("onscreen", size, title, "framebuffer-multisample 1\nmultisamples 4\n")
        self._held: set[str] = set()
        self._pressed: list[str] = []
        self._typed: list[str] = []
        self._captured = False
        base: Any = self.base
        for key in KEYS:
            base.accept(f"raw-{key}", self._down, [key])
            base.accept(f"raw-{key}-up", self._up, [key])
        for button in MOUSE:
            base.accept(button, self._down, [button])
            base.accept(f"{button}-up", self._up, [button])
        for prefix in ("shift", "control", "alt"):
            for button in MOUSE:
                base.accept(f"{prefix}-{button}", self._down, [button])
        thrower = base.buttonThrowers[0].node()
        thrower.set_keystroke_event("kenish-keystroke")
        base.accept("kenish-keystroke", self._typed.append)
        base.accept("window-event", self._window_changed)
        base.task_mgr.remove("igLoop")  # frames are drawn by `draw` alone

    def _down(self, key: str) -> None:
        self._held.add(key)
        self._pressed.append(key)

    def _up(self, key: str) -> None:
        self._held.discard(key)

    def _window_changed(self, window: Any) -> None:
        properties = window.get_properties()
        if not properties.get_open():
            self.closed = True
            return
        if not properties.get_foreground():
            self._held.clear()
            self.capture_pointer(False)
        if (window.get_x_size(), window.get_y_size()) != self.size:
            self.resize(window.get_x_size(), window.get_y_size())

    def take_input(self) -> InputFrame:
        """See `Display.take_input`."""
        # Panda polls keyboard and mouse and sends their events in its own tasks.
        self.base.task_mgr.step()
        frame = InputFrame(
            held=frozenset(self._held),
            pressed=self._pressed[:],
            typed="".join(char for char in self._typed if char.isprintable()),
        )
        self._pressed.clear()
        self._typed.clear()
        window: Any = self.base.win
        pointer = window.get_pointer(0)
        if pointer.get_in_window():
            frame.pointer = (pointer.get_x(), pointer.get_y())
        if self._captured:
            middle_x, middle_y = self.size[0] // 2, self.size[1] // 2
            dx, dy = pointer.get_x() - middle_x, pointer.get_y() - middle_y
            if (dx or dy) and window.move_pointer(0, middle_x, middle_y):
                scale = RADIANS_PER_PIXEL * self.look_scale
                frame.look = (dx * scale, -dy * scale)
        return frame

    def capture_pointer(self, wanted: bool) -> None:
        """See `Display.capture_pointer`."""
        if wanted == self._captured:
            return
        window: Any = self.base.win
        self._captured = wanted
        properties = WindowProperties()
        properties.set_cursor_hidden(wanted)
        window.request_properties(properties)
        if wanted:
            window.move_pointer(0, self.size[0] // 2, self.size[1] // 2)

    @property
    def pointer_captured(self) -> bool:
        """See `Display.pointer_captured`."""
        return self._captured
