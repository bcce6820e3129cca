"""The peers of `kenish bench bake`: gltfpack, obj2tiles and Nexus, each on the same mesh.

They are installed on first use from the registries into the user's cache, outside the checkout;
what does not install or run is not judged, with its reason.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from scenes.tiles.glb import TileGeometry
from scenes.tiles.glb_writer import pack_glb
from tools.bench._meshes import survey
from tools.bench._report import Report, at_least

QUICK_MILLION = 0.2  # the slow ones get a smaller mesh
TIMEOUT_S = 900.0


def _cache() -> Path:
    folder = platformdirs.user_cache_path("kenish", appauthor=False) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run(command: Sequence[str | Path], folder: Path) -> None:
    words = [str(one) for one in command]
    run = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S)
    if run.returncode:
        raise RuntimeError((run.stderr or run.stdout)[-300:].strip())


def _venv(package: str) -> Path:
    """A Python of its own that has the package."""
    home = _cache() / package
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (home / "ready").is_file():
        _run([sys.executable, "-m", "venv", home], _cache())
        _run([python, "-m", "pip", "install", "-q", package], _cache())
        (home / "ready").touch()
    return python


def _mesh(million: float) -> TileGeometry:
    parts = survey(million)
    starts = np.cumsum([0, *(len(one.positions) for one in parts[:-1])])
    corners = [one.triangles + int(s) for one, s in zip(parts, starts, strict=True)]
    positions = np.concatenate([one.positions for one in parts]).astype(np.float32)
    flat = np.concatenate(corners).ravel().astype(np.uint32)
    grey = np.full((len(positions), 3), 190, np.uint8)
    return TileGeometry("triangles", positions, flat, None, grey, np.zeros(len(grey), np.uint8))


def _obj(mesh: TileGeometry, path: Path) -> Path:
    with path.open("w", encoding="ascii") as file:
        np.savetxt(file, mesh.positions, "v %.4f %.4f %.4f")
        np.savetxt(file, mesh.indices.reshape(-1, 3) + 1, "f %d %d %d")
    return path


def gltfpack(home: Path, million: float) -> float:
    """Seconds for one flat file (no levels)."""
    folder = _cache() / "gltfpack"
    folder.mkdir(exist_ok=True)
    script = folder / "node_modules/gltfpack/cli.js"
    if not script.is_file():
        _run(["npm", "install", "--silent", "--prefix", folder, "gltfpack"], folder)
    source = home / "peer.glb"
    source.write_bytes(pack_glb(_mesh(million), (0.0, 0.0, 0.0), compress=False))
    begun = time.perf_counter()
    _run(["node", script, "-i", source, "-o", home / "packed.glb", "-cc"], home)
    return time.perf_counter() - begun


def obj2tiles(home: Path, million: float) -> float:
    """Seconds for a tileset of an OBJ."""
    python = _venv("obj2tiles")
    source = _obj(_mesh(million), home / "peer.obj")
    begun = time.perf_counter()
    _run([python.parent / "obj2tiles", source, home / "obj2tiles"], home)
    return time.perf_counter() - begun


def nexus(home: Path, million: float) -> float:
    """Seconds for a Nexus model, through PyMeshLab."""
    python = _venv("pymeshlab")
    source = _obj(_mesh(million), home / "nexus.obj")
    out = home / "nexus.nxs"
    code = (
        "import sys, pymeshlab; m = pymeshlab.MeshSet(); m.load_new_mesh(sys.argv[1]);"
        "m.save_current_mesh(sys.argv[2])"
    )
    _run([python, "-c", code, source, home / "nexus.ply"], home)
    build = (
        "import sys, pymeshlab; m = pymeshlab.MeshSet();"
        "m.nxs_build(input_file=sys.argv[1], output_file=sys.argv[2])"
    )
    begun = time.perf_counter()
    _run([python, "-c", build, home / "nexus.ply", out], home)
    return time.perf_counter() - begun


def judge(report: Report, home: Path, million: float, ours: float, wanted: bool) -> None:
    """Run the peers; `ours` is our triangles per second."""
    peers: dict[str, tuple[Callable[[Path, float], float], str | None]] = {
        "gltfpack": (gltfpack, None),
        "obj2tiles": (obj2tiles, "bake.ratio_obj2tiles"),
        "nexus": (nexus, "bake.ratio_nexus"),
    }
    figures: dict[str, Any] = {}
    for name, (run, goal) in peers.items():
        size = min(million, QUICK_MILLION) if million < 1 else million
        try:
            if not wanted:
                raise RuntimeError("not asked for")
            seconds = run(home, size)
        except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
            report.not_judged.append({"name": goal or name, "reason": str(error)[:300]})
            continue
        figures[name] = {"million": size, "seconds": round(seconds, 3)}
        if goal is not None:
            report.goals.append(at_least(goal, ours * seconds / (size * 1e6), 10.0, "times"))
    report.measured["peers"] = figures
