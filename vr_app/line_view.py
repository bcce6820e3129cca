"""Says how the connection to the room is: what is lost, what waits to be sent, and how good it is.

Reads a session and writes panels; it never sends anything.
"""

from __future__ import annotations

from typing import Final

from vr_app.hud import Hud
from vr_app.session import RoomFacts, RoomSession
from vr_app.session.state import SessionStatus

WITHHELD_S: Final = 20.0  # how long it stands there that layers are not for us


class LineView:
    """The status line and the sign of our own line. Frame thread only."""

    def __init__(
        self, session: RoomSession, hud: Hud, withheld: int = 0, nothing_left: bool = False
    ) -> None:
        """`withheld`: how many layers are not for our role; `nothing_left`: all of them."""
        self._session, self._hud = session, hud
        self._withheld, self._nothing_left = withheld, nothing_left
        self._told_until: float | None = None
        self._stores = True
        self._was_away = False
        self._waited = 0
        self._said = ""

    def stores(self, works: bool) -> None:
        """Whether the server takes records, as it says."""
        self._stores = works

    def update(self, now: float) -> None:
        """Once a frame; `now` in local monotonic seconds."""
        session, hud, say = self._session, self._hud, self._hud.translate
        status = session.status
        waiting = session.unsettled + session.held
        if status.state == "reconnecting":
            self._was_away = True
            self._stores = True  # whoever comes back is told anew
            self._waited = max(self._waited, waiting)
            self._say(self._away(status, waiting))
        elif status.state == "refused":
            reason = say(status.message_id, status.arguments)
            arguments = {"reason": reason, "marks": waiting}
            self._say(say("ui-line-refused", arguments) if waiting else reason)
        elif status.state == "joined":
            self._say(self._joined(now))
            if self._was_away and not session.unsettled:
                if self._waited:
                    hud.notice(say("ui-notice-sent"), "good", now)
                self._was_away, self._waited = False, 0
        self._show_sign(status)

    def _joined(self, now: float) -> str:
        """What stands there while all is well with the line, the gravest first."""
        say = self._hud.translate
        if self._told_until is None:
            self._told_until = now + WITHHELD_S
        if not self._stores:
            return say("server-stores-nothing")
        if self._session.held:
            return say("session-other-room", {"n": self._session.held})
        if self._withheld and self._nothing_left:
            return say("ui-line-nothing-to-see")
        if self._withheld and now < self._told_until:
            return say("ui-line-withheld", {"n": self._withheld})
        return ""

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._hud.standing(text)

    def _away(self, status: SessionStatus, waiting: int) -> str:
        say = self._hud.translate
        away = int(self._session.away_s)
        time = (
            say("ui-age-seconds", {"n": away})
            if away < 120
            else say("ui-age-minutes", {"n": away // 60})
        )
        reason = say(status.message_id or "session-reconnecting", status.arguments)
        if self._session.me is None:  # never been in: what is seen was kept
            reason = f"{say('ui-line-kept')} {reason}"
        return say("ui-line-reconnecting", {"reason": reason, "marks": waiting, "time": time})

    def _show_sign(self, status: SessionStatus) -> None:
        level, round_trip, _jitter = self._session.line
        say = self._hud.translate
        if status.state != "joined":
            level = 1
        text = say(f"ui-line-level-{level}") if level in (1, 2, 3) else ""
        if status.state == "joined" and round_trip is not None and level in (1, 2, 3):
            milliseconds = int(round(round_trip, 2) * 1000)  # tens: it must not flicker
            text = f"{text} · {milliseconds} ms"
        self._hud.line(level, text)


def facts_notices(before: RoomFacts, after: RoomFacts, me: str | None) -> list[str]:
    """The message ids of what has changed for us; who leads is said by `lead_notice`."""
    said = []
    if before.locked != after.locked:
        said.append("ui-notice-locked" if after.locked else "ui-notice-unlocked")
    if (me in before.muted) != (me in after.muted):
        said.append("ui-notice-muted" if me in after.muted else "ui-notice-unmuted")
    return said


def lead_notice(before: RoomFacts, after: RoomFacts, me: str | None) -> str:
    """The message id of who leads now; empty where that is as it was."""
    if before.lead == after.lead:
        return ""
    if after.lead is None:
        return "ui-notice-nobody-leads"
    return "ui-notice-you-lead" if after.lead == me else "ui-notice-leads"
