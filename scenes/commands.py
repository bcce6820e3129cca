"""`kenish twin`: import, bake, info and validate.

Reads the words of the command line and calls the rest of the package; decides nothing about mines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from scenes.console import Console
from scenes.errors import Refused
from scenes.importers.contract import DRIFT_HEIGHT_M, DRIFT_WIDTH_M, UNITS, ImportOptions
from scenes.schema import Access
from scenes.twin import open_twin


def _metres(word: str) -> float:
    value = float(word)
    if not 0.3 <= value <= 100:
        raise argparse.ArgumentTypeError("0.3 to 100 metres")
    return value


def _cutoff(word: str) -> tuple[str, float]:
    name, _, value = word.rpartition("=")
    if not name:
        raise argparse.ArgumentTypeError("NAME=VALUE")
    return name, float(value)


def _million(word: str) -> float:
    value = float(word)
    if not 0.5 <= value <= 100:
        raise argparse.ArgumentTypeError("0.5 to 100 million triangles")
    return value


_EXAMPLES = """\
kenish twin import decline.obj blocks.omf survey.3d --out mymine
kenish twin import plan.dae --out mymine --up z --units ft --replace
kenish twin bake mymine
kenish twin bake mymine --dask 10.0.0.5:8786
kenish twin bake --synthetic --triangles 2 --out fictional
kenish twin info mymine
kenish twin add-layer mymine city/tileset.json --kind terrain
kenish twin validate mymine"""
_KINDS = (
    "terrain", "drift", "stope", "ore", "geology", "equipment",
    "water", "plan", "structure", "survey", "other",
)  # fmt: skip
_PLACED = {
    "crs": "add-layer-placed-crs",
    "east-north-up": "add-layer-placed-east-north-up",
    "survey": "add-layer-placed-survey",
    "scene": "add-layer-placed-scene",
    "given": "add-layer-placed-given",
}
_FOLDER = "cli-help-twin-folder"


def _parser(console: Console) -> Any:
    parser = console.parser("kenish twin", "twin", _EXAMPLES)
    title = console.text("cli-help-commands")
    commands = parser.add_subparsers(title=title, dest="command", required=True, metavar="COMMAND")

    def command(name: str, example: str) -> Any:
        key = f"twin-{name}"
        text = console.text(f"cli-help-{key}").replace("%", "%%")
        return commands.add_parser(name, help=text, console=console, key=key, example=example)

    one = command("import", "kenish twin import decline.obj survey.3d --out mymine")
    one.option("files", nargs="+", type=Path, metavar="FILE")
    one.option("--out", message=_FOLDER, required=True, type=Path, metavar="TWIN")
    one.option("--units", choices=sorted(UNITS))
    one.option("--up", choices=["y", "z"])
    one.option("--crs", metavar="EPSG:n")
    one.option("--name", metavar="LAYER")
    one.option("--kind", choices=_KINDS)
    one.option("--replace", action="store_true")
    for option, metres in (("--drift-width", DRIFT_WIDTH_M), ("--drift-height", DRIFT_HEIGHT_M)):
        shown = {"default": f"{metres:g}"}
        one.option(option, filled=shown, type=_metres, default=metres, metavar="M")
    one.option("--block-order", choices=["u", "w"])
    one.option("--cutoff", type=_cutoff, metavar="NAME=VALUE")

    one.option("--access", choices=get_args(Access), default="project")

    two = command("bake", "kenish twin bake --synthetic --triangles 2 --out fictional")
    two.option("twin", nargs="?", type=Path, metavar="TWIN")
    two.option("--again", action="store_true")
    two.option("--dask", metavar="ADDRESS")
    two.option("--reconstruct", metavar="LAYER")
    two.option("--synthetic", nargs="?", const="", metavar="PARAMS.yaml")
    two.option("--triangles", type=_million, metavar="MILLION")
    two.option("--out", message=_FOLDER, type=Path, metavar="TWIN")
    two.option("--replace", action="store_true")

    three = command("add-layer", "kenish twin add-layer mymine city/tileset.json --kind terrain")
    three.option("twin", message=_FOLDER, type=Path, metavar="TWIN")
    three.option("tileset", type=Path, metavar="TILESET")
    three.option("--id", metavar="LAYER")
    three.option("--kind", choices=_KINDS, default="other")
    three.option("--access", choices=get_args(Access), default="project")
    three.option("--at", nargs=3, type=float, metavar=("EAST", "NORTH", "UP"))
    three.option("--replace", action="store_true")

    for name in ("info", "validate"):
        other = command(name, f"kenish twin {name} mymine")
        other.option("twin", message=_FOLDER, type=Path, metavar="TWIN")
    # Carried out elsewhere (`vr_app.cli`); they stand here for `kenish twin --help`.
    command("view", "kenish twin view mymine")
    command("fetch", "kenish twin fetch ws://192.168.1.20:7600/mine")
    return parser


def twin(arguments: list[str], console: Console) -> int:
    """Run one `kenish twin` command and return its exit status."""
    options = _parser(console).parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace, Console], int]] = {
        "import": _import,
        "bake": _bake,
        "add-layer": _add_layer,
        "info": _info,
        "validate": _validate,
    }
    return commands[options.command](options, console)


def _import(options: argparse.Namespace, console: Console) -> int:
    from scenes.importers.into_twin import TwinImport
    from scenes.importers.report import file_report, print_outcome

    files: list[Path] = options.files
    if options.name is not None and len(files) > 1:
        raise Refused("import-one-name", count=len(files))
    settings = ImportOptions(
        units=options.units,
        up=options.up,
        crs=options.crs,
        kind=options.kind,
        drift_width=options.drift_width,
        drift_height=options.drift_height,
        block_order=options.block_order,
        cutoff=options.cutoff,
        access=options.access,
    )
    reports = []
    with TwinImport(options.out, settings, options.name, options.replace) as job:
        for path in files:
            outcome = job.add(
                path,
                lambda name, done, total: console.progress("scenes-baking", done, total, name=name),
            )
            print_outcome(outcome, console)
            reports.append(file_report(outcome, console))
        made = job.finish()
    refused = sum(report["status"] == "refused" for report in reports)
    console.result({"files": reports, "twin": str(options.out) if made else None})
    if made:
        console.say("scenes-import-done", folder=str(options.out), count=len(reports) - refused)
    if refused:
        console.warn("scenes-import-refused", count=refused, total=len(reports))
    return 2 if refused else 0


def _add_layer(options: argparse.Namespace, console: Console) -> int:
    from scenes.importers.layers import layer_id
    from scenes.importers.tileset_layer import LayerOptions, add_tileset

    if options.id is not None and layer_id(options.id) != options.id:
        raise Refused("add-layer-id", id=options.id)
    if options.at is not None and not all(abs(value) < 1e9 for value in options.at):
        raise Refused("import-too-far", limit="1e9")
    settings = LayerOptions(
        id=options.id or "",
        kind=options.kind,
        access=options.access,
        at=None if options.at is None else tuple(options.at),
        replace=options.replace,
    )
    added = add_tileset(
        options.twin,
        options.tileset,
        settings,
        lambda done, total: console.progress(
            "add-layer-copying", done, total, name=options.tileset.name
        ),
    )
    for problem in added.problems:
        console.warn(problem.message_id, **problem.arguments)
    console.say(_PLACED[added.how])
    counts = {"files": added.files, "megabytes": round(added.bytes / 1e6, 1)}
    console.say("add-layer-done", layer=added.layer.id, folder=str(options.twin), **counts)
    console.result(
        {
            "twin": str(options.twin),
            "layer": added.layer.id,
            "placed": added.how,
            "tiles": added.tiles,
            "problems": [
                console.english(one.message_id, **one.arguments) for one in added.problems
            ],
            **counts,
        }
    )
    return 0


def _bake(options: argparse.Namespace, console: Console) -> int:
    if (options.twin is None) == (options.synthetic is None):
        raise Refused("scenes-bake-what")
    if options.synthetic is not None and options.out is None:
        raise Refused("scenes-bake-out")
    if options.dask is not None and options.twin is None:
        raise Refused("scenes-bake-dask-twin")
    return _bake_synthetic(options, console) if options.twin is None else _rebake(options, console)


def _rebake(options: argparse.Namespace, console: Console) -> int:
    from scenes.bake.reconstruct import reconstruct
    from scenes.bake.whole_twin import bake_twin

    if options.reconstruct is not None:
        reconstruct(
            open_twin(options.twin),
            options.reconstruct,
            lambda name, done, total: console.progress("scenes-baking", done, total, name=name),
        )

    def progress(name: str, done: int, total: int) -> None:
        console.progress("scenes-baking", done, total, name=name)

    found = open_twin(options.twin)
    try:
        if options.dask is None:
            summary = bake_twin(found, options.again, progress)
        else:
            from scenes.bake.cluster import cluster

            with cluster(options.dask, found.folder) as runner:
                summary = bake_twin(found, options.again, progress, runner)
    except KeyboardInterrupt:
        console.warn("scenes-bake-stopped", folder=str(options.twin))
        raise
    console.say("scenes-bake-done", folder=str(options.twin), **summary)
    console.result({"twin": str(options.twin), **summary})
    return 0


def _bake_synthetic(options: argparse.Namespace, console: Console) -> int:
    from scenes.bake.synthetic_twin import bake_from_parameters

    parameters = Path(options.synthetic) if options.synthetic else None
    summary = bake_from_parameters(
        options.out,
        parameters,
        options.triangles,
        options.replace,
        lambda done, total: console.progress("scenes-baking", done, total, name=str(options.out)),
    )
    console.say("scenes-bake-done", folder=str(options.out), **summary)
    console.result({"twin": str(options.out), **summary})
    return 0


def _info(options: argparse.Namespace, console: Console) -> int:
    from scenes.inspection import describe

    content = describe(open_twin(options.twin))
    console.say("scenes-info", name=content["name"], crs=content["crs"],
                origin=" ".join(str(value) for value in content["origin"]))  # fmt: skip
    for layer in content["layers"]:
        named = ("id", "kind", "content", "tiles", "triangles", "points", "megabytes")
        console.say("scenes-info-layer", **{name: layer[name] for name in named})
        levels = " ".join(map(str, layer["levels"]))
        console.say("scenes-info-levels", levels=levels, kilobytes=layer["largest_tile_kb"])
        if layer["bounds"]:
            low, high = layer["bounds"]
            ranges = [f"{a:,.1f} .. {b:,.1f}" for a, b in zip(low, high, strict=True)]
            console.say("scenes-bounds", x=ranges[0], y=ranges[1], z=ranges[2])
        for name, value in layer["metadata"].items():
            console.line(f"  {name}: {value}")
    console.say(
        "scenes-info-rest", **{k: len(content[k]) for k in ("places", "viewpoints", "sensors")}
    )
    console.result(content)
    return 0


def _validate(options: argparse.Namespace, console: Console) -> int:
    from scenes.inspection import problems

    found = problems(open_twin(options.twin))
    for problem in found:
        console.warn(problem.message_id, **problem.arguments)
    console.result(
        {
            "twin": str(options.twin),
            "valid": not found,
            "problems": [
                {
                    "id": one.message_id,
                    "arguments": one.arguments,
                    "english": console.english(one.message_id, **one.arguments),
                }
                for one in found
            ],
        }
    )
    if found:
        console.warn("scenes-not-valid", folder=str(options.twin), count=len(found))
        return 2
    console.say("scenes-valid", folder=str(options.twin))
    return 0
