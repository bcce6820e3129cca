"""A surface over points, where Open3D is installed; without it a refusal that names the extra."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from scenes.bake.cuts import BakedTree
from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.reconstruct import reconstruct
from scenes.errors import Refused
from scenes.geometry import PointPart
from scenes.schema import Layer, Scene
from scenes.tiles.glb import parse_glb
from scenes.twin import Twin, open_twin, save_scene

RADIUS = 3.0
LENGTH = 40.0


@pytest.fixture
def twin(tmp_path: Path) -> Twin:
    """A drift's scan: points on a tube with a centimetre of noise."""
    generator = np.random.default_rng(2)
    along, angle = generator.uniform(0, LENGTH, 90_000), generator.uniform(0, 2 * np.pi, 90_000)
    radius = RADIUS + generator.normal(0, 0.01, len(along))
    points = np.stack([along, radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    colours = np.where(points[:, :1] < LENGTH / 2, (200, 40, 40), (40, 40, 200)).astype(np.uint8)
    settings = TreeSettings(leaf=20_000)
    bake_layer(tmp_path / "tiles/scan", [PointPart(points, colours)], (0, 0, 0), settings=settings)
    layers = [
        Layer(id="scan", kind="drift", content="points"),
        Layer(id="walls", kind="drift"),
    ]
    save_scene(tmp_path, Scene(name="scanned", layers=layers))
    return open_twin(tmp_path)


def test_only_points_get_a_surface(twin: Twin) -> None:
    for name in ("walls", "nothing"):
        with pytest.raises(Refused) as refused:
            reconstruct(twin, name)
        assert refused.value.message_id == "scenes-no-points"


@pytest.mark.skipif(importlib.util.find_spec("open3d") is not None, reason="Open3D is there")
def test_without_open3d_the_extra_is_named(twin: Twin) -> None:
    with pytest.raises(Refused) as refused:
        reconstruct(twin, "scan")
    assert refused.value.arguments == {"extra": "kenish[reconstruct]"}
    assert not (twin.folder / "tiles/scan-surface").exists()


def test_the_surface_lies_on_the_points_in_every_block(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("open3d")
    monkeypatch.setattr("scenes.bake.reconstruct.BLOCK", 1)  # a block for each leaf
    baked = reconstruct(twin, "scan")
    assert baked.triangles > 10_000
    made = {layer.id: layer for layer in open_twin(twin.folder).scene.layers}["scan-surface"]
    assert made.content == "mesh" and made.walkable and made.two_sided
    folder = twin.folder / "tiles/scan-surface"
    area = 0.0
    for leaf in BakedTree(folder).leaves():
        for one in parse_glb((folder / str(leaf.content)).read_bytes(), "leaf"):
            away = np.abs(np.hypot(one.positions[:, 1], one.positions[:, 2]) - RADIUS)
            assert np.quantile(away, 0.99) < 0.1
            a, b, c = (one.positions[one.indices[k::3]].astype(float) for k in range(3))
            area += float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
            red = one.colours[:, 0] > one.colours[:, 2]
            clear = np.abs(one.positions[:, 0] - LENGTH / 2) > 0.5
            assert (red == (one.positions[:, 0] < LENGTH / 2))[clear].all()
    # Neither slits between blocks nor twice the wall.
    assert area == pytest.approx(2 * np.pi * RADIUS * LENGTH, rel=0.03)
