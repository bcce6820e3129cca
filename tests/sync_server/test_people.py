"""The people store: names by pseudonym, consents, scores, erasure, and what a server keeps."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sync_server.storage.database import StorageFailed, open_database
from sync_server.storage.people import Gone, People, Person, Score, Seen
from sync_server.storage.people_keeper import PeopleKeeper
from tests.sync_server.support import until

AIGERIM = Seen("m-1", "Айгерім", "kk", "Astana", 100.0)
KENJI = Seen("m-2", "健二", "ja", "Sapporo", 200.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.sqlite3"


def test_who_was_seen_is_known_after_opening_again(path: Path) -> None:
    with People(path) as people:
        people.write([AIGERIM, KENJI, Gone("m-1", 160.0)])
        people.write([Seen("m-2", "", "en", "", 300.0), Gone("m-2", 290.0)])
    with People(path) as people:
        assert people.everybody() == [
            Person("m-2", "健二", "en", "Sapporo", 200.0, 300.0),
            Person("m-1", "Айгерім", "kk", "Astana", 100.0, 160.0),
        ]
        assert people.names() == {"m-1": "Айгерім", "m-2": "健二"}
        assert people.get("m-3") is None


def test_a_consent_is_given_withdrawn_and_given_again(path: Path) -> None:
    with People(path) as people:
        assert not people.give_consent("m-1", "recording", 1.0)  # nobody knows m-1
        people.write([AIGERIM])
        assert people.give_consent("m-1", "recording", 110.0)
        assert not people.give_consent("m-1", "recording", 111.0)
        assert people.withdraw_consent("m-1", "recording", 120.0)
        assert not people.withdraw_consent("m-1", "recording", 121.0)
        assert people.give_consent("m-1", "recording", 130.0)
        assert people.all_of("m-1")["consents"] == [
            {"kind": "recording", "given": 110.0, "withdrawn": 120.0},
            {"kind": "recording", "given": 130.0, "withdrawn": None},
        ]


def test_an_erased_person_leaves_no_byte(path: Path) -> None:
    with People(path) as people:
        people.write([AIGERIM, KENJI])
        people.give_consent("m-1", "recording", 110.0)
        assert people.add_score(Score("m-1", "fire", 150.0, 0.8, "passed-well"))
        assert not people.add_score(Score("m-9", "fire", 150.0, 0.8, "passed"))
        assert people.erase(["m-1", "m-9"]) == 1
        assert people.all_of("m-1") == {"person": None, "consents": [], "scores": []}
        people.write([Gone("m-1", 170.0)])  # they leave only now: nothing comes back
        assert people.names() == {"m-2": "健二"}
        assert people.not_seen_since(201.0) == ["m-2"]
        assert people.not_seen_since(200.0) == []
    left = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert "Айгерім".encode() not in left and b"passed-well" not in left
    assert "健二".encode() in left


def test_a_file_of_a_newer_kenish_is_refused_and_an_older_one_is_led_up(path: Path) -> None:
    first = "CREATE TABLE a (x); INSERT INTO a VALUES (1)"
    open_database(path, (first,)).close()
    second = open_database(path, (first, "ALTER TABLE a ADD COLUMN y; UPDATE a SET y=x+1"))
    assert second.execute("SELECT * FROM a").fetchall() == [(1, 2)]
    second.close()
    with pytest.raises(StorageFailed) as newer:
        open_database(path, (first,))
    assert newer.value.message_id == "server-storage-newer"


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    first = "CREATE TABLE a (x)"
    open_database(path, (first,)).close()
    with pytest.raises(StorageFailed) as failed:
        open_database(path, (first, "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"))
    assert failed.value.message_id == "server-storage"
    again = open_database(path, (first, "CREATE TABLE b (x)"))
    again.close()


def test_two_processes_that_lead_a_file_up_do_it_once(path: Path) -> None:
    steps = ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)")
    errors: list[BaseException] = []

    def work() -> None:
        try:
            open_database(path, steps).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    last = open_database(path, steps)
    assert last.execute("SELECT count(*) FROM a").fetchone() == (2,)
    last.close()


def test_a_server_knows_names_at_once_and_forgets_who_was_erased_beside_it(path: Path) -> None:
    keeper = PeopleKeeper(People(path))
    try:
        keeper.entered("m-1", "Айгерім", "kk", "Astana", 100.0)
        keeper.entered("m-2", "", "ja", "", 100.0)
        assert keeper.names_of(["m-1", "m-2", "m-3"]) == {"m-1": "Айгерім"}
        with People(path) as beside:
            until(lambda: beside.get("m-1"), "written")
            assert keeper.names_of(["m-1"]) == {"m-1": "Айгерім"}
            beside.erase(["m-1"])
        until(lambda: not keeper.names_of(["m-1"]), "forgotten")
        keeper.left("m-1", 300.0)
    finally:
        keeper.close()
    with People(path) as people:
        assert [one.member for one in people.everybody()] == ["m-2"]


def test_what_waits_is_written_when_the_server_stops(path: Path) -> None:
    keeper = PeopleKeeper(People(path))
    for number in range(500):
        keeper.entered(f"m-{number}", f"Name {number}", "en", "", float(number))
    keeper.close()
    with People(path) as people:
        assert len(people.everybody()) == 500


def test_a_drills_verdicts_are_kept_once_when_it_has_ended(path: Path) -> None:
    row = {"score": 85.0, "verdict": "passed"}
    running = {"drill": "fire", "run": "r-1", "phase": "running", "people": {"m-1": row}}
    keeper = PeopleKeeper(People(path))
    keeper.entered("m-1", "Айгерім", "kk", "Astana", 100.0)
    keeper.drill_told(running, 110.0)
    keeper.drill_told(running | {"phase": "ended"}, 120.0)
    keeper.drill_told(running | {"phase": "ended"}, 130.0)  # told again, say of somebody leaving
    keeper.drill_told(running | {"phase": "ended", "run": "r-2"}, 140.0)
    keeper.close()
    with People(path) as people:
        kept = people.all_of("m-1")["scores"]
        assert [(one["drill"], one["time"], one["verdict"]) for one in kept] == [
            ("fire", 120.0, "passed"),
            ("fire", 140.0, "passed"),
        ]
