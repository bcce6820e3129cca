"""The options of a member's socket: nothing waits for more to come, and little waits unsent.

Sets options and nothing else; what a system does not know is left out.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any, Final

# Unsent bytes that the kernel may hold: without this 4.3 MB (57 s) of stale poses wait there.
NOT_SENT_LOW_WATER: Final = 16384
_TCP_NOTSENT_LOWAT: Final = getattr(socket, "TCP_NOTSENT_LOWAT", None) or (
    25 if hasattr(socket, "TCP_CORK") else None  # Linux's number, where Python does not name it
)


def prepare(raw: Any) -> None:
    """Set the options of a connected TCP socket (or asyncio's wrapper of one; None is ignored)."""
    if raw is None:
        return
    with contextlib.suppress(OSError):  # gone already
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _TCP_NOTSENT_LOWAT is not None:
            raw.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER)
