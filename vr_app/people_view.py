"""Who stands in the list of people, and what may be done about whom.

Pure: it reads what a session knows and offers only what the server would accept; the server judges.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final, get_args

from sync_server.wire.messages import Role
from vr_app.session import MemberView, RoomFacts
from vr_app.ui.people_panel import PeopleAct, PersonRow
from vr_app.ui.theme import Colour

_ROLES: Final[tuple[Role, ...]] = get_args(Role)  # from the least to the most
LEADERS: Final = frozenset(_ROLES[_ROLES.index("engineer") :])  # who may show others around
MODERATORS: Final = frozenset(_ROLES[_ROLES.index("instructor") :])
NameOf = Callable[[str], str]
ColourOf = Callable[[str], Colour]


def people_rows(
    own: PersonRow,
    members: Iterable[MemberView],
    facts: RoomFacts,
    moderates: bool,
    name_of: NameOf,
    colour_of: ColourOf,
) -> list[PersonRow]:
    """We first, then the others by name; for moderators also who is muted or kept out and away."""
    others = [
        PersonRow(
            one.id,
            one.name,
            colour_of(one.id),
            one.role,
            one.site,
            one.language,
            one.quality,
            steady(one.round_trip_ms),
            leads=one.id == facts.lead,
            muted=one.id in facts.muted,
            kept_out=one.id in facts.kept_out,
        )
        for one in members
    ]
    others.sort(key=lambda row: (row.name.casefold(), row.id))
    here = {own.id, *(row.id for row in others)}
    away = (facts.muted | facts.kept_out) - here if moderates else frozenset()
    absent = [
        PersonRow(
            member,
            name_of(member),
            colour_of(member),
            present=False,
            muted=member in facts.muted,
            kept_out=member in facts.kept_out,
        )
        for member in away
    ]
    absent.sort(key=lambda row: (row.name.casefold(), row.id))
    return [own, *others, *absent]


def steady(milliseconds: float) -> int:
    """A round trip in tens of milliseconds, so that it does not flicker; at least 10 if any."""
    return max(round(milliseconds / 10) * 10, 10) if milliseconds > 0 else 0


def acts_on(
    row: PersonRow, facts: RoomFacts, me: str, permissions: Collection[str]
) -> tuple[PeopleAct, ...]:
    """What we may do about somebody. `permissions` are ours; a replay offers none."""
    acts: list[str] = []
    moderates = "moderate" in permissions
    if moderates and row.kept_out:
        acts.append("admit")
    if moderates and row.muted:
        acts.append("unmute")
    # Nobody does it to themselves, and only admins to other moderators.
    equal = row.role in MODERATORS and "administer" not in permissions
    if moderates and row.id != me and not equal:
        if not row.muted:
            acts.append("mute")
        if not row.kept_out:
            acts.append("kick")
    if row.present and row.role in LEADERS and not row.leads:
        if row.id == me and moderates:
            acts.append("take-lead")
        elif row.id != me and (moderates or facts.lead == me):
            acts.append("lead")
    return tuple(PeopleAct(name, row.id) for name in acts)


def acts_on_room(facts: RoomFacts, me: str, permissions: Collection[str]) -> tuple[PeopleAct, ...]:
    """What we may do about the room as a whole."""
    acts: list[PeopleAct] = []
    moderates = "moderate" in permissions
    if facts.lead is not None and (moderates or facts.lead == me):
        acts.append(PeopleAct("end-lead"))
    if moderates:
        acts.append(PeopleAct("unlock" if facts.locked else "lock"))
    return tuple(acts)


def scrolled(first: int, chosen: int, total: int, shown: int) -> int:
    """The first row that is shown: moved from `first` only as far as the chosen one needs."""
    first = min(max(first, chosen - shown + 1), chosen)
    return max(min(first, total - shown), 0)
