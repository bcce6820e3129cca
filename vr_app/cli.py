"""The `kenish` command: maps a command's name to a function, imports it only then, runs it.

Every command is a function `(arguments, console) -> exit status`. An exception that carries
`message_id` and `arguments` becomes one line; anything else is a defect and shows its traceback.
"""

from __future__ import annotations

import importlib
import io
import locale
import os
import sys
from collections.abc import Sequence
from typing import Final

from assets.text import LANGUAGES
from vr_app.console import Console

# name -> (module:function, message id of its one-line description)
COMMANDS: Final[dict[str, str]] = {
    "demo": "vr_app.demo.commands:demo",
    "join": "vr_app.commands:join",
    "doctor": "vr_app.doctor.commands:doctor",
    "serve": "sync_server.commands:serve",
    "token": "sync_server.token_commands:token",
    "room": "sync_server.room_commands:room",
    "people": "sync_server.people_commands:people",
    "replay": "sync_server.replay_commands:replay",
    "bots": "vr_app.bots.commands:bots",
    "sensors": "sync_server.sensors.commands:sensors",
    "twin": "scenes.commands:twin",
    "drill": "curricula.commands:drill",
    "bench": "vr_app.commands:bench",
}
# Commands of two words whose second is not the first one's package's own.
PARTS: Final[dict[str, str]] = {
    "twin fetch": "vr_app.fetch_command:fetch",
    "twin view": "vr_app.twin_view_command:view",
}
HELP: Final = ("-h", "--help", "help")
USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130


def _language_is_chosen(arguments: list[str]) -> bool:
    """Whether the language was asked for, rather than taken from the system."""
    given = any(word == "--lang" or word.startswith("--lang=") for word in arguments)
    return given or bool(os.environ.get("KENISH_LANG"))


def _system_language() -> str:
    tag = os.environ.get("KENISH_LANG") or (locale.getlocale()[0] or "en")
    short = tag.replace("-", "_").split("_")[0].lower()
    return short if short in LANGUAGES else "en"


def _take_global_options(arguments: list[str]) -> tuple[list[str], bool, str]:
    """Remove `--json` and `--lang TAG`, which every command understands, wherever they stand."""
    rest: list[str] = []
    json_output, language = False, _system_language()
    position = 0
    while position < len(arguments):
        word = arguments[position]
        if word == "--":
            rest += arguments[position:]
            break
        if word == "--json":
            json_output = True
        elif word == "--lang" and position + 1 < len(arguments):
            position += 1
            language = arguments[position]
        elif word.startswith("--lang="):
            language = word.removeprefix("--lang=")
        else:
            rest.append(word)
        position += 1
    return rest, json_output, language


def _overview(console: Console) -> None:
    console.say("cli-usage")
    for name in COMMANDS:
        console.line(f"  {name:9} {console.text('cli-about-' + name)}")
    console.say("cli-more")


def _tell_trouble(error: OSError, console: Console) -> None:
    if error.filename is None:
        console.failure("cli-system-trouble", {"reason": error.strerror})
    else:
        console.failure("cli-file-trouble", {"path": error.filename, "reason": error.strerror})


def run(arguments: Sequence[str]) -> int:
    """Run one command line (without the program's name) and return its exit status."""
    rest, json_output, language = _take_global_options(list(arguments))
    console = Console(language, json_output, chosen=_language_is_chosen(list(arguments)))
    if language not in LANGUAGES:
        console.failure(
            "cli-unknown-language", {"language": language, "known": " ".join(LANGUAGES)}
        )
        return USAGE_ERROR
    name, *its_arguments = rest or ["help"]
    if name not in COMMANDS and name not in HELP:
        console.failure("cli-unknown-command", {"name": name, "known": " ".join(COMMANDS)})
        return USAGE_ERROR
    try:
        if name in HELP:
            _overview(console)
            return 0
        part = PARTS.get(" ".join([name, *its_arguments[:1]]))
        if part is not None:
            its_arguments = its_arguments[1:]
        module_name, function_name = (part or COMMANDS[name]).split(":")
        function = getattr(importlib.import_module(module_name), function_name)
        return int(function(its_arguments, console))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `kenish ... | head` has read enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        return 0
    except SystemExit as stop:  # argparse has already spoken
        return stop.code if isinstance(stop.code, int) else 1
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.split(".")[0] in {"vr_app", "sync_server"}:
            raise
        console.failure("cli-missing-package", {"package": missing.name, "command": name})
        return 1
    except Exception as error:
        message_id = getattr(error, "message_id", None)
        if message_id is None and isinstance(error, OSError) and error.strerror:
            # A full disk or a folder that is not ours is the machine's state, no defect of ours.
            _tell_trouble(error, console)
            return 1
        if message_id is None:
            raise
        console.failure(message_id, dict(getattr(error, "arguments", {})))
        return int(getattr(error, "exit_code", 1))


def _speak_utf8() -> None:
    """Pipes and files get UTF-8 whatever the locale says; a terminal keeps its own encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if not stream.isatty():
                stream.reconfigure(encoding="utf-8")
            # a terminal that lacks a letter shows a question mark, and the command goes on
            stream.reconfigure(errors="replace")


def main() -> None:
    """Entry point of the `kenish` script."""
    _speak_utf8()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
