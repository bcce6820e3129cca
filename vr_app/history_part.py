"""The history of a note that somebody looks at: asks the room, shows the answer, takes away and
brings back.

Who may is the server's to judge; here it is only not offered to those who may not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.text import Translator
from sync_server.wire.messages import HistoryEntry
from vr_app.hud import Hud
from vr_app.session import HistoryArrived, RoomSession
from vr_app.ui.history_panel import MOST_ENTRIES, HistoryLine, HistoryView
from vr_app.ui.theme import Colour
from vr_app.world.walker import Vector

Points = npt.NDArray[np.float64]
REACH_M: Final = 15.0
ASIDE_RAD: Final = 0.07  # how far beside a note still counts as looking at it
UNDER_RAD, OVER_RAD = -0.05, 0.16  # its sheet stands on a stem above its point


class HistoryPart:
    """One note's history, for one member. Frame thread only."""

    def __init__(
        self,
        session: RoomSession,
        hud: Hud,
        name_of: Callable[[str], str],
        colour_of: Callable[[str], Colour],
    ) -> None:
        self._session, self._hud = session, hud
        self._name_of, self._colour_of = name_of, colour_of
        self._note: str | None = None
        self._owner = ""
        self._asked = ""
        self._seen = 0  # the note's number when we last asked; 0: it was gone
        self._entries: tuple[HistoryEntry, ...] = ()
        self._more = False
        self.acts: tuple[str, ...] = ()

    def open(self, note: str) -> None:
        """Show what was done to a note."""
        if not self._hud.is_open("history"):
            self._hud.toggle("history")
        self._note, self._entries, self._more = note, (), False
        self._ask()

    def _ask(self) -> None:
        if self._note is not None:
            record = self._session.records.get(self._note)
            self._seen = 0 if record is None else record.number
            self._owner = self._owner if record is None else record.owner
            self._asked = self._session.history(self._note)

    def take(self, answer: HistoryArrived) -> None:
        """An answer of the room's; one to an older question is passed over."""
        if answer.id == self._asked:
            self._entries, self._more = answer.entries, answer.more

    def update(self) -> None:
        """Once a frame."""
        hud = self._hud
        if self._note is None or not hud.is_open("history"):
            self._note, self.acts = None, ()
            hud.history(None)
            return
        record = self._session.records.get(self._note)
        if (0 if record is None else record.number) != self._seen:
            self._ask()  # somebody has changed it
        mine = self._owner == self._session.me
        may = mine or "moderate" in self._session.permissions
        self.acts = () if not may else ("restore",) if record is None else ("delete",)
        shown = self._entries[:MOST_ENTRIES]
        lines = tuple(self._line(entry, hud.translate) for entry in shown)
        more = self._more or len(self._entries) > MOST_ENTRIES
        hud.history(HistoryView(lines, more, self.acts))

    def _line(self, entry: HistoryEntry, say: Translator) -> HistoryLine:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.time))
        what = say(f"ui-history-op-{entry.op}")
        text = "" if entry.op == "delete" else str(entry.payload.get("text", ""))
        return HistoryLine(
            self._name_of(entry.author), self._colour_of(entry.author), what, when, text
        )

    def act(self, number: int) -> None:
        """Do what the button with this number says."""
        if self._note is None or not 1 <= number <= len(self.acts):
            return
        if self.acts[number - 1] == "restore":
            self._session.restore("annotation", self._note)
        else:
            self._session.command("annotation", {}, "delete", self._note)


def aimed_note(ids: Sequence[str], points: Points, eye: Vector, gaze: Vector) -> str | None:
    """The note that somebody looks at, sheet or point; the nearest of several.

    `points`: (n, 3) float64 where the notes stand, `eye`: (3,), both metres in the scene frame;
    `gaze`: a unit vector.
    """
    if not ids:
        return None
    way = points - eye
    distance = np.maximum(np.linalg.norm(way, axis=1), 1e-6)
    azimuth, pitch = np.arctan2(gaze[1], gaze[0]), np.arcsin(np.clip(gaze[2], -1.0, 1.0))
    turn = np.arctan2(way[:, 1], way[:, 0]) - azimuth
    aside = np.abs((turn + np.pi) % (2 * np.pi) - np.pi) * np.cos(pitch)
    over = pitch - np.arcsin(np.clip(way[:, 2] / distance, -1.0, 1.0))
    aimed = (aside < ASIDE_RAD) & (over > UNDER_RAD) & (over < OVER_RAD) & (distance < REACH_M)
    if not aimed.any():
        return None
    return ids[int(np.argmin(np.where(aimed, distance, np.inf)))]
