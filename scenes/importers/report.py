"""Says what became of each imported file: lines for a person, one object for --json.

Decides nothing and reads no file.
"""

from __future__ import annotations

from typing import Any

from scenes.console import Console
from scenes.importers.contract import Counts, FileReport, Note
from scenes.importers.into_twin import Outcome


def _note_json(note: Note, console: Console) -> dict[str, Any]:
    return {
        "id": note.message_id,
        "arguments": note.arguments,
        "option": note.option,
        "english": console.english(note.message_id, **note.arguments),
    }


def file_report(outcome: Outcome, console: Console) -> FileReport:
    """One entry of `--json`. `message` is the refusal, or the warnings, in English."""
    imported = outcome.imported if outcome.refused is None else None
    counts = imported.counts if imported else Counts()
    if outcome.refused is not None:
        refused = outcome.refused
        message = console.english(refused.message_id, **refused.arguments)
    else:
        said = [console.english(n.message_id, **n.arguments) for n in outcome.warnings]
        message = " ".join(said)
    return {
        "path": str(outcome.path),
        "format": outcome.format,
        "status": "imported" if imported else "refused",
        "triangles": counts.triangles,
        "points": counts.points,
        "lines": counts.lines,
        "nodes": counts.nodes,
        "blocks": counts.blocks,
        "bounds": imported.bounds if imported else None,
        "crs": imported.crs if imported else "unknown",
        "units": imported.units if imported else "unknown",
        "axes": imported.axes if imported else "unknown",
        "layers": outcome.layers,
        "guesses": [_note_json(note, console) for note in imported.guesses] if imported else [],
        "repairs": [_note_json(note, console) for note in imported.repairs] if imported else [],
        "message": message,
    }


def _counts(counts: Counts, console: Console) -> str:
    named = [
        ("scenes-count-triangles", counts.triangles),
        ("scenes-count-points", counts.points),
        ("scenes-count-lines", counts.lines),
        ("scenes-count-nodes", counts.nodes),
        ("scenes-count-blocks", counts.blocks),
    ]
    return ", ".join(console.text(name, count=count) for name, count in named if count)


def print_outcome(outcome: Outcome, console: Console) -> None:
    """The lines for one file."""
    if outcome.refused is not None:
        console.warn(outcome.refused.message_id, **outcome.refused.arguments)
        return
    imported = outcome.imported
    assert imported is not None
    console.say(
        "scenes-imported",
        file=outcome.path.name,
        format=imported.format,
        layers=", ".join(outcome.layers),
    )
    console.line(f"  {_counts(imported.counts, console)}")
    if imported.bounds is not None:
        low, high = imported.bounds
        ranges = [f"{a:,.2f} .. {b:,.2f}" for a, b in zip(low, high, strict=True)]
        console.say("scenes-bounds", x=ranges[0], y=ranges[1], z=ranges[2])
    console.say("scenes-frame", units=imported.units, axes=imported.axes, crs=imported.crs)
    for note in imported.guesses:
        text = console.text(note.message_id, **note.arguments)
        console.say("scenes-guess", text=text, option=note.option)
    for note in imported.repairs:
        console.say("scenes-repair", text=console.text(note.message_id, **note.arguments))
    for note in outcome.warnings:
        console.say("scenes-warning", text=console.text(note.message_id, **note.arguments))
