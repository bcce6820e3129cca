"""What the end of a connection means for a session: another try, or an end for good.

Pure: knows no socket and no clock, and waits for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sync_server.wire.limits import CLOSES_TO_RETRY
from sync_server.wire.messages import Refusal
from vr_app.session.address import RoomAddress, explain
from vr_app.session.state import SessionStatus

BUSY_WAIT_S: Final = 3.0  # where the server has no room for us, or is about to close
# Reasons to stay out that may pass while we wait, once we have been in the room.
PASSING: Final = frozenset(
    {"server-room-full", "server-busy", "server-crowded", "server-locked", "server-closing"}
    | {"server-visit-not-stored", "server-hello-timeout"}
)
# What says that neither the resume token nor a ticket lets us in any more.
IDENTITY_GONE: Final = frozenset(
    {"server-ticket-expired", "server-ticket-used", "server-ticket-invalid", "server-resume-used"}
    | {"server-ticket-missing", "server-role-not-open", "server-ticket-other-room"}
)
# What keeps a person out who has something to look at meanwhile, and may pass while they do.
WAITED_FOR: Final = PASSING | {"session-no-server", "session-no-host", "session-timeout"}
NO_ROOMS: Final = frozenset({"session-no-rooms", "session-lost"})  # a proxy whose server is away


class Ended(Exception):
    """The session is over for good: a refusal that trying again would not change."""

    def __init__(self, message_id: str, arguments: Mapping[str, Any]) -> None:
        super().__init__(message_id)
        self.status = SessionStatus("refused", message_id, arguments)


class Lost(Exception):
    """The connection is gone; another try may help, `wait_s` seconds from now at the earliest."""

    def __init__(
        self,
        message_id: str = "session-reconnecting",
        arguments: Mapping[str, Any] | None = None,
        wait_s: float = 0.0,
    ) -> None:
        super().__init__(message_id)
        self.status = SessionStatus("reconnecting", message_id, arguments or {})
        self.wait_s = wait_s


def failed(address: RoomAddress, error: BaseException, been_in: bool) -> Ended | Lost:
    """There was no connection, or it broke. `been_in`: we have been in the room before."""
    # A first try that fails is a person's mistake to mend; later ones are the network's.
    return Lost() if been_in else Ended(*explain(address, error))


def patiently(ending: Ended | Lost) -> Ended | Lost:
    """The same for somebody who would rather wait than be told that a first try failed."""
    status = ending.status
    if isinstance(ending, Ended) and status.message_id in WAITED_FOR | NO_ROOMS:
        return Lost(status.message_id, status.arguments, BUSY_WAIT_S)
    return ending


def closed(
    address: RoomAddress, code: int | None, reason: str, closing: bool, been_in: bool
) -> Ended | Lost:
    """The connection was closed. `closing`: the server had said that it would close."""
    if closing and been_in:
        return Lost("session-server-closing", wait_s=BUSY_WAIT_S)
    if code is None or code < 4000 or code in CLOSES_TO_RETRY:
        return failed(address, ConnectionResetError(), been_in)
    message_id = reason if reason.startswith("server-") else "session-lost"
    return Ended(message_id, {"host": address.host, "port": str(address.port)})


def refused(refusal: Refusal, been_in: bool) -> Ended | Lost:
    """The server does not let us in."""
    if been_in and refusal.message_id in PASSING:
        return Lost(refusal.message_id, refusal.arguments, BUSY_WAIT_S)
    if been_in and refusal.message_id in IDENTITY_GONE:
        return Ended("session-identity-gone", {})
    return Ended(refusal.message_id, refusal.arguments)
