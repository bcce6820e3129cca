"""Guards: what they may say, and that hostile ones are refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from curricula.errors import Refused
from curricula.guards import compile_guard

CONTEXT = {"t": 3.0, "sensor": {"co": 200}, "limit": {"co": 200.0}, "me": {"masked": False}}


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("sensor.co >= limit.co && !me.masked", True),
        ("sensor.co > limit.co", False),
        ("t < 3 || me.masked", False),
        ("sensor.ch4 > 1", False),  # never heard of: not yet true
        ("t", False),  # no truth value
    ],
)
def test_guards_are_asked_about_a_context(source: str, answer: bool) -> None:
    assert compile_guard(source).holds(CONTEXT) is answer


def test_a_guard_knows_whether_time_alone_can_change_it() -> None:
    assert compile_guard("since.alarm > 3").follows_time
    assert not compile_guard("sensor.co > 3").follows_time


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os').system('true')",
        "9**9**9",
        "(" * 200 + "1" + ")" * 200,
        "!" * 390 + "true",
        "1" + "+1" * 190,
        "me.map(a, me.map(b, b))",
        "[1, 2].all(t, t > 1)",
        "me.exists(t, true)",
        "'a'.matches('(a+)+$')",
        "open('/etc/passwd')",
        "secret > 1",
        "1 +",
        "x" * 401,
    ],
)
def test_hostile_guards_are_refused(source: str) -> None:
    with pytest.raises(Refused) as caught:
        compile_guard(source)
    assert caught.value.message_id.startswith("drill-guard-")


def test_nesting_is_bounded_before_the_parser_sees_it() -> None:
    assert compile_guard("(" * 12 + "t" + ")" * 12 + " > 1")
    with pytest.raises(Refused) as caught:
        compile_guard("(" * 13 + "t" + ")" * 13 + " > 1")
    assert caught.value.message_id == "drill-guard-too-long"


def test_loading_a_drill_does_not_import_cel() -> None:
    code = (
        "import sys; from curricula.loader import load_drill; load_drill('fire_and_co');"
        "import curricula.runner, curricula.linter; sys.exit('cel' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
