"""Where a connection really comes from, and whether a browser's page may have opened it.

Believes what a proxy says only where it was told to trust that proxy; it never asks a name server.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from sync_server.wire.errors import Refused

Header = Callable[[str], str]  # name -> value, empty where it is not there exactly once
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end; `proxied` where a trusted proxy said so."""

    address: str
    secure: bool
    proxied: bool


def address_key(address: str) -> str:
    """What limits by address count under: an IPv4 address, or an IPv6 site's /64."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(parsed) >> 64 << 64)) + "/64"


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = address.strip()
    if text.startswith("["):
        text = text[1:].split("]", 1)[0]
    try:
        parsed = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


class Peers:
    """The proxies that are trusted. Raises `Refused` (`server-proxy-address`)."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = [_network(one) for one in trusted]

    def trusts(self, address: str) -> bool:
        """Whether an address is one of the trusted proxies."""
        plain = _plain(address)
        return plain is not None and any(plain in one for one in self._trusted)

    def of(self, address: str, secure: bool, header: Header) -> Peer:
        """Who speaks through a connection from `address`."""
        if not self.trusts(address):
            return Peer(address, secure, proxied=False)
        claimed = address
        # From the right: what stands before the first one that we do not trust anybody can write.
        for one in reversed(header("X-Forwarded-For").split(",")):
            plain = _plain(one)
            if plain is None:
                break
            claimed = str(plain)
            if not self.trusts(claimed):
                break
        forwarded = header("X-Forwarded-Proto").split(",")[-1].strip().lower()
        return Peer(claimed, secure or forwarded in {"https", "wss"}, proxied=True)


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise Refused("server-proxy-address", address=text[:64]) from error


class Origins:
    """Which pages may use a server: its own, and those of the origins that it was told.

    A page is our own where its host is the one that the browser came here by, as an address, as
    "localhost" or as this machine's name: any other name could be pointed at us by its owner.
    """

    def __init__(self, ports: Sequence[int], allowed: Iterable[str] = ()) -> None:
        """`ports` are those of our listeners. Raises `Refused` (`server-origin-option`)."""
        self._ports = frozenset(ports)
        self._allowed = frozenset(map(checked_origin, allowed))
        name = socket.gethostname().lower()
        self._names = frozenset({"localhost", name, f"{name}.local"})

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` (empty: no browser) may use us under the name `host`."""
        if not origin:
            return True
        try:
            asked = checked_origin(origin)
            page = urlsplit(asked)
            port = page.port or _DEFAULT_PORTS[page.scheme]
        except (Refused, ValueError):
            return False
        if asked in self._allowed:
            return True
        name = (page.hostname or "").lower()
        ours = _plain(name) is not None or name in self._names
        return ours and port in self._ports and name == host.strip("[]").lower()


def checked_origin(text: str) -> str:
    """SCHEME://HOST[:PORT], in small letters. Raises `Refused` (`server-origin-option`)."""
    refused = Refused("server-origin-option", origin=text[:100])
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError as error:
        raise refused from error
    strange = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or strange:
        raise refused
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{shown}"
