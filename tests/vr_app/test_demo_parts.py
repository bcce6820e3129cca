"""Parts of the demonstration: the server child that fails, files that cannot be written, digest."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.sync_server.support import make_twin
from vr_app.app import FRAMES_KEPT, FrameTimes
from vr_app.demo import bundled
from vr_app.demo.server_child import RESTART_S, LastingServer, ServerChild
from vr_app.errors import CommandRefused, ServerChildError
from vr_app.files import make_folder, write_file


def test_a_server_child_listens_and_ends_with_its_owner(tmp_path: Path) -> None:
    child = ServerChild(make_twin(tmp_path / "twin"), "--port", "0", "--state", str(tmp_path / "s"))
    try:
        listening = child.wait_listening()
        with urllib.request.urlopen(f"{listening.http}/health", timeout=30) as answer:
            assert answer.status == 200
    finally:
        child.stop()
    assert not child.alive


def test_a_server_child_that_cannot_start_says_why_and_is_gone(tmp_path: Path) -> None:
    child = ServerChild(tmp_path / "no twin", "--port", "0", "--state", str(tmp_path / "s"))
    with pytest.raises(ServerChildError) as failed:
        child.wait_listening()
    assert "no twin" in str(failed.value.arguments["reason"])
    assert "Traceback" not in str(failed.value.arguments["reason"])
    assert not child.alive


def test_a_lasting_server_comes_back_on_the_same_port(tmp_path: Path) -> None:
    server = LastingServer(make_twin(tmp_path / "twin"), "--state", str(tmp_path / "s"))
    try:
        listening = server.wait_listening()
        server.keep_alive(0.0)
        os.kill(listening.pid, signal.SIGKILL)
        pause, answers = threading.Event(), 0
        for attempt in range(600):
            server.keep_alive(attempt * RESTART_S)
            try:
                with urllib.request.urlopen(f"{listening.http}/health", timeout=5) as answer:
                    answers += answer.status == 200
                    break
            except (urllib.error.URLError, ConnectionError):
                pause.wait(0.1)
        assert answers == 1
    finally:
        server.stop()


def test_files_are_written_whole_into_new_folders(tmp_path: Path) -> None:
    write_file(tmp_path / "a/b/demo.json", b"{}")
    assert (tmp_path / "a/b/demo.json").read_bytes() == b"{}"
    assert [one.name for one in (tmp_path / "a/b").iterdir()] == ["demo.json"]


def test_what_cannot_be_written_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for attempt in (
        lambda: make_folder(tmp_path / "file" / "out"),
        lambda: write_file(tmp_path / "file" / "x.png", b""),
    ):
        with pytest.raises(CommandRefused) as refused:
            attempt()
        assert refused.value.message_id == "app-not-written" and refused.value.exit_code == 2
        assert str(tmp_path / "file") in str(refused.value.arguments["path"])


def test_the_digest_follows_the_recipe_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "scenes"
    shutil.copytree(bundled.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    original = bundled.recipe_digest()
    monkeypatch.setattr(bundled, "PACKAGE", copy)
    assert bundled.recipe_digest() == original
    (copy / "bake" / "notes.txt").write_text("not part of it")
    assert bundled.recipe_digest() == original
    (recipe,) = (copy / "demo_mine").glob("*.yaml")
    recipe.write_text(recipe.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    assert bundled.recipe_digest() != original


def test_frame_times_count_all_and_keep_the_latest() -> None:
    times = FrameTimes()
    assert times.summary() == {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
    times.add(1000.0)
    for _ in range(FRAMES_KEPT):
        times.add(5.0)
    assert times.frames == FRAMES_KEPT + 1 and len(times.milliseconds) == FRAMES_KEPT
    assert times.summary()["max"] == 5.0
    times.clear()
    assert times.frames == 0
