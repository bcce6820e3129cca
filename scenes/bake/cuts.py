"""Checks that tiles of different levels fit together: open edges and borders of mixed-level cuts.

Reads finished tilesets as any viewer would and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenes.bake.deviation import distances, sample
from scenes.bake.vertices import GRID, Int64s, UInt64s, place_keys
from scenes.tiles.glb import parse_glb
from scenes.tiles.tileset import Tile, read_tileset


@dataclass(frozen=True, slots=True)
class TileMesh:
    """A decoded tile: places (p, 3) int64 steps, all different; their keys; corners (m, 3)."""

    steps: Int64s
    keys: UInt64s
    corners: Int64s


@dataclass(frozen=True, slots=True)
class CutCheck:
    """What a cut showed: edges that are open though the finest tiles have none there, and shared
    places that a tile lacks."""

    tiles: int
    open_edges: int
    border_mismatch: int


class BakedTree:
    """The triangles of one baked layer, decoded from disk when asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root, _ = read_tileset((folder / "tileset.json").read_bytes(), str(folder))
        self._meshes: dict[str, TileMesh] = {}
        self._natural: set[tuple[int, int, int]] | None = None

    def mesh(self, tile: Tile) -> TileMesh:
        """The triangles of a tile with content."""
        name = str(tile.content)
        if name not in self._meshes:
            self._meshes[name] = self._decode(name)
        return self._meshes[name]

    def _decode(self, name: str) -> TileMesh:
        steps, corners, count = [np.zeros((0, 3), np.int64)], [np.zeros((0, 3), np.int64)], 0
        for one in parse_glb((self._folder / name).read_bytes(), name):
            if one.primitive == "triangles":
                exact = one.positions.astype(np.float64) * GRID
                steps.append(np.rint(exact).astype(np.int64))
                if not np.array_equal(steps[-1], exact):
                    raise ValueError(f"{name} leaves the grid")
                corners.append(one.indices.reshape(-1, 3).astype(np.int64) + count)
                count += len(exact)
        keys, first, group = np.unique(
            place_keys(np.concatenate(steps)), return_index=True, return_inverse=True
        )
        return TileMesh(np.concatenate(steps)[first], keys, group.ravel()[np.concatenate(corners)])

    def leaves(self, tile: Tile | None = None) -> list[Tile]:
        """The finest tiles below one."""
        pending, found = [self.root if tile is None else tile], []
        while pending:
            one = pending.pop()
            pending += one.children
            if not one.children and one.content is not None:
                found.append(one)
        return found

    def cut(self, generator: np.random.Generator, refine: float = 0.6) -> list[Tile]:
        """Tiles that together cover the layer once, of levels drawn by chance."""
        pending, found = [self.root], []
        while pending:
            one = pending.pop()
            if one.children and (one.content is None or generator.random() < refine):
                pending += one.children
            elif one.content is not None:
                found.append(one)
        return found

    def check(self, cut: list[Tile]) -> CutCheck:
        """Compare a cut with the finest tiles.

        An open edge between places that tiles share must be open in the finest tiles too. Any
        other must come of a border that the surface has by nature, which is simplified like the
        rest: where the finest tiles have none, none may be open.
        """
        natural = self._natural_border()
        edges, net = open_edges([self.mesh(tile) for tile in cut])
        shared, mismatch = self._borders(cut)
        between = np.asarray(np.isin(edges, shared).all(axis=1) | (not natural))
        codes = [(int(a), int(b), int(n)) for (a, b), n in zip(edges, net, strict=True)]
        strange = [
            abs(code[2])
            for code, inner in zip(codes, between.tolist(), strict=True)
            if inner and code not in natural
        ]
        return CutCheck(len(cut), sum(strange), mismatch)

    def _natural_border(self) -> set[tuple[int, int, int]]:
        if self._natural is None:
            edges, net = open_edges([self.mesh(tile) for tile in self.leaves()])
            found = zip(edges, net, strict=True)
            self._natural = {(int(a), int(b), int(n)) for (a, b), n in found}
        return self._natural

    def _borders(self, cut: list[Tile]) -> tuple[UInt64s, int]:
        """(keys of places that several tiles of the cut share, how many of them tiles lack)."""
        below = [
            np.unique(np.concatenate([self.mesh(leaf).keys for leaf in self.leaves(tile)]))
            for tile in cut
        ]
        keys, count = np.unique(np.concatenate(below), return_counts=True)
        shared = keys[count > 1]
        missing = sum(
            len(np.setdiff1d(np.intersect1d(own, shared), self.mesh(tile).keys))
            for tile, own in zip(cut, below, strict=True)
        )
        return shared, missing

    def error_coverage(
        self, generator: np.random.Generator, count: int = 2000
    ) -> list[tuple[str, float, float]]:
        """(tile, its error, share of samples on it that lie within the error of the finest tiles)
        for every tile with content above them."""
        result = []
        pending = [self.root]
        while pending:
            tile = pending.pop()
            pending += tile.children
            if not tile.children or tile.content is None:
                continue
            mesh = self.mesh(tile)
            points, _ = sample(mesh.steps / GRID, mesh.corners, count, generator)
            away = np.full(count, np.inf)
            for leaf in self.leaves(tile):
                source = self.mesh(leaf)
                low, high = source.steps.min(axis=0) / GRID, source.steps.max(axis=0) / GRID
                outside = np.maximum(low - points, points - high).max(axis=1)
                near = np.flatnonzero((outside < tile.geometric_error) & ~np.isfinite(away))
                if len(near):
                    limit = tile.geometric_error
                    away[near] = distances(points[near], source.steps / GRID, source.corners, limit)
            within = float((away <= tile.geometric_error).mean())
            result.append((tile.content, tile.geometric_error, within))
        return result


def open_edges(meshes: list[TileMesh]) -> tuple[UInt64s, Int64s]:
    """(directed edges (n, 2) as keys, how often each is not cancelled by its opposite)."""
    keys = np.concatenate(
        [m.keys[m.corners[:, [k, (k + 1) % 3]]] for m in meshes for k in range(3)]
    )
    turned = keys[:, 0] > keys[:, 1]
    ordered = np.where(turned[:, None], keys[:, ::-1], keys)
    order = np.lexsort((ordered[:, 1], ordered[:, 0]))
    ordered, sign = ordered[order], np.where(turned[order], -1, 1)
    new = np.ones(len(ordered), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    net = np.add.reduceat(sign, np.flatnonzero(new)) if len(sign) else np.zeros(0, np.int64)
    left = net != 0
    return ordered[new][left], net[left]
