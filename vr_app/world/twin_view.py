"""One twin on one display: its tiles, light, sky and floor, loaded in the background.

Owns what is seen of the twin itself; people, labels and panels are built elsewhere on top.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath

from scenes.bake.field import FIELD_FILE, read_field
from scenes.bake.lights import LIGHTS_FILE, read_lights
from scenes.schema import Layer, Scene
from scenes.twin import SCENE_FILE, read_scene
from scenes.walk.store import WALK_FILE, WalkMap, load_walk
from vr_app.errors import SourceError, SourceLost
from vr_app.stream.patient_read import read_patiently
from vr_app.stream.said import said
from vr_app.stream.selector import MAX_ERROR_PX
from vr_app.stream.source import TwinSource
from vr_app.stream.streamer import ATTACH_BUDGET_S, TileStreamer
from vr_app.stream.views import View
from vr_app.world.field_view import FieldView
from vr_app.world.layer_facts import LayerFacts
from vr_app.world.layer_look import Shown, apply_look
from vr_app.world.lighting import Lighting, LightState
from vr_app.world.sections import SectionView
from vr_app.world.sky import make_sky

if TYPE_CHECKING:
    from scenes.walk.ground import Ground, Hit
    from vr_app.stream.picking import Picking
    from vr_app.stream.walk_surface import WalkSurface

DUST_UNDER_GROUND = 0.02  # per metre
HAZE_OUTSIDE = 0.00005
NOTHING_LEFT = 0.06  # share of light that is not worth drawing for
FIRST_PICTURE_S = 5.0  # what else loads lets the first picture go first, for so long
OPEN_PER_S = 3.0  # how fast eyes adapt between daylight and the dark


def load_scene(source: TwinSource) -> Scene:
    """The scene of a twin; blocks, so call it before the first frame or in a worker."""
    return read_scene(source.read(SCENE_FILE).decode("utf-8", "replace"), source.name)


def _there(layer: Layer, moment: float | None) -> bool:
    """Whether a layer exists at a moment (unix seconds; None: not known)."""
    if moment is None:
        return True
    begun = layer.valid_from is None or _unix(layer.valid_from) <= moment
    return begun and (layer.valid_to is None or moment < _unix(layer.valid_to))


def _unix(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _water_gathers(scene: Scene) -> npt.NDArray[np.float64]:
    """(n, 3) places where water stands under ground."""
    nodes = [n for one in scene.networks if one.kind == "drainage" for n in one.nodes]
    return np.array([n.position for n in nodes if n.kind == "sump"], np.float64).reshape(-1, 3)


class TwinView:
    """The twin as seen. `root` holds everything that the world shader draws."""

    def __init__(self, source: TwinSource, scene: Scene, scene_root: NodePath) -> None:
        self.scene = scene
        self.root = scene_root.attach_new_node("world")
        self.ground: Ground | None = None
        self.surface: WalkMap | None = None
        self._walk: WalkSurface | None = None
        self._below: Ground | None = None  # what `ground` will be
        self._picking: Picking | None = None
        self._map_missing = False
        self.lighting = Lighting(self.root)
        self.sections = SectionView(self.root)
        self.fields = FieldView(scene)
        self.streamer = TileStreamer(source, self.root)
        self.smoke = 0.0
        self.max_error_px = MAX_ERROR_PX
        self.failed = False  # no floor is to be had: people can only fly
        self._source = source
        self._sky = make_sky(scene_root)
        self._has_ground = any(layer.kind == "terrain" for layer in scene.layers)
        self._sky.set_shader_input("has_ground", float(self._has_ground))
        self._in_open = 1.0
        self._settled = False
        self._layer_facts: dict[str, LayerFacts] = {}
        self._layers_to_show = {layer.id for layer in scene.layers}
        self._xray = False
        self._pointed = ""
        self.lighting.set_wet_places(_water_gathers(scene))
        self._timed = {layer.id for layer in scene.layers if layer.valid_from or layer.valid_to}
        self._moment: float | None = None
        self._first_picture = threading.Event()
        self._closed = threading.Event()
        self._finished: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._loading = threading.Thread(target=self._load, name="twin", daemon=True)
        self.streamer.add_layers(scene.layers)
        self._loading.start()

    def _load(self) -> None:
        """In a worker: the map of the ground, the lamps, and what feet need."""
        # Light first: only feet wait for the rest.
        known = self._load_map(self._source.read)
        self._first_picture.wait(FIRST_PICTURE_S)
        # Embree takes 15 ms to load: after the picture.
        import vr_app.stream.picking
        import vr_app.stream.walk_surface  # noqa: F401

        self._finished.put(self._begin_walking)
        if not known:
            self._load_map(self._read)
        for layer in self.scene.layers:
            self._load_beside(layer)

    def _read(self, path: str) -> bytes:
        """A file, however long its server is away."""
        return read_patiently(self._source, path, self._closed)

    def _load_map(self, read: Callable[[str], bytes]) -> bool:
        """False where the server is away."""
        try:
            walk = load_walk(read(WALK_FILE))
            self._finished.put(lambda: self._adopt_map(walk))
        except SourceLost:
            return False
        except Exception as error:
            self._map_missing = True
            self.streamer.report(f"{WALK_FILE}: {said(error)}")
        return True

    def _load_beside(self, layer: Layer) -> None:
        """What lies beside a layer's tileset: the values of its field, and lamps."""
        folder = PurePosixPath(layer.tileset_path).parent
        if layer.field is not None:
            path = str(folder / FIELD_FILE)
            try:
                table = read_field(self._read(path))
                self._finished.put(lambda: self.fields.take(layer.id, table.values))
            except (SourceError, ValueError) as error:
                self.streamer.report(f"{path}: {said(error)}")
        path = str(folder / LIGHTS_FILE)
        try:
            lamps = read_lights(self._read(path))
        except SourceError:
            return  # most layers have no lamps
        except ValueError as error:
            self.streamer.report(f"{path}: {said(error)}")
            return
        self._finished.put(lambda: self.lighting.add_lamps(lamps))

    def _adopt_map(self, walk: WalkMap) -> None:
        self.surface = walk
        self.lighting.set_walk(walk)

    def _begin_walking(self) -> None:
        from scenes.walk.ground import Ground
        from vr_app.stream.picking import Picking
        from vr_app.stream.walk_surface import WalkSurface

        self._below = Ground()
        self._picking = Picking(self._below)
        self._walk = WalkSurface(self._source, self._below)

    def _update_floor(self, eye: npt.NDArray[np.float64]) -> None:
        """Until the floor around the person is known nobody walks; then they do, and it follows
        them."""
        if self._walk is None or self._below is None or self._picking is None:
            return
        self._picking.update(self.streamer.shown)
        self._below.hidden = [one.layer.id for one in self.streamer.trees if not one.layer.visible]
        self._walk.update(eye, self.streamer.trees)
        while not self._walk.problems.empty():
            self.streamer.report(self._walk.problems.get())
        if self.ground is None and self.streamer.started and self._walk.firm(eye):
            if self._walk.regions:
                self.ground = self._below
            elif not self.failed:
                self.failed = True

    def point(
        self, eye: npt.NDArray[np.float64], ahead: npt.NDArray[np.float64], reach_m: float
    ) -> Hit | None:
        """What somebody points at, eye (3,) along ahead (3,): the finest that is there, with the
        layer's id."""
        if self.ground is None or self._picking is None:
            return None
        self._picking.aim(eye, ahead, reach_m)
        return self.ground.ray(eye, ahead, reach_m)

    @property
    def changed(self) -> bool:
        """Whether the server has another twin by now; the new one is not read."""
        return self._source.changed

    @property
    def map_known(self) -> bool:
        """Whether the map of the ground is there, or is not to be had."""
        return self.surface is not None or self._map_missing

    @property
    def complete(self) -> bool:
        """Whether all tiles in view and the light are there; feet may still wait."""
        return self.map_known and self.streamer.started and self.streamer.idle

    @property
    def ready(self) -> bool:
        """Whether the floor is known and all tiles wanted so far are attached."""
        return self.ground is not None and self.streamer.idle and not self._loading.is_alive()

    def open_share(self, eye: npt.NDArray[np.float64]) -> float:
        """How much a place lies under the open sky: 1 outside, 0 under ground."""
        if not self._has_ground or self.surface is None:
            return 1.0 if self._has_ground else 0.0
        cover = self.surface.cover_m(eye)
        return 1.0 if cover is None else float(np.clip((5.0 - cover) / 5.0, 0.0, 1.0))

    def update(
        self,
        views: Iterable[View],
        eye: npt.NDArray[np.float64],
        gaze: npt.NDArray[np.float64],
        time_s: float,
        seconds: float,
        budget_s: float = ATTACH_BUDGET_S,
    ) -> None:
        """Once a frame, before it is drawn."""
        while not self._finished.empty():
            self._finished.get()()
        self._layers_to_show |= self.fields.changed()
        if self._layers_to_show:
            self._show_layers()
        target = self.open_share(eye)
        if self.surface is not None and not self._settled:
            self._in_open, self._settled = target, True
        self._in_open += (target - self._in_open) * (1.0 - np.exp(-OPEN_PER_S * seconds))
        dust = DUST_UNDER_GROUND ** (1.0 - self._in_open) * HAZE_OUTSIDE**self._in_open
        if not self._has_ground or self._xray or self.sections.count:
            dust = 0.0  # looked at from far away, and not through air
        reach_m = float("inf") if dust < 0.01 else -np.log(NOTHING_LEFT) / dust
        state = LightState(eye, gaze, time_s, smoke=self.smoke, dust_per_m=dust)
        self.lighting.update(state, self._in_open)
        self.sections.update(eye)
        self._sky.set_pos(*(float(value) for value in eye))
        self.streamer.update(views, budget_s, reach_m, self.max_error_px, seconds)
        self._update_floor(eye)
        if not self._first_picture.is_set() and self.complete:
            self._first_picture.set()

    def show_layer(self, layer_id: str, facts: LayerFacts | None) -> None:
        """How the room shows a layer; None: as the scene has it."""
        if facts is None:
            self._layer_facts.pop(layer_id, None)
        else:
            self._layer_facts[layer_id] = facts
        self._layers_to_show.add(layer_id)

    def show_sky(self, wanted: bool) -> None:
        """Whether anything is drawn behind the twin."""
        if wanted == self._sky.is_hidden():
            (self._sky.show if wanted else self._sky.hide)()

    def show_time(self, moment: float) -> None:
        """The moment that the room looks at (unix seconds): layers are there in their time only."""
        if self._timed and (self._moment is None or abs(moment - self._moment) >= 1.0):
            self._moment = moment
            self._layers_to_show |= self._timed

    def _show_layers(self) -> None:
        for layer in self.scene.layers:
            if layer.id not in self._layers_to_show:
                continue
            facts = self._layer_facts.get(layer.id)
            wanted = layer.visible if facts is None else facts.visible
            visible = wanted and _there(layer, self._moment)
            opacity = layer.opacity if facts is None else facts.opacity
            if self.streamer.set_layer(layer.id, visible, opacity):
                self._layers_to_show.discard(layer.id)
                glass = facts is not None and facts.glass
                colours = self.fields.colours(layer, None if facts is None else facts.field)
                self.fields.show(layer.id, visible and colours is not None)
                apply_look(self.node_of(layer.id), layer, Shown(glass, self._xray, colours))

    def node_of(self, layer_id: str) -> NodePath:
        """The node that everything of a layer hangs from; empty while it is not there."""
        return self.root.find(f"layer {layer_id}")

    def facts_of(self, layer: Layer) -> LayerFacts:
        """How a layer is shown now."""
        return self._layer_facts.get(layer.id, LayerFacts(layer.visible, layer.opacity))

    @property
    def xray(self) -> bool:
        """Whether rock is looked through."""
        return self._xray

    def set_xray(self, wanted: bool) -> None:
        """Look through rock, or at it."""
        if wanted != self._xray:
            self._xray = wanted
            self._layers_to_show = {layer.id for layer in self.scene.layers}
            self._sky.set_shader_input("dim", float(wanted))

    @property
    def pointed(self) -> str:
        """The layer that is pointed out; empty: none."""
        return self._pointed

    def point_out(self, layer_id: str) -> None:
        """Give a layer a bright rim, and take it from the one that had it; empty: from all."""
        if layer_id == self._pointed:
            return
        for one, strength in ((self._pointed, 0.0), (layer_id, 1.0)):
            node = self.node_of(one) if one else None
            if node:
                node.set_shader_input("highlight", strength)
        self._pointed = layer_id

    def jump(self) -> None:
        """The person was put elsewhere: eyes need not adapt slowly."""
        self._settled = False

    def close(self) -> None:
        """Stop loading."""
        self._closed.set()
        self._first_picture.set()
        if self._walk is not None:
            self._walk.close()
        if self._picking is not None:
            self._picking.close()
        self.streamer.close()
        self._source.close()
        self.root.remove_node()
        self._sky.remove_node()
