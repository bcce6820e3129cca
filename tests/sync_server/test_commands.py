"""`kenish serve`, `token` and `room` as a person or a program calls them."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from assets.text import LANGUAGES
from sync_server.room.effects import LogEntry
from sync_server.room.tickets import check
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import RoomLog
from tests.sync_server.support import make_twin, raw_member, running_server
from vr_app.cli import run


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one JSON object on stdout."""
    out = capsys.readouterr().out
    assert len(out.strip().splitlines()) == 1
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with one room of two records."""
    log = RoomLog(StateFolder(tmp_path / "state").room("mine"), "epoch-1")
    log.append(
        [
            LogEntry(
                n, str(ULID()), "m-1", "message", "create", f"r{n}", 5.0, {"text": f"text {n}"}
            )
            for n in (1, 2)
        ]
    )
    log.close()
    return tmp_path / "state"


@pytest.mark.parametrize("name", ["serve", "token", "room", "people"])
def test_help_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert f"Example:\n  kenish {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve"],
        ["serve", "x", "--port", "70000"],
        ["serve", "x", "--open", "instructor"],
        ["serve", "x", "--open", "admin"],
        ["token", "mine"],
        ["token", "mine", "--role", "king"],
        ["token", "mine", "--role", "visitor", "--minutes", "6"],
        ["token", "mine", "--role", "visitor", "--member", ""],
        ["token", "mine", "--role", "visitor", "--member", "Aru Bek\nforged log line"],
        ["room"],
        ["room", "paint"],
    ],
)
def test_what_makes_no_sense_is_exit_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().out == ""


def test_a_token_opens_the_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "state"
    options = ["mine", "--role", "instructor", "--state", str(state)]
    assert run(["token", *options]) == 0
    text = capsys.readouterr().out.strip()
    ticket = check(StateFolder(state).secret(), "ticket", "mine", text, time.time())
    assert (ticket.role, ticket.room) == ("instructor", "mine")
    assert 0 < ticket.expires - time.time() <= 300
    assert run(["token", *options, "--json"]) == 0
    found = said(capsys)
    assert found.keys() == {"ticket", "room", "role", "member", "expires"}
    with (
        running_server(make_twin(tmp_path / "twin"), state) as server,
        raw_member(server.url, ticket=found["ticket"]) as member,
    ):
        assert member.joined.role == "instructor"
        assert member.joined.member == found["member"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps other rights")
def test_a_new_state_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running_server(make_twin(tmp_path / "twin"), state):
        assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_state_folder_that_cannot_be_is_told_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    twin = make_twin(tmp_path / "twin")
    options = ["--port", "0", "--state", str(tmp_path / "file"), "--json"]
    assert run(["serve", str(twin), *options]) == 2
    assert said(capsys)["error"]["id"] == "server-state"


def test_rooms_are_listed(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["room", "list", "--state", str(state)]) == 0
    assert capsys.readouterr().out == "mine: 2 records, 2 commands\n"
    assert run(["room", "list", "--state", str(state), "--json"]) == 0
    (room,) = said(capsys)["rooms"]
    assert (room["name"], room["records"], room["commands"]) == ("mine", 2, 2)


def test_a_room_is_exported_imported_and_the_same_again(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "mine.zip"
    assert run(["room", "export", "mine", "--state", str(state), "--out", str(out)]) == 0
    capsys.readouterr()
    assert run(["room", "export", "mine", "--state", str(state), "--json"]) == 0
    content = said(capsys)
    assert [r["payload"]["text"] for r in content["records"]] == ["text 1", "text 2"]
    other = ["--state", str(tmp_path / "other")]
    assert run(["room", "import", str(out), *other, "--json"]) == 0
    assert said(capsys)["unchanged"] is False
    assert run(["room", "import", str(out), *other, "--json"]) == 0
    assert said(capsys)["unchanged"] is True
    assert run(["room", "export", "mine", *other, "--json"]) == 0
    assert said(capsys) == content
    assert run(["room", "import", str(out), *other, "--as", "pit", "--new-epoch", "--json"]) == 0
    found = said(capsys)
    assert (found["room"], found["records"]) == ("pit", 2)
    assert found["epoch"] != content["epoch"]


def test_one_room_is_told_of(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["room", "info", "mine", "--state", str(state), "--json"]) == 0
    found = said(capsys)
    assert (found["records"], found["authors"], found["held"]) == (2, 1, False)
    assert found["kinds"] == {"message": 2}
    assert (
        run(
            [
                "room",
                "compact",
                "mine",
                "--keep-entries",
                "0",
                "--keep-days",
                "0",
                "--state",
                str(state),
                "--json",
            ]
        )
        == 0
    )
    assert said(capsys)["entries"] == 2
    assert run(["room", "info", "mine", "--state", str(state), "--json"]) == 0
    assert (found := said(capsys))["records"] == 2 and found["commands"] == 0


def test_a_room_is_deleted_only_when_meant(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["room", "delete", "mine", "--state", str(state)]) == 2
    assert StateFolder(state).rooms() == ["mine"]
    assert run(["room", "delete", "mine", "--yes", "--state", str(state)]) == 0
    assert StateFolder(state).rooms() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_room_is_one_line_in_every_language(
    state: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["room", "export", "pit", "--state", str(state), "--lang", language]
    assert run(arguments) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1 and "pit" in error and "mine" in error
    assert run([*arguments, "--json"]) == 2
    assert said(capsys)["error"]["id"] == "server-unknown-room"


def test_a_held_room_is_not_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "state"
    with running_server(make_twin(tmp_path / "twin"), state):
        assert run(["room", "delete", "mine", "--yes", "--state", str(state)]) == 1
        assert "held by another server" in capsys.readouterr().err
        assert StateFolder(state).rooms() == ["mine"]
