"""The benchmark `crash` in small: nothing acknowledged is lost, whatever is killed when."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tools.bench._crash_storage import OPERATIONS, kill_in
from tools.bench.crash import measure

MUST_NOT_HAPPEN = (
    "refused",
    "lost_acknowledged",
    "lost_commands",
    "duplicates",
    "gaps",
    "out_of_order",
    "disagreeing_views",
    "final_exit_status",
    "tracebacks",
)


def test_a_server_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    found = measure(tmp_path, kills=3, clients=3, seed=7)
    assert {name: found[name] for name in MUST_NOT_HAPPEN} == dict.fromkeys(MUST_NOT_HAPPEN, 0)
    assert found["kills"] >= 3 and found["reconnects"] >= 3
    assert found["acknowledged"] == found["commands"] == found["last_number"] > 20


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_file_that_is_left_in_the_middle_says_what_it_should(
    tmp_path: Path, operation: str
) -> None:
    found = kill_in(operation, tmp_path, 2, random.Random(3))
    assert found["kills"] == 2
    assert found["lost"] == found["wrong"] == 0
