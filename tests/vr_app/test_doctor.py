"""Doctor's judgements, and one run of the whole on this machine."""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from assets.text import LANGUAGES, translator
from vr_app.console import Console
from vr_app.display.screen import window_possible
from vr_app.doctor import (
    audio,
    broker,
    commands,
    fonts,
    graphics,
    openxr,
    ports,
    python,
    screens,
    storage,
)
from vr_app.doctor.child import Answer, ask_command
from vr_app.doctor.finding import Finding

ROOT = Path(__file__).resolve().parents[2]
NO = Answer(None, "doctor-reason-timeout")
GPU: dict[str, Any] = {"renderer": "NVIDIA X", "version": "4.6", "major": 4, "minor": 6}
CPU: dict[str, Any] = {"renderer": "llvmpipe (LLVM 15)", "version": "4.5", "major": 4, "minor": 5}
OLD: dict[str, Any] = {"renderer": "Intel", "version": "2.1", "major": 2, "minor": 1}
MONADO: dict[str, Any] = {"runtime": "Monado", "system": "HMD", "opengl": True}


@pytest.mark.parametrize(
    ("finding", "status"),
    [
        (python.check_version((3, 12, 1)), "ok"),
        (python.check_version((3, 14, 0)), "fail"),
        (python.check_packages(lambda _name: True), "ok"),
        (python.check_packages(lambda name: name != "panda3d"), "fail"),
        (graphics.judge_offscreen(Answer(GPU)), "ok"),
        (graphics.judge_offscreen(Answer(CPU)), "warn"),
        (graphics.judge_offscreen(Answer(OLD)), "fail"),
        (graphics.judge_offscreen(NO), "fail"),
        (graphics.judge_window(Answer(GPU)), "ok"),
        (graphics.judge_window(NO), "warn"),
        (screens.judge(Answer({"screens": []})), "warn"),
        (screens.judge(NO), "warn"),
        (openxr.judge(Answer(MONADO)), "ok"),
        (openxr.judge(Answer({**MONADO, "system": None})), "warn"),
        (openxr.judge(Answer({**MONADO, "opengl": False})), "warn"),
        (openxr.judge(Answer({"runtime": None})), "warn"),
        (openxr.judge(NO), "warn"),
        (audio.judge(Answer({"device": True})), "ok"),
        (audio.judge(NO), "warn"),
        (fonts.judge(["Noto Sans"], []), "ok"),
        (fonts.judge([], ["Noto Sans"]), "fail"),
        (broker.judge(True, None), "ok"),
        (broker.judge(False, "/usr/sbin/mosquitto"), "ok"),
        (broker.judge(False, None), "warn"),
        (storage.judge_space("/x", 10**10), "ok"),
        (storage.judge_space("/x", 10**9), "warn"),
        (storage.judge_space("/x", 10**8), "fail"),
    ],
)
def test_judgements(finding: Finding, status: str) -> None:
    assert finding.status == status
    assert (finding.remedy_id is None) is (status == "ok")
    for language in LANGUAGES:
        speak = translator(language)
        for message_id in filter(None, (finding.message_id, finding.remedy_id)):
            assert speak.has(message_id), f"{message_id} in {language}"
            text = speak(message_id, finding.arguments)
            assert "{" not in text, text
            for value in finding.arguments.values():
                named = re.search(r"\$", text) is None
                assert named, f"{text} leaves {value} out"


def test_screens_are_named_with_size_and_rate() -> None:
    wall = {"name": "LEFT", "width": 1920, "height": 1080, "hertz": 60}
    other = {"name": "RIGHT", "width": 1280, "height": 720, "hertz": 0}
    finding = screens.judge(Answer({"screens": [wall, other]}))
    assert finding.arguments["screens"] == "LEFT 1920x1080 60 Hz, RIGHT 1280x720"


def test_a_screen_is_known_by_the_environment() -> None:
    assert window_possible("win32", {}) and window_possible("darwin", {})
    assert not window_possible("linux", {})
    assert not window_possible("linux", {"DISPLAY": ""})
    assert window_possible("linux", {"DISPLAY": ":0"})
    assert not window_possible("linux", {"WAYLAND_DISPLAY": "wayland-0"})  # the window is X11's


def test_module_list_is_what_pyproject_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["server"], *extras["vr"], *extras["bake"]]
    wanted = {_plain(re.split(r"[<>=;\[ ]", line)[0]) for line in lines}
    owners = packages_distributions()
    checked = {
        _plain(owner) for name in python.MODULES for owner in owners.get(name.split(".")[0], [])
    }
    # paho-mqtt lies beneath aiomqtt; namespace packages have several owners
    assert wanted - checked <= {"paho-mqtt"}
    assert all(python.has_module(name) for name in python.MODULES)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("program", "values", "reason"),
    [
        ("print('noise'); print('{\"a\": 1}')", {"a": 1}, ""),
        ("print('{\"a\": 1}'); import os; os.abort()", {"a": 1}, ""),
        ('print(\'{"reason": "no luck"}\')', None, "no luck"),
        ("import os; os.kill(os.getpid(), 11)", None, "doctor-reason-crashed"),
        ("raise SystemExit(3)", None, "doctor-reason-crashed"),
        ("raise ValueError('bad driver')", None, "ValueError: bad driver"),
        ("print('[1, 2]')", None, "[1, 2]"),
        ("import time; time.sleep(60)", None, "doctor-reason-timeout"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_child_never_takes_doctor_with_it(
    program: str, values: dict[str, Any] | None, reason: str
) -> None:
    timeout_s = 0.5 if "sleep" in program else 30.0
    assert ask_command([sys.executable, "-c", program], timeout_s) == Answer(values, reason)


def test_a_program_that_is_not_there_is_a_reason() -> None:
    answer = ask_command(["/no/such/program"])
    assert answer.values is None and answer.reason


def test_ports_are_tried_for_real() -> None:
    assert ports.exchange() > 0
    assert ports.check()[0].status == "ok"

    def refused() -> int:
        raise PermissionError("not allowed")

    finding = ports.check(refused)[0]
    assert finding.status == "fail" and finding.arguments["reason"] == "not allowed"


@pytest.mark.parametrize(("reply", "answers"), [(b"\x20\x02\x00\x00", True), (b"HTTP", False)])
def test_a_broker_is_known_by_its_answer(reply: bytes, answers: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _address = listener.accept()
            with connection:
                assert connection.recv(64)[:1] == b"\x10"
                connection.sendall(reply)
                connection.recv(64)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        assert broker.answers(("127.0.0.1", port)) is answers
        thread.join(10)
    assert not broker.answers(("127.0.0.1", port))


def test_folders_are_made_and_written(tmp_path: Path) -> None:
    findings = storage.check(tmp_path / "state", tmp_path / "cache")
    assert [finding.id for finding in findings] == ["state-folder", "cache-folder", "disk"]
    assert findings[0].status == findings[1].status == "ok"
    assert list((tmp_path / "state").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finding = storage.check_writable("state-folder", tmp_path / "file" / "kenish")
    assert finding.status == "fail"
    assert finding.arguments["reason"]


def test_a_check_that_breaks_is_a_line() -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("driver says no")

    good = Finding("good", "ok", "doctor-audio-ok")
    findings = commands.run_checks([("bad", broken), ("good", lambda: [good])])
    assert findings[0].arguments == {"name": "bad", "reason": "RuntimeError: driver says no"}
    assert findings[1] == good


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("statuses", "exit_status"), [(["ok"], 0), (["warn", "warn"], 0), (["fail", "warn"], 1)]
)
def test_report(
    language: str, statuses: list[str], exit_status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, Callable[[], Finding]] = {
        "ok": lambda: graphics.judge_offscreen(Answer(GPU)),
        "warn": lambda: openxr.judge(NO),
        "fail": lambda: graphics.judge_offscreen(NO),
    }
    findings = [made[status]() for status in statuses]
    monkeypatch.setattr(commands, "run_checks", lambda: findings)
    out = io.StringIO()
    assert commands.doctor([], Console(language, out=out, err=io.StringIO())) == exit_status
    text = out.getvalue()
    assert "doctor-" not in text, text  # every id was put into words, reasons too
    summary = text.rstrip().splitlines()[-1]
    for count in (len([s for s in statuses if s == "fail"]) or statuses.count("warn"),):
        assert count in (0, 1) or str(count) in summary


def test_whole_run_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vr_app", "doctor", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    found = {finding["id"]: finding for finding in report["findings"]}
    expected = {"python", "packages", "graphics", "window", "openxr", "audio", "ports", "fonts"}
    assert expected | {"broker", "state-folder", "cache-folder", "disk"} <= set(found)
    assert report["demo_runs"] is (done.returncode == 0)
    assert found["graphics"]["status"] in ("ok", "warn"), found["graphics"]
    assert "OpenGL" in found["graphics"]["english"]
    assert found["ports"]["status"] == "ok"
    assert len(done.stderr.splitlines()) >= len(found)
