"""The twin that the streaming benchmark flies through: a pit and drifts of some million triangles.

Baked once and kept in the user's cache beside other checkouts' ones; it never measures anything.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from scenes.bake.layer import VERSION, bake_layer
from scenes.geometry import MeshPart
from scenes.schema import Layer, Scene, Spawn
from scenes.tiles.glb import TileGeometry
from scenes.tiles.glb_writer import pack_glb
from scenes.twin import save_scene
from scenes.walk import build_walk
from tools.bench._meshes import drifts, pit

SEED: Final = 7
HALF: Final = 5e5  # of a million triangles
OUTSIDE: Final = 40  # places of the way, down through the pit
START: Final = 30  # of them, where the scene starts


def parts(million: float) -> tuple[MeshPart, MeshPart]:
    """The pit and the drifts."""
    generator = np.random.default_rng(SEED)
    count = int(million * HALF)
    return pit(count, generator), drifts(count, generator)


def twin_folder(million: float) -> Path:
    """The baked twin; made where it is not there yet (minutes)."""
    home = user_cache_path("kenish") / "bench"
    folder = home / f"stream-{million:g}m-v{VERSION}w"
    if (folder / "way.json").is_file():
        _save_scene(folder, way(folder))
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    rock, tubes = parts(million)
    bake_layer(folder / "tiles/pit", [rock], (0, 0, 0))
    bake_layer(folder / "tiles/drifts", [tubes], (0, 0, 0))
    places = _way(rock, tubes)
    _save_scene(folder, places)
    build_walk(folder)
    (folder / "way.json").write_text(json.dumps(places.round(3).tolist()), encoding="utf-8")
    return folder


def _save_scene(folder: Path, places: npt.NDArray[np.float64]) -> None:
    """A start deep in the pit, across which one looks at the far wall."""
    start, middle = places[START], places[:OUTSIDE].mean(axis=0)
    ahead = middle - start
    azimuth = float(np.degrees(np.arctan2(ahead[0], ahead[1])))
    spawn = Spawn(position=tuple(start.tolist()), azimuth_deg=round(azimuth, 1))
    layers = [
        Layer(id="pit", kind="terrain", walkable=True),
        Layer(id="drifts", kind="drift", walkable=True),
    ]
    save_scene(folder, Scene(name="stream", fictional=True, spawn=spawn, layers=layers))


def whole_file(million: float) -> Path:
    """The same mesh as one GLB, compressed as tiles are."""
    path = twin_folder(million).with_suffix(".glb")
    if not path.is_file():
        rock, tubes = parts(million)
        both = np.concatenate([rock.positions, tubes.positions]).astype(np.float32)
        corners = np.concatenate([rock.triangles, tubes.triangles + len(rock.positions)])
        count = len(both)
        geometry = TileGeometry(
            "triangles",
            both,
            corners.astype(np.uint32).ravel(),
            None,
            np.full((count, 3), 200, np.uint8),
            np.zeros(count, np.uint8),
        )
        path.write_bytes(pack_glb(geometry, (0.0, 0.0, 0.0)))
    return path


def _way(rock: MeshPart, tubes: MeshPart) -> npt.NDArray[np.float64]:
    """(n, 3) places of a flight: down through the pit, then along the drifts."""
    low, high = rock.positions.min(axis=0), rock.positions.max(axis=0)
    middle = (low + high) / 2
    angle = np.linspace(0.0, 3 * np.pi, OUTSIDE)
    radius = np.linspace(0.42, 0.12, OUTSIDE) * (high[0] - low[0])
    around = np.stack([np.cos(angle) * radius, np.sin(angle) * radius], axis=1) + middle[:2]
    height = high[2] + 60.0 - (high[2] + 30.0 - low[2]) * np.linspace(0.0, 0.8, OUTSIDE)
    outside = np.concatenate([around, height[:, None]], axis=1)
    # Rings of 73 vertices follow one another along a tube: their means are its axis.
    rings = len(tubes.positions) // 73
    axis = tubes.positions[: rings * 73].reshape(rings, 73, 3).mean(axis=1)
    return np.concatenate([outside, axis[:: max(rings // 400, 1)][:400]])


def way(folder: Path) -> npt.NDArray[np.float64]:
    """(n, 3) places of the flight through a twin."""
    return np.asarray(json.loads((folder / "way.json").read_text(encoding="utf-8")), np.float64)
