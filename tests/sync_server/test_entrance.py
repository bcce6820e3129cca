"""The door: tickets once and briefly, resume tokens that turn, and what of it outlives a server."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync_server.room.entrance import Admission, Entrance, NotAdmitted, Visit
from sync_server.room.tickets import HTTP_S, RESUME_S, Ticket, sign
from sync_server.storage.entrance import EntranceBook
from sync_server.storage.log import StorageFailed
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Hello, Role

SECRET = bytes(range(32))
NOW = 1_800_000_000.0
ADMIN = Ticket("m", "mine", "admin", NOW + 60, "t")


def ids() -> Callable[[], str]:
    counter = itertools.count()
    return lambda: f"id{next(counter)}"


def door(
    opened: Role | None = None, visits: tuple[Visit, ...] = (), new_id: Any = None, **more: Any
) -> Entrance:
    return Entrance("mine", SECRET, opened, new_id or ids(), visits=visits, **more)


def ticket(
    role: Role = "engineer", minutes: float = 4, issued: float | None = NOW, **more: Any
) -> str:
    fields = {"subject": "m-1", "room": "mine", "role": role, "id": "t-1"} | more
    return sign(SECRET, "ticket", Ticket(expires=NOW + minutes * 60, issued=issued, **fields))


def enter(one: Entrance, now: float = NOW, **hello: Any) -> Admission:
    said = Hello(versions=[1], **hello)
    return one.admit(now, said, one.claim(now, said))


def refusal(one: Entrance, now: float = NOW, **hello: Any) -> str:
    with pytest.raises(NotAdmitted) as refused:
        enter(one, now, **hello)
    return refused.value.message_id


def test_a_ticket_lets_in_once_with_its_own_role() -> None:
    one = door()
    admission = enter(one, ticket=ticket("visitor"), role="admin")
    assert (admission.member, admission.role) == ("m-1", "visitor")
    assert admission.visit.ticket == "t-1"
    assert refusal(one, ticket=ticket("visitor")) == "server-ticket-used"


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("rubbish", "server-ticket-invalid"),
        (ticket(minutes=6), "server-ticket-too-long"),
        (ticket(minutes=6, issued=None), "server-ticket-too-long"),
        (ticket(minutes=2, issued=NOW - 3600), "server-ticket-too-long"),
        (ticket(minutes=-1), "server-ticket-expired"),
        (ticket(room="other"), "server-ticket-other-room"),
        (
            sign(b"x" * 32, "ticket", Ticket("m", "mine", "admin", NOW + 60, "f")),
            "server-ticket-invalid",
        ),
        (
            sign(SECRET, "resume", Ticket("m", "mine", "admin", NOW + 60, "r")),
            "server-ticket-invalid",
        ),
        (
            sign(SECRET, "http", Ticket("m", "mine", "admin", NOW + 60, "h")),
            "server-ticket-invalid",
        ),
        (ticket(id=""), "server-ticket-invalid"),
        (ticket(subject="x" * 65), "server-ticket-invalid"),
    ],
)
def test_what_is_no_ticket_is_refused_by_name(text: str, message_id: str) -> None:
    assert refusal(door(), ticket=text) == message_id


def test_a_token_turns_and_an_old_one_is_refused() -> None:
    one = door()
    first = enter(one, ticket=ticket()).resume
    second = enter(one, resume=first).resume
    third = enter(one, resume=second).resume
    assert refusal(one, resume=first) == "server-resume-used"
    assert enter(one, resume=third, role="admin").role == "engineer"


def test_a_lost_reply_costs_nothing() -> None:
    one = door()
    first = enter(one, ticket=ticket()).resume
    enter(one, resume=first)  # the answer with its successor is lost
    again = enter(one, resume=first)
    assert enter(one, resume=again.resume).member == "m-1"


def test_of_two_sockets_with_one_token_the_later_one_stays() -> None:
    one = door()
    first = enter(one, ticket=ticket()).resume
    early, late = enter(one, resume=first), enter(one, resume=first)
    assert refusal(one, resume=early.resume) == "server-resume-used"
    assert enter(one, resume=late.resume).member == "m-1"
    assert refusal(one, resume=first) == "server-resume-used"


def test_a_new_ticket_ends_the_tokens_of_earlier_visits() -> None:
    one = door()
    first = enter(one, ticket=ticket()).resume
    second = enter(one, ticket=ticket(id="t-2")).resume
    assert refusal(one, resume=first) == "server-resume-used"
    assert enter(one, resume=second).member == "m-1"


def test_what_was_not_stored_is_as_if_never_asked() -> None:
    one = door()
    admission = enter(one, ticket=ticket())
    one.take_back(admission)
    assert refusal(one, resume=ticket()) == "server-ticket-invalid"
    assert enter(one, ticket=ticket()).member == "m-1"


def test_a_closed_door_closes_for_those_who_came_through_it() -> None:
    came = enter(door("engineer"), role="engineer")
    assert enter(door("engineer"), resume=came.resume).member == came.member
    assert refusal(door("visitor"), resume=came.resume, role="engineer") == "server-role-not-open"
    assert refusal(door(None), resume=came.resume) == "server-ticket-missing"
    with_ticket = enter(door("engineer"), ticket=ticket())
    assert enter(door(None), resume=with_ticket.resume).role == "engineer"


def test_tokens_for_files_are_brief_and_of_one_room() -> None:
    one = door("visitor")
    token = enter(one).http_token
    assert one.check_http(NOW + 60, token).role == "visitor"
    other = Entrance("other", SECRET, "visitor", ids())
    for entrance, now, message_id in (
        (one, NOW + HTTP_S + 10, "server-ticket-expired"),
        (other, NOW, "server-ticket-other-room"),
    ):
        with pytest.raises(Refused) as refused:
            entrance.check_http(now, token)
        assert refused.value.message_id == message_id


# -- the book ------------------------------------------------------------------------------------


def stored(path: Path, *visits: Visit, now: float = NOW) -> None:
    async def store() -> None:
        book = EntranceBook(path)
        await asyncio.gather(*(book.remember("mine", one, now) for one in visits))
        await book.close()

    asyncio.run(store())


def reopened(path: Path, opened: Role | None = None, now: float = NOW) -> Entrance:
    async def load() -> Entrance:
        book = EntranceBook(path)
        visits, tickets = book.load("mine", now)
        await book.close()
        return door(opened, tuple(visits), used_tickets=tickets)

    return asyncio.run(load())


def test_used_tickets_and_tokens_outlive_the_server(tmp_path: Path) -> None:
    path = tmp_path / "state" / "entrance.sqlite3"
    before = door(new_id=ids())
    first = enter(before, ticket=ticket())
    second = enter(before, resume=first.resume)
    stored(path, first.visit, second.visit)
    assert refusal(reopened(path), ticket=ticket()) == "server-ticket-used"
    # Killed before the reply was sent, or after it had come: both tokens are good, once.
    assert enter(reopened(path), resume=first.resume).member == "m-1"
    assert enter(reopened(path), resume=second.resume).member == "m-1"
    third = enter(before, resume=second.resume)
    stored(path, third.visit)
    assert refusal(reopened(path), resume=first.resume) == "server-resume-used"


def test_a_book_older_than_the_token_lets_its_member_in(tmp_path: Path) -> None:
    path = tmp_path / "entrance.sqlite3"
    one = door()
    first = enter(one, ticket=ticket())
    stored(path, first.visit)
    newest = enter(one, resume=enter(one, resume=first.resume).resume)  # the disk was full
    assert enter(reopened(path), resume=newest.resume).member == "m-1"


def test_rows_of_the_past_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "entrance.sqlite3"
    stored(path, enter(door(), ticket=ticket()).visit)
    later = NOW + RESUME_S + 3600
    stored(path, Visit("m-2", 0, "", "x", later + RESUME_S), now=later)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT member FROM visit").fetchall() == [("m-2",)]
        assert db.execute("SELECT count(*) FROM ticket").fetchone() == (0,)
    db.close()


def test_a_disk_that_will_not_take_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "entrance.sqlite3"
    stored(path, enter(door(), ticket=ticket()).visit)

    async def fill() -> None:
        book = EntranceBook(path)
        assert book._db is not None
        pages = book._db.execute("PRAGMA page_count").fetchone()[0]
        book._db.execute(f"PRAGMA max_page_count={pages}")  # SQLite's own "disk full"
        many = (Visit(f"m-{i}", 0, "", "x" * 500, NOW + 60) for i in range(200))
        results = await asyncio.gather(
            *(book.remember("mine", one, NOW) for one in many), return_exceptions=True
        )
        assert all(isinstance(one, StorageFailed) for one in results)
        assert "full" in str(results[0])
        await book.close()

    asyncio.run(fill())


def test_two_servers_may_share_the_book(tmp_path: Path) -> None:
    async def both() -> None:
        books = [EntranceBook(tmp_path / "entrance.sqlite3") for _ in range(2)]
        await asyncio.gather(
            *(
                book.remember(f"room{i}", Visit(f"m-{n}", n, "", "x", NOW + 60), NOW)
                for i, book in enumerate(books)
                for n in range(20)
            )
        )
        assert len(books[0].load("room1", NOW)[0]) == 20
        for book in books:
            await book.close()

    asyncio.run(both())
