"""Whose request it is: the bearer token of a member, or nobody's in an open room.

Checks signature, time, room and whether the member was sent out since; it grants nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from sync_server.http.access import Viewer
from sync_server.room.tickets import HTTP_S, Ticket, room_of
from sync_server.transport.host import RoomHost
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Role
from sync_server.wire.records import ROOM_STATE_ID


class HttpRefused(Refused):
    """A request that is not answered; `status` is the HTTP status."""

    def __init__(self, status: int, message_id: str, **arguments: str | int) -> None:
        super().__init__(message_id, **arguments)
        self.status = status


@dataclass(frozen=True, slots=True)
class Tokens:
    """The rooms' tokens. `opened`: the role up to which rooms are open without a ticket."""

    hosts: Mapping[str, RoomHost]
    opened: Role | None
    clock: Callable[[], float]

    def viewer(self, request: Request) -> Viewer:
        """Who asks for a file of the twin. Raises `HttpRefused`."""
        text = _bearer(request)
        if text is not None:
            return self._member(text, None)
        if self.opened is None:
            raise HttpRefused(401, "server-files-token")
        return Viewer()

    def member(self, request: Request, room: str) -> Viewer:
        """Which member of a room asks. Raises `HttpRefused`."""
        text = _bearer(request)
        if text is None:
            raise HttpRefused(401, "server-files-token")
        if room not in self.hosts:
            raise HttpRefused(404, "server-files-room", room=room[:64])
        return self._member(text, room)

    def _member(self, text: str, room: str | None) -> Viewer:
        name = room_of(text) if room is None else room
        host = self.hosts.get(name or "")
        if host is None:
            raise HttpRefused(401, "server-ticket-invalid")
        try:
            ticket: Ticket = host.room.check_http(self.clock(), text)
        except Refused as error:
            raise HttpRefused(401, error.message_id, **error.arguments) from error
        if ticket.subject in self.rules(host, "kept_out"):
            raise HttpRefused(403, "server-kept-out")
        return Viewer(ticket.role, ticket.subject, ticket.room)

    @staticmethod
    def rules(host: RoomHost, name: str) -> list[str]:
        """Members named in the room's state: `kept_out`, `muted`."""
        state = host.room.records.get(ROOM_STATE_ID)
        return [] if state is None or state.deleted else list(state.payload.get(name, ()))

    def renewed(self, viewer: Viewer) -> tuple[str, int]:
        """A fresh token for a member who is present, and its seconds. Raises `HttpRefused`."""
        host = self.hosts.get(viewer.room)
        member = host.room.members.by_id(viewer.member) if host is not None else None
        if host is None or member is None:
            raise HttpRefused(401, "server-files-token")
        return host.room.http_token(self.clock(), member), HTTP_S


def _bearer(request: Request) -> str | None:
    values = request.headers.getlist("authorization")
    if not values:
        return None
    kind, _space, text = values[0].partition(" ")
    if len(values) > 1 or kind.lower() != "bearer" or not text.strip():
        raise HttpRefused(401, "server-ticket-invalid")
    return text.strip()
