"""The MQTT gateway against a real mosquitto: values, loss, restart, hostile messages, TLS."""

from __future__ import annotations

import asyncio
import random
import shutil
import ssl
import subprocess
from pathlib import Path

import aiomqtt
import pytest

from sync_server.sensors.errors import SensorRefused
from sync_server.sensors.mqtt import MqttCounts, MqttGateway, _Waiting, connect
from sync_server.sensors.mqtt_address import OFFLINE, ONLINE, MqttAddress, parse_address
from sync_server.sensors.payload import encode
from tests.mosquitto import Broker, running_broker
from tests.sync_server.sensors.support import Collector, eventually, methane, supervised

STREAMS = {name: methane(name) for name in ("ch4-1", "ch4-2")}
T = 1_700_000_000.0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://127.0.0.1", MqttAddress("127.0.0.1")),
        ("mqtt://host:1884/site/a", MqttAddress("host", 1884, "site/a")),
        ("mqtts://u:p%40w@host/", MqttAddress("host", 8883, user="u", password="p@w", tls=True)),
        ("mqtt://[::1]:7", MqttAddress("::1", 7)),
    ],
)
def test_addresses(url: str, expected: MqttAddress) -> None:
    address = parse_address(url)
    assert address == expected
    assert parse_address(str(address)).host == expected.host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:1883",
        "http://host",
        "mqtt://",
        "mqtt://host:99999",
        "mqtt://host:x",
        "mqtt://host/a/#",
        "mqtt://host/+",
        "mqtt://host/$SYS",
        "mqtt://host?x=1",
        "mqtt://[::1",
        "ftp://user:geheim@host",
    ],
)
def test_wrong_addresses_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(SensorRefused) as caught:
        parse_address(url)
    assert caught.value.exit_code == 2
    assert "geheim" not in str(caught.value)
    assert "geheim" not in repr(MqttAddress("h", password="geheim"))


@pytest.mark.parametrize("own_thread", [False, True])
def test_values_arrive_retained_and_live(tmp_path: Path, own_thread: bool) -> None:
    async def scenario(broker: Broker) -> None:
        address = parse_address(broker.url)
        collector = Collector()
        async with connect(address) as sender:
            await sender.publish("kenish/mine/ch4-1", encode(0.5, T), qos=1, retain=True)
            gateway = MqttGateway(address, "mine", STREAMS, own_thread=own_thread)
            async with supervised([gateway], collector):
                await collector.until(lambda: len(collector.all) == 1)
                await sender.publish("kenish/any/ch4-2", encode(3.0, T + 1, "uncertain"), qos=1)
                await sender.publish("kenish/other/ch4-2", encode(4.0, T + 1), qos=1)
                await sender.publish("kenish/mine/ch4-1", encode(0.6, T + 2), qos=1)
                await collector.until(lambda: len(collector.all) == 3)
        assert [(one.datastream, one.result, one.quality) for one in collector.all] == [
            ("ch4-1", 0.5, "good"),
            ("ch4-2", 3.0, "uncertain"),
            ("ch4-1", 0.6, "good"),
        ]
        assert gateway.counts.accepted == gateway.counts.received == 3

    with running_broker(tmp_path) as broker:
        asyncio.run(scenario(broker))


@pytest.mark.parametrize("own_thread", [False, True])
def test_broker_lost_means_stale_and_it_comes_back(tmp_path: Path, own_thread: bool) -> None:
    async def scenario(broker: Broker) -> None:
        address = parse_address(broker.url)
        collector = Collector()
        gateway = MqttGateway(address, "mine", STREAMS, own_thread=own_thread)
        async with supervised([gateway], collector) as states:
            async with connect(address) as sender:
                await sender.publish("kenish/mine/ch4-1", encode(0.5, T), qos=1, retain=True)
                await collector.until(lambda: len(collector.all) == 1)
            await asyncio.to_thread(broker.stop)
            await collector.until(lambda: collector.all[-1].quality == "stale")
            assert collector.all[-1].result == 0.5
            await eventually(lambda: states["mqtt"].failures >= 2)
            await asyncio.to_thread(broker.start)
            # The retained value was saved by the broker, also where it runs as root.
            await collector.until(lambda: collector.all[-1].quality == "good")
            assert states["mqtt"].running

    with running_broker(tmp_path) as broker:
        asyncio.run(scenario(broker))
        assert (tmp_path / "mosquitto.db").is_file()


def test_last_will_of_a_gateway_makes_its_values_stale(tmp_path: Path) -> None:
    async def scenario(broker: Broker) -> None:
        address = parse_address(broker.url)
        collector = Collector()
        status = address.status_topic("node-1")
        async with supervised([MqttGateway(address, "mine", STREAMS)], collector):
            will = aiomqtt.Will(status, OFFLINE, qos=1, retain=True)
            sender = connect(address, will=will)
            async with connect(address) as other:
                await sender.__aenter__()
                await sender.publish(status, ONLINE, qos=1, retain=True)
                for stream, client, name in [
                    ("ch4-1", sender, "node-1"),
                    ("ch4-2", other, "node-2"),
                ]:
                    topic = address.topic("mine", stream)
                    await client.publish(topic, encode(0.5, T, gateway=name), qos=1, retain=True)
                await collector.until(lambda: len(collector.all) == 2)
                # The cable is cut: the socket closes without a goodbye.
                sender._client.socket().close()
                await collector.until(lambda: len(collector.all) == 3)
        last = collector.all[-1]
        assert (last.datastream, last.quality, last.source) == ("ch4-1", "stale", "mqtt:node-1")

        # Somebody who comes later sees the retained value as stale from the first moment.
        later = Collector()
        async with supervised([MqttGateway(address, "mine", STREAMS)], later):
            await later.until(lambda: len(later.all) == 2)
        assert {one.datastream: one.quality for one in later.all} == {
            "ch4-1": "stale",
            "ch4-2": "good",
        }

    with running_broker(tmp_path) as broker:
        asyncio.run(scenario(broker))


def test_hostile_messages_are_counted_and_the_good_ones_still_arrive(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(broker: Broker) -> None:
        address = parse_address(broker.url)
        collector = Collector()
        gateway = MqttGateway(address, "mine", STREAMS)
        chance = random.Random(5)
        async with supervised([gateway], collector) as states, connect(address) as sender:
            sender.pending_calls_threshold = 1000
            await eventually(lambda: states["mqtt"].running)
            await sender.publish("kenish/mine/ch4-1", encode(0.1, T), qos=1, retain=True)
            await collector.until(lambda: len(collector.all) == 1)
            hostile = [
                ("kenish/mine/ch4-1", b"x" * 100_000, "too-large"),
                ("kenish/mine/ch4-1", b"{", "not-json"),
                ("kenish/mine/ch4-1", b"\xff\xfe\x00", "not-json"),
                ("kenish/mine/ch4-1", b'{"v": NaN}', "wrong-type"),
                ("kenish/mine/ch4-1", b'{"v": "12"}', "wrong-type"),
                ("kenish/mine/ch4-1", b'{"v": 1, "t": -1}', "wrong-time"),
                ("kenish/mine/ch4-1", b"", "not-json"),
                ("kenish/mine/unknown", b'{"v": 1}', "unknown-datastream"),
                ("kenish/mine/\N{SNOWMAN}", b'{"v": 1}', "unknown-datastream"),
                ("kenish/node-1/status", b"perhaps", "wrong-shape"),
                ("kenish/NODE 1/status", b"offline", "wrong-shape"),
            ]
            for topic, payload, _ in hostile * 3:
                await sender.publish(topic, payload, qos=1)
            for _ in range(200):
                await sender.publish("kenish/mine/ch4-1", chance.randbytes(40), qos=1)
            # 5 MB: the broker keeps it to itself, and the connection stays.
            await sender.publish("kenish/mine/ch4-1", b"9" * 5_000_000, qos=1)
            await sender.publish("kenish/mine/ch4-2", encode(0.2, T), qos=1)
            await collector.until(lambda: bool(collector.of("ch4-2")))
            assert states["mqtt"].failures == 0
        refused = gateway.counts.refused
        for reason in {reason for _, _, reason in hostile}:
            assert refused[reason] >= 3 * sum(one[2] == reason for one in hostile)
        assert sum(refused.values()) == 3 * len(hostile) + 200
        assert [one.result for one in collector.all] == [0.1, 0.2]
        # Each kind of refusal is told once for a topic, not once for a message.
        assert len([one for one in caplog.records if "refused" in one.getMessage()]) < 15

    with running_broker(tmp_path) as broker:
        asyncio.run(scenario(broker))


def test_a_burst_is_complete(tmp_path: Path) -> None:
    async def scenario(broker: Broker) -> None:
        address = parse_address(broker.url)
        collector = Collector()
        gateway = MqttGateway(address, "mine", STREAMS)
        async with supervised([gateway], collector), connect(address) as sender:
            await sender.publish("kenish/mine/ch4-2", encode(0.0, T), qos=1, retain=True)
            await collector.until(lambda: len(collector.all) == 1)
            sender.pending_calls_threshold = 10_000
            for start in range(0, 3000, 100):
                await asyncio.gather(
                    *(
                        sender.publish("kenish/mine/ch4-1", encode(1.0, T + start + i), qos=1)
                        for i in range(100)
                    )
                )
            await collector.until(lambda: len(collector.of("ch4-1")) == 3000)
        assert gateway.counts.lost == 0
        times = [one.phenomenon_time for one in collector.of("ch4-1")]
        assert sorted(times) == [T + i for i in range(3000)]

    with running_broker(tmp_path) as broker:
        asyncio.run(scenario(broker))


def test_overload_drops_the_oldest_and_counts_them() -> None:
    async def scenario() -> None:
        counts = MqttCounts()
        waiting = _Waiting(counts, limit=3)
        for index in range(10):
            waiting.put_nowait(aiomqtt.Message(f"t/{index}", b"", 0, False, index, None))
        assert counts.lost == 7
        assert [waiting.get_nowait().mid for _ in range(3)] == [7, 8, 9]

    asyncio.run(scenario())


def test_no_broker_is_a_failure_that_is_tried_again() -> None:
    async def scenario() -> None:
        collector = Collector()
        gateway = MqttGateway(MqttAddress("127.0.0.1", 9), "mine", STREAMS, own_thread=True)
        async with supervised([gateway], collector) as states:
            await eventually(lambda: states["mqtt"].failures >= 2)
            assert "refused" in states["mqtt"].last_error.lower()

    asyncio.run(scenario())


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate and its key for 127.0.0.1."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            program,
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


# paho drops the socket of a failed handshake without closing it; it closes when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls_and_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not installed")
    cert, key = certificate(tmp_path)
    users = tmp_path / "users"
    subprocess.run([program, "-c", "-b", str(users), "site", "ö:@/"], check=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))

    async def scenario(broker: Broker) -> None:
        url = broker.url.replace("mqtt://", "mqtts://site:%C3%B6%3A%40%2F@")
        address = parse_address(url)
        collector = Collector()
        gateway = MqttGateway(address, "mine", STREAMS)
        async with supervised([gateway], collector), connect(address) as sender:
            await sender.publish("kenish/mine/ch4-1", encode(0.5, T), qos=1, retain=True)
            await collector.until(lambda: len(collector.all) == 1)
        with pytest.raises(aiomqtt.MqttError, match=r"(?i)authori"):
            async with connect(parse_address(url.replace("%C3", "%C4"))):
                pass
        monkeypatch.delenv("SSL_CERT_FILE")  # now it is signed by nobody known
        with pytest.raises((aiomqtt.MqttError, ssl.SSLError)):
            async with connect(address):
                pass

    extra = (
        "allow_anonymous false",
        f"password_file {users}",
        f"certfile {cert}",
        f"keyfile {key}",
    )
    with running_broker(tmp_path / "broker", extra) as broker:
        asyncio.run(scenario(broker))
