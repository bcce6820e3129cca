"""The scalar fields of a twin's layers as they are coloured now: values, range and colour map.

Knows which field is shown and what its legend says; drawing is `vr_app.world.layer_look`, the
legend's picture `vr_app.ui.legend`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.schema import Layer, Scene
from vr_app.world.colour_maps import CODES, code_shares, map_colours
from vr_app.world.layer_look import FieldColours

STEP: Final = 0.05  # of the whole range, when a person moves an end
NARROWEST: Final = 0.05

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FieldState:
    """A field as it is coloured: its layer, the map, the values of the map's ends, and the least
    and largest value there is."""

    layer: Layer
    colour_map: str
    low: float
    high: float
    least: float
    largest: float


class FieldView:
    """The fields of one scene, by layer. Frame thread only."""

    def __init__(self, scene: Scene) -> None:
        self._layers = {layer.id: layer for layer in scene.layers if layer.field is not None}
        self._values: dict[str, Values] = {}
        self._ranges: dict[str, tuple[float, float]] = {}
        self._shown: list[str] = []
        self._changed: set[str] = set()
        self.colour_map = "viridis"

    def take(self, layer_id: str, values: Values) -> None:
        """The values (255,) of a layer's codes 1 to 255, ascending."""
        self._values[layer_id] = values
        field = self._layers[layer_id].field
        given = field.range if field is not None else None
        self._ranges[layer_id] = given or (float(values[0]), float(values[-1]))
        self._changed.add(layer_id)

    def changed(self) -> set[str]:
        """The layers whose colours are others than when this was last called."""
        changed, self._changed = self._changed, set()
        return changed

    def set_colour_map(self, name: str) -> None:
        """The map of all fields for which the scene names none."""
        if name != self.colour_map:
            self.colour_map = name
            self._changed |= self._values.keys()

    def colours(self, layer: Layer, wanted: bool | None) -> FieldColours | None:
        """How a layer is coloured by its field; None where it is shown in its own colours."""
        if layer.field is None or layer.id not in self._values:
            return None
        if not (layer.field.shown if wanted is None else wanted):
            return None
        state = self._state(layer)
        shares = code_shares(self._values[layer.id], state.low, state.high)
        return FieldColours(shares, map_colours(state.colour_map, np.linspace(0.0, 1.0, CODES)))

    def show(self, layer_id: str, shown: bool) -> None:
        """Whether a layer is seen in its field's colours."""
        if layer_id in self._shown:
            self._shown.remove(layer_id)
        if shown:
            self._shown.append(layer_id)

    @property
    def latest(self) -> FieldState | None:
        """The field that the legend tells of: the one that was shown last."""
        return self._state(self._layers[self._shown[-1]]) if self._shown else None

    def _state(self, layer: Layer) -> FieldState:
        assert layer.field is not None
        values = self._values[layer.id]
        low, high = self._ranges[layer.id]
        name = layer.field.colour_map or self.colour_map
        return FieldState(layer, name, low, high, float(values[0]), float(values[-1]))

    def move_end(self, end: str, steps: int) -> None:
        """Move an end ("low" or "high") of the latest field's range by steps of a twentieth."""
        state = self.latest
        if state is None:
            return
        span = max(state.largest - state.least, 1e-30)
        by = STEP * span * steps
        if end == "low":
            state = replace(state, low=min(state.low + by, state.high - NARROWEST * span))
        else:
            state = replace(state, high=max(state.high + by, state.low + NARROWEST * span))
        low, high = max(state.low, state.least), min(state.high, state.largest)
        self._ranges[state.layer.id] = (low, high)
        self._changed.add(state.layer.id)

    def whole_range(self) -> None:
        """The latest field's map runs over all its values."""
        state = self.latest
        if state is not None:
            self._ranges[state.layer.id] = (state.least, state.largest)
            self._changed.add(state.layer.id)
