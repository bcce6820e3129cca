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
        self._places = [
            (place.id, *place.position, place.radius_m**2, (place.radius_m * PLAY) ** 2)
            for place in places
        ]

    def look(self, head: Vector, inside: set[str]) -> Iterator[tuple[str, bool]]:
        """What changed for a head (scene frame, metres) that was in the places of `inside`:
        (place, True: entered, False: left). Brings `inside` up to date."""
        x, y, z = head[0], head[1], head[2] - EYE_HEIGHT_M
        for place, east, north, up, enters, leaves in self._places:
            # Products and no powers: of everybody to every place, five times a second.
            squared = (x - east) * (x - east) + (y - north) * (y - north) + (z - up) * (z - up)
            if squared <= enters:
                if place not in inside:
                    inside.add(place)
                    yield place, True
            elif squared > leaves and place in inside:
                inside.discard(place)
                yield place, False
