"""Decides who may come in, as whom and in which role: version, ticket, resume token, open role.

Pure: it reads no clock and makes no socket; what must outlive the server is handed out as a `Visit`
for the host to store before anybody is welcomed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from sync_server.room.members import LANGUAGES, Members, clean_name
from sync_server.room.roles import is_open
from sync_server.room.tickets import HTTP_S, RESUME_S, Ticket, check, sign
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

TIDY_S: Final = 60.0


class NotAdmitted(Refused):
    """Somebody may not come in; `code` closes the socket."""

    def __init__(self, code: int, message_id: str, **arguments: str | int) -> None:
        super().__init__(message_id, **arguments)
        self.code = code


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody has shown to be. Nothing is used up by it yet."""

    member: str
    role: Role
    ticket: Ticket | None = None  # of either kind
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """What a server must still know of a member's entering after a restart.

    Resume tokens: `used` is the id of the last one that let the member in and `generation` its
    number; `given` is the one after it, the only one of its generation that is good.
    """

    member: str
    generation: int
    used: str
    given: str
    expires: float  # unix seconds
    ticket: str | None = None  # the ticket that was used up by it
    ticket_expires: float = 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Who was let in. `resume` is their next resume token."""

    member: str
    name: str
    role: Role
    language: str
    generation: int
    resume: str
    http_token: str
    claim: Claim
    visit: Visit
    before: Visit | None  # what was known of the member until now


class Entrance:
    """The door of one room; `visits` are those of its earlier life."""

    def __init__(
        self,
        room: str,
        secret: bytes,
        opened: Role | None,
        new_id: Callable[[], str],
        max_members: int = MAX_MEMBERS,
        visits: Iterable[Visit] = (),
        used_tickets: Iterable[tuple[str, float]] = (),
    ) -> None:
        self._room = room
        self._secret = secret
        self._opened = opened
        self._new_id = new_id
        self._max_members = max_members
        self._used = dict(used_tickets)  # ticket id -> when it expires
        self._visits = {one.member: one for one in visits}
        self._tidied = 0.0

    def claim(self, now: float, hello: Hello) -> Claim:
        """Who this is; changes nothing. Raises `NotAdmitted`."""
        if not set(hello.versions) & set(SUPPORTED_VERSIONS):
            raise NotAdmitted(
                CLOSE_VERSION,
                "server-version",
                theirs=max(hello.versions),
                ours=max(SUPPORTED_VERSIONS),
            )
        if hello.resume:
            try:
                return self._resumed(now, hello.resume)
            except Refused:
                # An old token is no reason to stay out where another way in is open.
                if not hello.ticket and not is_open(hello.role, self._opened):
                    raise
        if hello.ticket:
            ticket = self._checked("ticket", hello.ticket, now)
            if ticket.id in self._used:
                raise NotAdmitted(CLOSE_TICKET, "server-ticket-used")
            return Claim(ticket.subject, ticket.role, ticket)
        self._must_be_open(hello.role)
        return Claim(f"m-{self._new_id()}", hello.role)

    def check_room(self, claim: Claim, members: Members) -> None:
        """Whether there is a place for them. Raises `NotAdmitted`."""
        if len(members) >= self._max_members and members.by_id(claim.member) is None:
            raise NotAdmitted(CLOSE_FULL, "server-room-full", room=self._room, n=len(members))

    def admit(self, now: float, hello: Hello, claim: Claim) -> Admission:
        """Let them in: uses the ticket up and turns the resume token. The visit is to be stored."""
        self._forget_expired(now)
        before = self._visits.get(claim.member)
        ticket = claim.ticket
        if claim.resumed and ticket is not None:
            generation, used = ticket.generation, ticket.id
        else:
            # A fresh start ends all tokens of the member's earlier visits.
            generation, used = (before.generation + 1 if before is not None else 0), ""
        given, expires = self._new_id(), now + RESUME_S
        fresh = Ticket(
            subject=claim.member,
            room=self._room,
            role=claim.role,
            expires=expires,
            id=given,
            generation=generation + 1,
            by_open_door=ticket is None or ticket.by_open_door,
        )
        visit = Visit(claim.member, generation, used, given, expires)
        if ticket is not None and not claim.resumed:
            visit = Visit(claim.member, generation, used, given, expires, ticket.id, ticket.expires)
            self._used[ticket.id] = ticket.expires
        self._visits[claim.member] = visit
        return Admission(
            member=claim.member,
            name=clean_name(hello.name, ""),
            role=claim.role,
            language=hello.language if hello.language in LANGUAGES else "en",
            generation=generation,
            resume=sign(self._secret, "resume", fresh),
            http_token=self.http_token(now, claim.member, claim.role),
            claim=claim,
            visit=visit,
            before=before,
        )

    def take_back(self, admission: Admission) -> None:
        """The visit could not be stored and its member does not come in: as if never asked."""
        if admission.visit.ticket is not None:
            self._used.pop(admission.visit.ticket, None)
        if self._visits.get(admission.member) is admission.visit:
            if admission.before is None:
                del self._visits[admission.member]
            else:
                self._visits[admission.member] = admission.before

    # -- tokens for files ----------------------------------------------------------------------

    def http_token(self, now: float, member: str, role: Role) -> str:
        """A token that opens the files of a room for a quarter of an hour."""
        token = Ticket(member, self._room, role, now + HTTP_S, self._new_id())
        return sign(self._secret, "http", token)

    def check_http(self, now: float, text: str) -> Ticket:
        """Whose token it is. Raises `Refused`."""
        return check(self._secret, "http", self._room, text, now)

    # -- details -------------------------------------------------------------------------------

    def _must_be_open(self, role: Role) -> None:
        if is_open(role, self._opened):
            return
        if self._opened is None:
            raise NotAdmitted(CLOSE_TICKET, "server-ticket-missing", room=self._room)
        raise NotAdmitted(
            CLOSE_ROLE, "server-role-not-open", room=self._room, role=role, open=self._opened
        )

    def _resumed(self, now: float, text: str) -> Claim:
        token = self._checked("resume", text, now)
        if token.by_open_door:
            self._must_be_open(token.role)  # the door may have been closed since
        known = self._visits.get(token.subject)
        if known is not None and not _is_current(token, known):
            raise NotAdmitted(CLOSE_TICKET, "server-resume-used")
        return Claim(token.subject, token.role, token, resumed=True)

    def _checked(self, use: Literal["ticket", "resume"], text: str, now: float) -> Ticket:
        try:
            return check(self._secret, use, self._room, text, now)
        except Refused as error:
            raise NotAdmitted(CLOSE_TICKET, error.message_id, **error.arguments) from error

    def _forget_expired(self, now: float) -> None:
        if now < self._tidied + TIDY_S:
            return
        self._tidied = now
        # Kept a minute longer than they are good for: clocks may differ by a few seconds.
        self._used = {one: expires for one, expires in self._used.items() if expires + 60 > now}
        self._visits = {one: v for one, v in self._visits.items() if v.expires + 60 > now}


def _is_current(token: Ticket, known: Visit) -> bool:
    """Whether a token is the last one given, or the one before: a reply may have been lost.

    A later one than we know was signed by us and forgotten since (a full disk, an old backup).
    """
    if token.generation == known.generation:
        return token.id == known.used
    if token.generation == known.generation + 1:
        return token.id == known.given
    return token.generation > known.generation
