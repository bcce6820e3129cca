"""The second member of the demonstration: a scripted person who walks, points and speaks.

Decides where the companion walks, by the scene and its floor; `vr_app.session.bot` plays it.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from assets.text import Translator
from scenes.schema import Scene
from scenes.walk.ground import Ground
from vr_app.demo.visit import Visit
from vr_app.session import RoomSession
from vr_app.session.bot import PointAt, Say, Script, ScriptedMember
from vr_app.world.walker import EYE_HEIGHT_M, Vector, gaze

WALK_M: Final = 2.5
AHEAD_M: Final = 4.5
POINT_REACH_M: Final = 12.0


def _triple(vector: Vector) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _floor(ground: Ground, point: Vector) -> Vector | None:
    hit = ground.floor(point, 1.0, 4.0)
    return None if hit is None else hit.point


def companion_script(scene: Scene, ground: Ground, translate: Translator) -> Script:
    """Walks to and fro in front of the viewpoint `together` and points at the wall beside it."""
    moment = Visit(scene).at(1e9)
    eye, azimuth = moment.eye, moment.azimuth_rad
    ahead, side = gaze(azimuth, 0.0), gaze(azimuth + math.pi / 2, 0.0)
    feet = eye - np.array([0.0, 0.0, EYE_HEIGHT_M])
    spots = [feet + ahead * AHEAD_M + side * offset for offset in (-WALK_M / 2, WALK_M / 2)]
    found = [floor for spot in spots if (floor := _floor(ground, spot)) is not None]
    if not found:
        found = [feet + ahead * AHEAD_M]
    wall = ground.solid(found[0] + np.array([0.0, 0.0, 1.4]), side - 0.35 * ahead, POINT_REACH_M)
    # What the companion says of acid water is true of the bundled mine alone.
    hello = "demo-companion-hello" if scene.fictional else "demo-companion-hello-there"
    actions: list[PointAt | Say] = [Say(6.0, translate(hello))]
    if wall is not None:
        actions += [PointAt(at, 10.0, _triple(wall.point)) for at in range(2, 36_000, 12)]
    return Script(
        waypoints=[_triple(spot) for spot in found],
        speed_m_s=0.35,
        look_at=None if wall is None else _triple(eye),
        actions=actions,
    )


def make_companion(
    address: str, scene: Scene, ground: Ground, translate: Translator
) -> ScriptedMember:
    """The companion, not yet started."""
    session = RoomSession(
        address, translate("demo-companion-name"), "engineer", translate.language, "offscreen"
    )
    return ScriptedMember(session, companion_script(scene, ground, translate))
