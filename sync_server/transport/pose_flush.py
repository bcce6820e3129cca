"""Sends poses: one frame framed once for all who keep up, and chosen ones for those who do not.

Those who only watch share a frame of their own, less often. Keeps for each receiver only who has
moved since it was last told, never a queue of frames. It reads no clock and plans no timer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sync_server.transport.byte_budget import ByteBudget
from sync_server.transport.connection import framed
from sync_server.transport.flush_interval import SHORTEST_S
from sync_server.transport.outbox import Outbox
from sync_server.transport.pose_choice import choose
from sync_server.wire.limits import MAX_MEMBERS
from sync_server.wire.poses import (
    BATCH_HEADER_SIZE,
    EVERYTHING,
    LARGEST_ENTRY,
    PoseParts,
    batch,
)

# Of poses, to one member, for each member that a room may have: everybody at 60 Hz.
BYTES_A_SECOND: Final = 60 * LARGEST_ENTRY
BURST_S: Final = 0.125  # of its budget may go out at once
# To somebody whose line is full one segment at first, so that what comes is never old; one more
# with each flush that finds the line empty.
SEGMENT: Final = 1200
# Who has no pose of their own (a phone, a console, a stranger who came in) sees as well at 20 Hz,
# and a crowd of them makes nobody who moves wait.
WATCH_EVERY_S: Final = 0.05
_FRAME_SIZE: Final = 4 + BATCH_HEADER_SIZE


@dataclass(slots=True)
class _Behind:
    """A receiver that is not told everything at once."""

    box: Outbox
    budget: ByteBudget
    window: float = math.inf  # bytes at once to a line that took less than it was sent
    every_s: float = 0.0  # between two frames, where its line is long
    due: float = 0.0
    owed: dict[int, int] = field(default_factory=dict)  # member number -> parts not told
    since: dict[int, int] = field(default_factory=dict)  # member number -> flush

    def owe(self, number: int, mask: int, turn: int) -> None:
        self.owed[number] = self.owed.get(number, 0) | mask
        self.since.setdefault(number, turn)

    def told(self, number: int) -> int:
        self.since.pop(number, None)
        return self.owed.pop(number, 0)


class PoseFlush:
    """The receivers of one room's poses. `poses` is the members' state, by number, kept live."""

    def __init__(
        self,
        poses: Mapping[int, PoseParts],
        rate: float = BYTES_A_SECOND * MAX_MEMBERS,
        burst: float | None = None,
    ) -> None:
        self._poses = poses
        self._rate = rate
        self._burst = max(rate * BURST_S if burst is None else burst, SEGMENT)
        self._shared = ByteBudget(rate, self._burst)  # of each of those who keep up
        self._level: dict[int, Outbox] = {}
        self._behind: dict[int, _Behind] = {}
        self.watching: set[int] = set()  # receivers without a pose of their own
        self._watchers: dict[int, Outbox] = {}  # of these, who keep up
        self._watch_owed: dict[int, int] = {}  # member number -> parts no watcher was told
        self._watch_due = 0.0
        self._watch_budget = ByteBudget(rate, self._burst)  # of each of them
        self._turn = 0
        self.left_out = 0  # times that a receiver was told nothing of a change for being behind
        self.own_frames = 0
        self.bytes_out = 0

    def add(self, number: int, box: Outbox, now: float, watches: bool = False) -> None:
        """A new receiver: it is owed everybody's whole pose. `watches`: until it `moves`."""
        self.remove(number)
        if watches:
            self.watching.add(number)
        behind = _Behind(box, ByteBudget(self._rate, self._burst))
        behind.budget.left(now)
        for other, parts in self._poses.items():
            if parts.complete:
                behind.owe(other, EVERYTHING, self._turn)
        self._behind[number] = behind

    def remove(self, number: int) -> None:
        """A receiver has gone."""
        self._level.pop(number, None)
        self._behind.pop(number, None)
        self._watchers.pop(number, None)
        self.watching.discard(number)

    def moves(self, number: int) -> None:
        """A receiver that watched has a pose of its own now."""
        self.watching.discard(number)
        if number in self._watchers:
            self._behind[number] = self._late_watcher(number)

    def _late_watcher(self, number: int) -> _Behind:
        behind = _Behind(self._watchers.pop(number), ByteBudget(self._rate, self._burst))
        for member, mask in self._watch_owed.items():
            behind.owe(member, mask, self._turn)
        return behind

    def pace(self, number: int, every_s: float) -> None:
        """Let so many seconds lie between a receiver's frames; 0: it gets what everybody gets."""
        behind = self._behind.get(number)
        if behind is not None:
            behind.every_s = every_s
        elif every_s and number in self._level:
            behind = _Behind(self._level.pop(number), ByteBudget(self._rate, self._burst))
            behind.every_s = every_s
            self._behind[number] = behind
        elif every_s and number in self._watchers:
            behind = self._late_watcher(number)
            behind.every_s = every_s
            self._behind[number] = behind

    @property
    def waits(self) -> bool:
        """Whether somebody is owed a pose, so that a flush is due though nobody moves."""
        if self._watch_owed:
            return True
        return any(behind.owed for behind in self._behind.values())

    def flush(self, now: float) -> None:
        """Send what has changed since the last call (room time, seconds)."""
        self._turn += 1
        now_ms = int(now * 1000)
        moved: list[tuple[int, int]] = []
        entries: list[bytes] = []
        for number, parts in self._poses.items():
            mask = parts.changed
            if mask:
                entries.append(parts.record(number, mask, now_ms))
                moved.append((number, mask))
                parts.changed = 0
        if moved:
            self._tell_level(framed(batch(entries, now_ms)), moved, now)
        if self._watchers:
            self._tell_watchers(moved, now, now_ms)
        else:
            self._watch_owed.clear()
        if self._behind:
            self._tell_behind(now, now_ms)

    def _tell_level(self, frame: bytes, moved: list[tuple[int, int]], now: float) -> None:
        for behind in self._behind.values():
            for member, mask in moved:
                behind.owe(member, mask, self._turn)
        size = len(frame)
        full: list[int] = []
        if self._level and self._shared.take(size, now):
            for number, box in self._level.items():
                if not box.send_if_idle(frame):
                    full.append(number)
            self.bytes_out += size * (len(self._level) - len(full))
            late = full
        else:
            late = list(self._level)
        for number in late:
            behind = _Behind(self._level.pop(number), ByteBudget(self._rate, self._burst))
            if number in full:
                behind.window = SEGMENT
            else:
                behind.budget.spend_all(now)
            for member, mask in moved:
                behind.owe(member, mask, self._turn)
            self._behind[number] = behind

    def _tell_watchers(self, moved: list[tuple[int, int]], now: float, now_ms: int) -> None:
        owed = self._watch_owed
        for member, mask in moved:
            owed[member] = owed.get(member, 0) | mask
        if now < self._watch_due:
            return
        entries = [
            self._poses[member].record(member, mask, now_ms)
            for member, mask in owed.items()
            if member in self._poses
        ]
        if not entries:
            owed.clear()
            return
        frame = framed(batch(entries, now_ms))
        if not self._watch_budget.take(len(frame), now):
            return
        for number, box in list(self._watchers.items()):
            if box.send_if_idle(frame):
                self.bytes_out += len(frame)
            else:
                behind = self._late_watcher(number)
                behind.window = SEGMENT
                self._behind[number] = behind
        owed.clear()
        self._watch_due = now + WATCH_EVERY_S - SHORTEST_S / 2

    def _tell_behind(self, now: float, now_ms: int) -> None:
        pointing: set[int] | None = None
        for number, behind in list(self._behind.items()):
            for gone in [one for one in behind.owed if one not in self._poses]:
                behind.told(gone)
            behind.told(number)  # its own
            if now < behind.due:
                continue
            if behind.box.connection.backlog():
                behind.window = SEGMENT
                self.left_out += bool(behind.owed)
                continue
            left = behind.budget.left(now)
            if behind.owed:
                places = int(min(left, behind.window) - _FRAME_SIZE) // LARGEST_ENTRY
                if places <= 0:
                    continue
                if pointing is None:
                    pointing = {n for n, parts in self._poses.items() if parts.pointing}
                self._send_chosen(number, behind, places, now, now_ms, pointing)
                behind.window += SEGMENT
                # Half a flush early: those are what it would miss by a hair, and then wait again.
                behind.due = now + behind.every_s - SHORTEST_S / 2
            if behind.every_s:
                continue
            if not behind.owed and behind.budget.left(now) >= self._burst / 2:
                keeping_up = self._watchers if number in self.watching else self._level
                keeping_up[number] = behind.box
                del self._behind[number]

    def _send_chosen(
        self,
        number: int,
        behind: _Behind,
        places: int,
        now: float,
        now_ms: int,
        pointing: set[int],
    ) -> None:
        mine = self._poses.get(number)
        chosen = choose(
            behind.since,
            places,
            self._turn,
            mine.position if mine is not None and mine.complete else None,
            lambda other: self._poses[other].position,
            pointing,
        )
        entries = [self._poses[one].record(one, behind.told(one), now_ms) for one in chosen]
        frame = framed(batch(entries, now_ms))
        behind.budget.take(len(frame), now)
        behind.box.segment(frame)
        self.bytes_out += len(frame)
        self.own_frames += 1
