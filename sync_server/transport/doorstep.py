"""The gate's sockets: a listening one that hands its guests over at a pace, and the guests.

A library serves it as any other. Accepting is done here, in slices with time between them, so that
a storm of connections never holds up the poses of members; who may stay is the gate's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Any, Final

from sync_server.transport.fair_line import FairLine

if TYPE_CHECKING:
    from sync_server.transport.gate import Gate

Key = tuple[str, int]

BACKLOG: Final = 512  # connections that the system keeps until the next slice
AT_ONCE: Final = 32  # accepted in one slice
SLICE_S: Final = 0.0007  # one ends after so long, however few it took
SLICE_EVERY_S: Final = 0.004
_RESET: Final = struct.pack("ii", 1, 0)


class Guest(socket.socket):
    """An accepted connection that tells the gate when it is closed."""

    gate: Gate | None = None
    line: FairLine[Guest] | None = None  # where it still waits to be handed over
    peer: Key = ("", 0)
    address: Any = None
    key: str = ""
    since: float = 0.0
    waits: bool = False

    def close(self) -> None:
        """Close it, and give its place away."""
        gate, self.gate = self.gate, None
        line, self.line = self.line, None
        if line is not None:
            line.remove(self.key, self)
        if gate is not None:
            gate.left(self)
        super().close()

    def reset(self) -> None:
        """Close it without a goodbye, so that nothing of it stays in the system."""
        with contextlib.suppress(OSError):
            self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close()

    def hang_up(self) -> None:
        """Make whoever serves it see its end; nobody does while it stands in the line."""
        if self.line is not None:
            self.reset()
            return
        with contextlib.suppress(OSError):
            self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.shutdown(socket.SHUT_RDWR)

    def has_left(self) -> bool:
        """Whether the other side has gone again without a word."""
        try:
            return self.recv(1, socket.MSG_PEEK) == b""
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True


class Listening(socket.socket):
    """A listening socket whose `accept` gives those whose turn it is among the gate's guests.

    To be waited for is `fileno`: not the socket itself, but a bell that is rung when it is time.
    """

    gate: Gate

    @classmethod
    def guarded(cls, bound: socket.socket, gate: Gate, receive_buffer: int | None) -> Listening:
        """The same listening socket, guarded; `bound` is no longer to be used."""
        family, kind, proto = bound.family, bound.type, bound.proto
        one = cls(family, kind, proto, fileno=bound.detach())
        one.gate = gate
        one._line = FairLine()
        one._ear, one._bell = socket.socketpair()
        one._ear.setblocking(False)
        one._bell.setblocking(False)
        one._rung = False
        one._loop = None
        one._next_slice = 0.0
        one.setblocking(False)
        if receive_buffer is not None:
            with contextlib.suppress(OSError):  # what is accepted inherits it
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        return one

    _line: FairLine[Guest]
    _ear: socket.socket
    _bell: socket.socket
    _rung: bool
    _loop: asyncio.AbstractEventLoop | None
    _next_slice: float

    def fileno(self) -> int:
        """What to wait for."""
        return self._ear.fileno()

    def listen(self, backlog: int = 0, /) -> None:
        """Begin; within a running loop. A backlog of ours is used, for all libraries."""
        super().listen(BACKLOG)
        self._loop = asyncio.get_running_loop()
        self._watch()

    def close(self) -> None:
        """Take nobody any more; who stands in the line is let go."""
        if self._loop is not None and super().fileno() >= 0 and not self._loop.is_closed():
            self._loop.remove_reader(super().fileno())
        self._loop = None
        while self._line:
            guest = self._line.take()
            guest.line = None
            guest.close()
        self._ear.close()
        self._bell.close()
        super().close()

    def accept(self) -> tuple[socket.socket, Any]:
        """The next guest. Raises BlockingIOError where it is nobody's turn."""
        while self._line and self.gate.next_turn() <= 0.0:
            guest = self._line.take()
            guest.line = None
            if guest.has_left():
                guest.close()
                continue
            self.gate.turn_taken()
            return guest, guest.address
        self._silence()
        self._ring_in_time()
        raise BlockingIOError

    # -- the slices ----------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._loop is not None:
            self._loop.add_reader(super().fileno(), self._slice)

    def _slice(self) -> None:
        if self._loop is None:
            return
        self.take_arrivals()
        self._loop.remove_reader(super().fileno())
        self._loop.call_later(SLICE_EVERY_S, self._watch)

    def take_arrivals(self) -> None:
        """Let those in line who have connected, as far as one slice allows."""
        end = time.perf_counter() + SLICE_S
        for _ in range(AT_ONCE):
            if not self._take_one() or time.perf_counter() >= end:
                break
        self._ring_in_time()

    def _take_one(self) -> bool:
        """Accept one connection; False where there is none."""
        try:
            descriptor, address = self._accept()  # type: ignore[attr-defined]
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                return self.gate.turn_one_away(self)
            return isinstance(error, ConnectionAbortedError | InterruptedError)
        guest = Guest(self.family, self.type, self.proto, fileno=descriptor)
        guest.setblocking(False)
        if self.gate.admit(guest, address):
            guest.address = address
            guest.line = self._line
            self._line.put(guest.key, guest)
        else:
            guest.reset()
        return True

    # -- the bell ------------------------------------------------------------------------------

    def _ring_in_time(self) -> None:
        if self._rung or not self._line:
            return
        self._rung = True
        wait = self.gate.next_turn()
        if wait <= 0.0 or self._loop is None:
            self._ring()
        else:
            self._loop.call_later(wait, self._ring)

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it is closed, or rings already
            self._bell.send(b"!")

    def _silence(self) -> None:
        self._rung = False
        with contextlib.suppress(OSError):
            self._ear.recv(16)

    def waits_for(self, seconds: float) -> bool:
        """Whether somebody connects within that time; for those who have no loop."""
        return bool(select.select([super().fileno()], [], [], seconds)[0])
