"""Where an MQTT broker is and which topics are ours: `mqtt://user:password@host:port/prefix`.

Never connects, and never shows a password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from sync_server.sensors.errors import SensorRefused

DEFAULT_PREFIX: Final = "kenish"
# A feed under this name is taken by every twin that has the datastream.
ANY_TWIN: Final = "any"
STATUS: Final = "status"
ONLINE: Final = b"online"
OFFLINE: Final = b"offline"

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_PREFIX: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}(/[A-Za-z0-9_.-]{1,64}){0,4}")


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """A broker and the prefix of our topics on it."""

    host: str
    port: int = 1883
    prefix: str = DEFAULT_PREFIX
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    def topic(self, twin: str, datastream: str) -> str:
        """Where the observations of one datastream of one twin are published."""
        return f"{self.prefix}/{twin}/{datastream}"

    def status_topic(self, gateway: str) -> str:
        """Where a gateway says "online", and its last will says "offline"."""
        return f"{self.prefix}/{gateway}/{STATUS}"

    def __str__(self) -> str:
        scheme = "mqtts" if self.tls else "mqtt"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}/{self.prefix}"


def _shown(url: str) -> str:
    """The address without what stands before the @, for messages."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"[:200]


def parse_address(url: str) -> MqttAddress:
    """Read a broker's address; raises `SensorRefused` that says which part is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SensorRefused("sensors-bad-address", url=_shown(url)) from error
    if parts.scheme not in _PORTS or not parts.hostname or "?" in url or "#" in url:
        raise SensorRefused("sensors-bad-address", url=_shown(url))
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    if not _PREFIX.fullmatch(prefix):
        raise SensorRefused("sensors-bad-prefix", prefix=prefix[:80])
    return MqttAddress(
        host=parts.hostname,
        port=port if port is not None else _PORTS[parts.scheme],
        prefix=prefix,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "mqtts",
    )
