"""Where a layer's tileset stands in the scene: the matrix that scene.yaml gives it. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.schema import Layer


def placement(layer: Layer) -> npt.NDArray[np.float64] | None:
    """(4, 4) column-vector transform from the tileset's frame to the scene's; None: the same."""
    if layer.placement is None:
        return None
    return np.asarray(layer.placement, np.float64).reshape(4, 4).T
