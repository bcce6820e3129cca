"""Lists the connected screens, which a theatre's walls are laid out on.

Never judges them: a room file says which are needed.
"""

from __future__ import annotations

import os
import sys

from vr_app.display.screen import window_possible
from vr_app.doctor.child import Answer, ask
from vr_app.doctor.finding import Finding


def judge(answer: Answer) -> Finding:
    """One finding that names every screen, with size and refresh rate."""
    screens = (answer.values or {}).get("screens", [])
    if not screens:
        return Finding("screens", "warn", "doctor-screens-none", {}, "doctor-fix-window-none")
    texts = []
    for screen in screens:
        rate = f" {screen['hertz']} Hz" if screen.get("hertz") else ""
        texts.append(f"{screen['name']} {screen['width']}x{screen['height']}{rate}")
    return Finding("screens", "ok", "doctor-screens-ok", {"screens": ", ".join(texts)})


def check() -> list[Finding]:
    """Ask the window system."""
    if not window_possible(sys.platform, os.environ):
        return []  # said once, by the window check
    return [judge(ask("screens"))]
