"""Draws into an off-screen buffer without a screen (EGL, also on a software GPU)."""

from __future__ import annotations

from panda3d.core import RenderState, TransformState

from vr_app.display.input import InputFrame
from vr_app.display.panda import PandaDisplay


class OffscreenDisplay(PandaDisplay):
    """A display without a person: pictures come from `picture`, input from a script."""

    name = "offscreen"

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__("offscreen", size, "Kenish", "load-display p3headlessgl\n")

    def draw(self) -> None:
        """See `Display.draw`."""
        super().draw()
        # A window's tasks do this in every frame; here nobody else would: each step of a tile's
        # blending makes a state, and they would stay for ever.
        RenderState.garbage_collect()
        TransformState.garbage_collect()

    def take_input(self) -> InputFrame:
        """Nobody is there."""
        return InputFrame()

    def capture_pointer(self, wanted: bool) -> None:
        """There is no mouse."""

    @property
    def pointer_captured(self) -> bool:
        """There is no mouse."""
        return False
