"""A whole twin fetched before a trip by the real command: killed, gone on with, used offline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scenes.twin import SCENE_FILE
from tests.sync_server.support import DEADLINE_S, ROOT, running_server, until
from tests.vr_app.test_cached_source import tiles
from vr_app.identity import identity_file
from vr_app.stream.cached_source import CachedSource
from vr_app.stream.disk_cache import DiskCache
from vr_app.stream.http_source import HttpSource
from vr_app.stream.seen_twins import SeenTwins


def fetching(address: str, folder: Path) -> subprocess.Popen[str]:
    words = ["-m", "vr_app", "twin", "fetch", address, "--name", "Aru", "--json"]
    environment = os.environ | {"XDG_STATE_HOME": str(folder / "state-home")}
    return subprocess.Popen(
        [sys.executable, *words, "--cache", str(folder / "cache")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="kills")
def test_a_fetch_that_was_killed_goes_on_and_the_twin_opens_without_a_server(
    tmp_path: Path,
) -> None:
    content = tiles(tmp_path / "twin")
    blobs = tmp_path / "cache" / "blobs"
    with running_server(tmp_path / "twin", tmp_path / "state", "--open", "engineer") as server:
        address = server.url
        first = fetching(address, tmp_path)
        until(lambda: first.poll() is not None or any(blobs.rglob("*/*")))
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=DEADLINE_S)
        second = fetching(address, tmp_path)
        said, told = second.communicate(timeout=DEADLINE_S)
        assert second.returncode == 0, told
        result = json.loads(said)
        assert result["failed"] == 0 and result["restricted_layers"] == 1
        third = fetching(address, tmp_path)
        again = json.loads(third.communicate(timeout=DEADLINE_S)[0])
        assert again["bytes_before"] == again["bytes"] == result["bytes"]
    seen = SeenTwins(tmp_path / "cache")
    who = identity_file(address, "Aru", "engineer", None).stem
    stored = seen.load(who)
    assert stored is not None
    away = HttpSource(lambda: None, name=address)
    source = CachedSource(away, DiskCache(tmp_path / "cache"), seen, who, stored)
    assert source.read(SCENE_FILE)
    for path, data in content.items():
        if "/ore/" not in path:
            assert source.read(path) == data
    source.close()
