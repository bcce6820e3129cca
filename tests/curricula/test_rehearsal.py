"""Rehearsals: every bundled drill with every scripted trainee ends in the expected verdict."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from curricula.cast import self_cast
from curricula.commands import drill
from curricula.loader import bundled_drills, load_drill
from curricula.rehearsal import Rehearsal
from curricula.runner import log_lines, make_setup, read_log, replay
from curricula.schema import Mode, Profile
from curricula.scoring import canonical, score_sheet
from vr_app.console import Console

EXPECTED = {"perfect": "passed", "late": "failed", "rule-breaking": "failed", "aborting": "aborted"}


def rehearse(
    name: str,
    trainee: Any,
    *,
    seed: int = 0,
    profile: Profile | None = None,
    mode: Mode = "drill",
    people: int = 1,
) -> tuple[Rehearsal, dict[str, Any]]:
    one = load_drill(name).drill
    setup = make_setup(one, self_cast(one), profile=profile, mode=mode, seed=seed)
    rehearsal = Rehearsal(setup, trainee, people=people)
    return rehearsal, score_sheet(rehearsal.run())


@pytest.mark.parametrize("name", bundled_drills())
@pytest.mark.parametrize("trainee", EXPECTED)
@pytest.mark.parametrize("profile", ["site", "kz", "us"])
def test_each_trainee_gets_the_verdict_that_is_due(name: str, trainee: str, profile: Any) -> None:
    rehearsal, sheet = rehearse(name, trainee, profile=profile, people=2)
    assert sheet["verdict"] == EXPECTED[trainee]
    again = replay(rehearsal.setup, read_log(log_lines(rehearsal.log)))
    assert canonical(score_sheet(again)) == canonical(sheet)
    if trainee == "perfect":
        assert all(person["percent"] == 100 for person in sheet["people"])


def test_the_rule_breaker_is_caught_by_the_ceiling_with_value_and_source() -> None:
    _, sheet = rehearse("fire_and_co", "rule-breaking")
    crew = next(one for one in sheet["people"] if one["lane"] == "crew")
    row = next(one for one in crew["lost"] if one["item"] == "unmasked")
    assert row["value"] >= row["limit"]["value"] == 200
    assert row["unit"] == "[ppm]" and "NIOSH" in row["limit"]["source"]


def test_a_seed_draws_another_form_within_its_bounds() -> None:
    starts = set()
    for seed in range(8):
        _, sheet = rehearse("fire_and_co", "perfect", seed=seed)
        assert sheet["verdict"] == "passed"
        fire = next(one for one in sheet["injects"] if one["id"] == "fire")
        assert 5 <= fire["fired"][0] <= 20
        starts.add(fire["fired"][0])
    assert len(starts) == 8


def test_the_random_trainee_depends_on_the_seed_alone() -> None:
    sheets = [canonical(rehearse("fire_and_co", "random", seed=5)[1]) for _ in range(2)]
    assert sheets[0] == sheets[1] != canonical(rehearse("fire_and_co", "random", seed=6)[1])


def run(*arguments: str, language: str = "en") -> tuple[int, dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    status = drill(list(arguments), Console(language, True, out, err))
    return status, json.loads(out.getvalue()), err.getvalue()


@pytest.mark.parametrize("language", ["en", "ru", "kk", "ja"])
def test_the_command_prints_a_sheet_for_people_and_one_for_programs(language: str) -> None:
    status, result, shown = run("rehearse", "fire_and_co", "--trainee", "late", language=language)
    assert status == 0
    assert result["sheet"]["verdict"] == "failed"
    assert json.loads(result["canonical"]) == result["sheet"]
    assert "fire-" not in shown and "drill-" not in shown  # every id found its text
    for lost in result["sheet"]["people"][0]["lost"]:
        assert str(lost["points"]) in shown


def test_lint_tells_errors_by_its_status(tmp_path: Path) -> None:
    assert run("lint", "fire_and_co")[0] == 0
    source = load_drill("fire_and_co").path
    text = source.read_text(encoding="utf-8").replace("points: 15", "points: 14")
    (tmp_path / "drill.yaml").write_text(text, encoding="utf-8")
    status, result, shown = run("lint", str(tmp_path), str(tmp_path / "none.yaml"), "fire_and_co")
    assert status == 2  # one file could not be read at all
    ids = {one["id"] for one in result["files"][0]["findings"]}
    assert {"drill-lint-points", "drill-lint-no-file"} <= ids
    assert result["files"][1]["refused"] == "drill-file-missing"
    assert f"{tmp_path / 'drill.yaml'}:" in shown and "99" in shown
    assert run("lint", str(tmp_path))[0] == 1


def test_the_log_of_a_rehearsal_can_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    _, result, _ = run("rehearse", "fire_and_co", "--log", str(path))
    one = load_drill("fire_and_co").drill
    state = replay(
        make_setup(one, self_cast(one), mode="drill"), read_log(path.read_text(encoding="utf-8"))
    )
    assert canonical(score_sheet(state)) == result["canonical"]
