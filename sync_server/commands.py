"""`kenish serve`: runs a server until it is told to stop.

Parses arguments and prints; everything heavy is imported inside the command that needs it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from assets.text.command_parser import CommandParser
from assets.text.number_ranges import number, whole_number
from sync_server.logs import LEVELS, set_up_logs
from sync_server.room_commands import add_retention
from sync_server.terminal import LAST_PORT, OPEN_ROLES, Terminal, add_state, command_parser
from sync_server.wire.limits import MAX_MEMBERS, PER_ADDRESS

if TYPE_CHECKING:
    from sync_server.drills.script import DrillOptions


def _add_drill(parser: CommandParser) -> None:
    parser.option("--drill", metavar="FILE")
    parser.option("--drill-mode", choices=("practice", "drill", "tour"), default="practice")
    parser.option("--drill-profile", choices=("kz", "jp", "who", "site", "us"))
    parser.option("--drill-seed", filled={"default": "0"}, type=int, default=0)
    parser.option("--drill-autostart", action="store_true")
    parser.option("--drill-speed", filled={"default": "1"}, type=number(0.1, 100), default=1.0)


def _drill_options(options: argparse.Namespace) -> DrillOptions | None:
    if options.drill is None:
        return None
    from sync_server.drills.script import DrillOptions

    return DrillOptions(
        file=options.drill,
        mode=options.drill_mode,
        profile=options.drill_profile,
        seed=options.drill_seed,
        autostart=options.drill_autostart,
        speed=options.drill_speed,
    )


def serve(arguments: list[str], console: Terminal) -> int:
    """`kenish serve TWIN`: run a server until Ctrl-C; one JSON line on stdout once it listens."""
    parser = command_parser("serve", console, "kenish serve mine/ --open engineer --host 0.0.0.0")
    parser.option("twin", type=Path, metavar="TWIN")
    parser.option("--room", action="append", metavar="NAME")
    parser.option(
        "--port", filled={"default": "7600"}, type=whole_number(0, LAST_PORT), default=7600
    )
    parser.option("--host", filled={"default": "127.0.0.1"}, default="127.0.0.1")
    add_state(parser)
    roles = {"roles": ", ".join(OPEN_ROLES)}
    parser.option("--open", filled=roles, choices=OPEN_ROLES, metavar="ROLE")
    parser.option("--record", type=Path, metavar="FILE")
    parser.option(
        "--record-minutes",
        filled={"default": "120"},
        type=number(1, 240),
        default=120.0,
        metavar="M",
    )
    parser.option("--flush-ms", type=number(0, 1000), default=0.0, metavar="MS")
    parser.option(
        "--max-members",
        filled={"default": str(MAX_MEMBERS)},
        type=whole_number(1, 10_000),
        default=MAX_MEMBERS,
    )
    parser.option(
        "--per-address",
        filled={"default": str(PER_ADDRESS)},
        type=whole_number(64, 10_000),  # a class sits behind one address
        default=PER_ADDRESS,
    )
    parser.option("--tls-cert", type=Path, metavar="FILE")
    parser.option("--tls-key", type=Path, metavar="FILE")
    parser.option("--origin", action="append", metavar="URL")
    parser.option("--trust-proxy", action="append", metavar="ADDR")
    parser.option("--simulate", action="store_true")
    parser.option("--mqtt", metavar="URL")
    _add_drill(parser)
    parser.option("--watch-parent", action="store_true")
    parser.option(
        "--drain-seconds", filled={"default": "0"}, type=number(0, 600), default=0.0, metavar="S"
    )
    add_retention(parser)
    parser.option("--log-format", choices=("text", "json"), default="text")
    parser.option("--log-level", choices=LEVELS, default="warning")
    parser.option("--verbose", action="store_true")
    options = parser.parse_args(arguments)

    import asyncio

    from sync_server.app import run
    from sync_server.options import Announcement, ServerOptions
    from sync_server.transport.gathering import gathering_loop

    set_up_logs(options.log_format, "info" if options.verbose else options.log_level)

    def announce(where: Announcement) -> None:
        # Always on stdout, also without --json: programs that start a server wait for it.
        if console.json_output:
            console.result(where.json())
        else:
            console.out.write(json.dumps(where.json()) + "\n")
            console.out.flush()
        if where.lan is not None:
            console.warn("server-lan", address=f"{where.lan}/{where.rooms[0]}")

    with asyncio.Runner(loop_factory=gathering_loop) as runner:
        runner.run(
            run(
                ServerOptions(
                    twin=options.twin,
                    state=options.state,
                    rooms=tuple(dict.fromkeys(options.room or ())),
                    host=options.host,
                    port=options.port,
                    opened=options.open,
                    record=options.record,
                    record_minutes=options.record_minutes,
                    flush_s=options.flush_ms / 1000,
                    max_members=options.max_members,
                    per_address=options.per_address,
                    tls_cert=options.tls_cert,
                    tls_key=options.tls_key,
                    origins=tuple(options.origin or ()),
                    trusted_proxies=tuple(options.trust_proxy or ()),
                    drain_seconds=options.drain_seconds,
                    keep_entries=options.keep_entries,
                    keep_days=options.keep_days,
                    simulate=options.simulate,
                    mqtt=options.mqtt,
                    watch_parent=options.watch_parent,
                    drill=_drill_options(options),
                ),
                announce,
            )
        )
    return 0
