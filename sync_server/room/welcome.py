"""What somebody who joins is told, in one exchange: the room, the records, the lines.

Pure; the records go out as they are at this moment, whatever changes while they travel.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from sync_server.room.effects import Effect, Send, SendAllPoses, SendRecords
from sync_server.room.entrance import Admission
from sync_server.room.latest import LatestValues
from sync_server.room.members import Member, Members
from sync_server.room.quality import QualityBoard
from sync_server.room.records import RecordStore
from sync_server.room.roles import PERMISSIONS
from sync_server.wire.limits import MAX_NAME, MAX_NAMES, PROTOCOL_VERSION
from sync_server.wire.messages import Hello, Welcome

# The names of those ids that the site knows, for people who are absent; must not block.
NamesOf = Callable[[Collection[str]], Mapping[str, str]]
_SERVER: Final = "server"


def welcome(
    now: float,
    room: str,
    epoch: str,
    member: Member,
    hello: Hello,
    admission: Admission,
    http: str,
    members: Members,
    records: RecordStore,
    values: LatestValues,
    quality: QualityBoard,
    names_of: NamesOf,
) -> list[Effect]:
    """The effects for a member who is among `members` already."""
    # A number from another epoch, or from after what we have, says nothing about our log.
    known = hello.last_number if hello.epoch == epoch else 0
    difference = records.can_tell_since(known)
    message = Welcome(
        version=PROTOCOL_VERSION,
        room=room,
        epoch=epoch,
        me=member.number,
        member=member.id,
        role=member.role,
        permissions=sorted(PERMISSIONS[member.role]),
        resume=admission.resume,
        http=http,
        http_token=admission.http_token,
        time=now,
        last_number=records.last_number,
        difference=difference,
        members=[one.info() for one in members],
        observations=values.all(),
        names=_absent_names(members, records, names_of),
    )
    effects: list[Effect] = [
        Send(member.number, message),
        SendRecords(member.number, records.since(known if difference else 0)),
    ]
    lines = quality.all()
    if lines is not None:
        effects.append(Send(member.number, lines))
    effects.append(SendAllPoses(member.number))
    return effects


def _absent_names(members: Members, records: RecordStore, names_of: NamesOf) -> dict[str, str]:
    present = {one.id for one in members} | {_SERVER}
    absent = [person for person in records.people() if person not in present][-MAX_NAMES:]
    if not absent:
        return {}
    asked = set(absent)
    found = names_of(absent)
    return {person: name[:MAX_NAME] for person, name in found.items() if person in asked}
