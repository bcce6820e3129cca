"""Runs the jobs of a bake: here, when there are few, else in a process for every core.

Anything with `submit(function, *arguments) -> Future` fits, a Dask cluster's executor too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, Protocol


class Runner(Protocol):
    """Where jobs run."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Begin a job."""
        ...

    def prepare(self) -> None:
        """Jobs will come soon: begin what takes its time."""
        ...


class Here:
    """Runs every job at once in this process."""

    def prepare(self) -> None:
        """See `Runner.prepare`."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """See `Runner.submit`; an error is raised here."""
        done: Future[Any] = Future()
        done.set_result(function(*arguments))
        return done


class Cores:
    """A process for each core, started when the first job comes and stopped at the end."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def prepare(self) -> None:
        """Start the processes: they import numpy while parts are still being read."""
        if self._pool is None:
            # A process starts when a job comes and none is idle.
            for _ in range(self._processes):
                self.submit(_import_jobs)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """See `Runner.submit`."""
        if self._pool is None:
            # Not forked: a window or a server may have threads that a copy would hang on.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, _quietly)
        return self._pool.submit(function, *arguments)

    def close(self, cancel: bool = False) -> None:
        """Stop the processes; with `cancel` jobs that wait are dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=cancel)
            self._pool = None


def _import_jobs() -> None:
    from scenes.bake import tile_jobs  # noqa: F401
    from scenes.bake.simplify import libraries

    libraries()


def _quietly() -> None:
    """Ctrl-C reaches every process of a terminal: the one that waits for the others decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # a twin is often baked beside a room that people are in
