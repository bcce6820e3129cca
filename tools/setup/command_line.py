"""The commands of `tools/run.py`: what each needs installed, and what it then starts.

Never does the work itself: `environment`, `system_packages` and `bundle` do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.setup import accelerator, layout, system_packages
from tools.setup.environment import Environment
from tools.setup.speech import SetupError, say

USAGE: Final = """\
python3 tools/run.py COMMAND [ARGUMENTS]

  demo [ARGUMENTS]     walk through the bundled mine (arguments as `kenish demo --help`)
  doctor [ARGUMENTS]   what works on this machine, and how to mend what does not
  kenish ARGUMENTS     any other command of Kenish: run.py kenish serve TWIN --open engineer
  test [ARGUMENTS]     the tests (arguments as for pytest: run.py test -k importers)
  install [--test]     only install: .venv, pinned packages, the system's OpenGL libraries, and
                       the fast simplifier of meshes, which is compiled here
  bundle --out DIR [--platform NAME] [--python 3.X]
                       a folder that installs and runs without internet

Each installs what it lacks first, which takes minutes once and nothing later.
"""
EXTRAS: Final = ("all",)
TEST_EXTRAS: Final = ("all", "test")
INTERRUPTED: Final = 130


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0
    name, *rest = arguments
    try:
        if name in ("demo", "doctor"):
            return _kenish([name, *rest])
        if name == "kenish":
            return _kenish(rest)
        if name == "test":
            return _test(rest)
        if name == "install":
            return _install(rest)
        if name == "bundle":
            from tools.setup import bundle

            return bundle.command(rest)
    except SetupError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    say(f'There is no command "{name}".\n\n{USAGE}')
    return 2


def _kenish(arguments: Sequence[str]) -> int:
    environment = Environment()
    environment.install(EXTRAS)
    system_packages.offer(system_packages.GRAPHICS)
    return _become(layout.kenish_command(str(environment.python), arguments))


def _test(arguments: Sequence[str]) -> int:
    environment = Environment()
    environment.install(TEST_EXTRAS)
    system_packages.offer([*system_packages.GRAPHICS, *system_packages.TESTS])
    command = layout.pytest_command(str(environment.python), arguments, os.cpu_count() or 1)
    os.chdir(environment.root)
    return _become(command)


def _install(arguments: Sequence[str]) -> int:
    unknown = [word for word in arguments if word != "--test"]
    if unknown:
        say(f"install does not know {unknown[0]}; example: python3 tools/run.py install --test")
        return 2
    testing = "--test" in arguments
    environment = Environment()
    environment.install(TEST_EXTRAS if testing else EXTRAS)
    needs = [*system_packages.GRAPHICS, *(system_packages.TESTS if testing else ())]
    system_packages.offer(needs)
    accelerator.install(environment)
    return 0


def _become(command: Sequence[str]) -> int:
    """Turn into `command`, so that signals reach it; where that cannot be, run and wait for it."""
    sys.stdout.flush()
    program = str(Path(command[0]))
    if os.name == "posix":
        os.execv(program, list(command))
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # the child has had the same Ctrl-C and ends in its own way
            continue
