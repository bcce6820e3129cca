"""Records one room: turns what the host tells it into messages, which a thread writes as MCAP.

It never holds up the room (what the disk cannot take in time is counted, left out and noted in
the file), keeps no name, and begins a new file that stands alone every so many minutes.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scenes.schema import Scene
from sync_server.recording.contents import (
    Clock,
    Content,
    Keyframe,
    LeftOut,
    MemberEvent,
    ObservationContent,
    Pose,
    RecordEntry,
    Snapshot,
    kept_json,
    pose_json,
)
from sync_server.recording.mcap_file import McapFile, place_for
from sync_server.recording.waiting import BoundedQueue
from sync_server.room.effects import LogEntry
from sync_server.room.members import Member
from sync_server.room.record import Record
from sync_server.room.results import without_results
from sync_server.room.room import Room
from sync_server.sensors.observation import Observation
from sync_server.transport.rates import Bucket
from sync_server.wire.errors import ServerError
from sync_server.wire.messages import Joined, Left, ServerMessage

log = logging.getLogger("kenish.recording")

QUEUE_MESSAGES: Final = 50_000  # that wait for the disk
QUEUE_BYTES: Final = 32 * 1024 * 1024
POSE_SHARE: Final = 0.75  # poses leave the last quarter of the queue to records and events
CHUNK_EVERY_S: Final = 1.0
KEYFRAME_EVERY_S: Final = 5.0
SNAPSHOT_EVERY_S: Final = 300.0  # and only where records have changed
SNAPSHOT_PART: Final = 500  # records in one message
POSES_A_SECOND: Final = 40.0  # of one member; programs send 20 to 30
CLOSING_S: Final = 10.0
MINUTES: Final = 120.0


@dataclass(frozen=True, slots=True)
class _Message:
    model: type[Content]
    log_ns: int
    publish_ns: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Records:
    """A snapshot to come: the records are frozen, so the thread may turn them into JSON."""

    log_ns: int
    number: int
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class _NewFile:
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _End:
    """Nothing follows."""


_Item = _Message | _Records | _NewFile | _End


class McapRecorder:
    """A recording that is being made. `path` is a file, or a folder for a new file in it.

    Raises `ServerError` (`server-recording`) where the file cannot be made.
    """

    def __init__(
        self,
        path: Path,
        room: Room,
        scene: Scene,
        checksum: str,
        clock: Callable[[], float],
        minutes: float = MINUTES,
    ) -> None:
        """`checksum` is that of scene.yaml, so that a replay can tell whether it has the same."""
        self.left_out = 0
        self.failed = False
        self._room = room
        self._scene = {"scene": scene.name, "scene_sha256": checksum}
        self._datastreams = frozenset(d.id for s in scene.sensors for d in s.datastreams)
        self._clock = clock
        self._part_s = minutes * 60
        self._last_ns = 0
        self._part = 0
        self._part_began = self._keyframe_at = self._snapshot_at = 0.0
        self._snapshot_number = -1
        self._stored_number = room.records.last_number
        self._gap = [0, 0]  # messages, bytes that were left out and not noted yet
        self._ids: dict[int, str] = {member.number: member.id for member in room.members}
        self._rates: dict[str, Bucket] = {}
        self._told: dict[str, int] = {}  # when each member's last pose was taken, ms
        self._values: dict[str, dict[str, Any]] = {}
        self._queue: BoundedQueue[_Item] = BoundedQueue(QUEUE_MESSAGES, QUEUE_BYTES)
        now = clock()
        self._place = place_for(path, room.identity.name, now)
        try:
            self._file = McapFile(self._place, self._metadata(now))
        except OSError as error:
            reason = error.strerror or str(error)
            raise ServerError("server-recording", file=str(self._place), reason=reason) from error
        self.path = self._file.path
        self._begin_part(now)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    # -- what the host tells, on the event loop -------------------------------------------------

    def pose(self, now: float, member: Member) -> None:
        """A member's pose has come."""
        if member.pose.time_ms == self._told.get(member.id):
            return  # not seen by the others either: an observer's, say
        self._told[member.id] = member.pose.time_ms
        rate = self._rates.setdefault(member.id, Bucket(POSES_A_SECOND, POSES_A_SECOND))
        pose = member.pose.pose() if rate.take(now) else None
        if pose is not None:
            taken = member.pose.time_ms * 1_000_000
            self._put(Pose, now, pose_json(member.id, pose), taken, POSE_SHARE)

    def entry(self, entry: LogEntry) -> None:
        """A stored command."""
        self._stored_number = entry.number
        record = self._room.records.get(entry.record)
        content = {
            "number": entry.number,
            "command": entry.command,
            "author": entry.author,
            "owner": entry.owner,
            "maker": entry.author if record is None else record.author,
            "kind": entry.kind,
            "op": entry.op,
            "record": entry.record,
            "time": entry.time,
            "payload": without_results(entry.kind, entry.payload),
        }
        self._put(RecordEntry, self._clock(), content, int(entry.time * 1e9))

    def broadcast(self, message: ServerMessage) -> None:
        """What everybody is told: of it, who came and who went."""
        match message:
            case Joined(member=member):
                self._ids[member.number] = member.id
                came = {
                    "event": "joined",
                    "member": member.id,
                    "role": member.role,
                    "language": member.language,
                    "display": member.display,
                }
                self._put(MemberEvent, self._clock(), came)
            case Left(number=number):
                gone = self._ids.pop(number, None)
                if gone is not None:
                    self._rates.pop(gone, None)
                    self._told.pop(gone, None)
                    self._put(MemberEvent, self._clock(), {"event": "left", "member": gone})

    def observations(self, now: float, observations: Sequence[Observation]) -> None:
        """Sensor values as they came."""
        for one in observations:
            content = {
                "datastream": one.datastream,
                "phenomenon_time": one.phenomenon_time,
                "result": one.result,
                "quality": one.quality,
                "source": one.source[:200],
            }
            if one.datastream in self._datastreams:
                self._values[one.datastream] = content
                self._put(ObservationContent, now, content)

    def clock(self, now: float) -> None:
        """Room time, once a second; keyframes, snapshots and new files are begun here."""
        if self.failed:
            return
        self._put(Clock, now, {"room_time": now})
        if now - self._part_began >= self._part_s:
            self._queue.force(_NewFile(self._metadata(now)))
            self._begin_part(now)
            return
        if self._gap[0] and self._note_gap(now):
            self._keyframe_at = self._snapshot_at = 0.0  # begin again from what is true now
            self._snapshot_number = -1
        if now - self._keyframe_at >= KEYFRAME_EVERY_S:
            self._keyframe(now)
        if now - self._snapshot_at >= SNAPSHOT_EVERY_S:
            self._snapshot(now)

    def close(self) -> None:
        """Write the end of the file. Blocks for some seconds at the very most."""
        self._queue.force(_End())
        self._thread.join(timeout=CLOSING_S)

    def _metadata(self, now: float) -> dict[str, str]:
        self._part += 1
        identity = self._room.identity
        return {
            "room": identity.name,
            "epoch": identity.epoch,
            "started": f"{now:.3f}",
            "part": str(self._part),
            **self._scene,
        }

    def _begin_part(self, now: float) -> None:
        self._part_began = now
        self._snapshot_number = -1
        self._keyframe(now)
        self._snapshot(now)

    def _keyframe(self, now: float) -> None:
        self._keyframe_at = now
        members = []
        for member in self._room.members:
            pose = member.pose.pose()
            members.append(
                {
                    "member": member.id,
                    "role": member.role,
                    "language": member.language,
                    "display": member.display,
                    "time": member.pose.time_ms / 1000 if pose else None,
                    "pose": pose_json(member.id, pose) if pose else None,
                }
            )
        self._put(Keyframe, now, {"members": members, "observations": list(self._values.values())})

    def _snapshot(self, now: float) -> None:
        records = self._room.records
        if records.last_number != self._stored_number:
            return  # something waits for the disk and may be taken back: a second later, then
        self._snapshot_at = now
        if records.last_number == self._snapshot_number:
            return
        self._snapshot_number = records.last_number
        living = [one for one in records if not one.deleted]
        item = _Records(self._time_ns(now), records.last_number, living)
        if not self._queue.put(item, 64 * len(living)):
            self._gap[0] += 1
            self.left_out += 1

    def _note_gap(self, now: float) -> bool:
        messages, size = self._gap
        content = {"messages": messages, "bytes": size, "total_messages": self.left_out}
        self._gap = [0, 0]
        if self._put(LeftOut, now, content):
            return True
        self._gap[0] += messages
        self._gap[1] += size
        return False

    def _time_ns(self, now: float) -> int:
        # Readers rely on messages in order, and the clock's steps are coarser than nanoseconds.
        self._last_ns = max(int(now * 1e9), self._last_ns)
        return self._last_ns

    def _put(
        self,
        model: type[Content],
        now: float,
        content: dict[str, Any],
        publish_ns: int | None = None,
        share: float = 1.0,
    ) -> bool:
        log_ns = self._time_ns(now)
        data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        item = _Message(model, log_ns, log_ns if publish_ns is None else publish_ns, data)
        if not self.failed and self._queue.put(item, len(data) + 200, share):
            return True
        self.left_out += 1
        self._gap[0] += 1
        self._gap[1] += len(data)
        return False

    # -- on the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._write_all()
        except Exception as error:
            # A full disk, or a defect of ours, ends the recording, not the room; and somebody must
            # go on taking from the queue, or it would stay full.
            self.failed = True
            known = isinstance(error, OSError)
            log.error("recording %s ended: %s", self.path, error, exc_info=not known)
            self._file.cut()
            while not isinstance(item := self._queue.take(60.0), _End):
                self.left_out += item is not None

    def _write_all(self) -> None:
        while True:
            due = self._file.written + CHUNK_EVERY_S - time.monotonic()
            item = self._queue.take(due) if due > 0 else None
            match item:
                case _Message(model, log_ns, publish_ns, data):
                    self._file.write(model, log_ns, publish_ns, data)
                case _Records():
                    self._write_records(item)
                case _NewFile(metadata):
                    self._file.finish()
                    self._file = McapFile(self._place, metadata)
                    self.path = self._file.path
                case _End():
                    self._file.finish()
                    return
                case None:
                    self._file.flush()

    def _write_records(self, item: _Records) -> None:
        starts = range(0, len(item.records), SNAPSHOT_PART) or range(1)
        for part, start in enumerate(starts):
            chosen = item.records[start : start + SNAPSHOT_PART]
            content = {
                "number": item.number,
                "part": part,
                "last": start + SNAPSHOT_PART >= len(item.records),
                "records": [kept_json(one) for one in chosen],
            }
            data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
            self._file.write(Snapshot, item.log_ns, item.log_ns, data)
