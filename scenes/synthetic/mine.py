"""The synthetic mine: builds the scene once, and each layer's geometry piece by piece.

Never holds a whole layer of the workings or the ground in memory, and writes nothing to disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scenes.geometry import BakePart, Float64s, InstancePart, MeshPart
from scenes.schema import Scene
from scenes.synthetic.bodies import ore, paste
from scenes.synthetic.density import density_for
from scenes.synthetic.equipment import equipment, fittings, posts
from scenes.synthetic.instruments import make_instruments
from scenes.synthetic.layout import RAISE_RADIUS, RAISE_X, RAISE_Y, make_layout
from scenes.synthetic.look import Look
from scenes.synthetic.meshes import Flags, clip, pieces, shifted
from scenes.synthetic.noise import Noise
from scenes.synthetic.parameters import MineParameters
from scenes.synthetic.pit import pit_mesh
from scenes.synthetic.places import Ground
from scenes.synthetic.plant import plant
from scenes.synthetic.scene import make_scene
from scenes.synthetic.services import services
from scenes.synthetic.site import Site
from scenes.synthetic.support import bolts, bulkheads, canopy, panels
from scenes.synthetic.terrain import portal_cutting, road_mesh, terrain
from scenes.synthetic.trees import trees
from scenes.synthetic.void import Indices, Void
from scenes.synthetic.water import water
from scenes.synthetic.workings import extract


class SyntheticMine:
    """A fictional mine from its parameters; the same bytes for the same parameters."""

    scene: Scene

    def __init__(self, parameters: MineParameters) -> None:
        self.parameters = parameters
        self.noise = Noise(parameters.seed)
        self.layout = make_layout(parameters)
        self.density = density_for(parameters.triangles_million * 1e6, self.layout)
        self.site = Site(parameters, self.layout, self.noise)
        self.void = Void(self.layout, self.noise, parameters.workings.roughness_m)
        self.look = Look(self.layout, self.void, self.noise)
        self.ground = Ground(self.layout, self.site, self.void)
        self.instruments = make_instruments(self.ground)
        self.scene = make_scene(parameters, self.ground, self.instruments)
        self._makers: dict[str, Callable[[], Iterator[MeshPart | InstancePart]]] = {
            "terrain": self._terrain,
            "pit": self._pit,
            "drifts": self._drifts,
            "stopes": self._stopes,
            "paste": lambda: paste(self.layout, self.void, self.noise, self.density.void * 1.3),
            "ore": lambda: ore(self.layout, self.noise, self.density.pit, self.site.pit_bottom + 6),
            "support": self._support,
            "services": self._services,
            "water": lambda: water(self.layout, self.site, self.void, self.density.void),
            "equipment": lambda: equipment(self.layout, self.site, self.density),
            "plant": self._plant,
        }

    def chunks(self, layer_id: str) -> Iterator[BakePart]:
        """The geometry of one layer of `scene`, in parts of at most about 200,000 triangles,
        survey frame. Raises `KeyError` for a layer that the scene does not have."""
        origin = np.asarray(self.parameters.origin, dtype=np.float64)
        for part in self._makers[layer_id]():
            if isinstance(part, InstancePart):
                moved = part.transforms.copy()
                moved[:, :3, 3] += origin
                yield InstancePart(part.mesh, moved)
                continue
            for piece in pieces(part):
                yield shifted(piece, origin)

    def _terrain(self) -> Iterator[MeshPart]:
        pitch = self.density.terrain
        yield from terrain(self.parameters, self.layout, self.site, self.noise, pitch)
        cutting = portal_cutting(self.layout, self.site, self.noise, self.density.pit)
        yield clip(cutting, self._portal_hole(cutting.positions, "portal-2"))
        for road in self.site.roads:
            yield road_mesh(road, self.site, self.noise, pitch / 3)

    def _pit(self) -> Iterator[MeshPart]:
        pit = self.parameters.pit
        portal = self.layout.portals["portal-1"][:2]
        whole = pit_mesh(pit, self.site.pit_bottom, self.noise, self.density.pit, portal)
        for part in pieces(whole):
            yield clip(part, self._portal_hole(part.positions, "portal-1"))

    def _portal_hole(self, points: Float64s, portal: str) -> Float64s:
        """Positive (n,) where a rock face stays, negative inside the portal's opening."""
        foot = np.array(self.layout.portals[portal])
        near = np.linalg.norm(points - foot, axis=1) < 14.0
        keep = np.ones(len(points))
        if near.any():
            close = points[near]
            candidates = self.void.candidates(close.min(axis=0), close.max(axis=0))
            # Wider than the drift: the canopy stands in the difference.
            air = self.void.smooth(close, candidates) - 0.35
            # Rock above the sill goes wherever it bulges to; the ground before it stays whole.
            above = close[:, 2] - foot[2]
            behind = np.maximum(-self._before_face(close, portal), above)
            keep[near] = np.maximum(air, -behind)
        return keep

    def _before_face(self, points: Float64s, portal: str) -> Float64s:
        """Distance (n,) of points in front of a portal's sloping face, metres."""
        foot = np.array(self.layout.portals[portal])
        # The pit's face looks to the middle of the pit, the cutting's along its decline.
        out = np.array([1.0, 0.0]) if portal == "portal-2" else -foot[:2] / np.hypot(*foot[:2])
        slope = np.radians(70.0)
        normal = np.array([out[0] * np.sin(slope), out[1] * np.sin(slope), np.cos(slope)])
        result: Float64s = (points - foot) @ normal
        return result

    def _in_rock(self, part: MeshPart) -> MeshPart:
        """Cut away what of a working would hang in the open air."""
        points = part.positions
        keep = np.full(len(points), 1.0)
        for portal in self.layout.portals:
            foot = np.array(self.layout.portals[portal])
            near = np.linalg.norm(points - foot, axis=1) < 20.0
            keep[near] = np.minimum(keep[near], 0.25 - self._before_face(points[near], portal))
        shaft = np.hypot(points[:, 0] - RAISE_X, points[:, 1] - RAISE_Y) < RAISE_RADIUS + 1.5
        high = shaft & (points[:, 2] > self.site.rim - 4.0)
        if high.any():
            ground = self.site.height(points[high, :2])
            keep[high] = np.minimum(keep[high], ground + 0.3 - points[high, 2])
        return clip(part, keep) if (keep <= 0).any() else part

    def _plant(self) -> Iterator[MeshPart]:
        yield from plant(self.layout, self.site, self.noise, self.density.pit * 1.5)
        yield from trees(self.site, self.noise, self.parameters.seed)

    def _support(self) -> Iterator[MeshPart | InstancePart]:
        for name, foot in self.layout.portals.items():
            way = self.layout.ways[f"decline-{name[-1]}"]
            yield canopy(foot, -1.0 if name == "portal-1" else 1.0, way)
        yield from bulkheads(self.layout)
        yield from bolts(self.layout, self.void, self.parameters.support, self.density)
        yield from panels(self.layout, self.void, self.noise, self.density)

    def _services(self) -> Iterator[MeshPart]:
        yield from services(self.layout, self.parameters.support, self.density)
        yield from fittings(self.layout, self.density)
        yield posts(self.scene.sensors, self.instruments.stands, self.density)

    def _void_layer(self, keep_stopes: bool) -> Iterator[MeshPart]:
        first = self.void.segments
        last = first + len(self.void.stopes)

        def keep(nearest: Indices) -> Flags:
            stope: Flags = (nearest >= first) & (nearest < last)
            return stope if keep_stopes else ~stope

        primitives = np.arange(first, last) if keep_stopes else np.setdiff1d(
            np.arange(self.void.count), np.arange(first, last)
        )  # fmt: skip
        yield from extract(self.void, self.density.void, primitives, self.look, keep, self._in_rock)

    def _drifts(self) -> Iterator[MeshPart]:
        return self._void_layer(keep_stopes=False)

    def _stopes(self) -> Iterator[MeshPart]:
        return self._void_layer(keep_stopes=True)
