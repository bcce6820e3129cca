"""The panel of layers and the legend in one application: what is seen of the twin, and how.

Visibility, opacity, glass and field are the room's, so that everybody sees the same; colour map,
range and looking through rock are each person's own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from scenes.schema import Layer, Scene
from vr_app.hud import Hud
from vr_app.session import RoomSession
from vr_app.ui.layers_panel import LayerRow, LayersView, layers_that_fit, paint_layers_panel
from vr_app.ui.legend import LegendView, paint_legend
from vr_app.world.twin_view import TwinView

OPACITIES: Final = (0.1, 0.25, 0.4, 0.6, 0.8, 1.0)


class LayersPart:
    """The twin's layers for one member. Frame thread only."""

    def __init__(self, scene: Scene, session: RoomSession, hud: Hud, twin: TwinView) -> None:
        self._scene, self._session, self._hud, self._twin = scene, session, hud, twin
        self._first = 0
        self._fit = 3

    def update(self, window: tuple[int, int]) -> None:
        """Once a frame: the panel while it is open, the legend while a field is seen."""
        hud, say = self._hud, self._hud.translate
        self._twin.fields.set_colour_map(hud.settings.colour_map)
        self._update_legend()
        if not hud.is_open("layers"):
            hud.card("layers", None, None)
            return
        self._fit = layers_that_fit(window[1])
        layers = self._scene.layers
        self._first = min(max(self._first, 0), max(len(layers) - self._fit, 0))
        rows = tuple(self._row(one) for one in layers[self._first : self._first + self._fit])
        may = "present" in self._session.permissions
        view = LayersView(rows, self._first, len(layers), self._twin.xray, may)
        hovered = hud.hovered_in("layers")
        hud.card(
            "layers",
            (view, say.language, hovered),
            lambda: paint_layers_panel(view, say, hovered),
        )

    def _row(self, layer: Layer) -> LayerRow:
        facts = self._twin.facts_of(layer)
        title = self._hud.translate.pick(layer.title, layer.id)
        field = None
        if layer.field is not None:
            field = layer.field.shown if facts.field is None else facts.field
        return LayerRow(layer.id, title, facts.visible, facts.opacity, facts.glass, field)

    def _update_legend(self) -> None:
        hud, say = self._hud, self._hud.translate
        state = self._twin.fields.latest
        if state is None or state.layer.field is None:
            hud.card("legend", None, None)
            return
        view = LegendView(
            say.pick(state.layer.field.title, state.layer.id),
            state.layer.field.unit,
            say.pick(state.layer.title, state.layer.id),
            state.colour_map,
            state.low,
            state.high,
            state.least,
            state.largest,
        )
        hovered = hud.hovered_in("legend")
        hud.card("legend", (view, say.language, hovered), lambda: paint_legend(view, say, hovered))

    def scroll(self, rows: int) -> None:
        """Show later layers, or earlier ones."""
        self._first += rows

    def click(self, part: str) -> None:
        """A click on a part of the panel."""
        kind, _, layer_id = part.partition(":")
        layer = next((one for one in self._scene.layers if one.id == layer_id), None)
        if layer is None:
            return
        facts = self._twin.facts_of(layer)
        if kind == "visible":
            facts = replace(facts, visible=not facts.visible)
        elif kind == "glass":
            facts = replace(facts, glass=not facts.glass, visible=True)
        elif kind == "field" and layer.field is not None:
            shown = layer.field.shown if facts.field is None else facts.field
            facts = replace(facts, field=not shown)
        elif kind in ("less", "more"):
            nearest = min(range(len(OPACITIES)), key=lambda i: abs(OPACITIES[i] - facts.opacity))
            step = nearest + (1 if kind == "more" else -1)
            facts = replace(facts, opacity=OPACITIES[min(max(step, 0), len(OPACITIES) - 1)])
        payload: dict[str, Any] = {
            "layer": layer.id,
            "visible": facts.visible,
            "opacity": facts.opacity,
            "glass": facts.glass,
        }
        if facts.field is not None:
            payload["field"] = facts.field
        self._session.command("layer_state", payload)

    def legend(self, part: str) -> None:
        """A click on a part of the legend."""
        end, _, step = part.partition(":")
        if end == "whole":
            self._twin.fields.whole_range()
        elif end in ("low", "high"):
            self._twin.fields.move_end(end, 1 if step == "more" else -1)
