"""Baking on a Dask cluster: two real workers make the same tiles as this process does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenes.bake.cluster import cluster
from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.pool import Here
from scenes.errors import Refused
from tests.scenes.test_bake_tree import contents, tube

pytest.importorskip("distributed", reason="the extra [dask] is not installed")
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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and two workers, each a process of its own."""
    home = tmp_path_factory.mktemp("dask")
    told = home / "scheduler.json"
    base = [sys.executable, "-m", "distributed.cli."]
    common = {"cwd": home, "env": QUIET, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [*base[:2], "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
         "--no-dashboard", "--scheduler-file", str(told)], **common,
    )  # fmt: skip
    processes = [scheduler]
    try:
        until(told, scheduler)
        where = str(json.loads(told.read_bytes())["address"])
        for number in range(2):
            processes.append(
                subprocess.Popen(
                    [
                        *base[:2],
                        "distributed.cli.dask_worker",
                        where,
                        "--nthreads",
                        "1",
                        "--no-dashboard",
                        "--no-nanny",
                        "--host",
                        "127.0.0.1",
                        "--local-directory",
                        str(home / str(number)),
                    ],
                    **common,
                )
            )
        yield where
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def test_two_workers_make_the_same_tiles(tmp_path: Path, address: str) -> None:
    bake_layer(tmp_path / "here", [tube()], (0, 0, 0), settings=SETTINGS, runner=Here())
    with cluster(address, tmp_path) as runner:
        who = {runner.submit(os.getpid).result() for _ in range(20)}
        bake_layer(tmp_path / "there", [tube()], (0, 0, 0), settings=SETTINGS, runner=runner)
    assert os.getpid() not in who
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
