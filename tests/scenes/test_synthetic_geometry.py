"""The geometry of the synthetic mine: counts, attributes, seams, openings, determinism."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest

from scenes.bake.instances import unfolded
from scenes.geometry import MATERIAL, MATERIALS, Float64s, InstancePart, MeshPart
from scenes.synthetic import SyntheticMine, demo_parameters
from scenes.synthetic.meshes import clip, mesh
from scenes.synthetic.surface_nets import extract_brick


def make(millions: float) -> SyntheticMine:
    return SyntheticMine(demo_parameters().model_copy(update={"triangles_million": millions}))


@pytest.fixture(scope="module")
def mine() -> SyntheticMine:
    return make(0.5)


@pytest.fixture(scope="module")
def layers(mine: SyntheticMine) -> dict[str, list[MeshPart]]:
    return {layer.id: list(parts(mine, layer.id)) for layer in mine.scene.layers}


def parts(mine: SyntheticMine, layer: str) -> Iterator[MeshPart]:
    for part in mine.chunks(layer):
        if isinstance(part, InstancePart):
            part = unfolded(part.mesh, part.transforms)
        assert isinstance(part, MeshPart)
        yield part


def digest(found: list[MeshPart]) -> str:
    total = hashlib.sha256()
    for part in found:
        for array in (part.positions, part.triangles, part.normals, part.colours, part.materials):
            assert array is not None
            total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def test_triangles_are_as_asked(layers: dict[str, list[MeshPart]]) -> None:
    total = sum(len(part.triangles) for found in layers.values() for part in found)
    assert 0.85 * 0.5e6 < total < 1.15 * 0.5e6


def test_every_layer_has_whole_sound_parts(
    mine: SyntheticMine, layers: dict[str, list[MeshPart]]
) -> None:
    for name, found in layers.items():
        assert found, name
        for part in found:
            count = len(part.positions)
            assert 0 < len(part.triangles) <= 200_000
            assert part.triangles.max() < count
            assert part.normals is not None and part.colours is not None
            assert part.materials is not None and part.materials.max() < len(MATERIALS)
            assert part.normals.shape == part.colours.shape == (count, 3)
            assert np.isfinite(part.positions).all()
            assert np.abs(np.linalg.norm(part.normals, axis=1) - 1).max() < 1e-3, name
            middle = part.positions.mean(axis=0) - np.array(mine.parameters.origin)
            assert np.abs(middle).max() < 3000, "survey frame"


def test_materials_appear(layers: dict[str, list[MeshPart]]) -> None:
    seen = {
        MATERIALS[number]
        for found in layers.values() for part in found for number in np.unique(part.materials)
    }  # fmt: skip
    assert seen >= set(MATERIALS) - {"plain"}
    water = np.concatenate([part.materials for part in layers["water"]])
    assert (water == MATERIAL["water"]).all()


def test_faces_and_normals_agree_and_look_into_the_air(
    mine: SyntheticMine, layers: dict[str, list[MeshPart]]
) -> None:
    origin = np.array(mine.parameters.origin, dtype=np.float64)
    for part in layers["drifts"]:
        corners = part.positions[part.triangles]
        face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        size = np.linalg.norm(face, axis=1)
        assert part.normals is not None
        normal = part.normals[part.triangles].mean(axis=1)
        agree = np.einsum("ij,ij->i", face, normal) > 0
        assert size[agree].sum() > 0.99 * size.sum()
        choose = np.arange(0, len(part.positions), 37)
        ahead = part.positions[choose] + 0.6 * part.normals[choose] - origin
        near = np.arange(mine.void.count)
        assert (mine.void.smooth(ahead, near) < 0.1).mean() > 0.97


def test_no_wall_stands_across_an_opening(
    mine: SyntheticMine, layers: dict[str, list[MeshPart]]
) -> None:
    """Along every centreline, at breast height, no triangle of the walls is near."""
    origin = np.array(mine.parameters.origin, dtype=np.float64)
    walls = np.concatenate(
        [part.positions[part.triangles].mean(axis=1) for part in layers["drifts"]]
    ) - origin  # fmt: skip
    cells = {tuple(c) for c in np.floor(walls / 0.9).astype(int).tolist()}
    checked = 0
    for way in mine.layout.ways.values():
        if way.kind in ("sump", "drawpoint"):
            continue
        where = np.arange(3.0, way.length - 3.0, 1.0)
        if not len(where):
            continue
        line = way.at(where) + np.array([0.0, 0.0, way.height * 0.5])
        hit = [p for p in np.floor(line / 0.9).astype(int).tolist() if tuple(p) in cells]
        assert not hit, (way.id, np.array(hit[0]) * 0.9)
        checked += len(line)
    assert checked > 4000


def edges_used_once(found: list[MeshPart]) -> Float64s:
    """Middles (n, 3) of edges that only one triangle has, after welding on a millimetre grid."""
    points = np.concatenate([part.positions for part in found])
    offset = np.cumsum([0] + [len(part.positions) for part in found[:-1]])
    triangles = np.concatenate(
        [part.triangles.astype(np.int64) + o for part, o in zip(found, offset, strict=True)]
    )
    _, first, weld = np.unique(
        np.round(points * 1000).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    triangles = weld.reshape(-1)[triangles]
    ends = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]],
                                   triangles[:, [2, 0]]]), axis=1)  # fmt: skip
    ends = ends[ends[:, 0] != ends[:, 1]]
    edges, count = np.unique(ends, axis=0, return_counts=True)
    lone = edges[count == 1]
    return points[first][lone].mean(axis=1)


def test_workings_are_closed_but_for_portals_and_the_raise(
    mine: SyntheticMine, layers: dict[str, list[MeshPart]]
) -> None:
    """Bricks and chunks join without cracks, and drifts join stopes."""
    origin = np.array(mine.parameters.origin, dtype=np.float64)
    open_edges = edges_used_once(layers["drifts"] + layers["stopes"]) - origin
    mouths = [np.array(p) for p in mine.layout.portals.values()]
    mouths.append(np.array([131.0, 5.0, mine.layout.raise_top]))
    away = np.min([np.linalg.norm(open_edges - mouth, axis=1) for mouth in mouths], axis=0)
    assert len(open_edges) > 20
    assert away.max() < 9.0


def test_the_ground_is_whole_but_for_its_holes(
    mine: SyntheticMine, layers: dict[str, list[MeshPart]]
) -> None:
    origin = np.array(mine.parameters.origin, dtype=np.float64)
    ground = [part for part in layers["terrain"] if len(part.triangles) > 20_000]
    lone = edges_used_once(ground) - origin
    rim = np.abs(np.hypot(lone[:, 0], lone[:, 1]) - mine.site.pit_radius) < 25
    edge = (np.abs(lone[:, 0]) > 2390) | (np.abs(lone[:, 1]) > 2290) | (lone[:, 0] > 2690)
    raise_hole = np.hypot(lone[:, 0] - 131, lone[:, 1] - 5) < 4
    portal = mine.layout.portals["portal-2"]
    cut = (lone[:, 0] > portal[0] - 30) & (lone[:, 0] < portal[0] + 105)
    cut &= np.abs(lone[:, 1] - portal[1]) < 30
    assert (rim | edge | raise_hole | cut).all()


def test_the_pit_meets_the_ground_without_a_gap(mine: SyntheticMine) -> None:
    """The pit's mesh runs on beyond the ground's hole and dips under the ground there."""
    pit = np.concatenate([part.positions for part in parts(mine, "pit")])
    pit -= np.array(mine.parameters.origin, dtype=np.float64)
    radius = np.hypot(pit[:, 0], pit[:, 1])
    outer = pit[radius > mine.site.pit_radius - 30]
    sector = np.floor(np.degrees(np.arctan2(outer[:, 1], outer[:, 0])) / 6).astype(int)
    for number in range(-30, 30):
        here = outer[sector == number]
        last = here[np.argmax(np.hypot(here[:, 0], here[:, 1]))]
        assert last[2] < mine.site.height(last[None, :2])[0]


@pytest.mark.parametrize("layer", ["drifts", "pit", "support", "plant"])
def test_the_same_parameters_make_the_same_bytes(
    layers: dict[str, list[MeshPart]], layer: str
) -> None:
    assert digest(list(parts(make(0.5), layer))) == digest(layers[layer])


def test_another_seed_makes_other_rock() -> None:
    other = SyntheticMine(demo_parameters().model_copy(update={"seed": 5}))
    first = next(parts(other, "terrain"))
    assert digest([first]) != digest([next(parts(make(2.0), "terrain"))])


def test_a_sphere_is_extracted_closed_and_facing_in() -> None:
    def ball(points: Float64s) -> Float64s:
        return np.linalg.norm(points - np.array([0.3, 0.1, -0.2]), axis=1) - 2.0

    bricks = [
        extract_brick(ball, np.array(corner) * 8, 8, 0.5)
        for corner in np.ndindex(2, 2, 2)
        for corner in [np.array(corner) - 1]
    ]
    found = [mesh(p, t, (1, 2, 3), "rock", n) for p, t, n in bricks if len(t)]
    assert len(found) == 8
    assert not len(edges_used_once(found))
    points = np.concatenate([part.positions for part in found])
    assert np.abs(ball(points)).max() < 0.02
    for part in found:
        corners = part.positions[part.triangles]
        face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert (np.einsum("ij,ij->i", face, corners.mean(axis=1)) < 0.01).mean() > 0.97


def test_clip_cuts_exactly_at_zero() -> None:
    square = mesh(
        np.array([[0.0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]]), np.array([[0, 1, 2], [0, 2, 3]])
    )
    kept = clip(square, square.positions[:, 0] - 0.5)
    assert kept.positions[:, 0].min() == pytest.approx(0.5)
    corners = kept.positions[kept.triangles]
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] / 2
    assert (area > 0).all()
    assert area.sum() == pytest.approx(3.0)
