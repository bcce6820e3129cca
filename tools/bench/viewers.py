"""`kenish bench viewers`: our tilesets in another viewer, and tilesets of other tools in Kenish.

three.js' 3d-tiles-renderer shows ours in headless Chromium; 3D Tiles Tools and glTF-Transform make
theirs. `--pictures` stores both sides in docs/pictures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from scenes.bake.layer import bake_layer  # noqa: E402
from scenes.importers.tileset_layer import LayerOptions, add_tileset  # noqa: E402
from scenes.inspection import problems  # noqa: E402
from scenes.twin import open_twin  # noqa: E402
from tools.bench import _foreign_tilesets, _three_viewer, _tile_checks  # noqa: E402
from tools.bench._meshes import chunks  # noqa: E402
from tools.bench._report import Report, at_least, at_most  # noqa: E402

PACKAGES = ("numpy", "meshopt", "DracoPy", "pillow", "panda3d")
PICTURES = ROOT / "docs" / "pictures"
SKIPPED = (OSError, RuntimeError, subprocess.TimeoutExpired)


def kenish(twin: Path, eye: np.ndarray, at: np.ndarray, out: Path) -> dict[str, Any]:
    """What Kenish draws of a twin from `eye` towards `at` (3,) metres, with the picture `out`."""
    way = at - eye
    azimuth = float(np.degrees(np.arctan2(way[0], way[1])))
    pitch = float(np.degrees(np.arctan2(way[2], np.hypot(way[0], way[1]))))
    command = [sys.executable, "-m", "tools.bench._kenish_picture", str(twin), str(out)]
    command += [str(value) for value in (*eye, azimuth, pitch)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    if run.returncode:
        raise RuntimeError(run.stderr[-500:])
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def ours_elsewhere(home: Path, report: Report, million: float) -> list[Path]:
    """A noisy mesh, baked, in both viewers."""
    baked = home / "noisy"
    bake_layer(baked, chunks(million, 2.0), (0, 0, 0))
    add_tileset(home / "ours", baked, LayerOptions(id="noisy"))
    low, high = np.array(open_bounds(home / "ours"))
    eye, at = (low + high) / 2 + (high - low) * (-0.7, -0.9, 2.0), (low + high) / 2
    pictures = [home / "ours-kenish.png", home / "ours-three.png"]
    report.measured["ours_kenish"] = kenish(home / "ours", eye, at, pictures[0])
    try:
        place, aim = tuple(eye.tolist()), tuple(at.tolist())
        seen = _three_viewer.show(baked, "tileset.json", place, aim, pictures[1])
    except SKIPPED as error:
        report.not_judged.append({"name": "viewers.three_tiles", "reason": str(error)[:300]})
        return []
    report.measured["ours_three"] = seen
    report.goals.append(at_least("viewers.three_tiles", seen["visible"], 1, "tiles"))
    report.goals.append(at_most("viewers.three_failed", len(seen["failed"]), 0, "tiles"))
    try:
        checked = _tile_checks.look(sorted(baked.glob("*.glb")))
        report.measured["other_eyes"] = checked
        errors, different = checked["validator_errors"], checked["views_different"]
        report.goals.append(at_most("viewers.validator_errors", errors, 0, "errors"))
        report.goals.append(at_most("viewers.decoded_otherwise", different, 0, "views"))
    except SKIPPED as error:
        report.not_judged.append({"name": "viewers.validator_errors", "reason": str(error)[:300]})
    return pictures


def open_bounds(folder: Path) -> list[list[float]]:
    """(low, high) of the twin's first layer, scene frame."""
    from scenes.inspection import describe

    found: list[list[float]] = describe(open_twin(folder))["layers"][0]["bounds"]
    return found


def others_here(home: Path, report: Report) -> list[Path]:
    """The tilesets of other tools, each a layer of one twin, in a row."""
    try:
        made = _foreign_tilesets.make(home / "foreign")
    except SKIPPED as error:
        report.not_judged.append({"name": "viewers.foreign_drawn", "reason": str(error)[:300]})
        return []
    twin = home / "others"
    for number, (kind, path) in enumerate(made.items()):
        away = (number * 260.0, 300.0 if kind == "instanced" else 0.0, 0.0)
        add_tileset(twin, path, LayerOptions(id=kind, at=away))
    picture = home / "others-kenish.png"
    eye, at = np.array([600.0, -650.0, 420.0]), np.array([600.0, 100.0, 0.0])
    seen = kenish(twin, eye, at, picture)
    report.measured["others_kenish"] = seen
    trouble = len(seen["problems"]) + len(problems(open_twin(twin)))
    report.goals.append(at_least("viewers.foreign_drawn", seen["tiles_drawn"], len(made), "tiles"))
    report.goals.append(at_most("viewers.foreign_problems", trouble, 0, "problems"))
    return [picture]


def store(pictures: list[Path], name: str) -> None:
    """Pictures beside one another as one JPEG in docs/pictures."""
    opened = [Image.open(one).convert("RGB").resize((800, 450)) for one in pictures]
    sheet = Image.new("RGB", (800 * len(opened), 450))
    for number, one in enumerate(opened):
        sheet.paste(one, (800 * number, 0))
    PICTURES.mkdir(parents=True, exist_ok=True)
    sheet.save(PICTURES / name, quality=86, optimize=True)


def main() -> None:
    """Parse, look, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a smaller mesh")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    parser.add_argument("--pictures", action="store_true", help="store them in docs/pictures")
    options = parser.parse_args()
    million = 0.2 if options.quick else 1.0
    report = Report({"million": million})
    with tempfile.TemporaryDirectory() as folder:
        ours = ours_elsewhere(Path(folder), report, million)
        others = others_here(Path(folder), report)
        if options.pictures and ours:
            store(ours, "tiles-in-kenish-and-three.jpg")
        if options.pictures and others:
            store(others, "tilesets-of-others.jpg")
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
