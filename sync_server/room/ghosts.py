"""The people and records of a recording, put into a room as they were: nobody judges them again.

Pure like the room itself: the caller says what was recorded and carries the effects out. Ghosts
have no connection, and whoever is really there is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sync_server.room.effects import Broadcast, Effect, LogEntry
from sync_server.room.members import Member
from sync_server.room.record import Record
from sync_server.room.room import Room
from sync_server.wire.limits import MAX_MEMBERS, MAX_RECORDS
from sync_server.wire.messages import Joined, Left, Role
from sync_server.wire.poses import MemberPose, PoseEncoder, take_member_frame


@dataclass(slots=True)
class _Ghost:
    number: int
    encoder: PoseEncoder = field(default_factory=PoseEncoder)


class Ghosts:
    """The recorded side of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._ghosts: dict[str, _Ghost] = {}
        self._records: set[str] = set()  # ids of those that came from the recording and live

    def present(self) -> set[str]:
        """The pseudonyms of the ghosts that are there."""
        return set(self._ghosts)

    def enter(self, member: str, role: Role, language: str, display: str) -> list[Effect]:
        """A recorded member comes; nothing happens where it is there already."""
        members = self._room.members
        if member in self._ghosts or len(self._ghosts) >= MAX_MEMBERS:
            return []
        if members.by_id(member) is not None:
            return []
        number = members.free_number()
        ghost = Member(
            number=number,
            id=member,
            name=f"#{number}",
            role=role,
            language=language,
            display=display,
            generation=0,
        )
        members.add(ghost)
        self._ghosts[member] = _Ghost(number)
        return [Broadcast(Joined(member=ghost.info()))]

    def leave(self, member: str) -> list[Effect]:
        """A recorded member goes."""
        ghost = self._ghosts.pop(member, None)
        if ghost is None:
            return []
        self._room.members.remove(ghost.number)
        return [Broadcast(Left(number=ghost.number))]

    def waits(self, member: str) -> bool:
        """Whether a pose of that ghost has not been passed on: the next one would replace it."""
        ghost = self._ghosts.get(member)
        body = self._room.members.get(ghost.number) if ghost is not None else None
        return body is not None and bool(body.pose.changed)

    def pose(self, now: float, member: str, pose: MemberPose, taken: float) -> bool:
        """A recorded pose that was taken at room time `taken`; False where it tells nothing new."""
        ghost = self._ghosts.get(member)
        body = self._room.members.get(ghost.number) if ghost is not None else None
        if ghost is None or body is None:
            return False
        frame = ghost.encoder.encode(pose, round(taken * 1000))
        if frame is None:
            return False
        take_member_frame(body.pose, frame, int(now * 1000))
        return True

    def entry(self, entry: LogEntry) -> list[Effect]:
        """A recorded command, with a number and an id of this room in place of its own."""
        if entry.op != "delete" and self._room.records.live >= MAX_RECORDS:
            return []
        if entry.op == "delete":
            self._records.discard(entry.record)
        else:
            self._records.add(entry.record)
        return self._room.repeat(entry)

    def become(self, wanted: Iterable[Record]) -> Iterator[Effect]:
        """Make the recorded records these: others go, those that differ change.

        Done step by step as the effects are taken, deletions first, then in the order of `wanted`.
        """
        records = {one.id: one for one in wanted}
        for name in sorted(self._records - records.keys()):
            there = self._room.records.get(name)
            if there is not None and not there.deleted:
                yield from self.entry(_entry(there, "delete"))
        for name, record in records.items():
            there = self._room.records.get(name)
            alive = there is not None and not there.deleted
            if alive and there is not None and _same(there, record):
                self._records.add(name)
                continue
            yield from self.entry(_entry(record, "update" if alive else "create"))


def _same(one: Record, other: Record) -> bool:
    return (one.payload, one.owner, one.time) == (other.payload, other.owner, other.time)


def _entry(record: Record, op: str) -> LogEntry:
    return LogEntry(
        number=0,
        command="",
        author=record.author,
        kind=record.kind,
        op=op,
        record=record.id,
        time=record.time,
        payload=record.payload,
        owner=record.owner,
    )
