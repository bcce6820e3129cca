"""`kenish twin view TWIN`: looks at a twin without a room, with figures of how it streams.

Flies through the twin in a window, or takes one picture without a screen. It changes no twin.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.text.command_parser import CommandParser
from vr_app.console import Console
from vr_app.world.arrival import around, is_near, overview

EXAMPLE: Final = """\
kenish twin view mymine
kenish twin view mymine --levels --out levels.png"""
FIGURES_EVERY: Final = 15  # frames
COMPLETE_S: Final = 120.0
LINE_PX, WIDTH_PX = 22, 430
# From the coarsest level on, again from the start after the last.
LEVEL_COLOURS: Final = (
    (0.85, 0.25, 0.20),
    (0.95, 0.60, 0.15),
    (0.90, 0.90, 0.25),
    (0.35, 0.75, 0.30),
    (0.25, 0.65, 0.85),
    (0.50, 0.40, 0.85),
)


def view(arguments: list[str], console: Console) -> int:
    """Run the command and return its exit status."""
    parser = CommandParser(
        prog="kenish twin view", console=console, key="twin-view", example=EXAMPLE
    )
    parser.option("twin", message="cli-help-twin-folder", type=Path, metavar="TWIN")
    parser.option("--out", type=Path, metavar="FILE.png")
    parser.option("--levels", action="store_true")
    options = parser.parse_args(arguments)
    from vr_app.joining import save_picture

    show = _Show(options.twin, console, options.out is not None, options.levels)
    try:
        if options.out is not None:
            show.complete()
            save_picture(show.display, options.out)
            console.result({"picture": str(options.out), **show.figures()})
        else:
            show.fly()
    finally:
        show.close()
    return 0


class _Show:
    """A display with a twin, its figures in a corner."""

    def __init__(self, folder: Path, console: Console, offscreen: bool, levels: bool) -> None:
        from scenes.twin import open_twin
        from vr_app.display.base import open_display
        from vr_app.frame_rest import FrameRest
        from vr_app.overlay.screen_panel import ScreenPanel
        from vr_app.stream.source import FolderSource
        from vr_app.world.twin_view import TwinView
        from vr_app.world.walker import Walker

        scene = open_twin(folder).scene
        self.console, self.levels = console, levels
        self.display = open_display("offscreen" if offscreen else "auto", (1280, 720))
        self.twin = TwinView(FolderSource(folder), scene, self.display.scene_root)
        spawn = np.asarray(scene.spawn.position, np.float64)
        self.walker = Walker(spawn, float(np.radians(scene.spawn.azimuth_deg)))
        self.walker.mode = "fly"
        self._placed = False
        self.panel = ScreenPanel(self.display.screen_root, "figures", "top left", (12, 12), 5)
        self.rest = FrameRest()
        self._coloured: dict[Any, bool] = {}
        self._frame = 0
        self._ms = 0.0

    def frame(self, seconds: float) -> None:
        """One frame, without input."""
        begun = time.perf_counter()
        walker = self.walker
        if not self._placed and self.twin.streamer.started:
            self._placed = True
            self._arrive()
        self.display.set_eye(walker.eye, walker.azimuth_rad, walker.pitch_rad)
        self.twin.update(self.display.views(), walker.eye, walker.gaze, 0.0, seconds)
        self._colour()
        if self._frame % FIGURES_EVERY == 0:
            self._show_figures()
        self._frame += 1
        self.display.draw()
        self._ms += ((time.perf_counter() - begun) * 1000 - self._ms) * 0.1

    def _arrive(self) -> None:
        """Before the whole twin where the scene's own place is nowhere near it."""
        trees = self.twin.streamer.trees
        bounds = around(tree.root.box for tree in trees if tree.layer.visible)
        if bounds is None or is_near(self.walker.feet, bounds):
            return
        eye, self.walker.azimuth_rad, self.walker.pitch_rad = overview(bounds)
        self.walker.feet = eye - (self.walker.eye - self.walker.feet)

    def _colour(self) -> None:
        """Tiles by level, or as they are."""
        for branch in self.twin.streamer.shown:
            if self._coloured.get(branch.node, False) != self.levels:
                self._coloured[branch.node] = self.levels
                if self.levels:
                    r, g, b = LEVEL_COLOURS[branch.level % len(LEVEL_COLOURS)]
                    branch.node.set_color(r, g, b, 0.0)  # alpha 0: the plain material
                else:
                    branch.node.clear_color()
        if len(self._coloured) > 4096:
            self._coloured.clear()

    def figures(self) -> dict[str, Any]:
        """What the corner shows."""
        counts = self.twin.streamer.counts()
        levels: dict[int, int] = {}
        for branch in self.twin.streamer.shown:
            levels[branch.level] = levels.get(branch.level, 0) + 1
        return {
            "levels": {str(level): levels[level] for level in sorted(levels)},
            "drawn": counts.tiles_drawn,
            "loaded": counts.tiles_loaded,
            "triangles": counts.triangles_drawn,
            "points": counts.points_drawn,
            "error_px": round(self.twin.max_error_px * counts.error_factor, 1),
            "megabytes": round(counts.bytes_loaded / 1e6, 1),
            "budget": round(self.twin.streamer.budget / 1e6),
            "pending": counts.pending,
            "failed": counts.failed,
            "frame_ms": round(self._ms, 1),
        }

    def _show_figures(self) -> None:
        from vr_app.overlay.images import prepare
        from vr_app.ui.canvas import SMALL_BOLD, Canvas

        figures = self.figures()
        by_level = "  ".join(f"{level}: {count}" for level, count in figures["levels"].items())
        values = {**figures, "levels": by_level}
        names = ("tiles", "levels", "error", "memory", "queue", "frame", "keys")
        canvas = Canvas(WIDTH_PX, 16 + LINE_PX * len(names))
        canvas.panel()
        for row, name in enumerate(names):
            text = self.console.text(f"view-stream-{name}", **values)
            canvas.text(12, 8 + LINE_PX * (row + 0.5), text, SMALL_BOLD)
        self.panel.take(prepare(canvas.painted()))
        self.panel.node.show()

    def complete(self) -> None:
        """Until everything in view is there."""
        end = time.monotonic() + COMPLETE_S
        while time.monotonic() < end:
            self.frame(0.0)
            if self._placed and self.twin.complete:
                break
        self._frame = 0
        self.frame(0.0)

    def fly(self) -> None:
        """Until the window is closed."""
        from vr_app.controls import read_wishes

        self.rest.begin()
        last = time.monotonic()
        while not self.display.closed:
            now = time.monotonic()
            seconds, last = now - last, now
            entered = self.display.take_input()
            captured = self.display.pointer_captured
            wishes = read_wishes(entered, seconds, captured, False)
            if "escape" in wishes.requests:
                if not captured:
                    break
                self.display.capture_pointer(False)
            if wishes.click is not None:
                self.display.capture_pointer(True)
            if "layers" in wishes.requests:
                self.levels = not self.levels
            self.walker.step(wishes.intent, seconds, None)
            self.frame(seconds)
            self.rest.rest(0.002)

    def close(self) -> None:
        """Give everything back."""
        self.rest.end()
        self.twin.close()
        self.display.close()
