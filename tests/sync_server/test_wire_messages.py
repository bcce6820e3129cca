"""Control messages: what is let in, what is refused with which reason, and what is only ignored."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from assets.text import LANGUAGES, translator
from sync_server.wire.errors import Malformed, Refused
from sync_server.wire.limits import MAX_MEMBER_MESSAGE
from sync_server.wire.messages import (
    Bye,
    Command,
    Hello,
    Ping,
    decode_member,
    decode_server,
    encode,
)
from sync_server.wire.records import PAYLOADS, validated

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


def pack(value: Any) -> bytes:
    data: bytes = msgpack.packb(value)
    return data


@pytest.mark.parametrize(
    "message",
    [
        Hello(versions=[1], name="Айгерім", role="trainee", language="kk", display="headset"),
        Command(id=str(ULID()), kind="annotation", payload={"text": "x", "position": [1, 2, 3]}),
        Ping(sent=12.5),
        Bye(),
    ],
)
def test_what_is_sent_arrives(message: Any) -> None:
    assert decode_member(encode(message)) == message


def test_unknown_fields_are_ignored() -> None:
    assert decode_member(pack({"type": "ping", "sent": 1.0, "of_tomorrow": [1]})) == Ping(sent=1.0)


def test_an_unknown_type_is_refused_and_named() -> None:
    with pytest.raises(Malformed) as refused:
        decode_member(pack({"type": "teleport", "to": "gold"}))
    assert refused.value.message_id == "server-unknown-type"
    assert refused.value.arguments == {"name": "teleport"}
    for language in LANGUAGES:
        assert "teleport" in translator(language)("server-unknown-type", refused.value.arguments)


def test_a_server_message_is_none_of_a_members() -> None:
    with pytest.raises(Malformed):
        decode_member(pack({"type": "welcome"}))


@pytest.mark.parametrize(
    "value",
    [
        [],
        7,
        {"type": "ping"},
        {"type": "ping", "sent": float("nan")},
        {"type": "hello", "versions": []},
        {"type": "hello", "versions": [1], "role": "emperor"},
        {"type": "hello", "versions": [1], "ticket": "x" * 3000},
        {"type": "command", "id": "not-a-ulid", "kind": "message"},
        {"type": "command", "id": str(ULID()), "kind": "message", "record": "../../etc"},
        {"type": "command", "id": str(ULID()), "kind": "message", "op": "explode"},
    ],
)
def test_what_has_not_the_shape_is_refused(value: Any) -> None:
    with pytest.raises(Malformed):
        decode_member(pack(value))


def test_a_message_that_is_too_large_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        decode_member(b"\x81" + bytes(MAX_MEMBER_MESSAGE))
    assert refused.value.message_id == "server-too-large"


@pytest.mark.parametrize("depth", [600, 5000])
def test_deep_nesting_is_refused(depth: int) -> None:
    with pytest.raises(Malformed):
        decode_member(b"\x91" * depth + b"\xc0")


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_or_a_message(data: bytes) -> None:
    for decode in (decode_member, decode_server):
        try:
            decode(data)
        except Malformed as refused:
            assert refused.message_id.startswith("server-")


@given(st.sampled_from(sorted(PAYLOADS)), st.dictionaries(st.text(max_size=10), plain))
def test_random_payloads_are_refused_or_plain(kind: str, payload: dict[str, Any]) -> None:
    try:
        kept = validated(kind, payload)
    except Refused as refused:
        assert refused.message_id == "server-invalid-record"
    else:
        assert pack(kept)


def test_payloads_keep_only_what_is_known() -> None:
    payload = {"position": [1, 2, 3], "text": "crack", "name": "Aigerim"}
    assert validated("annotation", payload) == {"position": [1.0, 2.0, 3.0], "text": "crack"}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e9, "x", None])
def test_positions_are_finite_and_in_range(bad: Any) -> None:
    with pytest.raises(Refused) as refused:
        validated("annotation", {"position": [0.0, bad, 0.0], "text": "crack"})
    assert refused.value.arguments["field"] == "position.1"
