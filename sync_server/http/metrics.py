"""Numbers about a running server in Prometheus' text format.

Formats only; who counts hands the numbers in. No member's name or id is ever among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sync_server.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, perhaps of one room, of one source of sensor values or of one reason."""

    name: str
    kind: Literal["counter", "gauge"]
    value: float
    room: str | None = None
    source: str | None = None
    reason: str | None = None
    state: str | None = None

    def family(self) -> str:
        """Its name in the exposition."""
        return f"kenish_{self.name.replace('-', '_')}" + ("_total" * (self.kind == "counter"))

    def lines(self) -> Iterator[str]:
        """Its one line."""
        labels = _labels(room=self.room, source=self.source, reason=self.reason, state=self.state)
        yield f"{self.family()}{labels} {_number(self.value)}"


@dataclass(frozen=True, slots=True)
class Durations:
    """A histogram of seconds, perhaps of one room."""

    name: str
    histogram: Histogram
    room: str | None = None

    kind: Literal["histogram"] = "histogram"

    def family(self) -> str:
        """Its name in the exposition."""
        return f"kenish_{self.name}"

    def lines(self) -> Iterator[str]:
        """Its buckets, sum and count."""
        for bound, count in self.histogram.cumulative():
            le = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield f"{self.family()}_bucket{_labels(room=self.room, le=le)} {count}"
        yield f"{self.family()}_sum{_labels(room=self.room)} {_number(self.histogram.sum)}"
        yield f"{self.family()}_count{_labels(room=self.room)} {self.histogram.count}"


def _number(value: float) -> str:
    # Not "%g": a counter of millions must not lose its last digits.
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _labels(**pairs: str | None) -> str:
    shown = [f'{key}="{_escaped(value)}"' for key, value in pairs.items() if value is not None]
    return f"{{{','.join(shown)}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def prometheus_text(samples: Iterable[Sample | Durations]) -> str:
    """The exposition of some samples; names get the prefix `kenish_`."""
    groups: dict[str, list[str]] = {}  # the format wants a number's lines in one place
    for one in samples:
        name = one.family()
        groups.setdefault(name, [f"# TYPE {name} {one.kind}"]).extend(one.lines())
    return "".join(f"{line}\n" for lines in groups.values() for line in lines)
