"""`kenish sensors`: lists a twin's datastreams, and replays recorded series to a broker.

Only reads options and prints; the work is in `series`, `replay` and the scene.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from scenes.schema import AlarmBand, Datastream, Scene
from scenes.twin import SCENE_FILE, open_twin
from sync_server.sensors.errors import SensorRefused
from sync_server.sensors.mqtt_address import ANY_TWIN, MqttAddress, parse_address
from sync_server.sensors.observation import datastreams_of, is_identifier
from sync_server.sensors.replay import Replay, ReplayCounts, Target, choose_targets, read_mappings
from sync_server.sensors.series import Series, open_series
from sync_server.wire.units import is_unit, unit_label

MAX_SPEED: Final = 1e6
PROGRESS_S: Final = 0.1


class Terminal(Protocol):
    """What these commands need of `vr_app.console.Console`."""

    def text(self, message_id: str, **arguments: Any) -> str: ...
    def say(self, message_id: str, **arguments: Any) -> None: ...
    def warn(self, message_id: str, **arguments: Any) -> None: ...
    def line(self, text: str) -> None: ...
    def progress(self, message_id: str, done: int, total: int, **arguments: Any) -> None: ...
    def result(self, value: dict[str, Any]) -> None: ...


def sensors(arguments: list[str], console: Terminal) -> int:
    """`kenish sensors list TWIN` and `kenish sensors replay FILE --mqtt URL`."""
    parser = argparse.ArgumentParser(
        prog="kenish sensors",
        description=console.text("sensors-help"),
        epilog=console.text("sensors-help-example"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_list(commands, console)
    _add_replay(commands, console)
    options = parser.parse_args(arguments)
    if options.command == "list":
        return list_datastreams(Path(options.twin), console)
    return replay(options, console)


def _add_list(commands: Any, console: Terminal) -> None:
    one = commands.add_parser(
        "list",
        help=console.text("sensors-help-list"),
        description=console.text("sensors-help-list"),
        epilog=console.text("sensors-help-list-example"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("twin", metavar="TWIN", help=console.text("sensors-help-twin-folder"))


def _positive(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and 0 < value <= MAX_SPEED):
        raise ValueError(text)
    return value


def _speed(text: str) -> float:
    return 0.0 if float(text) == 0 else _positive(text)


def _add_replay(commands: Any, console: Terminal) -> None:
    one = commands.add_parser(
        "replay",
        help=console.text("sensors-help-replay"),
        description=console.text("sensors-help-replay"),
        epilog=console.text("sensors-help-replay-example"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def option(name: str, **more: Any) -> None:
        text = console.text(f"sensors-help-{name.lstrip('-')}")
        one.add_argument(name, help=text.replace("%", "%%"), **more)

    option("file", metavar="FILE")
    option("--mqtt", metavar="URL", required=True)
    option("--speed", metavar="X", type=_speed, default=1.0)
    option("--map", metavar="COLUMN=DATASTREAM[*FACTOR]", action="append", default=[])
    option("--twin", metavar="TWIN", default=ANY_TWIN)
    option("--prefix", metavar="TOPIC")
    option("--interval", metavar="S", type=_positive, default=1.0)
    option("--time-column", metavar="COLUMN")
    option("--time-format", metavar="FORMAT")
    option("--times", choices=("now", "file"), default="now")
    option("--loop", action="store_true")


def _address(options: argparse.Namespace) -> MqttAddress:
    url = str(options.mqtt)
    if options.prefix is None:
        return parse_address(url)
    separator = url.find("://")
    path = url.find("/", separator + 3) if separator >= 0 else -1
    return parse_address(f"{url[:path] if path >= 0 else url}/{options.prefix}")


def _twin(name_or_folder: str) -> tuple[str, dict[str, Datastream] | None]:
    """A twin's name and, where a folder was given, its datastreams."""
    if (Path(name_or_folder) / SCENE_FILE).is_file():
        scene = open_twin(name_or_folder).scene
        return scene.name, datastreams_of(scene)
    if not is_identifier(name_or_folder):
        raise SensorRefused("sensors-no-twin", twin=name_or_folder[:120])
    return name_or_folder, None


def replay(options: argparse.Namespace, console: Terminal) -> int:
    """Publish a recorded series; Ctrl-C stops it, and the counts are still told."""
    address = _address(options)
    twin, datastreams = _twin(options.twin)
    series = open_series(
        Path(options.file),
        interval_s=options.interval,
        time_column=options.time_column,
        time_format=options.time_format,
    )
    targets = choose_targets(series, read_mappings(options.map), datastreams)
    for guess in series.guesses:
        console.say(guess.message_id, **guess.arguments)
    for column, target in targets.items():
        unit = series.units.get(column, "")
        shown = f" [{unit_label(unit)}]" if unit else ""
        console.line(f"  {column}{shown} -> {address.topic(twin, target.datastream)}")
        _warn_of_unit(console, unit, target, datastreams)
    shown_at = 0.0

    def on_progress(counts: ReplayCounts, read: int) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if now - shown_at < PROGRESS_S:
            return
        shown_at = now
        console.progress(
            "sensors-replay-progress", min(read, series.size - 1), series.size, rows=counts.rows
        )

    run = Replay(
        series,
        targets,
        address,
        twin=twin,
        speed=options.speed,
        times=options.times,
        loop=options.loop,
        on_progress=on_progress,
    )
    # aiomqtt watches sockets through the loop, which Windows' default loop cannot.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        try:
            runner.run(run.run())
        except KeyboardInterrupt:
            _tell(console, series, run, stopped=True)
            raise
    _tell(console, series, run, stopped=False)
    return 0


def _warn_of_unit(
    console: Terminal, unit: str, target: Target, datastreams: Mapping[str, Datastream] | None
) -> None:
    """Say so where the file's unit is known and is not the datastream's."""
    stream = (datastreams or {}).get(target.datastream)
    if stream is None or target.factor != 1.0 or not is_unit(unit) or unit == stream.unit:
        return
    console.warn(
        "sensors-unit-differs", file_unit=unit, datastream=stream.id, unit=unit_label(stream.unit)
    )


def _tell(console: Terminal, series: Series, run: Replay, *, stopped: bool) -> None:
    counts = run.counts
    for line, fault in counts.bad_rows:
        kind, _, column = fault.partition(":")
        console.warn(f"sensors-bad-row-{kind}", line=line, column=column)
    named = len(counts.bad_rows)
    if counts.skipped + counts.faults > named:
        console.warn("sensors-bad-row-more", count=counts.skipped + counts.faults - named)
    console.say(
        "sensors-replay-stopped" if stopped else "sensors-replay-done",
        rows=counts.rows,
        published=counts.published,
        skipped=counts.skipped,
        faults=counts.faults,
    )
    console.result(
        {
            "file": str(series.path),
            "format": series.format,
            "rows": counts.rows,
            "published": counts.published,
            "skipped": counts.skipped,
            "bad_cells": counts.faults,
            "reasons": dict(counts.reasons),
            "passes": counts.passes,
            "stopped": stopped,
            "gateway": run.name,
            "guesses": [
                {"id": guess.message_id, "arguments": dict(guess.arguments)}
                for guess in series.guesses
            ],
        }
    )


def _band_text(band: AlarmBand, stream: Datastream) -> str:
    sign, limit = (">", band.above) if band.above is not None else ("<", band.below)
    return f"{sign} {limit:.{stream.decimals}f}"


def _rows(scene: Scene, console: Terminal) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for sensor in scene.sensors:
        for stream in sensor.datastreams:
            low, high = stream.range
            bands = {
                level: ", ".join(_band_text(b, stream) for b in stream.bands if b.level == level)
                for level in ("warning", "alarm")
            }
            rows.append(
                (
                    stream.id,
                    stream.property,
                    unit_label(stream.unit),
                    f"{low:g} … {high:g}",
                    bands["warning"],
                    bands["alarm"],
                    f"{stream.interval_s:g}",
                    sensor.id,
                )
            )
    return rows


def list_datastreams(folder: Path, console: Terminal) -> int:
    """Print the datastreams of a twin with their units, ranges and bands."""
    scene = open_twin(folder).scene
    names = ("datastream", "property", "unit", "range", "warning", "alarm", "interval", "sensor")
    head = tuple(console.text(f"sensors-column-{name}") for name in names)
    rows = _rows(scene, console)
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        console.line("  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip())
    for stream in datastreams_of(scene).values():
        if not is_unit(stream.unit):
            console.warn("sensors-unknown-unit", datastream=stream.id, unit=stream.unit)
    console.say("sensors-list-count", count=len(rows), twin=scene.name)
    console.result({"twin": scene.name, "datastreams": _as_json(scene)})
    return 0


def _as_json(scene: Scene) -> list[dict[str, Any]]:
    return [
        {
            "id": stream.id,
            "sensor": sensor.id,
            "place": sensor.place,
            "position": list(sensor.position),
            "property": stream.property,
            "unit": stream.unit,
            "label": unit_label(stream.unit),
            "decimals": stream.decimals,
            "range": list(stream.range),
            "interval_s": stream.interval_s,
            "bands": [band.model_dump() for band in stream.bands],
            "simulated": stream.simulation is not None,
        }
        for sensor in scene.sensors
        for stream in sensor.datastreams
    ]
