"""Room addresses: what is one, and what is said about what is none."""

from __future__ import annotations

import pytest

from assets.text import LANGUAGES, translator
from sync_server.wire.errors import Refused
from tests.sync_server.support import until
from vr_app.session import RoomSession
from vr_app.session.address import parse_address


@pytest.mark.parametrize(
    ("text", "host", "port", "room"),
    [
        ("ws://localhost:7600/mine", "localhost", 7600, "mine"),
        (" ws://192.168.1.20:7600/mine \n", "192.168.1.20", 7600, "mine"),
        ("wss://mine.example/pit", "mine.example", 443, "pit"),
        ("ws://[::1]:7600/mine", "::1", 7600, "mine"),
        ("ws://host:7600", "host", 7600, ""),
    ],
)
def test_addresses(text: str, host: str, port: int, room: str) -> None:
    address = parse_address(text)
    assert (address.host, address.port, address.room) == (host, port, room)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mine",
        "localhost:7600/mine",
        "http://localhost:7600/mine",
        "ws://",
        "ws:///mine",
        "ws://host:port/mine",
        "ws://host:99999/mine",
        "ws://user:secret@host/mine",
        "ws://host/a/b",
        "ws://host/a b",
        "ws://host/a\u200bb",
        "ws://[::1/mine",
    ],
)
def test_what_is_no_address_is_explained(text: str) -> None:
    with pytest.raises(Refused) as refused:
        RoomSession(text, "Aigerim")
    assert refused.value.exit_code == 2
    for language in LANGUAGES:
        line = translator(language)(refused.value.message_id, refused.value.arguments)
        assert "\n" not in line and "ws://" in line


def test_a_role_that_is_none_is_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError):
        RoomSession("ws://localhost:7600/mine", "Aigerim", role="king")


def test_a_host_that_cannot_even_be_asked_for_is_explained() -> None:
    session = RoomSession("ws://a..b/mine", "Aigerim")
    session.start()
    try:
        until(lambda: session.status.state == "refused")
        assert session.status.message_id == "session-no-host"
        assert session.status.arguments == {"host": "a..b"}
    finally:
        session.close()


def test_closing_before_starting_and_twice_is_harmless() -> None:
    session = RoomSession("ws://localhost:1/mine", "Aigerim")
    session.command("message", {"text": "never sent"})
    session.close()
    session.close()
    assert session.status.state == "closed"
