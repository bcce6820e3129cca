"""Everything that a runtime may say, in every order, and what is done about it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vr_app.display.headset.lifecycle import (
    Action,
    Away,
    Lifecycle,
    Patience,
    SessionState,
    State,
)

PATIENCE = Patience()
BEGUN = (Action.BEGIN_SESSION, Action.TO_HEADSET)
LOST = (Action.DESTROY_SESSION, Action.TO_DESKTOP)
GONE = (Action.DESTROY_SESSION, Action.DESTROY_INSTANCE, Action.TO_DESKTOP)


def opened() -> Lifecycle:
    life = Lifecycle()
    assert life.tick(0.0) == (Action.OPEN,)
    life.opened()
    return life


def focused() -> Lifecycle:
    life = opened()
    assert life.session_state(SessionState.IDLE, 0.0) == ()
    assert life.session_state(SessionState.READY, 0.0) == BEGUN
    for said in (SessionState.SYNCHRONIZED, SessionState.VISIBLE, SessionState.FOCUSED):
        assert life.session_state(said, 0.0) == ()
    assert life.state is State.FOCUSED
    return life


def test_the_way_in_and_what_may_be_done_on_it() -> None:
    life = opened()
    seen = []
    for said in (
        SessionState.IDLE,
        SessionState.READY,
        SessionState.SYNCHRONIZED,
        SessionState.VISIBLE,
        SessionState.FOCUSED,
    ):
        life.session_state(said, 0.0)
        seen.append((life.waits_for_frames, life.draws(True), life.takes_input, life.worn))
    assert seen == [
        (False, False, False, False),
        (True, False, False, False),
        (True, False, False, False),
        (True, True, False, True),
        (True, True, True, True),
    ]
    assert not life.draws(False)


def test_taken_off_ends_the_session_but_keeps_it_and_put_on_begins_it_again() -> None:
    life = focused()
    life.session_state(SessionState.VISIBLE, 1.0)
    life.session_state(SessionState.SYNCHRONIZED, 1.0)
    assert life.session_state(SessionState.STOPPING, 1.0) == (Action.END_SESSION,)
    assert life.state is State.IDLE
    assert not life.waits_for_frames
    assert life.session_state(SessionState.IDLE, 1.0) == ()
    assert life.tick(1e6) == ()  # the session is there: nothing to open
    assert life.session_state(SessionState.READY, 2.0) == BEGUN


def test_the_runtimes_menu_takes_the_hands_only() -> None:
    life = focused()
    life.session_state(SessionState.VISIBLE, 1.0)
    assert life.draws(True)
    assert not life.takes_input


def test_asked_to_leave_destroys_all_and_comes_back_late() -> None:
    life = focused()
    life.session_state(SessionState.STOPPING, 9.0)
    life.session_state(SessionState.IDLE, 9.0)
    assert life.session_state(SessionState.EXITING, 10.0) == GONE
    assert (life.state, life.away) == (State.ABSENT, Away.EXITED)
    assert life.tick(10.0 + PATIENCE.exited_s - 0.1) == ()
    assert life.tick(10.0 + PATIENCE.exited_s) == (Action.OPEN,)


def test_loss_pending_keeps_the_instance_and_tries_soon() -> None:
    life = focused()
    assert life.session_state(SessionState.LOSS_PENDING, 10.0) == LOST
    assert life.away is Away.SESSION_LOST
    assert life.tick(10.0 + PATIENCE.first_s) == (Action.OPEN,)
    # The attempt then finds that the instance is dead too.
    assert life.instance_lost(10.6) == (Action.DESTROY_INSTANCE,)
    life.refused(Away.NO_RUNTIME, 10.6, keep_instance=False)
    assert life.away is Away.SESSION_LOST  # what the person is told has not changed
    assert life.instance_lost(10.7) == ()  # it is destroyed once only


def test_a_lost_instance_is_looked_for_often_first_and_seldom_later() -> None:
    life = focused()
    assert life.instance_lost(100.0) == GONE
    now, gaps = 100.0, []
    while now < 400.0:
        gaps.append(life.retry_at - now)
        now = life.retry_at
        assert life.tick(now) == (Action.OPEN,)
        assert life.tick(now + 1e6) == ()  # one attempt at a time
        life.refused(Away.NO_RUNTIME, now, keep_instance=False)
    early = [gap for gap in gaps if gap <= PATIENCE.lost_longest_s]
    assert sum(early) > PATIENCE.lost_for_s * 0.9
    assert gaps[:3] == [0.5, 1.0, 2.0]
    assert gaps[-1] == PATIENCE.absent_longest_s
    assert life.away is Away.NO_RUNTIME  # by now it is simply not there


def test_a_session_that_never_begins_is_not_made_without_end() -> None:
    life = Lifecycle()
    now, attempts = 0.0, 0
    while now < 60.0:
        assert life.tick(now) == (Action.OPEN,)
        attempts += 1
        life.opened()
        life.session_state(SessionState.LOSS_PENDING, now)
        now = life.retry_at
    assert attempts < 40


def test_who_asks_for_the_headset_does_not_wait() -> None:
    life = focused()
    life.session_state(SessionState.EXITING, 10.0)
    life.try_now()
    assert life.tick(10.0) == (Action.OPEN,)


def test_the_origin_moves_once_when_its_time_comes() -> None:
    life = focused()
    life.origin_change_pending(1_000)
    life.origin_change_pending(5_000)
    assert [life.recentred(time) for time in (999, 1_000, 1_001, 6_000, 6_001)] == [
        False,
        True,
        False,
        True,
        False,
    ]
    life.origin_change_pending(9_000)
    life.instance_lost(0.0)
    assert not life.recentred(10_000)


def test_what_is_said_of_a_destroyed_session_or_in_unknown_numbers_changes_nothing() -> None:
    life = focused()
    assert life.session_state(77, 0.0) == ()
    assert life.takes_input
    life.instance_lost(0.0)
    for said in SessionState:
        assert life.session_state(said, 0.0) == ()
    assert life.session_lost(0.0) == ()
    assert life.state is State.ABSENT


EVENTS = st.one_of(
    st.sampled_from([int(state) for state in SessionState]),
    st.sampled_from(["tick", "refused", "instance", "session", "try"]),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0.0, 50.0)), max_size=60))
def test_in_every_order_sessions_begin_and_end_in_pairs(
    events: list[tuple[int | str, float]],
) -> None:
    """A driver that obeys: what it holds must fit what it is told to do, whatever happens."""
    life = Lifecycle()
    now = 0.0
    instance = session = begun = headset = False
    for event, passed in events:
        now += passed
        if event == "tick":
            actions = life.tick(now)
        elif event == "refused":
            actions = life.tick(now)
            if Action.OPEN in actions:
                life.refused(Away.NO_HEADSET, now, keep_instance=True)
                instance, actions = True, ()
        elif event == "instance":
            actions = life.instance_lost(now)
        elif event == "session":
            actions = life.session_lost(now)
        elif event == "try":
            life.try_now()
            actions = ()
        else:
            assert isinstance(event, int)
            actions = life.session_state(event, now)
        for action in actions:
            match action:
                case Action.OPEN:
                    assert not session
                    instance = session = True
                    life.opened()
                case Action.BEGIN_SESSION:
                    assert session and not begun
                    begun = True
                case Action.END_SESSION:
                    assert begun
                    begun = False
                case Action.TO_HEADSET:
                    assert begun
                    headset = True
                case Action.DESTROY_SESSION:
                    assert session
                    session = begun = False
                case Action.DESTROY_INSTANCE:
                    assert instance and not session
                    instance = False
                case Action.TO_DESKTOP:
                    assert not session
                    headset = False
        assert life.running == begun
        assert session == (life.state is not State.ABSENT)
        assert not life.waits_for_frames or (begun and headset)
        assert not life.takes_input or life.waits_for_frames
        if life.state is State.ABSENT:
            assert life.retry_at - now <= PATIENCE.exited_s + 1e-9  # rounding of the sum
