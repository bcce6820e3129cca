"""The drainage network: ditches to sumps, sumps to the main sump, the pump line, ponds and river.

An edge's `flow_m3_s` is what arrives at its end, `inflow_m3_s` the part of it that joined along
the way; so at each node what leaves, less its own inflow, is what arrived.
"""

from __future__ import annotations

from scenes.schema import Network, NetworkEdge, NetworkNode
from scenes.synthetic.layout import FOOTWALL_X, HOLDING_Y, RAISE_Y, SUMP_Y
from scenes.synthetic.places import Ground, Point

_CUT_Y = {"a": -60.0, "b": RAISE_Y, "c": 70.0}
_HEADING = {"a": 0.0016, "b": 0.0014, "c": 0.0012}  # m3/s of water from each heading
_DITCH_INFLOW = 0.0004


def drainage(ground: Ground) -> Network:
    """The whole network."""
    return _Builder(ground).build()


class _Builder:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._nodes: dict[str, NetworkNode] = {}
        self._edges: list[NetworkEdge] = []
        self._arrived: dict[str, float] = {}

    def _node(self, name: str, at: Point, kind: str = "junction", place: str | None = None) -> str:
        self._nodes[name] = NetworkNode(id=name, position=at, kind=kind, place=place)
        return name

    def _edge(
        self, name: str, kind: str, start: str, end: str, inflow: float = 0.0,
        length: float | None = None, share: float = 1.0,
    ) -> None:  # fmt: skip
        """Everything that arrived at `start` (or a share of it) goes on to `end`."""
        flow = self._arrived.get(start, 0.0) * share + inflow
        self._arrived[end] = self._arrived.get(end, 0.0) + flow
        if length is None:
            a, b = self._nodes[start].position, self._nodes[end].position
            length = sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5
        self._edges.append(
            NetworkEdge(id=name, kind=kind, start=start, end=end, length_m=round(length, 2),
                        flow_m3_s=round(flow, 9), inflow_m3_s=round(inflow, 9))
        )  # fmt: skip

    def build(self) -> Network:
        layout = self._ground.layout
        last = len(layout.levels)
        for index, z in enumerate(layout.levels):
            self._level(f"l{index + 1}", z, index == last - 1)
            if index:
                self._edge(f"dr-l{index}-down", "pipe", f"d-l{index}-sump", f"d-l{index + 1}-sump")
        self._surface(f"d-l{last}-sump")
        return Network(id="drainage", kind="drainage", nodes=list(self._nodes.values()),
                       edges=self._edges)  # fmt: skip

    def _level(self, key: str, z: float, last: bool) -> None:
        ground = self._ground
        before: str | None = None
        for pipe in ("c", "b", "a"):
            way = ground.layout.ways[f"{key}-{pipe}-crosscut"]
            heading = self._node(f"d-{key}-heading-{pipe}",
                                 ground.on_way(way.id, way.length - 2.0), "heading")  # fmt: skip
            weir = self._node(f"d-{key}-{pipe}", ground.floor(FOOTWALL_X - 8.0, _CUT_Y[pipe], z),
                              "weir")  # fmt: skip
            corner = self._node(f"d-{key}-footwall-{pipe}",
                                ground.floor(FOOTWALL_X, _CUT_Y[pipe], z))  # fmt: skip
            self._edge(f"dr-{key}-{pipe}", "ditch", heading, weir, inflow=_HEADING[pipe])
            self._edge(f"dr-{key}-{pipe}-out", "ditch", weir, corner)
            if before is not None:
                self._edge(f"dr-{key}-footwall-{before}", "ditch", f"d-{key}-footwall-{before}",
                           corner, inflow=_DITCH_INFLOW)  # fmt: skip
            before = pipe
        sump = self._node(f"d-{key}-sump", ground.floor(FOOTWALL_X - 8.0, SUMP_Y, z), "sump",
                          "main-sump" if last else f"sump-{key}")  # fmt: skip
        self._edge(f"dr-{key}-footwall-a", "ditch", f"d-{key}-footwall-a", sump,
                   inflow=_DITCH_INFLOW)  # fmt: skip
        if last:
            # The diversion that a drill opens: dry in the design state.
            holding = self._node(f"d-{key}-holding", ground.floor(FOOTWALL_X - 8, HOLDING_Y, z),
                                 "sump", "holding-sump")  # fmt: skip
            self._edge(f"dr-{key}-divert", "pipe", f"d-{key}-footwall-c", holding, share=0.0)

    def _surface(self, sump: str) -> None:
        ground, site = self._ground, self._ground.site
        wtp, basin, dam = site.pad["wtp"], site.pad["ponds"], site.pad["dam"]
        portal = self._node("d-portal-1", ground.on_way("decline-1", 4.0), "portal", "portal-1")
        plant = self._node("d-wtp", ground.outside(wtp.x + 26.0, wtp.y - 14.0), "plant", "wtp")
        pond = self._node("d-ponds", ground.outside(basin.x, basin.y - 26.0), "pond", "ponds")
        decline = ground.layout.ways["decline-1"].length
        self._edge("dr-pump", "pump", sump, portal, length=decline + 110.0)
        self._edge("dr-rising-main", "pipe", portal, pond, length=620.0)
        self._edge("dr-ponds-wtp", "pipe", pond, plant)

        def bank(name: str, x: float, place: str | None = None) -> str:
            y = float(site.river_y(x))
            at = (x, round(y, 3), round(float(site.river_level(x)) + 0.1, 3))
            return self._node(name, at, "river", place)

        up, mix = bank("d-river-up", -380.0), bank("d-river-mix", 290.0, "river")
        low, down = bank("d-river-seep", 635.0), bank("d-river-down", 820.0)
        seep = self._node("d-seep", ground.outside(dam.x - 55.0, dam.y - 129.0), "seep", "seep")
        crest = self._node("d-tailings", (dam.x - 6, dam.y + 8, round(dam.z + 7.1, 3)), "pond",
                           "tailings-dam")  # fmt: skip
        self._edge("dr-river-1", "river", up, mix, inflow=2.4, length=700.0)
        self._edge("dr-outlet", "pipe", plant, mix)
        self._edge("dr-river-2", "river", mix, low, inflow=0.02, length=310.0)
        self._edge("dr-seep", "seep", crest, seep, inflow=0.0008)
        self._edge("dr-seep-river", "ditch", seep, low)
        self._edge("dr-river-3", "river", low, down, inflow=0.01, length=190.0)
