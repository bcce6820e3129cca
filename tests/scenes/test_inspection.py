"""`kenish twin info` and `kenish twin validate` on good and broken twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenes.schema import Datastream, Network, NetworkNode, SceneObject, Sensor
from scenes.twin import open_twin, save_scene
from tests.scenes.importers.harness import run_twin
from tests.scenes.importers.make_files import make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A twin with one layer of 12 triangles."""
    assert run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin").status == 0
    return tmp_path / "twin"


def problem_ids(folder: Path) -> list[str]:
    run = run_twin("validate", folder)
    assert run.status == (2 if run.result["problems"] else 0)
    return [problem["id"] for problem in run.result["problems"]]


def test_info(folder: Path) -> None:
    run = run_twin("info", folder)
    assert run.status == 0
    layer = run.result["layers"][0]
    assert (layer["id"], layer["triangles"], layer["tiles"]) == ("room", 12, 1)
    assert layer["bounds"][0] == pytest.approx([-20, -15, -2], abs=0.01)
    assert "12 triangles" in run.said


def test_a_good_twin_is_valid(folder: Path) -> None:
    assert problem_ids(folder) == []


def test_a_missing_tile(folder: Path) -> None:
    next((folder / "tiles" / "room").glob("*.glb")).unlink()
    assert problem_ids(folder) == ["scenes-missing"]


def test_a_missing_and_a_damaged_tileset(folder: Path) -> None:
    tileset = folder / "tiles" / "room" / "tileset.json"
    tileset.write_text("{")
    assert problem_ids(folder) == ["tileset-broken"]
    tileset.unlink()
    assert problem_ids(folder) == ["scenes-missing"]
    assert run_twin("info", folder).status == 2


def test_tiles_may_not_lie_outside(folder: Path) -> None:
    tileset = folder / "tiles" / "room" / "tileset.json"
    tileset.write_text(tileset.read_text().replace("t00000000.glb", "../../../room.obj"))
    assert problem_ids(folder) == ["scenes-outside"]
    scene = open_twin(folder).scene
    layer = scene.layers[0].model_copy(update={"tileset": "../other/tileset.json"})
    save_scene(folder, scene.model_copy(update={"layers": [layer]}))
    assert problem_ids(folder) == ["scenes-outside"]


def test_ids_that_do_not_exist(folder: Path) -> None:
    scene = open_twin(folder).scene
    stream = Datastream(id="s.co", property="co", unit="[ppm]", range=(0, 100))
    sensor = Sensor(
        id="s", title={"en": "S"}, position=(0, 0, 0), place="nowhere",
        drainage_node="n9", datastreams=[stream],
    )  # fmt: skip
    network = Network(
        id="water", kind="drainage",
        nodes=[NetworkNode(id="n1", position=(0, 0, 0), place="elsewhere")], edges=[],
    )  # fmt: skip
    valve = SceneObject(
        id="v", kind="valve", title={"en": "V"}, position=(0, 0, 0),
        states=["open"], initial="shut", actions=[],
    )  # fmt: skip
    changes = {"sensors": [sensor], "networks": [network], "objects": [valve]}
    save_scene(folder, scene.model_copy(update=changes))
    assert problem_ids(folder) == ["scenes-no-such-id"] * 4


def test_what_is_no_twin(tmp_path: Path) -> None:
    run = run_twin("validate", tmp_path)
    assert run.status == 2 and run.result["error"]["id"] == "scene-no-twin"
    (tmp_path / "scene.yaml").write_text("layers: [")
    assert run_twin("info", tmp_path).result["error"]["id"] == "scene-not-yaml"
    (tmp_path / "scene.yaml").write_text("name: A B")
    assert run_twin("info", tmp_path).result["error"]["id"] == "scene-invalid"


def test_a_tile_cut_short_and_a_walk_file_cut_short(folder: Path) -> None:
    tile = next((folder / "tiles" / "room").glob("*.glb"))
    tile.write_bytes(tile.read_bytes()[:300])
    walk = folder / "walk" / "walk.npz"
    walk.write_bytes(walk.read_bytes()[:200])
    assert sorted(problem_ids(folder)) == ["tile-broken", "walk-broken"]
