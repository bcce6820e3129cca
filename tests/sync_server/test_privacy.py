"""Personal data: names are in the people store and nowhere else, and each person can be given all
that is kept of them, and be forgotten."""

from __future__ import annotations

import json
import math
import sqlite3
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from sync_server.storage.folder import StateFolder
from sync_server.storage.people import People
from tests.sync_server.support import make_twin, raw_member, running_server, until
from vr_app.cli import run
from vr_app.session import MemberPose, Placed, RoomSession

NAMES = ("Айгерім Сейткали", "Xaver Quastenflosser", "雪村あやめ")
SITES = ("Wolkenkuckucksheim", "Xanadu", "Lemuria")


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def files_with(folder: Path, word: str) -> set[str]:
    """Names of the files below a folder in which a word stands, in UTF-8 or UTF-16, or in JSON."""
    forms = {word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()}
    found = set()
    for one in folder.rglob("*"):
        if one.is_file() and any(form in one.read_bytes() for form in forms):
            found.add(one.relative_to(folder).as_posix())
    return found


def test_names_are_in_the_people_store_and_nowhere_else(tmp_path: Path) -> None:
    """A whole session with all that leaves something: poses, records, undo, a recording, a backup,
    the log at its most talkative; then every file is searched."""
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    options = ["--open", "engineer", "--record", str(tmp_path / "out" / "a.mcap"), "--simulate"]
    options += ["--log-level", "debug", "--log-format", "json"]
    with running_server(twin, state, *options) as server:
        members = [
            RoomSession(server.url, name, resume_file=tmp_path / f"resume-{n}")
            for n, name in enumerate(NAMES)
        ]
        for one in members:
            one.start()
        try:
            until(lambda: all(len(one.members()) == 2 for one in members), "all see each other")
            assert {m.name for m in members[0].members()} == set(NAMES[1:])
            mark = members[0].command(
                "annotation", {"position": [1.0, 2.0, 3.0], "text": "a crack"}
            )
            for number, one in enumerate(members):
                one.command("message", {"text": f"text {number}"})
            until(lambda: all(len(one.records) == 4 for one in members), "all records")
            members[0].command("annotation", {}, op="delete", record_id=mark)
            until(lambda: all(len(one.records) == 3 for one in members), "deleted")
            goal = (3.0, 4.0, 5.0)

            def shown() -> bool:
                members[0].send_pose(MemberPose(Placed(goal)))
                return any(
                    m.pose is not None and math.dist(m.pose.head.position, goal) < 0.01
                    for m in members[1].members()
                )

            until(shown, "a pose")
            assert run(["room", "backup", "--state", str(state), "--out", str(tmp_path / "b")]) == 0
            with raw_member(server.url, name="\x00bad\x00", site=SITES[1], ticket="x.y.z"):
                pass
            for path in ("/metrics", "/health", "/ready"):
                with urllib.request.urlopen(server.http + path) as answer:
                    text = answer.read().decode()
                assert not any(name in text for name in NAMES)
        finally:
            for one in members:
                one.close()
        assert server.stop() == 0
    found = {name: files_with(tmp_path, name) for name in NAMES}
    for name, where in found.items():
        assert where and all(
            path.startswith(("state/people.sqlite3", "b/people.sqlite3")) for path in where
        ), (name, where)
    # The search finds what is there: texts are in the room, its recording and its backup.
    assert {"state/rooms/mine.sqlite3", "b/rooms/mine.sqlite3"} <= files_with(tmp_path, "text 1")
    recordings = list((tmp_path / "out").glob("*.mcap"))
    assert recordings and all(one.stat().st_size > 1000 for one in recordings)
    with People(StateFolder(state).people()) as people:
        assert {one.name for one in people.everybody()} >= set(NAMES)


@pytest.fixture
def served(tmp_path: Path) -> tuple[Path, str, str]:
    """A state folder in which two people have written; their pseudonyms."""
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    with running_server(twin, state, "--open", "engineer") as server:
        with (
            raw_member(server.url, name=NAMES[0], site=SITES[0], language="kk") as first,
            raw_member(server.url, name=NAMES[1]) as second,
        ):
            first.command("message", {"text": "mine alone"})
            second.command("message", {"text": "of another"})
            gone = first.command("message", {"text": "taken back"})
            first.command("message", {}, op="delete", record=gone)
            until(lambda: len(_texts(state)) == 4, "stored")
            ids = first.joined.member, second.joined.member
        assert server.stop() == 0
    return (state, *ids)


def _texts(state: Path) -> list[str]:
    database = sqlite3.connect(f"file:{StateFolder(state).room('mine')}?mode=ro", uri=True)
    try:
        return [row[0] for row in database.execute("SELECT payload FROM log ORDER BY number")]
    finally:
        database.close()


def test_a_person_gets_everything_that_is_kept_of_them(
    served: tuple[Path, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, first, second = served
    where = ["--state", str(state)]
    assert run(["people", "list", *where, "--json"]) == 0
    people = {one["member"]: one for one in said(capsys)["people"]}
    assert people[first]["name"] == NAMES[0] and people[first]["site"] == SITES[0]
    assert run(["people", "consent", first, "recording", *where, "--json"]) == 0
    assert said(capsys)["changed"] is True
    assert run(["people", "export", first, *where, "--json"]) == 0
    found = said(capsys)
    assert found["person"]["name"] == NAMES[0] and found["person"]["language"] == "kk"
    assert [one["kind"] for one in found["consents"]] == ["recording"]
    (room,) = found["rooms"].values()
    assert [one["payload"]["text"] for one in room["records"]] == ["mine alone"]
    assert [one["op"] for one in room["commands"]] == ["create", "create", "delete"]
    assert NAMES[1] not in json.dumps(found, ensure_ascii=False) and second not in json.dumps(found)
    out = tmp_path / "person.json"
    assert run(["people", "export", first, *where, "--out", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == found
    assert run(["people", "consent", first, "recording", "--withdraw", *where]) == 0
    for command in (["export"], ["erase"], ["consent"]):
        more = ["x"] if command == ["consent"] else []
        assert run(["people", *command, "m-nobody", *more, *where]) == 2


def test_an_erased_person_is_nowhere_and_the_numbers_stay(
    served: tuple[Path, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, first, second = served
    where = ["--state", str(state)]
    assert run(["people", "erase", first, "--texts", *where, "--json"]) == 0
    assert said(capsys)["erased"] == 1
    assert files_with(state, NAMES[0]) == files_with(state, SITES[0]) == set()
    assert files_with(state, "mine alone") == files_with(state, "taken back") == set()
    assert files_with(state, NAMES[1]) and files_with(state, "of another")
    assert run(["room", "export", "mine", *where, "--json"]) == 0
    room = said(capsys)
    assert [one["number"] for one in room["commands"]] == [1, 2, 3, 4]
    assert {one["author"] for one in room["commands"]} == {first, second}
    # The room goes on, and who comes sees that there was something.
    with (
        running_server(tmp_path / "twin", state, "--open", "engineer") as server,
        raw_member(server.url) as member,
    ):
        texts = {one.author: one.payload["text"] for one in member.records}
        assert texts == {first: "—", second: "of another"}
        assert member.joined.names == {second: NAMES[1]}
        # Their texts cannot be erased while a server holds the room, the rest can.
        assert run(["people", "erase", second, "--texts", *where, "--json"]) == 1
        assert said(capsys)["error"]["id"] == "server-room-busy"
        assert run(["people", "erase", second, *where, "--json"]) == 0
        assert said(capsys)["erased"] == 1

        def names() -> dict[str, str]:
            with raw_member(server.url) as one:
                return one.joined.names

        until(lambda: not names(), "the server has forgotten too")
        assert files_with(state, NAMES[1]) == set()  # nor in pages or logs of the database


@pytest.mark.parametrize("arguments", [["list"], ["forget", "--older-than", "1"], ["export", "x"]])
def test_looking_makes_no_folder(arguments: list[str], tmp_path: Path) -> None:
    state = tmp_path / "typo"
    assert run(["people", *arguments, "--state", str(state)]) in {0, 2}
    assert not state.exists()


def test_who_was_not_here_for_long_is_forgotten(
    served: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    state, first, second = served
    where = ["--state", str(state)]
    assert run(["people", "forget", "--older-than", "1", *where, "--json"]) == 0
    assert said(capsys)["erased"] == 0
    database = sqlite3.connect(StateFolder(state).people())
    database.execute("UPDATE people SET last_seen=last_seen-200000 WHERE member=?", (first,))
    database.commit()
    database.close()
    assert run(["people", "forget", "--older-than", "1", *where, "--json"]) == 0
    assert said(capsys)["members"] == [first]
    with People(StateFolder(state).people()) as people:
        assert [one.member for one in people.everybody()] == [second]


def test_a_ticket_for_the_same_person_keeps_the_pseudonym(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`kenish token --member ID`: over sessions and servers, one person is one pseudonym."""
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    for name in (NAMES[0], "", NAMES[2]):
        with running_server(twin, state) as server:
            arguments = ["token", "mine", "--role", "trainee", "--member", "p-17"]
            assert run([*arguments, "--state", str(state), "--json"]) == 0
            with raw_member(server.url, ticket=said(capsys)["ticket"], name=name) as member:
                assert member.joined.member == "p-17"
            assert server.stop() == 0
    with People(StateFolder(state).people()) as people:
        (person,) = people.everybody()
        assert (person.member, person.name) == ("p-17", NAMES[2])
        assert person.first_seen < person.last_seen
