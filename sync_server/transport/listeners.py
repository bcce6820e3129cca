"""Chooses the library that carries the rooms: picows where it is installed, else `websockets`.

`KENISH_TRANSPORT` names one explicitly (`picows` or `websockets`); it never falls back then.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from sync_server.transport.connection import Listening, Serve
from sync_server.wire.errors import Refused

VARIABLE: Final = "KENISH_TRANSPORT"
TRANSPORTS: Final = ("picows", "websockets")


def transport_name() -> str:
    """The library that is used here. Raises `Refused` for one that is not known."""
    wanted = os.environ.get(VARIABLE, "auto")
    if wanted == "auto":
        return "picows" if importlib.util.find_spec("picows") is not None else "websockets"
    if wanted not in TRANSPORTS:
        raise Refused("server-transport", name=wanted[:32], known=" ".join(TRANSPORTS))
    return wanted


async def listen(
    handler: Serve, bound: list[socket.socket], tls: ssl.SSLContext | None = None
) -> Sequence[Listening]:
    """Serve rooms on sockets that are bound already."""
    if transport_name() == "picows":
        from sync_server.transport import picows_listener

        return await picows_listener.listen(handler, bound, tls)
    from sync_server.transport import websockets_listener

    return await websockets_listener.listen(handler, bound, tls)
