"""What a server can be told, and what it says once it listens.

Plain data; the defaults of `kenish serve` stand here and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sync_server.room.listener import RoomListener
from sync_server.wire.limits import MAX_MEMBERS, PER_ADDRESS
from sync_server.wire.messages import Role

if TYPE_CHECKING:
    from sync_server.drills.script import DrillOptions
    from sync_server.recording.player import RecordingPlayer

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7600


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Everything that `kenish serve` can be told."""

    twin: Path
    state: Path | None = None  # None: the platform's user-data folder
    rooms: tuple[str, ...] = ()  # empty: one room, called like the scene
    host: str = DEFAULT_HOST  # "0.0.0.0" and "::" let other machines in
    port: int = DEFAULT_PORT  # HTTP is on the next one; 0: any free ones
    opened: Role | None = None  # this role and those below it need no ticket
    record: Path | None = None  # MCAP of the first room; an existing folder: of every room
    record_minutes: float = 120.0  # then another file is begun
    flush_s: float = 0.0  # poses wait at least so long for others; 0: as the members' number asks
    max_members: int = MAX_MEMBERS  # in one room
    per_address: int = PER_ADDRESS  # members from one address, in all rooms together
    tls_cert: Path | None = None  # certificate chain, PEM; with its key: wss:// and https://
    tls_key: Path | None = None
    origins: tuple[str, ...] = ()  # pages that may use us besides our own, SCHEME://HOST[:PORT]
    trusted_proxies: tuple[str, ...] = ()  # addresses or networks
    keep_entries: int = 200_000  # of a room's log, at the least
    keep_days: float = 365.0  # of a room's log, at the least
    drain_seconds: float = 0.0  # between telling the members and closing
    simulate: bool = False
    mqtt: str | None = None
    watch_parent: bool = False  # stop when stdin closes
    listeners: Sequence[RoomListener] = ()  # for the first room
    player: RecordingPlayer | None = None  # plays into the first room, where nothing else happens
    drill: DrillOptions | None = None  # for the first room


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where a server listens; `json` is the one line that `kenish serve` prints."""

    ws: str
    http: str
    rooms: tuple[str, ...]
    lan: str | None = None  # the address for other machines, where they are let in

    def json(self) -> dict[str, Any]:
        """{ws, http, rooms, pid}"""
        return {"ws": self.ws, "http": self.http, "rooms": list(self.rooms), "pid": os.getpid()}
