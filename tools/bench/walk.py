"""`kenish bench walk`: a visitor walks, teleports and collides on a streamed twin, by script.

A real server sends the tiles; the level shown is changed at random all the while. Every step is
held against the source itself: nobody may be below its floor or have passed through its walls.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from panda3d.core import NodePath  # noqa: E402

from scenes.tiles.glb import parse_glb  # noqa: E402
from scenes.tiles.tileset import Tile, read_tileset  # noqa: E402
from scenes.twin import open_twin  # noqa: E402
from scenes.walk.ground import Ground  # noqa: E402
from scenes.walk.solids import Solids, make_solid  # noqa: E402
from scenes.walk.store import WALK_FILE, load_walk  # noqa: E402
from tools.bench._report import Report, at_least, at_most  # noqa: E402
from vr_app.stream.http_source import HttpSource  # noqa: E402
from vr_app.stream.picking import Picking  # noqa: E402
from vr_app.stream.streamer import TileStreamer  # noqa: E402
from vr_app.stream.views import View, frustum_planes  # noqa: E402
from vr_app.stream.walk_surface import WalkSurface  # noqa: E402
from vr_app.world.walker import BODY_RADIUS_M, UP, Intent, Walker  # noqa: E402

Vector = npt.NDArray[np.float64]
FRAME_S = 1 / 60
SURVEYS = ("wheal_pell_mine/pell.3d", "pittsburgh_mine_mesh/pittsburgh_mine.dae")
KNEES_M = 0.7  # what is followed through the source: feet may sink into rough ground by centimetres
SMALL_BUDGET = 24 * 1024 * 1024
ERRORS_PX = (1.0, 4.0, 40.0, 4000.0)


@dataclass
class Tally:
    """What was done, and what was wrong."""

    frames: int = 0
    metres: float = 0.0
    teleports: int = 0
    jumps: int = 0
    stopped: int = 0  # frames in which a wall was in the way
    waited: int = 0  # frames in which the floor was not there yet
    drawn: list[int] = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)
    through: list[dict[str, Any]] = field(default_factory=list)
    below: list[dict[str, Any]] = field(default_factory=list)
    deepest_m: float = 0.0
    nearest_m: float = math.inf
    answered: dict[str, int] = field(default_factory=dict)


def source_of(folder: Path) -> Solids:
    """Every walkable triangle of a twin at full detail."""
    solids = Solids()
    for layer in open_twin(folder).scene.layers:
        if not layer.walkable or layer.content != "mesh":
            continue
        tileset = folder / layer.tileset_path
        root, _ = read_tileset(tileset.read_bytes(), layer.id)
        for tile in _leaves(root):
            path = tileset.parent / str(tile.content)
            for geometry in parse_glb(path.read_bytes(), path.name):
                if geometry.primitive == "triangles":
                    solid = make_solid(geometry.positions, geometry.indices.reshape(-1, 3))
                    if solid is not None:
                        solids.add(len(solids), solid)
    return solids


def _leaves(root: Tile) -> Iterator[Tile]:
    pending = [root]
    while pending:
        tile = pending.pop()
        pending += tile.children
        if tile.content is not None and (not tile.children or tile.refine == "ADD"):
            yield tile


class Visit:
    """A person in a streamed twin, with the loop of frames that a display would make."""

    def __init__(self, folder: Path, base: str, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.truth = source_of(folder)
        self.floors = load_walk((folder / WALK_FILE).read_bytes()).floors.astype(np.float64)
        scene = open_twin(folder).scene
        self.spawn = np.asarray(scene.spawn.position, np.float64)
        self.walker = Walker(self.spawn.copy())
        self.ground = Ground()
        self.tally = Tally()
        self.max_error_px = 4.0
        source = HttpSource(base)
        self.streamer = TileStreamer(source, NodePath("world"), SMALL_BUDGET)
        self.streamer.add_layers(scene.layers)
        self.surface = WalkSurface(source, self.ground)
        self.picking = Picking(self.ground)

    def stream(self) -> None:
        """One frame of what is loaded and shown."""
        eye, gaze = self.walker.eye, self.walker.gaze
        self.streamer.update([view_of(eye, gaze)], 0.002, max_error_px=self.max_error_px)
        self.picking.update(self.streamer.shown)
        self.surface.update(eye, self.streamer.trees)

    def wait(self, limit_s: float = 60.0) -> None:
        """Until the floor around the person is there."""
        end = time.monotonic() + limit_s
        while not (self.streamer.started and self.surface.settled):
            if time.monotonic() > end:
                raise SystemExit(f"no floor in {limit_s} s: {self.streamer.problems}")
            self.stream()
            time.sleep(0.002)

    def knees(self) -> Vector:
        return self.walker.feet + KNEES_M * UP

    def walk(self, intent: Intent) -> float:
        """One frame; metres moved. What the source says of it goes into the tally."""
        before, knees, eye = self.walker.feet, self.knees(), self.walker.eye
        self.walker.step(intent, FRAME_S, self.ground)
        moved = float(np.linalg.norm((self.walker.feet - before)[:2]))
        self.tally.metres += moved
        self.check(knees, self.knees(), "knees")
        self.check(eye, self.walker.eye, "eyes")
        return moved

    def check(self, start: Vector, end: Vector, what: str) -> None:
        """A body that moved from start to end passed through nothing."""
        way = end - start
        length = float(np.linalg.norm(way))
        if length > 1e-9:
            met = self.truth.ray(start, way / length, length)
            if met is not None:
                place = {"part": what, "at": start.round(3).tolist(), "to": end.round(3).tolist()}
                self.tally.through.append(place)

    def check_floor(self) -> None:
        """There is a floor of the source under the knees, and the feet are not far below it."""
        down = self.truth.ray(self.knees(), -UP, 4.0)
        sunk = KNEES_M - down.distance if down is not None else math.inf
        self.tally.deepest_m = max(self.tally.deepest_m, sunk)
        if down is None:
            self.tally.below.append({"feet": self.walker.feet.round(3).tolist()})

    def check_aside(self) -> None:
        """How near the walls of the source are at chest height."""
        for angle in np.arange(0, math.tau, math.tau / 8):
            way = np.array([math.sin(angle), math.cos(angle), 0.0])
            met = self.truth.ray(self.knees(), way, BODY_RADIUS_M)
            if met is not None and abs(float(met.normal[2])) <= 0.7:
                self.tally.nearest_m = min(self.tally.nearest_m, met.distance)

    def teleport(self) -> None:
        """Point somewhere and go there, if somebody can stand there."""
        walker, chance = self.walker, self.chance
        walker.azimuth_rad = float(chance.uniform(0, math.tau))
        walker.pitch_rad = float(chance.uniform(-0.6, 0.1))
        hit = self.ray()
        target = walker.teleport_target(self.ground)
        if target is None or hit is None:
            return
        self.tally.teleports += 1
        self.tally.answered[hit] = self.tally.answered.get(hit, 0) + 1
        # What was pointed at was in sight, also in the source: a coarse tile hides no wall.
        way = target + 0.1 * UP - walker.eye
        length = float(np.linalg.norm(way))
        if length > 1.0:
            met = self.truth.ray(walker.eye, way / length, length - 1.0)
            if met is not None and not self.in_reach(target):
                self.tally.through.append({"teleport": target.round(3).tolist()})
        walker.place(target, walker.azimuth_rad)

    def in_reach(self, target: Vector) -> bool:
        """Whether the place pointed at is in sight from a little around the eye."""
        for aside in (0.1, 0.3):
            for angle in np.arange(0, math.tau, math.tau / 6):
                shift = np.array([math.sin(angle), math.cos(angle), 0.0]) * aside
                way = target + (0.3 + aside) * UP - (self.walker.eye + shift)
                length = float(np.linalg.norm(way))
                if self.truth.ray(self.walker.eye + shift, way / length, length - 0.2) is None:
                    return True
        return False

    def ray(self) -> str | None:
        """Who answers where the person points."""
        eye, gaze = self.walker.eye, self.walker.gaze
        self.picking.aim(eye, gaze, 60.0)
        hit = self.ground.ray(eye, gaze, 60.0)
        return None if hit is None else hit.answered

    def jump(self) -> None:
        """To a floor far away, before anything of it is loaded."""
        places = self.floors if len(self.floors) else self.spawn[None]
        self.walker.place(self.chance.choice(places) + 0.02 * UP)
        self.tally.jumps += 1
        for _ in range(5):  # pushing against what is not there yet
            before = self.walker.feet
            self.walker.step(Intent(forward=1.0, fast=True), FRAME_S, self.ground)
            self.tally.waited += int(np.allclose(before, self.walker.feet))
        self.wait()
        floor = self.ground.floor(self.walker.feet, 1.0, 3.0)
        if floor is None or self.ground.solid(floor.point + 0.3 * UP, UP, 1.5) is not None:
            self.walker.place(self.spawn.copy())  # a hole, or a place only half scanned
            self.wait()
            return
        self.walker.place(floor.point)

    def close(self) -> None:
        self.surface.close()
        self.picking.close()
        self.streamer.close()


def view_of(eye: Vector, gaze: Vector) -> View:
    """What one eye sees, 90 degrees wide."""
    right = np.cross(gaze, UP)
    right /= max(float(np.linalg.norm(right)), 1e-9)
    up = np.cross(right, gaze)
    rotation = np.stack([right, up, -gaze])
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rotation, -rotation @ eye
    near, far = 0.05, 5000.0
    clip = np.array(
        [
            [1, 0, 0, 0],
            [0, 1, 0, 0],
            [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
            [0, 0, -1, 0],
        ]
    )
    return View(eye, frustum_planes(clip @ view), 540.0)


def visit(folder: Path, base: str, seconds: float, seed: int) -> Tally:
    """Walk for so many seconds of the visitor's time."""
    person = Visit(folder, base, seed)
    tally, chance = person.tally, person.chance
    try:
        person.wait()
        turn, fast, stuck = 0.0, False, 0
        for frame in range(round(seconds / FRAME_S)):
            person.stream()
            if frame % 60 == 0:
                turn, fast = float(chance.normal(0, 0.4)), bool(chance.random() < 0.5)
                person.max_error_px = float(chance.choice(ERRORS_PX))
                person.check_aside()
            moved = person.walk(Intent(forward=1.0, turn=turn * FRAME_S, fast=fast))
            tally.frames += 1
            tally.stopped += moved < 1e-6
            stuck = stuck + 1 if moved < 0.005 else 0
            if stuck > 30:
                person.walker.azimuth_rad = float(chance.uniform(0, math.tau))
                stuck = 0
            if frame % 10 == 0:
                person.check_floor()
                counts = person.streamer.counts()
                tally.drawn.append(counts.tiles_drawn)
            if frame % 300 == 299:
                person.teleport()
                person.wait()
            if frame % 1800 == 1799:
                person.jump()
        return tally
    finally:
        person.close()


@contextlib.contextmanager
def served(folder: Path, state: Path) -> Iterator[str]:
    """The HTTP address of a server process for a twin, open to engineers."""
    command = [sys.executable, "-m", "vr_app", "serve", str(folder), "--port", "0"]
    command += ["--state", str(state), "--open", "engineer"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["http"]
        finally:
            server.terminate()


def prepared(folder: Path, file: Path) -> Path:
    """A twin of a survey, imported and baked as a user would."""
    out = folder / file.stem
    command = [sys.executable, "-m", "vr_app", "twin", "import", str(file), "--out", str(out)]
    command += ["--access", "public"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)
    return out


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kenish bench walk", description=__doc__)
    parser.add_argument("twins", nargs="*", type=Path, help="default: the real surveys")
    parser.add_argument("--seconds", type=float, default=600.0, help="of the visitor's time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", help="(always)")
    options = parser.parse_args(arguments)
    seconds = min(options.seconds, 60.0) if options.quick else options.seconds
    report = Report({"seconds": seconds, "seed": options.seed, "budget_bytes": SMALL_BUDGET})
    data = Path(os.environ.get("KENISH_DATA", ROOT.parent / "shared" / "data"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        twins = list(options.twins)
        for name in () if twins else SURVEYS:
            if (data / name).is_file():
                twins.append(prepared(folder, data / name))
            else:
                report.not_judged.append({"name": name, "reason": "no real data here"})
        through = below = 0
        deepest, least = 0.0, math.inf
        for number, twin in enumerate(twins):
            with served(twin, folder / f"state-{number}") as base:
                tally = visit(twin, base, seconds, options.seed)
            drawn = tally.drawn or [0]
            report.measured[twin.name] = {
                "metres": round(tally.metres, 1),
                "frames": tally.frames,
                "teleports": tally.teleports,
                "pointed_at": tally.answered,
                "jumps": tally.jumps,
                "frames_stopped": tally.stopped,
                "frames_that_waited": tally.waited,
                "tiles_drawn": {"least": min(drawn), "most": max(drawn)},
                "sunk_most_m": round(tally.deepest_m, 3),
                "nearest_wall_m": round(tally.nearest_m, 3),
                "through": tally.through[:10],
                "below": tally.below[:10],
            }
            through += len(tally.through)
            below += len(tally.below)
            deepest = max(deepest, tally.deepest_m)
            least = min(least, tally.metres)
        if twins:
            report.goals.append(at_most("walk.through_walls", through, 0, "steps"))
            report.goals.append(at_most("walk.below_floor", below, 0, "frames"))
            report.goals.append(at_least("walk.metres", least, seconds * 0.3, "m"))
    report.show(("panda3d", "embreex", "numpy"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
