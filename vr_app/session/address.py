"""Reads a room's address and turns what went wrong on the way there into a message id.

Never connects.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, InvalidURI

from sync_server.wire.errors import Refused


@dataclass(frozen=True, slots=True)
class RoomAddress:
    """ws://HOST:PORT/ROOM, taken apart."""

    url: str
    host: str
    port: int
    room: str
    tls: ssl.SSLContext | None = None  # whom wss:// trusts; None for ws://


def parse_address(text: str, tls: ssl.SSLContext | None = None) -> RoomAddress:
    """The address. Raises `Refused` (`session-address`)."""
    refused = Refused("session-address", address=text[:200])
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise refused from error
    if parts.scheme not in {"ws", "wss"} or not parts.hostname or parts.username is not None:
        raise refused
    room = parts.path.strip("/")
    if "/" in room or not room.isprintable() or " " in room:
        raise refused
    secure = parts.scheme == "wss"
    default = 443 if secure else 80
    trust = (tls or ssl.create_default_context()) if secure else None
    return RoomAddress(text.strip(), parts.hostname, port or default, room, trust)


def explain(address: RoomAddress, error: BaseException) -> tuple[str, dict[str, Any]]:
    """The message id and arguments for an error of connecting."""
    where: dict[str, Any] = {"host": address.host, "port": str(address.port)}
    match error:
        case socket.gaierror() | UnicodeError():  # "a..b" cannot even be asked for
            return "session-no-host", {"host": address.host}
        case InvalidURI():
            return "session-address", {"address": address.url[:200]}
        case ssl.SSLError():
            reason = error.reason or type(error).__name__
            return "session-tls", {"host": address.host, "reason": reason}
        case InvalidStatus():
            return "session-no-rooms", where | {"status": str(error.response.status_code)}
        case InvalidMessage() | InvalidHandshake() | EOFError():
            return "session-no-rooms", where | {"status": "-"}
        case TimeoutError():
            return "session-timeout", where
        case OSError():
            return "session-no-server", where
    return "session-lost", where
