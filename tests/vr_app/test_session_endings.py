"""When a session tries again, when it stays out, and what is said of it."""

from __future__ import annotations

import pytest

from sync_server.wire.limits import CLOSE_KEPT_OUT
from sync_server.wire.messages import Refusal
from vr_app.session.address import parse_address
from vr_app.session.endings import BUSY_WAIT_S, Ended, Lost, closed, failed, refused

ADDRESS = parse_address("ws://10.0.0.5:7600/mine")


def told(message_id: str, **arguments: str | int) -> Refusal:
    return Refusal(message_id=message_id, arguments=arguments, english="")


def test_a_full_room_is_waited_for_by_who_was_in_it_and_says_which() -> None:
    full = told("server-room-full", room="mine", n=100)
    first = refused(full, been_in=False)
    assert isinstance(first, Ended) and first.status.state == "refused"
    again = refused(full, been_in=True)
    assert isinstance(again, Lost) and again.wait_s == BUSY_WAIT_S
    assert again.status.state == "reconnecting"
    assert again.status.arguments == first.status.arguments == {"room": "mine", "n": 100}


def test_a_way_back_that_is_gone_is_said_as_such_to_who_was_in() -> None:
    used = told("server-resume-used")
    assert refused(used, been_in=False).status.message_id == "server-resume-used"
    ended = refused(used, been_in=True)
    assert isinstance(ended, Ended) and ended.status.message_id == "session-identity-gone"


def test_a_first_try_that_fails_is_for_a_person_to_mend() -> None:
    first = failed(ADDRESS, ConnectionRefusedError(), been_in=False)
    assert isinstance(first, Ended) and "10.0.0.5" in first.status.arguments.values()
    assert isinstance(failed(ADDRESS, ConnectionRefusedError(), been_in=True), Lost)


@pytest.mark.parametrize(
    ("code", "reason", "closing", "message_id", "tries_again"),
    [
        (1001, "", True, "session-server-closing", True),
        (1006, "", False, "session-reconnecting", True),
        (None, "", False, "session-reconnecting", True),
        (CLOSE_KEPT_OUT, "server-kept-out", False, "server-kept-out", False),
        (4999, "whatever it is", False, "session-lost", False),
    ],
)
def test_a_close_says_whether_to_come_back(
    code: int | None, reason: str, closing: bool, message_id: str, tries_again: bool
) -> None:
    end = closed(ADDRESS, code, reason, closing, been_in=True)
    assert isinstance(end, Lost) is tries_again
    assert end.status.message_id == message_id
