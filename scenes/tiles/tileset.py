"""tileset.json as a tree of tiles, to and from JSON.

Boxes are axis-aligned (low, high) in the scene frame; tilesets made elsewhere may hold oriented
boxes or spheres, which are widened to such boxes. It never reads tile content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused

MAX_TILES = 2_000_000
MAX_DEPTH = 64


@dataclass(slots=True)
class Tile:
    """One tile: box (2, 3) float64 in the scene frame, the error in metres if its children are
    not drawn, an optional content address relative to tileset.json, children, and the (4, 4)
    column-vector transform from the content's frame to the scene's (None: they are the same)."""

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    geometric_error: float
    content: str | None = None
    refine: Literal["ADD", "REPLACE"] = "ADD"
    children: list[Tile] = field(default_factory=list)
    transform: npt.NDArray[np.float64] | None = None
    # (low, high) once more as plain numbers: selection asks for them in every frame.
    box: tuple[float, float, float, float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        self.box = (*(float(v) for v in self.low), *(float(v) for v in self.high))  # type: ignore[assignment]


def _box_json(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> list[float]:
    centre, half = (low + high) / 2, (high - low) / 2
    # A box of no thickness (a plane) is legal but some viewers cull it away.
    hx, hy, hz = (float(max(value, 1e-3)) for value in half)
    return [*(float(v) for v in centre), hx, 0, 0, 0, hy, 0, 0, 0, hz]


def _tile_json(tile: Tile) -> dict[str, Any]:
    result: dict[str, Any] = {
        "boundingVolume": {"box": _box_json(tile.low, tile.high)},
        "geometricError": tile.geometric_error,
        "refine": tile.refine,
    }
    if tile.content is not None:
        result["content"] = {"uri": tile.content}
    if tile.children:
        result["children"] = [_tile_json(child) for child in tile.children]
    return result


def tileset_json(root: Tile, extras: dict[str, Any], error: float | None = None) -> bytes:
    """The bytes of tileset.json; `extras` are stored in the asset (counts, bounds); `error` is that
    of drawing nothing, None: the root's."""
    document = {
        "asset": {"version": "1.1", "extras": extras},
        "geometricError": root.geometric_error if error is None else error,
        "root": _tile_json(root),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _read_bounds(volume: dict[str, Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    if "box" in volume:
        values = np.asarray(volume["box"], np.float64)
        if values.shape != (12,):
            raise ValueError("a box has 12 numbers")
        half = np.abs(values[3:].reshape(3, 3)).sum(axis=0)
        return values[:3] - half, values[:3] + half
    values = np.asarray(volume["sphere"], np.float64)
    if values.shape != (4,):
        raise ValueError("a sphere has 4 numbers")
    return values[:3] - values[3], values[:3] + values[3]


def read_tileset(data: bytes, name: str) -> tuple[Tile, dict[str, Any]]:
    """(root, extras) of a tileset.json; raises `Refused` naming `name`."""
    try:
        document = json.loads(data)
        extras = document["asset"].get("extras", {})
        root = _read_tile(document["root"], 0, [0])
    except RecursionError as error:
        raise Refused("tileset-broken", file=name, reason="nested too deeply") from error
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
        AttributeError,
    ) as error:
        reason = f"{type(error).__name__}: {error}"
        raise Refused("tileset-broken", file=name, reason=reason) from error
    return root, extras if isinstance(extras, dict) else {}


def _read_tile(data: dict[str, Any], depth: int, count: list[int], refine: str = "REPLACE") -> Tile:
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_TILES:
        raise ValueError("more tiles or levels than Kenish reads")
    if "transform" in data:
        raise ValueError("tiles with a transform are not supported yet")
    low, high = _read_bounds(data["boundingVolume"])
    error = float(data["geometricError"])
    if not (np.isfinite(low).all() and np.isfinite(high).all() and error >= 0):
        raise ValueError("a bound or error is not a finite number")
    content = data.get("content", {}).get("uri")
    own = str(data.get("refine", refine))
    if own not in ("ADD", "REPLACE"):
        raise ValueError(f"unknown refine {own}")
    return Tile(
        low,
        high,
        error,
        str(content) if content is not None else None,
        own,  # type: ignore[arg-type]
        [_read_tile(child, depth + 1, count, own) for child in data.get("children", [])],
    )
