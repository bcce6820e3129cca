"""A tileset that others made, as a layer on screen: whole, broken and in a circle."""

from __future__ import annotations

from pathlib import Path

from panda3d.core import NodePath

from scenes.importers.tileset_layer import LayerOptions, add_tileset
from scenes.schema import Layer
from tests.scenes.foreign_tiles import square, tile, tileset
from tests.vr_app.test_stream_streamer import Stream


def added(home: Path, files: dict[str, bytes]) -> tuple[Stream, Layer]:
    """A streamer of a twin whose one layer is this tileset, far from the survey's zero."""
    for name, data in files.items():
        file = home / "set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    options = LayerOptions(at=(500.0, 0.0, 0.0))
    layer = add_tileset(home / "twin", home / "set", options).layer
    return Stream(home / "twin"), layer


def drawn(stream: Stream) -> NodePath:
    stream.streamer.update(stream.views)
    return stream.root.find("layer set")


def test_a_nested_tileset_is_opened_where_it_stands(tmp_path: Path) -> None:
    files = {
        "tileset.json": tileset(tile("in/more.json")),
        "in/more.json": tileset(tile("../a.glb", geometricError=0)),
        "a.glb": square().data(),
    }
    stream, layer = added(tmp_path, files)
    stream.load(layer)
    stream.until(lambda: stream.streamer.counts().triangles_drawn == 2)
    low, high = drawn(stream).get_tight_bounds()
    assert abs((low + high).x / 2 - 500.0) < 0.01 and stream.streamer.problems == []
    stream.streamer.close()


def test_a_broken_tile_leaves_its_parent_and_says_so_once(tmp_path: Path) -> None:
    broken = square(extensionsRequired=["ACME_unheard_of"]).data()
    children = [tile("b.glb", geometricError=0), tile("../c.glb", geometricError=0)]
    files = {
        "tileset.json": tileset(tile("a.glb", refine="REPLACE", children=children)),
        "a.glb": square().data(),
        "b.glb": broken,
    }
    stream, layer = added(tmp_path, files)
    stream.load(layer)
    stream.until(lambda: len(stream.streamer.problems) >= 1)
    for _ in range(20):
        stream.streamer.update(stream.views)
    assert stream.streamer.counts().triangles_drawn == 2
    problems = stream.streamer.problems
    assert len(problems) == len(set(problems)) and all(".glb" in one for one in problems)
    stream.streamer.close()


def test_a_tileset_in_a_circle_comes_to_an_end(tmp_path: Path) -> None:
    circle = tileset(tile(children=[tile("tileset.json"), tile("a.glb", geometricError=0)]))
    stream, layer = added(tmp_path, {"tileset.json": circle, "a.glb": square().data()})
    stream.load(layer)
    stream.until(lambda: len(stream.streamer.problems) >= 1)
    stream.until(lambda: stream.streamer.counts().triangles_drawn >= 2)
    assert all("tileset.json" in one for one in stream.streamer.problems)
    stream.streamer.close()
