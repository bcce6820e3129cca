"""Brings the tiles of all layers of a twin to the frame: chooses, asks, attaches, shows, forgets.

Frame thread only, and it never blocks: a tile that is not there yet is simply not drawn. Pure
parts do the thinking: `selector` what is meant, `cover` what of it can be shown, `residency` what
stays in memory.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from panda3d.core import NodePath

from scenes.schema import Layer
from vr_app.stream.attaching import Attaching
from vr_app.stream.branch import Branch
from vr_app.stream.cover import HOLE, Cover, cover
from vr_app.stream.fading import Fading
from vr_app.stream.layers import Layers, LayerTree, show_layer
from vr_app.stream.loader import UNDER_WAY, Arrival, Loader
from vr_app.stream.pressure import Pressure
from vr_app.stream.residency import BUDGET_BYTES, Residency
from vr_app.stream.said import said
from vr_app.stream.selector import MAX_ERROR_PX, Choice, Limits, choose, likely_size, missing
from vr_app.stream.source import TwinSource
from vr_app.stream.travel import Travel
from vr_app.stream.views import Eye, View, eyes_of, same_views

log = logging.getLogger("kenish.stream")

ATTACH_BUDGET_S: Final = 0.0007
# A choice is good for views opened for turns: it is made anew when a head has moved or turned by
# so much, long before anything that was not chosen comes into view.
MOVED_M: Final = 0.25
TURNED_RAD: Final = 0.05
PREFETCH_FRAMES: Final = 12  # between two looks ahead
PRESSURE_FRAMES: Final = 9  # between two looks at the memory
RETRY_S: Final = (2.0, 60.0)  # after the network failed a tile: first, and at most


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """What is in the twin and on screen now; `error_factor` is above 1 where memory or the number
    of tiles is short: the largest error on screen is that many times the wanted one."""

    tiles_total: int
    tiles_loaded: int
    tiles_drawn: int
    triangles_total: int
    triangles_drawn: int
    points_drawn: int
    pending: int
    bytes_loaded: int
    error_factor: float
    forgotten: int = 0
    missed: int = 0
    failed: int = 0


class TileStreamer:
    """The tiles of all layers of one twin, under one scene node and one memory budget (bytes)."""

    def __init__(self, source: TwinSource, root: NodePath, budget: int = BUDGET_BYTES) -> None:
        self._source = source
        self._returns = source.returns
        self._layers = Layers(source, root, self.report)
        self._loader = Loader(source)
        self._residency = Residency(budget)
        self._pressure = Pressure()
        self._unnoted_s = 0.0
        self._attaching = Attaching()
        self._fading = Fading()
        self._travel = Travel()
        self._choice = Choice(-1)
        self._cover = Cover()
        self._eyes: list[Eye] = []
        self._chosen_for: list[View] = []
        self._limits = Limits()
        self._fine_px = MAX_ERROR_PX  # wanted; the limits' may be more
        self._shown: set[Branch] = set()
        self._ahead: list[Branch] = []  # wanted early, nobody waits for them
        self._waiting: list[Branch] = []  # wanted now
        self._retries: list[Branch] = []
        self._frame = 0
        self._failed = 0
        self._stale = True  # the choice
        self._uncovered = True  # the cover
        self._asking = False
        self._chosen = False
        self._closed = False
        self.attached = 0  # tiles, in all
        self.problems: list[str] = []

    def add_layers(self, layers: Iterable[Layer]) -> None:
        """Start reading the tilesets of these layers."""
        self._layers.read_all(list(layers))

    @property
    def trees(self) -> list[LayerTree]:
        """The layers that are there so far, with their tiles."""
        return self._layers.trees

    def report(self, problem: str) -> None:
        """Remember what could not be loaded, and say it once. Any thread."""
        self.problems.append(problem)
        if not self._closed:
            log.warning("%s", problem)

    def set_layer(self, layer_id: str, visible: bool, opacity: float) -> bool:
        """Show or hide a layer, more or less clearly; its tiles stay loaded while there is room.
        False while it is not there yet."""
        for tree in self._layers.trees:
            if tree.layer.id == layer_id:
                update = {"visible": visible, "opacity": opacity}
                tree.layer = tree.layer.model_copy(update=update)
                show_layer(tree.node, tree.layer)
                for branch in tree.coarsest:
                    self._residency.pin(branch, visible)
                self._stale = True
                return True
        return False

    # One frame

    def update(
        self,
        views: Iterable[View],
        budget_s: float = ATTACH_BUDGET_S,
        reach_m: float = float("inf"),
        max_error_px: float = MAX_ERROR_PX,
        seconds: float = 0.0,
    ) -> None:
        """Once a frame, `seconds` after the last (0: nothing blends): adopt what arrived, choose
        within reach, show and hide, ask for more."""
        self._frame += 1
        views = list(views)
        if self._layers.adopt():
            self._stale = True
        self._take_arrived()
        self._attaching.detach()
        self._fading.advance(seconds)
        self._travel.note(views, seconds)
        self._press(seconds)
        self._choose(views, max_error_px, reach_m)
        if self._uncovered:
            self._show(seconds > 0.0)
        # Shown in the next frame: the driver has it by then, and this frame has less to do.
        for branch in self._attaching.attach(budget_s):
            self._loader.taken(branch)
            self._residency.add(branch)
            self.attached += 1
            self._uncovered = True
        self._ask(views)

    def _take_arrived(self) -> None:
        arrived = self._loader.arrived
        while not arrived.empty():
            arrival = arrived.get()
            branch = arrival.branch
            if branch.ready:  # asked for twice while it came
                self._loader.taken(branch)
                continue
            if arrival.error is None and arrival.subtree is not None:
                try:
                    self._layers.graft(branch, arrival.subtree)
                    self._stale = True
                except ValueError as error:
                    arrival.error = error
            if arrival.error is not None:
                self._fail(branch, arrival.error)
            if arrival.error is not None or arrival.subtree is not None:
                self._loader.taken(branch)
                self._uncovered = True
            else:
                self._arrive(arrival)

    def _arrive(self, arrival: Arrival) -> None:
        branch = arrival.branch
        before = likely_size(branch)
        branch.size = max(sum(part.size for part in arrival.parts), 1)
        branch.tried = 0
        # What a tile is like shows when it is there: what was guessed may not fit, or more may.
        if self._choice.short_px or self._choice.size + branch.size - before > self._limits.budget:
            self._stale = self._stale or branch.size != before
        tree: LayerTree = branch.tree
        self._attaching.take(arrival, tree.node)

    def _fail(self, branch: Branch, error: Exception) -> None:
        if not branch.tried and not getattr(error, "told", False):
            self.report(f"{branch.address}: {said(error)}")
        if getattr(error, "retryable", False):
            pause = min(RETRY_S[0] * 2**branch.tried, RETRY_S[1])
            branch.tried += 1
            branch.retry_at = time.monotonic() + pause
            self._retries.append(branch)
            return
        branch.failed = True
        self._failed += 1
        self._stale = True

    def _press(self, seconds: float) -> None:
        """Coarser while what the eyes come back to would not fit, finer again where it does."""
        self._unnoted_s += seconds
        if self._frame % PRESSURE_FRAMES == 0 and self._unnoted_s:
            coming = sum(likely_size(one) for one in self._waiting if not one.failed)
            wanted = self._residency.in_use(time.monotonic()) + coming
            self._pressure.note(wanted, self._residency.budget, self._unnoted_s)
            self._unnoted_s = 0.0
            # Where memory keeps tiles waiting, time alone makes room.
            self._asking = self._asking or bool(self._waiting)

    def _choose(self, views: list[View], max_error_px: float, reach_m: float) -> None:
        self._fine_px = max_error_px
        coarse_px = max_error_px * self._pressure.factor
        limits = Limits(coarse_px, reach_m, self._residency.for_the_view)
        if limits != self._limits:
            self._limits, self._stale = limits, True
        if not self._stale and same_views(self._chosen_for, views, MOVED_M, TURNED_RAD):
            return
        self._chosen_for = views
        self._eyes = eyes_of(views)
        last = self._choice.number
        self._choice = choose(self._roots(), self._eyes, limits, last, last + 1)
        self._chosen = self._layers.complete
        self._stale, self._uncovered = False, True

    def _roots(self) -> list[Branch]:
        return [tree.root for tree in self._layers.trees if tree.layer.visible]

    def _show(self, blend: bool) -> None:
        self._uncovered = False
        self._cover = cover(self._roots(), self._choice, self._eyes)
        show = set(self._cover.show)
        self._fading.change(show - self._shown, self._shown - show, blend)
        self._shown = show
        self._waiting = self._cover.in_order()
        used = (self._choice.cut, show, self._cover.kept, self._fading.going, self._waiting)
        now = time.monotonic()
        # Those above what is drawn are the next best: they stand in when one goes back.
        self._residency.use(now, *used, spare=self._choice.refined)
        for branch in self._residency.forget(now):
            self._fading.forget(branch)
            self._attaching.leave(branch)
        self._asking = True

    # What is asked for

    def _ask(self, views: Sequence[View]) -> None:
        now = time.monotonic()
        if self._retries:
            self._try_again(now)
        looks = self._frame % PREFETCH_FRAMES == 0 and not self._waiting
        if looks:
            moved = self._travel.ahead(views)
            before, self._ahead = self._ahead, []
            if moved:
                coarse_px = max(self._choice.short_px, self._limits.max_error_px)
                limits = Limits(coarse_px, self._limits.reach_m)
                self._ahead = missing(self._roots(), eyes_of(moved), limits, UNDER_WAY)
            self._asking = self._asking or bool(before or self._ahead)
        if not self._asking:
            return
        self._asking = False
        wanted = self._affordable(now)
        self._residency.want(wanted, now)
        known = set(wanted)
        hole = bool(self._cover.wanted) and self._cover.wanted[0][0] == HOLE
        if not wanted or hole or self._choice.short_px:
            for tree in self._layers.trees:
                if tree.layer.visible:
                    early = [b for b in tree.coarsest if b not in known and self._can_come(b, now)]
                    wanted += early
                    known.update(early)
        if not self._waiting:
            wanted += self._early(known, now)
        self._loader.want(wanted)

    def _try_again(self, now: float) -> None:
        """What the network failed comes back: after a while, or when the server is found again."""
        returns = self._source.returns
        if returns != self._returns:
            self._returns = returns
            for branch in self._retries:
                branch.retry_at = now
        if any(branch.retry_at <= now for branch in self._retries):
            self._retries = [one for one in self._retries if one.retry_at > now]
            self._asking = True

    def _can_come(self, branch: Branch, now: float) -> bool:
        return not branch.ready and not branch.failed and branch.retry_at <= now

    def _affordable(self, now: float) -> list[Branch]:
        """What the picture waits for, without those for which what was just seen would go: where
        nothing stands in they come anyway, and else when that was not used for a while."""
        coming = [one for one in self._waiting if self._can_come(one, now)][:UNDER_WAY]
        holes = {one for urgency, _, one in self._cover.wanted if urgency == HOLE}
        urgent = [one for one in coming if one in holes]
        others = [one for one in coming if one not in holes]
        return urgent + self._residency.affordable(others, likely_size, now)

    def _early(self, known: set[Branch], now: float) -> list[Branch]:
        """Tiles that will be needed where the way leads, as far as there is room."""
        room: list[Branch] = []
        size = 0
        for branch in self._ahead:
            if branch not in known and self._can_come(branch, now):
                size += likely_size(branch)
                if not self._residency.room_for(size, now):
                    break
                room.append(branch)
        return room

    # What others see

    @property
    def shown(self) -> set[Branch]:
        """The tiles that are drawn now. Not to be changed."""
        return self._shown

    def set_budget(self, budget: int) -> None:
        """Bytes that tiles may take from now on, with the GPU's copies."""
        self._residency.budget = budget
        self._uncovered = True

    @property
    def budget(self) -> int:
        """Bytes that tiles may take."""
        return self._residency.budget

    def counts(self) -> StreamCounts:
        """What is in the twin and on screen now."""
        trees = self._layers.trees
        return StreamCounts(
            tiles_total=sum(tree.tiles for tree in trees),
            tiles_loaded=len(self._residency.held),
            tiles_drawn=len(self._shown) + len(self._fading.going),
            triangles_total=sum(tree.triangles for tree in trees),
            triangles_drawn=sum(branch.triangles for branch in self._shown),
            points_drawn=sum(branch.points for branch in self._shown),
            pending=self._pending(),
            bytes_loaded=self._residency.held_bytes,
            error_factor=max(self._choice.short_px, self._limits.max_error_px) / self._fine_px,
            forgotten=self._residency.forgotten,
            missed=self._residency.missed,
            failed=self._failed,
        )

    def _pending(self) -> int:
        """Tiles that the picture waits for."""
        return sum(not (one.ready or one.failed or one.tried) for one in self._waiting)

    @property
    def started(self) -> bool:
        """Whether tiles were chosen at least once since all tilesets are known."""
        return self._chosen and self._layers.complete

    @property
    def idle(self) -> bool:
        """Whether everything wanted so far has arrived and is attached, or waits for the network
        to come back."""
        return self._layers.complete and not (self._uncovered or self._stale or self._pending())

    def close(self) -> None:
        """Stop the workers; loads in flight are dropped."""
        self._closed = True
        self._layers.close()
        self._loader.close()
