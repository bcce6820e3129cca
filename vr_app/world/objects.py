"""Interactable objects of the scene as things one can see: cabinets, valves, doors, telephones.

Draws each object in its present state; what may be done with it, and the state, come from the
scene and the room.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath

from scenes.schema import SceneObject
from vr_app.world.geom import make_geom_node
from vr_app.world.shapes import Solid, ball, box, join, ring, tube

AIM_COSINE = math.cos(math.radians(15))
FRONT_COSINE = math.cos(math.radians(50))
BESIDE_M = 0.8
REACH_M = 3.0  # how near a hand (or a laser) must be to act

GREEN, WHITE, ORANGE = (24, 120, 66), (225, 228, 224), (226, 106, 28)
YELLOW, RED, GREY, DARK, BLUE = (
    (228, 178, 26),
    (188, 34, 30),
    (128, 132, 136),
    (38, 40, 44),
    (38, 96, 170),
)


def _self_rescuer(state: str) -> Solid:
    # A shelf on the wall with self-rescuers in their cases; one hook is empty once worn.
    solids = [
        box((0, 0.02, 0.0), (0.9, 0.04, 0.62), GREEN),
        box((0, 0.13, -0.28), (0.9, 0.22, 0.03), GREEN),
        box((0, 0.045, 0.25), (0.84, 0.012, 0.09), WHITE),
    ]
    for slot, x in enumerate((-0.3, 0.0, 0.3)):
        if slot == 1 and state == "donned":
            continue
        solids += [
            tube([(x, 0.13, -0.26), (x, 0.13, 0.04)], [0.085, 0.085], ORANGE, "plastic"),
            tube([(x, 0.13, 0.04), (x, 0.13, 0.10)], [0.087, 0.06], DARK, "plastic"),
            box((x, 0.225, -0.1), (0.08, 0.01, 0.1), WHITE),
        ]
    return join(solids)


def _telephone(state: str) -> Solid:
    lifted = 0.14 if state != "idle" and state != "on_hook" else 0.0
    return join(
        [
            box((0, 0.06, 0), (0.26, 0.12, 0.34), YELLOW),
            box((0.04, 0.125, -0.05), (0.13, 0.01, 0.16), DARK, "plastic"),
            tube(
                [
                    (-0.09, 0.15 + lifted, -0.12),
                    (-0.09, 0.17 + lifted, 0),
                    (-0.09, 0.15 + lifted, 0.12),
                ],
                [0.032, 0.022, 0.032],
                DARK,
                "plastic",
            ),
            box((0, 0.03, 0.26), (0.3, 0.02, 0.14), BLUE),
        ]
    )


def _door(state: str) -> Solid:
    frame = [
        box((-0.62, 0, 1.05), (0.14, 0.3, 2.1), YELLOW, "steel"),
        box((0.62, 0, 1.05), (0.14, 0.3, 2.1), YELLOW, "steel"),
        box((0, 0, 2.16), (1.38, 0.3, 0.14), YELLOW, "steel"),
    ]
    leaf = join(
        [
            box((0.55, 0, 1.05), (1.1, 0.08, 2.06), GREEN, "steel"),
            box((0.95, 0.07, 1.05), (0.06, 0.08, 0.3), DARK, "steel"),
            box((0.55, 0.045, 1.6), (0.5, 0.01, 0.3), WHITE),
        ]
    )
    swing = -math.radians(105) if state in {"open", "opened"} else 0.0
    return join([*frame, leaf.moved((-0.55, 0, 0), swing)])


def _valve(state: str) -> Solid:
    wheel = RED if state in {"closed", "shut", "off"} else GREEN
    return join(
        [
            tube([(-0.45, 0.12, 0), (0.45, 0.12, 0)], [0.07, 0.07], GREY, "steel"),
            tube([(-0.12, 0.12, 0), (0.12, 0.12, 0)], [0.12, 0.12], DARK, "steel"),
            tube([(0, 0.12, 0), (0, 0.36, 0)], [0.03, 0.03], GREY, "steel"),
            ring((0, 0.36, 0), 0.17, 0.018, wheel),
            box((0, 0.36, 0), (0.32, 0.02, 0.025), wheel),
            box((0, 0.36, 0), (0.025, 0.02, 0.32), wheel),
        ]
    )


def _lever(state: str) -> Solid:
    tip = (0, 0.34, -0.22) if state in {"down", "pulled", "on"} else (0, 0.34, 0.22)
    return join(
        [
            box((0, 0.06, 0), (0.3, 0.12, 0.5), YELLOW),
            tube([(0, 0.1, 0), tip], [0.018, 0.018], GREY, "steel"),
            ball(tip, 0.045, RED, "plastic"),
        ]
    )


def _switch(state: str) -> Solid:
    running = state in {"run", "running", "on"}
    return join(
        [
            box((0, 0.07, 0), (0.42, 0.14, 0.56), GREY, "steel"),
            tube(
                [(-0.09, 0.14, 0.1), (-0.09, 0.17, 0.1)],
                [0.04, 0.04],
                (40, 190, 70) if running else (20, 60, 30),
                "lamp" if running else "plastic",
            ),
            tube(
                [(0.09, 0.14, 0.1), (0.09, 0.17, 0.1)],
                [0.04, 0.04],
                RED if running else (250, 60, 40),
                "plastic" if running else "lamp",
            ),
            box((0, 0.145, -0.12), (0.26, 0.01, 0.12), WHITE),
        ]
    )


def _sampling_point(state: str) -> Solid:
    del state
    return join(
        [
            tube([(0, 0, -0.9), (0, 0, 0.25)], [0.025, 0.025], BLUE, "steel"),
            tube(
                [(0, 0, 0.1), (0, 0.16, 0.1), (0, 0.17, 0.0)], [0.018, 0.018, 0.014], GREY, "steel"
            ),
            box((0, 0.02, 0.33), (0.26, 0.02, 0.16), BLUE),
        ]
    )


def _other(state: str) -> Solid:
    del state
    return box((0, 0.1, 0), (0.3, 0.2, 0.3), BLUE)


_SHAPES: dict[str, Callable[[str], Solid]] = {
    "self_rescuer": _self_rescuer,
    "telephone": _telephone,
    "door": _door,
    "valve": _valve,
    "lever": _lever,
    "switch": _switch,
    "sampling_point": _sampling_point,
}


class ObjectLayer:
    """All interactable objects of a scene, under one node."""

    def __init__(self, objects: list[SceneObject], root: NodePath) -> None:
        self.objects = {one.id: one for one in objects}
        self._root = root.attach_new_node("objects")
        self._nodes: dict[str, NodePath] = {}
        self.states: dict[str, str] = {}
        self.show({one.id: one.initial for one in objects})

    def show(self, states: Mapping[str, str]) -> None:
        """Draw objects whose state changed."""
        for object_id, state in states.items():
            thing = self.objects.get(object_id)
            if thing is None or self.states.get(object_id) == state:
                continue
            if object_id in self._nodes:
                self._nodes[object_id].remove_node()
            solid = _SHAPES.get(thing.kind, _other)(state)
            node = self._root.attach_new_node(
                make_geom_node(
                    f"object {object_id}",
                    solid.positions,
                    solid.triangles,
                    solid.normals,
                    solid.colours,
                    solid.materials,
                )
            )
            node.set_pos(*thing.position)
            node.set_h(-thing.azimuth_deg)
            self._nodes[object_id] = node
            self.states[object_id] = state

    def reset(self, object_id: str) -> None:
        """Draw an object as it was in the beginning."""
        thing = self.objects.get(object_id)
        if thing is not None:
            self.show({object_id: thing.initial})

    def aimed_at(
        self, eye: npt.NDArray[np.float64], gaze: npt.NDArray[np.float64], reach_m: float = REACH_M
    ) -> SceneObject | None:
        """The object nearest to the line of sight, within reach: 15 degrees from it or, for what
        is near enough to be large in view, an arm's breadth beside it."""
        best, best_cosine = None, -1.0
        for thing in self.objects.values():
            to_object = np.asarray(thing.position) - eye
            distance = float(np.linalg.norm(to_object))
            if distance > reach_m or distance < 1e-6:
                continue
            cosine = float(to_object @ gaze) / distance
            beside = distance * math.sqrt(max(1.0 - cosine * cosine, 0.0))
            aimed = cosine > AIM_COSINE or (cosine > FRONT_COSINE and beside < BESIDE_M)
            if aimed and cosine > best_cosine:
                best, best_cosine = thing, cosine
        return best

    def possible_action(self, thing: SceneObject) -> str | None:
        """The first action that the object's state allows."""
        state = self.states.get(thing.id, thing.initial)
        for action in thing.actions:
            if not action.from_states or state in action.from_states:
                return action.id
        return None
