"""The gate before the ports: by address, in number and in time, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from sync_server.transport.gate import TURN_EVERY_S, Descriptors, Gate, GateLimits
from sync_server.transport.peers import Origins, Peers, address_key, checked_origin
from sync_server.transport.rates import Bucket
from sync_server.transport.refusals import LINES, Refusals
from sync_server.wire.errors import Refused
from sync_server.wire.limits import HELLO_TIMEOUT_S
from tests.sync_server.support import DEADLINE_S


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Street:
    """A guarded port, and people who come to it from addresses of this machine."""

    def __init__(self, limits: GateLimits, trusted: tuple[str, ...] = ()) -> None:
        self.clock = Clock()
        self.refused: Counter[str] = Counter()
        self.descriptors = Descriptors()
        self.gate = Gate(limits, Peers(trusted), self.descriptors, self._count, clock=self.clock)
        bound = socket.create_server(("127.0.0.1", 0))
        self.port = bound.getsockname()[1]
        self.listening = self.gate.listening(bound)
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(self.listening)

    def _count(self, message_id: str, _who: str) -> None:
        self.refused[message_id] += 1

    def come(self, address: str = "127.0.0.1") -> socket.socket:
        """Somebody connects; the kernel takes them at once."""
        one = socket.create_connection(
            ("127.0.0.1", self.port), timeout=DEADLINE_S, source_address=(address, 0)
        )
        return self.stack.enter_context(one)

    def let_in(self) -> list[socket.socket]:
        """Everybody who may pass now."""
        found: list[socket.socket] = []
        while True:
            self.listening.take_arrivals()
            try:
                guest, _address = self.listening.accept()
            except BlockingIOError:
                if select.select([self.listening], [], [], 0)[0]:
                    self.clock.now += TURN_EVERY_S  # the next one's turn
                # Whose connecting has returned may be in the queue a moment later only.
                elif not self.listening.waits_for(0.02):
                    return found
                continue
            found.append(self.stack.enter_context(guest))


@pytest.fixture
def street() -> Iterator[Street]:
    one = Street(GateLimits(waiting_per_address=3, open_per_address=5, burst=6, waiting=5))
    with one.stack:
        yield one


def test_an_address_may_have_so_many_who_wait(street: Street) -> None:
    for _ in range(5):
        street.come()
    street.come("127.0.0.2")
    guests = street.let_in()
    assert len(guests) == 4  # three of the first, and the other
    assert street.refused == {"server-waiting": 2}
    for guest in guests:
        if guest.getpeername()[0] == "127.0.0.1":
            street.gate.shown(guest.getpeername())
    street.clock.now += 10  # the rate has recovered
    for _ in range(4):
        street.come()
    assert len(street.let_in()) == 2  # five open ones are the most
    assert street.refused["server-crowded"] == 2


def test_who_leaves_gives_the_place_away(street: Street) -> None:
    for _ in range(20):
        street.come().close()
        for guest in street.let_in():
            guest.close()
        street.clock.now += 1
    assert street.refused == {"server-left-before-hello": 20}
    assert street.gate.waiting == 0 and street.descriptors.open == 0


def test_an_address_may_come_so_often(street: Street) -> None:
    for _ in range(10):
        street.come().close()
        for guest in street.let_in():
            guest.close()
    assert street.refused["server-busy"] == 4


def test_a_crowd_from_one_address_never_keeps_others_out(street: Street) -> None:
    for address in ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2"):
        street.come(address)
    first = street.let_in()
    assert street.gate.waiting == 5  # as many as may wait at all
    honest = street.come("127.0.0.3")
    assert len(street.let_in()) == 1
    assert street.refused == {"server-crowd": 1}
    # The oldest of the largest crowd was turned out.
    street.stack.callback(first[0].close)
    with pytest.raises(ConnectionError):
        assert first[0].recv(1) == b""
        first[0].send(b"x")
    honest.sendall(b"x")


def test_who_does_not_say_hello_is_turned_out(street: Street) -> None:
    street.come()
    (guest,) = street.let_in()
    street.clock.now += HELLO_TIMEOUT_S
    street.gate.sweep()
    assert street.refused == {}
    street.clock.now += 2
    street.gate.sweep()
    assert street.refused == {"server-hello-timeout": 1}
    assert guest.recv(1) == b""
    assert street.gate.waiting == 0


def test_who_has_the_most_of_a_crowd_gets_no_more() -> None:
    street = Street(GateLimits(waiting=4))
    with street.stack:
        for address in ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2"):
            street.come(address)
        first = street.let_in()
        street.come("127.0.0.1")  # has its share: nobody is turned out for it
        assert street.let_in() == []
        assert street.refused == {"server-crowd": 1}
        for guest in first:
            with pytest.raises(BlockingIOError):
                guest.recv(1)
        street.come("127.0.0.2")
        assert len(street.let_in()) == 1
        assert street.refused == {"server-crowd": 2}
        assert street.gate.waiting == 4


def test_guests_are_handed_over_one_at_a_time_and_addresses_take_turns() -> None:
    street = Street(GateLimits())
    with street.stack:
        for address in ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2"):
            street.come(address)
        while street.gate.waiting < 4:
            assert street.listening.waits_for(DEADLINE_S)
            street.listening.take_arrivals()
        came = []
        for _ in range(4):
            guest, address = street.listening.accept()
            came.append(address[0])
            street.stack.enter_context(guest)
            with pytest.raises(BlockingIOError):
                street.listening.accept()
            street.clock.now += TURN_EVERY_S
        assert came == ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.1"]


def test_who_has_gone_or_was_turned_out_is_not_handed_over(street: Street) -> None:
    gone = street.come("127.0.0.2")
    for _ in range(2):
        street.come("127.0.0.1")
    street.come("127.0.0.3")
    while street.gate.waiting < 4:
        assert street.listening.waits_for(DEADLINE_S)
        street.listening.take_arrivals()
    gone.close()
    assert len(street.let_in()) == 3
    assert street.refused == {"server-left-before-hello": 1}
    late = street.come("127.0.0.4")
    assert street.listening.waits_for(DEADLINE_S)
    street.listening.take_arrivals()
    street.clock.now += HELLO_TIMEOUT_S + 2  # before its turn has come
    street.gate.sweep()
    assert street.refused["server-hello-timeout"] == 4
    assert street.let_in() == []
    with pytest.raises(ConnectionResetError):
        late.recv(1)


def test_a_library_serves_all_who_come_and_closing_ends_it() -> None:
    """asyncio's own server on a guarded socket, as every library uses it."""
    refused: Counter[str] = Counter()
    gate = Gate(GateLimits(), Peers(), Descriptors(), lambda name, _who: refused.update([name]))
    bound = socket.create_server(("127.0.0.1", 0))
    port = bound.getsockname()[1]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gate.shown(writer.get_extra_info("peername"))
        writer.write(await reader.readexactly(1))
        writer.close()
        await writer.wait_closed()

    async def ask(number: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(bytes((number,)))
        found = await reader.read()
        writer.close()
        await writer.wait_closed()
        return found

    async def story() -> None:
        server = await asyncio.start_server(answer, sock=gate.listening(bound))
        async with server:
            found = await asyncio.gather(*map(ask, range(30)))
        assert found == [bytes((number,)) for number in range(30)]
        await server.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await ask(0)

    asyncio.run(asyncio.wait_for(story(), DEADLINE_S))
    assert refused == {} and gate.waiting == 0


def test_a_full_house_makes_room_among_those_who_wait(street: Street) -> None:
    street.descriptors.limit = 2
    street.come()
    street.come("127.0.0.2")
    for guest in street.let_in():
        street.gate.shown(guest.getpeername())
    street.come("127.0.0.3")
    assert street.let_in() == []
    assert street.refused == {"server-full": 1}  # members are never turned out


def test_a_trusted_proxy_is_not_an_address_like_others() -> None:
    street = Street(GateLimits(waiting_per_address=2, burst=2), trusted=("127.0.0.9",))
    with street.stack:
        for _ in range(5):
            street.come("127.0.0.9")
        assert len(street.let_in()) == 5
        assert street.refused == {}


def test_without_descriptors_the_gate_turns_people_away_and_lives() -> None:
    resource = pytest.importorskip("resource")
    street = Street(GateLimits())
    with street.stack:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        comers = [street.come() for _ in range(3)]
        probe = socket.socket()
        used = probe.fileno()
        probe.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (used, hard))
        try:
            assert street.let_in() == []
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert street.refused["server-descriptors"] == 3
        for one in comers:
            with contextlib.suppress(ConnectionError):
                assert one.recv(1) == b""
        street.come()
        assert len(street.let_in()) == 1


# -- addresses and pages -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "?"),
    ],
)
def test_limits_count_an_ipv6_site_as_one(address: str, key: str) -> None:
    assert address_key(address) == key


@pytest.mark.parametrize(
    ("address", "forwarded", "proto", "shown"),
    [
        ("10.0.0.5", "203.0.113.7", "https", ("203.0.113.7", True, True)),
        ("10.0.0.5", "1.1.1.1, 203.0.113.7, 10.0.0.6", "https", ("203.0.113.7", True, True)),
        ("10.0.0.5", "", "http", ("10.0.0.5", False, True)),
        ("10.0.0.5", "rubbish", "", ("10.0.0.5", False, True)),
        ("10.0.0.5", "[2001:db8::7]", "", ("2001:db8::7", False, True)),
        ("192.0.2.1", "203.0.113.7", "https", ("192.0.2.1", False, False)),
    ],
)
def test_only_a_trusted_proxy_says_who_comes(
    address: str, forwarded: str, proto: str, shown: tuple[str, bool, bool]
) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto}
    peer = Peers(["10.0.0.0/24"]).of(address, False, headers.__getitem__)
    assert (peer.address, peer.secure, peer.proxied) == shown


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("", "anything", True),
        ("http://10.0.0.5:7601", "10.0.0.5", True),
        ("http://10.0.0.5:7600", "10.0.0.5", True),
        ("http://[2001:db8::5]:7601", "[2001:db8::5]", True),
        ("http://localhost:7601", "localhost", True),
        (f"http://{socket.gethostname()}:7601", socket.gethostname(), True),
        ("https://mine.example.org", "mine.example.org", True),
        ("https://MINE.example.org:443", "elsewhere", True),
        ("http://mine.example.org", "mine.example.org", False),
        ("http://10.0.0.9:7601", "10.0.0.5", False),
        ("http://10.0.0.5:8000", "10.0.0.5", False),
        ("http://rebound.example:7601", "rebound.example", False),  # a name that somebody points
        ("null", "10.0.0.5", False),
        ("file://", "10.0.0.5", False),
        ("http://10.0.0.5:99999", "10.0.0.5", False),
    ],
)
def test_pages_are_our_own_or_were_allowed(origin: str, host: str, allowed: bool) -> None:
    rules = Origins([7600, 7601], ["https://mine.example.org"])
    assert rules.allows(origin, host) is allowed


@pytest.mark.parametrize("text", ["", "mine", "ftp://x", "https://x/path", "https://u@x"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        checked_origin(text)


@pytest.mark.parametrize("text", ["", "proxy", "10.0.0.0/99"])
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Peers([text])


def test_a_bucket_takes_what_was_saved_and_no_more() -> None:
    bucket = Bucket(2.0, 3.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(1.0) for _ in range(3)] == [True, True, False]


def test_an_attack_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    counters: Counter[str] = Counter()
    clock = Clock()
    refusals = Refusals(counters, clock=clock)
    with caplog.at_level("INFO", "kenish.door"):
        for _ in range(5000):
            refusals("server-busy", "10.0.0.1")
        clock.now += 61
        refusals("server-busy", "10.0.0.1")
    assert counters["refused_busy"] == 5001
    assert len(caplog.records) == LINES + 2
    assert "5000" in caplog.text
