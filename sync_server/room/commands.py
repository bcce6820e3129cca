"""Judges one command against the records, the scene and the author's role.

Pure: it returns the log entry that would put the command into effect, or says why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenes.schema import Scene, SceneObject
from sync_server.room.effects import LogEntry
from sync_server.room.records import Record, RecordStore
from sync_server.room.roles import DIRECTING_ACTS, NEEDED, UNCHANGING, allows
from sync_server.wire.errors import Refused
from sync_server.wire.limits import MAX_RECORDS
from sync_server.wire.messages import Command, Role
from sync_server.wire.records import KEYED_BY, PAYLOADS, validated

SERVER = "server"


class CommandJudge:
    """The rules of one room."""

    def __init__(self, scene: Scene, records: RecordStore) -> None:
        self._records = records
        self._objects: Mapping[str, SceneObject] = {one.id: one for one in scene.objects}
        self._datastreams = frozenset(d.id for s in scene.sensors for d in s.datastreams)

    def judge(self, command: Command, author: str, role: Role | None, now: float) -> LogEntry:
        """The entry for a command. `role` None is the server itself, which may do everything.

        Raises `Refused` with the reason; nothing is changed here.
        """
        kind, op = command.kind, command.op
        self._authorise(kind, role)
        target: Record | None = None
        payload: dict[str, Any] = {}
        if op == "delete":
            record_id = command.record or ""
        else:
            payload = validated(kind, command.payload)
            if kind == "drill_act" and payload["act"] in DIRECTING_ACTS and role is not None:
                self._may_direct(role)
            key = KEYED_BY.get(kind)
            record_id = payload[key] if key else command.record or command.id
        target = self._records.get(record_id)
        alive = target is not None and not target.deleted
        if target is not None and target.kind != kind:
            raise Refused("server-wrong-kind", record=record_id)
        if kind in KEYED_BY:
            if op == "delete" and role is not None and not allows(role, "moderate"):
                raise Refused("server-forbidden", kind=kind)
        elif op == "create" and target is not None:
            raise Refused("server-record-exists", record=record_id)
        elif op == "update" and kind in UNCHANGING and role is not None:
            raise Refused("server-forbidden", kind=kind)
        if op == "delete" or (op == "update" and kind not in KEYED_BY):
            if target is None or not alive:
                raise Refused("server-no-record", record=record_id[:64])
            self._may_touch(target, author, role)
        if not alive and self._records.live >= MAX_RECORDS:
            raise Refused("server-room-holds-no-more", limit=MAX_RECORDS)
        if kind == "object_state" and op != "delete":
            payload = self._operate(payload, target if alive else None)
        if kind == "alarm_ack" and op != "delete" and record_id not in self._datastreams:
            raise Refused("server-unknown-thing", name=record_id)
        return LogEntry(
            number=self._records.last_number + 1,
            command=command.id,
            author=author,
            kind=kind,
            op="update" if alive and op == "create" else op,
            record=record_id,
            time=now,
            payload=payload,
        )

    @staticmethod
    def _authorise(kind: str, role: Role | None) -> None:
        if role is None:
            return
        needed = NEEDED.get(kind)
        if needed is None and kind not in PAYLOADS:
            raise Refused("server-unknown-kind", kind=kind)
        if needed is None or not allows(role, needed):
            raise Refused("server-forbidden", kind=kind)

    @staticmethod
    def _may_direct(role: Role) -> None:
        if not allows(role, "drill"):
            raise Refused("server-forbidden", kind="drill_act")

    @staticmethod
    def _may_touch(target: Record, author: str, role: Role | None) -> None:
        if role is None or target.author == author or allows(role, "moderate"):
            return
        raise Refused("server-not-yours", record=target.id)

    def _operate(self, payload: dict[str, Any], state: Record | None) -> dict[str, Any]:
        thing = self._objects.get(payload["object"])
        if thing is None:
            raise Refused("server-unknown-thing", name=payload["object"])
        action = next((one for one in thing.actions if one.id == payload["action"]), None)
        if action is None:
            raise Refused("server-unknown-thing", name=payload["action"])
        current = state.payload.get("state", thing.initial) if state else thing.initial
        if action.from_states and current not in action.from_states:
            raise Refused(
                "server-action-not-now", object=thing.id, action=action.id, state=str(current)
            )
        return {
            "object": thing.id,
            "action": action.id,
            "state": action.to_state,
            "event": action.event,
        }
