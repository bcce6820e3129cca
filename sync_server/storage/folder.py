"""The state folder: where it is, which rooms it holds, and the secret that signs tickets.

It never lies inside a twin, and a room's name is checked before it becomes a file's name.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

from sync_server.wire.errors import Refused

ROOM_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_SECRET_BYTES: Final = 32


def checked_room_name(name: str) -> str:
    """The name itself. Raises `Refused` where it is not lower-case letters, digits, `_.-`."""
    if ROOM_NAME.fullmatch(name) is None:
        raise Refused("server-room-name", name=name[:64])
    return name


class StateFolder:
    """A folder with `rooms/NAME.sqlite3`, `people.sqlite3`, `entrance.sqlite3` and `secret`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def default(cls) -> StateFolder:
        """The platform's user-data folder."""
        from platformdirs import user_data_path  # not needed where --state is given

        return cls(user_data_path("kenish", appauthor=False))

    def make(self) -> None:
        """Make the folder where there is none yet: names are in it, so its owner only may look.

        Raises `Refused` (`server-state`).
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or ""
            raise Refused("server-state", folder=str(self.folder), reason=reason) from error

    def room(self, name: str) -> Path:
        """The room's database."""
        return self.folder / "rooms" / f"{checked_room_name(name)}.sqlite3"

    def files(self, name: str) -> Path:
        """The folder of the room's pictures."""
        return self.folder / "rooms" / f"{checked_room_name(name)}.files"

    def people(self) -> Path:
        """The site's people store."""
        return self.folder / "people.sqlite3"

    def rooms(self) -> list[str]:
        """The names of the rooms that are kept here."""
        return sorted(path.stem for path in (self.folder / "rooms").glob("*.sqlite3"))

    def secret(self) -> bytes:
        """The signing secret; made on first use, readable by its owner only.

        Raises `Refused` where the folder cannot be written or the file is damaged.
        """
        path = self.folder / "secret"
        self.make()
        try:
            fresh = path.with_name(f".secret.{os.getpid()}.{secrets.token_hex(4)}")
            if not path.exists():
                with os.fdopen(
                    os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
                ) as f:
                    f.write(secrets.token_hex(_SECRET_BYTES))
                try:
                    # link, not rename: of two servers that start at once, the first one's stays.
                    os.link(fresh, path)
                except FileExistsError:
                    pass
                except OSError:  # a file system without links
                    fresh.replace(path)
                finally:
                    fresh.unlink(missing_ok=True)
            secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise Refused("server-state", folder=str(self.folder), reason=str(error)) from error
        if len(secret) < _SECRET_BYTES:
            raise Refused("server-state", folder=str(self.folder), reason="secret")
        return secret
