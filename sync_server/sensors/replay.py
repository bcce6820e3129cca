"""Publishes a recorded series to an MQTT broker, as fast as it happened or at any speed.

It says "online" while it runs and leaves "offline" behind, by itself or by its last will; it
never changes the file and never publishes a row that could not be read.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import aiomqtt

from scenes.schema import Datastream
from sync_server.sensors.errors import SensorError, SensorRefused
from sync_server.sensors.mqtt import connect
from sync_server.sensors.mqtt_address import OFFLINE, ONLINE, MqttAddress
from sync_server.sensors.observation import is_identifier
from sync_server.sensors.payload import encode
from sync_server.sensors.series import BadRow, Row, Series

MAX_NAMED_ROWS: Final = 10
# A broker's delayed answers (Nagle) must not slow a fast replay down, nor memory grow.
MAX_UNACKNOWLEDGED: Final = 256
_MAPPING: Final = re.compile(r"(?P<column>.+)=(?P<stream>[^=*]+?)(\*(?P<factor>[-+0-9.eE]+))?")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes: a datastream, after multiplication with `factor` (a change of unit)."""

    datastream: str
    factor: float = 1.0


@dataclass(slots=True)
class ReplayCounts:
    """What a replay has done so far.

    `skipped` are rows that could not be read, `faults` single cells; `bad_rows` names the first
    few of them as (line, fault).
    """

    rows: int = 0
    published: int = 0
    skipped: int = 0
    faults: int = 0
    passes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    bad_rows: list[tuple[int, str]] = field(default_factory=list)

    def note(self, line: int, fault: str) -> None:
        """Remember a bad row or cell."""
        self.reasons[fault] += 1
        if len(self.bad_rows) < MAX_NAMED_ROWS:
            self.bad_rows.append((line, fault))


def identifier_for(column: str) -> str:
    """The datastream id that a column gets by itself: "MM116" -> "mm116", "pH mV" -> "ph_mv"."""
    name = re.sub(r"[^a-z0-9_.-]+", "_", column.strip().lower()).strip("_.-")
    return name[:64]


def read_mapping(text: str) -> tuple[str, Target]:
    """`COLUMN=DATASTREAM` or `COLUMN=DATASTREAM*FACTOR`; raises `SensorRefused`."""
    match = _MAPPING.fullmatch(text)
    try:
        if match is None or not is_identifier(match["stream"]):
            raise ValueError(text)
        factor = float(match["factor"] or 1.0)
    except ValueError as error:
        raise SensorRefused("sensors-bad-map", text=text[:120]) from error
    return match["column"], Target(match["stream"], factor)


def read_mappings(texts: Iterable[str]) -> dict[str, Target]:
    """All mappings; raises `SensorRefused` where a column or a datastream comes twice."""
    mapping: dict[str, Target] = {}
    for text in texts:
        column, target = read_mapping(text)
        if column in mapping or target.datastream in {one.datastream for one in mapping.values()}:
            raise SensorRefused("sensors-mapped-twice", text=text[:120])
        mapping[column] = target
    return mapping


def choose_targets(
    series: Series,
    mapping: Mapping[str, Target],
    datastreams: Mapping[str, Datastream] | None,
) -> dict[str, Target]:
    """Which columns are published, and as what.

    With a mapping: its columns. Without: every column under its own name, or, where the twin's
    datastreams are known, those columns whose name is one of them. Raises `SensorRefused` for a
    column or a datastream that does not exist, and where nothing is left.
    """
    for column, target in mapping.items():
        if column not in series.columns:
            raise SensorRefused("sensors-no-column", column=column, known=", ".join(series.columns))
        if datastreams is not None and target.datastream not in datastreams:
            raise SensorRefused(
                "sensors-no-datastream",
                datastream=target.datastream,
                known=", ".join(sorted(datastreams)[:40]),
            )
    targets = dict(mapping)
    if not mapping:
        for column in series.columns:
            name = identifier_for(column)
            taken = Target(name) in targets.values()  # two columns of nearly one name
            if is_identifier(name) and not taken and (datastreams is None or name in datastreams):
                targets[column] = Target(name)
    if not targets:
        raise SensorRefused("sensors-nothing-mapped", file=str(series.path))
    return targets


class Replay:
    """One run of a replay; `counts` can be read at any time, also after it was cancelled.

    `speed` is recorded seconds per second, 0 for as fast as the broker takes it. `times` "now"
    stamps observations with the moment of publishing, "file" with the recorded time.
    """

    def __init__(
        self,
        series: Series,
        targets: Mapping[str, Target],
        address: MqttAddress,
        *,
        twin: str,
        speed: float = 1.0,
        times: Literal["now", "file"] = "now",
        loop: bool = False,
        name: str | None = None,
        on_progress: Callable[[ReplayCounts, int], None] = lambda counts, read: None,
    ) -> None:
        self.counts = ReplayCounts()
        self.name = name or f"replay-{secrets.token_hex(3)}"
        self._series = series
        self._targets = targets
        self._address = address
        self._twin = twin
        self._speed = speed
        self._times = times
        self._loop = loop
        self._on_progress = on_progress
        self._sends: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None

    async def run(self) -> None:
        """Publish until the end of the file, or for ever; raises `SensorError` without a broker."""
        status = self._address.status_topic(self.name)
        will = aiomqtt.Will(status, OFFLINE, qos=1, retain=True)
        connected = False
        try:
            async with connect(self._address, will=will) as client:
                connected = True
                client.pending_calls_threshold = 10_000  # a row is published at once
                await client.publish(status, ONLINE, qos=1, retain=True)
                try:
                    while True:
                        await self._one_pass(client)
                        self.counts.passes += 1
                        if not self._loop:
                            break
                finally:
                    await self._settle()
                    await client.publish(status, OFFLINE, qos=1, retain=True)
        except aiomqtt.MqttError as error:
            raise SensorError(
                "sensors-broker-lost" if connected else "sensors-no-broker",
                url=str(self._address),
                reason=str(error).rstrip("."),
                published=self.counts.published,
            ) from error

    async def _one_pass(self, client: aiomqtt.Client) -> None:
        clock = asyncio.get_running_loop()
        start = clock.time()
        first: float | None = None
        for row, read in self._series.rows():
            self.counts.rows += 1
            if isinstance(row, BadRow):
                self.counts.skipped += 1
                self.counts.note(row.line, row.fault)
                continue
            first = row.time if first is None else first
            if self._speed > 0:
                # A time that runs backwards is in the past already: no wait.
                due = start + (row.time - first) / self._speed
                await asyncio.sleep(max(due - clock.time(), 0.0))
            for column in row.faults:
                if column in self._targets:
                    self.counts.faults += 1
                    self.counts.note(row.line, f"number:{column}")
            await self._publish(client, row)
            self._on_progress(self.counts, read)
        await self._settle()
        if self._error is not None:
            raise self._error

    async def _publish(self, client: aiomqtt.Client, row: Row) -> None:
        moment = row.time if self._times == "file" else time.time()
        for column, target in self._targets.items():
            if column not in row.values:
                continue
            while len(self._sends) >= MAX_UNACKNOWLEDGED:
                await asyncio.wait(self._sends, return_when=asyncio.FIRST_COMPLETED)
            if self._error is not None:
                raise self._error
            send = asyncio.create_task(
                client.publish(
                    self._address.topic(self._twin, target.datastream),
                    encode(row.values[column] * target.factor, moment, gateway=self.name),
                    qos=1,
                    retain=True,
                )
            )
            self._sends.add(send)
            send.add_done_callback(self._acknowledged)

    def _acknowledged(self, send: asyncio.Task[None]) -> None:
        self._sends.discard(send)
        if send.cancelled():
            return
        error = send.exception()
        if error is None:
            self.counts.published += 1
        elif self._error is None:
            self._error = error

    async def _settle(self) -> None:
        """Wait until the broker has acknowledged, or refused, everything sent."""
        while self._sends:
            await asyncio.wait(self._sends)
