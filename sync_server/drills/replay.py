"""Recomputes a drill's score sheet from the records of its run.

Refuses a log with a part missing, and a drill file that has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curricula.cast import Cast
from curricula.errors import Refused
from curricula.loader import DrillFile
from curricula.runner import make_setup, read_event, replay
from curricula.scoring import score_sheet


def sheet_of_records(source: DrillFile, parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The score sheet of one run. `parts` are the payloads of its `drill_log` records, in any
    order. Raises `Refused`."""
    ordered = sorted(parts, key=lambda part: int(part["part"]))
    if not ordered or [part["part"] for part in ordered] != list(range(len(ordered))):
        raise Refused("drill-log-incomplete", drill=source.drill.name)
    header = ordered[0]["header"]
    if header["digest"] != source.digest:
        raise Refused("drill-log-other", drill=source.drill.name)
    tables = {
        group: {alias: tuple(ids) for alias, ids in table.items()}
        for group, table in header["cast"].items()
    }
    setup = make_setup(
        source.drill,
        Cast(**tables),
        profile=header["profile"],
        mode=header["mode"],
        seed=header["seed"],
    )
    events = [read_event(event) for part in ordered for event in part["events"]]
    return score_sheet(replay(setup, events))
