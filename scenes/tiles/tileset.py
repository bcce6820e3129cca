"""tileset.json as a tree of tiles, to and from JSON.

Boxes are axis-aligned (low, high) in the scene frame; volumes of tilesets made elsewhere are
widened to such boxes. It never reads tile content (`scenes.tiles.content` does).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.tiles import volumes
from scenes.tiles.addresses import folder_of, resolved
from scenes.tiles.metadata import Metadata, metadata_json

MAX_TILES = 2_000_000
MAX_DEPTH = 64
MAX_CONTENTS = 64  # of one tile
UpAxis = Literal["X", "Y", "Z"]
# The error of a tile that only leads to others: always worth opening, as nothing else is there.
ALWAYS_OPEN = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """What tiles of one tileset.json share: its folder relative to the outermost tileset's ("" or
    "a/b/"), the axis that is up in its glTF contents, (4, 4) from its frame to the scene's (None:
    they are the same), how many tilesets it is nested in."""

    folder: str = ""
    up: UpAxis = "Y"
    frame: npt.NDArray[np.float64] | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Implicit:
    """An implicit tree below a tile: its templates of addresses, its shape, and which subtree
    (level, x, y and maybe z) the tile stands for."""

    contents: tuple[str, ...]
    subtrees: str
    axes: Literal[2, 3]  # quadtree or octree
    subtree_levels: int
    levels: int
    volume: dict[str, Any]  # of the whole tree, as in tileset.json
    error: float  # of the whole tree's root
    level: int = 0
    place: tuple[int, ...] = (0, 0)


@dataclass(slots=True)
class Tile:
    """One tile: box (2, 3) float64 in the scene frame, the error in metres if its children are
    not drawn, an optional content address (`scenes.tiles.addresses`), children, and the (4, 4)
    column-vector transform from the content's frame to the scene's (None: they are the same).

    `more` are the addresses of further contents. A content that is a tileset, or a subtree of an
    `implicit` tree, stands for tiles that are not read yet. `home` is None for tiles of ours.
    """

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    geometric_error: float
    content: str | None = None
    refine: Literal["ADD", "REPLACE"] = "ADD"
    children: list[Tile] = field(default_factory=list)
    transform: npt.NDArray[np.float64] | None = None
    more: tuple[str, ...] = ()
    home: Home | None = None
    implicit: Implicit | None = None
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


def tileset_json(
    root: Tile,
    extras: dict[str, Any],
    error: float | None = None,
    metadata: Metadata | None = None,
) -> bytes:
    """The bytes of tileset.json; `extras` are stored in the asset (counts, bounds); `error` is that
    of drawing nothing, None: the root's; `metadata` is what the layer is, for people."""
    document = {
        "asset": {"version": "1.1", "extras": extras},
        **metadata_json(metadata or {}),
        "geometricError": root.geometric_error if error is None else error,
        "root": _tile_json(root),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def read_tileset(
    data: bytes,
    name: str,
    frame: npt.NDArray[np.float64] | None = None,
    under: Tile | None = None,
) -> tuple[Tile, dict[str, Any]]:
    """(root, extras) of a tileset.json; raises `Refused` naming `name`.

    `frame` (4, 4) leads from the tileset's frame to the scene's, where they differ; `under` is
    the tile whose content the tileset is, and that its own transforms go on from.
    """
    try:
        with np.errstate(all="ignore"):
            document = json.loads(data)
            extras = document["asset"].get("extras", {})
            above = under.home if under is not None and under.home is not None else Home()
            up = str(document["asset"].get("gltfUpAxis", "Y")).upper()
            if up not in ("X", "Y", "Z"):
                raise ValueError(f"unknown gltfUpAxis {up[:20]}")
            home = Home(
                folder_of(under.content or "") if under is not None else "",
                up,  # type: ignore[arg-type]
                above.frame if under is not None else frame,
                above.depth + (under is not None),
            )
            transform = under.transform if under is not None else frame
            root = _read_tile(document["root"], _Reading(home), 0, "REPLACE", transform)
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
        reason = f"{type(error).__name__}: {error}"[:200]
        raise Refused("tileset-broken", file=name, reason=reason) from error
    return root, extras if isinstance(extras, dict) else {}


@dataclass(slots=True)
class _Reading:
    """One tileset while it is read."""

    home: Home
    count: int = 0


def _transform(
    data: dict[str, Any], above: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.float64] | None:
    if "transform" not in data:
        return above
    own = np.asarray(data["transform"], np.float64)
    if own.shape != (16,) or not np.isfinite(own).all():
        raise ValueError("a transform has 16 finite numbers")
    own = own.reshape(4, 4).T
    if above is None and np.array_equal(own, np.eye(4)):
        return None
    if not np.array_equal(own[3], (0.0, 0.0, 0.0, 1.0)):
        raise ValueError("a transform's last row is not 0 0 0 1")
    return own if above is None else np.asarray(above @ own, np.float64)


def _contents(data: dict[str, Any]) -> list[str]:
    """The addresses of a tile's contents; `url` is what 3D Tiles 0.0 called them."""
    entries = data.get("contents", [])
    more = data.get("extensions", {}).get("3DTILES_multiple_contents", {})
    entries = entries or more.get("contents", more.get("content", []))
    if "content" in data:
        entries = [data["content"], *entries]
    if len(entries) > MAX_CONTENTS:
        raise ValueError(f"more than {MAX_CONTENTS} contents")
    found = [entry["uri"] if "uri" in entry else entry["url"] for entry in entries]
    if not all(isinstance(one, str) and one for one in found):
        raise ValueError("the address of a content is no text")
    return found


def is_tileset(address: str) -> bool:
    """Whether a content's address is a tileset's."""
    return address.lower().endswith(".json")


def _read_tile(
    data: dict[str, Any],
    reading: _Reading,
    depth: int,
    refine: str,
    above: npt.NDArray[np.float64] | None,
) -> Tile:
    reading.count += 1
    if depth > MAX_DEPTH or reading.count > MAX_TILES:
        raise ValueError("more tiles or levels than Kenish reads")
    transform = _transform(data, above)
    low, high = volumes.bounds(data["boundingVolume"], transform, reading.home.frame)
    error = float(data["geometricError"])
    if not (error >= 0 and np.isfinite(error)):
        raise ValueError("an error is not a finite number")
    if transform is not None:
        error *= float(np.linalg.norm(transform[:3, :3], axis=0).max())
    own = str(data.get("refine", refine)).upper()
    if own not in ("ADD", "REPLACE"):
        raise ValueError(f"unknown refine {own}")
    contents = [resolved(reading.home.folder, one) for one in _contents(data)]
    tile = Tile(low, high, error, None, own, [], transform, (), reading.home)  # type: ignore[arg-type]
    implicit = data.get("implicitTiling") or data.get("extensions", {}).get(
        "3DTILES_implicit_tiling"
    )
    if implicit is not None:
        tile.implicit = _implicit(data, implicit, contents, reading.home.folder)
        tile.content = subtree_address(tile.implicit)
        tile.geometric_error = ALWAYS_OPEN
        return tile
    shapes = [one for one in contents if not is_tileset(one)]
    sets = [one for one in contents if is_tileset(one)]
    if sets and not shapes and len(sets) == 1 and not data.get("children"):
        tile.content, tile.geometric_error = sets[0], ALWAYS_OPEN
        return tile
    tile.content, tile.more = (shapes[0], tuple(shapes[1:])) if shapes else (None, ())
    for child in data.get("children", []):
        tile.children.append(_read_tile(child, reading, depth + 1, own, transform))
    for one in sets:
        further = Tile(low, high, ALWAYS_OPEN, one, own, [], transform, (), reading.home)  # type: ignore[arg-type]
        tile.children.append(further)
    return tile


def _implicit(
    data: dict[str, Any], implicit: dict[str, Any], contents: list[str], folder: str
) -> Implicit:
    scheme = str(implicit["subdivisionScheme"]).upper()
    if scheme not in ("QUADTREE", "OCTREE"):
        raise ValueError(f"unknown subdivision {scheme[:20]}")
    axes: Literal[2, 3] = 2 if scheme == "QUADTREE" else 3
    per_subtree = int(implicit["subtreeLevels"])
    last = implicit.get("maximumLevel")
    levels = int(implicit["availableLevels"]) if last is None else int(last) + 1
    if not (1 <= per_subtree <= 16 and 1 <= levels <= MAX_DEPTH // 2):
        raise ValueError("more implicit levels than Kenish reads")
    volume = data["boundingVolume"]
    if "box" not in volume and "region" not in volume:
        raise ValueError("implicit tiles need a box or a region")
    return Implicit(
        tuple(contents),
        resolved(folder, str(implicit["subtrees"]["uri"])),
        axes,
        per_subtree,
        levels,
        volume,
        float(data["geometricError"]),
        0,
        (0,) * axes,
    )


def filled(template: str, level: int, place: tuple[int, ...]) -> str:
    """A template of an address for one tile."""
    address = template.replace("{level}", str(level))
    for name, number in zip(("{x}", "{y}", "{z}"), place, strict=False):
        address = address.replace(name, str(number))
    return address


def subtree_address(implicit: Implicit) -> str:
    """Where the subtree lies that begins here."""
    return filled(implicit.subtrees, implicit.level, implicit.place)
