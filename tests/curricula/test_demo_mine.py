"""The bundled drills against the bundled mine: everything that they name is there."""

from __future__ import annotations

from functools import lru_cache

import pytest

from curricula.cast import SceneFacts, bind, facts_of_scene
from curricula.linter import lint
from curricula.loader import bundled_drills, load_drill
from curricula.rehearsal import Rehearsal
from curricula.runner import make_setup
from curricula.scoring import score_sheet
from scenes.synthetic import SyntheticMine, demo_parameters


@lru_cache
def facts() -> SceneFacts:
    return facts_of_scene(SyntheticMine(demo_parameters()).scene.model_dump(mode="json"))


@pytest.mark.parametrize("name", bundled_drills())
def test_a_bundled_drill_fits_the_bundled_mine(name: str) -> None:
    found = [one for one in lint(load_drill(name), facts()) if one.severity == "error"]
    assert [(one.line, one.message_id, one.arguments) for one in found] == []


@pytest.mark.parametrize("name", bundled_drills())
def test_a_perfect_trainee_passes_in_the_bundled_mine(name: str) -> None:
    drill = load_drill(name).drill
    setup = make_setup(drill, bind(drill, facts()), mode="drill")
    sheet = score_sheet(Rehearsal(setup, "perfect", people=2, facts=facts()).run())
    assert sheet["verdict"] == "passed"


def test_the_gas_heads_of_the_bundled_mine_differ_within_the_spread() -> None:
    drill = load_drill("fire_and_co").drill
    setup = make_setup(drill, bind(drill, facts()), mode="drill", seed=4)
    state = Rehearsal(setup, "late", facts=facts()).run()
    ends = [led.end for led in state.led.values()]
    assert len(ends) == len(set(ends)) > 3
    assert 500 <= max(ends) <= 700 and min(ends) >= 0.7 * max(ends)
