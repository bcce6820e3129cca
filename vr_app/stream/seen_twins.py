"""Remembers, for each person and address, the twin that was seen there last: scene and listing.

One small file each, written whole; a damaged one counts as none. Layers that are `restricted` are
never written: neither their files, which the server does not list, nor what the scene says of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scenes.twin import read_scene, write_atomically
from vr_app.stream.listing import MAX_LISTING_BYTES, Listing, parse_listing

MAX_SEEN: Final = 64  # twins and people; the oldest go
MAX_BYTES: Final = MAX_LISTING_BYTES + 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SeenTwin:
    """A twin as it was: the scene's text, the listing as sent, and the listing's ETag."""

    scene: str
    listing: bytes
    etag: str

    def files(self) -> Listing:
        """The listing's files. Raises ValueError."""
        return parse_listing(self.listing)


def keepable_scene(text: str, where: str) -> str:
    """The scene without what is restricted. Raises `Refused` for a text that is no scene."""
    scene = read_scene(text, where)
    kept = [layer for layer in scene.layers if layer.access != "restricted"]
    if len(kept) == len(scene.layers):
        return text
    withheld = scene.withheld_layers + len(scene.layers) - len(kept)
    shown = scene.model_copy(update={"layers": kept, "withheld_layers": withheld})
    content = shown.model_dump(mode="json", exclude_defaults=True) | {"version": shown.version}
    return json.dumps(content, ensure_ascii=False)


class SeenTwins:
    """The files in one folder, by the keys that `vr_app.identity` gives to people in rooms."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "twins"

    def _file(self, who: str) -> Path:
        return self._folder / f"{hashlib.sha256(who.encode()).hexdigest()[:32]}.seen"

    def load(self, who: str) -> SeenTwin | None:
        """What that one saw last; None where nothing is kept, or it was damaged."""
        file = self._file(who)
        try:
            if file.stat().st_size > MAX_BYTES:
                return None
            digest, head, scene, listing = _parts(file.read_bytes())
            if digest != hashlib.sha256(head + scene + listing).hexdigest().encode():
                return None
            seen = SeenTwin(scene.decode(), listing, json.loads(head)["etag"])
            seen.files()
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return seen

    def save(self, who: str, seen: SeenTwin) -> None:
        """Remember it; raises OSError where that cannot be."""
        scene = seen.scene.encode()
        head = json.dumps({"etag": seen.etag, "scene": len(scene)}).encode() + b"\n"
        digest = hashlib.sha256(head + scene + seen.listing).hexdigest().encode()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._file(who), digest + b"\n" + head + scene + seen.listing)
        self._drop_oldest()

    def forget(self, who: str) -> None:
        """They may not see it any more."""
        with contextlib.suppress(OSError):
            self._file(who).unlink()

    def _drop_oldest(self) -> None:
        with contextlib.suppress(OSError):
            kept = sorted(self._folder.glob("*.seen"), key=lambda one: -one.stat().st_mtime)
            for file in kept[MAX_SEEN:]:
                file.unlink()


def _parts(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    digest, _, rest = data.partition(b"\n")
    head, newline, rest = rest.partition(b"\n")
    length = json.loads(head)["scene"]
    if type(length) is not int or not 0 <= length <= len(rest):
        raise ValueError("cut short")
    return digest, head + newline, rest[:length], rest[length:]
