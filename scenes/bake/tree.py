"""The tree of one kind of primitive: which jobs a layer needs, in which order, and its tiles.

Runs them on a `Runner` and remembers what is done in a journal, so that a bake that was stopped
goes on. It never touches geometry.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scenes.bake.pool import Runner
from scenes.bake.split import Tree
from scenes.bake.spool import Buckets
from scenes.bake.tile_jobs import (
    LEAVES_A_BUCKET,
    Info,
    Work,
    bake_bucket,
    bake_inner,
    merge_borders,
)
from scenes.tiles.tileset import Tile


@dataclass(slots=True)
class Node:
    """A place in the tree: the leaves below it (first, behind the last), and what was baked."""

    leaves: tuple[int, int]
    children: list[Node] = field(default_factory=list)
    baked: Info | None = None


class Journal:
    """What is done already, one JSON object a line; a line that a crash cut short is left out."""

    def __init__(self, path: Path, digest: str) -> None:
        self._done: dict[str, Info] = {}
        lines: list[str] = []
        if path.is_file():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if lines and lines[0] == digest:
            for line in lines[1:]:
                try:
                    name, result = json.loads(line)
                except ValueError:
                    break
                self._done[name] = result
        self._file = path.open("w", encoding="utf-8")
        self._file.write(digest + "\n")
        for name, result in self._done.items():
            self._write(name, result)

    def _write(self, name: str, result: Info) -> None:
        self._file.write(json.dumps([name, result]) + "\n")
        self._file.flush()

    def found(self, name: str) -> Info | None:
        """The result of a job that was done before."""
        return self._done.get(name)

    def remember(self, name: str, result: Info) -> None:
        """Note a result; its files are complete."""
        self._write(name, result)

    def close(self) -> None:
        """No more results will come."""
        self._file.close()


class _Line:
    """Jobs under way: `start` them, then `drain` until none is left."""

    def __init__(self, runner: Runner, journal: Journal) -> None:
        self._runner = runner
        self._journal = journal
        self._waiting: dict[Future[Info], tuple[str, Callable[[Info], None]]] = {}

    def start(
        self, name: str, then: Callable[[Info], None], function: Callable[..., Info], *args: Any
    ) -> None:
        done = self._journal.found(name)
        if done is not None:
            then(done)
            return
        future = self._runner.submit(function, *args)
        self._waiting[future] = (name, then)
        if future.done():
            self._finish(future)

    def drain(self) -> None:
        while self._waiting:
            for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
                self._finish(future)

    def _finish(self, future: Future[Info]) -> None:
        name, then = self._waiting.pop(future)
        result = future.result()
        self._journal.remember(name, result)
        then(result)


def grow(
    work: Work,
    buckets: Buckets,
    target: int,
    runner: Runner,
    journal: Journal,
    progress: Callable[[int], None],
) -> Node | None:
    """Bake all tiles bottom-up; the root, or None where nothing was left of the geometry.

    progress gets the number of primitives that each job has dealt with.
    """
    line = _Line(runner, journal)
    roots: dict[int, Node | None] = {}

    def bucket_done(number: int) -> Callable[[Info], None]:
        def done(result: Info) -> None:
            roots[number] = _bucket_node(result, number)
            progress(buckets.counts[number])

        return done

    for number, count in enumerate(buckets.counts):
        if count:
            line.start(
                f"bucket {number}", bucket_done(number), bake_bucket, work, number,
                buckets.boxes[number], buckets.margin, target,
            )  # fmt: skip
    line.drain()
    if work.primitive == "triangles":
        merge_borders(work, len(buckets.counts))
    root = _joined(buckets.tree, roots)
    if root is not None and work.primitive != "lines":
        _bake_inner_tiles(work, root, line, progress)
    return root


def _bucket_node(result: Info, number: int) -> Node | None:
    first = number * LEAVES_A_BUCKET

    def of(tree: Tree) -> Node:
        if isinstance(tree, int):
            return Node((first + tree, first + tree + 1), [], result["leaves"][tree])
        children = [of(branch) for branch in tree]
        return Node((children[0].leaves[0], children[-1].leaves[1]), children)

    return of(result["tree"]) if result["leaves"] else None


def _joined(tree: Tree, roots: dict[int, Node | None]) -> Node | None:
    if isinstance(tree, int):
        return roots.get(tree)
    children = [one for branch in tree if (one := _joined(branch, roots)) is not None]
    if len(children) < 2:
        return children[0] if children else None
    return Node((children[0].leaves[0], children[-1].leaves[1]), children)


def _bake_inner_tiles(work: Work, root: Node, line: _Line, progress: Callable[[int], None]) -> None:
    """Every tile as soon as all below it are there."""
    parents: dict[int, Node] = {}
    open_children: dict[int, int] = {}
    pending, ready = [root], []
    while pending:
        node = pending.pop()
        for child in node.children:
            parents[id(child)] = node
        pending += node.children
        open_children[id(node)] = sum(bool(child.children) for child in node.children)
        if node.children and not open_children[id(node)]:
            ready.append(node)

    def start(node: Node) -> None:
        below = [child.baked for child in node.children if child.baked is not None]
        files = [file for baked in below for file in baked["files"]]
        error = max(baked["error"] for baked in below)
        name = f"{node.leaves[0]:08d}-{node.leaves[1]:08d}"

        def done(result: Info) -> None:
            node.baked = result
            progress(sum(baked.get("count", 0) for baked in below))
            parent = parents.get(id(node))
            if parent is not None:
                open_children[id(parent)] -= 1
                if not open_children[id(parent)]:
                    start(parent)

        line.start(f"inner {name}", done, bake_inner, work, name, files, node.leaves, error)

    for node in ready:
        start(node)
    line.drain()


def as_tiles(node: Node, detail_m: float | None) -> Tile:
    """The tree for tileset.json. A tile without content must be refined whatever it costs, or, of
    a layer with features of `detail_m`, be left out where those are too small to see."""
    children = [as_tiles(child, detail_m) for child in node.children]
    baked = node.baked or {"name": None, "error": 0.0}
    name = baked["name"]
    if children and detail_m is not None and baked["error"] >= detail_m:
        name = None  # coarser than leaving the layer out
    if children:
        low = np.min([child.low for child in children], axis=0)
        high = np.max([child.high for child in children], axis=0)
        if name is not None:
            low, high = np.minimum(low, baked["low"]), np.maximum(high, baked["high"])
    else:
        low, high = np.array(baked["low"]), np.array(baked["high"])
    error = float(baked["error"])
    if name is None:
        error = float(np.linalg.norm(high - low))
        error = error if detail_m is None else min(detail_m, error)
    return Tile(low, high, error, name, "REPLACE", children)
