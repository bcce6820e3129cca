"""What a tracked person sees of themselves: hands, laser, arc with its ring, and closed sight.

Given a `TrackedState` each frame, it only places and colours nodes.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import (
    Geom,
    GeomNode,
    GeomTriangles,
    GeomVertexData,
    GeomVertexFormat,
    GeomVertexWriter,
    LQuaternion,
    NodePath,
    OmniBoundingVolume,
    Vec3,
    Vec4,
)

from vr_app.display.tracking import LEFT, RIGHT, RigPose
from vr_app.locomotion.arc import Arc
from vr_app.overlay.images import blend_premultiplied
from vr_app.people.beam import Beam
from vr_app.tracked_part import HandSeen, TrackedState
from vr_app.ui.theme import Colour
from vr_app.world.lighting import load_shader

GOOD: Final = Vec4(0.35, 0.9, 0.5, 0.9)
BAD: Final = Vec4(0.95, 0.35, 0.25, 0.7)
CONTROLLER: Final = Vec4(0.30, 0.33, 0.36, 1.0)
JOINT: Final = Vec4(0.75, 0.72, 0.68, 1.0)
SIZE_M: Final = (0.045, 0.16, 0.035)  # of the shape that stands for a controller
JOINT_M: Final = 0.009
JOINTS: Final = 26
DOTS: Final = 28  # along an arc
DOT_M: Final = 0.018
RING_M: Final = 0.35
RING_PARTS: Final = 32
DOME_M: Final = 0.4
DOME_RINGS, DOME_PARTS = 14, 24
REACH_M: Final = 200.0


def _node(
    name: str,
    places: npt.NDArray[np.float64],
    corners: npt.NDArray[np.int64],
    normals: npt.NDArray[np.float64] | None = None,
) -> GeomNode:
    """A small shape; made once."""
    data = GeomVertexData(name, GeomVertexFormat.get_v3n3(), Geom.UH_static)
    vertex, normal = GeomVertexWriter(data, "vertex"), GeomVertexWriter(data, "normal")
    ups = np.zeros_like(places) if normals is None else normals
    for place, up in zip(places.tolist(), ups.tolist(), strict=True):
        vertex.add_data3(*place)
        normal.add_data3(*up)
    shape = GeomTriangles(Geom.UH_static)
    for a, b, c in corners.tolist():
        shape.add_vertices(a, b, c)
    geom = Geom(data)
    geom.add_primitive(shape)
    node = GeomNode(name)
    node.add_geom(geom)
    return node


def _box(size: tuple[float, float, float]) -> GeomNode:
    corners = np.array(list(np.ndindex(2, 2, 2)), np.float64) - 0.5
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])
    places = corners * np.array(size)
    return _node("box", places, triangles, 2.0 * corners / math.sqrt(3.0))


def _ring() -> GeomNode:
    angles = np.linspace(0, math.tau, RING_PARTS, endpoint=False)
    around = np.stack([np.sin(angles), np.cos(angles), np.zeros_like(angles)], axis=1)
    places = np.concatenate([around * RING_M, around * RING_M * 0.82])
    k = np.arange(RING_PARTS)
    after = (k + 1) % RING_PARTS
    inner, inner_after = k + RING_PARTS, after + RING_PARTS
    corners = np.concatenate(
        [np.stack([k, after, inner], axis=1), np.stack([after, inner_after, inner], axis=1)]
    )
    return _node("ring", places, corners)


def _dome() -> GeomNode:
    """All directions but those far behind; y is the way ahead."""
    polar = np.linspace(0, math.radians(170), DOME_RINGS)
    turn = np.linspace(0, math.tau, DOME_PARTS, endpoint=False)
    a, b = np.meshgrid(polar, turn, indexing="ij")
    places = np.stack([np.sin(a) * np.sin(b), np.cos(a), np.sin(a) * np.cos(b)], axis=-1)
    first = np.arange((DOME_RINGS - 1) * DOME_PARTS)
    row, column = first // DOME_PARTS, first % DOME_PARTS
    right = row * DOME_PARTS + (column + 1) % DOME_PARTS
    corners = np.concatenate(
        [
            np.stack([first, right, first + DOME_PARTS], axis=1),
            np.stack([right, right + DOME_PARTS, first + DOME_PARTS], axis=1),
        ]
    )
    return _node("dome", places.reshape(-1, 3) * DOME_M, corners)


class HandView:
    """Everything of a tracked person's own, under `root` (scene frame). Frame thread only."""

    def __init__(self, root: NodePath, laser: Colour) -> None:
        self.root = root.attach_new_node("tracked person")
        self.root.set_shader(load_shader("hand"), 10)
        self.root.set_two_sided(True)
        self.root.hide()
        box, dot = _box(SIZE_M), _box((1.0, 1.0, 1.0))
        self._hands = {name: self._shape(f"{name} hand", box, CONTROLLER) for name in (LEFT, RIGHT)}
        self._joints = {
            name: [self._shape(f"{name} joint", dot, JOINT, JOINT_M) for _ in range(JOINTS)]
            for name in (LEFT, RIGHT)
        }
        self._arc = self.root.attach_new_node("arc")
        self._dots = [self._arc.attach_new_node(dot) for _ in range(DOTS)]
        for one in self._dots:
            one.set_scale(DOT_M)
        self._ring = self._arc.attach_new_node(_ring())
        blend_premultiplied(self._arc)
        self._arc.set_bin("transparent", 20)
        self._arc.hide()
        self._beam = Beam(self.root.attach_new_node("laser"), laser)
        self._dome = self.root.attach_new_node(_dome())
        self._dome.set_shader(load_shader("comfort"), 20)
        self._dome.node().set_bounds(OmniBoundingVolume())
        blend_premultiplied(self._dome)
        self._dome.set_depth_test(False)
        self._dome.set_bin("fixed", 100)
        self._dome.hide()

    def _shape(self, name: str, node: GeomNode, colour: Vec4, scale: float = 1.0) -> NodePath:
        path = self.root.attach_new_node(name)
        path.attach_new_node(node)
        path.set_scale(scale)
        path.set_shader_input("colour", colour)
        path.hide()
        return path

    def hide(self) -> None:
        """Nobody is tracked."""
        self.root.hide()

    def show(
        self, state: TrackedState, hit: npt.NDArray[np.float64] | None, pointing: bool
    ) -> None:
        """One frame; `hit` is where the laser ends, `pointing`: whether others see it too."""
        self.root.show()
        for name in (LEFT, RIGHT):
            self._show_hand(name, state.hands.get(name))
        self._show_arc(state.arc)
        ray = state.ray
        if ray is not None:
            end = ray.origin + REACH_M * ray.direction if hit is None else hit
            if not pointing:  # a short one shows where it would go
                way = end - ray.origin
                length = float(np.linalg.norm(way))
                end = ray.origin + way * min(1.0, 1.2 / max(length, 1e-6))
            self._beam.show(ray.origin.tolist(), end.tolist())
        else:
            self._beam.hide()
        if state.vignette > 0.001 or state.dark > 0.001:
            _put(self._dome, state.head)
            self._dome.set_shader_inputs(closed=float(state.vignette), dark=float(state.dark))
            self._dome.show()
        else:
            self._dome.hide()

    def _show_hand(self, name: str, hand: HandSeen | None) -> None:
        joints = None if hand is None else hand.joints
        held = None if hand is None else hand.grip or hand.aim
        box = self._hands[name]
        if joints is not None or held is None:
            box.hide()
        else:
            _put(box, held)
            box.show()
        for number, path in enumerate(self._joints[name]):
            if joints is None or number >= len(joints):
                path.hide()
            else:
                path.set_pos(*(float(v) for v in joints[number]))
                path.show()

    def _show_arc(self, arc: Arc | None) -> None:
        if arc is None:
            self._arc.hide()
            return
        self._arc.set_shader_input("colour", BAD if arc.landing is None else GOOD)
        steps = np.linalg.norm(np.diff(arc.points, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        wanted = np.linspace(0.0, along[-1], DOTS + 1)[1:]
        for axis_places, path in zip(
            np.stack([np.interp(wanted, along, arc.points[:, axis]) for axis in range(3)], axis=1),
            self._dots,
            strict=True,
        ):
            path.set_pos(*(float(v) for v in axis_places))
        if arc.landing is None:
            self._ring.hide()
        else:
            x, y, z = (float(v) for v in arc.landing)
            self._ring.set_pos(x, y, z + 0.02)
            self._ring.show()
        self._arc.show()


def _put(path: NodePath, pose: RigPose) -> None:
    path.set_pos(Vec3(*(float(v) for v in pose.position)))
    path.set_quat(LQuaternion(*(float(v) for v in pose.orientation)))
