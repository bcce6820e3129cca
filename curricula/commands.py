"""`kenish drill`: begin, lint, draw and rehearse drills, list the bundled ones, print the schema.

Runs no server: `kenish serve --drill FILE` runs a drill in a room.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Protocol, get_args

from curricula.cast import SceneFacts, bind, read_scene_facts, self_cast
from curricula.errors import Refused
from curricula.graph import graph
from curricula.linter import Finding, lint
from curricula.loader import bundled_drills, load_drill
from curricula.rehearsal import TRAINEES, Rehearsal
from curricula.runner import log_lines, make_setup
from curricula.scaffold import make_drill
from curricula.schema import Drill, Mode, Profile
from curricula.scoring import canonical, score_sheet
from curricula.texts import DrillText, read_texts


class Console(Protocol):
    """What a command may say; `vr_app.console.Console` is one."""

    language: str

    def text(self, message_id: str, **arguments: Any) -> str: ...
    def say(self, message_id: str, **arguments: Any) -> None: ...
    def line(self, text: str) -> None: ...
    def warn(self, message_id: str, **arguments: Any) -> None: ...
    def result(self, value: dict[str, Any]) -> None: ...
    def failure(self, message_id: str, arguments: dict[str, Any]) -> None: ...


def _parser(console: Console) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kenish drill",
        description=console.text("drill-help"),
        epilog="kenish drill lint curricula/drills/fire_and_co/drill.yaml --scene twin/\n"
        "kenish drill rehearse fire_and_co --trainee late --seed 3",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="new|lint|graph|rehearse|list|schema"
    )
    begin = verbs.add_parser(
        "new", help=console.text("drill-help-new"), epilog="kenish drill new drills/water_inrush"
    )
    begin.add_argument("folder", metavar="FOLDER", help=console.text("drill-help-folder"))
    draw = verbs.add_parser(
        "graph",
        help=console.text("drill-help-graph"),
        epilog="kenish drill graph fire_and_co --out fire.svg",
    )
    draw.add_argument("file", metavar="FILE", help=console.text("drill-help-file"))
    draw.add_argument("--out", metavar="SVG", help=console.text("drill-help-out"))
    verbs.add_parser("schema", help=console.text("drill-help-schema"), epilog="kenish drill schema")
    check = verbs.add_parser(
        "lint", help=console.text("drill-help-lint"), epilog="kenish drill lint fire_and_co"
    )
    check.add_argument("files", nargs="+", metavar="FILE", help=console.text("drill-help-file"))
    check.add_argument("--scene", metavar="TWIN", help=console.text("drill-help-scene"))
    play = verbs.add_parser(
        "rehearse",
        help=console.text("drill-help-rehearse"),
        epilog="kenish drill rehearse fire_and_co --trainee perfect",
    )
    play.add_argument("file", metavar="FILE", help=console.text("drill-help-file"))
    play.add_argument("--trainee", choices=TRAINEES, default="perfect")
    play.add_argument("--seed", type=int, default=0, help=console.text("drill-help-seed"))
    play.add_argument("--people", type=int, default=1, help=console.text("drill-help-people"))
    play.add_argument("--mode", choices=get_args(Mode), default="drill")
    play.add_argument("--profile", choices=get_args(Profile))
    play.add_argument("--scene", metavar="TWIN", help=console.text("drill-help-scene"))
    play.add_argument("--log", metavar="OUT", help=console.text("drill-help-log"))
    verbs.add_parser("list", help=console.text("drill-help-list"), epilog="kenish drill list")
    return parser


def drill(arguments: list[str], console: Console) -> int:
    """The command. Exit status 0; 1: the linter found errors; 2: a file was refused."""
    options = _parser(console).parse_args(arguments)
    if options.verb == "list":
        for name in bundled_drills():
            console.line(name)
        console.result({"drills": bundled_drills()})
        return 0
    if options.verb == "schema":
        schema = drill_schema()
        console.line(json.dumps(schema, indent=2, ensure_ascii=False))
        console.result(schema)
        return 0
    if options.verb == "new":
        path = make_drill(Path(options.folder))
        console.say("drill-new-done", file=str(path))
        console.result({"drill": str(path)})
        return 0
    if options.verb == "graph":
        return _graph(options, console)
    facts = read_scene_facts(Path(options.scene)) if options.scene else None
    if options.verb == "lint":
        return _lint(options.files, facts, console)
    return _rehearse(options, facts, console)


def drill_schema() -> dict[str, Any]:
    """The JSON Schema of a drill.yaml, for editors."""
    found = Drill.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _graph(options: argparse.Namespace, console: Console) -> int:
    source = load_drill(options.file)
    text = DrillText(read_texts(source.folder), console.language)
    picture = graph(source.drill, text)
    out = Path(options.out or f"{source.drill.name}.svg")
    try:
        out.write_text(picture, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused("drill-file-unreadable", file=str(out), reason=reason) from error
    console.say("drill-graph-done", file=str(out))
    console.result({"drill": source.drill.name, "picture": str(out)})
    return 0


def _lint(files: list[str], facts: SceneFacts | None, console: Console) -> int:
    rows: list[dict[str, Any]] = []
    status = 0
    for given in files:
        try:
            found = lint(load_drill(given), facts)
        except Refused as error:
            console.warn(error.message_id, **error.arguments)
            rows.append({"file": given, "refused": error.message_id, "findings": []})
            status = 2
            continue
        for finding in found:
            _show(finding, console)
        errors = sum(1 for one in found if one.severity == "error")
        console.say("drill-lint-total", file=given, errors=errors, warnings=len(found) - errors)
        findings = [
            {**one.as_json(), "message": console.text(one.message_id, **one.arguments)}
            for one in found
        ]
        rows.append({"file": given, "refused": None, "findings": findings})
        if errors and status == 0:
            status = 1
    console.result({"files": rows})
    return status


def _show(finding: Finding, console: Console) -> None:
    severity = console.text(f"drill-{finding.severity}")
    message = console.text(finding.message_id, **finding.arguments)
    key = f" {finding.key}:" if finding.key else ""
    console.line(f"{finding.file}:{finding.line}: {severity}:{key} {message}")


def _rehearse(options: argparse.Namespace, facts: SceneFacts | None, console: Console) -> int:
    if not 1 <= options.people <= 30:
        raise Refused("drill-people", limit=30)
    source = load_drill(options.file)
    cast = bind(source.drill, facts) if facts is not None else self_cast(source.drill)
    setup = make_setup(
        source.drill, cast, profile=options.profile, mode=options.mode, seed=options.seed
    )
    rehearsal = Rehearsal(setup, options.trainee, people=options.people, facts=facts)
    sheet = score_sheet(rehearsal.run())
    if options.log:
        try:
            Path(options.log).write_text(log_lines(rehearsal.log), encoding="utf-8")
        except OSError as error:
            raise Refused("drill-file-unreadable", file=options.log, reason=str(error)) from error
    print_sheet(sheet, DrillText(read_texts(source.folder), console.language), console)
    # Through the canonical form, so that what is printed is what would be stored.
    console.result({"trainee": options.trainee, "sheet": sheet, "canonical": canonical(sheet)})
    return 0


def print_sheet(sheet: dict[str, Any], text: DrillText, console: Console) -> None:
    """Print a score sheet for people: for every point lost what, when, value, limit, source."""
    console.say(
        "drill-sheet-head",
        drill=text(sheet["title"]),
        mode=console.text(f"drill-mode-{sheet['mode']}"),
        profile=sheet["profile"],
        seconds=sheet["seconds"],
        verdict=console.text(f"drill-verdict-{sheet['verdict']}"),
    )
    for person in sheet["people"]:
        console.say(
            "drill-sheet-person",
            member=person["member"],
            score=person["score"],
            available=person["available"],
            verdict=console.text(f"drill-verdict-{person['verdict']}"),
        )
        for lost in person["lost"]:
            console.line("  " + _lost(lost, text, console))
    for one in sheet["warnings"]:
        arguments = {key: value for key, value in one.items() if key != "id"}
        console.line("  ! " + console.text(one["id"], **arguments))


def _lost(lost: dict[str, Any], text: DrillText, console: Console) -> str:
    limit = lost["limit"]
    parts = [
        console.text(
            "drill-sheet-lost-critical" if lost["critical"] else "drill-sheet-lost",
            what=text(lost["message"]),
            at=lost["at"],
            points=lost["points"],
            kind=console.text(f"drill-lost-{lost['kind']}"),
        )
    ]
    if lost["value"] is not None:
        unit = _unit(lost["unit"], console)
        parts.append(console.text("drill-sheet-value", value=lost["value"], unit=unit))
    if limit is not None:
        parts.append(
            console.text(
                "drill-sheet-limit",
                value=limit["value"],
                unit=_unit(limit["unit"], console),
                source=limit["source"] or "-",
            )
        )
    return "; ".join(parts)


def _unit(code: str, console: Console) -> str:
    """A UCUM code as people write it: "[ppm]" is ppm, "s" has a letter of its own in Russian."""
    return console.text("drill-unit-s") if code == "s" else code.strip("[]")
