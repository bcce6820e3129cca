"""Where bots walk: along the scene's travel ways, between its places, or in circles.

Pure; the same numbers give the same walks. It asks no floor: bots are a load, not people.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from typing import Final

from scenes.schema import Scene
from sync_server.wire.quantise import Vector
from vr_app.session.bot import Script, WalkScript

NODES: Final = 12  # of a way, at most
CORNERS: Final = 12  # of a circle
SPEEDS_M_S: Final = (0.8, 1.6)


class Walks:
    """The walks of one scene (None: nothing is known, circles about the origin)."""

    def __init__(self, scene: Scene | None) -> None:
        self._ways: dict[Vector, list[Vector]] = defaultdict(list)
        self._places: list[Vector] = []
        self._middle: Vector = (0.0, 0.0, 0.0)
        if scene is None:
            return
        self._middle = scene.spawn.position
        self._places = [place.position for place in scene.places]
        for network in scene.networks:
            if network.kind == "travel":
                at = {node.id: node.position for node in network.nodes}
                for edge in network.edges:
                    self._ways[at[edge.start]].append(at[edge.end])
                    self._ways[at[edge.end]].append(at[edge.start])

    def walk(self, chance: random.Random) -> WalkScript:
        """A walk to and fro for one bot."""
        speed = chance.uniform(*SPEEDS_M_S)
        return WalkScript(Script(waypoints=self._waypoints(chance), speed_m_s=speed))

    def _waypoints(self, chance: random.Random) -> list[Vector]:
        if self._ways:
            points = [chance.choice(sorted(self._ways))]
            while len(points) < NODES:
                points.append(chance.choice(self._ways[points[-1]]))
            return points
        if len(self._places) > 1:
            return chance.sample(self._places, min(len(self._places), 4))
        east, north, up = self._middle
        radius, turn = chance.uniform(2.0, 10.0), chance.uniform(0.0, math.tau)
        angles = [turn + math.tau * corner / CORNERS for corner in range(CORNERS + 1)]
        return [(east + radius * math.sin(a), north + radius * math.cos(a), up) for a in angles]
