"""Checks for an OpenXR runtime and a headset; both are wanted only for `--display headset`.

The loader runs in a child process, because runtimes crash their callers.
"""

from __future__ import annotations

from vr_app.doctor.child import Answer, ask
from vr_app.doctor.finding import Finding


def judge(answer: Answer) -> Finding:
    """What the loader's answer means."""
    if answer.values is None:
        arguments: dict[str, str | int | float] = {"reason": answer.reason}
        return Finding("openxr", "warn", "doctor-openxr-broken", arguments, "doctor-fix-openxr")
    runtime, system = answer.values.get("runtime"), answer.values.get("system")
    if runtime is None:
        return Finding("openxr", "warn", "doctor-openxr-none", {}, "doctor-fix-openxr")
    arguments = {"runtime": str(runtime), "system": str(system)}
    if not answer.values.get("opengl", True):
        return Finding(
            "openxr", "warn", "doctor-openxr-no-opengl", arguments, "doctor-fix-openxr-opengl"
        )
    if system is None:
        return Finding(
            "openxr", "warn", "doctor-openxr-no-headset", arguments, "doctor-fix-openxr-headset"
        )
    return Finding("openxr", "ok", "doctor-openxr-ok", arguments)


def check() -> list[Finding]:
    """Ask the loader."""
    return [judge(ask("openxr"))]
