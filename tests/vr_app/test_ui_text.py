"""Line breaks, numbers, ages and the line editor: text logic that needs no picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.text import translator
from vr_app.ui.line_breaks import ELLIPSIS, clamp_lines, shorten, wrap
from vr_app.ui.line_editor import LineEditor
from vr_app.ui.numbers import age_text, clock_text, distance_text, number_text, unit_text

TEXTS = st.text("ab cd ef,。「」っー坑道Жж-", max_size=60)


def test_words_stay_whole() -> None:
    assert wrap("put on the self-rescuer", 12, len) == ["put on the", "self-rescuer"]
    assert wrap("a\n\nb", 5, len) == ["a", "", "b"]
    assert wrap("", 5, len) == [""]


def test_a_word_that_is_too_long_is_cut() -> None:
    assert wrap("x водоотливная", 6, len) == ["x", "водоот", "ливная"]


def test_japanese_breaks_between_characters() -> None:
    assert wrap("避難所まで進む", 3, len) == ["避難所", "まで進", "む"]


def test_kinsoku_keeps_marks_off_the_edges() -> None:
    # The mark that would start the second line takes its character with it.
    assert wrap("坑道内。出口", 3, len) == ["坑道", "内。出", "口"]
    assert wrap("坑道「出口」", 3, len) == ["坑道", "「出", "口」"]


def test_latin_words_inside_japanese_stay_whole() -> None:
    assert wrap("書いてEnterを押す", 7, len) == ["書いて", "Enterを押", "す"]


@given(TEXTS, st.integers(2, 20))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width, len)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    # Marks that may stand neither first nor last hold atoms together; those are cut, not grown.
    assert all(len(line) <= width for line in lines)


@given(TEXTS, st.integers(2, 20))
def test_shortened_texts_fit(text: str, width: int) -> None:
    short = shorten(text, width, len)
    assert len(short) <= width
    assert short == text or short.endswith(ELLIPSIS)


def test_left_out_lines_are_marked() -> None:
    assert clamp_lines(["one", "two", "three"], 2, 10, len) == ["one", "two…"]
    assert clamp_lines(["one"], 2, 10, len) == ["one"]


@pytest.mark.parametrize(
    ("value", "decimals", "language", "expected"),
    [
        (3.456, 2, "en", "3.46"),
        (3.456, 2, "ru", "3,46"),
        (-0.014, 3, "kk", "−0,014"),
        (-0.0001, 2, "en", "0.00"),
        (12345.6, 1, "ja", "12\u00a0345.6"),
        (1234.0, 0, "en", "1234"),
        (float("nan"), 1, "en", "–"),
    ],
)
def test_numbers(value: float, decimals: int, language: str, expected: str) -> None:
    assert number_text(value, decimals, language) == expected


def test_units_are_written_as_people_do() -> None:
    assert unit_text("m3/s", translator("ru")) == "м³/с"
    assert unit_text("uS/cm", translator("en")) == "µS/cm"
    assert unit_text("[pH]", translator("ja")) == ""
    assert unit_text("kg/m2", translator("kk")) == "kg/m²"
    assert unit_text("[furlong]", translator("en")) == "[furlong]"


def test_ages_and_times() -> None:
    english = translator("en")
    seconds = (-1, 59.9, 60, 3599, 3600, 90000, float("1e20"))
    assert [age_text(s, english) for s in seconds[:-1]] == [
        "0 s", "59 s", "1 min", "59 min", "1 h", "1 d"]  # fmt: skip
    assert age_text(seconds[-1], english).endswith(" d")
    assert age_text(75, translator("ja")) == "1 分"
    assert [clock_text(s) for s in (0, 59.2, 61, 600)] == ["0:00", "1:00", "1:01", "10:00"]
    assert distance_text(4.25, translator("ru")) == "4,2\u00a0м"


def test_editing_a_line() -> None:
    editor = LineEditor().insert("water ris").key("home").key("right").key("delete")
    assert (editor.text, editor.cursor) == ("wter ris", 1)
    editor = editor.insert("a").key("end").insert("ing\n\x07")
    assert editor.text == "water rising"
    assert editor.key("word_backspace").text == "water "
    assert editor.key("backspace").text == "water risin"
    assert editor.key("left").key("nonsense").cursor == 11
    assert editor.insert("  ").taken() == ("water rising", LineEditor())


def test_the_editor_keeps_its_limit() -> None:
    assert LineEditor(limit=5).insert("abc").insert("defg").text == "abcde"


@given(st.lists(st.sampled_from(["x", "日", "left", "right", "home", "end", "backspace", "delete",
                                 "word_backspace"]), max_size=40))  # fmt: skip
def test_the_cursor_stays_inside(keys: list[str]) -> None:
    editor = LineEditor(limit=10)
    for key in keys:
        editor = editor.insert(key) if len(key) == 1 else editor.key(key)
        assert 0 <= editor.cursor <= len(editor.text) <= 10
