"""A new drill lints, plays and can be drawn as it is; the schema accepts what we ship."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from curricula.cast import self_cast
from curricula.commands import drill_schema
from curricula.errors import Refused
from curricula.graph import graph
from curricula.linter import lint
from curricula.loader import bundled_drills, load_drill, parse_drill
from curricula.rehearsal import Rehearsal
from curricula.runner import make_setup
from curricula.scaffold import make_drill
from curricula.scoring import score_sheet
from curricula.texts import LANGUAGES, DrillText, read_texts
from vr_app.cli import run

SVG = "{http://www.w3.org/2000/svg}"


def test_a_new_drill_has_no_errors_and_is_honest(tmp_path: Path) -> None:
    found = lint(load_drill(make_drill(tmp_path / "water_inrush")))
    assert [one for one in found if one.severity == "error"] == []
    assert {one.message_id for one in found} <= {"drill-lint-unreviewed", "drill-lint-unverified"}


@pytest.mark.parametrize(
    ("trainee", "verdict"),
    [("perfect", "passed"), ("late", "failed"), ("aborting", "aborted"), ("rule-breaking", None)],
)
def test_a_new_drill_plays(tmp_path: Path, trainee: Any, verdict: str | None) -> None:
    drill = load_drill(make_drill(tmp_path / "a_drill")).drill
    sheet = score_sheet(Rehearsal(make_setup(drill, self_cast(drill)), trainee, people=2).run())
    if verdict is not None:
        assert sheet["verdict"] == verdict
    assert len(sheet["people"]) == 4


@pytest.mark.parametrize("name", ["Big", "1st", "a-b", "ä", "a" * 49, ".hidden"])
def test_names_that_no_drill_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as refused:
        make_drill(tmp_path / name)
    assert refused.value.message_id == "drill-new-name"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(Refused) as refused:
        make_drill(tmp_path / "mine")
    assert refused.value.message_id == "drill-new-exists"
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.parametrize("name", bundled_drills())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_inject_and_rule_is_drawn(name: str, language: str) -> None:
    source = load_drill(name)
    drill = source.drill
    root = ElementTree.fromstring(graph(drill, DrillText(read_texts(source.folder), language)))
    texts = {one.text or "" for one in root.iter(f"{SVG}text")}
    assert {step.id for step in drill.steps()} <= texts
    assert all(any(inject.id in one for one in texts) for inject in drill.injects)
    assert {f"✕ {rule.id}" for rule in drill.rules} <= texts
    boxes = [
        tuple(float(one.get(key, "0")) for key in ("x", "y", "width", "height"))
        for one in root.iter(f"{SVG}rect")
        if one.get("rx")
    ]
    for n, (x, y, w, h) in enumerate(boxes):
        for a, b, c, d in boxes[n + 1 :]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y, "boxes cover each other"
    assert len(list(root.iter(f"{SVG}path"))) >= len(drill.steps()) - len(drill.lanes)


def test_a_circle_of_steps_is_drawn_too(tmp_path: Path) -> None:
    path = make_drill(tmp_path / "round")
    text = path.read_text().replace("by: anyone\n        after_inject: gas", "after: log_headcount")
    drill = parse_drill(text, path).drill
    assert "raise_alarm" in graph(drill, DrillText({}, "en"))


def test_marks_in_texts_stay_texts(tmp_path: Path) -> None:
    path = make_drill(tmp_path / "marks")
    english = path.with_name("en.ftl")
    english.write_text(english.read_text().replace("A new drill", "<script>&</script>"))
    picture = graph(load_drill(path).drill, DrillText(read_texts(path.parent), "en"))
    assert "<script>" not in picture
    ElementTree.fromstring(picture)


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "mine", tmp_path / "mine.svg"
    assert run(["drill", "new", str(folder)]) == 0
    assert run(["--lang", "kk", "drill", "graph", str(folder), "--out", str(out)]) == 0
    assert "Жаңа жаттығу" in out.read_text(encoding="utf-8")
    assert run(["drill", "graph", str(folder), "--out", str(tmp_path / "no" / "x.svg")]) == 2
    capsys.readouterr()
    assert run(["--json", "drill", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == drill_schema()


def test_the_schema_names_every_key() -> None:
    schema = drill_schema()
    assert {"lanes", "injects", "rules", "limits"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
