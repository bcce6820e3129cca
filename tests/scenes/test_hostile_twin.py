"""Files of a twin that somebody else made: refused by name, and bounded, whatever they say."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.bake.lights import MAX_LAMPS, read_lights, save_lights
from scenes.errors import Refused
from scenes.tiles import glb
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.glb_writer import pack_glb
from scenes.tiles.tileset import read_tileset
from scenes.twin import read_scene
from scenes.walk import load_walk


def tile(corners: int = 6, compress: bool = False) -> bytes:
    positions = np.arange(12, dtype=np.float32).reshape(4, 3)
    return pack_glb(
        TileGeometry(
            "triangles",
            positions,
            np.array([0, 1, 2, 0, 2, 3][:corners], np.uint32),
            np.full((4, 3), 73, np.int8),
            np.full((4, 3), 100, np.uint8),
            np.zeros(4, np.uint8),
        ),
        (0.0, 0.0, 0.0),
        compress,
    )


def changed(data: bytes, change: Any) -> bytes:
    """The GLB with another JSON."""
    (length,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + length])
    change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    head = struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + rest


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as error:
        parse_glb(data, "a.glb")
    assert error.value.message_id == "tile-broken" and error.value.arguments["file"] == "a.glb"
    return str(error.value.arguments["reason"])


def test_one_mesh_drawn_by_many_nodes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(document: dict[str, Any]) -> None:
        document["nodes"] = [{"mesh": 0}] * 50
        document["scenes"] = [{"nodes": list(range(50))}]

    assert len(parse_glb(changed(tile(), many), "a.glb")) == 50
    monkeypatch.setattr(glb, "MAX_CORNERS", 499)
    assert "more than 499" in refused(changed(tile(), many))


@pytest.mark.parametrize("number", [float("inf"), 10**400, -1, "many", None])
def test_strange_counts_are_refused(number: object) -> None:
    refused(changed(tile(), lambda d: d["accessors"][0].update(count=number)))


@pytest.mark.parametrize(
    "claim",
    [
        {"count": 10**9},
        {"count": -1},
        {"count": 0},
        {"byteStride": 10**6},
        {"byteStride": 0},
        {"byteStride": 3},
        {"byteOffset": -4},
        {"byteOffset": 10**9},
        {"byteLength": 10**9},
        {"byteLength": 0},
        {"mode": "SOMEHOW"},
        {"filter": "SEPIA"},
        {"buffer": 1},
    ],
)
def test_impossible_compressed_views_are_refused(claim: dict[str, Any]) -> None:
    def lie(document: dict[str, Any]) -> None:
        for view in document["bufferViews"]:
            view["extensions"]["EXT_meshopt_compression"].update(claim)

    assert parse_glb(tile(compress=True), "a.glb")
    refused(changed(tile(compress=True), lie))


def test_many_views_of_the_same_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glb.codec, "MAX_DECODED_BYTES", 60)
    assert "claim more" in refused(tile(compress=True))


def test_normals_of_another_number_are_refused() -> None:
    def fewer(document: dict[str, Any]) -> None:
        document["accessors"][3]["count"] = 3

    assert "length" in refused(changed(tile(), fewer))


def test_an_incomplete_triangle_is_left_out() -> None:
    (geometry,) = parse_glb(tile(corners=5), "a.glb")
    assert geometry.indices.tolist() == [0, 1, 2]


def test_json_nested_without_end_is_refused() -> None:
    text = b'{"a":' * 100_000
    text += b" " * (-len(text) % 4)
    data = struct.pack("<4sII", b"glTF", 2, 20 + len(text))
    refused(data + struct.pack("<I4s", len(text), b"JSON") + text)


@pytest.mark.parametrize("error", [10**400, -1, "much"])
def test_a_tileset_with_a_strange_error_is_refused(error: object) -> None:
    root = {"boundingVolume": {"sphere": [0, 0, 0, 1]}, "geometricError": error}
    with pytest.raises(Refused):
        read_tileset(json.dumps({"asset": {"version": "1.1"}, "root": root}).encode(), "t.json")


@pytest.mark.parametrize(
    "text",
    ["name: 2024-13-45", "[" * 100_000, "- " * 100_000, "a: [", "name: x\norigin: 5", "- 1", ""],
)
def test_a_scene_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused) as error:
        read_scene(text, "scene.yaml")
    assert error.value.arguments["file"] == "scene.yaml"


def walk_file(**other: Any) -> bytes:
    arrays = {
        "floors": np.zeros((1, 3), np.float32),
        "heights": np.zeros((2, 2), np.float32),
        "raster": np.array([0.0, 0.0, 1.0]),
    } | other
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def test_a_walk_file_is_read() -> None:
    assert len(load_walk(walk_file()).floors) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"raster": np.array([np.nan, 0.0, 1.0])},
        {"raster": np.array([0.0, 0.0, np.inf])},
        {"floors": np.full((1, 3), np.nan, np.float32)},
        {"floors": np.zeros((1, 2), np.float32)},
        {"heights": np.zeros((1, 9000), np.float32)},
        {"heights": np.zeros((0, 4), np.float32)},
        {"heights": np.zeros(4, np.float32)},
    ],
)
def test_a_walk_file_that_would_stop_the_picture_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        load_walk(walk_file(**other))


def test_lamps_come_back_and_strange_files_are_refused(tmp_path: Path) -> None:
    lamps = np.array([[1, 2, 3], [np.nan, 0, 0], [4, 5, 6]], np.float32)
    save_lights(tmp_path / "lights.npy", lamps)
    data = (tmp_path / "lights.npy").read_bytes()
    assert read_lights(data).tolist() == [[1, 2, 3], [4, 5, 6]]
    many = io.BytesIO()
    np.save(many, np.zeros((MAX_LAMPS + 1, 3), np.float32))
    flat = io.BytesIO()
    np.save(flat, np.zeros(4, np.float32))
    for broken in (b"", data[:-4], data[:20], many.getvalue(), flat.getvalue(), walk_file()):
        with pytest.raises(ValueError):
            read_lights(broken)
