"""The one function that simplifies a mesh, whichever library does it: `simplify`.

Locked places keep their coordinates and the edges between them; that is verified afterwards, and a
library that broke it is passed over. It never measures the error (`scenes.bake.deviation`).
"""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles.accelerator import simplifier

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mesh:
    """A mesh whose vertices may differ in colour or normal at one place.

    places (p, 3) float64 metres, all different; place_of (n,) the place of each vertex;
    triangles (m, 3) vertices, none with one place twice.
    """

    places: Float64s
    place_of: Int64s
    triangles: Int64s
    # (n, k) of each vertex, in metres that a difference is worth: what else is to be kept. Only
    # the accelerator heeds it.
    looks: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Simplified:
    """places (q, 3) float64, corners (k, 3) into them, and vertices (k, 3): which vertex of the
    source each corner takes its colour, normal and material from."""

    places: Float64s
    corners: Int64s
    vertices: Int64s


Backend = Callable[[Mesh, int, Flags], Simplified]


def simplify(mesh: Mesh, target: int, locked: Flags, library: str | None = None) -> Simplified:
    """`mesh` with about `target` triangles; more where what is locked (p,) allows no fewer.

    library: the name of one of `libraries()`; None: each of them in turn until one comes near the
    target and holds the borders. The mesh itself comes back where none makes it smaller.
    """
    best = Simplified(mesh.places, mesh.place_of[mesh.triangles], mesh.triangles)
    for name in libraries() if library is None else (library,):
        if len(best.corners) <= 1.5 * target:
            break
        found = _BACKENDS[name](mesh, target, locked)
        if len(found.corners) < 0.9 * len(best.corners) and borders_hold(mesh, locked, found):
            best = found
    return best


@cache
def libraries() -> tuple[str, ...]:
    """Which libraries this machine has, the best first: the compiled accelerator, then wheels."""
    found = ["meshoptimizer"] if simplifier() is not None else []
    for name in ("fast_simplification", "opengl_decimate"):
        if importlib.util.find_spec(name) is not None:
            found.append(name)
    return tuple(found)


def borders_hold(mesh: Mesh, locked: Flags, found: Simplified) -> bool:
    """Whether every locked place is still a corner at its coordinates, and the open edges between
    locked places are the same, in direction too."""
    corners = mesh.place_of[mesh.triangles]
    held = locked & _used(corners, len(mesh.places))
    if not held.any():
        return True
    if found.places is mesh.places:  # nothing was moved or renumbered
        kept = _used(found.corners, len(mesh.places))
        number = np.where(held, np.arange(len(held)), -1)
        return bool(kept[held].all()) and _same_edges(number, corners, number, found.corners)
    numbers = np.flatnonzero(held)
    before = _rows(mesh.places[numbers])
    remaining = np.flatnonzero(_used(found.corners, len(found.places)))
    after = _rows(found.places[remaining])
    order = np.argsort(before)
    at = np.minimum(np.searchsorted(before, after, sorter=order), len(before) - 1)
    same = before[order[at]] == after
    if int(same.sum()) != len(numbers):
        return False
    number = np.full(len(mesh.places), -1)
    number[numbers] = np.arange(len(numbers))
    new = np.full(len(found.places), -1)
    new[remaining[same]] = order[at[same]]
    return _same_edges(number, corners, new, found.corners)


def _used(corners: Int64s, count: int) -> Flags:
    used = np.zeros(count, bool)
    used[corners] = True
    return used


def _same_edges(number: Int64s, corners: Int64s, other: Int64s, other_corners: Int64s) -> bool:
    """Whether two meshes have the same open edges between the places that have a number."""
    return np.array_equal(_open_edges(number, corners), _open_edges(other, other_corners))


def _rows(places: Float64s) -> npt.NDArray[Any]:
    """Rows (n, 3) as single values that compare bit for bit."""
    # -0.0 and 0.0 are one place.
    rows = np.ascontiguousarray(places + 0.0)
    return rows.view([("x", "<i8"), ("y", "<i8"), ("z", "<i8")]).ravel()


def _open_edges(number: Int64s, corners: Int64s) -> Int64s:
    """The directed edges (sorted codes) between numbered places that no opposite edge cancels; a
    place without a number has -1."""
    held = number >= 0
    inside = [held[np.ascontiguousarray(corners[:, k])] for k in range(3)]
    edges = np.concatenate(
        [
            corners[:, [k, (k + 1) % 3]][np.flatnonzero(inside[k] & inside[(k + 1) % 3])]
            for k in range(3)
        ]
    )
    edges = number[edges]
    if not len(edges):
        return np.zeros((2, 0), np.int64)
    size = int(edges.max()) + 1
    low, high = np.minimum(*edges.T), np.maximum(*edges.T)
    codes, group = np.unique(low * size + high, return_inverse=True)
    balance = np.bincount(group.ravel(), np.where(edges[:, 0] < edges[:, 1], 1.0, -1.0))
    count = np.rint(balance).astype(np.int64)
    return np.stack([codes, count])[:, count != 0].astype(np.int64)


def _by_vertex_map(mesh: Mesh, place_map: Int64s, places: Float64s) -> Simplified:
    corners = place_map[mesh.place_of[mesh.triangles]]
    whole = (
        (corners[:, 0] != corners[:, 1])
        & (corners[:, 1] != corners[:, 2])
        & (corners[:, 2] != corners[:, 0])
    )
    return Simplified(places, corners[whole], mesh.triangles[whole])


def _fast_simplification(mesh: Mesh, target: int, locked: Flags) -> Simplified:
    """Holds every border of the mesh, locked or not, so it may stop above the target."""
    import fast_simplification

    corners = mesh.place_of[mesh.triangles].astype(np.int32)
    places, _, collapses = fast_simplification.simplify(
        mesh.places, corners, target_count=target, preserve_border=True, return_collapses=True
    )
    into = np.arange(len(mesh.places))
    into[collapses[:, 1]] = collapses[:, 0]
    while True:  # follow chains of collapses to their ends
        further = into[into]
        if np.array_equal(further, into):
            break
        into = further
    survivors = np.flatnonzero(into == np.arange(len(into)))
    if len(survivors) != len(places):
        # Places that no triangle uses any more are left out of the answer.
        used = np.zeros(len(into), bool)
        ends = into[corners]
        whole = (ends[:, 0] != ends[:, 1]) & (ends[:, 1] != ends[:, 2]) & (ends[:, 2] != ends[:, 0])
        used[ends[whole].ravel()] = True
        survivors = np.flatnonzero(used)
        if len(survivors) != len(places):
            return Simplified(mesh.places, mesh.place_of[mesh.triangles], mesh.triangles)
    number = np.full(len(into), len(places))
    number[survivors] = np.arange(len(survivors))
    found = _by_vertex_map(mesh, into, mesh.places)
    return Simplified(np.asarray(places, np.float64), number[found.corners], found.vertices)


def _opengl_decimate(mesh: Mesh, target: int, locked: Flags) -> Simplified:
    from opengl_decimate import SimplifyOptions
    from opengl_decimate import simplify as decimate

    corners = mesh.place_of[mesh.triangles]
    options = SimplifyOptions(target_count=target, locked=np.flatnonzero(locked).tolist())
    result = decimate({"POSITION": mesh.places}, corners.ravel().astype(np.uint32), options)
    place_map = np.asarray(result.vertex_map, np.int64)
    places = np.asarray(result.attributes["POSITION"], np.float64)
    # Places that fell away with their triangles map nowhere.
    places = np.concatenate([places, mesh.places])
    lost = place_map < 0
    place_map[lost] = np.flatnonzero(lost) + len(places) - len(mesh.places)
    found = _by_vertex_map(mesh, place_map, places)
    if len(found.corners) != len(result.indices) // 3:  # it removed more than it merged
        return Simplified(mesh.places, corners, mesh.triangles)
    return found


def _meshoptimizer(mesh: Mesh, target: int, locked: Flags) -> Simplified:
    middle = mesh.places.mean(axis=0)
    positions = np.ascontiguousarray((mesh.places - middle)[mesh.place_of], np.float32)
    flat = np.ascontiguousarray(mesh.triangles, np.uint32).ravel()
    lock = np.ascontiguousarray(locked[mesh.place_of], np.uint8)
    answer = np.empty_like(flat)
    error = ctypes.c_float()
    looks, weights, kinds = None, None, 0
    if mesh.looks is not None:
        looks = np.ascontiguousarray(mesh.looks, np.float32)
        kinds = looks.shape[1]
        # It works in a box of size one.
        weights = np.full(
            kinds, 1.0 / max(float(np.ptp(positions, axis=0).max()), 1e-9), np.float32
        )
    count = simplifier()(
        answer.ctypes.data, flat.ctypes.data, len(flat),
        positions.ctypes.data, len(positions), 12,
        None if looks is None else looks.ctypes.data, 4 * kinds,
        None if weights is None else weights.ctypes.data, kinds,
        lock.ctypes.data, target * 3, 1e9, 0, ctypes.byref(error),
    )  # fmt: skip
    vertices = answer[:count].reshape(-1, 3).astype(np.int64)
    return Simplified(mesh.places, mesh.place_of[vertices], vertices)


_BACKENDS: dict[str, Backend] = {
    "meshoptimizer": _meshoptimizer,
    "fast_simplification": _fast_simplification,
    "opengl_decimate": _opengl_decimate,
}
