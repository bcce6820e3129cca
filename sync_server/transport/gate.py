"""Counts connections at the TCP accept, before a byte is read: by address, in time, in number.

Works below any library that serves our listening sockets on a selector loop. It knows no message;
those whom it turns away are reset, counted and told nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sync_server.transport.doorstep import Guest, Key, Listening
from sync_server.transport.peers import Peers, address_key
from sync_server.transport.rates import Bucket
from sync_server.wire.limits import HELLO_TIMEOUT_S

MAX_WAITING: Final = 1024  # connections that have not shown who they are, from everywhere
MAX_ADDRESSES: Final = 16384  # whose rate is remembered
FORGET_S: Final = 120.0  # a bucket is full again after so long
OFFENCES: Final = 3  # floods and the like that an address may commit, and then
OFFENCE_EVERY_S: Final = 20.0  # one more; until then nobody new comes in from there
# One guest is handed over to who serves it. That costs as much as a flush of poses: a storm must
# not make several of them late, and entrances are fewer than this anyway.
TURN_EVERY_S: Final = 0.004
SPARE_DESCRIPTORS: Final = 256  # for files, databases and everything else


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What one listener allows. Rates are in connections a second."""

    waiting_per_address: int = 32
    open_per_address: int = 256
    rate: float = 20.0
    burst: float = 256.0
    waiting: int = MAX_WAITING
    receive_buffer: int | None = None  # bytes that the system takes before they are read

    @classmethod
    def for_rooms(cls, members_per_address: int) -> GateLimits:
        """A class behind one address may come all at once, and once more after an outage."""
        return cls(
            waiting_per_address=max(32, members_per_address // 2),
            open_per_address=members_per_address + max(32, members_per_address // 2),
            rate=max(20.0, members_per_address / 4),
            burst=2.0 * members_per_address,
            receive_buffer=32 * 1024,  # two messages: nobody gets a longer turn than that
        )

    @classmethod
    def for_files(cls, members_per_address: int) -> GateLimits:
        """Every member's program reads tiles over a few connections."""
        return cls(
            waiting_per_address=max(64, members_per_address),
            open_per_address=8 * members_per_address,
            rate=max(40.0, members_per_address / 2),
            burst=8.0 * members_per_address,
        )


class Descriptors:
    """How many connections this process may hold, over all its listeners."""

    def __init__(self) -> None:
        self.limit = max(_raised_limit() - SPARE_DESCRIPTORS, 64)
        self.open = 0
        self._reserve: int | None = None
        self.take_reserve()

    def take_reserve(self) -> None:
        """Hold one descriptor back, with which to turn somebody away when there is none left."""
        if self._reserve is None:
            with contextlib.suppress(OSError):
                self._reserve = os.open(os.devnull, os.O_RDONLY)

    def give_reserve(self) -> bool:
        """Let the one that was held back go; False where there was none."""
        if self._reserve is None:
            return False
        os.close(self._reserve)
        self._reserve = None
        return True


def _raised_limit() -> int:
    try:
        import resource
    except ImportError:  # Windows has no such limit on sockets
        return 16384
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else hard
    with contextlib.suppress(OSError, ValueError):
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return 65536 if soft == resource.RLIM_INFINITY else soft


class Gate:
    """The accepting side of one port. `refused` is told a message id for each one turned away."""

    def __init__(
        self,
        limits: GateLimits,
        peers: Peers,
        descriptors: Descriptors,
        refused: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._peers = peers
        self._descriptors = descriptors
        self._refused = refused
        self._clock = clock
        self._turn = 0.0  # when the next guest may be handed over
        self._guests: dict[Key, Guest] = {}
        self._waiting: dict[Guest, None] = {}  # oldest first
        self._waiting_by: Counter[str] = Counter()
        self._open_by: Counter[str] = Counter()
        self._buckets: dict[str, tuple[Bucket, float]] = {}
        self._kept_off: dict[str, float] = {}  # addresses, and until when
        self._offences: dict[str, Bucket] = {}

    def listening(self, bound: socket.socket) -> Listening:
        """The same listening socket, guarded; `bound` is no longer to be used."""
        return Listening.guarded(bound, self, self._limits.receive_buffer)

    # -- coming --------------------------------------------------------------------------------

    def admit(self, guest: Guest, address: Any) -> bool:
        """Whether somebody who has just connected may stay; counts them where they may."""
        peer = (str(address[0]), int(address[1]))
        key = address_key(peer[0])
        now = self._clock()
        reason = None if self._peers.trusts(peer[0]) else self.knock(key, now)
        if reason is None and self._descriptors.open >= self._descriptors.limit:
            # Room is made by those who only wait; who is a member stays.
            reason = None if self._make_room("server-full") else "server-full"
        if reason is not None:
            self._refused(reason, peer[0])
            return False
        if len(self._waiting) >= self._limits.waiting:
            if self._waiting_by[key] * len(self._waiting_by) >= self._limits.waiting:
                self._refused("server-crowd", peer[0])  # it has its share
                return False
            self._make_room("server-crowd")
        guest.gate, guest.peer, guest.key, guest.since = self, peer, key, now
        guest.waits = True
        self._guests[peer] = guest
        self._waiting[guest] = None
        self._waiting_by[key] += 1
        self._open_by[key] += 1
        self._descriptors.open += 1
        return True

    def knock(self, key: str, now: float, waiting: int | None = None) -> str | None:
        """Why one more connection of an address may not come now; None where it may.

        `waiting`: how many of them wait, where the gate does not see their address itself.
        """
        if self._kept_off.get(key, 0.0) > now:
            return "server-kept-off"
        if waiting is None:
            waiting = self._waiting_by[key]
        if waiting >= self._limits.waiting_per_address:
            return "server-waiting"
        if self._open_by[key] >= self._limits.open_per_address:
            return "server-crowded"
        known = self._buckets.pop(key, None)
        bucket = known[0] if known is not None else Bucket(self._limits.rate, self._limits.burst)
        if known is None and len(self._buckets) >= MAX_ADDRESSES:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = bucket, now  # the latest last
        return None if bucket.take(now) else "server-busy"

    def offence(self, key: str) -> None:
        """Somebody from an address was dropped for what they sent: after a few, none come anew."""
        now = self._clock()
        if key not in self._offences and len(self._offences) >= MAX_ADDRESSES:
            del self._offences[next(iter(self._offences))]
        bucket = self._offences.setdefault(key, Bucket(1 / OFFENCE_EVERY_S, OFFENCES))
        if not bucket.take(now):
            self.keep_off(key)

    def keep_off(self, key: str) -> None:
        """Nobody new comes in from an address for a while."""
        self._kept_off[key] = self._clock() + OFFENCE_EVERY_S

    def next_turn(self) -> float:
        """Seconds until one more guest may be handed over; 0 or less: now."""
        return self._turn - self._clock()

    def turn_taken(self) -> None:
        """One was."""
        self._turn = max(self._turn, self._clock()) + TURN_EVERY_S

    def _make_room(self, reason: str) -> bool:
        """Turn out the oldest of those who wait, from the address that has the most of them."""
        if not self._waiting:
            return False
        most = max(self._waiting_by.values())
        for guest in self._waiting:
            if self._waiting_by[guest.key] == most:
                break
        self._turn_out(guest, reason)
        return True

    def _turn_out(self, guest: Guest, reason: str) -> None:
        self._refused(reason, guest.peer[0])
        self._no_longer_waits(guest)
        guest.hang_up()

    def turn_one_away(self, listening: socket.socket) -> bool:
        """No descriptor is left: take one connection and close it. False where none waits."""
        if not self._descriptors.give_reserve():
            self._descriptors.take_reserve()
            return False
        try:
            descriptor, address = listening._accept()  # type: ignore[attr-defined]
            os.close(descriptor)
            self._refused("server-descriptors", str(address[0]))
        except OSError:
            return False
        finally:
            self._descriptors.take_reserve()
        return True

    # -- staying and going ---------------------------------------------------------------------

    def since(self, peer: Key) -> float:
        """When it was accepted (monotonic seconds); now where the gate does not know it."""
        guest = self._guests.get(peer)
        return self._clock() if guest is None else guest.since

    def shown(self, peer: Key) -> None:
        """Its owner has shown who it is, or asked for something: it waits no longer."""
        guest = self._guests.get(peer)
        if guest is not None:
            self._no_longer_waits(guest)

    def _no_longer_waits(self, guest: Guest) -> None:
        if guest.waits:
            guest.waits = False
            self._waiting.pop(guest, None)
            self._less(self._waiting_by, guest.key)

    def left(self, guest: Guest) -> None:
        """A guest's socket is being closed."""
        if guest.waits:
            self._refused("server-left-before-hello", guest.peer[0])
        self._no_longer_waits(guest)
        self._less(self._open_by, guest.key)
        self._descriptors.open -= 1
        if self._guests.get(guest.peer) is guest:
            del self._guests[guest.peer]

    @staticmethod
    def _less(counter: Counter[str], key: str) -> None:
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]

    @property
    def waiting(self) -> int:
        """Connections that have not shown who they are."""
        return len(self._waiting)

    def sweep(self) -> None:
        """Turn out who has waited too long; about once a second."""
        now = self._clock()
        late = [g for g in self._waiting if now - g.since > HELLO_TIMEOUT_S + 1.0]
        for guest in late:
            self._turn_out(guest, "server-hello-timeout")
        self._kept_off = {key: end for key, end in self._kept_off.items() if end > now}
        for key, (_bucket, then) in list(self._buckets.items()):
            if now - then < FORGET_S:
                break
            del self._buckets[key]
            self._offences.pop(key, None)
