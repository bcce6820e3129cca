"""Checks for an audio device; without one Kenish is silent and otherwise complete.

The device is opened in a child process; nothing is heard.
"""

from __future__ import annotations

from vr_app.doctor.child import Answer, ask
from vr_app.doctor.finding import Finding


def judge(answer: Answer) -> Finding:
    """What the probe means."""
    if answer.values is None:
        arguments: dict[str, str | int | float] = {"reason": answer.reason}
        return Finding("audio", "warn", "doctor-audio-none", arguments, "doctor-fix-audio")
    return Finding("audio", "ok", "doctor-audio-ok")


def check() -> list[Finding]:
    """Open the default device."""
    return [judge(ask("audio"))]
