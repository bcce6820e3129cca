"""One member's figure as nodes, moved by postures. Frame thread only.

Geometry of a part is built once and shared by all members; who is present is `people_layer`'s.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Final

from panda3d.core import GeomNode, LPoint3, LQuaternion, LVecBase3, NodePath

from sync_server.wire.poses import Placed
from sync_server.wire.quantise import Vector
from vr_app.people import figure
from vr_app.people.posture import Limb, Posture
from vr_app.ui.theme import Colour
from vr_app.world.geom import make_geom_node
from vr_app.world.shapes import Solid

FAR_M: Final = 45.0
# Far figures come back to full detail a little nearer, so that none flickers at the limit.
NEAR_AGAIN_M: Final = 40.0


_SOLIDS: Final[dict[str, Callable[[], Solid]]] = {
    "head": lambda: figure.head(figure.MARK),
    "torso": lambda: figure.torso(figure.MARK),
    "far": lambda: figure.far_figure(figure.MARK),
    "leg": figure.leg,
    "upper arm": lambda: figure.arm_segment(upper=True),
    "forearm": lambda: figure.arm_segment(upper=False),
    "left glove": lambda: figure.glove(right=False),
    "right glove": lambda: figure.glove(right=True),
}


class Parts:
    """The geometry of all figures: computed once in a worker, built once, then shared."""

    def __init__(self) -> None:
        self._solids: dict[str, Solid] = {}
        self._made: dict[tuple[str, Colour | None], GeomNode] = {}
        self._worker = threading.Thread(target=self._compute, name="figures", daemon=True)
        self._worker.start()

    def _compute(self) -> None:
        for name, make in _SOLIDS.items():
            self._solids[name] = make()

    @property
    def ready(self) -> bool:
        """Whether figures can be built without waiting."""
        return not self._worker.is_alive()

    def attach(self, parent: NodePath, name: str, colour: Colour | None = None) -> NodePath:
        """A new node with the part's geometry."""
        self._worker.join()
        key = (name, colour)
        if key not in self._made:
            solid = self._solids[name]
            if colour is not None:
                solid = figure.coloured(solid, colour[:3])
            self._made[key] = make_geom_node(
                name,
                solid.positions,
                solid.triangles,
                solid.normals,
                solid.colours,
                solid.materials,
            )
        return NodePath(self._made[key]).copy_to(parent)


class Avatar:
    """A figure under `root`, which the world's shader lights."""

    def __init__(self, root: NodePath, parts: Parts, colour: Colour, name: str) -> None:
        self.node = root.attach_new_node(f"avatar {name}")
        self._near = self.node.attach_new_node("near")
        self._head = parts.attach(self._near, "head", colour)
        self._torso = parts.attach(self._near, "torso", colour)
        self._legs = [parts.attach(self._near, "leg") for _ in range(2)]
        self._uppers = [parts.attach(self._near, "upper arm") for _ in range(2)]
        self._fores = [parts.attach(self._near, "forearm") for _ in range(2)]
        self._gloves = [parts.attach(self._near, f"{s} glove") for s in ("left", "right")]
        self._far = parts.attach(self.node, "far", colour)
        self._far.hide()

    def is_far(self, distance_m: float) -> bool:
        """Whether the coarse figure, which has no posture, is enough at this distance."""
        return distance_m > (NEAR_AGAIN_M if self._near.is_hidden() else FAR_M)

    def stand(self, position: Vector, yaw: float) -> None:
        """Show the coarse figure: head position, and where it faces (radians)."""
        if self._far.is_hidden():
            self._near.hide()
            self._far.show()
        self._far.set_pos(*position)
        self._far.set_h(math.degrees(yaw))

    def show(self, posture: Posture) -> None:
        """Show the figure in a posture."""
        if self._near.is_hidden():
            self._near.show()
            self._far.hide()
        _place(self._head, posture.head)
        heading = math.degrees(posture.body_yaw)
        self._torso.set_pos_hpr(*posture.torso, heading, 0, 0)
        for side in range(2):
            _lay_along(self._uppers[side], posture.upper_arms[side])
            _lay_along(self._fores[side], posture.forearms[side])
            _place(self._gloves[side], posture.hands[side])
            swing = math.degrees(posture.leg_swings[side])
            self._legs[side].set_pos_hpr_scale(
                LPoint3(*posture.hips[side]),
                LVecBase3(heading, swing, 0),
                LVecBase3(1, 1, posture.leg_scale),
            )

    def remove(self) -> None:
        """Leave the world."""
        self.node.remove_node()


def _place(node: NodePath, placed: Placed) -> None:
    node.set_pos_quat(LPoint3(*placed.position), LQuaternion(*placed.orientation))


def _lay_along(node: NodePath, limb: Limb) -> None:
    """Put a sleeve of one metre between two joints."""
    (x0, y0, z0), (x1, y1, z1) = limb.start, limb.end
    x, y, z = x1 - x0, y1 - y0, z1 - z0
    level = math.hypot(x, y)
    heading = math.degrees(math.atan2(-x, y)) if level > 1e-9 else 0.0
    node.set_pos_hpr_scale(
        LPoint3(x0, y0, z0),
        LVecBase3(heading, math.degrees(math.atan2(z, level)), 0),
        LVecBase3(1, max(math.hypot(level, z), 0.01), 1),
    )
