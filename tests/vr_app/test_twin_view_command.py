"""`kenish twin view`: a picture of what there is, wherever the scene says that people arrive."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenes.bake.layer import bake_layer
from scenes.bake.pool import Here
from scenes.geometry import PointPart
from scenes.schema import Layer, Scene
from scenes.twin import save_scene
from tests.vr_app.tiny_twin import room_mesh
from vr_app.cli import run
from vr_app.stream.said import said


@pytest.fixture
def far_twin(tmp_path: Path) -> Path:
    """Rock and points 5 km from where the scene sends people: nowhere."""
    folder = tmp_path / "twin"
    low, high = (5000.0, 0.0, 0.0), (5030.0, 20.0, 5.0)
    bake_layer(folder / "tiles/rock", [room_mesh(low, high)], (0, 0, 0), runner=Here())
    scan = PointPart(np.random.default_rng(1).uniform(low, high, (500, 3)))
    bake_layer(folder / "tiles/scan", [scan], (0, 0, 0), runner=Here())
    layers = [Layer(id="rock", kind="drift", two_sided=True), Layer(id="scan", content="points")]
    save_scene(folder, Scene(name="far", layers=layers))
    return folder


def test_a_twin_without_a_place_to_arrive_is_seen_whole(
    far_twin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "view.png"
    assert run(["--json", "twin", "view", str(far_twin), "--out", str(picture), "--levels"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["drawn"], figures["points"]) == (2, 500)
    assert figures["triangles"] == 12
    pixels = np.asarray(Image.open(io.BytesIO(picture.read_bytes())).convert("RGB"), np.int16)
    middle = pixels[260:460, 500:780].reshape(-1, 3)
    red = (middle[:, 0] > 100) & (middle[:, 0] > 2 * middle[:, 2])  # the colour of level 0
    assert red.mean() > 0.2


def test_what_went_wrong_is_a_sentence() -> None:
    from scenes.errors import Refused

    text = said(Refused("tile-broken", file="a.glb", reason="too short"))
    assert text == "a.glb: not a readable tile: too short"
    assert said(ValueError("odd")) == "ValueError: odd"
