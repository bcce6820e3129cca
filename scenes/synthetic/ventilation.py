"""The ventilation network: branches with resistance, and airflow that balances at every node.

The fan's flow is given; the rest follows from Atkinson's square law by Newton's method. It knows
no geometry but lengths.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import Float64s
from scenes.schema import Network, NetworkEdge, NetworkNode
from scenes.synthetic.layout import (
    FOOTWALL_X,
    NORTH_Y,
    RAISE_RADIUS,
    RAISE_X,
    RAISE_Y,
    SOUTH_Y,
    STATION_X,
)
from scenes.synthetic.places import Ground, Point

FAN_M3_S = 130.0
FRICTION = 0.012  # Atkinson friction factor of rough drifts, kg/m3
AREA, PERIMETER = 21.5, 17.0  # of a drift, m2 and m


def ventilation(ground: Ground) -> Network:
    """Air from both portals down the declines, across the levels, up the raise to the fan."""
    layout = ground.layout
    places, branches = _branches(ground)
    flows = solve_flows(
        list(places), [(a, b, r) for _, _, a, b, _, r in branches], "v-atmosphere", "v-l1-return",
        FAN_M3_S,
    )  # fmt: skip
    edges = []
    for (name, kind, a, b, length, resistance), flow in zip(branches, flows, strict=True):
        first, last = (a, b) if flow >= 0 else (b, a)
        edges.append(
            NetworkEdge(id=name, kind=kind, start=first, end=last, length_m=round(length, 2),
                        flow_m3_s=round(abs(float(flow)), 9),
                        resistance_ns2_m8=round(resistance, 6))
        )  # fmt: skip
    edges.append(
        NetworkEdge(id="va-fan", kind="fan", start="v-l1-return", end="v-atmosphere",
                    length_m=round(layout.raise_top - layout.levels[0], 2), flow_m3_s=FAN_M3_S)
    )  # fmt: skip
    named = {"v-portal-1": "portal-1", "v-portal-2": "portal-2", "v-atmosphere": "raise",
             "v-l2-raise": "main-fan"}  # fmt: skip
    nodes = [
        NetworkNode(id=name, position=at, place=named.get(name),
                    kind="surface" if name == "v-atmosphere" else "portal"
                    if "portal" in name else "junction")
        for name, at in places.items()
    ]  # fmt: skip
    return Network(id="ventilation", kind="ventilation", nodes=nodes, edges=edges)


def _friction(length: float, area: float = AREA, perimeter: float = PERIMETER) -> float:
    return FRICTION * perimeter * max(length, 1.0) / area**3


def _branches(
    ground: Ground,
) -> tuple[dict[str, Point], list[tuple[str, str, str, str, float, float]]]:
    layout = ground.layout
    one, two = layout.ways["decline-1"], layout.ways["decline-2"]
    places: dict[str, Point] = {
        "v-atmosphere": ground.outside(RAISE_X - 7.0, RAISE_Y - 9.0),
        "v-portal-1": ground.on_way("decline-1", 6.0),
        "v-portal-2": ground.on_way("decline-2", 6.0),
    }
    branches: list[tuple[str, str, str, str, float, float]] = [
        ("va-intake-1", "drift", "v-atmosphere", "v-portal-1", 20.0, 0.0008),
        ("va-intake-2", "drift", "v-atmosphere", "v-portal-2", 20.0, 0.0008),
    ]
    above = {1: ("v-portal-1", 0.0), 2: ("v-portal-2", 0.0)}
    raise_radius = RAISE_RADIUS
    for index, z in enumerate(layout.levels):
        key = f"l{index + 1}"
        for number, way, y in ((1, one, SOUTH_Y), (2, two, NORTH_Y)):
            name = f"v-{key}-station-{number}"
            places[name] = ground.floor(STATION_X, y, z)
            chainage = way.nearest((STATION_X, y, z))
            before, start = above[number]
            length = chainage - start
            branches.append(
                (f"va-{key}-decline-{number}", "decline", before, name, length, _friction(length))
            )
            above[number] = (name, chainage)
            corner = f"v-{key}-footwall-{number}"
            places[corner] = ground.floor(FOOTWALL_X, y, z)
            across = STATION_X - FOOTWALL_X
            branches.append((f"va-{key}-access-{number}", "drift", name, corner, across,
                             _friction(across)))  # fmt: skip
        middle, back = f"v-{key}-raise", f"v-{key}-return"
        places[middle] = ground.floor(FOOTWALL_X, RAISE_Y, z)
        places[back] = ground.floor(RAISE_X - 2.2, RAISE_Y, z)
        for number, y in ((1, SOUTH_Y), (2, NORTH_Y)):
            length = abs(y - RAISE_Y)
            branches.append((f"va-{key}-footwall-{number}", "drift", f"v-{key}-footwall-{number}",
                             middle, length, _friction(length)))  # fmt: skip
        # Upper levels are throttled, so that the lowest gets its share.
        throttle = 0.02 + 0.035 * (len(layout.levels) - 1 - index)
        branches.append((f"va-{key}-return", "drift", middle, back, 18.0,
                         _friction(18.0) + throttle))  # fmt: skip
        if index:
            rise = layout.levels[index - 1] - z
            area = float(np.pi * raise_radius**2)
            branches.append((f"va-{key}-raise", "raise", back, f"v-l{index}-return", rise,
                             _friction(rise, area, float(2 * np.pi * raise_radius))))  # fmt: skip
    return places, branches


def solve_flows(
    nodes: list[str], branches: list[tuple[str, str, float]], source: str, sink: str, total: float
) -> Float64s:
    """Flows (m,) m3/s of branches (from, to, resistance) when `total` enters at `source` and leaves
    at `sink`; p = r q |q| on each, and what enters a node leaves it."""
    number = {name: i for i, name in enumerate(nodes)}
    ends = np.array([(number[a], number[b]) for a, b, _ in branches])
    resistance = np.array([r for _, _, r in branches])
    incidence = np.zeros((len(nodes), len(branches)))
    incidence[ends[:, 0], np.arange(len(branches))] = -1.0
    incidence[ends[:, 1], np.arange(len(branches))] = 1.0
    demand = np.zeros(len(nodes))
    demand[number[source]], demand[number[sink]] = -total, total
    free = np.array([i for i in range(len(nodes)) if i != number[source]])
    reduced, wanted = incidence[free], demand[free]
    flow = np.linalg.lstsq(reduced, wanted, rcond=None)[0]
    pressure = np.zeros(len(free))
    for _ in range(100):
        # Newton on: r q |q| + (A^T p) = 0 and A q = demand.
        slope = 2 * resistance * np.maximum(np.abs(flow), 1e-3)
        left = np.block([[np.diag(slope), reduced.T], [reduced, np.zeros((len(free),) * 2)]])
        right = np.concatenate([
            -(resistance * flow * np.abs(flow) + reduced.T @ pressure), wanted - reduced @ flow
        ])  # fmt: skip
        step = np.linalg.solve(left, right)
        flow = flow + step[: len(flow)]
        pressure = pressure + step[len(flow) :]
        if np.abs(step[: len(flow)]).max() < 1e-11:
            break
    result: Float64s = flow
    return result
