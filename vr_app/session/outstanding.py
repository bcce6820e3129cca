"""Our commands that the server has not settled: what waits, what is under way, what is held.

Pure: it decides what to send next so that each takes effect once and in order; it never sends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from sync_server.wire.limits import MAX_MEMBER_MESSAGE
from sync_server.wire.messages import Command, encode
from vr_app.session.spool import Kept

MAX_WAITING: Final = 10_000  # commands that wait for a connection
MAX_BYTES: Final = 32 * 1024 * 1024
# Sent and not yet settled: more would stand before our poses where the server reads slowly.
WINDOW: Final = 16


class Outstanding:
    """Commands in the order in which they were asked for.

    A command is for one life of the room (its epoch). Those made for a room that was deleted since
    are held until somebody says what to do with them.
    """

    def __init__(self) -> None:
        self.epoch = ""  # empty: not known yet; what is asked for now is for whatever room comes
        self._waiting: dict[str, Kept] = {}
        self._held: dict[str, Kept] = {}
        self._unsent: deque[str] = deque()
        self._flying: set[str] = set()
        self._tried: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._connected = False

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._waiting

    @property
    def held(self) -> int:
        """How many are held, for a room that is no more."""
        return len(self._held)

    def waiting(self) -> list[Kept]:
        """Everything that is to be sent or to be settled, in order."""
        return list(self._waiting.values())

    def add(self, command: Command) -> str:
        """Take a command; the id of the message that says why not, or an empty text."""
        size = len(encode(command))
        if size > MAX_MEMBER_MESSAGE:
            return "session-too-large"
        if len(self._waiting) >= MAX_WAITING or self._bytes + size > MAX_BYTES:
            return "session-too-much-waits"
        self._take(Kept(command, self.epoch), size)
        return ""

    def load(self, kept: Iterable[Kept], epoch: str) -> None:
        """Take what an earlier run of the program left, which was in this life of the room last;
        commands may have been sent then."""
        self.epoch = epoch
        for one in kept:
            self._take(one, len(encode(one.command)))
            self._tried.add(one.command.id)

    def _take(self, kept: Kept, size: int) -> None:
        command = kept.command.id
        self._waiting[command] = kept
        self._sizes[command] = size
        self._bytes += size
        self._unsent.append(command)

    def joined(self, epoch: str) -> list[Kept]:
        """A connection is ready, to this life of the room: send everything once more.

        Gives those that are held from now on.
        """
        other = {i: k for i, k in self._waiting.items() if k.epoch not in ("", epoch)}
        for command in other:
            del self._waiting[command]
        self._held |= other
        for command, kept in self._waiting.items():
            self._waiting[command] = Kept(kept.command, epoch)
        self.epoch = epoch
        self._unsent = deque(self._waiting)
        self._flying.clear()
        self._connected = True
        return list(other.values())

    def lost(self) -> None:
        """The connection is gone; what was under way may have arrived or not."""
        self._connected = False
        self._flying.clear()

    def next(self, window: int = WINDOW) -> list[Command]:
        """What to send now."""
        chosen: list[Command] = []
        while self._connected and self._unsent and len(self._flying) < window:
            command = self._unsent.popleft()
            if command in self._waiting:
                self._flying.add(command)
                self._tried.add(command)
                chosen.append(self._waiting[command].command)
        return chosen

    def settle(self, command_id: str) -> Command | None:
        """The server has accepted or refused it; None where it is none of ours."""
        kept = self._waiting.pop(command_id, None)
        self._flying.discard(command_id)
        self._tried.discard(command_id)
        self._bytes -= self._sizes.pop(command_id, 0)
        return kept.command if kept is not None else None

    def withdraw(self, command_id: str) -> Command | None:
        """Take back a command that was never sent; None where it may have been."""
        return None if command_id in self._tried else self.settle(command_id)

    def release(self) -> list[Kept]:
        """Send what is held into the room as it is now."""
        released = [Kept(one.command, self.epoch) for one in self._held.values()]
        self._held.clear()
        for one in released:
            self._waiting[one.command.id] = one
            self._unsent.append(one.command.id)
        return released

    def discard(self) -> list[str]:
        """Give up what is held; the commands' ids."""
        gone = list(self._held)
        self._held.clear()
        for command in gone:
            self._tried.discard(command)
            self._bytes -= self._sizes.pop(command, 0)
        return gone
