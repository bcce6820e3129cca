"""Decides who may come in, as whom and in which role: version, ticket, resume token, open role.

Pure: it reads no clock and makes no socket; what it remembers are the tickets already used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync_server.room.members import LANGUAGES, Members, clean_name
from sync_server.room.roles import is_open
from sync_server.room.tickets import RESUME_S, Ticket, check, sign
from sync_server.wire.errors import Refused
from sync_server.wire.limits import (
    CLOSE_FULL,
    CLOSE_ROLE,
    CLOSE_TICKET,
    CLOSE_VERSION,
    MAX_MEMBERS,
    SUPPORTED_VERSIONS,
)
from sync_server.wire.messages import Hello, Role


class NotAdmitted(Refused):
    """Somebody may not come in; `code` closes the socket."""

    def __init__(self, code: int, message_id: str, **arguments: str | int) -> None:
        super().__init__(message_id, **arguments)
        self.code = code


@dataclass(frozen=True, slots=True)
class Admission:
    """Who was let in. `resume` is their next resume token."""

    member: str
    name: str
    role: Role
    language: str
    generation: int
    resume: str


class Entrance:
    """The door of one room."""

    def __init__(
        self,
        room: str,
        secret: bytes,
        opened: Role | None,
        new_id: Callable[[], str],
        max_members: int = MAX_MEMBERS,
    ) -> None:
        self._room = room
        self._secret = secret
        self._opened = opened
        self._new_id = new_id
        self._max_members = max_members
        self._used: dict[str, float] = {}  # ticket id -> when it expires
        self._generations: dict[str, tuple[int, float]] = {}  # member -> last used, expiry

    def admit(self, now: float, hello: Hello, members: Members) -> Admission:
        """Who this is. Raises `NotAdmitted`."""
        if not set(hello.versions) & set(SUPPORTED_VERSIONS):
            raise NotAdmitted(
                CLOSE_VERSION,
                "server-version",
                theirs=max(hello.versions),
                ours=max(SUPPORTED_VERSIONS),
            )
        member, role, generation, ticket = self._identify(now, hello)
        if len(members) >= self._max_members and members.by_id(member) is None:
            raise NotAdmitted(CLOSE_FULL, "server-room-full", room=self._room, n=len(members))
        if ticket is not None:
            self._used[ticket.id] = ticket.expires
        return Admission(
            member=member,
            name=clean_name(hello.name, ""),
            role=role,
            language=hello.language if hello.language in LANGUAGES else "en",
            generation=generation,
            resume=self._resume_token(now, member, role, generation),
        )

    def _identify(self, now: float, hello: Hello) -> tuple[str, Role, int, Ticket | None]:
        self._forget_expired(now)
        if hello.resume:
            try:
                return (*self._resumed(now, hello.resume), None)
            except Refused:
                # An old token is no reason to stay out where another way in is open.
                if not hello.ticket and not is_open(hello.role, self._opened):
                    raise
        if hello.ticket:
            ticket = self._checked("ticket", hello.ticket, now)
            if ticket.id in self._used:
                raise NotAdmitted(CLOSE_TICKET, "server-ticket-used")
            return ticket.subject, ticket.role, 0, ticket
        if is_open(hello.role, self._opened):
            return f"m-{self._new_id()}", hello.role, 0, None
        if self._opened is None:
            raise NotAdmitted(CLOSE_TICKET, "server-ticket-missing", room=self._room)
        raise NotAdmitted(
            CLOSE_ROLE, "server-role-not-open", room=self._room, role=hello.role, open=self._opened
        )

    def _resumed(self, now: float, token: str) -> tuple[str, Role, int]:
        ticket = self._checked("resume", token, now)
        # A token is good until its successor was used: the reply that carried it may be lost.
        used, _expiry = self._generations.get(ticket.subject, (0, 0.0))
        if ticket.generation < used:
            raise NotAdmitted(CLOSE_TICKET, "server-ticket-used")
        self._generations[ticket.subject] = (ticket.generation, now + RESUME_S)
        return ticket.subject, ticket.role, ticket.generation

    def _checked(self, use: str, text: str, now: float) -> Ticket:
        try:
            return check(self._secret, use, self._room, text, now)
        except Refused as error:
            raise NotAdmitted(CLOSE_TICKET, error.message_id, **error.arguments) from error

    def _resume_token(self, now: float, member: str, role: Role, generation: int) -> str:
        token = Ticket(member, self._room, role, now + RESUME_S, self._new_id(), generation + 1)
        return sign(self._secret, "resume", token)

    def _forget_expired(self, now: float) -> None:
        # Kept a minute longer than they are good for: clocks may differ by a few seconds.
        for ticket in [t for t, expires in self._used.items() if expires + 60 < now]:
            del self._used[ticket]
        for member in [m for m, (_g, expires) in self._generations.items() if expires < now]:
            del self._generations[member]
