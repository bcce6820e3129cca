"""Signed tickets and resume tokens (JWT, HS256): made and checked with the secret of a server.

A ticket lets a person in once and for a few minutes, a resume token lets the same member back in,
an HTTP token opens files. Never reads a clock or a file: callers pass the time and the secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from sync_server.room.roles import ROLES
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Role

TICKET_LONGEST_S: Final = 300
RESUME_S: Final = 24 * 3600
HTTP_S: Final = 900
CLOCK_TOLERANCE_S: Final = 5.0
Use = Literal["ticket", "resume", "http"]
_LONGEST_S: Final[dict[Use, int]] = {
    "ticket": TICKET_LONGEST_S,
    "resume": RESUME_S,
    "http": HTTP_S,
}
_ALGORITHM: Final = "HS256"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket or a resume token says, after its signature was checked."""

    subject: str  # pseudonymous member id
    room: str
    role: Role
    expires: float  # unix seconds
    id: str
    generation: int = 0  # resume tokens only: counts up with each one given
    by_open_door: bool = False  # resume tokens only: came in without a ticket
    issued: float | None = None  # unix seconds


def sign(secret: bytes, use: Use, ticket: Ticket) -> str:
    """The signed text of a ticket, a resume token or an HTTP token."""
    import jwt  # costs 60 ms: only servers that check one, and `kenish token`, need it

    claims: dict[str, Any] = {
        "use": use,
        "sub": ticket.subject,
        "room": ticket.room,
        "role": ticket.role,
        "exp": int(ticket.expires),
        "jti": ticket.id,
        "gen": ticket.generation,
    }
    if ticket.by_open_door:
        claims["door"] = True
    if ticket.issued is not None:
        claims["iat"] = int(ticket.issued)
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def check(secret: bytes, use: Use, room: str, text: str, now: float) -> Ticket:
    """The content of a signed text.

    Raises `Refused`: `server-ticket-invalid` (forged, or for something else),
    `server-ticket-expired`, `server-ticket-other-room`, `server-ticket-too-long`.
    """
    import jwt

    try:
        # The room's own clock judges the expiry, so that tests and replicas agree.
        claims: dict[str, Any] = jwt.decode(
            text,
            secret,
            algorithms=[_ALGORITHM],
            options={
                "require": ["sub", "exp", "jti"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError as error:
        raise Refused("server-ticket-invalid") from error
    role = claims.get("role")
    texts = (claims["sub"], claims["jti"], claims.get("room"))
    numbers = (claims["exp"], claims.get("gen", 0), claims.get("iat", 0))
    whole = all(isinstance(one, int) and 0 <= one < 2**53 for one in numbers)
    if (
        claims.get("use") != use
        or role not in ROLES
        or not whole
        or not all(isinstance(part, str) and 0 < len(part) <= 64 for part in texts)
    ):
        raise Refused("server-ticket-invalid")
    if claims["room"] != room:
        raise Refused("server-ticket-other-room", room=room)
    if claims["exp"] + CLOCK_TOLERANCE_S < now:
        raise Refused("server-ticket-expired")
    issued = claims.get("iat")
    longest = _LONGEST_S[use]
    # Whoever signs with our secret may be careless: a ticket for a day is a password.
    if claims["exp"] - now > longest + CLOCK_TOLERANCE_S or (
        issued is not None and claims["exp"] - issued > longest
    ):
        raise Refused("server-ticket-too-long", minutes=longest // 60)
    return Ticket(
        subject=claims["sub"],
        room=room,
        role=cast(Role, role),
        expires=float(claims["exp"]),
        id=claims["jti"],
        generation=claims.get("gen", 0),
        by_open_door=claims.get("door") is True,
        issued=issued,
    )


def room_of(text: str) -> str | None:
    """The room that a signed text speaks of; believed only once `check` has passed for it."""
    import jwt

    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    room = claims.get("room")
    return room if isinstance(room, str) else None
