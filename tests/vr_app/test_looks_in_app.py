"""Sections, layers and pointing in a room of a real server: what one does, everybody sees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.vr_app.pilot import Pilot
from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.controls import Wishes
from vr_app.demo.server_child import ServerChild
from vr_app.display.base import Display, open_display
from vr_app.joining import wait_joined
from vr_app.session import Record, RoomSession
from vr_app.world.walker import Intent


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    display = open_display("offscreen", (320, 180))
    yield display
    display.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    twin = make_tiny_twin(tmp_path_factory.mktemp("twin") / "tiny")
    state = tmp_path_factory.mktemp("state")
    options = ("--port", "0", "--open", "engineer", "--state", str(state))
    server = ServerChild(twin, *options)
    listening = server.wait_listening()
    yield f"{listening.ws}/{listening.rooms[0]}"
    server.stop()


@pytest.fixture
def pilot(display: Display, address: str) -> Iterator[Pilot]:
    pilot = Pilot(display, address)
    pilot.app.go_to_viewpoint("corner")
    yield pilot
    pilot.close()


def sections(session: RoomSession) -> list[Record]:
    return [one for one in session.records.values() if one.kind == "section" and not one.waiting]


def height_of(session: RoomSession) -> float:
    """Where the only section is, once it is stored; not a number until then."""
    found = sections(session)
    return float(found[0].payload["point"][2]) if found else float("nan")


def test_a_section_is_placed_moved_undone_and_taken_away(pilot: Pilot, address: str) -> None:
    other = RoomSession(address, "Айгерім", "engineer", "kk", "offscreen")
    other.start()
    wait_joined(other, address)
    try:
        pilot.do("sections")
        pilot.do("choose-1")  # level here
        pilot.until(lambda: pilot.app.twin.sections.count == 1)
        pilot.until(lambda: bool(other.poll() is not None and sections(other)))
        (seen,) = sections(other)
        assert seen.payload["normal"] == [0.0, 0.0, 1.0]
        height = seen.payload["point"][2]
        pilot.until(lambda: len(sections(pilot.session)) == 1)
        pilot.do()
        pilot.do("choose-5")  # cut more
        pilot.until(lambda: height_of(pilot.session) == pytest.approx(height - 1.0, abs=1e-3))
        pilot.do("undo")
        pilot.until(lambda: height_of(pilot.session) == pytest.approx(height, abs=1e-3))
        pilot.do("choose-7")  # a slab has two sides
        pilot.until(lambda: pilot.app.twin.sections.count == 2)
        pilot.do("choose-8")
        pilot.until(lambda: pilot.app.twin.sections.count == 0)
        pilot.until(lambda: other.poll() is not None and not sections(other))
    finally:
        other.close()


def test_others_are_not_offered_to_change_it(pilot: Pilot, address: str) -> None:
    other = RoomSession(address, "Болат", "engineer", "kk", "offscreen")
    other.start()
    wait_joined(other, address)
    try:
        other.command("section", {"point": [0, 0, 1], "normal": [0, 1, 0]})
        pilot.until(lambda: pilot.app.twin.sections.count == 1)
        pilot.do("sections")
        pilot.do()
        assert pilot.app.cuts.act_numbered(3) == "along"
        assert pilot.app.cuts.act_numbered(4) is None
        (theirs,) = sections(pilot.session)
        other.command("section", {}, "delete", theirs.id)
        pilot.until(lambda: pilot.app.twin.sections.count == 0)
    finally:
        other.close()


def test_layers_change_for_everybody_and_x_ray_for_one(pilot: Pilot) -> None:
    app = pilot.app
    layer = app.scene.layers[0]
    pilot.do("layers")
    app.layers.click(f"glass:{layer.id}")
    pilot.until(lambda: app.twin.facts_of(layer).glass)
    record = pilot.session.records[f"layer.{layer.id}"]
    assert record.payload["glass"] is True
    app.layers.click(f"less:{layer.id}")
    pilot.until(lambda: app.twin.facts_of(layer).opacity == 0.8)
    assert app.twin.facts_of(layer).glass, "one change leaves the others"
    pilot.do("undo")
    pilot.until(lambda: app.twin.facts_of(layer).opacity == 1.0)
    pilot.until(lambda: not pilot.session.records[f"layer.{layer.id}"].waiting)
    pilot.do("undo")
    pilot.until(lambda: not app.twin.facts_of(layer).glass)
    pilot.do("layers")
    pilot.do()
    before = pilot.display.picture().astype(int)
    pilot.do("xray")
    pilot.do()
    changed = np.abs(pilot.display.picture() - before)[160:].max(axis=2)  # below the notice
    assert app.twin.xray and (changed > 40).sum() > 100
    pilot.do("xray")
    assert not app.twin.xray


def test_the_laser_names_the_layer_that_it_meets(pilot: Pilot) -> None:
    app = pilot.app
    pilot.until(lambda: app.hit is not None)
    assert app.twin.pointed == ""
    for _ in range(2):
        app.frame(0.05, Wishes(Intent(), laser=True))
    assert app.twin.pointed in {layer.id for layer in app.scene.layers}
    assert app.hud._keys["hint"][0] == "" and app.hud._keys["hint"][1]
    pilot.do()
    pilot.do()
    assert app.twin.pointed == ""
