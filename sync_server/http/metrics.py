"""Numbers about a running server in Prometheus' text format.

Formats only; who counts hands the numbers in. No member's name or id is ever among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, perhaps of one room."""

    name: str
    kind: Literal["counter", "gauge"]
    value: float
    room: str | None = None


def prometheus_text(samples: Iterable[Sample]) -> str:
    """The exposition of some samples; names get the prefix `kenish_`."""
    lines: list[str] = []
    typed: set[str] = set()
    for one in samples:
        name = f"kenish_{one.name.replace('-', '_')}" + ("_total" if one.kind == "counter" else "")
        if name not in typed:
            typed.add(name)
            lines.append(f"# TYPE {name} {one.kind}")
        label = f'{{room="{one.room}"}}' if one.room is not None else ""
        lines.append(f"{name}{label} {one.value:g}")
    return "\n".join(lines) + "\n"
