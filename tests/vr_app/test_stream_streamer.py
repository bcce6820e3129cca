"""The tile streamer on real baked tiles without a window: whole, broken and missing ones."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panda3d.core import NodePath

from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.pool import Here
from scenes.geometry import MeshPart
from scenes.schema import Layer
from vr_app.stream.source import FolderSource
from vr_app.stream.streamer import TileStreamer
from vr_app.stream.views import View

FRAMES = 20_000
EVERYWHERE = View(np.zeros(3), np.zeros((0, 4)), 1000.0)


def bake(twin: Path, layer: str, east: float = 0.0) -> None:
    """A layer of one square of 10 m."""
    corners = np.array([[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]], float) + np.array(
        [east, 0, 0]
    )
    part = MeshPart(corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32))
    bake_layer(twin / "tiles" / layer, [part], (0, 0, 0))


class Stream:
    """A streamer with the loop of frames that a display would make."""

    def __init__(self, twin: Path, **more: Any) -> None:
        self.root = NodePath("world")
        self.streamer = TileStreamer(FolderSource(twin), self.root, **more)
        self.views = [EVERYWHERE]

    def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(FRAMES):
            self.streamer.update(self.views, budget_s=0.05)
            if condition():
                return
            time.sleep(0)  # a turn for the workers
        raise AssertionError(f"not in {FRAMES} frames; problems: {self.streamer.problems}")

    def load(self, *layers: Layer) -> None:
        self.streamer.add_layers(layers)
        self.until(lambda: self.streamer.started and self.streamer.idle)
        self.streamer.update(self.views)

    def shown(self, layer: str) -> int:
        """How many tiles of a layer are drawn."""
        node = self.root.find(f"layer {layer}")
        return sum(not child.is_hidden() for child in node.children)


@pytest.fixture
def twin(tmp_path: Path) -> Path:
    bake(tmp_path, "north")
    bake(tmp_path, "south", 100.0)
    return tmp_path


def test_every_layer_in_view_is_drawn_and_counted(twin: Path) -> None:
    stream = Stream(twin)
    stream.load(Layer(id="north", kind="drift"), Layer(id="south", kind="drift"))
    counts = stream.streamer.counts()
    assert stream.shown("north") == stream.shown("south") == 1
    assert counts.triangles_drawn == counts.triangles_total == 4
    assert counts.tiles_drawn == counts.tiles_total == 2 and counts.pending == 0
    assert stream.streamer.problems == []
    stream.streamer.close()


def test_a_layer_whose_tileset_is_missing_or_broken_leaves_the_others(
    twin: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bake(twin, "broken")
    (twin / "tiles/broken/tileset.json").write_bytes(b'{"asset": {"version": "1.1"}, "root": 5}')
    stream = Stream(twin)
    layers = [Layer(id=name, kind="drift") for name in ("missing", "north", "broken")]
    stream.load(*layers)
    assert stream.shown("north") == 1
    assert {problem.split(":")[0] for problem in stream.streamer.problems} == {"missing", "broken"}
    assert len([one for one in caplog.records if one.name == "kenish.stream"]) == 2
    stream.streamer.close()


@pytest.mark.parametrize("content", [b"", b"no glTF at all", None])
def test_a_broken_tile_is_asked_for_once_and_the_rest_is_drawn(
    twin: Path, content: bytes | None
) -> None:
    (tile,) = (twin / "tiles/south").glob("**/*.glb")
    if content is None:
        tile.write_bytes(tile.read_bytes()[:-40])
    else:
        tile.write_bytes(content)
    stream = Stream(twin)
    stream.load(Layer(id="north", kind="drift"), Layer(id="south", kind="drift"))
    for _ in range(5):
        stream.streamer.update([EVERYWHERE])
    assert stream.shown("north") == 1 and stream.shown("south") == 0
    assert len(stream.streamer.problems) == 1 and stream.streamer.idle
    stream.streamer.close()


def test_two_layers_of_one_tileset_each_draw_their_own_tiles(twin: Path) -> None:
    stream = Stream(twin)
    tileset = "tiles/north/tileset.json"
    stream.load(
        Layer(id="one", kind="drift", tileset=tileset),
        Layer(id="two", kind="drift", tileset=tileset),
    )
    assert stream.shown("one") == stream.shown("two") == 1
    stream.streamer.close()


def test_a_tileset_outside_the_twin_is_not_read(twin: Path) -> None:
    stream = Stream(twin / "tiles" / "north")
    stream.load(Layer(id="south", kind="drift", tileset="../south/tileset.json"))
    assert stream.streamer.problems[0].startswith("south: ../south/tileset.json")
    stream.streamer.close()


def test_the_room_shows_a_layer_through_or_not_at_all(twin: Path) -> None:
    stream = Stream(twin)
    assert not stream.streamer.set_layer("north", False, 1.0)  # not there yet
    stream.load(Layer(id="north", kind="drift"), Layer(id="south", kind="drift"))
    node = stream.root.find("layer north")
    assert stream.streamer.set_layer("north", False, 1.0)
    assert node.is_hidden() and not stream.root.find("layer south").is_hidden()
    assert stream.streamer.set_layer("north", True, 0.5)
    assert not node.is_hidden() and node.get_bin_name() == "transparent"
    assert stream.streamer.set_layer("north", True, 1.0)
    assert node.get_bin_name() != "transparent"
    stream.streamer.close()


def bake_tree(twin: Path) -> dict[str, Any]:
    """A rough square of 64 m in three levels; its tileset.json."""
    side = 65
    generator = np.random.default_rng(1)
    east, north = np.meshgrid(np.arange(side) * 1.0, np.arange(side) * 1.0)
    height = generator.normal(0, 0.2, (side, side))
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    first = np.stack([corner, corner + 1, corner + side], axis=1)
    second = np.stack([corner + 1, corner + side + 1, corner + side], axis=1)
    part = MeshPart(
        np.stack([east, north, height], axis=-1).reshape(-1, 3),
        np.concatenate([first, second]).astype(np.uint32),
    )
    settings = TreeSettings(leaf=600, bucket=2400)
    bake_layer(twin / "tiles/rock", [part], (0, 0, 0), settings=settings, runner=Here())
    document: dict[str, Any] = json.loads((twin / "tiles/rock/tileset.json").read_bytes())
    return document


def above(distance: float) -> View:
    return View(np.array([32.0, 32.0, distance]), np.zeros((0, 4)), 1000.0)


ROCK = Layer(id="rock", kind="drift")


def test_levels_come_and_go_and_cover_the_layer_once(tmp_path: Path) -> None:
    bake_tree(tmp_path)
    stream = Stream(tmp_path)
    drawn: list[int] = []
    for distance in (5000.0, 150.0, 5.0, 5000.0):
        stream.views = [above(distance)]
        if not drawn:
            stream.load(ROCK)
        stream.until(lambda: stream.streamer.idle)
        stream.until(lambda: stream.streamer.idle)
        drawn.append(stream.streamer.counts().triangles_drawn)
    assert drawn[0] == drawn[3] < drawn[1] <= drawn[2] == 8192
    assert drawn[0] < 8192 / 3
    assert stream.streamer.problems == []
    stream.streamer.close()


def test_little_memory_means_a_coarser_picture_not_a_hole(tmp_path: Path) -> None:
    bake_tree(tmp_path)
    stream = Stream(tmp_path, budget=120_000)
    stream.views = [above(5.0)]
    stream.load(ROCK)
    before: set[float] = set()

    def rests() -> bool:
        factor = stream.streamer.counts().error_factor
        resting = factor in before and stream.streamer.idle
        before.clear()
        before.add(factor)
        return resting and stream.streamer.counts().triangles_drawn > 0

    stream.until(rests)
    counts = stream.streamer.counts()
    assert counts.bytes_loaded <= 120_000 and counts.error_factor > 1.0
    assert 0 < counts.triangles_drawn < 8192
    stream.streamer.close()


def huge(folder: Path, document: dict[str, Any], name: str) -> str:
    data = (folder / name).read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    content = json.loads(data[20 : 20 + length])
    for view in content["bufferViews"]:
        view["extensions"]["EXT_meshopt_compression"]["count"] = 2**31
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    head = struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest))
    (folder / name).write_bytes(head + struct.pack("<I4s", len(text), b"JSON") + text + rest)
    return name


def truncated(folder: Path, document: dict[str, Any], name: str) -> str:
    (folder / name).write_bytes((folder / name).read_bytes()[:-100])
    return name


def corrupt(folder: Path, document: dict[str, Any], name: str) -> str:
    data = bytearray((folder / name).read_bytes())
    data[-2000:-1000] = bytes(1000)
    (folder / name).write_bytes(bytes(data))
    return name


def missing(folder: Path, document: dict[str, Any], name: str) -> str:
    (folder / name).unlink()
    return name


def escaping(folder: Path, document: dict[str, Any], name: str) -> str:
    text = json.dumps(document).replace(name, "../../../../etc/passwd")
    (folder / "tileset.json").write_text(text)
    return "etc/passwd"


def circular(folder: Path, document: dict[str, Any], name: str) -> str:
    text = json.dumps(document).replace(name, "tileset.json")
    (folder / "tileset.json").write_text(text)
    return "tileset.json"


@pytest.mark.parametrize("harm", [huge, truncated, corrupt, missing, escaping, circular])
def test_a_harmed_tile_is_named_once_and_its_parent_stays(tmp_path: Path, harm: Any) -> None:
    document = bake_tree(tmp_path)
    parent = document["root"]["children"][0]
    child = parent["children"][0]["content"]["uri"]
    named = harm(tmp_path / "tiles/rock", document, child)
    stream = Stream(tmp_path)
    stream.views = [above(5.0)]
    stream.load(ROCK)
    for _ in range(3):
        stream.until(lambda: stream.streamer.idle)
    assert len(stream.streamer.problems) == 1 and named in stream.streamer.problems[0]
    node = stream.root.find("layer rock")
    shown = {one.name.rsplit("/", 1)[-1] for one in node.children if not one.is_hidden()}
    assert parent["content"]["uri"] in shown
    assert not {one["content"]["uri"] for one in parent["children"]} & shown
    others = [one for other in document["root"]["children"][1:] for one in other["children"]]
    assert {one["content"]["uri"] for one in others} <= shown
    stream.streamer.close()
