"""The `kenish` command line: names, languages, errors as one line and as JSON, lazy imports."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from assets.text import LANGUAGES, translator
from vr_app import cli
from vr_app.console import Console

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module that offers the command `probe` as its function `probe`."""
    module = types.ModuleType("probe_commands")
    monkeypatch.setitem(sys.modules, "probe_commands", module)
    monkeypatch.setitem(cli.COMMANDS, "probe", "probe_commands:probe")
    return module


def _offer(module: types.ModuleType, function: Any) -> None:
    setattr(module, "probe", function)  # noqa: B010


@pytest.mark.parametrize("language", LANGUAGES)
def test_overview_names_every_command_in_every_language(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["--lang", language]) == 0
    out = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert f"  {name} " in out
        assert translator(language).has(f"cli-about-{name}")
    assert "cli-" not in out


def test_unknown_command_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["dig", "--lang", "en"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert '"dig"' in captured.err and "demo" in captured.err


def test_unknown_command_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["dig", "--json", "--lang=ru"]) == 2
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert error["id"] == "cli-unknown-command"
    assert error["arguments"]["name"] == "dig"
    assert error["english"].startswith("There is no command")
    assert "Команды" in captured.err


def test_unknown_language_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--lang", "xx"]) == 2
    assert '"xx"' in capsys.readouterr().err


def test_global_options_are_taken_out_wherever_they_stand(command: types.ModuleType) -> None:
    seen: list[tuple[list[str], Console]] = []

    def probe(arguments: list[str], console: Console) -> int:
        seen.append((arguments, console))
        return 7

    _offer(command, probe)
    assert cli.run(["--json", "probe", "a", "--lang", "ja", "b", "--", "--json"]) == 7
    arguments, console = seen[0]
    assert arguments == ["a", "b", "--", "--json"]
    assert console.language == "ja" and console.json_output


class Refused(Exception):
    message_id = "cli-unknown-language"
    arguments = {"language": Path("x"), "known": "en"}  # noqa: RUF012
    exit_code = 2


def test_typed_error_is_one_line_and_its_exit_status(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def probe(_arguments: list[str], _console: Console) -> int:
        raise Refused

    _offer(command, probe)
    assert cli.run(["probe", "--json", "--lang", "en"]) == 2
    captured = capsys.readouterr()
    assert captured.err == 'There is no language "x". Languages: en.\n'
    assert json.loads(captured.out)["error"]["arguments"] == {"language": "x", "known": "en"}


def test_result_is_the_one_json_object(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def probe(_arguments: list[str], console: Console) -> int:
        console.say("cli-more")
        console.result({"глубина": 240})
        console.result({"second": True})
        return 0

    _offer(command, probe)
    assert cli.run(["probe", "--json", "--lang", "en"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"глубина": 240}
    assert "--help" in captured.err


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), 130), (SystemExit(2), 2), (SystemExit("no"), 1)]
)
def test_other_ends(command: types.ModuleType, error: BaseException, status: int) -> None:
    def probe(_arguments: list[str], _console: Console) -> int:
        raise error

    _offer(command, probe)
    assert cli.run(["probe"]) == status


def test_a_defect_shows_its_traceback(command: types.ModuleType) -> None:
    def probe(_arguments: list[str], _console: Console) -> int:
        raise ZeroDivisionError

    _offer(command, probe)
    with pytest.raises(ZeroDivisionError):
        cli.run(["probe"])


def test_missing_package_is_named(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def probe(_arguments: list[str], _console: Console) -> int:
        importlib.import_module("no_such_package.inside")
        return 0

    _offer(command, probe)
    assert cli.run(["probe", "--lang", "en"]) == 1
    error = capsys.readouterr().err
    assert "no_such_package" in error and "tools/run.py install" in error


@pytest.mark.parametrize(("name", "target"), cli.COMMANDS.items())
def test_every_command_is_there(name: str, target: str) -> None:
    module_name, function_name = target.split(":")
    module = importlib.import_module(module_name)
    assert callable(getattr(module, function_name)), name


HELPS = [
    *([name] for name in cli.COMMANDS),
    *(["room", verb] for verb in ("list", "export", "delete")),
    *(["twin", verb] for verb in ("import", "bake", "info", "validate", "view")),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", HELPS, ids=" ".join)
def test_help_speaks_every_language(
    words: list[str], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*words, "--help", "--lang", language]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert f"kenish {' '.join(words)}" in captured.out
    assert "cli-help-" not in captured.out and "%%" not in captured.out
    foreign = [letter for letter in captured.out if letter.isalpha() and ord(letter) > 0x370]
    assert bool(foreign) == (language != "en")


def test_every_message_of_help_is_shown_and_none_is_idle(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: set[str] = set()
    text = Console.text

    def spy(console: Console, message_id: str, **arguments: Any) -> str:
        asked.add(message_id)
        return text(console, message_id, **arguments)

    monkeypatch.setattr(Console, "text", spy)
    for words in HELPS:
        assert cli.run([*words, "--help", "--lang", "en"]) == 0
    assert capsys.readouterr().err == ""
    lines = (ROOT / "assets" / "locale" / "en" / "help.ftl").read_text("utf-8").splitlines()
    known = {line.split(" =")[0] for line in lines if line.startswith("cli-help-")}
    # Shown where a command line makes no sense, below.
    assert {one for one in asked if one.startswith("cli-help-")} == known - {"cli-help-refused"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["demo", "--size", "wide"], "1280x720"),
        (["join"], "ADDRESS"),
        (["doctor", "all"], "all"),
        (["serve", "mine", "--port", "70000"], "--port"),
        (["token", "mine", "--role", "king"], "king"),
        (["room", "paint"], "paint"),
        (["room", "export"], "ROOM"),
        (["twin", "import", "a.obj"], "--out"),
        (["twin", "bake", "--synthetic", "--out", "x", "--triangles", "101"], "--triangles"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_line_without_sense_is_refused_in_one_line(
    words: list[str], told: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*words, "--lang", language]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1 and told in captured.err
    assert captured.err.startswith(f"kenish {words[0]}") and "--help" in captured.err
    assert cli.run([*words, "--lang", language, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["id"] == "cli-help-refused"


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from vr_app import cli; cli.run(['--help']); "
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(done.stderr.split())
    assert "vr_app.cli" in loaded
    heavy = {"panda3d", "direct", "pydantic", "numpy", "PIL", "websockets", "scenes", "sync_server"}
    assert not loaded & heavy


def test_prints_every_language_into_a_pipe_of_any_encoding() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vr_app", "--lang", "ja"],
        capture_output=True,
        cwd=ROOT,
        check=True,
        env={"PYTHONIOENCODING": "cp1252", "PATH": ""},
    )
    assert "同梱の鉱山" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied", "/x/y.png"), "/x/y.png"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_trouble_with_the_machine_is_one_line(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str], error: OSError, told: str
) -> None:
    def probe(_arguments: list[str], _console: Console) -> int:
        raise error

    _offer(command, probe)
    assert cli.run(["probe", "--json", "--lang", "en"]) == 1
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and told in captured.err
    assert told in json.loads(captured.out)["error"]["english"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently there")
def test_the_overview_into_a_closed_pipe_is_no_error() -> None:
    script = "import os; r, w = os.pipe(); os.dup2(w, 1); os.close(w); os.close(r)\n"
    script += "import sys; sys.argv = ['kenish', '--help']\nfrom vr_app.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-5", "soon"])
def test_a_visit_lasts_a_number_of_seconds(
    seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["join", "ws://127.0.0.1:1/mine", "--seconds", seconds]) == 2
    assert "--seconds" in capsys.readouterr().err
