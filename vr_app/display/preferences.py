"""What a person wants of a display beyond its picture; displays without such a thing ignore it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """Of a headset: whether the room around a wearer shows where the twin is not (`surroundings`),
    whether the refresh rate is to be the highest that it can (`highest_rate`; else the runtime's
    own choice), and whether the window beside it shows a steady view for who watches (`steady`)
    instead of an eye's picture."""

    surroundings: bool = False
    highest_rate: bool = False
    steady: bool = False
