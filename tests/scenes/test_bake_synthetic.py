"""Baking the synthetic mine: the folder appears whole or not at all; progress reaches its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scenes.bake.synthetic_twin import bake_synthetic
from scenes.errors import Refused
from scenes.geometry import MeshPart, Part
from scenes.schema import Frame, Layer, Scene
from scenes.twin import open_twin, read_sources
from tests.scenes.importers.harness import run_twin
from tests.scenes.importers.make_files import ROOM_TRIANGLES, ROOM_VERTICES, make


class TwoRooms:
    """A mine of two layers with a room each; stands in for the generator, which takes seconds."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.parameters: Any = SimpleNamespace(
            triangles_million=24e-6, model_dump=lambda mode: {"seed": 7}
        )
        layers = [Layer(id="one", kind="drift"), Layer(id="two", kind="stope")]
        self.scene = Scene(name="rooms", frame=Frame(origin=(1000, 2000, 300)), layers=layers)

    def chunks(self, layer_id: str) -> Iterator[Part]:
        if self.broken and layer_id == "two":
            raise KeyboardInterrupt
        offset = np.array([100.0 if layer_id == "two" else 0.0, 0, 0])
        yield MeshPart(ROOM_VERTICES + offset, ROOM_TRIANGLES.astype(np.uint32))


def test_layers_scene_sources_and_walk_surface(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    mine: Any = TwoRooms()
    summary = bake_synthetic(tmp_path / "twin", mine, lambda *step: steps.append(step))
    assert (summary["layers"], summary["triangles"]) == (2, 24)
    assert open_twin(tmp_path / "twin").scene == mine.scene
    assert read_sources(tmp_path / "twin") == {"synthetic": {"seed": 7}}
    assert (tmp_path / "twin" / "walk" / "walk.npz").is_file()
    assert steps[-1][0] == steps[-1][1] and steps == sorted(steps)
    assert run_twin("validate", tmp_path / "twin").status == 0


def test_a_stopped_bake_leaves_nothing_or_the_old_twin(tmp_path: Path) -> None:
    broken: Any = TwoRooms(broken=True)
    with pytest.raises(KeyboardInterrupt):
        bake_synthetic(tmp_path / "twin", broken)
    assert list(tmp_path.iterdir()) == []
    whole: Any = TwoRooms()
    bake_synthetic(tmp_path / "twin", whole)
    with pytest.raises(KeyboardInterrupt):
        bake_synthetic(tmp_path / "twin", broken)
    assert [path.name for path in tmp_path.iterdir()] == ["twin"]
    assert run_twin("validate", tmp_path / "twin").status == 0


def test_a_twin_is_replaced_only_when_asked(tmp_path: Path) -> None:
    run_twin("import", make("room.obj", tmp_path), "--out", tmp_path / "twin")
    run = run_twin("bake", "--synthetic", "--out", tmp_path / "twin")
    assert run.status == 2 and run.result["error"]["id"] == "scenes-twin-exists"
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"picture")
    run = run_twin("bake", "--synthetic", "--out", tmp_path / "photos", "--replace")
    assert run.status == 2 and run.result["error"]["id"] == "import-out-occupied"


def test_a_folder_that_is_no_twin_is_never_moved_away(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"picture")
    mine: Any = TwoRooms()
    with pytest.raises(Refused):
        bake_synthetic(tmp_path / "photos", mine)
    with pytest.raises(Refused):
        bake_synthetic(tmp_path / "photos" / "one.jpg", mine)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["one.jpg"]
    (tmp_path / "empty").mkdir()
    bake_synthetic(tmp_path / "empty", mine)
    assert run_twin("validate", tmp_path / "empty").status == 0


def test_wrong_parameters_are_refused_by_key(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("seed: many\n")
    run = run_twin("bake", "--synthetic", tmp_path / "mine.yaml", "--out", tmp_path / "twin")
    assert run.status == 2 and run.result["error"]["arguments"]["key"] == "seed"
    assert not (tmp_path / "twin").exists()
