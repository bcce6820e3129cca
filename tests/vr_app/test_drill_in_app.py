"""The fire drill as a person passes it in the application: telephone, mask, refuge, answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.bake.layer import bake_layer
from scenes.schema import Layer, SceneObject
from scenes.twin import save_scene
from scenes.walk import build_walk
from sync_server.storage.people import People
from tests.sync_server.drills.fire_scene import REFUGE, fire_scene
from tests.vr_app.pilot import Pilot
from tests.vr_app.tiny_twin import room_mesh
from vr_app.controls import Wishes
from vr_app.demo.server_child import ServerChild
from vr_app.display.base import Display, open_display
from vr_app.world.walker import Intent

SPEED = "4"  # drill seconds in a second


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    display = open_display("offscreen", (320, 180))
    yield display
    display.close()


def make_fire_twin(folder: Path) -> Path:
    """One hall of 80 m with the drill's objects along its north wall, 4 m apart."""
    bake_layer(folder / "tiles/drift", [room_mesh((-20, -10, 0), (60, 10, 5))], (0, 0, 0))
    scene = fire_scene()
    objects = [
        SceneObject.model_validate(
            one.model_dump() | {"position": (4.0 * index, 9.8, 1.6), "azimuth_deg": 180.0}
        )
        for index, one in enumerate(scene.objects)
    ]
    layers = [Layer(id="drift", kind="drift")]
    save_scene(folder, scene.model_copy(update={"objects": objects, "layers": layers}))
    build_walk(folder)
    return folder


class Trainee(Pilot):
    """A person in the drill."""

    def use(self, kind: str) -> None:
        """Walk up to the first object of a kind and use it."""
        thing = next(one for one in self.app.scene.objects if one.kind == kind)
        east, north, _ = thing.position
        self.app.go_to(np.array([east, north - 1.8, 0.0]), 0.0)
        self.do()
        assert self.app.target is not None and self.app.target.id == thing.id
        self.do("use")

    def mine(self) -> dict[str, Any]:
        """My row of the drill's state."""
        state = self.session.records["fire_and_co"].payload
        row = state["people"].get(self.session.me, {})
        return dict(row)

    def until_step(self, step: str) -> None:
        """Frames until the panel shows this step."""
        self.until(lambda: step in [one["step"] for one in self.mine().get("prompts", [])])


@pytest.mark.timeout(180)
def test_a_person_passes_the_drill_in_the_application(display: Display, tmp_path: Path) -> None:
    twin = make_fire_twin(tmp_path / "twin")
    server = ServerChild(
        twin, "--port", "0", "--open", "engineer", "--simulate", "--state", str(tmp_path / "state"),
        "--drill", "fire_and_co", "--drill-speed", SPEED,
    )  # fmt: skip
    with ExitStack() as on_leaving:
        on_leaving.callback(server.stop)
        listening = server.wait_listening()
        trainee = Trainee(display, f"{listening.ws}/{listening.rooms[0]}")
        on_leaving.callback(trainee.close)
        # What the panel shows, not what the session knows: a key counts once its panel is there.
        trainee.until(lambda: trainee.app.drill.phase == "waiting")
        trainee.do("drill")
        trainee.until_step("raise_alarm")
        trainee.use("telephone")
        trainee.until_step("don_rescuer")
        trainee.use("self_rescuer")
        trainee.until_step("check_seal")
        trainee.until(lambda: trainee.app.drill.asking)
        trainee.do("choose-1")
        trainee.until_step("reach_safety")
        trainee.app.go_to(np.array([*REFUGE[:2], 0.0]), 0.0)
        trainee.until_step("close_refuge")
        trainee.use("door")
        trainee.until_step("purge_refuge")
        trainee.use("valve")
        trainee.app.go_to(np.array([*REFUGE[:2], 0.0]), 0.0)
        trainee.until_step("report_count")
        trainee.until(lambda: trainee.app.drill.asking)
        trainee.do("choose-1")  # opens the line for a number
        trainee.app.frame(0.02, Wishes(Intent(), typed="1"))
        trainee.app.frame(0.02, Wishes(Intent(), edit_keys=["enter"]))
        trainee.until(lambda: trainee.session.records["fire_and_co"].payload["phase"] == "ended")
        row = trainee.mine()
        assert row["verdict"] == "passed", row
        assert row["score"] == row["available"] == 100
        with People(tmp_path / "state" / "people.sqlite3") as people:
            trainee.until(lambda: people.all_of(trainee.session.me or "")["scores"])
            score = people.all_of(trainee.session.me or "")["scores"][0]
        assert (score["drill"], score["score"]) == ("fire_and_co", 100)
