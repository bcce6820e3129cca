"""Every bound of the wire in one place: versions, sizes, rates and the reasons a socket is closed.

Numbers only; who enforces one says so where it does.
"""

from __future__ import annotations

from typing import Final

PROTOCOL_VERSION: Final = 1
SUPPORTED_VERSIONS: Final = (1,)

MAX_MEMBER_MESSAGE: Final = 16 * 1024  # bytes, member to server
MAX_SERVER_MESSAGE: Final = 1024 * 1024  # bytes, server to member
SNAPSHOT_CHUNK: Final = 64 * 1024  # bytes of records in one chunk at joining, about: 3 ms to make

MAX_NAME: Final = 48  # characters of a display name
MAX_TEXT: Final = 2000  # characters of an annotation or a message
MAX_TOKEN: Final = 2048  # characters of a ticket or a resume token
MAX_MEMBERS: Final = 100
PER_ADDRESS: Final = 128  # members from one address; a class sits behind one
MAX_RECORDS: Final = 50_000  # records that are not deleted, in one room
MAX_TOMBSTONES: Final = 5_000  # deletions that are remembered for those who were away
HISTORY_ENTRIES: Final = 50  # entries in one page of a record's history,
HISTORY_BYTES: Final = 128 * 1024  # and their bytes, about; one entry at the least
MAX_NAMES: Final = 1_000  # names of absent people that a welcome carries

HELLO_TIMEOUT_S: Final = 10.0

# WebSocket close codes, 4000-4999 are for applications.
CLOSE_GOING_AWAY: Final = 1001
CLOSE_VERSION: Final = 4001
CLOSE_UNKNOWN_ROOM: Final = 4002
CLOSE_TICKET: Final = 4003
CLOSE_ROLE: Final = 4004
CLOSE_FULL: Final = 4005
CLOSE_HELLO_TIMEOUT: Final = 4006
CLOSE_MALFORMED: Final = 4007
CLOSE_TOO_SLOW: Final = 4008
CLOSE_REPLACED: Final = 4009
CLOSE_KEPT_OUT: Final = 4010
CLOSE_LOCKED: Final = 4011
CLOSE_CROWDED: Final = 4012  # too many from one address
CLOSE_ORIGIN: Final = 4013  # a page that may not use this server
CLOSE_BUSY: Final = 4014  # too many come in at once

# After these the client tries again by itself; after any other it has to be told by a person.
CLOSES_TO_RETRY: Final = frozenset(
    {CLOSE_GOING_AWAY, CLOSE_HELLO_TIMEOUT, CLOSE_TOO_SLOW, CLOSE_BUSY}
)
