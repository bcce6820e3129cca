"""GLB tiles and tileset.json: to bytes and back, and refusals of broken ones."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.errors import Refused
from scenes.tiles import meshopt_views
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.glb_writer import pack_glb
from scenes.tiles.tileset import Tile, read_tileset, tileset_json


def tile(count: int = 50, seed: int = 1) -> TileGeometry:
    generator = np.random.default_rng(seed)
    grid = np.rint(generator.uniform(-300, 300, (count, 3)) * 1024) / 1024
    normals = generator.standard_normal((count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return TileGeometry(
        "triangles",
        grid.astype(np.float32),
        generator.integers(0, count, 90).astype(np.uint32),
        np.rint(normals * 127).astype(np.int8),
        generator.integers(0, 256, (count, 3)).astype(np.uint8),
        generator.integers(0, 16, count).astype(np.uint8),
    )


def corners(geometry: TileGeometry) -> list[bytes]:
    """Every triangle's corners with all they carry but the normal, however it is turned."""
    rows = np.concatenate(
        [geometry.positions.view(np.uint8), geometry.colours, geometry.materials[:, None]], axis=1
    )
    triangles = rows[geometry.indices.reshape(-1, 3)]
    return sorted(min(np.roll(one, k, axis=0).tobytes() for k in range(3)) for one in triangles)


def test_a_plain_tile_comes_back_as_it_was() -> None:
    made = tile()
    (found,) = parse_glb(pack_glb(made, (64.0, -128.0, 0.0), compress=False), "t.glb")
    # Positions on the 2^-10 m grid survive the translation bit for bit.
    np.testing.assert_array_equal(found.positions, made.positions)
    np.testing.assert_array_equal(found.indices, made.indices)
    np.testing.assert_array_equal(found.colours, made.colours)
    np.testing.assert_array_equal(found.materials, made.materials)
    assert found.normals is not None and made.normals is not None
    assert np.abs(found.normals.astype(int) - made.normals.astype(int)).max() <= 1


def test_a_compressed_tile_holds_the_same_triangles_bit_for_bit() -> None:
    made = tile(3000, seed=4)
    data = pack_glb(made, (64.0, -128.0, 0.0), compress=True)
    assert b"EXT_meshopt_compression" in data
    (found,) = parse_glb(data, "t.glb")
    assert corners(found) == corners(made)
    by_place = {p.tobytes(): n for p, n in zip(made.positions, made.normals, strict=True)}  # type: ignore[arg-type]
    assert found.normals is not None
    for place, normal in zip(found.positions, found.normals, strict=True):
        cosine = normal.astype(float) @ by_place[place.tobytes()].astype(float) / 127**2
        assert cosine > 0.985  # eight bits an axis of the octahedron, and of the answer


def test_positions_beyond_the_mantissa_are_written_plain() -> None:
    made = tile()
    far = TileGeometry("triangles", made.positions * 64, made.indices, None, made.colours,
                       made.materials)  # fmt: skip
    data = pack_glb(far, (0.0, 0.0, 0.0), compress=True)
    assert b"EXT_meshopt_compression" not in data
    np.testing.assert_array_equal(parse_glb(data, "t.glb")[0].positions, far.positions)


def test_without_the_codec_a_compressed_tile_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pack_glb(tile(), (0.0, 0.0, 0.0), compress=True)
    monkeypatch.setattr(meshopt_views, "available", lambda: False)
    with pytest.raises(Refused) as refused:
        parse_glb(data, "t.glb")
    assert "meshopt" in refused.value.arguments["reason"]
    assert parse_glb(pack_glb(tile(), (0.0, 0.0, 0.0)), "t.glb")


@pytest.mark.parametrize("primitive", ["points", "lines"])
def test_points_and_lines_keep_their_kind(primitive: str) -> None:
    made = tile()
    made = TileGeometry(
        primitive,  # type: ignore[arg-type]
        made.positions,
        made.indices,
        None,
        made.colours,
        made.materials,
    )
    (found,) = parse_glb(pack_glb(made, (0.0, 0.0, 0.0)), "t.glb")
    assert found.primitive == primitive and found.normals is None


@pytest.mark.parametrize("compress", [False, True])
def test_glb_is_written_y_up_with_bounds(compress: bool) -> None:
    made = tile()
    made.indices[:50] = np.arange(50)
    data = pack_glb(made, (0.0, 0.0, 0.0), compress)
    length = struct.unpack_from("<I", data, 12)[0]
    document = json.loads(data[20 : 20 + length])
    low = document["accessors"][0]["min"]
    assert low[1] == pytest.approx(float(made.positions[:, 2].min()))
    assert low[2] == pytest.approx(float(-made.positions[:, 1].max()))


@given(st.integers(0, 3000), st.integers(0, 255), st.booleans())
def test_a_damaged_tile_is_refused_or_read_never_worse(
    position: int, byte: int, compress: bool
) -> None:
    data = bytearray(pack_glb(tile(20), (0.0, 0.0, 0.0), compress))
    data[position % len(data)] = byte
    try:
        parse_glb(bytes(data), "damaged.glb")
    except Refused as refused:
        assert refused.arguments["file"] == "damaged.glb"


@given(st.integers(0, 3000), st.booleans())
def test_a_tile_cut_short_is_refused(length: int, compress: bool) -> None:
    data = pack_glb(tile(20), (0.0, 0.0, 0.0), compress)
    with pytest.raises(Refused):
        parse_glb(data[: min(length, len(data) - 1)], "short.glb")


def test_a_tileset_comes_back_as_it_was() -> None:
    leaf = Tile(np.zeros(3), np.ones(3) * 4.0, 0.0, "a.glb")
    root = Tile(np.zeros(3), np.array([9.0, 8.0, 7.0]), 11.5, None, "ADD", [leaf])
    found, extras = read_tileset(tileset_json(root, {"kenish": {"tiles": 1}}), "tileset.json")
    assert extras == {"kenish": {"tiles": 1}}
    assert found.geometric_error == 11.5 and found.refine == "ADD"
    assert found.children[0].content == "a.glb"
    np.testing.assert_allclose(found.high, [9, 8, 7])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"asset": {}, "root": {"boundingVolume": {"box": [1]}, "geometricError": 0}}',
        '{"asset": {}, "root": {"boundingVolume": {"sphere": [0,0,0,1]}, "geometricError": -1}}',
        '{"asset": {}, "root": {"boundingVolume": {"sphere": [0,0,0,1]}, "geometricError": 1,'
        ' "refine": "SOMETIMES"}}',
    ],
)
def test_a_broken_tileset_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_tileset(text.encode(), "mine/tileset.json")
    assert refused.value.arguments["file"] == "mine/tileset.json"
