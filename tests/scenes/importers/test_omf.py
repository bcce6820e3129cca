"""OMF 1 and 2: block order, sub-blocks, drawing; agreement with the `omf` package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenes.errors import Refused
from scenes.geometry import BlockPart, LinePart, MeshPart, PointPart
from scenes.importers.contract import Imported, ImportOptions
from scenes.importers.registry import read_file
from tests.scenes.importers import make_files
from tests.scenes.importers.harness import real_data
from tests.scenes.importers.make_files import make, ore_body

OPTIONS = ImportOptions()


def blocks_of(imported: Imported, element: str = "blocks") -> BlockPart:
    """The whole block model of an element."""
    named = next(named for named in imported.parts if named.element == element)
    assert named.stored is not None
    return named.stored


def grade_at(block: BlockPart, position: np.ndarray) -> float:
    """The grade of the block nearest to a position."""
    nearest = np.argmin(np.linalg.norm(block.centres - position, axis=1))
    return float(block.attributes["Au"][nearest])


@pytest.mark.parametrize("order", ["u", "w"])
def test_the_order_of_values_is_found_from_the_ore(order: str, tmp_path: Path) -> None:
    path = tmp_path / "a.omf"
    make_files.omf1(path, order)
    imported = read_file(path, OPTIONS)
    block = blocks_of(imported)
    grades = ore_body((6, 5, 4))
    for u, v, w in ((0, 0, 0), (5, 4, 3), (2, 1, 0), (1, 4, 3), (3, 0, 2)):
        centre = make_files.ROOM_LOW + (np.array([u, v, w]) + 0.5) * (10, 8, 5)
        assert grade_at(block, centre) == pytest.approx(grades[u, v, w])
    note = next(n for n in imported.guesses if n.message_id == "import-guess-block-order")
    assert note.arguments["order"] == order
    assert note.arguments["faces"] < note.arguments["other"]
    assert note.option == f"--block-order {'w' if order == 'u' else 'u'}"


def test_the_order_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "a.omf"
    make_files.omf1(path, "u")
    given = read_file(path, ImportOptions(block_order="w"))
    assert not any("block-order" in note.option for note in given.guesses)
    guessed = blocks_of(read_file(path, OPTIONS)).attributes["Au"]
    assert not np.array_equal(blocks_of(given).attributes["Au"], guessed)


def test_only_blocks_above_the_cutoff_are_drawn(tmp_path: Path) -> None:
    path = make("one.omf", tmp_path)
    imported = read_file(path, ImportOptions(cutoff=("Au", 1.0)))
    named = next(named for named in imported.parts if named.element == "blocks")
    assert isinstance(named.part, BlockPart) and named.stored is not None
    assert len(named.part.centres) == int(np.sum(ore_body((6, 5, 4)) >= 1.0))
    assert len(named.stored.centres) == 120
    with pytest.raises(Refused, match="import-bad-option"):
        read_file(path, ImportOptions(cutoff=("Cu", 1.0)))


def test_air_is_not_drawn(tmp_path: Path) -> None:
    imported = read_file(make("two.omf", tmp_path), OPTIONS)
    named = next(named for named in imported.parts if named.element == "sub-blocks")
    assert isinstance(named.part, BlockPart) and len(named.part.centres) == 2
    assert "import-guess-blocks-solid" in {note.message_id for note in imported.guesses}


def test_a_grid_surface_lifts_its_nodes(tmp_path: Path) -> None:
    imported = read_file(make("one.omf", tmp_path), OPTIONS)
    mesh = next(named.part for named in imported.parts if named.element == "grid")
    assert isinstance(mesh, MeshPart) and len(mesh.triangles) == 4
    expected = [(0, 0, 0), (10, 0, 1), (30, 0, 2), (0, 5, 3), (10, 5, 4), (30, 5, 5)]
    found = mesh.positions - make_files.ROOM_LOW
    assert sorted(map(tuple, found.tolist())) == sorted(expected)


def test_an_element_has_its_colour(tmp_path: Path) -> None:
    imported = read_file(make("one.omf", tmp_path), OPTIONS)
    mesh = next(named.part for named in imported.parts if named.element == "room")
    assert isinstance(mesh, MeshPart) and mesh.colours is not None
    assert mesh.colours[0].tolist() == [200, 10, 10]


@pytest.mark.parametrize(
    "name",
    [
        "evo_lineset_v1",
        "evo_surface_v1",
        "omf1_plane_surface",
        "omf1_test_file_92k",
        "omf1_test_proj",
    ],
)
@pytest.mark.filterwarnings("ignore")  # of the omf package and its dependencies
def test_the_omf_package_reads_the_same(name: str) -> None:
    omf = pytest.importorskip("omf")
    path = real_data() / "omf_samples" / f"{name}.omf"
    project = omf.OMFReader(str(path)).get_project()
    imported = read_file(path, OPTIONS)
    totals = {"triangles": 0, "points": 0, "lines": 0, "blocks": 0}
    lows = []
    for element in project.elements:
        kind = type(element.geometry).__name__
        key = {
            "SurfaceGeometry": "triangles",
            "SurfaceGridGeometry": "triangles",
            "PointSetGeometry": "points",
            "LineSetGeometry": "lines",
            "VolumeGridGeometry": "blocks",
        }[kind]
        count = element.geometry.num_cells
        totals[key] += 2 * count if kind == "SurfaceGridGeometry" else count
        if hasattr(element.geometry, "vertices"):
            origin = np.array(project.origin) + np.array(element.geometry.origin)
            lows.append((np.array(element.geometry.vertices.array) + origin).min(axis=0))
    counts = imported.counts
    assert totals == {key: getattr(counts, key) for key in totals}
    if lows and kind != "VolumeGridGeometry":
        assert imported.bounds is not None
        drawn = [
            named.part.positions.min(axis=0)
            for named in imported.parts
            if isinstance(named.part, MeshPart | LinePart | PointPart)
        ]
        assert np.min(drawn, axis=0) == pytest.approx(np.min(lows, axis=0), abs=1.0)


def test_one_surface_in_both_versions_is_the_same() -> None:
    folder = real_data() / "omf_samples"
    one = read_file(folder / "evo_surface_v1.omf", OPTIONS)
    two = read_file(folder / "evo_surface_v2.omf", OPTIONS)
    assert one.counts == two.counts
    for a, b in zip(one.parts, two.parts, strict=True):
        assert a.element == b.element
        assert isinstance(a.part, MeshPart) and isinstance(b.part, MeshPart)
        assert a.part.triangles.shape == b.part.triangles.shape
        first = np.sort(a.part.positions[a.part.triangles].reshape(-1, 3), axis=0)
        second = np.sort(b.part.positions[b.part.triangles].reshape(-1, 3), axis=0)
        np.testing.assert_allclose(first, second, atol=1e-6)
