"""Tilesets that other programs wrote: read, placed, added to a twin, and refused where they lie."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.errors import Refused, SceneError
from scenes.importers.georeference import place
from scenes.importers.tileset_layer import LayerOptions, add_tileset
from scenes.inspection import describe, problems
from scenes.schema import Frame, Scene
from scenes.tiles import content, subtrees
from scenes.tiles.content import open_content
from scenes.tiles.tileset import Tile, read_tileset
from scenes.tiles.volumes import geocentric
from scenes.tiles.whole_tree import every_tile, folder_reader
from scenes.twin import open_twin, save_scene
from tests.scenes.foreign_tiles import IN_SCENE, legacy, square, tile, tileset


def shift(x: float, y: float, z: float, scale: float = 1.0) -> list[float]:
    """A tile's transform."""
    return [scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, scale, 0, x, y, z, 1]


def folder(home: Path, **files: bytes) -> Path:
    for name, data in files.items():
        file = home / name.replace("__", "/").replace("_json", ".json").replace("_glb", ".glb")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return home


def whole(home: Path) -> tuple[list[Tile], list[SceneError]]:
    found: list[SceneError] = []
    root, _ = read_tileset((home / "tileset.json").read_bytes(), "tileset.json")
    return list(every_tile(root, folder_reader(home), found.append)), found


def test_transforms_go_on_through_nested_tilesets(tmp_path: Path) -> None:
    outer = tile(
        transform=shift(100, 0, 0), children=[tile("in/tileset.json", transform=shift(0, 10, 0))]
    )
    inner = tile("../a.glb", transform=shift(1, 2, 3, 2.0))
    home = folder(tmp_path, tileset_json=tileset(outer), in__tileset_json=tileset(inner),
                  a_glb=square().data())  # fmt: skip
    tiles, found = whole(home)
    assert found == []
    last = tiles[-1]
    assert last.content == "a.glb" and last.geometric_error == 20
    np.testing.assert_allclose(last.low, [101, 12, 1])
    geometry = open_content(last, (home / "a.glb").read_bytes(), folder_reader(home))
    assert isinstance(geometry, list)
    np.testing.assert_array_equal(geometry[0].positions, IN_SCENE * 2 + np.float32([101, 12, 3]))


def test_volumes_are_widened_never_cut() -> None:
    turned = [0, 0, 0, 1, 1, 0, -1, 1, 0, 0, 0, 2]
    for volume, reach in (({"box": turned}, [2, 2, 2]), ({"sphere": [0, 0, 0, 3]}, [3, 3, 3])):
        root, _ = read_tileset(tileset(tile(boundingVolume=volume)), "t")
        np.testing.assert_allclose(root.high, reach)
    west, south, east, north = np.radians([71.9, 50.5, 72.1, 50.7])
    region = {"region": [west, south, east, north, 0, 300]}
    root, _ = read_tileset(tileset(tile(boundingVolume=region)), "t")
    generator = np.random.default_rng(2)
    places = geocentric(
        generator.uniform(west, east, 500), generator.uniform(south, north, 500),
        generator.uniform(0, 300, 500),
    )  # fmt: skip
    assert (places >= root.low).all() and (places <= root.high).all()


def test_old_addresses_and_several_contents_are_read(tmp_path: Path) -> None:
    root = tile(refine="replace") | {"content": {"url": "a.glb"}}
    found, _ = read_tileset(tileset(root, version="1.0"), "t")
    assert found.content == "a.glb" and found.refine == "REPLACE"
    root = tile(contents=[{"uri": "a.glb"}, {"uri": "b.glb"}, {"uri": "more.json"}])
    found, _ = read_tileset(tileset(root), "t")
    assert found.more == ("b.glb",) and found.children[0].content == "more.json"
    folder(tmp_path, a_glb=square().data(), b_glb=square().data())
    geometry = open_content(found, square().data(), folder_reader(tmp_path))
    assert isinstance(geometry, list) and len(geometry) == 2


def subtree(text: dict[str, Any], binary: bytes = b"") -> bytes:
    data = json.dumps(text).encode()
    data += b" " * (-len(data) % 8)
    return struct.pack("<IIQQ", 0x74627573, 1, len(data), len(binary)) + data + binary


def implicit(**more: Any) -> dict[str, Any]:
    return tile("c/{level}/{x}/{y}.glb", implicitTiling={
        "subdivisionScheme": "QUADTREE", "subtreeLevels": 2, "availableLevels": 3,
        "subtrees": {"uri": "s/{level}.{x}.{y}.subtree"},
    } | more)  # fmt: skip


def test_an_implicit_tree_grows_where_it_is_available(tmp_path: Path) -> None:
    # Root and two of its children (x 1 y 0, x 0 y 1), content for the second only; below it one.
    bits = bytes([0b01101, 0, 0, 0, 0, 0, 0, 0, 0b01000, 0, 0, 0, 0, 0, 0, 0, 0, 0b0001])
    first = {
        "buffers": [{"byteLength": len(bits)}],
        "bufferViews": [{"buffer": 0, "byteOffset": at, "byteLength": n}
                        for at, n in ((0, 1), (8, 1), (16, 2))],
        "tileAvailability": {"bitstream": 0},
        "contentAvailability": [{"bitstream": 1}],
        "childSubtreeAvailability": {"bitstream": 2},
    }  # fmt: skip
    last = {
        "tileAvailability": {"constant": 1},
        "contentAvailability": [{"constant": 1}],
        "childSubtreeAvailability": {"constant": 0},
    }
    (tmp_path / "s").mkdir()
    (tmp_path / "tileset.json").write_bytes(tileset(implicit()))
    (tmp_path / "s/0.0.0.subtree").write_bytes(subtree(first, bits))
    (tmp_path / "s/2.0.2.subtree").write_bytes(subtree(last))
    tiles, found = whole(tmp_path)
    assert found == []
    contents = [one.content for one in tiles if one.implicit is None and one.content]
    assert contents == ["c/1/0/1.glb", "c/2/0/2.glb"]
    deepest = tiles[-1]
    np.testing.assert_allclose(deepest.low[:2], [0, 1])
    np.testing.assert_allclose(deepest.high[:2], [1, 1.5])
    assert deepest.geometric_error == 2.5


def test_a_subtree_that_claims_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = read_tileset(tileset(implicit(subtreeLevels=12, availableLevels=12)), "t")
    claim = {"tileAvailability": {"constant": 1}, "contentAvailability": [{"constant": 1}]}
    with pytest.raises(Refused) as refused:
        open_content(root, subtree(claim), lambda _: b"")
    assert refused.value.arguments["file"] == "s/0.0.0.subtree"
    monkeypatch.setattr(subtrees, "_MAX_BITS", 100)
    with pytest.raises(Refused):
        open_content(root, subtree(claim), lambda _: b"")


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_subtree_is_read_or_refused(position: int, byte: int) -> None:
    root, _ = read_tileset(tileset(implicit()), "t")
    data = bytearray(subtree({"tileAvailability": {"constant": 1},
                              "contentAvailability": [{"constant": 1}],
                              "childSubtreeAvailability": {"constant": 0}}))  # fmt: skip
    data[position % len(data)] = byte
    try:
        open_content(root, bytes(data), lambda _: b"")
    except Refused as refused:
        assert refused.arguments["file"] == "s/0.0.0.subtree"


@given(st.integers(0, 4000), st.integers(0, 255), st.sampled_from(["b3dm", "pnts", "i3dm"]))
def test_a_damaged_old_tile_is_read_or_refused(position: int, byte: int, kind: str) -> None:
    table = {"POINTS_LENGTH": 1, "INSTANCES_LENGTH": 1, "POSITION": {"byteOffset": 0}}
    more = struct.pack("<I", 1) if kind == "i3dm" else b""
    data = bytearray(legacy(kind.encode(), table, bytes(16), square().data(), more))
    data[position % len(data)] = byte
    place = Tile(np.zeros(3), np.ones(3), 1.0, "old", transform=np.eye(4))
    try:
        open_content(place, bytes(data), folder_reader(Path("/nowhere")))
    except Refused as refused:
        assert refused.arguments["file"]


def test_tilesets_in_a_circle_end(tmp_path: Path) -> None:
    again = tile(children=[tile("b.json"), tile("b.json"), tile("tileset.json"), tile("a.glb")])
    home = folder(tmp_path, tileset_json=tileset(again), b_json=tileset(again),
                  a_glb=square().data())  # fmt: skip
    tiles, found = whole(home)
    assert len(tiles) < 60 and any("circle" in str(one.arguments) for one in found)
    nested = Tile(np.zeros(3), np.ones(3), 1.0, "b.json", home=tiles[0].home)
    depth = 0
    with pytest.raises(Refused) as refused:  # who follows one of them without looking
        while True:
            found_tile = open_content(nested, tileset(tile("b.json")), folder_reader(home))
            assert isinstance(found_tile, Tile)
            nested, depth = found_tile, depth + 1
    assert depth == content.MAX_NESTED and "circle" in refused.value.arguments["reason"]


@pytest.mark.parametrize("uri", ["../x.glb", "/etc/passwd", "http://a.b/c.glb", "..\\x", "data:,x"])
def test_an_address_that_leads_out_is_that_tiles_trouble(tmp_path: Path, uri: str) -> None:
    home = tmp_path / "set"
    (tmp_path / "x.glb").write_bytes(square().data())
    folder(home, tileset_json=tileset(tile("a.glb", children=[tile(uri)])), a_glb=square().data())
    added = add_tileset(tmp_path / "twin", home, LayerOptions())
    assert len(added.problems) == 1 and added.files == 2
    assert sorted(p.name for p in (tmp_path / "twin/tiles/set").rglob("*")) == [
        "a.glb", "tileset.json",
    ]  # fmt: skip
    assert len(problems(open_twin(tmp_path / "twin"))) == 1


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    home = folder(tmp_path / "set", tileset_json=tileset(tile("a.glb")))
    (tmp_path / "secret").write_bytes(b"x")
    try:
        (home / "a.glb").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("no links here")
    assert add_tileset(tmp_path / "twin", home, LayerOptions()).files == 1


def test_a_layer_is_added_to_a_twin_and_checked(tmp_path: Path) -> None:
    home = folder(tmp_path / "City", tileset_json=tileset(tile("in/t.json")),
                  in__t_json=tileset(tile("a.glb")), in__a_glb=square().data())  # fmt: skip
    save_scene(tmp_path / "twin", Scene(name="twin", frame=Frame(origin=(1000, 2000, 300))))
    options = LayerOptions(kind="terrain", access="public", at=(1010.0, 2020.0, 330.0))
    added = add_tileset(tmp_path / "twin", home / "tileset.json", options)
    assert (added.files, added.how, added.problems) == (3, "given", [])
    twin = open_twin(tmp_path / "twin")
    (layer,) = twin.scene.layers
    assert (layer.id, layer.kind, layer.access, layer.walkable) == (
        "city", "terrain", "public", False,
    )  # fmt: skip
    (shown,) = describe(twin)["layers"]
    assert shown["tiles"] == 1
    np.testing.assert_allclose(np.mean(shown["bounds"], axis=0), [10, 20, 30])
    with pytest.raises(Refused):
        add_tileset(tmp_path / "twin", home, LayerOptions())
    add_tileset(tmp_path / "twin", home, LayerOptions(replace=True))
    (twin.folder / "tiles/city/in/a.glb").write_bytes(b"glTF")
    assert [one.message_id for one in problems(open_twin(twin.folder))] == ["tile-broken"]


def test_an_archive_is_a_tileset_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hill.3tz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tileset.json", tileset(tile("a.glb")))
        archive.writestr("a.glb", square().data())
        archive.writestr("../b.glb", b"never")
    added = add_tileset(tmp_path / "twin", tmp_path / "hill.3tz", LayerOptions())
    assert (added.files, added.problems) == (2, []) and not (tmp_path / "twin/b.glb").exists()
    (tmp_path / "bad.3tz").write_bytes(b"PK\3\4 nothing")
    with pytest.raises(Refused):
        add_tileset(tmp_path / "twin", tmp_path / "bad.3tz", LayerOptions())


def test_a_refused_tileset_leaves_the_twin_as_it_was(tmp_path: Path) -> None:
    save_scene(tmp_path / "twin", Scene(name="twin"))
    before = sorted(tmp_path.rglob("*"))
    home = folder(tmp_path / "set", tileset_json=b"{}")
    with pytest.raises(Refused):
        add_tileset(tmp_path / "twin", home, LayerOptions())
    assert [p for p in sorted(tmp_path.rglob("*")) if home not in (p, p.parent)] == before


def test_earth_centred_tilesets_keep_up_and_north() -> None:
    centre = geocentric(np.radians(72.0), np.radians(50.6), np.array(420.0))
    north = geocentric(np.radians(72.0), np.radians(50.6) + 1e-5, np.array(420.0))
    up = geocentric(np.radians(72.0), np.radians(50.6), np.array(421.0))
    placed = place(centre, Frame(origin=(5, 6, 7)), None)
    assert placed.how == "east-north-up"

    def moved(point: np.ndarray) -> np.ndarray:
        return placed.matrix[:3, :3] @ point + placed.matrix[:3, 3]

    np.testing.assert_allclose(moved(centre), 0, atol=1e-6)
    np.testing.assert_allclose(moved(up), [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(moved(north)[[0, 2]], 0, atol=1e-3)
    assert moved(north)[1] > 60


def test_earth_centred_tilesets_are_placed_by_the_coordinate_system() -> None:
    pyproj = pytest.importorskip("pyproj")
    longitude, latitude = 72.0, 50.6
    centre = geocentric(np.radians(longitude), np.radians(latitude), np.array(420.0))
    frame = Frame(crs="EPSG:32643", origin=(280_000, 5_600_000, 400))
    placed = place(centre, frame, None)
    there = pyproj.Transformer.from_crs(
        "EPSG:4979", pyproj.CRS("EPSG:32643").to_3d(), always_xy=True
    )
    for east, north, height in ((0, 0, 0), (0.003, 0.002, 50)):
        point = geocentric(
            np.radians(longitude + east), np.radians(latitude + north), np.array(420.0 + height)
        )
        found = placed.matrix[:3, :3] @ point + placed.matrix[:3, 3]
        expected = np.array(there.transform(longitude + east, latitude + north, 420.0 + height))
        np.testing.assert_allclose(found, expected - frame.origin, atol=0.05)
    assert placed.how == "crs"
    with pytest.raises(Refused):
        place(centre, Frame(crs="EPSG:999999"), None)
