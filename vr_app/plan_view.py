"""The plan map in the window: gathers what moves, keeps the part that is shown, answers clicks.

Painting is `vr_app.ui.plan_map`; this decides when to paint anew (a few times a second).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Final

from scenes.schema import Scene
from scenes.walk.store import WalkMap
from vr_app.hud import Hud
from vr_app.ui.canvas import Painted
from vr_app.ui.plan_map import (
    MapPainter,
    MapPerson,
    MapSensor,
    MapState,
    MapView,
    plan_of_scene,
)
from vr_app.world.walker import Vector

REPAINT_S: Final = 0.25
ZOOM_STEPS: Final = {"zoom:in": 1.0, "zoom:out": -1.0}
START_M_PER_PIXEL: Final = 0.6

Spot = tuple[float, float, float]


class PlanView:
    """The map of one scene. Frame thread only; the plan is gathered in a worker."""

    def __init__(self, scene: Scene, hud: Hud) -> None:
        self._scene, self._hud = scene, hud
        self._painter: MapPainter | None = None
        self._view = MapView(metres_per_pixel=START_M_PER_PIXEL)
        self._follows = True
        self._state = MapState((0.0, 0.0, 0.0))
        self._painted_at = -1e9
        self._gathering = False

    def gather(self, walk: WalkMap | None) -> None:
        """Start gathering the plan, once the walk surface is known."""
        if self._gathering:
            return
        self._gathering = True

        def work() -> None:
            self._painter = MapPainter(plan_of_scene(self._scene, walk))

        threading.Thread(target=work, name="plan", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether the plan has been gathered."""
        return self._painter is not None

    def update(
        self,
        now: float,
        feet: Vector,
        azimuth_rad: float,
        people: Callable[[], tuple[MapPerson, ...]],
        sensors: Callable[[], tuple[MapSensor, ...]],
    ) -> None:
        """Once a frame; `people` and `sensors` are asked only when the map is painted."""
        painter = self._painter
        if not self._hud.map_open or painter is None:
            self._hud.plan_map(None, None)
            return
        if now - self._painted_at >= REPAINT_S:
            self._painted_at = now
            position = (float(feet[0]), float(feet[1]), float(feet[2]))
            azimuth = math.degrees(azimuth_rad)
            self._state = MapState(position, azimuth, people(), sensors(), now % 1.0 < 0.5)
            if self._follows:
                self._view = self._view.centred(position[0], position[1])
        view, state, translate = self._view, self._state, self._hud.translate

        def paint() -> Painted:
            return painter.paint(view, state, translate)

        self._hud.plan_map((view, state, translate.language), paint)

    def zoom(self, steps: float) -> None:
        """Nearer by steps of the wheel."""
        self._view = self._view.zoomed(steps)
        self._painted_at = -1e9

    def click(self, part: str, pixel: tuple[float, float]) -> Spot | None:
        """A click on the map; where it leads, if it leads anywhere."""
        if part in ZOOM_STEPS:
            self.zoom(ZOOM_STEPS[part])
        elif part == "here":
            self._follows = True
        elif part == "map" and self._painter is not None:
            return self._painter.spot(self._view, self._state, *pixel)
        return None
