"""Where twins are kept on this machine and how much of them: the options of a command.

Names a folder and a bound; makes and reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from assets.text.command_parser import CommandParser
from assets.text.number_ranges import number
from vr_app.stream.disk_cache import DEFAULT_BYTES, DiskCache

if TYPE_CHECKING:
    from vr_app.stream.seen_twins import SeenTwins


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """`folder` None: the platform's; `max_bytes` bounds the files of all twins together."""

    folder: Path | None = None
    max_bytes: int = DEFAULT_BYTES

    @property
    def place(self) -> Path:
        """The folder."""
        default = platformdirs.user_cache_path("kenish", appauthor=False) / "streamed"
        return self.folder or default

    def open(self) -> tuple[DiskCache, SeenTwins]:
        """The files, and what is remembered of twins."""
        from vr_app.stream.seen_twins import SeenTwins  # 0.1 s that a help text does not need

        return DiskCache(self.place, self.max_bytes), SeenTwins(self.place)


def add_cache(parser: CommandParser) -> None:
    """The options --cache and --cache-gb."""
    gigabytes = DEFAULT_BYTES / 1024**3
    parser.option("--cache", message="cli-help-cache", type=Path, metavar="DIR")
    parser.option(
        "--cache-gb",
        message="cli-help-cache-gb",
        filled={"default": f"{gigabytes:g}"},
        type=number(0.1, above=False),
        default=gigabytes,
        metavar="GB",
    )


def cache_options(folder: Path | None, gigabytes: float) -> CacheOptions:
    """From what was given on the command line."""
    return CacheOptions(folder, int(gigabytes * 1024**3))
