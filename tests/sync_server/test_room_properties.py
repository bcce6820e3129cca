"""Over all commands, operations, roles and house rules: what is forbidden never takes effect.

And over all losses, repeats and reorderings: every command takes effect exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.room.effects import Broadcast, Effect, Send, SendRecords, Store
from sync_server.room.roles import ROLES
from sync_server.room.room import Room
from sync_server.wire.messages import (
    Ack,
    Command,
    CommandRefused,
    Hello,
    Operation,
    RecordChanged,
    Role,
    Welcome,
)
from sync_server.wire.records import PAYLOADS
from tests.sync_server.rooms import (
    FILE,
    MARK,
    NOW,
    PAYLOADS_OF_PEOPLE,
    command,
    join,
    make_room,
    member_id,
    sent,
    stored,
    ticket,
)

# The law, written down once more and apart from the code that enforces it.
LEAST_ROLE: dict[str, Role] = {
    "message": "visitor",
    "choice": "visitor",
    "annotation": "trainee",
    "measurement": "trainee",
    "photo": "trainee",
    "object_state": "trainee",
    "alarm_ack": "engineer",
    "viewpoint": "engineer",
    "section": "engineer",
    "layer_state": "engineer",
    "scene_time": "engineer",
    "drill_act": "engineer",
    "moderation": "instructor",
}
TALK = {"message", "annotation", "photo", "measurement", "viewpoint"}
SHOWN_TO_ALL = {"section", "layer_state", "scene_time"}
ONE_FOR_A_THING = {"object_state", "alarm_ack", "layer_state", "scene_time"}
AS_IT_WAS_SAID = {"message", "choice", "drill_act", "moderation"}
OPERATIONS: tuple[Operation, ...] = ("create", "update", "delete", "restore", "give")
ACTS = ("kick", "admit", "mute", "unmute", "lock", "unlock", "lead")


def forbidden(room: Room, author: str, role: Role, wish: Command) -> bool:
    """Whether the law forbids the wish, whatever else may be wrong with it."""
    found = room.records.get("room")
    rules: dict[str, Any] = found.payload if found is not None else {}
    kind, op = wish.kind, wish.op
    moderator = role in {"instructor", "admin"}
    lead = rules.get("lead")
    if author in rules.get("kept_out", []) or kind not in LEAST_ROLE:
        return True
    if ROLES.index(role) < ROLES.index(LEAST_ROLE[kind]):
        act = wish.payload.get("act")  # the lead may hand over, whatever the role
        return not (kind == "moderation" and op == "create" and act == "lead" and lead == author)
    if kind in TALK and author in rules.get("muted", []) and not moderator and op != "delete":
        return True
    lead_is_here = any(one.id == lead for one in room.members)
    if kind in SHOWN_TO_ALL and lead_is_here and lead != author and not moderator:
        return True
    if kind == "moderation":
        whom = next((one for one in room.members if one.id == wish.payload.get("member")), None)
        harms_a_moderator = whom is not None and whom.role in {"instructor", "admin"}
        if op != "create" or wish.payload["act"] not in {"kick", "mute"}:
            return op != "create"
        return wish.payload["member"] == author or (harms_a_moderator and role != "admin")
    if kind in AS_IT_WAS_SAID and op in {"update", "give"}:
        return True
    if kind in ONE_FOR_A_THING:
        resets = kind in {"layer_state", "scene_time"}
        return op == "give" or (op in {"delete", "restore"} and not resets and not moderator)
    record = room.records.get(wish.record or "")
    if op != "create" and record is not None and not moderator:
        undoes_giving = op == "give" and record.op == "give" and record.by == author
        return (record.owner or record.author) != author and not undoes_giving
    return False


def everything(room: Room) -> Any:
    """The room's state, to compare."""
    return list(room.records), room.records.last_number, room.records.live


def wishes_of(kinds: Iterable[str], operations: Sequence[Operation]) -> Any:
    return st.fixed_dictionaries(
        {
            "who": st.integers(0, 6),
            "kind": st.sampled_from(sorted(kinds)),
            "op": st.sampled_from(operations),
            "record": st.integers(0, 8),
            "act": st.sampled_from(ACTS),
            "whom": st.integers(0, 6),
            "expect": st.sampled_from([None, None, None, 0, 1, 2]),
            "same_kind": st.booleans(),
        }
    )


# All kinds, and more often those that the house rules are about.
WISHES = st.one_of(
    wishes_of(PAYLOADS, OPERATIONS),
    wishes_of(TALK, OPERATIONS),
    wishes_of(SHOWN_TO_ALL, ("create", "update", "delete")),
    wishes_of(["moderation"], ("create",)),
)
CAST: tuple[Role, ...] = (*ROLES, "engineer")
SOME = st.sets(st.integers(0, 6), max_size=3)
LEADS = st.sampled_from([None, *(n for n, role in enumerate(CAST) if role in ROLES[3:])])


def wish_of(room: Room, numbers: Sequence[int], drawn: dict[str, Any]) -> Command:
    known = list(room.records)
    target = known[drawn["record"]] if drawn["record"] < len(known) else None
    same = drawn["same_kind"] and drawn["op"] != "create"
    kind = target.kind if target is not None and same else drawn["kind"]
    payload = dict(PAYLOADS_OF_PEOPLE.get(kind, {}))
    member = room.members.get(numbers[drawn["whom"]])
    whom = member.id if member is not None else "m-gone"
    if kind == "moderation":
        payload = {"act": drawn["act"], "member": whom}
    if drawn["op"] == "give":
        payload = {"to": whom}
    return command(
        kind,
        payload,
        op=drawn["op"],
        record=target.id if target is not None and drawn["op"] != "create" else None,
        expect=drawn["expect"],
    )


@settings(max_examples=300)
@given(
    st.lists(WISHES, min_size=4, max_size=14),
    SOME,
    SOME,
    LEADS,
)
def test_what_is_forbidden_never_takes_effect(
    wishes: list[dict[str, Any]], muted: set[int], kept_out: set[int], lead: int | None
) -> None:
    room = make_room(files={FILE})
    numbers = [join(room, role) for role in CAST]
    ids = [member_id(room, number) for number in numbers]
    for number in numbers:  # something of everybody's to lay hands on
        room.handle(NOW, number, command("annotation", MARK))
    boss = join(room, "admin")
    acts = [("mute", whom) for whom in muted] + [("kick", whom) for whom in kept_out]
    for name, whom in [*acts, *([] if lead is None else [("lead", lead)])]:
        act = {"act": name, "member": ids[whom]}
        assert stored(room.handle(NOW, boss, command("moderation", act)))
    for drawn in wishes:
        number, author, role = numbers[drawn["who"]], ids[drawn["who"]], CAST[drawn["who"]]
        wish = wish_of(room, numbers, drawn)
        against_the_law = forbidden(room, author, role, wish)
        before = everything(room)
        effects = room.handle(NOW, number, wish)
        refused = sent(effects, CommandRefused, number)
        if against_the_law:
            assert refused, (role, wish)
        if refused:
            assert len(effects) == 1 and refused[0].id == wish.id
            assert everything(room) == before
            assert room.records.number_of(wish.id) is None
        else:
            entry = stored(effects)[0]
            assert (entry.command, entry.author, entry.kind) == (wish.id, author, wish.kind)
            assert room.records.number_of(wish.id) == (entry.number, author)
            assert sent(effects, Ack, number) == [Ack(id=wish.id, number=entry.number)]


class Line:
    """One member's program and its line to the room: messages get lost, come twice, come late."""

    def __init__(self, room: Room, commands: list[Command]) -> None:
        self.room = room
        self.waiting = {one.id: one for one in commands}  # not acknowledged
        self.acknowledged: dict[str, list[int]] = {}
        self.ticket = ticket("engineer")
        self.resume: str | None = None
        self.epoch: str | None = None
        self.seen = 0
        self.records: dict[str, Any] = {}
        self.under_way: list[Command] = []  # sent, not yet come
        self.number = 0
        self.connected = False

    def connect(self) -> None:
        hello = Hello(
            versions=[1],
            ticket=self.ticket if self.resume is None else None,
            resume=self.resume,
            epoch=self.epoch,
            last_number=self.seen,
        )
        number, effects = self.room.join(NOW, hello, "")
        (welcome,) = sent(effects, Welcome, number)
        self.number, self.connected = number, True
        self.resume, self.epoch = welcome.resume, welcome.epoch
        if not welcome.difference:
            self.records.clear()
        (snapshot,) = [one for one in effects if isinstance(one, SendRecords)]
        for record in snapshot.records:
            self.take(record.info())
        self.seen = welcome.last_number
        for wish in self.waiting.values():  # all again: nobody knows what has come
            self.send(wish)

    def take(self, info: Any) -> None:
        if info.deleted:
            self.records.pop(info.id, None)
        else:
            self.records[info.id] = (info.version, info.payload)

    def send(self, wish: Command) -> None:
        self.under_way.append(wish)

    def cut(self) -> None:
        """The line breaks: what is under way is lost, the room notices."""
        self.under_way.clear()
        if self.connected:
            self.room.leave(NOW, self.number)
        self.connected = False

    def hear(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(to, Ack(id=command_id, number=number)) if to == self.number:
                    self.waiting.pop(command_id, None)
                    self.acknowledged.setdefault(command_id, []).append(number)
                case Broadcast(RecordChanged(record=info)):
                    self.take(info)
                    self.seen = max(self.seen, info.number)


EVENTS = st.tuples(
    st.integers(0, 1),  # whose line
    st.sampled_from(["come", "come", "come", "lose", "repeat", "cut", "connect", "answer lost"]),
    st.integers(0, 9),
)


@settings(max_examples=150)
@given(st.lists(EVENTS, max_size=60), st.integers(1, 6))
def test_every_command_takes_effect_exactly_once(
    events: list[tuple[int, str, int]], each: int
) -> None:
    room = make_room(opened=None)
    log: list[str] = []
    lines = [
        Line(room, [command("annotation", MARK | {"text": f"{n}"}) for n in range(each)])
        for _ in range(2)
    ]
    wishes = [dict(line.waiting) for line in lines]

    def come(line: Line, index: int, heard: bool = True) -> None:
        wish = line.under_way.pop(index % len(line.under_way))  # in any order
        effects = room.handle(NOW, line.number, wish)
        log.extend(one.entry.command for one in effects if isinstance(one, Store))
        for one in lines:
            if one.connected and (heard or one is not line):
                one.hear(effects)

    for who, what, index in events:
        line = lines[who]
        if what == "connect" and not line.connected:
            line.connect()
        elif what == "cut":
            line.cut()
        elif line.connected and line.under_way:
            if what == "come":
                come(line, index)
            elif what == "repeat":
                line.send(line.under_way[index % len(line.under_way)])
            elif what == "lose":
                # A stream loses nothing in its middle: what is lost is lost with the line.
                line.cut()
            elif what == "answer lost":
                come(line, index, heard=False)
                line.cut()
    for line in lines:
        line.cut()
        line.connect()
        while line.under_way:
            come(line, 0)
    every = [wish for own in wishes for wish in own]
    assert sorted(log) == sorted(every)
    now = {one.id: (one.version, one.payload) for one in room.records}
    for line, own in zip(lines, wishes, strict=True):
        assert not line.waiting
        for wish in own:
            number = room.records.number_of(wish)
            assert number is not None
            assert set(line.acknowledged[wish]) == {number[0]}
            assert now[wish] == (1, own[wish].payload)
        assert line.records == now
