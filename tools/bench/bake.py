"""`kenish bench bake`: how fast layers are baked, how small the tiles are, and whether they fit.

Meshes come from tools/bench/_meshes.py; every figure is of tiles decoded from disk. Peers that
install from the registries run on the same mesh.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from scenes.bake.cuts import BakedTree  # noqa: E402
from scenes.bake.deviation import distances, sample  # noqa: E402
from scenes.bake.simplify import Mesh, libraries, simplify  # noqa: E402
from scenes.bake.vertices import GRID  # noqa: E402
from scenes.tiles.glb import parse_glb  # noqa: E402
from scenes.tiles.tileset import Tile  # noqa: E402
from tools.bench import _bake_peers, _tile_checks  # noqa: E402
from tools.bench._report import Report, at_least, at_most  # noqa: E402

PACKAGES = ("numpy", "meshopt", "meshoptimizer", "fast-simplification", "opengl-decimate")
CUTS = 100
# A process of its own: its time and memory are the bake's alone, the mesh is made before.
_BAKE = """
import json, resource, sys, time
from pathlib import Path
def peak(who): return resource.getrusage(who).ru_maxrss / 1e6
if __name__ == "__main__":
    from scenes.bake.layer import bake_layer
    from tools.bench._meshes import chunks
    folder, million, part = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    made = [0.0, 0]
    def parts():
        source = iter(chunks(million, part))
        while True:
            begun = time.perf_counter()
            one = next(source, None)
            made[0] += time.perf_counter() - begun
            if one is None:
                return
            made[1] += len(one.triangles)
            yield one
    begun = time.perf_counter()
    baked = bake_layer(folder, parts(), (0, 0, 0))
    seconds = time.perf_counter() - begun - made[0]
    print(json.dumps({"seconds": seconds, "triangles": made[1], "tiles": baked.tiles,
        "bytes": baked.bytes, "own_gb": peak(resource.RUSAGE_SELF),
        "worker_gb": peak(resource.RUSAGE_CHILDREN)}))
"""


def bake(folder: Path, million: float, part: float = 2.0) -> dict[str, Any]:
    """Bake a mesh made in parts of `part` million into `folder`; making it is not counted."""
    script = folder.with_suffix(".py")
    script.write_text(_BAKE, encoding="utf-8")
    command = [sys.executable, str(script), str(folder), str(million), str(part)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    if run.returncode:
        raise RuntimeError(run.stderr[-2000:])
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def sizes(folder: Path, tree: BakedTree, triangles: int) -> dict[str, float]:
    """Bytes per triangle, stored and as HTTP would compress them."""
    found = {"leaf": 0, "all": 0, "leaf_zstd": 0, "all_zstd": 0}
    try:
        from zstandard import ZstdCompressor

        compressor: Any = ZstdCompressor(level=9)
    except ImportError:
        compressor = None
    leaves = {tile.content for tile in tree.leaves()}
    for tile in _tiles(tree.root):
        if tile.content is None:
            continue
        data = (folder / tile.content).read_bytes()
        packed = len(compressor.compress(data)) if compressor else 0
        for key, length in (("", len(data)), ("_zstd", packed)):
            found[f"all{key}"] += length
            if tile.content in leaves:
                found[f"leaf{key}"] += length
    return {key: value / triangles for key, value in found.items()}


def _tiles(root: Tile) -> list[Tile]:
    return [root] + [one for child in root.children for one in _tiles(child)]


def decode_speed(folder: Path, tree: BakedTree) -> float:
    """Million triangles a second of one thread's own time, from bytes to arrays."""
    data = [(folder / str(tile.content)).read_bytes() for tile in tree.leaves()]
    figures = []
    for _ in range(3):
        begun, triangles = time.thread_time(), 0
        for one in data:
            triangles += sum(len(part.indices) // 3 for part in parse_glb(one, "leaf"))
        figures.append(triangles / (time.thread_time() - begun) / 1e6)
    return statistics.median(figures)


def quarter_rms(tree: BakedTree, groups: int) -> dict[str, float]:
    """RMS metres from the source to a quarter of its triangles, borders locked: what was baked,
    and fast_simplification on the same tiles."""
    parents = [
        tile
        for tile in _tiles(tree.root)
        if tile.content and tile.children and all(not child.children for child in tile.children)
    ]
    generator = np.random.default_rng(1)
    chosen = [parents[k] for k in generator.permutation(len(parents))[:groups]]
    squares: dict[str, list[float]] = {"ours": [], "fast_simplification": []}
    for tile in chosen:
        meshes = [tree.mesh(child) for child in tile.children]
        _, first, group = np.unique(
            np.concatenate([m.keys for m in meshes]), return_index=True, return_inverse=True
        )
        places = np.concatenate([m.steps for m in meshes])[first] / GRID
        starts = np.cumsum([0, *(len(m.keys) for m in meshes[:-1])])
        corners = np.concatenate([m.corners + s for m, s in zip(meshes, starts, strict=True)])
        corners = group.ravel()[corners]
        points, _ = sample(places, corners, 4000, generator)
        own = tree.mesh(tile)
        away = distances(points, own.steps / GRID, own.corners)
        squares["ours"].append(float((away**2).mean()))
        if "fast_simplification" in libraries():
            mesh = Mesh(places, np.arange(len(places)), corners)
            free = np.zeros(len(places), bool)  # it holds every border by itself
            other = simplify(mesh, len(own.corners), free, "fast_simplification")
            away = distances(points, other.places, other.corners)
            squares["fast_simplification"].append(float((away**2).mean()))
    return {name: float(np.sqrt(np.mean(one))) for name, one in squares.items() if one}


def check_fit(tree: BakedTree, cuts: int) -> tuple[int, int, int]:
    """(open edges, border mismatches, tiles looked at) over random mixed-level cuts."""
    generator = np.random.default_rng(7)
    found = [
        tree.check(tree.cut(generator, float(generator.uniform(0.3, 0.9)))) for _ in range(cuts)
    ]
    return (
        sum(one.open_edges for one in found),
        sum(one.border_mismatch for one in found),
        sum(one.tiles for one in found),
    )


def mine_layers() -> list[Path]:
    """The mesh layers of the bundled mine."""
    from vr_app.demo.bundled import ensure_bundled_twin

    return sorted(path.parent for path in ensure_bundled_twin().glob("tiles/*/tileset.json"))


def real_layers(home: Path) -> tuple[list[Path], list[str]]:
    """The triangle layers of the real files in KENISH_DATA, baked with small tiles so that small
    files have levels too; and the files that were not taken."""
    from scenes.bake.layer import TreeSettings, bake_layer
    from scenes.bake.pool import Here
    from scenes.errors import SceneError
    from scenes.geometry import MeshPart
    from scenes.importers.contract import ImportOptions
    from scenes.importers.registry import read_file

    data = Path(os.environ.get("KENISH_DATA", ROOT.parent / "shared" / "data"))
    endings = (".obj", ".ply", ".stl", ".dae", ".omf", ".3d", ".glb")
    found: list[Path] = []
    refused: list[str] = []
    for path in sorted(one for one in data.rglob("*") if one.suffix.lower() in endings):
        try:
            named = read_file(path, ImportOptions()).parts
            parts = [one.part for one in named if isinstance(one.part, MeshPart)]
            if not parts:
                continue
            middle = np.rint(np.mean([one.positions.mean(axis=0) for one in parts], axis=0))
            origin = (int(middle[0]), int(middle[1]), int(middle[2]))
            folder = home / f"real{len(found)}"
            small = TreeSettings(leaf=500, bucket=4000, here=10**9)
            bake_layer(folder, parts, origin, settings=small, runner=Here())
            found.append(folder)
        except SceneError as error:
            refused.append(f"{path.name}: {error.message_id}")
    return found, refused


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="half a million triangles, 20 cuts")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    parser.add_argument("--no-peers", action="store_true", help="only ours")
    parser.add_argument("--huge", type=float, metavar="MILLION", help="also one bake of this size")
    options = parser.parse_args()
    million = 0.5 if options.quick else 2.0
    cuts = 20 if options.quick else CUTS
    report = Report({"million": million, "cuts": cuts, "libraries": list(libraries())})
    with tempfile.TemporaryDirectory() as home:
        runs = []
        for number in range(1 if options.quick else 3):
            folder = Path(home) / f"ours{number}"
            runs.append(bake(folder, million))
        seconds = statistics.median(run["seconds"] for run in runs)
        triangles = runs[0]["triangles"]
        report.measured["bake"] = runs
        tree = BakedTree(folder)
        report.goals.append(at_least("bake.mtri_per_s", triangles / seconds / 1e6, 1.0, "Mtri/s"))
        stored = sizes(folder, tree, triangles)
        report.measured["bytes_per_triangle"] = stored
        report.goals.append(at_most("bake.bytes_per_leaf_triangle", stored["leaf"], 4.0, "B"))
        report.goals.append(at_most("bake.bytes_per_source_triangle", stored["all"], 5.4, "B"))
        speed = decode_speed(folder, tree)
        report.goals.append(at_least("bake.decode_mtri_per_s", speed, 60.0, "Mtri/s per thread"))
        open_edges, mismatch, looked = check_fit(tree, cuts)
        real, refused = real_layers(Path(home))
        report.measured["real_layers"] = {"baked": len(real), "refused": refused}
        for layer in [*mine_layers(), *real]:
            more = check_fit(BakedTree(layer), cuts)
            open_edges, mismatch, looked = (
                open_edges + more[0], mismatch + more[1], looked + more[2],
            )  # fmt: skip
        report.measured["tiles_in_cuts"] = looked
        report.goals.append(at_most("bake.open_edges", open_edges, 0, "edges"))
        report.goals.append(at_most("bake.border_mismatch", mismatch, 0, "places"))
        covered = tree.error_coverage(np.random.default_rng(3))
        worst = min(within for _, _, within in covered)
        report.measured["error_coverage_tiles"] = len(covered)
        report.goals.append(at_least("bake.error_coverage", worst, 0.99, "share"))
        rms = quarter_rms(tree, 3 if options.quick else 8)
        report.measured["rms_m"] = rms
        report.goals.append(at_most("bake.rms_m2", rms["ours"], 0.15, "m"))
        tiles = [file for layer in [folder, *mine_layers()] for file in sorted(layer.glob("*.glb"))]
        try:
            seen = _tile_checks.look(tiles)
            report.measured["other_eyes"] = seen
            errors, different = seen["validator_errors"], seen["views_different"]
            report.goals.append(at_most("bake.validator_errors", errors, 0, "errors"))
            report.goals.append(at_most("bake.decoded_otherwise", different, 0, "views"))
        except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
            report.not_judged.append({"name": "bake.validator_errors", "reason": str(error)[:300]})
        if options.huge:
            huge = bake(Path(home) / "huge", options.huge)
            report.measured["huge"] = huge
            peak = huge["own_gb"] + huge["worker_gb"] * (os.cpu_count() or 1)
            report.goals.append(at_most("bake.rss_gb_100m", peak, 3.0, "GB"))
        else:
            reason = "not asked for (--huge 100)"
            report.not_judged.append({"name": "bake.rss_gb_100m", "reason": reason})
        _bake_peers.judge(report, Path(home), million, triangles / seconds, not options.no_peers)
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
