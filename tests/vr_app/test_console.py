"""What a command may say: hostile names and arguments, one JSON object, languages."""

from __future__ import annotations

import io
import json

import pytest

from vr_app.console import Console
from vr_app.errors import CommandRefused, ViewError


def make(
    json_output: bool = False, language: str = "en"
) -> tuple[Console, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Console(language, json_output, out, err), out, err


@pytest.mark.parametrize("name", ["message_id", "self", "exit_code", "arguments"])
def test_an_argument_from_a_server_may_have_any_name(name: str) -> None:
    error = ViewError("server-forbidden", **{name: "x", "kind": "note"})
    assert error.exit_code == 1 and error.message_id == "server-forbidden"
    console, _out, err = make()
    console.failure(error.message_id, dict(error.arguments))
    assert "note" in err.getvalue()


def test_a_name_cannot_steer_the_terminal() -> None:
    console, out, err = make()
    console.line("\x1b[2Jgone\x07 \x9b31m\ttab\nnext")
    console.failure("server-unknown-room", {"room": "\x1b]0;title\x07", "known": "a"})
    said = out.getvalue() + err.getvalue()
    assert not any(letter in said for letter in "\x1b\x07\x9b")
    assert "\ttab\nnext" in said


def test_with_json_stdout_has_exactly_one_object() -> None:
    console, out, err = make(json_output=True)
    console.line("a row")
    console.failure("server-unknown-room", {"room": "x", "known": "y"})
    console.result({"second": True})
    (only,) = out.getvalue().splitlines()
    assert json.loads(only)["error"]["id"] == "server-unknown-room"
    assert "a row" in err.getvalue()


def test_a_refusal_ends_with_two() -> None:
    assert CommandRefused("bench-unknown").exit_code == 2


def test_progress_says_the_time_left_at_the_pace_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("vr_app.console.time.monotonic", lambda: now[0])
    err = io.StringIO()
    err.isatty = lambda: True  # type: ignore[method-assign]
    console = Console("en", err=err)
    for done, seconds in ((0, 0.0), (10, 1.0), (20, 10.0), (100, 10.0)):
        now[0] += seconds
        console.progress("scenes-baking", done, 100, name="pit")
    shown = [line for line in err.getvalue().split("\r\x1b[K") if "%" in line]
    assert [line.rstrip() for line in shown] == [
        "Baking pit 0 %",
        "Baking pit 10 %",
        "Baking pit 20 % · 0:44",
        "Baking pit 100 %",
    ]
