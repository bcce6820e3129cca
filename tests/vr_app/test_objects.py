"""Which object a person means, and what they can do with it."""

from __future__ import annotations

import numpy as np
import pytest
from panda3d.core import NodePath

from scenes.schema import ObjectAction, SceneObject
from vr_app.world.objects import ObjectLayer

NORTH = np.array([0.0, 1.0, 0.0])


def thing(name: str, x: float, y: float, z: float = 1.6) -> SceneObject:
    action = {"title": {"en": "x"}, "from_states": ["stored"], "event": "donned"}
    return SceneObject(
        id=name,
        kind="self_rescuer",
        title={"en": name},
        position=(x, y, z),
        states=["stored", "donned"],
        initial="stored",
        actions=[ObjectAction(id="don", to_state="donned", **action)],  # type: ignore[arg-type]
    )


def layer(*things: SceneObject) -> ObjectLayer:
    return ObjectLayer(list(things), NodePath("world"))


@pytest.mark.parametrize(
    ("x", "y", "meant"),
    [
        (0.0, 2.0, True),
        (0.7, 1.8, True),  # beside the line of sight, but near: it is large in view
        (0.9, 2.6, False),
        (0.0, 3.5, False),  # out of reach
        (0.5, -1.0, False),  # behind
    ],
)
def test_what_is_meant_is_in_front_and_in_reach(x: float, y: float, meant: bool) -> None:
    eye = np.array([0.0, 0.0, 1.6])
    assert (layer(thing("one", x, y)).aimed_at(eye, NORTH) is not None) == meant


def test_the_one_nearest_to_the_line_of_sight_is_meant() -> None:
    both = layer(thing("left", -0.5, 2.0), thing("right", 0.2, 2.5))
    meant = both.aimed_at(np.array([0.0, 0.0, 1.6]), NORTH)
    assert meant is not None and meant.id == "right"


def test_an_action_is_possible_once_and_again_after_a_reset() -> None:
    one = thing("one", 0.0, 2.0)
    objects = layer(one)
    assert objects.possible_action(one) == "don"
    objects.show({"one": "donned"})
    assert objects.possible_action(one) is None
    objects.reset("one")
    assert objects.possible_action(one) == "don"
