"""Runs a probe in a child process, so that a driver that crashes or hangs takes nothing with it.

Never raises for what the probe does: a crash, a time-out and nonsense all become a reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

TIMEOUT_S: Final = 8.0
_REASON_LENGTH: Final = 160


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe said, or why it said nothing: a message id `doctor-reason-...` or raw words."""

    values: dict[str, Any] | None
    reason: str = ""


def ask(probe: str, *arguments: str, timeout_s: float = TIMEOUT_S) -> Answer:
    """Run `vr_app.doctor.probes.PROBE` and read the JSON object on its last line of output."""
    command = [sys.executable, "-m", f"vr_app.doctor.probes.{probe}", *arguments]
    return ask_command(command, timeout_s)


def ask_command(command: list[str], timeout_s: float = TIMEOUT_S) -> Answer:
    """The same for any command line."""
    environment: Mapping[str, str] = os.environ | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONIOENCODING": "utf-8",
    }
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "doctor-reason-timeout")
    except OSError as error:
        return Answer(None, str(error))
    out = done.stdout.decode(errors="replace")
    values = _last_object(out)
    if values is None:
        return Answer(None, _why(done.returncode, out, done.stderr.decode(errors="replace")))
    if "reason" in values:
        return Answer(None, str(values["reason"])[:_REASON_LENGTH])
    # A driver that crashes while the process ends has done its work all the same.
    return Answer(values)


def _last_object(text: str) -> dict[str, Any] | None:
    for line in reversed(text.splitlines()):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return None


def _why(status: int, out: str, err: str) -> str:
    lines = [line.strip() for line in (out + "\n" + err).splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if status < 0 or not last:
        return "doctor-reason-crashed"
    return last[:_REASON_LENGTH]
