"""Checks that pictures can be drawn: off screen, and in a window where there is a screen.

The drawing happens in child processes; never here.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from vr_app.display.screen import window_possible
from vr_app.doctor.child import Answer, ask
from vr_app.doctor.finding import Finding

NEEDED_GL: Final = (3, 3)
_SOFTWARE: Final = ("llvmpipe", "softpipe", "swrast", "swiftshader", "gdi generic", "basic render")


def is_software(renderer: str) -> bool:
    """Whether `renderer` draws without a graphics card."""
    return any(word in renderer.lower() for word in _SOFTWARE)


def judge_offscreen(answer: Answer) -> Finding:
    """What the off-screen probe means for the demo."""
    if answer.values is None:
        arguments: dict[str, str | int | float] = {"reason": answer.reason}
        return Finding("graphics", "fail", "doctor-gl-none", arguments, "doctor-fix-gl")
    renderer = str(answer.values.get("renderer", ""))
    version = str(answer.values.get("version", ""))
    arguments = {"renderer": renderer, "version": version}
    found = (int(answer.values.get("major", 0)), int(answer.values.get("minor", 0)))
    if found < NEEDED_GL:
        return Finding("graphics", "fail", "doctor-gl-old", arguments, "doctor-fix-gl-old")
    if is_software(renderer):
        return Finding(
            "graphics", "warn", "doctor-gl-software", arguments, "doctor-fix-gl-software"
        )
    return Finding("graphics", "ok", "doctor-gl-ok", arguments)


def judge_window(answer: Answer) -> Finding:
    """What the window probe means; without a window the demo still draws into files."""
    if answer.values is None:
        arguments: dict[str, str | int | float] = {"reason": answer.reason}
        return Finding("window", "warn", "doctor-window-refused", arguments, "doctor-fix-window")
    return Finding(
        "window", "ok", "doctor-window-ok", {"renderer": str(answer.values.get("renderer", ""))}
    )


def check_offscreen() -> list[Finding]:
    """Draw off screen and look."""
    return [judge_offscreen(ask("graphics", "offscreen"))]


def check_window() -> list[Finding]:
    """Open a window and look, or say that there is no screen."""
    if not window_possible(sys.platform, os.environ):
        return [Finding("window", "warn", "doctor-window-none", {}, "doctor-fix-window-none")]
    return [judge_window(ask("graphics", "window"))]
