"""The travel network: where people can walk, as straight reaches between points on the floor.

Reaches stay inside the workings or on roads. It computes no routes.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from scenes.geometry import Float64s
from scenes.schema import Network, NetworkEdge, NetworkNode, Place
from scenes.synthetic.parameters import PitParameters
from scenes.synthetic.pit import RAMP_START, profile
from scenes.synthetic.places import Ground
from scenes.synthetic.ways import Way

BEND = 0.3  # metres that a reach may leave the centreline by
LONGEST = 30.0
UP = np.array([0.0, 0.0, 1.0])


class _Builder:
    def __init__(self) -> None:
        self.nodes: list[NetworkNode] = []
        self.edges: list[NetworkEdge] = []

    def node(self, at: Float64s, kind: str = "junction", place: str | None = None) -> str:
        x, y, z = (round(float(v), 3) for v in at)
        for known in self.nodes:
            a = known.position
            if place is None and abs(a[0] - x) + abs(a[1] - y) + abs(a[2] - z) < 0.8:
                return known.id
        name = f"t-{len(self.nodes) + 1:04d}"
        self.nodes.append(NetworkNode(id=name, position=(x, y, z), kind=kind, place=place))
        return name

    def edge(self, first: str, last: str, kind: str = "drift") -> None:
        if first == last:
            return
        by_id = {node.id: node.position for node in self.nodes}
        length = float(np.linalg.norm(np.subtract(by_id[first], by_id[last])))
        self.edges.append(
            NetworkEdge(id=f"tr-{len(self.edges) + 1:04d}", start=first, end=last,
                        kind="decline" if kind == "decline" else "drift",
                        length_m=round(max(length, 0.01), 3))
        )  # fmt: skip

    def line(self, points: Float64s, kind: str = "drift") -> None:
        names = [self.node(point) for point in points]
        for first, last in pairwise(names):
            self.edge(first, last, kind)


def travel(ground: Ground, pit: PitParameters, places: list[Place]) -> Network:
    """Everywhere that people walk, with a node at each place."""
    builder = _Builder()
    ways = list(ground.layout.ways.values())
    for way in ways:
        stops = _stops(way, ways)
        points = way.at(stops)
        points[:, 2] = ground.void.floor_below(points + UP * 1.2)
        builder.line(points, way.kind)
    _pit_ramp(builder, ground, pit)
    for road in ground.site.roads:
        every = max(1, len(road.points) // 12)
        chosen = [*range(0, len(road.points) - 1, every), len(road.points) - 1]
        builder.line(road.points[chosen] + 0.5 * UP)
    _join_surface(builder, ground)
    for place in places:
        _attach(builder, ground, place)
    return Network(id="travel", kind="travel", nodes=builder.nodes, edges=builder.edges)


def _end_of(way: Way) -> float:
    """How far one can walk: short of a closed face, dry at a sump."""
    if way.kind == "sump":
        return 8.0
    if way.kind == "niche" and "refuge" in way.tags:
        return way.length - 3.2
    if way.kind == "stub":
        return 5.0 if way.id.startswith("l2") else 12.0
    return way.length - (0.0 if way.end_open else 2.0)


def _stops(way: Way, ways: list[Way]) -> Float64s:
    """Chainages of the nodes along a way: ends, junctions, bends."""
    start = 0.0 if way.start_open else 2.0
    end = _end_of(way)
    stops = {start, end}
    for other in ways:
        if other is way:
            continue
        for tip in (other.points[0], other.points[-1]):
            offsets = np.linalg.norm(way.points - tip, axis=1)
            if offsets.min() < 0.9:
                stops.add(float(np.clip(way.chainage[int(offsets.argmin())], start, end)))
    chainage, points = way.chainage, way.points
    fixed = sorted(stops)
    for first, last in pairwise(fixed):
        inside = (chainage > first + 0.5) & (chainage < last - 0.5)
        anchor, anchor_c = way.at(first)[0], first
        previous = first
        for c, p in zip(chainage[inside], points[inside], strict=True):
            between = way.at(np.linspace(anchor_c, float(c), 6))
            t = np.linspace(0, 1, 6)[:, None]
            bend = np.linalg.norm(between - (anchor + t * (p - anchor)), axis=1).max()
            if bend > BEND or c - anchor_c > LONGEST:
                stops.add(previous)
                anchor, anchor_c = way.at(previous)[0], previous
            previous = float(c)
    return np.array(sorted(stops))


def _pit_ramp(builder: _Builder, ground: Ground, pit: PitParameters) -> None:
    """From the hillside of the pit floor at portal 1 up the ramp to the rim."""
    turn = np.linspace(0.0, 2 * np.pi - 0.02, 36)
    radii, levels = profile(pit, RAMP_START + turn)
    ramp = pit.bench_height_m * pit.bench_count * turn / (2 * np.pi)
    points = []
    for i in range(len(turn)):
        flat = [
            k for k in range(1, len(radii) - 1, 2)
            if abs(levels[k, i] - ramp[i]) < 1e-6
            and abs(radii[k + 1, i] - radii[k, i] - pit.ramp_width_m) < 1e-6
        ]  # fmt: skip
        middle = 0.5 * (radii[flat[0], i] + radii[flat[0] + 1, i])
        angle = RAMP_START + turn[i]
        points.append((middle * np.cos(angle), middle * np.sin(angle),
                       ground.site.pit_bottom + ramp[i]))  # fmt: skip
    builder.line(np.array(points), "decline")
    one = ground.layout.portals["portal-1"]
    bottom = ground.site.pit_bottom
    builder.line(np.array([ground.on_way("decline-1", 0.0), (one[0] - 11, one[1], bottom),
                           (4.0, -12.0, bottom), points[0]]))  # fmt: skip
    road = next(r for r in ground.site.roads if r.id == "haul-road")
    builder.line(np.array([points[-1], road.points[0] + [0, 0, 0.5]]))


def _join_surface(builder: _Builder, ground: Ground) -> None:
    """Join the ends of roads to each other and to portal 2."""
    two = ground.layout.portals["portal-2"]
    roads = {road.id: road.points + 0.5 * UP for road in ground.site.roads}
    builder.line(np.array([ground.on_way("decline-2", 0.0), (two[0] + 9.0, two[1], two[2] - 0.11),
                           roads["portal-road"][0]]))  # fmt: skip
    mill = ground.site.pad["mill"]
    hub = ground.outside(mill.x - 20, mill.y - 26)
    for name, end in (("haul-road", -1), ("portal-road", -1), ("wtp-road", 0), ("dam-road", 0)):
        builder.line(np.array([roads[name][end], hub]))
    builder.line(np.array([roads["dump-road"][0], roads["haul-road"][0]]))


def _attach(builder: _Builder, ground: Ground, place: Place) -> None:
    """A node at the place, joined to the nearest node that can be walked to straight."""
    at = np.array(place.position)
    known = [(float(np.linalg.norm(np.array(n.position) - at)), n) for n in builder.nodes]
    known.sort(key=lambda pair: (pair[0], pair[1].id))
    distance, nearest = known[0]
    if distance < 0.8 and nearest.place is None:
        nearest.place = place.id
        return
    name = builder.node(at, "place", place.id)
    for _, node in known[:12]:
        line = np.linspace(at, np.array(node.position), 9) + UP
        near = ground.void.candidates(line.min(axis=0) - 3, line.max(axis=0) + 3)
        under = ground.void.distance(line, near, 1.0).max() < -0.2
        outside = (
            at[2] >= ground.site.pit_bottom - 6 and node.position[2] > ground.site.pit_bottom - 40
        )
        surface = outside and ground.void.distance(line, near, 1.0).min() > 0.0
        if under or surface:
            builder.edge(name, node.id)
            return
    builder.edge(name, nearest.id)
