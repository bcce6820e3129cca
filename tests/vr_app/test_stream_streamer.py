"""The tile streamer on real baked tiles without a window: whole, broken and missing ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from panda3d.core import NodePath

from scenes.bake.layer import bake_layer
from scenes.geometry import MeshPart
from scenes.schema import Layer
from vr_app.stream.selector import View
from vr_app.stream.source import FolderSource
from vr_app.stream.streamer import TileStreamer

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

    def __init__(self, twin: Path) -> None:
        self.root = NodePath("world")
        self.streamer = TileStreamer(FolderSource(twin), self.root)

    def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(FRAMES):
            self.streamer.update([EVERYWHERE], budget_s=0.05)
            if condition():
                return
            self.streamer._pool.submit(lambda: None).result()  # a turn for the workers
        raise AssertionError(f"not in {FRAMES} frames; problems: {self.streamer.problems}")

    def load(self, *layers: Layer) -> None:
        self.streamer.add_layers(layers)
        self.until(lambda: self.streamer.started and self.streamer.idle)
        self.streamer.update([EVERYWHERE])

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
    assert "source-outside" in stream.streamer.problems[0]
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
