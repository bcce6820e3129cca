"""The two jobs of a bake, each a function of small files: a bucket's leaves, and one inner tile.

They run in any process (the local pool, a cluster) and keep nothing in memory beyond their own
tiles. They know nothing of the tree as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.bake.coarsen import HEAVY, Coarse, coarse_mesh, coarse_points
from scenes.bake.paint import paint_inner, paint_leaf
from scenes.bake.picture_spool import read_pictures
from scenes.bake.split import split_places
from scenes.bake.vertices import (
    GRID,
    VERTEX,
    Vertices,
    from_geometry,
    place_keys,
    to_geometry,
    used_of,
    welded,
)
from scenes.column_bounds import column_bounds
from scenes.geometry import MATERIAL
from scenes.tiles.glb import Primitive, TileGeometry, parse_glb
from scenes.tiles.glb_writer import lattice_origin, pack_glb

Info = dict[str, Any]
Int64s = npt.NDArray[np.int64]

LEAVES_A_BUCKET = 1 << 12  # leaves are numbered bucket * this + place in the bucket
TOO_MANY = 500_000  # triangles that no inner tile is made of
LIGHT = 8_192  # triangles under a picture that are not worth simplifying
TEXELS = 3.0  # of a tile's picture, as metres of error: finer ones come before texels are seen
CORNERS: dict[Primitive, int] = {"triangles": 3, "lines": 2, "points": 1}


@dataclass(frozen=True, slots=True)
class Work:
    """Where one kind of primitive of a layer is baked: tiles and everything between go here."""

    folder: str
    primitive: Primitive

    def path(self, name: str) -> Path:
        """A file of this primitive between passes."""
        return Path(self.folder) / f"{self.primitive}-{name}"

    @property
    def vertices(self) -> Path:
        """All vertices, as VERTEX."""
        return self.path("vertices.bin")

    def bucket(self, number: int) -> Path:
        """The corners of a bucket, as uint32 vertex numbers."""
        return self.path(f"bucket-{number}.bin")

    @property
    def bucket_pattern(self) -> str:
        """What the names of all `bucket` files look like."""
        return f"{self.primitive}-bucket-*.bin"

    def keys(self, number: int) -> Path:
        """Rows of key, lowest and highest leaf of places that leaves of this bucket share."""
        return self.path(f"keys-{number}.npy")

    def lamps(self, number: int) -> Path:
        """Where the vertices of lamps of a bucket are: (n, 3) float32."""
        return self.path(f"lamps-{number}.npy")

    @property
    def borders(self) -> Path:
        """As `keys` for the whole layer, by key: what inner tiles must keep."""
        return self.path("borders.npy")


def bake_bucket(
    work: Work, bucket: int, box: list[list[float]], margin: float, target: int
) -> Info:
    """Write the leaves of a bucket: {"leaves": [tile], "tree": of their numbers}.

    box (2, 3) and margin in steps: a place farther than this inside the box belongs to no other
    bucket.
    """
    width = CORNERS[work.primitive]
    corners = np.fromfile(work.bucket(bucket), "<u4").reshape(-1, width).astype(np.int64)
    low = int(corners.min())
    used, corners = used_of(corners - low, int(corners.max()) - low + 1)
    source = np.memmap(work.vertices, VERTEX, "r")
    vertices = np.asarray(source[used + low])
    del source
    painted = None
    if work.primitive == "triangles":
        painted = read_pictures(work.folder, used + low, vertices["steps"], corners)
    if painted is not None:
        corners = painted[0]
    vertices, corners, place = welded(vertices, corners)
    if not len(corners):
        return {"leaves": [], "tree": []}
    if work.primitive == "triangles":
        lamps = vertices["steps"][vertices["material"] == MATERIAL["lamp"]]
        np.save(work.lamps(bucket), (lamps / GRID).astype(np.float32))
    middle = _middles(vertices, corners)
    leaf, tree, count = split_places(middle, target)
    order = np.argsort(leaf.astype(np.uint16), kind="stable")
    corners, leaf = corners[order], leaf[order]
    ends = np.cumsum(np.bincount(leaf, minlength=count))
    first = bucket * LEAVES_A_BUCKET
    leaves = []
    for number, end in enumerate(ends):
        members = corners[ends[number - 1] if number else 0 : end]
        geometry = None
        if painted is not None:
            own = painted[1].of(order[end - len(members) : end])
            geometry = paint_leaf(vertices, members, own, painted[2])
        leaves.append(_write(work, f"{first + number:08d}", (vertices, members), 0.0, geometry))
    if work.primitive == "triangles":
        inside = _inside(vertices, np.asarray(box)) > margin
        np.save(work.keys(bucket), _shared(vertices, place, corners, leaf + first, ~inside))
    return {"leaves": leaves, "tree": tree}


def _middles(vertices: Vertices, corners: Int64s) -> Int64s:
    """(m, 3) whole steps; columns lie together, which everybody reads them by."""
    middles = np.zeros((3, len(corners)), np.int64)
    columns = [np.ascontiguousarray(corners[:, k]) for k in range(corners.shape[1])]
    for axis in range(3):
        steps = np.ascontiguousarray(vertices["steps"][:, axis])
        for column in columns:
            middles[axis] += steps[column]
    middles //= len(columns)
    return middles.T


def _inside(vertices: Vertices, box: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each vertex lies inside the box (2, 3), in steps."""
    depth = np.full(len(vertices), np.inf)
    for axis in range(3):
        steps = vertices["steps"][:, axis].astype(np.float64)
        np.minimum(depth, steps - box[0, axis], out=depth)
        np.minimum(depth, box[1, axis] - steps, out=depth)
    return depth


def _shared(
    vertices: Vertices, place: Int64s, corners: Int64s, leaf: Int64s, open_: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint64]:
    """(n, 3): key, lowest and highest leaf of the places of several leaves, and of those that
    are `open_`: other buckets may have them too. corners (m, 3) and leaf (m,) ascend by leaf."""
    count = int(place.max()) + 1
    owners = np.repeat(leaf, 3)
    at = place[corners].ravel()
    highest, lowest = np.full(count, -1), np.zeros(count, np.int64)
    highest[at] = owners  # the last one written stays
    lowest[at[::-1]] = owners[::-1]
    one = np.zeros(count, np.int64)
    one[place] = np.arange(len(place))
    chosen = np.flatnonzero((highest >= 0) & ((lowest != highest) | open_[one]))
    keys = place_keys(vertices["steps"][one[chosen]])
    owned = np.stack([lowest[chosen], highest[chosen]], axis=1).astype(np.uint64)
    return np.concatenate([keys[:, None], owned], axis=1)


def merge_borders(work: Work, buckets: int) -> int:
    """Write `borders` from the keys of all buckets; returns how many places are shared."""
    found = [np.load(work.keys(n)) for n in range(buckets) if work.keys(n).is_file()]
    rows = np.concatenate(found) if found else np.zeros((0, 3), np.uint64)
    rows = rows[np.argsort(rows[:, 0])]
    if len(rows):
        starts = np.flatnonzero(np.concatenate([[True], rows[1:, 0] != rows[:-1, 0]]))
        lowest = np.minimum.reduceat(rows[:, 1], starts)
        highest = np.maximum.reduceat(rows[:, 2], starts)
        shared = lowest != highest
        rows = np.stack([rows[starts, 0], lowest, highest], axis=1)[shared]
    # By column: workers look through the keys alone.
    np.save(work.borders, np.ascontiguousarray(rows.T))
    return len(rows)


def bake_inner(
    work: Work, name: str, files: list[str], leaves: tuple[int, int], error: float
) -> Info:
    """Write one inner tile from the tiles `files` below it: a quarter of their triangles.

    leaves: the first leaf below it and the one behind the last; places that other leaves share
    are kept. error: the largest of the tiles below. Where it cannot be made notably lighter than
    its children the answer has no "name", and "files" are to be merged further up.
    """
    below = [one for file in files for one in _read(work, file)]
    parts = [from_geometry(one) for one in below]
    total = sum(len(corners) for _, corners in parts)
    if total > TOO_MANY:
        return _hollow(files, error)
    vertices = np.concatenate([part[0] for part in parts])
    starts = np.cumsum([0, *(len(part[0]) for part in parts[:-1])])
    corners = np.concatenate([c + s for (_, c), s in zip(parts, starts, strict=True)])
    if work.primitive == "points":
        coarse = coarse_points(vertices[corners[:, 0]])
    else:
        vertices, corners, place = welded(vertices, corners)
        coarse = coarse_mesh(vertices, corners, place, _locks(work, leaves), total // 4)
    painted = any(one.image is not None for one in below)
    if painted and total <= HEAVY and (coarse is None or total <= LIGHT):
        coarse = Coarse(vertices, corners, 0.0)  # its picture is what gets lighter
    if coarse is None:
        return _hollow(files, error)
    error += coarse.error
    geometry = None
    if painted and (found := paint_inner(coarse.vertices, coarse.corners, below, coarse.error)):
        geometry, texel_m = found
        error = max(error, TEXELS * texel_m)
    return _write(work, name, (coarse.vertices, coarse.corners), error, geometry)


def _hollow(files: list[str], error: float) -> Info:
    return {"name": None, "files": files, "error": error}


def _read(work: Work, file: str) -> Any:
    return parse_glb((Path(work.folder) / file).read_bytes(), file)


def _locks(work: Work, leaves: tuple[int, int]) -> Any:
    """A function: which places (n, 3) in steps are shared with leaves outside the range."""
    keys, lowest, highest = np.load(work.borders, "r")

    def locked(steps: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        if not len(keys):
            return np.zeros(len(steps), bool)
        own = place_keys(steps)
        order = np.argsort(own)  # in order the search runs along the table
        at = np.minimum(np.searchsorted(keys, own[order]), len(keys) - 1)
        found = np.flatnonzero(keys[at] == own[order])
        at = at[found]
        outside = (lowest[at] < leaves[0]) | (highest[at] >= leaves[1])
        result = np.zeros(len(steps), bool)
        result[order[found[outside]]] = True
        return result

    return locked


def _write(
    work: Work,
    name: str,
    mesh: tuple[Vertices, Int64s],
    error: float,
    painted: TileGeometry | None = None,
) -> Info:
    geometry = painted or to_geometry(work.primitive, *mesh)
    data = pack_glb(geometry, lattice_origin(geometry.positions))
    file = f"{work.primitive[0]}{name}.glb"
    (Path(work.folder) / file).write_bytes(data)
    low, high = column_bounds(geometry.positions)
    return {
        "name": file,
        "files": [file],
        "low": low.astype(float).tolist(),
        "high": high.astype(float).tolist(),
        "count": len(mesh[1]),
        "bytes": len(data),
        "error": error,
    }


__all__ = ["Coarse", "Work", "bake_bucket", "bake_inner", "merge_borders"]
