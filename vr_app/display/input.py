"""What a person did with keyboard and mouse in one frame. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class InputFrame:
    """What a person did since the last frame.

    held: names of keys held down ("w", "lshift", "mouse1" ...); pressed: names pressed since, in
    order; typed: text typed; pointer: (x, y) pixels from the top left or None; look: (right, up)
    radians of mouse look.
    """

    held: frozenset[str] = frozenset()
    pressed: list[str] = field(default_factory=list)
    typed: str = ""
    pointer: tuple[float, float] | None = None
    look: tuple[float, float] = (0.0, 0.0)
