"""Judges one command against the records, the scene, the author's role and the house rules.

Pure: it returns the log entry that would put the command into effect, or says why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scenes.schema import Scene, SceneObject
from sync_server.room import moderation
from sync_server.room.effects import LogEntry
from sync_server.room.moderation import House, HouseRules, RoleOf
from sync_server.room.record import Record
from sync_server.room.records import RecordStore
from sync_server.room.roles import (
    DIRECTING_ACTS,
    LASTING,
    NEEDED,
    RESETTABLE,
    UNCHANGING,
    allows,
)
from sync_server.wire.errors import Refused
from sync_server.wire.limits import MAX_RECORDS
from sync_server.wire.messages import Command, Role
from sync_server.wire.records import (
    KEYED_BY,
    PAYLOADS,
    RESERVED_IDS,
    keyed_id,
    validated,
    validated_gift,
)

SERVER = "server"

# What was uploaded to the room under a SHA-256: media type, width and height; None: nothing.
PictureOf = Callable[[str], tuple[str, int, int] | None]


@dataclass(frozen=True, slots=True)
class Author:
    """Who commands. `role` None is the server itself, which may write everything."""

    id: str
    role: Role | None

    def may(self, permission: str) -> bool:
        """Whether the role has the permission."""
        return self.role is None or allows(self.role, permission)


THE_SERVER = Author(SERVER, None)


class CommandJudge:
    """The rules of one room. `role_of` knows who is present, `picture_of` what was uploaded."""

    def __init__(
        self,
        scene: Scene,
        records: RecordStore,
        house: House,
        role_of: RoleOf = lambda _member: None,
        picture_of: PictureOf = lambda _file: None,
    ) -> None:
        self._records = records
        self._house = house
        self._role_of = role_of
        self._picture_of = picture_of
        self._objects: Mapping[str, SceneObject] = {one.id: one for one in scene.objects}
        self._datastreams = frozenset(d.id for s in scene.sensors for d in s.datastreams)
        self._layers = frozenset(layer.id for layer in scene.layers)

    def judge(self, command: Command, author: Author, now: float) -> LogEntry:
        """The entry for a command.

        Raises `Refused` with the reason; nothing is changed here.
        """
        kind, op = command.kind, command.op
        rules = self._house.rules
        self._authorise(kind, op, author, rules)
        payload: dict[str, Any] = {}
        if op in {"create", "update"}:
            payload = validated(kind, command.payload)
            self._check_words(kind, payload, author, rules)
        elif op == "give":
            payload = validated_gift(command.payload)
        record_id = self._record_id(command, payload, author)
        target = self._records.get(record_id)
        if target is not None and target.kind != kind:
            raise Refused("server-wrong-kind", record=record_id)
        if command.expect is not None and command.expect != (target.number if target else 0):
            raise Refused("server-changed-meanwhile", record=record_id)
        alive = target is not None and not target.deleted
        owner = target.owner if target is not None else ""
        match op:
            case "create":
                if target is not None and kind not in KEYED_BY:
                    raise Refused("server-record-exists", record=record_id)
                owner = owner if alive else ""
            case "update" if kind not in KEYED_BY:
                self._may_touch(self._alive(target, record_id), author)
            case "update":
                owner = owner if alive else ""
            case "delete":
                target = self._alive(target, record_id)
                if kind not in KEYED_BY:
                    self._may_touch(target, author)
            case "restore":
                payload = dict(self._restored(target, record_id, author))
            case "give":
                target = self._alive(target, record_id)
                owner = self._receiver(payload["to"], target, author, command.expect)
                payload = target.payload
        # The server's own records and acts of moderation come in also where somebody filled it up.
        unbounded = author.role is None or kind in LASTING
        if not alive and self._records.live >= MAX_RECORDS and not unbounded:
            raise Refused("server-room-holds-no-more", limit=MAX_RECORDS)
        if op in {"create", "update"} and kind == "object_state":
            payload = self._operate(payload, target if alive else None)
        if op in {"create", "update", "restore"}:
            self._check_things(kind, payload)
        return LogEntry(
            number=self._records.last_number + 1,
            command=command.id,
            author=author.id,
            kind=kind,
            op="update" if alive and op == "create" else op,
            record=record_id,
            time=now,
            payload=payload,
            owner="" if target is not None and owner == target.author else owner,
        )

    # -- rights --------------------------------------------------------------------------------

    def _authorise(self, kind: str, op: str, author: Author, rules: HouseRules) -> None:
        """What depends on the kind and the operation alone."""
        if author.role is None:
            return
        needed = NEEDED.get(kind)
        if needed is None and kind not in PAYLOADS:
            raise Refused("server-unknown-kind", kind=kind)
        leads = kind == "moderation" and rules.lead == author.id  # and may hand that over
        if needed is None or not (author.may(needed) or leads):
            raise Refused("server-forbidden", kind=kind)
        moderation.check_member(rules, kind, op, author.id, author.role)
        moderation.check_lead(rules, kind, author.id, author.role, self._role_of)
        forbidden = (
            (op != "create" and kind in LASTING)
            or (op in {"update", "give"} and kind in UNCHANGING)
            or (op == "give" and kind in KEYED_BY)
            or (
                op in {"delete", "restore"}
                and kind in KEYED_BY
                and kind not in RESETTABLE
                and not author.may("moderate")
            )
        )
        if forbidden:
            raise Refused("server-forbidden", kind=kind)

    def _check_words(
        self, kind: str, payload: dict[str, Any], author: Author, rules: HouseRules
    ) -> None:
        """What depends on what is said."""
        if author.role is None:
            return
        moderation.check_words(rules, payload, author.id, author.role)
        if kind == "moderation":
            moderation.check_act(rules, payload, author.id, author.role, self._role_of)
        if kind == "drill_act" and payload["act"] in DIRECTING_ACTS and not author.may("drill"):
            raise Refused("server-forbidden", kind=kind)

    @staticmethod
    def _may_touch(target: Record, author: Author) -> None:
        if author.id != target.keeper and not author.may("moderate"):
            raise Refused("server-not-yours", record=target.id)

    # -- the record ----------------------------------------------------------------------------

    @staticmethod
    def _record_id(command: Command, payload: dict[str, Any], author: Author) -> str:
        kind, op = command.kind, command.op
        if op in {"delete", "restore", "give"}:
            return command.record or ""
        key = keyed_id(kind, payload)
        if key is not None:
            if RESERVED_IDS.get(key, kind) != kind:
                raise Refused("server-wrong-kind", record=key)
            return key
        if op == "create" and author.role is not None:
            # Its own ULID and nothing else: a free choice could take a thing's place.
            if command.record not in {None, command.id}:
                raise Refused("server-malformed", what="record")
            return command.id
        return command.record or command.id

    @staticmethod
    def _alive(target: Record | None, record_id: str) -> Record:
        if target is None or target.deleted:
            raise Refused("server-no-record", record=record_id[:64])
        return target

    def _restored(self, target: Record | None, record_id: str, author: Author) -> dict[str, Any]:
        if target is None:
            raise Refused("server-no-record", record=record_id[:64])
        if not target.deleted:
            raise Refused("server-record-exists", record=record_id)
        if target.kind not in KEYED_BY:
            self._may_touch(target, author)
            # What a moderator has taken away from somebody is a moderator's to bring back.
            if target.by not in {author.id, target.keeper, ""} and not author.may("moderate"):
                raise Refused("server-not-yours", record=record_id)
        return target.payload

    def _receiver(self, to: str, target: Record, author: Author, expect: int | None) -> str:
        """The new owner: somebody present, or whose things are here already."""
        # Who gave it away by mistake may take it back while nothing else has happened to it.
        gave = target.op == "give" and target.by == author.id
        if not (gave and to == author.id and expect is not None):
            self._may_touch(target, author)
        known = to in {author.id, target.author} or self._role_of(to) is not None
        if not known and to not in self._records.people():
            raise Refused("server-no-member", member=to)
        return to

    def _check_things(self, kind: str, payload: dict[str, Any]) -> None:
        """What a record is about must be there; brings a photo's payload in line with its file."""
        if kind == "alarm_ack" and payload["datastream"] not in self._datastreams:
            raise Refused("server-unknown-thing", name=payload["datastream"])
        if kind == "layer_state" and payload["layer"] not in self._layers:
            raise Refused("server-unknown-thing", name=payload["layer"])
        if kind == "photo":
            picture = self._picture_of(payload["file"])
            if picture is None:
                raise Refused("server-no-file")
            # What the file itself says counts, whatever its sender declares.
            payload["media_type"], payload["width"], payload["height"] = picture

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
