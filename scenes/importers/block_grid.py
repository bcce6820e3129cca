"""Block models from grids: centres and sizes, the order of values, and which blocks are drawn.

Serves both OMF versions. Never reads files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.geometry import BlockPart, Float64s
from scenes.importers.bounded import damaged
from scenes.importers.contract import BlockOrder, ImportOptions, Note

MAX_BLOCKS = 10_000_000
_CLEARLY_FEWER = 0.95  # share of exposed faces below which one order of values wins
# Category names of blocks that are not rock, in the languages of mining software.
_NOTHING = {"air", "void", "none", "outside", "empty", "воздух", "пусто", "пустота", "ауа", "空気"}


@dataclass(frozen=True, slots=True)
class BlockGrid:
    """A rectilinear grid: corner (3,), unit axes (3, 3) as rows u, v, w, widths along each."""

    corner: Float64s
    axes: Float64s
    widths: tuple[Float64s, Float64s, Float64s]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Blocks along u, v, w."""
        u, v, w = (len(widths) for widths in self.widths)
        return u, v, w


def checked_axes(*vectors: object) -> Float64s:
    """Rows of unit length at right angles. Raises `Refused` where the file's are not."""
    try:
        axes = np.array(vectors, np.float64).reshape(3, 3)
    except (ValueError, TypeError) as error:
        raise damaged("grid axes") from error
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    if not np.all(np.isfinite(axes)) or np.any(lengths < 1e-9):
        raise damaged("grid axes")
    axes = axes / lengths
    if np.abs(axes @ axes.T - np.eye(3)).max() > 1e-3:
        raise damaged("grid axes are not at right angles")
    return np.asarray(axes)


def checked_widths(values: npt.ArrayLike, what: str) -> Float64s:
    """Cell widths (n,), all finite and not negative. Raises `Refused` otherwise."""
    try:
        widths = np.asarray(values, np.float64).reshape(-1)
    except (ValueError, TypeError) as error:
        raise damaged(what) from error
    if not len(widths) or not np.all(np.isfinite(widths)) or widths.min() < 0:
        raise damaged(what)
    return widths


def check_number(shape: Sequence[int]) -> int:
    """The number of blocks. Raises `Refused` beyond what fits in memory, before taking any."""
    total = 1
    for size in shape:
        if size <= 0:
            raise damaged(f"block model of {tuple(shape)}")
        total *= int(size)
    if total > MAX_BLOCKS:
        raise Refused("import-too-many", count=total, limit=MAX_BLOCKS)
    return total


def grid_blocks(grid: BlockGrid) -> tuple[Float64s, npt.NDArray[np.float32]]:
    """Centres and sizes (n, 3) with u fastest, then v, then w."""
    check_number(grid.shape)
    middles = [np.cumsum(w) - w / 2 for w in grid.widths]
    w, v, u = np.meshgrid(middles[2], middles[1], middles[0], indexing="ij")
    local = np.stack([u.reshape(-1), v.reshape(-1), w.reshape(-1)], axis=1)
    sw, sv, su = np.meshgrid(grid.widths[2], grid.widths[1], grid.widths[0], indexing="ij")
    sizes = np.stack([su.reshape(-1), sv.reshape(-1), sw.reshape(-1)], axis=1)
    return grid.corner + local @ grid.axes, sizes.astype(np.float32)


def u_fastest(values: Float64s, shape: tuple[int, int, int], order: BlockOrder) -> Float64s:
    """Cell values (n,) of `shape` blocks along u, v, w, rearranged to u fastest."""
    if order == "u":
        return values
    return np.ascontiguousarray(values.reshape(shape).transpose(2, 1, 0)).reshape(-1)


def _faces(rich: npt.NDArray[np.bool_]) -> int:
    """Exposed faces of the true cells of a 3-D array."""
    padded = np.pad(rich, 1)
    return sum(int(np.sum(np.diff(padded.astype(np.int8), axis=axis) != 0)) for axis in range(3))


def decide_order(
    attributes: dict[str, Float64s], shape: tuple[int, int, int], options: ImportOptions
) -> tuple[BlockOrder, list[Note]]:
    """Whether values run fastest along u or w.

    Rich blocks lie together in the ground, so the order in which the blocks above the median
    show fewer faces is taken. Without a difference it is u, as most programs write it.
    """
    if options.block_order is not None:
        return options.block_order, []
    tied = False
    for values in attributes.values():
        finite = np.isfinite(values)
        if not finite.any():
            continue
        middle = float(np.median(values[finite]))
        rich = finite & (values > middle)
        if not rich.any():  # half of the blocks or more hold the highest value
            rich = finite & (values >= middle)
        if rich.all():
            continue
        along_u = _faces(rich.reshape(shape[::-1]))
        along_w = _faces(rich.reshape(shape))
        less, more = sorted((along_u, along_w))
        if less > _CLEARLY_FEWER * more:  # noise decides nothing
            tied = True
            continue
        order: BlockOrder = "u" if along_u < along_w else "w"
        other = "w" if order == "u" else "u"
        facts = {"order": order, "faces": less, "other": more}
        return order, [Note("import-guess-block-order", facts, f"--block-order {other}")]
    return "u", [Note("import-guess-block-order-tied", {}, "--block-order w")] if tied else []


def choose_drawn(
    block: BlockPart, categories: dict[str, list[str]], options: ImportOptions
) -> tuple[BlockPart, list[Note]]:
    """The blocks to draw and why: those at or above the cutoff, or all that are not air.

    `categories` are the names of category attributes, whose values are indices into them.
    """
    if options.cutoff is not None:
        name, value = options.cutoff
        if name not in block.attributes:
            known = ", ".join(block.attributes) or "-"
            raise Refused("import-bad-option", name=name, known=known[:200])
        return _only(block, block.attributes[name] >= value), []
    for name, names in categories.items():
        nothing = [i for i, label in enumerate(names) if label.strip().lower() in _NOTHING]
        if nothing and name in block.attributes:
            solid = ~np.isin(block.attributes[name], nothing)
            if solid.any():
                note = Note(
                    "import-guess-blocks-solid",
                    {"name": name, "label": names[nothing[0]], "drawn": int(solid.sum())},
                    f"--cutoff {name}=0",
                )
                return _only(block, solid), [note]
    if not block.attributes:
        return block, []
    note = Note(
        "import-guess-blocks-all",
        {"name": next(iter(block.attributes))},
        f"--cutoff {next(iter(block.attributes))}=VALUE",
    )
    return block, [note]


def _only(block: BlockPart, chosen: npt.NDArray[np.bool_]) -> BlockPart:
    if not chosen.any():
        raise Refused("import-nothing-left")
    return replace(
        block,
        centres=block.centres[chosen],
        sizes=block.sizes[chosen],
        attributes={name: values[chosen] for name, values in block.attributes.items()},
    )


def grid_surface(
    corner: Float64s,
    axes: Float64s,
    widths: tuple[Float64s, Float64s],
    heights: Float64s | None,
) -> tuple[Float64s, npt.NDArray[np.uint32]]:
    """A grid surface: node positions (n, 3), u fastest, lifted along w; two triangles a cell."""
    along = [np.concatenate([[0.0], np.cumsum(w)]) for w in widths]
    nodes_u, nodes_v = len(along[0]), len(along[1])
    check_number((nodes_u, nodes_v))
    v, u = np.meshgrid(along[1], along[0], indexing="ij")
    if heights is None:
        heights = np.zeros(nodes_u * nodes_v)
    if len(heights) != nodes_u * nodes_v:
        raise damaged(f"grid surface: {len(heights)} heights for {nodes_u} x {nodes_v} nodes")
    local = np.stack([u.reshape(-1), v.reshape(-1), heights], axis=1)
    first = np.arange(nodes_u * nodes_v).reshape(nodes_v, nodes_u)
    a, b = first[:-1, :-1].reshape(-1), first[:-1, 1:].reshape(-1)
    c, d = first[1:, 1:].reshape(-1), first[1:, :-1].reshape(-1)
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return corner + local @ axes, triangles.astype(np.uint32)
