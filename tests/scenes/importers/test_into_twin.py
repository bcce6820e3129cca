"""`kenish twin import`: exit status, the JSON object, layers that are gained, replaced, refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scenes.twin import open_twin, read_sources
from scenes.walk import load_walk
from tests.scenes.importers.harness import REAL_FILES, real_data, run_twin
from tests.scenes.importers.make_files import MAKERS, ROOM_HIGH, ROOM_LOW, make

KEYS = {"path", "format", "status", "triangles", "points", "nodes", "blocks", "bounds", "crs",
        "guesses", "repairs", "message"}  # fmt: skip


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_formats_in_one_twin(tmp_path: Path) -> None:
    names = [name for name in MAKERS if not name.endswith(".3d")]
    files = [make(name, tmp_path) for name in names]
    run = run_twin("import", *files, "--out", tmp_path / "twin")
    assert run.status == 0
    for name, report in zip(names, run.result["files"], strict=True):
        assert report.keys() >= KEYS
        assert report["status"] == "imported" and report["path"].endswith(name)
        found = tuple(report[key] for key in ("triangles", "points", "lines", "nodes", "blocks"))
        assert found == MAKERS[name][1]
        low, high = report["bounds"]
        assert len(low) == len(high) == 3
    twin = open_twin(tmp_path / "twin")
    made = {layer for report in run.result["files"] for layer in report["layers"]}
    assert {layer.id for layer in twin.scene.layers} == made
    for layer in twin.scene.layers:
        assert (tmp_path / "twin" / layer.tileset_path).is_file()
    assert run_twin("validate", tmp_path / "twin").status == 0


def test_a_guess_carries_its_reason_and_its_option(tmp_path: Path) -> None:
    run = run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin")
    guesses = run.result["files"][0]["guesses"]
    assert {guess["option"].split()[0] for guess in guesses} == {"--units", "--up", "--crs"}
    assert all(guess["english"] and guess["id"] for guess in guesses)
    given = run_twin("import", tmp_path / "room.obj", "--out", tmp_path / "other",
                     "--units", "m", "--up", "z", "--crs", "EPSG:32644")  # fmt: skip
    assert given.result["files"][0]["guesses"] == []
    assert given.result["files"][0]["crs"] == "EPSG:32644"
    assert open_twin(tmp_path / "other").scene.frame.crs == "EPSG:32644"


def test_the_origin_is_whole_metres_at_the_first_file(tmp_path: Path) -> None:
    run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin")
    frame = open_twin(tmp_path / "twin").scene.frame
    assert frame.origin == (1020, 2015, 302)
    other = tmp_path / "there.obj"
    other.write_text("v 61000 2000 300\nv 61010 2000 300\nv 61010 2010 300\nf 1 2 3\n")
    run = run_twin("import", other, "--out", tmp_path / "twin")
    assert run.status == 0 and "60 km" in run.result["files"][0]["message"]
    assert open_twin(tmp_path / "twin").scene.frame.origin == (1020, 2015, 302)


def test_people_arrive_on_the_floor_inside(tmp_path: Path) -> None:
    run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin")
    scene = open_twin(tmp_path / "twin").scene
    feet = np.array(scene.spawn.position) + scene.frame.origin
    assert feet[2] == pytest.approx(300)  # the floor, not the outside of the back
    assert np.all(feet[:2] > ROOM_LOW[:2]) and np.all(feet[:2] < ROOM_HIGH[:2])
    assert {view.id for view in scene.viewpoints} >= {"overview", "arrival"}
    walk = load_walk((tmp_path / "twin" / "walk" / "walk.npz").read_bytes())
    assert len(walk.floors) > 3 and np.allclose(walk.floors[:, 2] + scene.frame.origin[2], 300)


def test_layers_are_the_projects_unless_the_person_says_otherwise(tmp_path: Path) -> None:
    out = tmp_path / "twin"
    run_twin("import", make("room.obj", tmp_path), "--out", out)
    assert [layer.access for layer in open_twin(out).scene.layers] == ["project"]
    run_twin("import", tmp_path / "room.obj", "--out", out, "--replace", "--access", "public")
    assert [layer.access for layer in open_twin(out).scene.layers] == ["public"]
    run = run_twin("import", tmp_path / "room.obj", "--out", out, "--replace", "--access", "me")
    assert run.status == 2


def test_refused_files_do_not_stop_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.stl"
    bad.write_bytes(b"not an stl")
    run = run_twin("import", bad, make("room.obj", tmp_path), "--out", tmp_path / "twin")
    assert run.status == 2
    assert [report["status"] for report in run.result["files"]] == ["refused", "imported"]
    refused = run.result["files"][0]
    assert refused["bounds"] is None and refused["triangles"] == 0 and "bad.stl" in run.said
    assert [layer.id for layer in open_twin(tmp_path / "twin").scene.layers] == ["room"]


def test_nothing_good_makes_no_folder(tmp_path: Path) -> None:
    bad = tmp_path / "bad.stl"
    bad.write_bytes(b"not an stl")
    run = run_twin("import", bad, "--out", tmp_path / "deep" / "er" / "twin")
    assert run.status == 2 and run.result["files"][0]["status"] == "refused"
    assert not (tmp_path / "deep").exists()


def test_an_existing_twin_gains_layers_and_keeps_what_it_has(tmp_path: Path) -> None:
    run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin")
    before = open_twin(tmp_path / "twin").scene
    run = run_twin("import", make("points.ply", tmp_path), "--out", tmp_path / "twin")
    assert run.status == 0
    after = open_twin(tmp_path / "twin").scene
    assert [layer.id for layer in after.layers] == ["room", "points"]
    assert (after.spawn, after.viewpoints) == (before.spawn, before.viewpoints)
    assert read_sources(tmp_path / "twin").keys() == {"room", "points"}


def test_the_same_name_needs_replace(tmp_path: Path) -> None:
    first = make("room.obj", tmp_path)
    run_twin("import", first, "--out", tmp_path / "twin")
    before = snapshot(tmp_path / "twin")
    again = run_twin("import", first, "--out", tmp_path / "twin")
    assert again.status == 2 and "--replace" in again.result["files"][0]["message"]
    assert snapshot(tmp_path / "twin") == before

    first.write_text(first.read_text() + "v 1000 2000 310\nf 1 2 9\n")
    replaced = run_twin("import", first, "--out", tmp_path / "twin", "--replace")
    assert replaced.status == 0
    info = run_twin("info", tmp_path / "twin").result
    assert [layer["triangles"] for layer in info["layers"]] == [13]


def test_a_refused_replacement_leaves_the_old_layer(tmp_path: Path) -> None:
    path = make("room.obj", tmp_path)
    run_twin("import", path, "--out", tmp_path / "twin")
    before = snapshot(tmp_path / "twin")
    path.write_bytes(b"v 1 2\nf 1 2 3\n")
    assert run_twin("import", path, "--out", tmp_path / "twin", "--replace").status == 2
    assert snapshot(tmp_path / "twin") == before


def test_two_files_of_one_name_in_one_import(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    run = run_twin(
        "import", make("room.obj", tmp_path), make("room.obj", tmp_path / "a"),
        "--out", tmp_path / "twin", "--replace",
    )  # fmt: skip
    assert [report["status"] for report in run.result["files"]] == ["imported", "refused"]
    assert "--name" in run.result["files"][1]["message"]
    named = run_twin(
        "import", tmp_path / "a" / "room.obj", "--out", tmp_path / "twin", "--name", "Камера 5"
    )
    assert named.status == 0
    layer = open_twin(tmp_path / "twin").scene.layers[-1]
    assert layer.title == {"en": "Камера 5"} and layer.id.isascii()


def test_a_name_for_several_files_is_refused(tmp_path: Path) -> None:
    files = [make("room.obj", tmp_path), make("walls.dae", tmp_path)]
    run = run_twin("import", *files, "--out", tmp_path / "twin", "--name", "x")
    assert run.status == 2 and not (tmp_path / "twin").exists()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "one.jpg").write_bytes(b"picture")
    run = run_twin("import", make("room.obj", tmp_path), "--out", other)
    assert run.status == 2 and run.result["error"]["id"] == "import-out-occupied"
    assert snapshot(other) == {"one.jpg": b"picture"}


def test_an_interrupted_import_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    files = [make("room.obj", tmp_path), make("points.ply", tmp_path)]
    run_twin("import", files[0], "--out", tmp_path / "twin")
    before = snapshot(tmp_path)
    monkeypatch.setattr("scenes.bake.layer.bake_layer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_twin("import", files[1], "--out", tmp_path / "twin")
    with pytest.raises(KeyboardInterrupt):
        run_twin("import", files[1], "--out", tmp_path / "new")
    assert snapshot(tmp_path) == before


def test_sources_say_where_a_layer_came_from(tmp_path: Path) -> None:
    import hashlib

    path = make("two.omf", tmp_path)
    run_twin("import", path, "--out", tmp_path / "twin")
    sources = read_sources(tmp_path / "twin")
    entry = sources["two.room"]
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry["path"] == "two.omf" and entry["format"] == "OMF 2"
    assert entry["counts"]["blocks"] == 11
    assert json.dumps(entry["guesses"])


def test_block_models_are_stored_whole(tmp_path: Path) -> None:
    run_twin("import", make("two.omf", tmp_path), "--out", tmp_path / "twin")
    with np.load(tmp_path / "twin" / "overlays" / "two.sub-blocks.npz") as stored:
        assert stored["centres"].shape == (3, 3) and stored["names"].tolist() == ["Rock"]
        np.testing.assert_allclose(stored["values"], [[1, 0, 1]])
        np.testing.assert_allclose(stored["sizes"], [[4, 8, 8], [4, 8, 8], [8, 8, 8]])
        origin = np.array(open_twin(tmp_path / "twin").scene.frame.origin)
        np.testing.assert_allclose(
            stored["centres"] + origin, ROOM_LOW + np.array([[2, 4, 4], [6, 4, 4], [12, 4, 4]])
        )
    layer = {one.id: one for one in open_twin(tmp_path / "twin").scene.layers}["two.sub-blocks"]
    assert (layer.kind, layer.content, layer.walkable) == ("ore", "blocks", False)


def test_text_for_people_names_everything(tmp_path: Path) -> None:
    run = run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin")
    for word in ("room.obj", "OBJ", "12 triangles", "1,000.00 .. 1,040.00", "--up y", "--crs"):
        assert word in run.said


@pytest.mark.parametrize("name", REAL_FILES)
def test_real_files(name: str, tmp_path: Path) -> None:
    path = real_data() / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the real data")
    run = run_twin("import", path, "--out", tmp_path / "twin")
    report = run.result["files"][0]
    if "omf2beta" in name:
        assert run.status == 2 and "pre-release" in report["message"]
        return
    assert run.status == 0 and report["layers"]
    known = {
        "pittsburgh_mine.dae": ("triangles", 13834),
        "lidar-14-1m-1-c.ply": ("points", 229874),
        "pell.3d": ("nodes", 856),
        "DowProv.3d": ("nodes", 802),
        "evo_bunny_blocks.omf": ("blocks", 5123),
    }
    if path.name in known:
        key, count = known[path.name]
        assert report[key] == count
    if path.name == "pell.3d":
        assert report["crs"] == "EPSG:27700"
        np.testing.assert_allclose(
            report["bounds"], [[171011, 51074, 5.2], [171596, 51772, 107]], atol=0.6
        )
    if path.name == "pittsburgh_mine.dae":
        np.testing.assert_allclose(
            report["bounds"], [[0, -327.24, 0], [252.33, 0, 2.75]], atol=0.01
        )
    assert run_twin("validate", tmp_path / "twin").status == 0
