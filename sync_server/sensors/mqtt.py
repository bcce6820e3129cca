"""The MQTT 5 gateway: observations of one twin's datastreams from a broker, by aiomqtt.

It never blocks on what it publishes to, never lets a hostile message out, and counts what it
refuses and what it loses.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from scenes.schema import Datastream
from sync_server.sensors.gateway import Publish
from sync_server.sensors.mqtt_address import ANY_TWIN, OFFLINE, ONLINE, STATUS, MqttAddress
from sync_server.sensors.observation import Observation, Rejected, is_identifier, went_stale
from sync_server.sensors.payload import decode
from sync_server.sensors.selector_thread import run_in_selector_thread

log = logging.getLogger("kenish.sensors")
# paho reports every lost socket as an error; the exception says the same once.
_paho_log = logging.getLogger("kenish.sensors.paho")
_paho_log.setLevel(logging.CRITICAL)

# The broker keeps larger messages to itself; those between MAX_PAYLOAD_BYTES and this are counted.
MAX_PACKET_BYTES: Final = 256 * 1024
# Beyond this many waiting messages the oldest are dropped, and counted as lost.
MAX_WAITING: Final = 50_000
MAX_BATCH: Final = 500
MAX_REPORTS: Final = 100
KEEPALIVE_S: Final = 15


@dataclass(slots=True)
class MqttCounts:
    """What came over the broker: messages, those refused by reason, those lost to overload."""

    received: int = 0
    accepted: int = 0
    lost: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class _Waiting(asyncio.Queue[aiomqtt.Message]):
    """Received messages; when full it drops the oldest, where aiomqtt would drop the newest."""

    def __init__(self, counts: MqttCounts, limit: int) -> None:
        super().__init__()
        self._counts = counts
        self._limit = limit

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if self.qsize() >= self._limit:
            self.get_nowait()
            self._counts.lost += 1
        super().put_nowait(item)


def connect(
    address: MqttAddress,
    *,
    will: aiomqtt.Will | None = None,
    waiting: asyncio.Queue[aiomqtt.Message] | None = None,
) -> aiomqtt.Client:
    """An MQTT 5 client for `address`, not yet connected: enter it."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = MAX_PACKET_BYTES
    make_queue: Callable[..., asyncio.Queue[aiomqtt.Message]] | None = None
    if waiting is not None:
        queue = waiting

        def make_queue(maxsize: int = 0) -> asyncio.Queue[aiomqtt.Message]:
            return queue

    return aiomqtt.Client(
        address.host,
        address.port,
        username=address.user,
        password=address.password,
        protocol=aiomqtt.ProtocolVersion.V5,
        logger=_paho_log,
        will=will,
        # A row of small messages must not wait for the acknowledgement of the one before (Nagle).
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        keepalive=KEEPALIVE_S,
        properties=properties,
        tls_context=ssl.create_default_context() if address.tls else None,
        queue_type=cast("type[asyncio.Queue[aiomqtt.Message]] | None", make_queue),
    )


class MqttGateway:
    """Subscribes to `PREFIX/TWIN/+`, `PREFIX/any/+` and `PREFIX/+/status`.

    `own_thread` keeps aiomqtt on a selector event loop of its own, as Windows needs; `publish` is
    called on the caller's loop all the same.
    """

    name = "mqtt"

    def __init__(
        self,
        address: MqttAddress,
        twin: str,
        datastreams: Mapping[str, Datastream],
        *,
        own_thread: bool = sys.platform == "win32",
        clock: Callable[[], float] = time.time,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self.address = address
        self.counts = MqttCounts()
        self._twin = twin
        self._streams = datastreams
        self._own_thread = own_thread
        self._clock = clock
        self._max_waiting = max_waiting
        self._last: dict[str, Observation] = {}
        self._offline: set[str] = set()
        self._reported: set[tuple[str, str]] = set()

    async def run(self, publish: Publish) -> None:
        """Publish what the broker brings until cancelled; raises when the broker is lost."""
        if not self._own_thread:
            await self._receive(publish)
            return
        loop = asyncio.get_running_loop()

        def hand_over(observations: Sequence[Observation]) -> None:
            loop.call_soon_threadsafe(publish, observations)

        await run_in_selector_thread(lambda: self._receive(hand_over), name=f"kenish-{self.name}")

    async def _receive(self, publish: Publish) -> None:
        waiting = _Waiting(self.counts, self._max_waiting)
        self._offline.clear()
        prefix = self.address.prefix
        topics = {f"{prefix}/{self._twin}/+", f"{prefix}/{ANY_TWIN}/+", f"{prefix}/+/{STATUS}"}
        async with connect(self.address, waiting=waiting) as client:
            # Gateways that are away must be known before their retained values are read.
            await client.subscribe([(topic, 1) for topic in sorted(topics, key=_status_first)])
            log.info("%s: listening at %s", self.name, self.address)
            async for message in client.messages:
                batch = self.take(message)
                while not waiting.empty() and len(batch) < MAX_BATCH:
                    batch += self.take(waiting.get_nowait())
                if batch:
                    publish(batch)

    def take(self, message: aiomqtt.Message) -> list[Observation]:
        """The observations that follow from one message; none where it is refused."""
        self.counts.received += 1
        levels = message.topic.value.removeprefix(f"{self.address.prefix}/").split("/")
        try:
            if len(levels) != 2:
                raise Rejected("unknown-datastream")
            payload = message.payload
            if not isinstance(payload, bytes | bytearray):
                raise Rejected("wrong-type")
            if levels[1] == STATUS:
                return self._status(levels[0], bytes(payload))
            return [self._observation(levels[1], bytes(payload), bool(message.retain))]
        except Rejected as refusal:
            self._refuse(refusal.reason, message.topic.value)
            return []

    def _observation(self, datastream: str, payload: bytes, retained: bool) -> Observation:
        stream = self._streams.get(datastream)
        if stream is None:
            raise Rejected("unknown-datastream")
        now = self._clock()
        observation = decode(payload, stream, now, self.name)
        if retained and observation.source in self._offline:
            observation = went_stale(observation, now)
        self.counts.accepted += 1
        self._last[datastream] = observation
        return observation

    def _status(self, gateway: str, payload: bytes) -> list[Observation]:
        """A remote gateway came or went: what it brought is stale once it is gone."""
        if not is_identifier(gateway):
            raise Rejected("wrong-shape")
        source = f"{self.name}:{gateway}"
        if payload == ONLINE or payload == b"":
            self._offline.discard(source)
            return []
        if payload != OFFLINE:
            raise Rejected("wrong-shape")
        if len(self._offline) < MAX_WAITING:
            self._offline.add(source)
        now = self._clock()
        gone = [went_stale(one, now) for one in self._last.values() if one.source == source]
        if gone:
            log.warning("%s: gateway %s is offline, %d values stale", self.name, gateway, len(gone))
        for one in gone:
            del self._last[one.datastream]
        return gone

    def _refuse(self, reason: str, topic: str) -> None:
        self.counts.refused[reason] += 1
        key = (reason, topic)
        if key not in self._reported and len(self._reported) < MAX_REPORTS:
            self._reported.add(key)
            log.warning("%s: message on %.120r refused: %s", self.name, topic, reason)


def _status_first(topic: str) -> tuple[bool, str]:
    return not topic.endswith(f"/{STATUS}"), topic
