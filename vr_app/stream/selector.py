"""Chooses which tiles are meant for some eyes: the finest cut through the trees that fits.

Pure: tiles and eyes in, a choice out; which of its tiles are loaded changes nothing here
(`vr_app.stream.cover` draws what there is of it). It goes from the roots, always refines the tile
with the largest error on the screen next, and leaves out what would not fit into the bytes or the
number of tiles. So a choice never exceeds them, and the same eyes give the same choice.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vr_app.stream.branch import Box, Branch
from vr_app.stream.views import Eye

MAX_ERROR_PX: Final = 4.0
STAYS_REFINED: Final = 0.8  # children stay until the error is this share of the limit: no flicker
PERIPHERY: Final = 1.2  # how much less an error counts beside the gaze: by 1 + this at 60 degrees
MAX_TILES: Final = 260  # drawn at once; those that fade out come on top
TYPICAL_BYTES: Final = 1_200_000  # of a tile in memory while none is known
NEAREST_M: Final = 0.1
LOOKED_AT: Final = 600  # tiles in one look ahead: about a millisecond


@dataclass(frozen=True, slots=True)
class Limits:
    """What a choice must keep: error on the screen in pixels, reach in metres (dust hides the rest
    under ground), bytes in memory beside the pinned tiles, tiles drawn."""

    max_error_px: float = MAX_ERROR_PX
    reach_m: float = float("inf")
    budget: int = 2**62
    max_tiles: int = MAX_TILES


@dataclass(slots=True)
class Choice:
    """One choice. `number` is written into the `chosen` and `refined` of its branches.

    cut: the tiles that are meant to be drawn; refined: those above them, coarse before fine;
    size: bytes of the cut, as far as known; short_px: the largest error that had to stay for want
    of memory or because there would be too many tiles (0: none).
    """

    number: int
    cut: list[Branch] = field(default_factory=list)
    refined: list[Branch] = field(default_factory=list)
    size: int = 0
    short_px: float = 0.0


def likely_size(branch: Branch, typical: int = TYPICAL_BYTES) -> int:
    """Bytes of a tile: measured, or those of the nearest tile above that was."""
    one: Branch | None = branch
    while one is not None:
        if one.size:
            return one.size
        one = one.parent
    return typical


def cost(branch: Branch) -> int:
    """Bytes that drawing a tile takes beyond what is pinned anyway."""
    return 0 if branch.pinned else likely_size(branch)


def measure(
    box: Box, error: float, eyes: Sequence[Eye], reach_m: float
) -> tuple[float, float] | None:
    """(error in pixels where it is worst, the same counted less beside the gaze); None: no eye
    sees the box. Only eyes that see a tile say how fine it must be."""
    worst = counted = -1.0
    for eye in eyes:
        for planes in eye.frusta:
            for i, j, k, a, b, c, d in planes:
                if a * box[i] + b * box[j] + c * box[k] + d < 0.0:
                    break
            else:
                break
        else:
            continue
        x, y, z = eye.position
        dx = box[0] - x if box[0] > x else (x - box[3] if x > box[3] else 0.0)
        dy = box[1] - y if box[1] > y else (y - box[4] if y > box[4] else 0.0)
        dz = box[2] - z if box[2] > z else (z - box[5] if z > box[5] else 0.0)
        distance = (dx * dx + dy * dy + dz * dz) ** 0.5 - eye.radius
        if distance > reach_m:
            continue
        if distance < NEAREST_M:
            distance = NEAREST_M
        pixels = error * eye.pixels / distance
        if pixels > worst:
            worst = pixels
        if eye.gaze is not None:
            pixels /= 1.0 + PERIPHERY * _aside(box, eye.position, eye.gaze, distance)
        if pixels > counted:
            counted = pixels
    return None if worst < 0.0 else (worst, counted)


def _aside(
    box: Box, eye: tuple[float, float, float], gaze: tuple[float, float, float], ahead: float
) -> float:
    """0 where the box lies ahead, 1 from 60 degrees on: twice one minus the cosine to the gaze."""
    x, y, z = eye
    gx, gy, gz = gaze
    if ahead < 1.0:
        ahead = 1.0
    # The point of the box that is nearest to a place ahead: a large tile is ahead if a part is.
    tx = min(max(x + gx * ahead, box[0]), box[3]) - x
    ty = min(max(y + gy * ahead, box[1]), box[4]) - y
    tz = min(max(z + gz * ahead, box[2]), box[5]) - z
    length = (tx * tx + ty * ty + tz * tz) ** 0.5
    if length < 1e-6:
        return 0.0
    aside = 2.0 - 2.0 * (tx * gx + ty * gy + tz * gz) / length
    return aside if aside < 1.0 else 1.0


def choose(
    roots: Iterable[Branch], eyes: Sequence[Eye], limits: Limits, last: int = -1, number: int = 0
) -> Choice:
    """The choice `number`; `last` is the number of the one before (what it refined stays so
    until the error is well below the limit).

    Every branch's `weight` is the error, counted less beside the gaze, that drawing it takes away.
    """
    choice = Choice(number)
    reach, most = limits.reach_m, limits.max_error_px
    heap: list[tuple[float, Branch, float]] = []
    count = 0

    def enter(branch: Branch, seen: tuple[float, float], weight: float) -> None:
        branch.chosen = number
        branch.weight = weight
        worst, counted = seen
        if not branch.children:
            return
        # No matter where one looks now: turning away makes nothing coarser.
        key = worst / STAYS_REFINED if branch.refined == last else counted
        if key > most:
            heapq.heappush(heap, (-key, branch, worst))

    for root in roots:
        seen = measure(root.box, root.error, eyes, reach)
        if seen is None:
            continue
        if root.address is not None and not root.failed:
            choice.size += cost(root)
            count += 1
        enter(root, seen, float("inf"))

    while heap:
        minus_key, branch, worst = heapq.heappop(heap)
        stays = branch.address is not None and not (branch.failed or branch.adds)
        if stays and any(child.failed for child in branch.children):
            continue  # for good, or there would be a hole
        more_bytes, more = 0, 0
        if branch.address is not None and not branch.adds and not branch.failed:
            more_bytes, more = -cost(branch), -1
        seen_children = []
        for child in branch.children:
            seen = measure(child.box, child.error, eyes, reach)
            if seen is None:
                continue
            seen_children.append((child, seen))
            if child.address is not None and not child.failed:
                more_bytes += cost(child)
                more += 1
        too_much = choice.size + more_bytes > limits.budget and more_bytes > 0
        if too_much or (count + more > limits.max_tiles and more > 0):
            if worst > choice.short_px:
                choice.short_px = worst
            continue
        choice.size += more_bytes
        count += more
        branch.refined = number
        choice.refined.append(branch)
        for child, seen in seen_children:
            enter(child, seen, -minus_key)
    for root in roots:
        if root.chosen == number:
            _collect(root, number, choice.cut)
    return choice


def missing(
    roots: Iterable[Branch], eyes: Sequence[Eye], limits: Limits, most: int
) -> list[Branch]:
    """Up to `most` tiles that are not loaded and that these eyes would want, the worst first.

    A quick look that marks nothing, for eyes that are not there yet: what stands above the cut and
    memory are left out of account.
    """
    found: list[Branch] = []
    heap: list[tuple[float, Branch]] = []
    for root in roots:
        if measure(root.box, root.error, eyes, limits.reach_m) is not None:
            heap.append((float("-inf"), root))
    visits = LOOKED_AT
    while heap and visits and len(found) < most:
        visits -= 1
        _, branch = heapq.heappop(heap)
        seen = measure(branch.box, branch.error, eyes, limits.reach_m)
        if seen is None:
            continue
        refine = bool(branch.children) and seen[1] > limits.max_error_px
        drawn = branch.address is not None and (branch.adds or not refine)
        if drawn and not (branch.ready or branch.failed):
            found.append(branch)
        if refine:
            for child in branch.children:
                heapq.heappush(heap, (-seen[1], child))
    return found


def _collect(branch: Branch, number: int, cut: list[Branch]) -> None:
    """Add what is meant to be drawn below a branch that was chosen."""
    pending = [branch]
    while pending:
        one = pending.pop()
        refined = one.refined == number
        if one.address is not None and not one.failed and (one.adds or not refined):
            cut.append(one)
        if refined:
            pending += [child for child in one.children if child.chosen == number]
