"""Baking on a Dask cluster: two real workers make the same tiles as this process does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scenes.bake.cluster import cluster
from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.pool import Here
from scenes.errors import Refused
from tests.scenes.test_bake_tree import contents, tube

ROOT = Path(__file__).parents[2]
SETTINGS = TreeSettings(leaf=500, bucket=2000, here=0)
QUIET = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "ignore",
    "DASK_DISTRIBUTED__DASHBOARD__LINK": "",
}


def until(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait for a file that a process writes when it is ready."""
    while not path.is_file() or not path.read_bytes().strip():
        assert process.poll() is None, "it ended"
        time.sleep(0.02)


@contextmanager
def started(home: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], subprocess.Popen[bytes]]]:
    """A scheduler and two workers, each a process of its own: address, scheduler, a worker."""
    told = home / "scheduler.json"
    common = {"cwd": home, "env": QUIET, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    local = ["--host", "127.0.0.1", "--no-dashboard"]

    def module(name: str, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", name, *words, *local], **common)

    scheduler = module(
        "distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(told)
    )
    processes = [scheduler]
    try:
        until(told, scheduler)
        where = str(json.loads(told.read_bytes())["address"])
        for number in range(2):
            own = ["--nthreads", "1", "--no-nanny", "--local-directory", str(home / str(number))]
            processes.append(module("distributed.cli.dask_worker", where, *own))
        yield where, scheduler, processes[1]
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two workers that live on."""
    with started(tmp_path_factory.mktemp("dask")) as (where, _scheduler, _worker):
        yield where


@contextmanager
def killed_amid(process: subprocess.Popen[bytes], folder: Path) -> Iterator[None]:
    """A process is killed when some tiles of the bake of `folder` are done."""
    over = threading.Event()

    def wait() -> None:
        while not over.wait(0.005):
            journals = folder.parent.glob(f".{folder.name}.bake/*journal.jsonl")
            if sum(one.read_bytes().count(b"\n") for one in journals) >= 3:
                process.kill()
                return

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_two_workers_make_the_same_tiles(tmp_path: Path, address: str) -> None:
    bake_layer(tmp_path / "here", [tube()], (0, 0, 0), settings=SETTINGS, runner=Here())
    with cluster(address, tmp_path) as runner:
        who = {runner.submit(os.getpid).result() for _ in range(20)}
        bake_layer(tmp_path / "there", [tube()], (0, 0, 0), settings=SETTINGS, runner=runner)
    assert os.getpid() not in who
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


MANY: Any = {"settings": TreeSettings(leaf=100, bucket=400, here=0), "resume": True}


def test_a_worker_that_dies_costs_nothing_but_its_work(tmp_path: Path) -> None:
    bake_layer(tmp_path / "here", [tube()], (0, 0, 0), runner=Here(), **MANY)
    with started(tmp_path) as (where, _scheduler, worker), cluster(where, tmp_path) as runner:
        with killed_amid(worker, tmp_path / "there"):
            bake_layer(tmp_path / "there", [tube()], (0, 0, 0), runner=runner, **MANY)
        assert worker.poll() is not None
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_lost_scheduler_is_said_and_the_bake_goes_on_later(tmp_path: Path) -> None:
    bake_layer(tmp_path / "here", [tube()], (0, 0, 0), runner=Here(), **MANY)
    with started(tmp_path) as (where, scheduler, _worker):
        with (
            pytest.raises(Refused) as refused,
            cluster(where, tmp_path) as runner,
            killed_amid(scheduler, tmp_path / "there"),
        ):
            bake_layer(tmp_path / "there", [tube()], (0, 0, 0), runner=runner, **MANY)
        assert refused.value.message_id == "scenes-dask-lost"
    assert not (tmp_path / "there").exists()
    bake_layer(tmp_path / "there", [tube()], (0, 0, 0), runner=Here(), **MANY)
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_folder_that_workers_do_not_see_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused) as refused, cluster(address, tmp_path / "elsewhere"):
        pytest.fail("it went on")
    assert refused.value.message_id == "scenes-dask-worker"


def test_nobody_at_the_address_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenes.bake.cluster.PATIENCE_S", 0.2)
    with pytest.raises(Refused) as refused, cluster("tcp://127.0.0.1:1", tmp_path):
        pytest.fail("it went on")
    assert refused.value.message_id == "scenes-dask-silent"


@pytest.mark.parametrize("where", ["nonsense", "http://x:1", "127.0.0.1", "[::1", "a:b", ""])
def test_what_is_no_address_is_refused_at_once(tmp_path: Path, where: str) -> None:
    with pytest.raises(Refused) as refused, cluster(where, tmp_path):
        pytest.fail("it went on")
    assert refused.value.message_id == "scenes-dask-silent"
    assert refused.value.arguments["reason"] == "not HOST:PORT"
