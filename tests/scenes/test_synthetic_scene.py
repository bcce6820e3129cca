"""The scene of the bundled mine: places on floors, networks that balance and connect, sensors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scenes.errors import Refused
from scenes.geometry import Float64s
from scenes.schema import Network
from scenes.synthetic import MineParameters, SyntheticMine, demo_parameters, load_parameters
from scenes.synthetic.ventilation import solve_flows

UNDERGROUND = {"level", "decline", "drift", "stope", "sump", "refuge", "fan", "pump", "workshop"}


@pytest.fixture(scope="module")
def mine() -> SyntheticMine:
    return SyntheticMine(demo_parameters())


def network(mine: SyntheticMine, name: str) -> Network:
    return next(n for n in mine.scene.networks if n.id == name)


def air(mine: SyntheticMine, points: Float64s) -> Float64s:
    near = mine.void.candidates(points.min(axis=0) - 5, points.max(axis=0) + 5)
    return mine.void.distance(points, near, 1.0)


def test_the_mine_says_that_it_is_fictional_in_four_languages(mine: SyntheticMine) -> None:
    assert mine.scene.fictional
    assert set(mine.scene.note) == {"en", "ru", "kk", "ja"}
    titled = [*mine.scene.layers, *mine.scene.places, *mine.scene.viewpoints,
              *mine.scene.sensors, *mine.scene.objects,
              *(a for o in mine.scene.objects for a in o.actions),
              *(d for s in mine.scene.sensors for d in s.datastreams)]  # fmt: skip
    for thing in titled:
        assert set(thing.title) == {"en", "ru", "kk", "ja"}, thing.id
        assert all(text.strip() for text in thing.title.values()), thing.id


def test_visitors_see_the_fictional_mine_but_for_its_ore(mine: SyntheticMine) -> None:
    access = {layer.id: layer.access for layer in mine.scene.layers}
    assert access.pop("ore") == "restricted"
    assert len(access) == 10 and set(access.values()) == {"public"}


def test_places_underground_stand_on_the_floor(mine: SyntheticMine) -> None:
    places = [p for p in mine.scene.places if p.kind in UNDERGROUND]
    assert len(places) > 20
    points = np.array([p.position for p in places])
    floors = mine.void.floor_below(points + np.array([0, 0, 1.0]))
    assert np.abs(floors - points[:, 2]).max() < 0.3
    assert air(mine, points + np.array([0, 0, 1.0])).max() < 0


def test_walking_viewpoints_have_eyes_at_head_height_and_room_around(mine: SyntheticMine) -> None:
    views = [v for v in mine.scene.viewpoints if v.mode == "walk" and not v.id.startswith("portal")]
    eyes = np.array([v.position for v in views])
    assert {"decline", "sump", "drive", "stope", "refuge", "together"} <= {v.id for v in views}
    height = eyes[:, 2] - mine.void.floor_below(eyes)
    assert np.abs(height - 1.65).max() < 0.3
    assert air(mine, eyes).max() < -0.8


def test_spawn_is_on_the_floor_near_portal_2(mine: SyntheticMine) -> None:
    at = np.array([mine.scene.spawn.position])
    assert abs(mine.void.floor_below(at + np.array([0, 0, 1.0]))[0] - at[0, 2]) < 0.01
    portal = next(p for p in mine.scene.places if p.id == "portal-2")
    assert np.linalg.norm(np.array(portal.position) - at[0]) < 80


def test_travel_reaches_every_place(mine: SyntheticMine) -> None:
    travel = network(mine, "travel")
    joined: dict[str, set[str]] = {node.id: set() for node in travel.nodes}
    for edge in travel.edges:
        joined[edge.start].add(edge.end)
        joined[edge.end].add(edge.start)
    seen, todo = set(), [travel.nodes[0].id]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(joined[name])
    assert seen == set(joined)
    assert {n.place for n in travel.nodes if n.place} == {p.id for p in mine.scene.places}


def test_travel_stays_in_the_air_or_on_the_surface(mine: SyntheticMine) -> None:
    travel = network(mine, "travel")
    at = {node.id: np.array(node.position) for node in travel.nodes}
    lowest = mine.site.pit_bottom - 1.0
    checked = 0
    for edge in travel.edges:
        line = np.linspace(at[edge.start], at[edge.end], 7) + np.array([0, 0, 1.2])
        if line[:, 2].max() > lowest:
            continue
        assert air(mine, line).max() < 0, (edge.id, at[edge.start], at[edge.end])
        checked += 1
    assert checked > 200


def test_water_balances_at_every_node(mine: SyntheticMine) -> None:
    drainage = network(mine, "drainage")
    for node in drainage.nodes:
        arrives = sum(e.flow_m3_s or 0 for e in drainage.edges if e.end == node.id)
        out = [e for e in drainage.edges if e.start == node.id]
        if out:
            leaves = sum((e.flow_m3_s or 0) - (e.inflow_m3_s or 0) for e in out)
            assert leaves == pytest.approx(arrives, abs=1e-6), node.id
    down = {e.start: e.end for e in drainage.edges if (e.flow_m3_s or 0) > 0}
    for start in down:
        end, steps = start, 0
        while end in down and steps < len(drainage.nodes):
            end, steps = down[end], steps + 1
        assert end == "d-river-down", start
    pumped = next(e for e in drainage.edges if e.kind == "pump")
    assert 0.01 < (pumped.flow_m3_s or 0) < 0.05


def test_ditches_run_downhill_or_level(mine: SyntheticMine) -> None:
    drainage = network(mine, "drainage")
    height = {n.id: n.position[2] for n in drainage.nodes}
    for edge in drainage.edges:
        if edge.kind in ("ditch", "river"):
            assert height[edge.start] >= height[edge.end] - 0.12, edge.id


def test_air_balances_and_obeys_the_square_law(mine: SyntheticMine) -> None:
    net = network(mine, "ventilation")
    for node in net.nodes:
        into = sum(e.flow_m3_s or 0 for e in net.edges if e.end == node.id)
        out = sum(e.flow_m3_s or 0 for e in net.edges if e.start == node.id)
        assert into == pytest.approx(out, abs=1e-6), node.id
    # Pressure falls along every branch by r q^2, whatever way round one goes.
    pressure = {"v-atmosphere": 0.0}
    edges = [e for e in net.edges if e.kind != "fan"]
    for _ in net.nodes:
        for e in edges:
            drop = (e.resistance_ns2_m8 or 0) * (e.flow_m3_s or 0) ** 2
            if e.start in pressure and e.end not in pressure:
                pressure[e.end] = pressure[e.start] - drop
            elif e.end in pressure and e.start not in pressure:
                pressure[e.start] = pressure[e.end] + drop
    for e in edges:
        drop = (e.resistance_ns2_m8 or 0) * (e.flow_m3_s or 0) ** 2
        assert pressure[e.start] - pressure[e.end] == pytest.approx(drop, abs=0.05), e.id
    assert all((e.flow_m3_s or 0) > 1.0 for e in net.edges)


def test_flow_splits_by_resistance() -> None:
    flows = solve_flows(["a", "b"], [("a", "b", 1.0), ("a", "b", 4.0)], "a", "b", 30.0)
    assert flows == pytest.approx([20.0, 10.0], abs=1e-8)


def test_network_nodes_underground_are_in_the_air(mine: SyntheticMine) -> None:
    for name in ("drainage", "ventilation", "travel"):
        points = np.array([n.position for n in network(mine, name).nodes])
        under = points[:, 2] < mine.site.height(points[:, :2]) - 12.0
        under &= points[:, 2] < mine.site.pit_bottom - 1.0
        high = points[under] + np.array([0, 0, 1.0])
        assert under.sum() > 10 and air(mine, high).max() < 0, name


def test_sensors_have_sources_and_the_main_sump_is_acid(mine: SyntheticMine) -> None:
    known = {n.id for net in mine.scene.networks for n in net.nodes}
    places = {p.id for p in mine.scene.places}
    for sensor in mine.scene.sensors:
        assert sensor.place is None or sensor.place in places
        for node in (sensor.drainage_node, sensor.ventilation_node):
            assert node is None or node in known, sensor.id
        for stream in sensor.datastreams:
            assert stream.simulation is not None
            low, high = stream.range
            assert low <= stream.simulation.mean <= high
            assert all(band.source for band in stream.bands)
    sump = next(s for s in mine.scene.sensors if s.id == "water-main-sump")
    ph = next(d for d in sump.datastreams if d.property == "ph")
    assert ph.simulation is not None and ph.simulation.mean < 4
    limit = next(b.below for b in ph.bands if b.level == "alarm" and b.below is not None)
    assert limit == 5.8


def test_objects_can_be_used_and_undone(mine: SyntheticMine) -> None:
    events = {a.event for o in mine.scene.objects for a in o.actions}
    assert {"self_rescuer_donned", "self_rescuer_removed", "alarm_raised", "refuge_purged",
            "fan_stopped", "water_diverted", "refuge_door_closed"} <= events  # fmt: skip
    for thing in mine.scene.objects:
        assert thing.initial in thing.states
        reached = {thing.initial}
        for _ in thing.states:
            for action in thing.actions:
                assert action.to_state in thing.states
                assert set(action.from_states) <= set(thing.states)
                if not action.from_states or reached & set(action.from_states):
                    reached.add(action.to_state)
        assert reached == set(thing.states), thing.id


def test_the_scene_is_the_same_whatever_the_density(mine: SyntheticMine) -> None:
    finer = SyntheticMine(demo_parameters().model_copy(update={"triangles_million": 60.0}))
    assert finer.scene == mine.scene
    again = SyntheticMine(demo_parameters())
    assert again.scene.model_dump_json() == mine.scene.model_dump_json()
    assert len(json.dumps(mine.scene.model_dump(mode="json"))) < 2_000_000


def test_other_parameters_make_another_sound_mine() -> None:
    base = demo_parameters().model_dump()
    base["workings"] |= {"level_count": 3, "level_spacing_m": 35.0}
    base["seed"] = 7
    other = SyntheticMine(MineParameters.model_validate(base))
    points = np.array([p.position for p in other.scene.places if p.kind in UNDERGROUND])
    assert air(other, points + np.array([0, 0, 1.0])).max() < 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: [", "mine-parameters-not-yaml"),
        ("seed: -1", "mine-parameters-invalid"),
        ("colour: red", "mine-parameters-invalid"),
        ("triangles_million: 1000", "mine-parameters-invalid"),
        ("workings: {level_spacing_m: 22}", "mine-parameters-invalid"),
        ("just words", "mine-parameters-invalid"),
    ],
)
def test_bad_parameter_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(Refused) as caught:
        load_parameters(path)
    assert caught.value.message_id == message
    assert caught.value.arguments["file"] == str(path)


def test_an_empty_file_is_the_default_mine(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("")
    assert load_parameters(path) == MineParameters()
    with pytest.raises(Refused):
        load_parameters(tmp_path / "none.yaml")
