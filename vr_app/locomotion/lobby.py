"""The first minute in a headset: point, jump, turn, open the menu, each shown until it was done.

Pure: what the hands did in, the lesson to show out. Whoever knows it all is through in seconds, and
nobody is kept longer than a minute.
"""

from __future__ import annotations

from typing import Final, Literal

from vr_app.locomotion.hand_controls import HandWishes

Lesson = Literal["point", "jump", "turn", "menu"]
LESSONS: Final[tuple[Lesson, ...]] = ("point", "jump", "turn", "menu")
LONGEST_S: Final = 60.0
# Somebody without a stick cannot turn by it, and one lesson must not take the time of all.
EACH_S: Final = 20.0
POINTED_S: Final = 1.5  # a laser that shines so long was meant


class Lobby:
    """One visit's lessons."""

    def __init__(self) -> None:
        self._number = 0
        self._seconds = self._of_this = self._pointed = 0.0

    @property
    def lesson(self) -> Lesson | None:
        """What is to be learnt now; None: all is."""
        return LESSONS[self._number] if self._number < len(LESSONS) else None

    def step(self, wishes: HandWishes, landed: bool, seconds: float) -> Lesson | None:
        """A frame of `seconds` with these wishes; `landed`: they jumped to a good place."""
        self._seconds += seconds
        self._of_this += seconds
        self._pointed += seconds if wishes.pointer is not None else 0.0
        done = {
            "point": wishes.use or self._pointed >= POINTED_S,
            "jump": landed,
            "turn": bool(wishes.turn),
            "menu": wishes.menu,
        }
        if self._seconds >= LONGEST_S:
            self._number = len(LESSONS)
        elif (lesson := self.lesson) is not None and (done[lesson] or self._of_this >= EACH_S):
            self._number += 1
            self._of_this = 0.0
        return self.lesson

    def skip(self) -> None:
        """They know it already."""
        self._number = len(LESSONS)
