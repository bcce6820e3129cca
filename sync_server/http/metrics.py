"""Numbers about a running server in Prometheus' text format.

Formats only; who counts hands the numbers in. No member's name or id is ever among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, perhaps of one room or of one source of sensor values."""

    name: str
    kind: Literal["counter", "gauge"]
    value: float
    room: str | None = None
    source: str | None = None


def prometheus_text(samples: Iterable[Sample]) -> str:
    """The exposition of some samples; names get the prefix `kenish_`."""
    groups: dict[str, list[str]] = {}  # the format wants a number's lines in one place
    for one in samples:
        name = f"kenish_{one.name.replace('-', '_')}" + ("_total" if one.kind == "counter" else "")
        lines = groups.setdefault(name, [f"# TYPE {name} {one.kind}"])
        labels = [
            f'{key}="{value}"'
            for key, value in (("room", one.room), ("source", one.source))
            if value is not None
        ]
        shown = f"{{{','.join(labels)}}}" if labels else ""
        lines.append(f"{name}{shown} {one.value:g}")
    return "".join(f"{line}\n" for lines in groups.values() for line in lines)
