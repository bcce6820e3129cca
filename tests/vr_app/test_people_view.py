"""Who stands in the list of people and what is offered, held against the server's own rules."""

from __future__ import annotations

from itertools import product

import pytest

from sync_server.room.moderation import HouseRules, check_act
from sync_server.room.roles import PERMISSIONS, ROLES
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Role
from vr_app.people_view import (
    LEADERS,
    MODERATORS,
    acts_on,
    acts_on_room,
    people_rows,
    scrolled,
    steady,
)
from vr_app.session import MemberView, RoomFacts
from vr_app.ui.people_panel import PersonRow
from vr_app.ui.theme import member_colour

ACTS = {"take-lead": "lead", "end-lead": "lead"}


def view(member: str, name: str, role: Role = "engineer") -> MemberView:
    return MemberView(member, 1, name, role, "en", "desktop", None, 0.0)


def row(member: str, role: str, facts: RoomFacts, present: bool = True) -> PersonRow:
    return PersonRow(
        member,
        member,
        member_colour(0),
        role if present else "",
        present=present,
        leads=member == facts.lead,
        muted=member in facts.muted,
        kept_out=member in facts.kept_out,
    )


def test_the_roles_are_the_servers() -> None:
    assert {role for role in ROLES if "present" in PERMISSIONS[role]} == LEADERS
    assert {role for role in ROLES if "moderate" in PERMISSIONS[role]} == MODERATORS


@pytest.mark.parametrize("mine", ROLES)
def test_what_is_offered_is_what_the_server_takes(mine: Role) -> None:
    """Over all roles of the other, present and absent, every lead, muted and kept out or not."""
    for role, lead, muted, out, present in product(
        ROLES, (None, "me", "you", "she"), (False, True), (False, True), (False, True)
    ):
        listed_muted, listed_out = ("you",) if muted else (), ("you",) if out else ()
        facts = RoomFacts(False, lead, frozenset(listed_muted), frozenset(listed_out))
        rules = HouseRules(False, lead, listed_muted, listed_out)
        here = {"me": mine, "she": "admin"} | ({"you": role} if present else {})

        def takes(
            act: str,
            member: str | None,
            rules: HouseRules = rules,
            here: dict[str, Role] = here,  # type: ignore[assignment]
        ) -> bool:
            payload = {"act": act} | ({"member": member} if member else {})
            try:
                check_act(rules, payload, "me", mine, here.get)
            except Refused:
                return False
            return True

        permissions = PERMISSIONS[mine]
        for member, their in (("me", mine), ("you", role)):
            one = row(member, their, facts, member in here)
            offered = {ACTS.get(a.name, a.name) for a in acts_on(one, facts, "me", permissions)}
            assert all(takes(act, member) for act in offered)
            # What changes something and would be taken is offered, too.
            useful = {"unmute": one.muted, "mute": not one.muted, "admit": one.kept_out,
                      "kick": not one.kept_out, "lead": one.present and not one.leads}  # fmt: skip
            assert offered == {act for act in useful if useful[act] and takes(act, member)}
        for act in acts_on_room(facts, "me", permissions):
            assert takes(ACTS.get(act.name, act.name), None) and act.name != "unlock"
        assert ("lock" in {a.name for a in acts_on_room(facts, "me", permissions)}) == takes(
            "lock", None
        )


def test_a_locked_room_can_be_unlocked() -> None:
    (act,) = acts_on_room(RoomFacts(locked=True), "me", PERMISSIONS["instructor"])
    assert act.name == "unlock"


def test_we_come_first_then_names_then_those_who_are_away_for_moderators() -> None:
    own = PersonRow("me", "Zoe", member_colour(0), "instructor", mine=True)
    facts = RoomFacts(muted=frozenset({"b", "gone"}), kept_out=frozenset({"out"}), lead="a")
    members = [view("b", "boris"), view("a", "Aigerim")]
    names = {"gone": "Yuki", "out": "Xenia"}

    def rows(moderates: bool) -> list[PersonRow]:
        return people_rows(
            own, members, facts, moderates, lambda m: names[m], lambda _m: member_colour(1)
        )

    assert [one.id for one in rows(False)] == ["me", "a", "b"]
    listed = rows(True)
    assert [one.name for one in listed] == ["Zoe", "Aigerim", "boris", "Xenia", "Yuki"]
    assert [one.leads for one in listed] == [False, True, False, False, False]
    assert [one.muted for one in listed] == [False, False, True, False, True]
    assert [one.kept_out for one in listed] == [False, False, False, True, False]
    assert [one.present for one in listed] == [True, True, True, False, False]


def test_the_list_moves_no_further_than_it_must() -> None:
    assert scrolled(0, 4, 20, 5) == 0
    assert scrolled(0, 5, 20, 5) == 1
    assert scrolled(9, 7, 20, 5) == 7
    assert scrolled(18, 19, 20, 5) == 15  # no empty rows at the end
    assert scrolled(3, 0, 2, 5) == 0


def test_round_trips_do_not_flicker() -> None:
    assert [steady(ms) for ms in (0, 0.4, 14, 16, 300)] == [0, 10, 10, 20, 300]
