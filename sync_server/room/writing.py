"""Puts accepted commands into effect: numbers them, changes the records, says what to tell.

Pure. Whether a command is accepted is for the judge; here it takes effect once, however often it
comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sync_server.room.commands import THE_SERVER, Author, CommandJudge
from sync_server.room.effects import Broadcast, Disconnect, Effect, LogEntry, Send, Store
from sync_server.room.listener import Write
from sync_server.room.members import Member, Members
from sync_server.room.moderation import House, rules_after
from sync_server.room.record import Record
from sync_server.room.records import RecordStore
from sync_server.room.roles import check_replay
from sync_server.wire.errors import Refused
from sync_server.wire.limits import CLOSE_KEPT_OUT
from sync_server.wire.messages import Ack, Command, CommandRefused, RecordChanged


class Writing:
    """The one way to a room's records. `new_id` makes a fresh ULID."""

    def __init__(
        self,
        records: RecordStore,
        members: Members,
        house: House,
        judge: CommandJudge,
        new_id: Callable[[], str],
        replaying: bool = False,
    ) -> None:
        self._records = records
        self._members = members
        self._house = house
        self._judge = judge
        self._new_id = new_id
        self._replaying = replaying
        self.refused = 0  # wishes of the server's own that could not be

    def command(
        self, now: float, member: Member, command: Command
    ) -> tuple[list[Effect], LogEntry | None]:
        """A member's command: what follows, and the entry where it has taken effect now."""
        known = self._records.number_of(command.id)
        if known is not None:
            accepted, author = known
            if author == member.id:
                return [Send(member.number, Ack(id=command.id, number=accepted))], None
            return [refusal(member, command.id, Refused("server-duplicate-id"))], None
        try:
            check_replay(self._replaying, command.kind)
            entry = self._judge.judge(command, Author(member.id, member.role), now)
        except Refused as refused:
            return [refusal(member, command.id, refused)], None
        effects = [
            *self._apply(entry, member.number),
            Send(member.number, Ack(id=command.id, number=entry.number)),
        ]
        if entry.kind == "moderation":
            effects += self._moderate(now, entry)
        return effects, entry

    def write(self, now: float, write: Write) -> list[Effect]:
        """A record in the server's own name."""
        command = Command(
            id=self._new_id(),
            kind=write.kind,
            op=write.op,
            record=write.record,
            payload=write.payload,
        )
        try:
            entry = self._judge.judge(command, THE_SERVER, now)
        except Refused:  # a defect of the listener's must not end the room
            self.refused += 1
            return []
        return self._apply(entry, None)

    def repeat(self, entry: LogEntry) -> list[Effect]:
        """Put an entry of a recording into effect as it was, under a number and an id of ours."""
        number = self._records.last_number + 1
        return self._apply(replace(entry, number=number, command=self._new_id()), None)

    def _apply(self, entry: LogEntry, to: int | None) -> list[Effect]:
        record = self._records.apply(entry)
        return [Store(entry, to), Broadcast(_changed(entry, record))]

    def _moderate(self, now: float, entry: LogEntry) -> list[Effect]:
        """Put an act of moderation into effect; it is stored together with what it changes."""
        before = self._house.rules
        rules = rules_after(before, entry.payload)
        effects: list[Effect] = []
        if rules != before:
            effects += self.write(now, Write("room_state", rules.payload()))
        if entry.payload["act"] == "kick":
            kicked = self._members.by_id(entry.payload["member"])
            if kicked is not None:  # its room forgets it when the socket has closed
                out = Disconnect(kicked.number, CLOSE_KEPT_OUT, "server-kept-out", entry.command)
                effects.append(out)
        return effects


def refusal(member: Member, asked: str, refused: Refused) -> Send:
    """What a member is told of a command or question that was refused."""
    message = CommandRefused(id=asked, message_id=refused.message_id, arguments=refused.arguments)
    return Send(member.number, message)


def _changed(entry: LogEntry, record: Record) -> RecordChanged:
    return RecordChanged.model_validate(
        {"op": entry.op, "command": entry.command, "record": record.info()}
    )
