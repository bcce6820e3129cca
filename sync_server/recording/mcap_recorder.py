"""Writes what happens in a room to an MCAP file, from its own thread.

It never holds up the room (what the disk cannot take in time is counted and left out), and writes
a whole chunk every second, so that a crash leaves a readable file.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mcap.writer import Writer

from sync_server.room.effects import LogEntry
from sync_server.room.members import Member
from sync_server.sensors.observation import Observation
from sync_server.wire.errors import ServerError
from sync_server.wire.poses import MemberPose, Placed

log = logging.getLogger("kenish.recording")

QUEUE_LIMIT: Final = 20_000  # messages that wait for the disk
CHUNK_EVERY_S: Final = 1.0
_NUMBER: Final = {"type": "number"}
_TEXT: Final = {"type": "string"}


def _array(length: int) -> dict[str, Any]:
    return {"type": "array", "items": _NUMBER, "minItems": length, "maxItems": length}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_PLACED: Final = _object(position=_array(3), orientation=_array(4))
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "pose": _object(
        member=_TEXT,
        head=_PLACED,
        left=_or_null(_PLACED),
        right=_or_null(_PLACED),
        pointer=_or_null(_array(3)),
    ),
    "record": _object(
        number={"type": "integer"},
        command=_TEXT,
        author=_TEXT,
        kind=_TEXT,
        op=_TEXT,
        record=_TEXT,
        payload={"type": "object"},
    ),
    "observation": _object(
        datastream=_TEXT,
        phenomenon_time=_NUMBER,
        result=_or_null(_NUMBER),
        quality=_TEXT,
        source=_TEXT,
    ),
    "clock": _object(room_time=_NUMBER),
}
TOPICS: Final = {
    "pose": "/poses",
    "record": "/records",
    "observation": "/observations",
    "clock": "/clock",
}
_Item = tuple[str, int, dict[str, Any]]


def _placed(placed: Placed | None) -> dict[str, Any] | None:
    if placed is None:
        return None
    return {
        "position": [round(v, 4) for v in placed.position],
        "orientation": [round(v, 5) for v in placed.orientation],
    }


def pose_json(member: str, pose: MemberPose) -> dict[str, Any]:
    """A pose as it stands in a recording: metres in the scene frame, quaternions (w, x, y, z)."""
    return {
        "member": member,
        "head": _placed(pose.head),
        "left": _placed(pose.left),
        "right": _placed(pose.right),
        "pointer": None if pose.pointer is None else [round(v, 4) for v in pose.pointer],
    }


class McapRecorder:
    """A recording that is being made. Raises `ServerError` where the file cannot be made."""

    def __init__(self, path: Path, room: str, started: float) -> None:
        self.left_out = 0
        self.failed = False
        self._path = path
        self._queue: queue.Queue[_Item | None] = queue.Queue(QUEUE_LIMIT)
        self._channels: dict[str, int] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
            self._writer = Writer(self._file)
            self._begin(room, started)
        except OSError as error:
            raise ServerError("server-recording", file=str(path), reason=str(error)) from error
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def _begin(self, room: str, started: float) -> None:
        self._writer.start(profile="", library="kenish")
        for name, schema in SCHEMAS.items():
            schema_id = self._writer.register_schema(
                f"kenish.{name}", "jsonschema", json.dumps(schema).encode()
            )
            self._channels[name] = self._writer.register_channel(TOPICS[name], "json", schema_id)
        self._writer.add_metadata("kenish", {"room": room, "started": f"{started:.3f}"})
        self._flush()

    def pose(self, now: float, member: Member) -> None:
        """A member's pose."""
        pose = member.pose.pose()
        if pose is not None:
            self._put("pose", member.pose.time_ms / 1000, pose_json(member.id, pose))

    def entry(self, entry: LogEntry) -> None:
        """A stored command."""
        content = {
            "number": entry.number,
            "command": entry.command,
            "author": entry.author,
            "kind": entry.kind,
            "op": entry.op,
            "record": entry.record,
            "payload": entry.payload,
        }
        self._put("record", entry.time, content)

    def observations(self, now: float, observations: Sequence[Observation]) -> None:
        """Sensor values as they came."""
        for one in observations:
            content = {
                "datastream": one.datastream,
                "phenomenon_time": one.phenomenon_time,
                "result": one.result,
                "quality": one.quality,
                "source": one.source,
            }
            self._put("observation", now, content)

    def clock(self, now: float) -> None:
        """Room time."""
        self._put("clock", now, {"room_time": now})

    def close(self) -> None:
        """Write the end of the file."""
        self._queue.put(None)
        self._thread.join(timeout=5.0)

    def _put(self, name: str, now: float, content: dict[str, Any]) -> None:
        try:
            self._queue.put_nowait((name, int(now * 1e9), content))
        except queue.Full:
            self.left_out += 1

    def _run(self) -> None:
        try:
            self._write_all()
        except Exception as error:
            # A full disk, or a defect of ours, ends the recording, not the room; and somebody must
            # go on taking from the queue, or closing would wait for ever.
            self.failed = True
            known = isinstance(error, OSError)
            log.error("recording %s ended: %s", self._path, error, exc_info=not known)
            while self._queue.get() is not None:
                self.left_out += 1
        finally:
            self._file.close()

    def _write_all(self) -> None:
        sequence = 0
        due = time.monotonic() + CHUNK_EVERY_S
        while True:
            try:
                item = self._queue.get(timeout=max(due - time.monotonic(), 0.0))
            except queue.Empty:
                self._flush()
                due = time.monotonic() + CHUNK_EVERY_S
                continue
            if item is None:
                break
            name, nanoseconds, content = item
            sequence += 1
            data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
            self._writer.add_message(self._channels[name], nanoseconds, data, nanoseconds, sequence)
            if time.monotonic() >= due:
                self._flush()
                due = time.monotonic() + CHUNK_EVERY_S
        self._writer.finish()  # type: ignore[no-untyped-call]

    def _flush(self) -> None:
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._file.flush()
