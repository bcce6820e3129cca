"""The replay's clock: position and room time agree, whatever is pressed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.recording.playback import Playback
from sync_server.wire.records import ReplayAct, validated

LENGTH = 100.0
acts = st.one_of(
    st.builds(ReplayAct, act=st.just("play")),
    st.builds(ReplayAct, act=st.just("pause")),
    st.builds(ReplayAct, act=st.just("seek"), at_s=st.floats(0, 200)),
    st.builds(ReplayAct, act=st.just("speed"), speed=st.floats(0.1, 16)),
)


@given(st.lists(st.tuples(st.floats(0, 20), acts), max_size=20))
def test_the_position_moves_only_as_told(presses: list[tuple[float, ReplayAct]]) -> None:
    playback, now = Playback(LENGTH, since=1000.0), 1000.0
    for wait, act in presses:
        before, speed, playing = playback.position(now), playback.speed, playback.playing
        now += wait
        position = playback.position(now)
        moved = wait * speed if playing else 0.0
        assert position == pytest.approx(min(before + moved, LENGTH), abs=1e-6)
        jumped = playback.take(now, act)
        assert jumped or playback.position(now) == pytest.approx(position, abs=1e-6)
        assert 0 <= playback.position(now) <= LENGTH
        assert validated("replay_state", playback.payload(5.0, "mine"))["playing"] in {True, False}


@given(position=st.floats(0, LENGTH), speed=st.floats(0.1, 16), at=st.floats(0, LENGTH))
def test_room_time_is_the_inverse_of_the_position(position: float, speed: float, at: float) -> None:
    playback = Playback(LENGTH, at_s=at, since=1000.0, speed=speed)
    due = playback.room_time(position)
    if due >= 1000.0:
        assert playback.position(due) == pytest.approx(position, abs=1e-6)


def test_nothing_is_due_while_paused() -> None:
    playback = Playback(LENGTH, at_s=10.0, since=1000.0, playing=False)
    assert playback.room_time(10.5) == math.inf
    assert playback.room_time(9.0) == 1000.0
    playback.take(1050.0, ReplayAct(act="play"))
    assert playback.room_time(10.5) == pytest.approx(1050.5)


def test_at_the_end_it_stops_or_begins_again_and_play_begins_again() -> None:
    once, loop = Playback(LENGTH, since=0.0), Playback(LENGTH, since=0.0, loop=True)
    assert not once.end(100.0) and once.position(120.0) == LENGTH
    assert loop.end(100.0) and loop.position(103.0) == pytest.approx(3.0)
    assert once.take(130.0, ReplayAct(act="play")) and once.position(132.0) == pytest.approx(2.0)
