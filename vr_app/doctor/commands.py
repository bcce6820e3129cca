"""`kenish doctor`: runs all checks side by side and prints a line for each, with its remedy.

A check that itself breaks becomes a line too; never a traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from assets.text.command_parser import CommandParser
from vr_app.doctor import audio, broker, graphics, headset, openxr, ports, python, screens, storage
from vr_app.doctor.finding import Finding

Check = Callable[[], list[Finding]]
MARKS: Final = {"ok": "+", "warn": "!", "fail": "x"}


def _fonts() -> list[Finding]:
    # Imported late: the fonts' own libraries may be what is missing.
    from vr_app.doctor import fonts

    return fonts.check()


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("python", python.check),
    ("graphics", graphics.check_offscreen),
    ("window", graphics.check_window),
    ("screens", screens.check),
    ("openxr", openxr.check),
    ("audio", audio.check),
    ("ports", ports.check),
    ("fonts", _fonts),
    ("broker", broker.check),
    ("storage", storage.check),
)


class Speaker(Protocol):
    """What doctor needs of `vr_app.console.Console`."""

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the person's language."""
        ...

    def line(self, text: str) -> None:
        """A line for the person."""
        ...

    def result(self, value: dict[str, Any]) -> None:
        """The JSON object."""
        ...


def run_checks(checks: Sequence[tuple[str, Check]] = CHECKS) -> list[Finding]:
    """All findings, in the order of `checks`."""
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        return [found for group in pool.map(_guarded, checks) for found in group]


def _guarded(named: tuple[str, Check]) -> list[Finding]:
    name, check = named
    try:
        return check()
    except Exception as error:
        arguments: dict[str, str | int | float] = {
            "name": name,
            "reason": f"{type(error).__name__}: {error}",
        }
        return [Finding(name, "fail", "doctor-check-broken", arguments, "doctor-fix-packages")]


def doctor(arguments: list[str], console: Speaker) -> int:
    """Print what works here and how to mend what does not; 1 if the demo cannot run (with
    `--xr`: if no headset can be used)."""
    parser = CommandParser(
        prog="kenish doctor",
        console=console,
        key="doctor",
        example="kenish doctor --lang ja\nkenish doctor --xr",
    )
    parser.option("--xr", action="store_true")
    if parser.parse_args(arguments).xr:
        return headset.tell(console)
    findings = run_checks()
    for finding in findings:
        filled = _translated(finding, console)
        console.line(f"{MARKS[finding.status]} {console.text(finding.message_id, **filled)}")
        if finding.remedy_id is not None:
            console.line(f"    {console.text(finding.remedy_id, **filled)}")
    failing = [finding.id for finding in findings if finding.status == "fail"]
    warnings = sum(finding.status == "warn" for finding in findings)
    summary = "doctor-summary-fail" if failing else "doctor-summary-ok"
    console.line("")
    console.line(console.text(summary, failures=len(failing), warnings=warnings))
    console.result(as_json(findings))
    return 1 if failing else 0


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings for programs: ids and arguments, with the lines in English."""
    from assets.text import translator

    english = translator("en")
    return {
        "demo_runs": all(finding.status != "fail" for finding in findings),
        "findings": [
            {
                "id": finding.id,
                "status": finding.status,
                "message_id": finding.message_id,
                "arguments": finding.arguments,
                "remedy_id": finding.remedy_id,
                "english": english(finding.message_id, finding.arguments),
            }
            for finding in findings
        ],
    }


def _translated(finding: Finding, console: Speaker) -> dict[str, Any]:
    """The arguments, with a reason that is one of our messages put into the person's language."""
    filled: dict[str, Any] = dict(finding.arguments)
    reason = str(filled.get("reason", ""))
    if reason.startswith("doctor-reason-"):
        filled["reason"] = console.text(reason)
    return filled
