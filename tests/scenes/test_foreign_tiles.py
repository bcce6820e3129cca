"""Tiles that other programs wrote: textures, instances, Draco, strips, and 3D Tiles 1.0."""

from __future__ import annotations

import importlib.util
import io
import json
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scenes.errors import Refused
from scenes.tiles import draco, gltf_images
from scenes.tiles.content import open_content
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.tileset import Home, Tile
from tests.scenes.foreign_tiles import CORNERS, IN_SCENE, SQUARE, Glb, legacy, square

needs_draco = pytest.mark.skipif(
    importlib.util.find_spec("DracoPy") is None, reason="DracoPy is not installed"
)


def only(data: bytes, **more: Any) -> TileGeometry:
    (found,) = parse_glb(data, "t.glb", **more)
    return found


def opened(data: bytes, transform: np.ndarray | None = None, up: str = "Y") -> TileGeometry:
    low, high = np.zeros(3), np.ones(3)
    home = Home(up=up)  # type: ignore[arg-type]
    found = open_content(Tile(low, high, 1.0, "t", transform=transform, home=home), data, nothing)
    assert isinstance(found, list)
    (one,) = found
    return one


def nothing(address: str) -> bytes:
    raise Refused("tile-broken", file=address, reason="not there")


def picture(kind: str, size: tuple[int, int] = (4, 2)) -> bytes:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, : size[0] // 2] = (250, 10, 10)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, lossless=True)
    return file.getvalue()


def textured(kind: str = "PNG", data: bytes | None = None, **info: Any) -> Glb:
    glb = square()
    texcoords = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], "<f4")
    glb.primitive["attributes"]["TEXCOORD_1"] = glb.accessor(texcoords)
    view = glb.view(picture(kind) if data is None else data)
    source = (
        {"extensions": {"EXT_texture_webp": {"source": 0}}} if kind == "WEBP" else {"source": 0}
    )
    glb.document |= {
        "images": [{"bufferView": view, "mimeType": f"image/{kind.lower()}"}],
        "textures": [source],
        "materials": [
            {
                "pbrMetallicRoughness": {
                    "baseColorTexture": {"index": 0, "texCoord": 1} | info,
                }
            }
        ],
    }
    glb.primitive["material"] = 0
    return glb


def test_a_tile_is_turned_up_and_its_short_indices_are_read() -> None:
    found = only(square().data())
    np.testing.assert_array_equal(found.positions, IN_SCENE)
    assert found.indices.tolist() == CORNERS.tolist() and found.image is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_decoded_with_its_own_coordinates(kind: str) -> None:
    found = only(textured(kind).data())
    assert found.image is not None and found.texcoords is not None
    assert found.image.pixels.shape == (2, 4, 3) and found.image.repeats
    assert found.image.pixels[0, 0, 0] > 200 > found.image.pixels[0, 3, 0]
    assert found.texcoords[3].tolist() == [0, 0]


def test_a_texture_is_moved_turned_and_tinted() -> None:
    change = {"KHR_texture_transform": {"offset": [0.5, 0], "scale": [0.5, 1], "texCoord": 1}}
    glb = textured(extensions=change)
    glb.document["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] = [0, 1, 1, 1]
    found = only(glb.data())
    assert found.texcoords is not None and found.image is not None
    assert found.texcoords[:, 0].tolist() == [0.5, 1, 1, 0.5]
    assert found.image.pixels[..., 0].max() == 0


@pytest.mark.parametrize("data", [b"", b"GIF89a", picture("PNG")[:-30], b"\x89PNG\r\n\x1a\n"])
def test_a_damaged_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        only(textured(data=data).data())
    assert refused.value.arguments["file"] == "t.glb"


def test_a_picture_larger_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gltf_images, "MAX_PIXELS", 7)
    with pytest.raises(Refused) as refused:
        only(textured().data())
    assert "4 x 2 pixels" in refused.value.arguments["reason"]


def test_a_picture_that_claims_much_is_refused_before_it_is_decoded() -> None:
    png = bytearray(picture("PNG"))
    png[16:24] = struct.pack(">II", 60_000, 60_000)
    with pytest.raises(Refused):
        only(textured(data=bytes(png)).data())


def test_a_texture_of_another_kind_is_refused_by_name() -> None:
    glb = textured()
    glb.document["textures"] = [{"extensions": {"KHR_texture_basisu": {"source": 0}}}]
    with pytest.raises(Refused) as refused:
        only(glb.data())
    assert refused.value.message_id == "tile-extension"
    assert refused.value.arguments["extensions"] == "KHR_texture_basisu"


def test_colours_of_others_are_linear() -> None:
    glb = square()
    shades = np.full((4, 3), 55, "u1")  # linear 0.2157: half of what a screen shows
    glb.primitive["attributes"]["COLOR_0"] = glb.accessor(shades, normalized=True)
    assert only(glb.data()).colours[0].tolist() == [128] * 3


@pytest.mark.parametrize("mode, count", [(5, 2), (6, 2), (2, 4), (3, 3), (1, 2), (0, 4)])
def test_strips_fans_and_loops_are_laid_out(mode: int, count: int) -> None:
    glb = square()
    glb.primitive["mode"] = mode
    glb.primitive["indices"] = glb.accessor(np.array([0, 1, 3, 2], "u1"))
    found = only(glb.data())
    corners = {"triangles": 3, "lines": 2, "points": 1}[found.primitive]
    assert len(found.indices) == count * corners
    if mode == 5:
        a, b, c = (found.positions[found.indices[k::3]] for k in range(3))
        assert (np.cross(b - a, c - a)[:, 2] > 0).all()


def test_sparse_places_take_the_place_of_others() -> None:
    glb = square()
    where = glb.view(np.array([2], "<u2").tobytes())
    what = glb.view(np.array([[4, 7, -2]], "<f4").tobytes())
    glb.document["accessors"][0]["sparse"] = {
        "count": 1,
        "indices": {"bufferView": where, "componentType": 5123},
        "values": {"bufferView": what},
    }
    assert only(glb.data()).positions[2].tolist() == [4, 2, 7]
    glb.document["accessors"][0]["sparse"]["count"] = 10**9
    with pytest.raises(Refused):
        only(glb.data())


def test_a_mirrored_node_keeps_its_outside() -> None:
    found = only(square(nodes=[{"mesh": 0, "scale": [-1, 1, 1]}]).data())
    a, b, c = (found.positions[found.indices[k::3]] for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all()


def test_instances_say_where_a_shape_stands() -> None:
    glb = square(nodes=[{"mesh": 0, "translation": [0, 5, 0]}])
    spots = glb.accessor(np.array([[10, 0, 0], [0, 0, -20]], "<f4"))
    extension = {"attributes": {"TRANSLATION": spots}}
    glb.document["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": extension}
    found = only(glb.data())
    assert found.instances is not None
    np.testing.assert_array_equal(found.positions, IN_SCENE)
    np.testing.assert_array_equal(found.instances[:, :3, 3], [[10, 0, 5], [0, 20, 5]])


def test_a_tile_far_away_keeps_its_shape() -> None:
    """Earth-centred metres would be half a metre coarse in float32."""
    away = np.eye(4)
    away[:3, 3] = [1_253_614.25, 3_858_201.5, 4_905_700.125]
    back = np.eye(4)
    back[:3, 3] = -away[:3, 3]
    data = square(nodes=[{"mesh": 0, "translation": [1_253_614.25, 4_905_700.125, -3_858_201.5]}])
    np.testing.assert_array_equal(opened(data.data(), back).positions, IN_SCENE)


def test_the_axis_that_is_up_is_the_tilesets() -> None:
    flat = square().data()
    np.testing.assert_array_equal(opened(flat, up="Z").positions, SQUARE)


def test_a_b3dm_stands_at_its_centre() -> None:
    data = legacy(b"b3dm", {"BATCH_LENGTH": 0, "RTC_CENTER": [100, 200, 300]}, b"", square().data())
    np.testing.assert_array_equal(opened(data).positions, IN_SCENE + np.float32([100, 200, 300]))


def test_points_come_with_colours() -> None:
    places = np.array([[1, 2, 3], [4, 5, 6]], "<f4")
    table = {
        "POINTS_LENGTH": 2,
        "POSITION": {"byteOffset": 0},
        "RGB": {"byteOffset": 24},
        "RTC_CENTER": [10, 0, 0],
    }
    found = opened(legacy(b"pnts", table, places.tobytes() + bytes([1, 2, 3, 4, 5, 6, 0, 0]), b""))
    assert found.primitive == "points" and found.colours.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert found.positions.tolist() == [[11, 2, 3], [14, 5, 6]]


def test_an_i3dm_draws_its_model_again() -> None:
    places = np.array([[1, 2, 3], [4, 5, 6]], "<f4")
    table = {"INSTANCES_LENGTH": 2, "POSITION": {"byteOffset": 0}}
    data = legacy(b"i3dm", table, places.tobytes(), square().data(), struct.pack("<I", 1))
    found = opened(data)
    assert found.instances is not None
    np.testing.assert_array_equal(found.instances[:, :3, 3], places)
    np.testing.assert_array_equal(found.positions, IN_SCENE)


def test_a_cmpt_holds_several() -> None:
    inner = legacy(b"b3dm", {}, b"", square().data())
    data = struct.pack("<4sIII", b"cmpt", 1, 16 + 2 * len(inner), 2) + inner * 2
    found = open_content(Tile(np.zeros(3), np.ones(3), 1.0, "t"), data, nothing)
    assert isinstance(found, list) and len(found) == 2


@needs_draco
def test_draco_is_read_in_a_process_of_its_own() -> None:
    import DracoPy

    rows = np.random.default_rng(3).uniform(-5, 5, (50, 3)).astype(np.float32)
    faces = np.arange(48, dtype=np.uint32).reshape(-1, 3)
    stream = DracoPy.encode(rows, faces, preserve_order=True, quantization_bits=20)
    number = DracoPy.decode(stream).attributes[0]["unique_id"]
    glb = Glb(extensionsRequired=[draco.EXTENSION])
    glb.document["accessors"] = [
        {"componentType": 5126, "count": 50, "type": "VEC3"},
        {"componentType": 5125, "count": 48, "type": "SCALAR"},
    ]
    extension = {"bufferView": glb.view(stream), "attributes": {"POSITION": number}}
    glb.primitive.update({"attributes": {"POSITION": 0}, "indices": 1,
                      "extensions": {draco.EXTENSION: extension}})  # fmt: skip
    found = only(glb.data())
    np.testing.assert_allclose(found.positions[:, 0], rows[:, 0], atol=1e-4)
    assert len(found.indices) == 48
    glb.document["accessors"][0]["count"] = 10**9
    with pytest.raises(Refused):
        only(glb.data())
    # A decoder that was ended is only this tile's trouble.
    draco.close()
    glb.document["accessors"][0]["count"] = 50
    assert len(only(glb.data()).indices) == 48


@needs_draco
def test_damaged_draco_streams_end_in_a_refusal_and_nothing_else() -> None:
    import DracoPy

    rows = np.random.default_rng(4).uniform(-5, 5, (60, 3)).astype(np.float32)
    whole = DracoPy.encode(rows, np.arange(60, dtype=np.uint32).reshape(-1, 3))
    generator = np.random.default_rng(5)
    refused = 0
    for _ in range(150):
        stream = bytearray(whole)
        for _ in range(int(generator.integers(1, 5))):
            stream[int(generator.integers(len(stream)))] = int(generator.integers(256))
        try:
            draco.decode(bytes(stream), {"POSITION": 0}, 60, 60)
        except (ValueError, KeyError):
            refused += 1
    assert refused > 20
    draco.close()


def test_without_draco_a_tile_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draco, "available", lambda: False)
    glb = square(extensionsRequired=[draco.EXTENSION])
    glb.primitive["extensions"] = {draco.EXTENSION: {"bufferView": 0, "attributes": {}}}
    with pytest.raises(Refused) as refused:
        only(glb.data())
    assert refused.value.message_id == "tile-package"
    assert refused.value.arguments["package"] == "DracoPy"


def test_files_beside_a_tile_are_asked_for_below_its_folder_only() -> None:
    glb = square()
    glb.document["buffers"] = [{"byteLength": len(glb.binary), "uri": "../data/a%20b.bin"}]
    asked: list[str] = []

    def read(address: str) -> bytes:
        asked.append(address)
        return glb.binary

    data = json.dumps(glb.document).encode()
    place = Tile(np.zeros(3), np.ones(3), 1.0, "tiles/a.gltf")
    found = open_content(place, data, read)
    assert isinstance(found, list) and len(found) == 1 and asked == ["data/a b.bin"]
    for uri in ("../../x.bin", "/etc/passwd", "file:///etc/passwd", "http://a/b", "a\\..\\b"):
        glb.document["buffers"][0]["uri"] = uri
        with pytest.raises(Refused):
            open_content(place, json.dumps(glb.document).encode(), read)
    assert len(asked) == 1
