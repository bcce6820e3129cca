"""Test vectors of control messages: every type in both forms, other encodings of the same, and
what is refused. Knows no file."""

from __future__ import annotations

from typing import Any, Final

import msgpack  # type: ignore[import-untyped]

from sync_server.wire.messages import (
    Ack,
    AskHistory,
    Bye,
    Closing,
    Command,
    CommandRefused,
    Hello,
    History,
    HistoryEntry,
    Joined,
    Left,
    MemberInfo,
    MemberMessage,
    Observations,
    Ping,
    Pong,
    Quality,
    RecordChanged,
    RecordInfo,
    Records,
    Refusal,
    ServerMessage,
    Welcome,
    decode_member,
    decode_server,
    encode,
)

TIME: Final = 1795449474.104
ONE: Final = "01KAQ5T8J4ZQ0V7M3N9XWB6F2C"
TWO: Final = "01KAQ5T8J5A1B2C3D4E5F6G7H8"
MEMBER: Final = "m-01KAQ5T0000000000000000001"
OTHER: Final = "m-01KAQ5T0000000000000000002"
Json = dict[str, Any]

_INFO: Final = MemberInfo(
    number=7,
    id=MEMBER,
    name="Айгерім",
    role="engineer",
    language="kk",
    display="desktop",
    site="Astana",
)
_NOTE: Final = RecordInfo(
    id=ONE,
    kind="annotation",
    author=MEMBER,
    owner=MEMBER,
    number=42,
    version=1,
    time=TIME,
    payload={"position": [1.5, -2.0, 0.25], "text": "亀裂, трещина, жарық", "place": "sump"},
)
_GONE: Final = RecordInfo(
    id=TWO,
    kind="message",
    author=OTHER,
    owner=OTHER,
    number=43,
    version=2,
    time=TIME + 1,
    deleted=True,
)

MEMBER_MESSAGES: Final[dict[str, MemberMessage]] = {
    "hello, new": Hello(
        versions=[1], name="Айгерім", role="engineer", language="kk", site="Astana"
    ),
    "hello, with a ticket": Hello(versions=[1, 2], name="Ken", ticket="eyJ.fake.ticket"),
    "hello, back": Hello(versions=[1], resume="eyJ.fake.token", epoch=TWO, last_number=2**40),
    "command, create": Command(
        id=ONE, kind="annotation", payload={"position": [1.5, -2.0, 0.25], "text": "crack"}
    ),
    "command, update": Command(
        id=TWO,
        kind="annotation",
        op="update",
        record=ONE,
        payload={"position": [1.5, -2.0, 0.25], "text": "x" * 300},
        expect=42,
    ),
    "command, delete": Command(id=TWO, kind="annotation", op="delete", record=ONE),
    "command, restore": Command(id=TWO, kind="annotation", op="restore", record=ONE, expect=43),
    "command, give": Command(
        id=TWO, kind="annotation", op="give", record=ONE, payload={"to": OTHER}
    ),
    "command, an object": Command(
        id=TWO, kind="object_state", payload={"object": "valve", "action": "close"}
    ),
    "ask_history": AskHistory(id=ONE, record=TWO, before=70_000),
    "ping, the first": Ping(sent=0.0),
    "ping": Ping(sent=123456.789, round_trip=0.14, jitter=0.0125),
    "bye": Bye(),
}
SERVER_MESSAGES: Final[dict[str, ServerMessage]] = {
    "welcome": Welcome(
        version=1,
        room="mine",
        epoch=TWO,
        me=7,
        member=MEMBER,
        role="engineer",
        permissions=["annotate", "message", "pose"],
        resume="eyJ.fake.token",
        http="http://192.0.2.7:7601",
        http_token="eyJ.fake.bearer",
        time=TIME,
        last_number=43,
        difference=False,
        members=[_INFO],
        observations=[("co", TIME - 3, 17.5, "good", "measured"), ("ch4", 0, None, "bad", "drill")],
        names={OTHER: "健"},
    ),
    "records": Records(records=[_NOTE], last=False),
    "records, the last": Records(records=[_GONE], last=True),
    "records, none": Records(records=[], last=True),
    "refused": Refusal(
        message_id="server-room-full", arguments={"room": "mine", "n": 100}, english="It is full."
    ),
    "joined": Joined(member=_INFO),
    "left": Left(number=65535),
    "record": RecordChanged(op="create", command=ONE, record=_NOTE),
    "record, deleted": RecordChanged(op="delete", command=ONE, record=_GONE),
    "ack": Ack(id=ONE, number=2**53 - 1),
    "error": CommandRefused(id=ONE, message_id="server-not-yours", arguments={"record": TWO}),
    "history": History(
        id=ONE,
        record=TWO,
        entries=[
            HistoryEntry(number=43, command=TWO, author=OTHER, op="delete", time=TIME + 1),
            HistoryEntry(
                number=9, command=ONE, author=OTHER, op="create", time=TIME, payload={"text": "a"}
            ),
        ],
        more=True,
    ),
    "quality": Quality(values=[(7, 4, 12), (8, 1, 900)]),
    "closing": Closing(message_id="server-closing", seconds=5.0),
    "pong": Pong(sent=123456.789, time=TIME),
    "observations": Observations(values=[("co", TIME, -0.0625, "good", "simulated")]),
}


def _pack(value: Any) -> bytes:
    data: bytes = msgpack.packb(value)
    return data


_OTHER_FORMS: Final[dict[str, bytes]] = {
    "an integer for a number": _pack({"type": "ping", "sent": 12}),
    "a 32-bit float": bytes.fromhex("82a473656e74ca41480000a474797065a470696e67"),
    "type last, long forms": bytes.fromhex("df00000001d90474797065da0003627965"),
    "unknown fields": _pack({"type": "bye", "of_tomorrow": {"a": [1, None, True]}, "n": -7}),
    "bytes among unknown fields": _pack({"type": "bye", "blob": b"\x00\xff"}),
}

MALFORMED_MESSAGES: Final[dict[str, bytes]] = {
    "an unknown type": _pack({"type": "teleport"}),
    "no type": _pack({"sent": 1.0}),
    "no map": _pack(["ping"]),
    "nothing": b"",
    "random bytes": bytes.fromhex("deadbeef"),
    "cut off": encode(Ping(sent=1.0))[:-3],
    "something follows": encode(Bye()) + b"\xc0",
    "not UTF-8": bytes.fromhex("81a474797065a3ff6279"),
    "a number is a key": bytes.fromhex("810102"),
    "nested too deeply": b"\x91" * 2000 + b"\xc0",
    "a clock that is no number": _pack({"type": "ping", "sent": float("nan")}),
    "a clock before time": _pack({"type": "ping", "sent": -1.0}),
    "a field is missing": _pack({"type": "ping"}),
    "an id that is no ULID": _pack({"type": "command", "id": "1", "kind": "message"}),
    "a record's id with a path": _pack(
        {"type": "command", "id": ONE, "kind": "message", "record": "../../etc/passwd"}
    ),
    "an unknown op": _pack({"type": "command", "id": ONE, "kind": "message", "op": "explode"}),
    "a number beyond 2^53": _pack(
        {"type": "command", "id": ONE, "kind": "message", "expect": 2**60}
    ),
    "a server's message": encode(Left(number=1)),
}


def _both(name: str, sender: str, message: MemberMessage | ServerMessage) -> Json:
    data = encode(message)
    decode = decode_member if sender == "member" else decode_server
    assert decode(data) == message, name
    return {"name": name, "from": sender, "message": message.model_dump(), "hex": data.hex()}


def messages() -> Json:
    """Every message in both forms."""
    others = []
    for name, data in _OTHER_FORMS.items():
        means = decode_member(data).model_dump()
        others.append({"name": name, "hex": data.hex(), "means": means})
    return {
        "about": (
            "Control messages: `hex` is msgpack and decodes to `message`. A client's own "
            "encoding of `message` may differ in its bytes (an integer for a number, another "
            "order) and has to decode to the same. `other_forms`: valid encodings of a "
            "member's messages that are rare, and what a server takes them for (unknown fields "
            "ignored, defaults filled in)."
        ),
        "messages": [_both(name, "member", one) for name, one in MEMBER_MESSAGES.items()]
        + [_both(name, "server", one) for name, one in SERVER_MESSAGES.items()],
        "other_forms": others,
    }
