"""Drill files: what is taken, and where a refusal points."""

from __future__ import annotations

from pathlib import Path

import pytest

from curricula.errors import Refused
from curricula.loader import DRILL_FILE, DRILLS_FOLDER, bundled_drills, load_drill, parse_drill

TEXT = (DRILLS_FOLDER / "fire_and_co" / DRILL_FILE).read_text(encoding="utf-8")


def refused(text: str) -> Refused:
    with pytest.raises(Refused) as caught:
        parse_drill(text, Path("some.yaml"))
    return caught.value


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_every_bundled_drill_loads_by_name() -> None:
    assert bundled_drills()
    for name in bundled_drills():
        assert load_drill(name).drill.name == name


def test_an_unknown_key_is_refused_with_its_line() -> None:
    text = TEXT.replace("        late: critical", "        laet: critical")
    error = refused(text)
    assert error.message_id == "drill-file-unknown-key"
    assert error.arguments["line"] == line_of(text, "laet: critical")
    assert error.arguments["key"] == "lanes.crew.steps.1.laet"
    assert error.arguments["file"] == "some.yaml"
    assert error.exit_code == 2


def test_a_wrong_value_inside_a_change_is_refused_with_its_line() -> None:
    text = TEXT.replace("density: 0.35", "density: 35")
    error = refused(text)
    assert error.message_id == "drill-file-invalid"
    assert error.arguments["line"] == line_of(text, "density: 35")
    assert error.arguments["key"] == "injects.0.changes.1.density"


@pytest.mark.parametrize("value", [".nan", ".inf", "-1", "'soon'"])
def test_times_must_be_finite_and_positive(value: str) -> None:
    error = refused(TEXT.replace("within_s: 30\n", f"within_s: {value}\n"))
    assert error.arguments["key"] == "lanes.crew.steps.1.within_s"


def test_a_key_twice_is_refused() -> None:
    assert refused(TEXT.replace("pass_mark: 70", "pass_mark: 70\npass_mark: 10")).message_id == (
        "drill-file-not-yaml"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x\n",
        "!!python/object/apply:os.system ['true']",
        "{" * 50,
        "a: [" * 3000,
        "\t- broken",
        "",
        "\x00",
    ],
)
def test_hostile_or_broken_yaml_is_refused(text: str) -> None:
    assert refused(text).message_id.startswith("drill-file-")


def test_two_steps_of_one_name_are_refused() -> None:
    error = refused(TEXT.replace("- id: check_seal", "- id: don_rescuer"))
    assert "don_rescuer" in error.arguments["reason"]


def test_a_missing_file_names_the_bundled_drills(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        load_drill(tmp_path / "none.yaml")
    assert "fire_and_co" in caught.value.arguments["known"]


def test_the_digest_ignores_comments_and_sees_content() -> None:
    first = parse_drill(TEXT, Path("a.yaml")).digest
    assert parse_drill("# note\n" + TEXT, Path("a.yaml")).digest == first
    assert (
        parse_drill(TEXT.replace("duration_s: 720", "duration_s: 721"), Path("a")).digest != first
    )
