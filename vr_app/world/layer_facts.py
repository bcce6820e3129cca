"""How a layer is to be shown, whoever says so: plain data, quick to load before a first picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """How the room shows a layer; `field`: by the colours of its field, None: as the scene says."""

    visible: bool = True
    opacity: float = 1.0
    glass: bool = False
    field: bool | None = None
