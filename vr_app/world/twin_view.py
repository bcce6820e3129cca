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

from scenes.bake.lights import LIGHTS_FILE, read_lights
from scenes.schema import Layer, Scene
from scenes.twin import SCENE_FILE, read_scene
from scenes.walk.store import WALK_FILE, WalkData, load_walk
from vr_app.errors import SourceError
from vr_app.session.room_facts import LayerFacts
from vr_app.stream.selector import MAX_ERROR_PX, View
from vr_app.stream.source import TwinSource
from vr_app.stream.streamer import TileStreamer
from vr_app.world.lighting import Lighting, LightState
from vr_app.world.sky import make_sky

if TYPE_CHECKING:
    from scenes.walk.ground import Ground

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


class TwinView:
    """The twin as seen. `root` holds everything that the world shader draws."""

    def __init__(self, source: TwinSource, scene: Scene, scene_root: NodePath) -> None:
        self.scene = scene
        self.root = scene_root.attach_new_node("world")
        self.ground: Ground | None = None
        self.surface: WalkData | None = None
        self.lighting = Lighting(self.root)
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
        self._layers_to_show: set[str] = set()
        self._timed = {layer.id for layer in scene.layers if layer.valid_from or layer.valid_to}
        self._moment: float | None = None
        self._first_picture = threading.Event()
        self._finished: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._loading = threading.Thread(target=self._load, name="twin", daemon=True)
        self.streamer.add_layers(scene.layers)
        self._loading.start()

    def _load(self) -> None:
        """In a worker: the walk file with its acceleration structure, and the lamps."""
        try:
            walk = load_walk(self._source.read(WALK_FILE))
            # Light first: the acceleration structure takes longer and only feet wait for it.
            self._finished.put(lambda: self._adopt_surface(walk))
            self._first_picture.wait(FIRST_PICTURE_S)
            from scenes.walk.ground import Ground  # Embree takes 15 ms to load: after the picture

            ground = Ground(walk, pause_s=0.002)
            self._finished.put(lambda: self._adopt_ground(ground))
        except Exception as error:
            self.failed = True
            self.streamer.report(f"{WALK_FILE}: {error}")
        for layer in self.scene.layers:
            path = str(PurePosixPath(layer.tileset_path).parent / LIGHTS_FILE)
            try:
                lamps = read_lights(self._source.read(path))
            except SourceError:
                continue  # most layers have no lamps
            except ValueError as error:
                self.streamer.report(f"{path}: {error}")
                continue
            self._finished.put(lambda lamps=lamps: self.lighting.add_lamps(lamps))  # type: ignore[misc]

    def _adopt_surface(self, walk: WalkData) -> None:
        self.surface = walk
        self.lighting.set_walk(walk)

    def _adopt_ground(self, ground: Ground) -> None:
        self.ground = ground

    @property
    def complete(self) -> bool:
        """Whether all tiles in view and the light are there; feet may still wait."""
        lit = self.surface is not None or self.failed
        return lit and self.streamer.started and self.streamer.idle

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
        budget_s: float = 0.001,
    ) -> None:
        """Once a frame, before it is drawn."""
        while not self._finished.empty():
            self._finished.get()()
        if self._layers_to_show:
            self._show_layers()
        target = self.open_share(eye)
        if self.surface is not None and not self._settled:
            self._in_open, self._settled = target, True
        self._in_open += (target - self._in_open) * (1.0 - np.exp(-OPEN_PER_S * seconds))
        dust = DUST_UNDER_GROUND ** (1.0 - self._in_open) * HAZE_OUTSIDE**self._in_open
        if not self._has_ground:
            dust = 0.0  # a twin without ground is looked at from everywhere, also from far away
        reach_m = float("inf") if dust < 0.01 else -np.log(NOTHING_LEFT) / dust
        state = LightState(eye, gaze, time_s, smoke=self.smoke, dust_per_m=dust)
        self.lighting.update(state, self._in_open)
        self._sky.set_pos(*(float(value) for value in eye))
        self.streamer.update(views, budget_s, reach_m, self.max_error_px)
        if not self._first_picture.is_set() and self.complete:
            self._first_picture.set()

    def show_layer(self, layer_id: str, facts: LayerFacts | None) -> None:
        """How the room shows a layer; None: as the scene has it."""
        if facts is None:
            self._layer_facts.pop(layer_id, None)
        else:
            self._layer_facts[layer_id] = facts
        self._layers_to_show.add(layer_id)

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

    def jump(self) -> None:
        """The person was put elsewhere: eyes need not adapt slowly."""
        self._settled = False

    def close(self) -> None:
        """Stop loading."""
        self._first_picture.set()
        self.streamer.close()
        self._source.close()
        self.root.remove_node()
        self._sky.remove_node()
