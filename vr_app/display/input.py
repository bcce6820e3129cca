"""What a person did with keyboard, mouse, head and hands in one frame. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from vr_app.display.tracking import TrackedInput


@dataclass(slots=True)
class InputFrame:
    """What a person did since the last frame.

    held: names of keys held down ("w", "lshift", "mouse1" ...); pressed: names pressed since, in
    order; typed: text typed; pointer: (x, y) pixels from the top left or None; look: (right, up)
    radians of mouse look; tracked: head and hands, None where nobody is tracked (a desktop, or a
    headset that is gone for the moment).
    """

    held: frozenset[str] = frozenset()
    pressed: list[str] = field(default_factory=list)
    typed: str = ""
    pointer: tuple[float, float] | None = None
    look: tuple[float, float] = (0.0, 0.0)
    tracked: TrackedInput | None = None
