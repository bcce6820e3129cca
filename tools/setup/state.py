"""What is installed in an environment, remembered as a stamp, and whether that still holds.

Pure: reads and writes nothing; `environment` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stamp:
    """What an environment was made from, and what was in it when that was done.

    digest: of pyproject.toml, constraints.txt, Python's version and the folder.
    extras: the extras that were installed.
    packages: names of the `*.dist-info` folders that were there afterwards.
    """

    digest: str
    extras: tuple[str, ...]
    packages: tuple[str, ...]

    def to_json(self) -> str:
        """The stamp as text."""
        value = {"digest": self.digest, "extras": self.extras, "packages": self.packages}
        return json.dumps(value, indent=1)


def stamp_from_json(text: str) -> Stamp | None:
    """The stamp in `text`, or None where it is not one (cut short, from another version)."""
    try:
        value = json.loads(text)
        return Stamp(
            str(value["digest"]),
            tuple(str(name) for name in value["extras"]),
            tuple(str(name) for name in value["packages"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def digest_of(parts: Iterable[bytes | str]) -> str:
    """One hash of all parts, each ended so that two cannot run together."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(str(len(data)).encode() + b":" + data)
    return whole.hexdigest()


def is_current(
    stamp: Stamp | None, digest: str, extras: Sequence[str], present: Iterable[str]
) -> bool:
    """Whether nothing has to be installed: same sources, extras there, no package gone."""
    if stamp is None or stamp.digest != digest or not set(extras) <= set(stamp.extras):
        return False
    return set(stamp.packages) <= set(present)


def extras_to_install(stamp: Stamp | None, wanted: Sequence[str]) -> tuple[str, ...]:
    """`wanted` and what the environment had before, so that one command never undoes another."""
    before = stamp.extras if stamp is not None else ()
    return tuple(sorted({*before, *wanted}))
