"""Bakes what stands in many places: each tile holds the meshes once and where they stand.

Upper levels leave out the smallest; a tile of nothing else is left out whole. Meshes are not
simplified here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scenes.bake.split import Tree, split_places
from scenes.bake.vertices import GRID, from_part, to_geometry, welded
from scenes.geometry import InstancePart, MeshPart
from scenes.tiles.glb import TileGeometry
from scenes.tiles.glb_writer import lattice_origin, pack_instances
from scenes.tiles.placements import Placements, taken_apart
from scenes.tiles.tileset import Tile

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
FEWEST = 4  # copies that are worth telling apart from the mesh
_KEPT = 0.25  # share of the triangles below that a tile may have


@dataclass(frozen=True, slots=True)
class InstanceTree:
    """The tiles of a layer's instances, and how many triangles they come to."""

    root: Tile
    triangles: int


@dataclass(slots=True)
class _Kind:
    """One mesh, how far it reaches from its origin in metres, and where it stands."""

    geometry: TileGeometry
    reach_m: float
    size_m: float
    places: list[Placements]


class InstanceBake:
    """The instances of one layer. Use `add` for every part, then `write` once."""

    def __init__(self) -> None:
        self._kinds: dict[bytes, _Kind] = {}

    def add(self, part: InstancePart, origin: Float64s) -> MeshPart | None:
        """Take a part; what cannot be told as move, turn and scale comes back as a plain mesh."""
        shifted = part.transforms.astype(np.float64)
        shifted[:, :3, 3] -= origin
        places, whole = taken_apart(shifted)
        few = int(whole.sum()) < FEWEST or not len(part.mesh.triangles)
        if not few:
            self._kind(part.mesh).places.append(places.of(whole))
        left = np.flatnonzero(np.isfinite(part.transforms).all(axis=(1, 2)) & (few | ~whole))
        return unfolded(part.mesh, part.transforms[left]) if len(left) else None

    def _kind(self, mesh: MeshPart) -> _Kind:
        digest = hashlib.blake2b(digest_size=16)
        for array in (mesh.positions, mesh.triangles, mesh.normals, mesh.colours, mesh.materials):
            digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
        key = digest.digest()
        if key not in self._kinds:
            _, vertices, corners = from_part(mesh, np.zeros(3))
            vertices, corners, _ = welded(vertices, corners)
            geometry = to_geometry("triangles", vertices, corners)
            reach = float(np.linalg.norm(geometry.positions, axis=1).max(initial=0))
            size = float(np.linalg.norm(np.ptp(mesh.positions, axis=0)))
            self._kinds[key] = _Kind(geometry, reach, size, [])
        return self._kinds[key]

    def write(self, folder: Path, leaf: int) -> InstanceTree | None:
        """Write tiles of about `leaf` triangles into a folder; None where nothing was added."""
        kinds = [kind for kind in self._kinds.values() if len(kind.geometry.indices)]
        if not kinds:
            return None
        joined = [
            Placements(
                np.concatenate([one.translations for one in kind.places]),
                np.concatenate([one.rotations for one in kind.places]),
                np.concatenate([one.scales for one in kind.places]),
            )
            for kind in kinds
        ]
        return _Writer(folder, kinds, joined, leaf).run()


def unfolded(mesh: MeshPart, transforms: Float64s) -> MeshPart:
    """The copies of a mesh (k, 4, 4) as one mesh."""
    count, own = len(transforms), len(mesh.positions)
    turns = transforms[:, :3, :3]
    positions = np.einsum("kij,nj->kni", turns, mesh.positions) + transforms[:, None, :3, 3]
    normals = None
    if mesh.normals is not None:
        across = np.linalg.pinv(turns).transpose(0, 2, 1)
        turned = np.einsum("kij,nj->kni", across, mesh.normals)
        turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-9)
        normals = turned.reshape(-1, 3).astype(np.float32)
    triangles = mesh.triangles[None].astype(np.int64) + (np.arange(count) * own)[:, None, None]
    mirrored = np.linalg.det(turns) < 0
    triangles[mirrored] = triangles[mirrored][..., ::-1]
    return MeshPart(
        positions.reshape(-1, 3),
        triangles.reshape(-1, 3).astype(np.uint32),
        normals,
        None if mesh.colours is None else np.tile(mesh.colours, (count, 1)),
        None if mesh.materials is None else np.tile(mesh.materials, count),
    )


class _Writer:
    def __init__(
        self, folder: Path, kinds: list[_Kind], places: list[Placements], leaf: int
    ) -> None:
        self._folder = folder
        self._kinds = kinds
        self._places = places
        counts = [len(one.translations) for one in places]
        self._kind = np.repeat(np.arange(len(kinds)), counts)
        self._row = np.concatenate([np.arange(count) for count in counts])
        self._middle = np.concatenate([one.translations for one in places])
        scale = np.concatenate([one.scales.max(axis=1) for one in places])
        self._size = np.array([kind.size_m for kind in kinds])[self._kind] * scale
        self._reach = np.array([kind.reach_m for kind in kinds])[self._kind] * scale
        triangles = [len(kind.geometry.indices) // 3 for kind in kinds]
        self._triangles = np.array(triangles)[self._kind]
        self._leaf = max(int(leaf / self._triangles.mean()), 1)
        self._room = leaf  # triangles that nobody need go without
        self._written = 0

    def run(self) -> InstanceTree:
        steps = np.rint(self._middle * GRID).astype(np.int64)
        group, tree, _ = split_places(steps, self._leaf)
        order = np.argsort(group, kind="stable")
        ends = np.cumsum(np.bincount(group))
        members = np.split(order, ends[:-1])
        root, _ = self._tile(tree, members)
        return InstanceTree(root, int(self._triangles.sum()))

    def _tile(self, tree: Tree, members: list[Int64s]) -> tuple[Tile, Int64s]:
        """(the tile, what it draws) of a branch."""
        if isinstance(tree, int):
            own = members[tree]
            low, high = self._box(own)
            return Tile(low, high, 0.0, self._write(own), "REPLACE"), own
        below = [self._tile(branch, members) for branch in tree]
        children = [tile for tile, _ in below]
        drawn = np.concatenate([own for _, own in below])
        low = np.min([tile.low for tile in children], axis=0)
        high = np.max([tile.high for tile in children], axis=0)
        error = max(tile.geometric_error for tile in children)
        order = drawn[np.argsort(-self._size[drawn], kind="stable")]
        room = max(_KEPT * self._triangles[drawn].sum(), self._room)
        fits = np.cumsum(self._triangles[order]) <= room
        # Of things of one size all stay or all go: a thinned row of bolts would be a wrong one.
        least = self._size[order[~fits]].max(initial=0.0)
        kept = order[self._size[order] > least]
        error = max(error, float(least))
        name = self._write(kept) if len(kept) else None
        return Tile(low, high, error, name, "REPLACE", children), kept

    def _box(self, own: Int64s) -> tuple[Float64s, Float64s]:
        reach = self._reach[own][:, None]
        return (self._middle[own] - reach).min(axis=0), (self._middle[own] + reach).max(axis=0)

    def _write(self, own: Int64s) -> str:
        name = f"i{self._written:08d}.glb"
        self._written += 1
        groups = []
        for number in np.unique(self._kind[own]):
            rows = self._row[own[self._kind[own] == number]]
            groups.append((self._kinds[number].geometry, self._places[number].of(rows)))
        origin = lattice_origin(self._middle[own])
        (self._folder / name).write_bytes(pack_instances(groups, origin))
        return name
