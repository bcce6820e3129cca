"""Paints a tile: flattens its triangles into an atlas and fills that with what lies under them.

A leaf takes its colours from the source's pictures, an inner tile from the tiles below it. Every
level thus has charts of its own, and no seam of the source hinders the simplifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scenes.bake.atlas import Atlas, pack_charts
from scenes.bake.charts import (
    DIRECTIONS,
    Charts,
    directions_of,
    face_normals,
    flatten,
    make_charts,
    turned,
)
from scenes.bake.pictures import CornerPictures, Pyramid, filled, sampled, smaller
from scenes.bake.raster import Raster, Weights, blend, outside, within
from scenes.bake.vertices import GRID, Vertices, places_of, to_geometry
from scenes.tiles.glb import TileGeometry, TileImage

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]

_LAYERS = 5  # how often charts that lie over each other are taken apart
_SLOPE = 8.0  # texels of depth between what are still neighbours
_FACING = 0.05  # cosine: what faces away from a chart is not painted on it


@dataclass(frozen=True, slots=True)
class Layout:
    """How a tile's triangles (m, 3) lie in its atlas: texels (m, 3, 2) of their corners, and
    which triangle each texel (height * width,) belongs to, -1 none."""

    places: Float64s
    corners: Int64s
    charts: Charts
    atlas: Atlas
    texels: Float64s
    owner: Int64s

    @property
    def texel_m(self) -> float:
        """Metres along the side of a texel."""
        return self.atlas.texel_m


def lay_out(vertices: Vertices, corners: Int64s, texel_m: float) -> Layout:
    """An atlas for VERTEX (n,), corners (m, 3), m > 0, with texels of `texel_m` if they fit."""
    first, place = places_of(vertices["steps"])
    places = vertices["steps"][first] / GRID
    own = place[corners]
    labels = directions_of(places, own)
    while True:
        charts = make_charts(places, own, labels)
        atlas = pack_charts(charts.spans, texel_m)
        texels = charts.flat / atlas.texel_m + atlas.corner[charts.chart][:, None] + 0.5
        raster = _drawn(atlas, texels, charts.depth)
        under = _covered(raster, texels, charts.depth, _SLOPE * atlas.texel_m)
        if not under.any() or int(labels.max()) >= _LAYERS * DIRECTIONS:
            return Layout(places, own, charts, atlas, texels, raster.owner)
        labels = np.where(under, labels + DIRECTIONS, labels)


def _drawn(atlas: Atlas, texels: Float64s, depth: Float64s) -> Raster:
    raster = Raster(atlas.width, atlas.height)
    low = float(depth.min())
    span = max(float(depth.max()) - low, 1e-6)

    def key(_: Int64s, own: Int64s, found: Float64s) -> npt.NDArray[np.float32]:
        # Inside beats outside; of those inside the uppermost.
        beyond = outside(found)
        height = (blend(found, depth[own]) - low) / span
        return np.where(beyond > 0, 1 + beyond, -height).astype(np.float32)

    everywhere = np.array([[0, 0], [atlas.width, atlas.height]])
    raster.draw(texels, np.arange(len(texels)), key, everywhere)
    return raster


def _covered(
    raster: Raster, texels: Float64s, depth: Float64s, tolerance: float
) -> npt.NDArray[np.bool_]:
    """(m,) which triangles lie under others of their chart."""
    middle = texels.mean(axis=1)
    x, y = middle.astype(np.int64).T
    above = raster.owner[y * raster.width + x]
    known = np.flatnonzero((above >= 0) & (above != np.arange(len(above))))
    found = Weights(texels[above[known]]).at(
        np.arange(len(known)), middle[known, 0], middle[known, 1]
    )
    there = blend(np.clip(found, -1, 2), depth[above[known]])
    result = np.zeros(len(texels), bool)
    result[known] = there - depth[known].mean(axis=1) > tolerance
    return result


def paint_leaf(
    vertices: Vertices, corners: Int64s, pictures: CornerPictures, sources: Sequence[Pyramid | None]
) -> TileGeometry | None:
    """A leaf with an atlas sampled from its source's pictures: VERTEX (n,), corners (m, 3), the
    picture and place in it of each corner (m, 3), and all pictures (None: it cannot be read).

    None where no triangle has a picture."""
    readable = np.array([False, *(source is not None for source in sources)])
    if not readable[pictures.number + 1].any():
        return None
    layout = lay_out(vertices, corners, pictures.texel_m(vertices, corners, sources))
    texel = np.flatnonzero(layout.owner >= 0)
    owner = layout.owner[texel]
    weights = _weights(layout, texel)
    inside = within(weights)
    shades = vertices["colour"][corners[owner]]
    colours = np.stack([blend(inside, shades[..., k]) for k in range(3)], axis=1)
    painted = pictures.number[owner]
    for number in np.unique(painted):
        source = sources[number] if number >= 0 else None
        if source is None:
            continue
        chosen = np.flatnonzero(painted == number)
        uv = pictures.at(owner[chosen], weights[:, chosen])
        stretch = pictures.pixels_per_metre(vertices, corners, number, source) * layout.texel_m
        tint = pictures.tint(vertices, corners, owner[chosen], inside[:, chosen])
        colours[chosen] = source.colours(uv, stretch) * tint
    return _finished(layout, vertices, corners, texel, colours)


def paint_inner(
    vertices: Vertices, corners: Int64s, below: Sequence[TileGeometry], error_m: float
) -> tuple[TileGeometry, float] | None:
    """(an inner tile with an atlas sampled from the tiles `below`, metres along its texels' side);
    None where they have no pictures.

    error_m: how far its surface may lie from theirs."""
    source = _Below(below)
    if source.texel_m is None:
        return None
    layout = lay_out(vertices, corners, source.wanted_texel_m())
    texel = np.flatnonzero(layout.owner >= 0)
    owner = layout.owner[texel]
    target = np.full(len(layout.owner), np.nan)
    target[texel] = blend(_weights(layout, texel), layout.charts.depth[owner])
    found = _projected(layout, target, source, 2 * error_m + _SLOPE * layout.texel_m)
    texel = np.flatnonzero(found >= 0)
    if not len(texel):
        return None
    colours = source.colours(layout, texel, found[texel])
    return _finished(layout, vertices, corners, texel, colours), layout.texel_m


def _weights(layout: Layout, texel: Int64s) -> Float64s:
    x, y = texel % layout.atlas.width + 0.5, texel // layout.atlas.width + 0.5
    return Weights(layout.texels).at(layout.owner[texel], x, y)


def _finished(
    layout: Layout, vertices: Vertices, corners: Int64s, texel: Int64s, colours: Float64s
) -> TileGeometry:
    width, height = layout.atlas.width, layout.atlas.height
    pixels = np.zeros((height * width, 3), np.uint8)
    known = np.zeros(height * width, bool)
    pixels[texel] = np.clip(np.rint(colours), 0, 255)
    known[texel] = True
    image = filled(pixels.reshape(height, width, 3), known.reshape(height, width))
    # A vertex for each chart that meets in it.
    codes = corners * (int(layout.charts.chart.max()) + 1) + layout.charts.chart[:, None]
    _, first, group = np.unique(codes.ravel(), return_index=True, return_inverse=True)
    split = vertices[corners.ravel()[first]]
    geometry = to_geometry("triangles", split, group.reshape(-1, 3))
    texcoords = layout.texels.reshape(-1, 2)[first] / (width, height)
    return replace(
        geometry,
        texcoords=np.clip(texcoords, 0, 1).astype(np.float32),
        image=TileImage(image),
    )


class _Below:
    """The triangles of the tiles below, each with its picture."""

    def __init__(self, below: Sequence[TileGeometry]) -> None:
        starts = np.cumsum([0, *(len(one.positions) for one in below)])
        corners = [one.indices.reshape(-1, 3).astype(np.int64) for one in below]
        self.points = np.concatenate([one.positions for one in below]).astype(np.float64)
        self.corners = np.concatenate(
            [own + start for own, start in zip(corners, starts[:-1], strict=True)]
        )
        self.tile = np.repeat(np.arange(len(below)), [len(own) for own in corners])
        self.shades = np.concatenate([one.colours for one in below])
        self.texcoords = np.concatenate(
            [np.zeros((len(t.positions), 2)) if t.texcoords is None else t.texcoords for t in below]
        )
        self.images = [None if one.image is None else one.image.pixels for one in below]
        normals = face_normals(self.points, self.corners)
        area = np.linalg.norm(normals, axis=1)
        self.normals = normals / np.maximum(area[:, None], 1e-30)
        self.areas = np.bincount(self.tile, area / 2, len(below))
        self.texels = [self._texel_m(number) for number in range(len(below))]
        known = [one for one in self.texels if one is not None]
        self.texel_m = max(known) if known else None

    def _texel_m(self, number: int) -> float | None:
        """Metres along a texel's side in one of the tiles."""
        image = self.images[number]
        if image is None:
            return None
        own = self.corners[self.tile == number]
        a, b, c = (self.texcoords[own[:, k]] * image.shape[1::-1] for k in range(3))
        (x1, y1), (x2, y2) = (b - a).T, (c - a).T
        pixels = float(np.abs(x1 * y2 - y1 * x2).sum()) / 2
        return float(np.sqrt(self.areas[number] / max(pixels, 1.0)))

    def wanted_texel_m(self) -> float:
        """Such that the tile above has about as many texels as the fullest below."""
        assert self.texel_m is not None
        most = max(
            area / texel**2 for area, texel in zip(self.areas, self.texels, strict=True) if texel
        )
        return max(float(np.sqrt(self.areas.sum() / max(most, 1.0))), self.texel_m)

    def colours(self, layout: Layout, texel: Int64s, found: Int64s) -> Float64s:
        """(t, 3) at texels (t,) that triangles (t,) of ours lie over."""
        width = layout.atlas.width
        weights = np.empty((3, len(texel)))
        chart = layout.charts.chart[layout.owner[texel]]
        order = np.argsort(chart, kind="stable")
        ends = np.cumsum(np.bincount(chart, minlength=len(layout.charts.spans)))
        for chart_number in np.flatnonzero(np.diff(ends, prepend=0)).tolist():
            own = order[ends[chart_number - 1] if chart_number else 0 : ends[chart_number]]
            flat, _ = _into_chart(layout, chart_number, self.points[self.corners[found[own]]])
            x, y = texel[own] % width + 0.5, texel[own] // width + 0.5
            weights[:, own] = Weights(flat).at(np.arange(len(own)), x, y)
        weights = within(weights)
        corners = self.corners[found]
        result = np.empty((len(texel), 3))
        for number, image in enumerate(self.images):
            chosen = np.flatnonzero(self.tile[found] == number)
            if not len(chosen):
                continue
            share, at = weights[:, chosen], corners[chosen]
            if image is None:
                for k in range(3):
                    result[chosen, k] = blend(share, self.shades[at, k])
                continue
            uv = np.stack([blend(share, self.texcoords[at, k]) for k in range(2)], axis=1)
            ratio = layout.texel_m / (self.texels[number] or layout.texel_m)
            result[chosen] = _from_image(image, uv, ratio)
        return result


def _from_image(image: UInt8s, uv: Float64s, ratio: float) -> Float64s:
    """Colours (f, 3) of an image at uv (f, 2), for texels as wide as `ratio` of its pixels."""
    while ratio > 1.5 and min(image.shape[:2]) >= 2:
        image, ratio = smaller(image), ratio / 2
    return sampled(image, uv[:, 0] * image.shape[1], uv[:, 1] * image.shape[0])


def _into_chart(layout: Layout, number: int, points: Float64s) -> tuple[Float64s, Float64s]:
    """(texels (m, 3, 2), depth (m, 3)) of any triangles (m, 3, 3) as a chart sees them."""
    charts, atlas = layout.charts, layout.atlas
    direction = np.full(len(points), charts.direction[number])
    flat, depth = flatten(points, direction)
    flat = turned(flat, np.broadcast_to(charts.turn[number], (len(points), 2)))
    return (flat - charts.low[number]) / atlas.texel_m + atlas.corner[number] + 0.5, depth


def _projected(layout: Layout, target: Float64s, source: _Below, tolerance: float) -> Int64s:
    """(height * width,) which triangle below lies nearest over each texel, -1 none."""
    charts, atlas = layout.charts, layout.atlas
    raster = Raster(atlas.width, atlas.height)
    chart_of_texel = np.full(len(layout.owner), -1)
    owned = layout.owner >= 0
    chart_of_texel[owned] = charts.chart[layout.owner[owned]]
    sizes = np.ceil(charts.spans / atlas.texel_m).astype(np.int64) + 1
    deepest, highest = np.full(len(sizes), np.inf), np.full(len(sizes), -np.inf)
    np.minimum.at(deepest, charts.chart, charts.depth.min(axis=1))
    np.maximum.at(highest, charts.chart, charts.depth.max(axis=1))
    for direction in range(DIRECTIONS):
        sign = -1.0 if direction % 2 else 1.0
        facing = np.flatnonzero(sign * source.normals[:, direction // 2] > _FACING)
        points = source.points[source.corners[facing]]
        for number in np.flatnonzero(charts.direction == direction):
            flat, depth = _into_chart(layout, int(number), points)
            corner = atlas.corner[number] - 1
            clip = np.stack([corner, corner + sizes[number] + 2])
            near = (
                (flat.max(axis=1) > clip[0] - 1).all(axis=1)
                & (flat.min(axis=1) < clip[1] + 1).all(axis=1)
                & (depth.max(axis=1) > deepest[number] - tolerance)
                & (depth.min(axis=1) < highest[number] + tolerance)
            )
            flat, depth = flat[near], depth[near]

            def key(
                texel: Int64s, own: Int64s, found: Float64s,
                depth: Float64s = depth, number: int = int(number),
            ) -> npt.NDArray[np.float32]:  # fmt: skip
                away = np.abs(blend(found, depth[own]) - target[texel])
                wrong = (chart_of_texel[texel] != number) | (away > tolerance)
                beyond = outside(found)
                away = away + beyond * tolerance
                return np.where(wrong, np.inf, away).astype(np.float32)

            raster.draw(flat, facing[near], key, np.clip(clip, 0, [atlas.width, atlas.height]))
    return raster.owner
