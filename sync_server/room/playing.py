"""Lets listeners play along: tells them what happens and turns what they want into effects.

Pure, and bounded: a listener that wants too much at once gets only the beginning of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from scenes.schema import Place
from sync_server.room.effects import Effect
from sync_server.room.latest import LatestValues
from sync_server.room.listener import (
    Action,
    Override,
    PlaceEntered,
    PlaceLeft,
    RoomEvent,
    RoomListener,
    Write,
)
from sync_server.room.members import Members
from sync_server.room.places import PlaceWatch

MAX_ACTIONS: Final = 256  # of a listener, for one event


class Playing:
    """The listeners of one room. `write` puts a record down in the server's name."""

    def __init__(
        self,
        listeners: Sequence[RoomListener],
        places: Sequence[Place],
        values: LatestValues,
        write: Callable[[float, Write], list[Effect]],
    ) -> None:
        self._listeners = tuple(listeners)
        self._places = PlaceWatch(places)
        self._values = values
        self._write = write

    def tell(self, now: float, event: RoomEvent | None) -> list[Effect]:
        """Something has happened; what listeners want because of it."""
        effects: list[Effect] = []
        if event is not None:
            for listener in self._listeners:
                effects += self._act(now, listener.on_event(now, event))
        return effects

    def tick(self, now: float, members: Members) -> list[Effect]:
        """Time has passed: places entered and left, listeners' clocks."""
        effects: list[Effect] = []
        if not self._listeners:
            return effects
        for member in list(members):
            if not member.pose.complete:
                continue
            for place, entered in self._places.look(member.pose.position, member.places):
                kind = PlaceEntered if entered else PlaceLeft
                effects += self.tell(now, kind(member.id, place))
        for listener in self._listeners:
            effects += self._act(now, listener.on_tick(now))
        return effects

    def _act(self, now: float, actions: Sequence[Action]) -> list[Effect]:
        effects: list[Effect] = []
        for action in actions[:MAX_ACTIONS]:
            match action:
                case Write():
                    effects += self._write(now, action)
                case Override():
                    self._values.override(action.datastream, action.result, now)
        return effects
