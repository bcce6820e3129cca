"""Lays a surface over a point cloud on request: Poisson reconstruction by Open3D, block by block.

Blocks overlap and each keeps its own middle, so memory is bounded by one of them; where points are
thin there is no surface. Needs the extra `reconstruct`.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.bake.layer import BakedLayer, bake_layer
from scenes.bake.split import split_places
from scenes.errors import Refused
from scenes.geometry import MeshPart
from scenes.schema import Layer
from scenes.tiles.glb import parse_glb
from scenes.tiles.metadata import Metadata, bounded, metadata_of
from scenes.tiles.tileset import Tile, read_tileset
from scenes.twin import Twin, save_scene

Float64s = npt.NDArray[np.float64]
UInt8s = npt.NDArray[np.uint8]
Progress = Callable[[str, int, int], None]

BLOCK = 200_000  # points in the middle of a block, about
OVERLAP = 12.0  # spacings of points that blocks reach into each other
NEIGHBOURS = 16  # points that a normal is made of
THIN = 0.03  # share of the surface with the fewest points behind it that is left out
FARTHEST = 4.0  # spacings that a surface may lie from the next point
_GRID = 1024.0


@dataclass(frozen=True, slots=True)
class _Leaf:
    path: Path
    low: Float64s
    high: Float64s


def reconstruct(twin: Twin, layer_id: str, progress: Progress | None = None) -> BakedLayer:
    """Bake the layer LAYER-surface from the points of a layer and add it to the twin.

    Raises `Refused` where there is no such layer of points, or Open3D is not installed.
    """
    layer = next((one for one in twin.scene.layers if one.id == layer_id), None)
    if layer is None or layer.content != "points":
        raise Refused("scenes-no-points", layer=layer_id)
    if importlib.util.find_spec("open3d") is None:
        raise Refused("scenes-needs-open3d", extra="kenish[reconstruct]")
    leaves = _leaves(twin, layer)
    blocks = _blocks(leaves)
    name = f"{layer_id}-surface"
    target = (twin.folder / "tiles" / name).resolve()
    if not target.is_relative_to(twin.folder.resolve()):
        raise Refused("scenes-outside", layer=name, file=str(target))
    baked = bake_layer(
        target,
        _surfaces(leaves, blocks, None if progress is None else partial(progress, layer_id)),
        (0, 0, 0),  # tiles are in the scene frame already
        None if progress is None else partial(progress, name),
        metadata=_metadata(twin, layer),
    )
    made = Layer(
        id=name,
        kind=layer.kind,
        content="mesh",
        title=dict(layer.title),
        walkable=layer.kind in ("terrain", "drift", "stope", "other"),
        access=layer.access,
        two_sided=True,  # which side of a scan is air is a guess
    )
    others = [one for one in twin.scene.layers if one.id != name]
    save_scene(twin.folder, twin.scene.model_copy(update={"layers": [*others, made]}))
    return baked


def _metadata(twin: Twin, layer: Layer) -> Metadata:
    """What is known of the points, and that this surface was made from them."""
    found = json.loads((twin.folder / layer.tileset_path).read_bytes())
    return bounded({"madeFrom": layer.id, **metadata_of(found)})


def _leaves(twin: Twin, layer: Layer) -> list[_Leaf]:
    home = twin.folder.resolve()
    path = (home / layer.tileset_path).resolve()
    if not path.is_relative_to(home) or not path.is_file():
        raise Refused("scenes-missing", layer=layer.id, file=layer.tileset_path)
    root, _ = read_tileset(path.read_bytes(), str(path))
    found: list[_Leaf] = []
    pending: list[Tile] = [root]
    while pending:
        tile = pending.pop()
        pending += tile.children
        if tile.content is None or (tile.children and tile.refine == "REPLACE"):
            continue
        file = (path.parent / tile.content).resolve()
        if not file.is_relative_to(home):
            raise Refused("scenes-outside", layer=layer.id, file=tile.content)
        found.append(_Leaf(file, tile.low, tile.high))
    return found


def _points(leaf: _Leaf) -> tuple[Float64s, UInt8s]:
    parts = [
        (one.positions[one.indices].astype(np.float64), one.colours[one.indices])
        for one in parse_glb(leaf.path.read_bytes(), str(leaf.path))
        if one.primitive == "points"
    ]
    positions = [np.zeros((0, 3)), *(part[0] for part in parts)]
    colours = [np.zeros((0, 3), np.uint8), *(part[1] for part in parts)]
    return np.concatenate(positions), np.concatenate(colours)


def _blocks(leaves: list[_Leaf]) -> list[tuple[Float64s, Float64s]]:
    """(low, high) of boxes that share out all places, each around leaves of BLOCK points."""
    middles = np.array([(leaf.low + leaf.high) / 2 for leaf in leaves])
    steps = np.rint(middles * _GRID).astype(np.int64)
    # Leaves have some 32,768 points each.
    group, _, count = split_places(steps, max(BLOCK // 32_768, 1))
    boxes = []
    for number in range(count):
        own = [leaf for leaf, one in zip(leaves, group, strict=True) if one == number]
        if own:
            low = np.min([leaf.low for leaf in own], axis=0)
            boxes.append((low, np.max([leaf.high for leaf in own], axis=0)))
    return boxes


def _surfaces(
    leaves: list[_Leaf],
    blocks: list[tuple[Float64s, Float64s]],
    progress: Callable[[int, int], None] | None,
) -> Iterator[MeshPart]:
    taken: list[tuple[Float64s, Float64s]] = []
    for number, (low, high) in enumerate(blocks):
        near = [leaf for leaf in leaves if ((leaf.high >= low) & (leaf.low <= high)).all()]
        inside = [_points(leaf) for leaf in near]
        own = np.concatenate([points for points, _ in inside])
        spacing = _spacing(own)
        wider = OVERLAP * spacing
        around = [
            _points(leaf)
            for leaf in leaves
            if ((leaf.high >= low - wider) & (leaf.low <= high + wider)).all()
        ]
        positions = np.concatenate([points for points, _ in around])
        colours = np.concatenate([shades for _, shades in around])
        kept = _inside(positions, low - wider, high + wider)
        part = surface(positions[kept], colours[kept], spacing)
        # Half way to the points of the next block, so that no slit is left between them.
        taken.append((low - spacing, high + spacing))
        if part is not None:
            # A triangle belongs to the first block that its middle lies in.
            middle = part.positions[part.triangles].mean(axis=1)
            mine = _inside(middle, *taken[-1])
            for before in taken[:-1]:
                mine &= ~_inside(middle, *before)
            if mine.any():
                yield MeshPart(part.positions, part.triangles[mine], part.normals, part.colours)
        if progress is not None:
            progress(number + 1, len(blocks))


def _inside(places: Float64s, low: Float64s, high: Float64s) -> npt.NDArray[np.bool_]:
    return np.asarray(((places >= low) & (places <= high)).all(axis=1))


def _spacing(points: Float64s) -> float:
    """Metres between neighbouring points, as most are."""
    step = max(len(points) // 20_000, 1)
    away = np.asarray(_cloud(points[::step]).compute_nearest_neighbor_distance())
    # Of a surface that was thinned by `step`, neighbours are its root nearer in truth.
    return max(float(np.median(away)) / math.sqrt(step), 1 / _GRID) if len(away) else 1.0


def _cloud(points: Float64s) -> Any:
    import open3d

    return open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))


def surface(positions: Float64s, colours: UInt8s, spacing: float) -> MeshPart | None:
    """A surface through points (n, 3) with colours (n, 3) that lie `spacing` metres apart; None
    where they are too few."""
    import open3d

    if len(positions) < 4 * NEIGHBOURS:
        return None
    origin = positions.mean(axis=0)
    cloud = _cloud(positions - origin)
    cloud = cloud.voxel_down_sample(spacing / 2)
    cloud.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(NEIGHBOURS))
    cloud.orient_normals_consistent_tangent_plane(NEIGHBOURS)
    extent = float(np.ptp(positions, axis=0).max())
    depth = int(np.clip(math.floor(math.log2(max(1.1 * extent / (1.5 * spacing), 2))), 5, 11))
    found, behind = open3d.geometry.TriangleMesh.create_from_point_cloud_poisson(
        cloud, depth=depth, n_threads=1
    )
    places = np.asarray(found.vertices)
    triangles = np.asarray(found.triangles).astype(np.int64)
    if not len(triangles):
        return None
    thin = np.asarray(behind) < np.quantile(np.asarray(behind), THIN)
    tree = open3d.geometry.KDTreeFlann(_cloud(positions - origin))
    nearest = np.zeros(len(places), np.int64)
    far = np.zeros(len(places), bool)
    for number, place in enumerate(places):
        _, index, square = tree.search_knn_vector_3d(place, 1)
        nearest[number] = index[0]
        far[number] = square[0] > (FARTHEST * spacing) ** 2
    left_out = far | (thin & _beyond(places, nearest, positions - origin, 2 * spacing))
    triangles = triangles[~left_out[triangles].any(axis=1)]
    if not len(triangles):
        return None
    found.compute_vertex_normals()
    normals = np.asarray(found.vertex_normals).astype(np.float32)
    return MeshPart(
        places + origin, triangles.astype(np.uint32), normals, colours[nearest].astype(np.uint8)
    )


def _beyond(
    places: Float64s, nearest: npt.NDArray[np.int64], points: Float64s, reach: float
) -> npt.NDArray[np.bool_]:
    return np.asarray(np.linalg.norm(places - points[nearest], axis=1) > reach)
