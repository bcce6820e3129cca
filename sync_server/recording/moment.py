"""How a recorded room stood at one moment, built up message by message.

Pure; the same for looking up a moment and for going on from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sync_server.recording.contents import (
    Content,
    KeptRecord,
    Keyframe,
    MemberEvent,
    ObservationContent,
    Pose,
    Present,
    RecordEntry,
    Snapshot,
)


@dataclass(slots=True)
class RoomState:
    """Members, records and sensor values by their ids; times are recorded room time, seconds."""

    PRESENCE: ClassVar = (Keyframe, MemberEvent, Pose, ObservationContent)
    RECORDS: ClassVar = (Snapshot, RecordEntry)

    members: dict[str, Present] = field(default_factory=dict)
    records: dict[str, KeptRecord] = field(default_factory=dict)
    values: dict[str, ObservationContent] = field(default_factory=dict)
    number: int = 0  # of the last command
    records_whole: bool = False

    def take(self, happened: float, content: Content) -> None:
        """Add the next message, that tells of what happened then."""
        match content:
            case Keyframe(members=members, observations=observations):
                self.members = {one.member: one for one in members}
                self.values |= {one.datastream: one for one in observations}
            case MemberEvent(event="joined", role=role) if role is not None:
                self.members[content.member] = Present(
                    member=content.member,
                    role=role,
                    language=content.language,
                    display=content.display,
                )
            case MemberEvent(event="left"):
                self.members.pop(content.member, None)
            case Pose():
                present = self.members.get(content.member)
                if present is not None:
                    present.pose, present.time = content, happened
            case ObservationContent():
                self.values[content.datastream] = content
            case Snapshot():
                self._take_snapshot(content)
            case RecordEntry():
                self._take_entry(content)

    def _take_snapshot(self, part: Snapshot) -> None:
        if part.part == 0:
            self.records = {}
            self.records_whole = False
        self.records |= {one.id: one for one in part.records}
        self.number = part.number
        self.records_whole = self.records_whole or part.last

    def _take_entry(self, entry: RecordEntry) -> None:
        if entry.number <= self.number:
            return
        self.number = entry.number
        before = self.records.pop(entry.record, None)
        if entry.op == "delete":
            return
        self.records[entry.record] = KeptRecord(
            id=entry.record,
            kind=entry.kind,
            author=entry.maker or entry.author,
            owner=entry.owner,
            number=entry.number,
            version=before.version + 1 if before else 1,
            time=entry.time,
            payload=entry.payload,
        )
