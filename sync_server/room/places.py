"""Notices who has come to which named place, from members' head positions.

Pure and cheap enough for five looks a second; the edge of a place has a little play, so that
somebody standing on it does not come and go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scenes.schema import Place
from sync_server.wire.quantise import Vector

PLAY: Final = 1.1  # one has left a place beyond its radius times this
EYE_HEIGHT_M: Final = 1.6  # places are on the floor, poses are heads


class PlaceWatch:
    """The places of a scene."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = [(place.id, place.position, place.radius_m) for place in places]

    def look(self, head: Vector, inside: set[str]) -> Iterator[tuple[str, bool]]:
        """What changed for a head (scene frame, metres) that was in the places of `inside`:
        (place, True: entered, False: left). Brings `inside` up to date."""
        for place, (east, north, up), radius in self._places:
            was = place in inside
            reach = radius * PLAY if was else radius
            squared = (
                (head[0] - east) ** 2 + (head[1] - north) ** 2 + (head[2] - EYE_HEIGHT_M - up) ** 2
            )
            now = squared <= reach * reach
            if now == was:
                continue
            (inside.add if now else inside.discard)(place)
            yield place, now
