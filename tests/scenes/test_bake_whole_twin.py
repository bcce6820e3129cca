"""`twin bake TWIN`: levels are made from the finest tiles there are; nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.bake.cuts import BakedTree
from scenes.bake.layer import TreeSettings, bake_layer, counts_of
from scenes.bake.pool import Here
from scenes.bake.whole_twin import bake_twin as bake_any_twin
from scenes.errors import Refused
from scenes.geometry import LinePart, MeshPart, PointPart
from scenes.schema import Layer, Scene
from scenes.tiles.glb import parse_glb
from scenes.twin import Twin, open_twin, save_scene
from scenes.walk.store import WALK_FILE
from tests.scenes.test_bake_layer import extras
from tests.scenes.test_bake_tree import Stops, tube

ONE_LEVEL = TreeSettings(leaf=10**6, bucket=10**7)
SMALL = TreeSettings(500, 2000, 0)


def bake_twin(*arguments: Any) -> dict[str, Any]:
    """With small tiles."""
    return bake_any_twin(*arguments, settings=SMALL)


@pytest.fixture
def twin(tmp_path: Path) -> Twin:
    """A twin whose layers an older version baked: leaves only."""
    part = tube()
    place = np.array([1000.0, 2000.0, -50.0])
    moved = MeshPart(part.positions + place, part.triangles, None, part.colours, part.materials)
    segments = np.array([[0, 1], [1, 2]], np.uint32)
    mixed = [PointPart(part.positions[:900]), LinePart(part.positions[:3], segments)]
    bake_layer(tmp_path / "tiles/drift", [moved], (1000, 2000, 0), settings=ONE_LEVEL,
               runner=Here(), detail_m=2.5)  # fmt: skip
    bake_layer(tmp_path / "tiles/holes", mixed, (0, 0, 0), settings=ONE_LEVEL, runner=Here())
    for name in ("drift", "holes"):
        path = tmp_path / "tiles" / name / "tileset.json"
        document = json.loads(path.read_bytes())
        del document["asset"]["extras"]["kenish"]["version"]
        path.write_text(json.dumps(document))
    foreign = tmp_path / "tiles/foreign/tileset.json"
    foreign.parent.mkdir()
    box = {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]}
    root = {"boundingVolume": box, "geometricError": 1}
    foreign.write_text(json.dumps({"asset": {"version": "1.1"}, "root": root}))
    layers = [Layer(id=name, kind="drift") for name in ("drift", "holes", "foreign")]
    save_scene(tmp_path, Scene(name="old", layers=layers))
    return open_twin(tmp_path)


def triangles(folder: Path) -> list[Any]:
    tree = BakedTree(folder)
    found = []
    for leaf in tree.leaves():
        for one in parse_glb((folder / str(leaf.content)).read_bytes(), "leaf"):
            if one.primitive == "triangles":
                corners = one.positions[one.indices].reshape(-1, 9)
                colours = one.colours[one.indices].reshape(-1, 9)
                found.append(np.concatenate([corners, colours], axis=1))
    rows = np.concatenate(found)
    turned = np.stack(
        [np.roll(rows[:, :9].reshape(-1, 3, 3), k, 1).reshape(-1, 9) for k in range(3)]
    )
    return sorted(map(tuple, turned.min(axis=0).tolist()))


def test_layers_get_levels_and_keep_what_they_had(twin: Twin) -> None:
    folder = twin.folder / "tiles/drift"
    before, counts = triangles(folder), counts_of(extras(folder))
    foreign = (twin.folder / "tiles/foreign/tileset.json").read_bytes()
    seen: list[str] = []
    summary = bake_twin(twin, False, lambda name, done, total: seen.append(name), Here())
    assert summary["layers"] == 2 and summary["triangles"] == counts["triangles"]
    assert triangles(folder) == before
    assert counts_of(extras(folder))["tiles"] > 30
    assert BakedTree(folder).root.geometric_error == pytest.approx(2.5)
    assert counts_of(extras(twin.folder / "tiles/holes"))["points"] == 900
    assert (twin.folder / "tiles/foreign/tileset.json").read_bytes() == foreign
    assert set(seen) == {"drift", "holes", "walk"}
    assert (twin.folder / WALK_FILE).is_file()
    assert bake_twin(twin, False, None, Here())["layers"] == 0
    assert bake_twin(twin, True, None, Here())["layers"] == 2


def test_stopped_it_leaves_a_valid_twin_and_goes_on(twin: Twin) -> None:
    folder = twin.folder / "tiles/drift"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        bake_twin(twin, False, None, Stops(12))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert bake_twin(twin, False, None, Here())["layers"] == 2
    assert sorted(path.name for path in (twin.folder / "tiles").iterdir()) == [
        "drift",
        "foreign",
        "holes",
    ]


def test_a_new_bake_of_all_that_was_stopped_goes_on_without_being_told_again(twin: Twin) -> None:
    bake_twin(twin, False, None, Here())
    with pytest.raises(KeyboardInterrupt):
        bake_twin(twin, True, None, Stops(12))
    assert (twin.folder / "tiles/.drift.bake").is_dir()
    assert bake_twin(twin, False, None, Here())["layers"] == 1
    assert not list((twin.folder / "tiles").glob(".*"))
    assert bake_twin(twin, False, None, Here())["layers"] == 0


def test_a_layer_that_is_missing_or_outside_is_refused_by_name(twin: Twin) -> None:
    (twin.folder / "tiles/drift/tileset.json").unlink()
    with pytest.raises(Refused) as refused:
        bake_twin(twin, False, None, Here())
    assert refused.value.message_id == "scenes-missing"
