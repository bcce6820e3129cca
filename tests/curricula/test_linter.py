"""The linter: each mistake gives its finding at its line, and the bundled drills are clean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from curricula.cast import SceneFacts
from curricula.linter import Finding, lint
from curricula.loader import DRILL_FILE, DRILLS_FOLDER, bundled_drills, load_drill, parse_drill

FOLDER = DRILLS_FOLDER / "fire_and_co"
TEXT = (FOLDER / DRILL_FILE).read_text(encoding="utf-8")


def errors(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.severity == "error"]


@pytest.mark.parametrize("name", bundled_drills())
def test_bundled_drills_have_no_errors_and_say_what_nobody_has_checked(name: str) -> None:
    found = lint(load_drill(name))
    assert errors(found) == []
    assert sum(one.message_id == "drill-lint-unreviewed" for one in found) == 4
    unverified = {one.key for one in found if one.message_id == "drill-lint-unverified"}
    assert "limits.co_working_air.values.kz" in unverified


BROKEN = [
    # (what stands in the file, what to put there, finding, the text at its line)
    ("points: 15", "points: 16", "drill-lint-points", "    steps:"),
    ("duration_s: 720", "duration_s: 140", "drill-lint-inject-after-end", "    at_s: 150"),
    ("after_s: 10,", "after_s: 30,", "drill-lint-hint-late", "after_s: 30, say: fire-hint-resc"),
    ("{after_s: 150,", "{after_s: 45,", "drill-lint-hint-order", "say: fire-hint-safety-more"),
    (
        "        hints:\n          - {after_s: 10, say: fire-hint-rescuer}\n",
        "",
        "drill-lint-no-hint",
        "- id: don_rescuer",
    ),
    ("        within_s: 30\n", "", "drill-lint-critical-untimed", "- id: don_rescuer"),
    ("within_s: 300", "within_s: 800", "drill-lint-step-too-long", "within_s: 800"),
    ("at_s: [5, 20]", "at_s: [20, 5]", "drill-lint-bounds", "at_s: [20, 5]"),
    ("to: [500, 700]", "to: [700, 500]", "drill-lint-bounds", "to: [700, 500]"),
    ("after: report_count", "after: reprt_count", "drill-lint-after", "after: reprt_count"),
    (
        "after: raise_alarm",
        "after: order_withdrawal",
        "drill-lint-unreachable",
        "- id: name_position",
    ),
    ("after_inject: fire", "after_inject: flood", "drill-lint-after", "after_inject: flood"),
    ("wait: {guard: me.masked}", "wait: {guard: me.masked &}", "drill-lint-guard", "me.masked &"),
    ("{guard: me.masked}", "{guard: me.msked}", "drill-lint-guard-name", "me.msked"),
    (
        "{guard: room.refuge_closed}",
        "{guard: me.at.refuge}",
        "drill-lint-guard-me",
        "me.at.refuge}",
    ),
    (
        "right: answer == plan.position",
        "right: answer == plan.place",
        "drill-lint-guard-name",
        "plan.place",
    ),
    ("unless: room.at.refuge", "unless: room.at.refge", "drill-lint-guard-name", "room.at.refge"),
    ('never: "true"', "never: \"room['at']\"", "drill-lint-guard-index", "room['at']"),
    ('never: "true"', "never: answer == 1", "drill-lint-guard-name", "never: answer == 1"),
    (
        "sensor.co >= limit.co_ceiling",
        "sensor.c0 >= limit.co_ceiling",
        "drill-lint-guard-name",
        "    never: >-",
    ),
    (
        "do: ramp, sensor: co, to: [50",
        "do: ramp, sensor: c0, to: [50",
        "drill-lint-unknown",
        "sensor: c0",
    ),
    ("do: block, place: route_b", "do: block, place: route_c", "drill-lint-unknown", "route_c"),
    ("    limit: donning", "    limit: doning", "drill-lint-unknown", "limit: doning"),
    ("{choice: position,", "{choice: positn,", "drill-lint-unknown", "choice: positn"),
    ("    to: [crew]", "    to: [cew]", "drill-lint-unknown", "to: [cew]"),
    ("steps: [decide_fan]}", "steps: [decide]}", "drill-lint-unknown", "steps: [decide]"),
    ("say: fire-say-purge", "say: fire-say-prge", "drill-lint-untranslated", "fire-say-prge"),
    ("    lanes: [crew]\n    event", "    lanes: [crw]\n    event", "drill-lint-unknown", "[crw]"),
    ("  ja: {}\n", "", "drill-lint-language", "languages:"),
    (
        '    event: fan_reversed\n    never: "true"',
        '    event: fan_reversed\n    verdict: score\n    never: "true"',
        "drill-lint-rule-free",
        "- id: fan_reversed",
    ),
]


@pytest.mark.parametrize(("old", "new", "message_id", "at"), BROKEN, ids=lambda value: None)
def test_each_mistake_is_found_at_its_line(old: str, new: str, message_id: str, at: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    found = errors(lint(parse_drill(text, FOLDER / DRILL_FILE)))
    lines = text.splitlines()
    hits = [one for one in found if one.message_id == message_id]
    assert hits, [one.message_id for one in found]
    assert any(at in lines[one.line - 1] for one in hits), [lines[one.line - 1] for one in hits]


def copy_with(folder: Path, language: str, old: str, new: str) -> list[Finding]:
    shutil.copytree(FOLDER, folder / "drill")
    path = folder / "drill" / f"{language}.ftl"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return errors(lint(load_drill(folder / "drill")))


def test_a_missing_translation_names_language_and_key(tmp_path: Path) -> None:
    found = copy_with(tmp_path, "kk", "fire-say-purge =", "fire-say-prge =")
    assert [(one.message_id, one.arguments["language"]) for one in found] == [
        ("drill-lint-untranslated", "kk")
    ]
    assert found[0].key == "lanes.crew.steps.5.say"


def test_other_variables_and_broken_lines_are_found(tmp_path: Path) -> None:
    found = copy_with(tmp_path, "ja", "fire-title = 火災", "fire-title = { $n } 火災")
    assert [one.message_id for one in found] == ["drill-lint-variables"]
    found = copy_with(tmp_path / "2", "ru", "fire-title = ", "fire-title ")
    assert {one.message_id for one in found} == {"drill-lint-ftl", "drill-lint-untranslated"}
    assert next(one for one in found if one.message_id == "drill-lint-ftl").line == 2


def test_a_language_without_a_file_is_an_error(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "drill")
    (tmp_path / "drill" / "ja.ftl").unlink()
    assert [one.message_id for one in errors(lint(load_drill(tmp_path / "drill")))] == [
        "drill-lint-no-file"
    ]


def scene() -> SceneFacts:
    events = load_drill("fire_and_co").drill.event_names()
    return SceneFacts(
        "mine",
        objects={"sr-1": "self_rescuer", "tel": "telephone"},
        states={"sr-1": frozenset({"stowed"})},
        emitters={event: frozenset({"thing"}) for event in events},
        places={"refuge-1": "refuge", "portal": "portal", "decline-1": "decline"},
        datastreams={"co-1": "co"},
        units={"co-1": "[ppm]"},
    )


def test_a_scene_that_has_everything_adds_no_error() -> None:
    assert errors(lint(load_drill("fire_and_co"), scene())) == []


@pytest.mark.parametrize(
    ("group", "gone", "message_id", "key"),
    [
        ("objects", "sr-1", "drill-lint-unbound", "bindings.objects.self_rescuer"),
        ("places", "refuge-1", "drill-lint-unbound", "bindings.places.refuge"),
        ("datastreams", "co-1", "drill-lint-unbound", "bindings.datastreams.co"),
        ("emitters", "alarm_raised", "drill-lint-event", "lanes.crew.steps.0.wait.event"),
    ],
)
def test_what_a_scene_lacks_is_found(group: str, gone: str, message_id: str, key: str) -> None:
    facts = scene()
    del getattr(facts, group)[gone]
    found = errors(lint(load_drill("fire_and_co"), facts))
    assert (message_id, key) in {(one.message_id, one.key) for one in found}


def test_units_that_clash_and_states_that_do_not_exist_are_found() -> None:
    facts = scene()
    facts.units["co-1"] = "mg/m3"  # type: ignore[index]
    text = TEXT.replace(
        "      - {do: block, place: route_b}",
        "      - {do: object, object: self_rescuer, state: flying}",
    )
    found = {one.message_id for one in errors(lint(parse_drill(text, FOLDER / DRILL_FILE), facts))}
    assert found == {"drill-lint-unit", "drill-lint-state"}
