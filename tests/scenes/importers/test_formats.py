"""Every format: counts as in the file, bounds in survey metres, agreement with trimesh."""

from __future__ import annotations

import warnings
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from scenes.errors import Refused
from scenes.geometry import MeshPart, PointPart
from scenes.importers.contract import Imported, ImportOptions
from scenes.importers.registry import UNUSABLE, read_file
from tests.scenes.importers import make_files
from tests.scenes.importers.make_files import MAKERS, ROOM_HIGH, ROOM_LOW, make

OPTIONS = ImportOptions()


def ids(notes: list) -> set[str]:
    return {note.message_id for note in notes}


def canonical(triangles: np.ndarray) -> np.ndarray:
    """(m, 3, 3) corners as sorted rows, each triangle turned to begin at its lowest corner."""
    rows = []
    for triangle in np.round(triangles, 3).tolist():
        first = triangle.index(min(triangle))
        rows.append([*chain(*triangle[first:], *triangle[:first])])
    return np.array(sorted(rows))


def corners(imported: Imported) -> np.ndarray:
    """All triangle corners, for comparing meshes however they are indexed."""
    meshes = [named.part for named in imported.parts if isinstance(named.part, MeshPart)]
    return canonical(np.concatenate([mesh.positions[mesh.triangles] for mesh in meshes]))


@pytest.mark.parametrize("name", MAKERS)
def test_counts_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    counts = read_file(make(name, tmp_path), OPTIONS).counts
    found = (counts.triangles, counts.points, counts.lines, counts.nodes, counts.blocks)
    assert found == MAKERS[name][1]


@pytest.mark.parametrize(
    "name",
    [name for name in MAKERS if name.endswith((".stl", ".ply", ".obj", ".dae", ".glb", ".gltf"))],
)
def test_the_room_is_where_it_was_drawn(name: str, tmp_path: Path) -> None:
    imported = read_file(make(name, tmp_path), OPTIONS)
    np.testing.assert_allclose(imported.bounds, [ROOM_LOW, ROOM_HIGH], atol=1e-3)


@pytest.mark.parametrize(
    "name", ["binary.stl", "ascii.stl", "text.ply", "little.ply", "room.obj", "walls.dae"]
)
def test_trimesh_reads_the_same_triangles(name: str, tmp_path: Path) -> None:
    import trimesh

    path = make(name, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = trimesh.load(path, process=False, force="mesh")
    expected = canonical(np.asarray(other.triangles))
    np.testing.assert_allclose(corners(read_file(path, OPTIONS)), expected, atol=2e-3)


def test_big_endian_ply(tmp_path: Path) -> None:
    path = tmp_path / "big.ply"
    make_files.ply_binary(path, big=True)
    np.testing.assert_allclose(read_file(path, OPTIONS).bounds, [ROOM_LOW, ROOM_HIGH])


def test_ply_of_triangles_and_quads_together(tmp_path: Path) -> None:
    path = tmp_path / "mixed.ply"
    make_files.ply_binary(path)
    data = path.read_bytes().replace(b"element face 6", b"element face 7")
    path.write_bytes(data + b"\x03" + np.array([0, 1, 7], "<i4").tobytes())
    assert read_file(path, OPTIONS).counts.triangles == 13


def test_colours_of_points_and_materials(tmp_path: Path) -> None:
    cloud = read_file(make("points.ply", tmp_path), OPTIONS).parts[0].part
    assert isinstance(cloud, PointPart) and cloud.colours is not None
    assert np.all(cloud.colours == 128)
    mesh = read_file(make("room.obj", tmp_path), OPTIONS).parts[0].part
    assert isinstance(mesh, MeshPart) and mesh.colours is not None
    assert mesh.colours[0].tolist() == [128, 64, 255]


def test_an_stl_whose_header_says_solid_is_still_binary(tmp_path: Path) -> None:
    path = tmp_path / "a.stl"
    make_files.stl_binary(path, header=b"solid made by a program that lies")
    assert read_file(path, OPTIONS).counts.triangles == 12


def test_content_decides_where_the_ending_lies(tmp_path: Path) -> None:
    make("block.glb", tmp_path).rename(tmp_path / "room.obj")
    assert read_file(tmp_path / "room.obj", OPTIONS).format == "glTF"


def test_a_dae_that_declares_the_wrong_axis_is_turned_and_said(tmp_path: Path) -> None:
    path = tmp_path / "flat.dae"
    make_files.dae(path, up="Y_UP")
    imported = read_file(path, OPTIONS)
    assert "import-guess-up-z-not-y" in ids(imported.guesses)
    np.testing.assert_allclose(imported.bounds, [ROOM_LOW, ROOM_HIGH], atol=1e-3)
    believed = read_file(path, ImportOptions(up="y"))
    assert "import-guess-up-z-not-y" not in ids(believed.guesses)
    # y up: the file's z axis points south.
    assert believed.bounds is not None
    np.testing.assert_allclose(believed.bounds[0], [1000, -304, 2000], atol=1e-3)


def test_units_are_declared_guessed_or_given(tmp_path: Path) -> None:
    path = tmp_path / "feet.dae"
    make_files.dae(path, unit='<unit name="foot" meter="0.3048"/>')
    bounds = read_file(path, OPTIONS).bounds
    np.testing.assert_allclose(bounds, np.array([ROOM_LOW, ROOM_HIGH]) * 0.3048, atol=1e-3)
    make("room.obj", tmp_path)
    bounds = read_file(tmp_path / "room.obj", ImportOptions(units="ft")).bounds
    np.testing.assert_allclose(bounds, np.array([ROOM_LOW, ROOM_HIGH]) * 0.3048, atol=1e-3)
    wide = tmp_path / "mm.obj"
    lines = [f"v {x * 1000} {y * 1000} {z * 1000}" for x, y, z in
             [(0, 0, 0), (900, 0, 0), (900, 700, 5), (0, 700, 5)]]  # fmt: skip
    wide.write_text("\n".join([*lines, "f 1 2 3 4"]) + "\n")
    imported = read_file(wide, OPTIONS)
    assert "import-guess-millimetres" in ids(imported.guesses)
    assert imported.bounds is not None
    np.testing.assert_allclose(imported.bounds[1], [900, 700, 5])


def test_repairs_are_made_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "bad.obj"
    make_files.obj(path)
    text = path.read_text()
    text += "v nan 0 0\nf 1 2 9\n"  # a vertex that is no number, and a face on it
    text += "f 1 2 4\nf 4 1 2\n"  # twice half of the first quad
    text += "f 1 1 2\nv 1000 2000 300\nf 10 2 4\n"  # no area; the same corners by another number
    path.write_text(text)
    imported = read_file(path, OPTIONS)
    repairs = {note.message_id: note.arguments["count"] for note in imported.repairs}
    assert imported.counts.triangles == 12 + 5
    assert repairs == {
        "import-repair-not-finite": 1,
        "import-repair-degenerate": 1,
        "import-repair-duplicate": 3,
    }
    mesh = imported.parts[0].part
    assert isinstance(mesh, MeshPart) and len(mesh.triangles) == 12
    assert np.isfinite(mesh.positions).all()


def test_obj_polylines_and_faces_with_negative_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.obj"
    path.write_text("v 0 0 0\nv 5 0 0\nv 5 5 1\nf -3 -2 -1\nl 1 2 3\n")
    counts = read_file(path, OPTIONS).counts
    assert (counts.triangles, counts.lines) == (1, 2)


def test_gltf_strips_fans_lines_and_node_transforms(tmp_path: Path) -> None:
    document, binary = make_files.gltf_document()
    primitive = document["meshes"][0]["primitives"][0]
    document["meshes"][0]["primitives"] = [
        {"attributes": primitive["attributes"], "mode": mode} for mode in (0, 1, 3, 5, 6)
    ]
    document["nodes"] = [
        {"children": [1], "translation": [10, 0, 0]},
        {"mesh": 0, "matrix": [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]},
    ]
    path = tmp_path / "a.glb"
    path.write_bytes(make_files.glb_bytes(document, binary))
    imported = read_file(path, OPTIONS)
    counts = imported.counts
    assert (counts.points, counts.lines, counts.triangles) == (8, 4 + 7, 6 + 6)
    np.testing.assert_allclose(
        imported.bounds, [ROOM_LOW * 2 + (10, 0, 0), ROOM_HIGH * 2 + (10, 0, 0)], rtol=1e-6
    )


def test_gltf_sparse_and_strided_accessors(tmp_path: Path) -> None:
    document, binary = make_files.gltf_document()
    extra = np.array([7], "<u2").tobytes() + b"\0\0" + np.array([1.0, 900.0, -3.0], "<f4").tobytes()
    start = len(binary)
    document["buffers"][0]["byteLength"] = start + len(extra)
    document["bufferViews"] += [
        {"buffer": 0, "byteOffset": start, "byteLength": 2},
        {"buffer": 0, "byteOffset": start + 4, "byteLength": 12},
    ]
    document["accessors"][0]["sparse"] = {
        "count": 1,
        "indices": {"bufferView": 2, "componentType": 5123},
        "values": {"bufferView": 3},
    }
    path = tmp_path / "a.glb"
    path.write_bytes(make_files.glb_bytes(document, binary + extra))
    bounds = read_file(path, OPTIONS).bounds
    assert bounds is not None and bounds[1][2] == pytest.approx(900)


@pytest.mark.parametrize("suffix", sorted(UNUSABLE))
def test_unusable_formats_say_what_to_export(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(b"\x01\x02\x03 not readable here")
    with pytest.raises(Refused) as caught:
        read_file(path, OPTIONS)
    assert caught.value.message_id == UNUSABLE[suffix]
    assert caught.value.arguments["file"] == path.name


def test_an_unknown_ending_lists_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "notes.docx"
    path.write_bytes(b"something")
    with pytest.raises(Refused) as caught:
        read_file(path, OPTIONS)
    assert ".omf" in caught.value.arguments["known"]


@pytest.mark.parametrize("name", ["empty.obj", "empty.stl", "empty.ply", "empty.3d", "empty.omf"])
def test_empty_files(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(Refused, match="import-no-bytes"):
        read_file(tmp_path / name, OPTIONS)
