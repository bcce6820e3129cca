"""Packs charts into one picture: where each lies, and how large a texel must be for all to fit.

Rectangles only; it never looks at a triangle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MAX_SIDE = 1024  # texels
GUTTER = 4  # texels around each chart: three smaller levels of the picture see only their own
_COARSER = 1.12  # what a texel grows by where the charts do not fit


@dataclass(frozen=True, slots=True)
class Atlas:
    """width and height in texels, texel_m the side of one, corner (c, 2) where in the picture
    each chart's low corner lies, in texels."""

    width: int
    height: int
    texel_m: float
    corner: npt.NDArray[np.int64]


def pack_charts(spans: npt.NDArray[np.float64], texel_m: float, side: int = MAX_SIDE) -> Atlas:
    """An atlas of charts of spans (c, 2) metres with texels of `texel_m` or, where they do not
    fit into `side` by `side`, larger ones."""
    texel_m = max(texel_m, float(spans.max(initial=0.0)) / (side - 2 * GUTTER - 2), 1e-6)
    while True:
        sizes = np.ceil(spans / texel_m).astype(np.int64) + 1 + 2 * GUTTER
        area = float(sizes.prod(axis=1).sum())
        if area <= side * side:
            width = _width(sizes, area, side)
            corners, height = _skyline(sizes, width)
            while height > side and width < side:
                width = min(2 * width, side)
                corners, height = _skyline(sizes, width)
            if height <= side:
                return Atlas(width, height, texel_m, corners + GUTTER)
        if texel_m > 4 * float(spans.max(initial=0.0)) and (sizes <= 3 + 2 * GUTTER).all():
            side *= 2  # more charts than a picture has room for, however small
        texel_m *= max(_COARSER, (0.8 * area / (side * side)) ** 0.5)


def _width(sizes: npt.NDArray[np.int64], area: float, side: int) -> int:
    """Multiples of 16 texels (a block of JPEG's colours), about as wide as high."""
    wanted = max(int((1.15 * area) ** 0.5), int(sizes[:, 0].max()))
    return min(-(-wanted // 16) * 16, side)


def _skyline(sizes: npt.NDArray[np.int64], width: int) -> tuple[npt.NDArray[np.int64], int]:
    """(corner (n, 2) of each rectangle, height), highest rectangles first, each as low as it
    fits."""
    corners = np.zeros((len(sizes), 2), np.int64)
    # The upper edge of what is taken: (from x, y), each valid up to the next.
    line: list[tuple[int, int]] = [(0, 0), (width, 1 << 60)]
    height = 0
    for number in np.lexsort((-sizes[:, 0], -sizes[:, 1])).tolist():
        wide, high = int(sizes[number, 0]), int(sizes[number, 1])
        x, y = _lowest(line, wide, width)
        corners[number] = (x, y)
        height = max(height, y + high)
        line = _raised(line, x, x + wide, y + high)
    return corners, height


def _lowest(line: list[tuple[int, int]], wide: int, width: int) -> tuple[int, int]:
    best = (1 << 61, 0)
    for start, (x, _) in enumerate(line):
        if x + wide > width:
            break
        y, at = 0, start
        while line[at][0] < x + wide:
            y = max(y, line[at][1])
            at += 1
        best = min(best, (y, x))
    return best[1], best[0]


def _raised(line: list[tuple[int, int]], low: int, high: int, y: int) -> list[tuple[int, int]]:
    result = [step for step in line if step[0] < low]
    result.append((low, y))
    before = max((step for step in line if step[0] <= high), key=lambda step: step[0])
    if before[0] <= high < line[-1][0]:
        result.append((high, before[1]))
    result += [step for step in line if step[0] > high]
    if result[-1][0] != line[-1][0]:
        result.append(line[-1])
    return result
