"""Finding a runtime: by files alone, and never in the caller's thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vr_app.display.headset.lifecycle import Away
from vr_app.display.headset.runtime import Attempt, runtime_registered


def test_a_machine_without_a_manifest_has_no_runtime(tmp_path: Path) -> None:
    nothing = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")}
    missing = {"XR_RUNTIME_JSON": str(tmp_path / "none.json")}
    assert not runtime_registered("linux", missing)
    folder = tmp_path / ".config/openxr/1"
    folder.mkdir(parents=True)
    (folder / "active_runtime.json").write_text("{}")
    assert runtime_registered("linux", nothing)


def test_nothing_is_loaded_where_no_runtime_is_registered() -> None:
    loaded: list[int] = []
    attempt = Attempt(lambda: loaded.append(1), lambda: False)
    attempt.wait(30)
    assert attempt.result == (Away.NO_RUNTIME, "") and not loaded


def test_a_missing_library_is_a_missing_runtime() -> None:
    def load() -> Any:
        raise OSError("libGL.so.1: cannot open shared object file")

    attempt = Attempt(load, lambda: True)
    attempt.wait(30)
    assert isinstance(attempt.result, tuple) and attempt.result[0] is Away.NO_RUNTIME
