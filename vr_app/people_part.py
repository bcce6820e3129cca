"""The panel of people in one application: keeps who is chosen, and sends what is done about them.

What is offered is decided by `vr_app.people_view`, what is done by the server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from vr_app.hud import Hud
from vr_app.people_view import acts_on, acts_on_room, people_rows, scrolled, steady
from vr_app.session import RoomSession
from vr_app.session.session import ModerationAct
from vr_app.ui.people_panel import PeopleAct, PeopleView, PersonRow, rows_that_fit
from vr_app.ui.theme import Colour

REASON: Final = "kick"  # what the line of a reason is written for


class PeoplePart:
    """The room's people, for one member. Frame thread only."""

    def __init__(
        self,
        session: RoomSession,
        hud: Hud,
        name_of: Callable[[str], str],
        colour_of: Callable[[str], Colour],
    ) -> None:
        self._session, self._hud = session, hud
        self._name_of, self._colour_of = name_of, colour_of
        self._rows: list[PersonRow] = []
        self._acts: tuple[PeopleAct, ...] = ()
        self._chosen: str | None = None
        self._first = 0
        self._asked: str | None = None

    def update(self, window: tuple[int, int]) -> None:
        """Once a frame."""
        hud, me = self._hud, self._session.me
        if not hud.is_open("people") or me is None:
            self._forget_question()
            self._chosen, self._first = None, 0
            hud.people(None)
            return
        if hud.writing_for(REASON) is None:
            self._asked = None
        facts, members = self._session.facts, self._session.members()
        moderates = "moderate" in self._session.permissions
        self._rows = people_rows(
            self._own(me), members, facts, moderates, self._name_of, self._colour_of
        )
        index = self._index()
        chosen = self._rows[index]
        self._chosen = chosen.id
        replayed = "replay" in self._session.records  # nobody is moderated there
        permissions = frozenset() if replayed else self._session.permissions
        self._acts = acts_on(chosen, facts, me, permissions) + acts_on_room(facts, me, permissions)
        shown = rows_that_fit(window[1])
        self._first = scrolled(self._first, index, len(self._rows), shown)
        hud.people(
            PeopleView(
                tuple(self._rows[self._first : self._first + shown]),
                len(members) + 1,
                self._first,
                len(self._rows),
                self._chosen,
                self._acts,
                facts.locked,
                None if self._asked is None else self._name_of(self._asked),
                hud.writing_for(REASON),
            )
        )

    def _own(self, me: str) -> PersonRow:
        session = self._session
        level, round_trip, _jitter = session.line
        return PersonRow(
            me,
            self._name_of(me),
            self._colour_of(me),
            session.role or "",
            session.site,
            self._hud.settings.language,
            level if session.status.state == "joined" else 1,
            0 if round_trip is None else steady(round_trip * 1000),
            mine=True,
            leads=me == session.facts.lead,
            muted=me in session.facts.muted,
        )

    def _index(self) -> int:
        return next((i for i, row in enumerate(self._rows) if row.id == self._chosen), 0)

    def move(self, steps: int) -> None:
        """Choose somebody further down the list, or up."""
        if self._rows and self._asked is None:
            index = min(max(self._index() + steps, 0), len(self._rows) - 1)
            self._chosen = self._rows[index].id

    def click(self, part: str) -> None:
        """A click on a part of the panel."""
        kind, _, name = part.partition(":")
        if kind == "person" and self._asked is None:
            self._chosen = name
        elif kind == "act":
            self.act(int(name))
        elif kind == "ask":
            self.ask_to_leave(self._hud.end_writing())
        elif kind == "cancel":
            self._forget_question()

    def act(self, number: int) -> None:
        """Do what the button with this number says (1 is the first)."""
        if self._asked is not None or not 1 <= number <= len(self._acts):
            return
        act = self._acts[number - 1]
        if act.name == "kick":
            self._asked = act.member
            self._hud.start_writing(REASON)
        elif act.name in ("lead", "take-lead", "end-lead"):
            self._session.moderate("lead", act.member)
        else:
            self._session.moderate(cast(ModerationAct, act.name), act.member)

    def ask_to_leave(self, reason: str) -> None:
        """The question was answered with yes."""
        if self._asked is not None:
            self._session.moderate("kick", self._asked, reason)
            self._asked = None

    def _forget_question(self) -> None:
        self._asked = None
        if self._hud.writing_for(REASON) is not None:
            self._hud.end_writing()
