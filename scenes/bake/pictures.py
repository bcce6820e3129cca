"""Pictures as arrays: sampled between pixels, halved, and filled where nothing was painted.

`Pyramid` reads crops of pictures of any size from files; nothing here decodes one
(`scenes.bake.picture_files`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scenes.bake.raster import blend
from scenes.bake.vertices import GRID, PLAIN_COLOUR, Vertices

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]

_CHUNK = 1 << 18  # samples at a time


def sampled(image: UInt8s, x: Float64s, y: Float64s) -> Float64s:
    """(f, 3) colours of an image (height, width, 3) at places (f,) in pixels from its top left,
    blended between the middles of pixels; beyond its edge the edge."""
    height, width = image.shape[:2]
    result = np.empty((len(x), 3))
    for start in range(0, len(x), _CHUNK):
        own = slice(start, start + _CHUNK)
        column = np.clip(x[own] - 0.5, 0.0, width - 1.0)
        row = np.clip(y[own] - 0.5, 0.0, height - 1.0)
        left, upper = column.astype(np.int64), row.astype(np.int64)
        right, lower = np.minimum(left + 1, width - 1), np.minimum(upper + 1, height - 1)
        across, down = (column - left)[:, None], (row - upper)[:, None]
        above = image[upper, left] * (1 - across) + image[upper, right] * across
        below = image[lower, left] * (1 - across) + image[lower, right] * across
        result[own] = above * (1 - down) + below * down
    return result


def smaller(image: UInt8s) -> UInt8s:
    """The image (height, width, 3) at half its size: the mean of four pixels; an odd last row or
    column goes into the one before."""
    height, width = max(image.shape[0] // 2, 1), max(image.shape[1] // 2, 1)
    rows = np.minimum(np.arange(2 * height), image.shape[0] - 1)
    columns = np.minimum(np.arange(2 * width), image.shape[1] - 1)
    whole = image[: 2 * height, : 2 * width]
    if whole.shape[:2] != (2 * height, 2 * width):
        whole = image[rows][:, columns]
    summed = whole[0::2].astype(np.uint16) + whole[1::2]
    return ((summed[:, 0::2] + summed[:, 1::2] + 2) >> 2).astype(np.uint8)


def filled(image: UInt8s, known: npt.NDArray[np.bool_]) -> UInt8s:
    """The image (height, width, 3) with what is not `known` (height, width) taken from the
    smallest of its halvings that knows something there: no smaller level shows a seam."""
    if known.all() or min(image.shape[:2]) < 2:
        if not known.any():
            return image
        mean = np.rint(image[known].mean(axis=0)).astype(np.uint8)
        return np.where(known[..., None], image, mean)
    height, width = known.shape
    padded = np.zeros((height + height % 2, width + width % 2, 4), np.float32)
    padded[:height, :width, :3] = image * known[..., None]
    padded[:height, :width, 3] = known
    summed = padded[0::2, 0::2] + padded[1::2, 0::2] + padded[0::2, 1::2] + padded[1::2, 1::2]
    count = summed[..., 3]
    means = np.rint(summed[..., :3] / np.maximum(count, 1)[..., None]).astype(np.uint8)
    coarse = filled(means, count > 0)
    spread = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(known[..., None], image, spread)


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A picture on disk at full size (width, height) and halved again and again: files of
    (height, width, 3)."""

    files: Sequence[Path]
    size: tuple[int, int]

    def colours(self, uv: Float64s, stretch: float) -> Float64s:
        """(f, 3) at uv (f, 2) from the top left, 0..1 and again beyond; `stretch`: how many
        pixels of the full picture one sample stands for."""
        level = int(np.clip(np.floor(np.log2(max(stretch, 1.0)) + 0.5), 0, len(self.files) - 1))
        image = np.load(self.files[level], "r")
        once = (uv >= -1e-6) & (uv <= 1 + 1e-6)  # an edge at exactly 1 is not the other edge
        uv = np.where(once, uv, uv - np.floor(uv))
        return sampled(image, uv[:, 0] * image.shape[1], uv[:, 1] * image.shape[0])


@dataclass(frozen=True, slots=True)
class CornerPictures:
    """For triangles (m,): number of the picture, -1 none, and places (m, 3, 2) float in it, 0..1
    from its top left, beyond again."""

    number: npt.NDArray[np.int32]
    places: Float64s

    def of(self, chosen: Int64s | slice) -> CornerPictures:
        """Those of some of the triangles."""
        return CornerPictures(self.number[chosen], self.places[chosen])

    def at(self, owner: Int64s, weights: Float64s) -> Float64s:
        """(f, 2) places in the picture of triangles owner (f,), blended by weights (3, f); never
        beyond what the triangle shows, so that nothing from elsewhere comes in at its edges."""
        places = self.places[owner]
        result = np.empty((len(owner), 2))
        for k in range(2):
            own = places[..., k]
            low = np.minimum(np.minimum(own[:, 0], own[:, 1]), own[:, 2])
            high = np.maximum(np.maximum(own[:, 0], own[:, 1]), own[:, 2])
            # One that lies in a repetition of the picture is brought back into the picture.
            shift = np.floor((low + high) / 2)
            result[:, k] = np.clip(blend(weights, own), low, high) - shift
        return result

    def pixel_areas(self, sources: Sequence[Pyramid | None]) -> Float64s:
        """(m,) how many pixels each triangle has of its picture."""
        sizes = np.array([(0, 0), *((0, 0) if s is None else s.size for s in sources)], float)
        first, second = (self.places[:, k] - self.places[:, 0] for k in (1, 2))
        area = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
        return np.asarray(area * sizes[self.number + 1].prod(axis=1), np.float64)

    def texel_m(
        self, vertices: Vertices, corners: Int64s, sources: Sequence[Pyramid | None]
    ) -> float:
        """Metres along a pixel's side: what texels of a leaf should be."""
        pixels = self.pixel_areas(sources)
        painted = pixels > 0
        areas = triangle_areas(vertices, corners[painted])
        return float(np.sqrt(areas.sum() / max(float(pixels.sum()), 1e-9))) if len(areas) else 1.0

    def pixels_per_metre(
        self, vertices: Vertices, corners: Int64s, number: int, source: Pyramid
    ) -> float:
        """Of one picture, over all triangles that have it."""
        own = np.flatnonzero(self.number == number)
        pixels = self.of(own).pixel_areas([*[None] * number, source])
        area = float(triangle_areas(vertices, corners[own]).sum())
        return float(np.sqrt(pixels.sum() / max(area, 1e-9)))

    def tint(
        self, vertices: Vertices, corners: Int64s, owner: Int64s, weights: Float64s
    ) -> Float64s:
        """(f, 3) what the vertex colours make of the picture: 1 where none were given."""
        colours = vertices["colour"]
        if (colours == PLAIN_COLOUR).all():
            return np.ones((len(owner), 3))
        at = colours[corners[owner]]
        plain = (at == PLAIN_COLOUR).all(axis=2, keepdims=True)
        shades = np.where(plain, 1.0, at / 255.0)
        return np.stack([blend(weights, shades[..., k]) for k in range(3)], axis=1)


def triangle_areas(vertices: Vertices, corners: Int64s) -> Float64s:
    """(m,) square metres."""
    a, b, c = (vertices["steps"][corners[:, k]] / GRID for k in range(3))
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2, np.float64)
