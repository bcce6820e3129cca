"""`kenish token`: makes a ticket that lets one person into a room, once and for a few minutes.

Signs with the state folder's secret; it never talks to a server.
"""

from __future__ import annotations

import re
import time
from typing import Final

from assets.text.number_ranges import number
from sync_server.room.tickets import TICKET_LONGEST_S
from sync_server.terminal import ROLES, Terminal, add_state, command_parser

# One word, as everywhere on the wire: a person's name with its blanks and accents is none.
_PSEUDONYM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def token(arguments: list[str], console: Terminal) -> int:
    """`kenish token ROOM --role R`: print a ticket."""
    parser = command_parser("token", console, "kenish token mine --role instructor --state state/")
    parser.option("room", metavar="ROOM")
    parser.option("--role", choices=ROLES, required=True)
    parser.option("--member", metavar="ID")
    parser.option(
        "--minutes",
        filled={"default": "5"},
        type=number(0, TICKET_LONGEST_S / 60, above=True),
        default=5.0,
    )
    add_state(parser)
    options = parser.parse_args(arguments)

    from ulid import ULID

    from sync_server.room.tickets import Ticket, sign
    from sync_server.storage.folder import StateFolder, checked_room_name
    from sync_server.wire.errors import Refused

    folder = StateFolder(options.state) if options.state else StateFolder.default()
    member = f"m-{ULID()}" if options.member is None else options.member
    if _PSEUDONYM.fullmatch(member) is None or member == "server":
        raise Refused("server-member-id", member=member[:64])
    now = time.time()
    expires = now + options.minutes * 60
    name = checked_room_name(options.room)
    ticket = Ticket(member, name, options.role, expires, str(ULID()), issued=now)
    text = sign(folder.secret(), "ticket", ticket)
    if not console.json_output:
        console.line(text)
    console.result(
        {
            "ticket": text,
            "room": ticket.room,
            "role": ticket.role,
            "member": member,
            "expires": int(expires),
        }
    )
    return 0
