"""`kenish doctor --xr`: what the OpenXR runtime and its headset offer, line by line.

The runtime is asked in a child process and no session is made, so formats and refresh rates, which
only a session knows, are not told.
"""

from __future__ import annotations

from typing import Any, Protocol

from vr_app.display.headset.choices import BlendMode
from vr_app.doctor.child import Answer, ask
from vr_app.doctor.openxr import judge


class Speaker(Protocol):
    """What this needs of `vr_app.console.Console`."""

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the person's language."""
        ...

    def line(self, text: str) -> None:
        """A line for the person."""
        ...

    def result(self, value: dict[str, Any]) -> None:
        """The JSON object."""
        ...


def tell(console: Speaker, answer: Answer | None = None) -> int:
    """Print everything; 1 if no headset can be used."""
    answer = ask("headset") if answer is None else answer
    finding = judge(answer)
    filled: dict[str, Any] = dict(finding.arguments)
    if str(filled.get("reason", "")).startswith("doctor-reason-"):
        filled["reason"] = console.text(str(filled["reason"]))
    console.line(console.text(finding.message_id, **filled))
    if finding.remedy_id is not None:
        console.line(console.text(finding.remedy_id, **filled))
    values = answer.values or {}
    for message_id, list_text in _lists(values):
        console.line(console.text(message_id, list=list_text))
    if values.get("runtime"):
        console.line(console.text("doctor-xr-session-only"))
    console.result({"usable": finding.status == "ok", "message_id": finding.message_id} | values)
    return 0 if finding.status == "ok" else 1


def _lists(values: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    if values.get("version"):
        rows.append(("doctor-xr-version", str(values["version"])))
    if values.get("views"):
        sizes = [f"{width} x {height}" for width, height, *_ in values["views"]]
        rows.append(("doctor-xr-views", ", ".join(sizes)))
    if values.get("blend_modes"):
        known = {int(mode): mode.name for mode in BlendMode}
        modes = [known.get(mode, str(mode)) for mode in values["blend_modes"]]
        rows.append(("doctor-xr-blend", ", ".join(modes)))
    for key, message_id in (("enabled", "doctor-xr-enabled"), ("extensions", "doctor-xr-offered")):
        if values.get(key):
            rows.append((message_id, ", ".join(values[key])))
    profiles = values.get("profiles") or {}
    for message_id, wanted in (("doctor-xr-profiles", True), ("doctor-xr-profiles-refused", False)):
        names = [path for path, taken in profiles.items() if taken is wanted]
        if names:
            rows.append((message_id, ", ".join(names)))
    return rows
