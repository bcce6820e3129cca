"""The labels of all sensors of a scene: follows their series and repaints only what has changed.

Judging values is `sync_server.wire.alarm`, painting is `vr_app.ui.sensor_label`; this decides
which labels are near enough to be read and when they are painted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath

from assets.text import Translator
from scenes.schema import Datastream, Sensor
from sync_server.wire.alarm import Monitor
from vr_app.overlay.images import PreparedImage
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.world_label import MARKER, WorldLabel, make_label_root
from vr_app.ui import theme
from vr_app.ui.note import paint_marker
from vr_app.ui.sensor_label import Quality, Reading, SensorLabel, paint_sensor_label
from vr_app.ui.theme import State

MEASURED: Final = "measured"  # any other origin of a value is marked as simulated
READ_WITHIN_M: Final = 45.0
MARK_WITHIN_M: Final = 400.0
MAX_READ: Final = 16
LOOK_EVERY_S: Final = 0.25
# An age that is young is left as it is: a label that is repainted every second for nothing costs
# the frame thread uploads and the eye rest.
CALM_AGES_S: Final = 5.0


def shown_age(age_s: float, interval_s: float) -> float:
    """The age that a label shows: the expected interval while the series is on time (so that the
    label is calm), steps of five seconds when it is late, whole minutes later."""
    if age_s <= max(1.5 * interval_s, CALM_AGES_S):
        return float(round(max(min(interval_s, age_s + 1), 1.0)))
    if age_s < 60:
        return float(int(age_s // 5) * 5)
    return float(int(age_s // 60) * 60)


Sees = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], bool]


@dataclass(slots=True)
class _Series:
    """One series as it is followed."""

    stream: Datastream
    monitor: Monitor
    simulated: bool = False

    def reading(self, now: float, translate: Translator) -> Reading:
        """What a label shows of it now."""
        monitor = self.monitor
        age = monitor.age_s(now)
        quality: Quality = "good"
        if monitor.quality in ("uncertain", "bad"):
            quality = "uncertain" if monitor.quality == "uncertain" else "bad"
        stale = monitor.state(now) == "stale"
        value = monitor.result
        return Reading(
            name=translate.pick(self.stream.title, self.stream.property),
            # Rounded to what is shown: a change that nobody can see is no change.
            value=None if value is None else round(value, self.stream.decimals),
            unit=self.stream.unit,
            decimals=self.stream.decimals,
            trend=monitor.trend if value is not None and not stale else None,
            age_s=None if age is None else shown_age(age, self.stream.interval_s),
            level=monitor.level,
            stale=stale,
            quality=quality,
        )


@dataclass(slots=True)
class _Stand:
    """One sensor: what is painted of it, and its two nodes (to read, and to find from afar)."""

    sensor: Sensor
    series: list[_Series]
    label: WorldLabel
    marker: WorldLabel
    painted: SensorLabel | None = None
    marked: State | None = None


class SensorLabelLayer:
    """Labels under `root` (in the scene frame). Frame thread only, except that painting happens
    in the `painter`'s worker. `take` must be given the images whose keys `owns` claims."""

    def __init__(
        self,
        root: NodePath,
        sensors: Sequence[Sensor],
        translate: Translator,
        painter: PaintQueue,
        scale: float = 2.0,
        sees: Sees | None = None,
    ) -> None:
        """`sees(eye, point)`: whether rock stands between; without it, labels of a drift on the
        other side of a wall are seen too when they are near."""
        self.root = make_label_root(root, "sensor labels")
        self.sees = sees
        self._translate, self._painter, self._scale = translate, painter, scale
        self._stands: dict[str, _Stand] = {}
        self._series: dict[str, _Series] = {}
        for sensor in sensors:
            series = [_Series(stream, Monitor(stream)) for stream in sensor.datastreams]
            self._series |= {one.stream.id: one for one in series}
            name = f"label {sensor.id}"
            self._stands[sensor.id] = _Stand(
                sensor,
                series,
                WorldLabel(self.root, name, sensor.position),
                WorldLabel(self.root, f"marker {sensor.id}", sensor.position, MARKER, 0, False),
            )
        ids = list(self._stands)
        places = [self._stands[one].sensor.position for one in ids]
        self._ids = ids
        self._positions = np.array(places, np.float64).reshape(-1, 3)
        self._looked_at = -1e9

    def observe(
        self,
        datastream: str,
        time: float,
        result: float | None,
        quality: str,
        origin: str | None = None,
        heard: float | None = None,
    ) -> None:
        """Take one observation; times in unix seconds. An unknown series is ignored.

        Where the origin is not known, a series that may be simulated is shown as simulated:
        better to doubt a measurement than to pass an invention off as one.
        """
        series = self._series.get(datastream)
        if series is not None and series.monitor.observe(time, result, quality, heard):
            if origin is None:
                series.simulated = series.stream.simulation is not None
            else:
                series.simulated = origin != MEASURED

    def set_language(self, translate: Translator) -> None:
        """Speak another language from now on."""
        self._translate = translate
        self._looked_at = -1e9
        for stand in self._stands.values():
            stand.painted = None

    def label_of(self, sensor_id: str, now: float) -> SensorLabel:
        """What the sensor's label says at `now` (unix seconds)."""
        stand = self._stands[sensor_id]
        return SensorLabel(
            self._translate.pick(stand.sensor.title, sensor_id),
            tuple(series.reading(now, self._translate) for series in stand.series),
            simulated=any(series.simulated for series in stand.series),
        )

    def state_of(self, sensor_id: str, now: float) -> State:
        """The sensor's worst state."""
        return self.label_of(sensor_id, now).state

    def states(self, now: float) -> dict[str, State]:
        """Every sensor's worst state, for the plan map."""
        return {sensor_id: self.state_of(sensor_id, now) for sensor_id in self._ids}

    def update(self, now: float, eye: npt.NDArray[np.float64], time_s: float) -> None:
        """Once a frame: `now` in unix seconds, `eye` (3,) in the scene frame, `time_s` for what
        moves. Four times a second it looks which labels say something new."""
        self.root.set_shader_input("time_s", time_s % 3600.0)
        if not self._ids or abs(now - self._looked_at) < LOOK_EVERY_S:
            return
        self._looked_at = now
        distances = np.linalg.norm(self._positions - eye, axis=1)
        near = {int(i) for i in np.argsort(distances)[:MAX_READ] if distances[i] <= READ_WITHIN_M}
        if self.sees is not None:
            near = {index for index in near if self.sees(eye, self._positions[index])}
        for index, sensor_id in enumerate(self._ids):
            stand = self._stands[sensor_id]
            readable = index in near
            marked = READ_WITHIN_M < distances[index] <= MARK_WITHIN_M
            stand.label.show(readable)
            stand.marker.show(marked)
            if readable:
                self._refresh_label(stand, now)
            elif marked:
                self._refresh_marker(stand, self.state_of(sensor_id, now))

    def _refresh_label(self, stand: _Stand, now: float) -> None:
        label = self.label_of(stand.sensor.id, now)
        if label == stand.painted:
            return
        translate, scale = self._translate, self._scale
        stand.painted = label
        stand.label.set_colour(theme.STATE_COLOURS[label.state], flash=label.state == "alarm")
        self._painter.ask(
            (self, stand.sensor.id, "label"), lambda: paint_sensor_label(label, translate, scale)
        )

    def _refresh_marker(self, stand: _Stand, state: State) -> None:
        if state == stand.marked:
            return
        stand.marked = state
        stand.marker.set_colour(theme.STATE_COLOURS[state], flash=state == "alarm")
        scale = self._scale
        self._painter.ask(
            (self, stand.sensor.id, "marker"),
            lambda: paint_marker(state, theme.STATE_COLOURS[state], scale),
        )

    def owns(self, key: object) -> bool:
        """Whether a finished image is one of ours."""
        return isinstance(key, tuple) and key[0] is self

    def take(self, key: object, image: PreparedImage) -> None:
        """Show a finished image."""
        assert isinstance(key, tuple)
        stand = self._stands[key[1]]
        (stand.label if key[2] == "label" else stand.marker).take(image)

    def remove(self) -> None:
        """Take all labels out of the world."""
        self.root.remove_node()
        self._stands.clear()
        self._series.clear()
        self._ids = []
