"""How the members' lines are: levels by documented bounds, told rarely and only what changed."""

from __future__ import annotations

import pytest

from sync_server.room.quality import (
    BAD,
    BAD_BACKLOG,
    FAIR,
    GOOD,
    STALE_S,
    UNKNOWN,
    WEAK,
    WEAK_BACKLOG,
    level,
)
from sync_server.wire.messages import Hello, Ping, Quality, encode
from tests.sync_server.rooms import NOW, join, make_room, sent


@pytest.mark.parametrize(
    ("round_trip", "jitter", "backlog", "expected"),
    [
        (None, None, 0, UNKNOWN),
        (None, None, BAD_BACKLOG + 1, BAD),
        (0.02, None, 0, GOOD),
        (0.15, 0.02, 0, GOOD),
        (0.16, 0.0, 0, FAIR),
        (0.30, 0.05, 0, FAIR),  # the line to Japan
        (0.02, 0.06, 0, WEAK),
        (0.80, 0.0, 0, WEAK),
        (0.81, 0.0, 0, BAD),
        (0.02, 0.2, 0, BAD),
        (0.02, 0.0, WEAK_BACKLOG, GOOD),
        (0.02, 0.0, WEAK_BACKLOG + 1, WEAK),
        (0.9, 0.0, WEAK_BACKLOG + 1, BAD),
        (0.02, 0.0, BAD_BACKLOG + 1, BAD),
        (3.2e10, 3.2e10, 0, BAD),
    ],
)
def test_a_level(
    round_trip: float | None, jitter: float | None, backlog: int, expected: int
) -> None:
    assert level(round_trip, jitter, backlog) == expected


def test_lines_are_told_once_a_second_and_only_what_changed() -> None:
    room = make_room()
    near, far = join(room), join(room)
    room.handle(NOW, near, Ping(sent=1.0, round_trip=0.010, jitter=0.001))
    room.handle(NOW, far, Ping(sent=1.0, round_trip=0.200, jitter=0.030))
    (told,) = sent(room.tick(NOW), Quality)
    assert told.values == [(near, GOOD, 10), (far, FAIR, 200)]
    room.handle(NOW, near, Ping(sent=1.0, round_trip=0.9, jitter=0.001))
    assert sent(room.tick(NOW + 0.2), Quality) == []  # too soon
    (told,) = sent(room.tick(NOW + 1.0), Quality)
    assert told.values == [(near, BAD, 900)]
    room.handle(NOW + 1, near, Ping(sent=1.0, round_trip=0.95, jitter=0.001))
    room.handle(NOW + 1, far, Ping(sent=1.0, round_trip=0.205, jitter=0.031))
    assert sent(room.tick(NOW + 2.0), Quality) == []  # as good as the same
    room.waiting(far, BAD_BACKLOG + 1)
    (told,) = sent(room.tick(NOW + 3.0), Quality)
    assert told.values == [(far, BAD, 205)]
    encode(told)
    # Somebody new is told of everybody; who is gone is not told of.
    room.leave(NOW, near)
    number, effects = room.join(NOW + 4, Hello(versions=[1], role="visitor"), "")
    assert sent(effects, Quality, number)[0].values == [(far, BAD, 205)]


def test_whoever_measures_nothing_any_more_is_unknown_again() -> None:
    room = make_room()
    number = join(room)
    room.handle(NOW, number, Ping(sent=1.0, round_trip=0.010))
    room.tick(NOW)
    room.handle(NOW + STALE_S, number, Ping(sent=1.0))  # an older client measures nothing
    assert sent(room.tick(NOW + STALE_S), Quality) == []
    (told,) = sent(room.tick(NOW + STALE_S + 1.0), Quality)
    assert told.values == [(number, UNKNOWN, 0)]
    room.handle(NOW + 40, number, Ping(sent=1.0, round_trip=3.2e10))
    (told,) = sent(room.tick(NOW + 40), Quality)
    assert told.values == [(number, BAD, 60_000)]
