"""One member's figure as nodes, moved by postures. Frame thread only.

Geometry of a part is built once and shared by all members; who is present is `people_layer`'s.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from panda3d.core import GeomNode, LQuaternion, NodePath, Point3, Vec3

from sync_server.wire.poses import Placed
from vr_app.people import figure
from vr_app.people.posture import Limb, Posture
from vr_app.ui.theme import Colour
from vr_app.world.geom import make_geom_node
from vr_app.world.shapes import Solid

FAR_M: Final = 45.0
# Far figures come back to full detail a little nearer, so that none flickers at the limit.
NEAR_AGAIN_M: Final = 40.0


def _node(name: str, solid: Solid) -> GeomNode:
    return make_geom_node(
        name, solid.positions, solid.triangles, solid.normals, solid.colours, solid.materials
    )


class Parts:
    """The geometry of all figures: made when first needed, then shared."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Colour | None], GeomNode] = {}

    def attach(self, parent: NodePath, name: str, colour: Colour | None = None) -> NodePath:
        """A new node with the part's geometry."""
        key = (name, colour)
        if key not in self._made:
            self._made[key] = _node(name, self._solid(name, colour))
        return NodePath(self._made[key]).copy_to(parent)

    @staticmethod
    def _solid(name: str, colour: Colour | None) -> Solid:
        shade = (200, 200, 200) if colour is None else colour[:3]
        match name:
            case "head":
                return figure.head(shade)
            case "torso":
                return figure.torso(shade)
            case "far":
                return figure.far_figure(shade)
            case "leg":
                return figure.leg()
            case "upper arm":
                return figure.arm_segment(upper=True)
            case "forearm":
                return figure.arm_segment(upper=False)
            case "left glove" | "right glove":
                return figure.glove(right=name.startswith("right"))
        raise KeyError(name)


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

    def show(self, posture: Posture, distance_m: float) -> None:
        """Take a posture, seen from a distance that decides how much detail is worth drawing."""
        far = self._near.is_hidden()
        if distance_m > (NEAR_AGAIN_M if far else FAR_M):
            self._near.hide()
            self._far.show()
            self._far.set_pos(*posture.head.position)
            self._far.set_h(math.degrees(posture.body_yaw))
            return
        if far:
            self._near.show()
            self._far.hide()
        _place(self._head, posture.head)
        self._torso.set_pos(*(float(value) for value in posture.torso))
        self._torso.set_h(math.degrees(posture.body_yaw))
        for side in range(2):
            _lay_along(self._uppers[side], posture.upper_arms[side])
            _lay_along(self._fores[side], posture.forearms[side])
            _place(self._gloves[side], posture.hands[side])
            leg = self._legs[side]
            leg.set_pos(*(float(value) for value in posture.hips[side]))
            swing = math.degrees(posture.leg_swings[side])
            leg.set_hpr(math.degrees(posture.body_yaw), swing, 0)
            leg.set_sz(posture.leg_scale)

    def remove(self) -> None:
        """Leave the world."""
        self.node.remove_node()


def _place(node: NodePath, placed: Placed) -> None:
    node.set_pos(*placed.position)
    node.set_quat(LQuaternion(*placed.orientation))


def _lay_along(node: NodePath, limb: Limb) -> None:
    """Put a sleeve of one metre between two joints."""
    along = limb.end - limb.start
    length = float(np.linalg.norm(along))
    node.set_pos(*(float(value) for value in limb.start))
    end = Point3(*(float(value) for value in limb.end))
    node.look_at(node.get_parent(), end, Vec3.up())
    node.set_scale(1, max(length, 0.01), 1)
