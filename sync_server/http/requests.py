"""How many requests an address may make: few without a token, enough for a class with them.

Counts only; whether a token is good is judged later, which costs more than this, so that those
who keep on being refused are told apart here too.
"""

from __future__ import annotations

from typing import Final

from sync_server.transport.gate import MAX_ADDRESSES
from sync_server.transport.peers import address_key
from sync_server.transport.rates import Bucket

# Answers to strangers, of all addresses together: they must not hold up the poses of members.
ANSWER_EVERY_S: Final = 0.005
LONGEST_LINE_S: Final = 2.0
# This machine's own programs (monitoring, a proxy that nobody named) are no strangers.
OWN: Final = frozenset({"127.0.0.1", "::1"})


class RequestRates:
    """Buckets of one server, for `members` people behind one address."""

    def __init__(self, members: int) -> None:
        self._members = members
        self._buckets: dict[tuple[str, bool], Bucket] = {}
        self._refusals: dict[str, Bucket] = {}
        self._next = 0.0

    def take(self, address: str, with_token: bool, now: float) -> bool:
        """Whether one more request may be answered now."""
        if address in OWN:
            return True
        key = address_key(address), with_token
        bucket = self._buckets.pop(key, None)
        if bucket is None:
            if len(self._buckets) >= MAX_ADDRESSES:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._fresh(with_token)
        self._buckets[key] = bucket  # the latest last
        return bucket.take(now)

    def refused(self, address: str, now: float) -> bool:
        """One was refused for what it asked for; whether there were too many of those."""
        if address in OWN:
            return False
        key = address_key(address)
        bucket = self._refusals.pop(key, None) or Bucket(1.0, 40.0)
        if len(self._refusals) >= MAX_ADDRESSES:
            del self._refusals[next(iter(self._refusals))]
        self._refusals[key] = bucket
        return not bucket.take(now)

    def wait(self, address: str, now: float) -> float | None:
        """Seconds until one without a token may be answered; None where the line is too long."""
        if address in OWN:
            return 0.0
        self._next = max(self._next, now)
        if self._next - now > LONGEST_LINE_S:
            return None
        self._next += ANSWER_EVERY_S
        return self._next - ANSWER_EVERY_S - now

    def _fresh(self, with_token: bool) -> Bucket:
        if with_token:  # a program that enters reads hundreds of tiles
            return Bucket(4.0 * self._members, 64.0 * self._members)
        return Bucket(20.0, 100.0)
