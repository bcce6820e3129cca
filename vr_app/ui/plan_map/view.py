"""Which part of the mine the map shows: centre and scale, panned and zoomed by pure functions.

Scene metres (east, north) to pixels of the map's image and back. Never paints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

FINEST_M: Final = 0.05  # metres per pixel
COARSEST_M: Final = 50.0
STEP: Final = 1.5


@dataclass(frozen=True, slots=True)
class MapView:
    """`east`, `north`: what lies in the middle, scene metres; `metres_per_pixel`; size of the map
    area in logical pixels."""

    east: float = 0.0
    north: float = 0.0
    metres_per_pixel: float = 0.5
    width: float = 520.0
    height: float = 440.0

    def to_pixel(self, east: float, north: float) -> tuple[float, float]:
        """Pixel of the map area, from its top left."""
        return (
            self.width / 2 + (east - self.east) / self.metres_per_pixel,
            self.height / 2 - (north - self.north) / self.metres_per_pixel,
        )

    def to_scene(self, x: float, y: float) -> tuple[float, float]:
        """East and north of a pixel of the map area."""
        return (
            self.east + (x - self.width / 2) * self.metres_per_pixel,
            self.north - (y - self.height / 2) * self.metres_per_pixel,
        )

    def panned(self, dx: float, dy: float) -> MapView:
        """Dragged by so many pixels: what was under the pointer stays under it."""
        return replace(
            self,
            east=self.east - dx * self.metres_per_pixel,
            north=self.north + dy * self.metres_per_pixel,
        )

    def zoomed(self, steps: float, about: tuple[float, float] | None = None) -> MapView:
        """Nearer by steps of the wheel (negative: farther); the pixel `about` stays in place."""
        x, y = about if about is not None else (self.width / 2, self.height / 2)
        east, north = self.to_scene(x, y)
        scale = min(max(self.metres_per_pixel * STEP**-steps, FINEST_M), COARSEST_M)
        moved = replace(self, metres_per_pixel=scale)
        there_east, there_north = moved.to_scene(x, y)
        return replace(
            moved, east=moved.east + east - there_east, north=moved.north + north - there_north
        )

    def centred(self, east: float, north: float) -> MapView:
        """With another point in the middle."""
        return replace(self, east=east, north=north)

    def fitted(self, low: tuple[float, float], high: tuple[float, float]) -> MapView:
        """Showing a whole rectangle with a margin."""
        wide, high_m = max(high[0] - low[0], 10.0), max(high[1] - low[1], 10.0)
        scale = 1.12 * max(wide / self.width, high_m / self.height)
        return replace(
            self,
            east=(low[0] + high[0]) / 2,
            north=(low[1] + high[1]) / 2,
            metres_per_pixel=min(max(scale, FINEST_M), COARSEST_M),
        )

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether a pixel lies on the map."""
        return -margin <= x < self.width + margin and -margin <= y < self.height + margin


def scale_bar(metres_per_pixel: float, most_pixels: float) -> float:
    """A round length in metres (1, 2 or 5 times a power of ten) that fits into so many pixels."""
    longest = metres_per_pixel * most_pixels
    power = 10.0 ** math.floor(math.log10(longest))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest * (1 + 1e-9))
