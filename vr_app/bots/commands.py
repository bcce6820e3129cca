"""`kenish bots N ADDRESS`: a load of many members for a room, with a report.

Parses arguments, shows progress and prints; the bots are `crowd`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from pathlib import Path
from typing import Final

from assets.text.command_parser import CommandParser
from assets.text.number_ranges import number, whole_number
from vr_app.console import Console

ROLES: Final = ("observer", "visitor", "trainee", "engineer", "instructor", "admin")
MOST: Final = 500
RATE: Final = 20.0
MOST_TICKET_BYTES: Final = 4 * 1024 * 1024


def bots(arguments: list[str], console: Console) -> int:
    """`kenish bots N ADDRESS`: members that walk, until the time is up or Ctrl-C."""
    parser = CommandParser(
        prog="kenish bots",
        console=console,
        key="bots",
        example="kenish bots 50 ws://127.0.0.1:7600/mine --seconds 30 --role engineer",
    )
    parser.option("n", type=whole_number(1, MOST), metavar="N")
    parser.option("address", metavar="ADDRESS")
    parser.option(
        "--rate", filled={"default": "20"}, type=number(0.1, 90), default=RATE, metavar="HZ"
    )
    parser.option("--seconds", type=number(0, above=True), metavar="S")
    parser.option(
        "--commands", filled={"default": "0"}, type=number(0), default=0.0, metavar="RATE"
    )
    parser.option("--churn", filled={"default": "0"}, type=number(0), default=0.0, metavar="S")
    parser.option("--role", filled={"default": "visitor"}, choices=ROLES, default="visitor")
    parser.option("--ticket-file", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)

    from vr_app.bots.crowd import run_crowd
    from vr_app.bots.member import BotOptions
    from vr_app.bots.tally import Tally
    from vr_app.session.address import explain, parse_address

    address = parse_address(options.address)
    tickets: list[str] = []
    if options.ticket_file is not None:
        with options.ticket_file.open(encoding="utf-8") as file:
            tickets = file.read(MOST_TICKET_BYTES).split()
    plan = BotOptions(
        address=address.url,
        rate=options.rate,
        commands=options.commands,
        churn_s=options.churn,
        role=options.role,
    )

    troubles: list[BaseException] = []

    def progress(passed: float, tally: Tally) -> None:
        total = options.seconds or 0.0
        done = round(passed) if total else 0
        console.progress(
            "bots-progress",
            done,
            round(total) or 1,
            present=tally.present,
            n=options.n,
            seconds=round(passed),
        )

    async def live() -> dict[str, object]:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGINT, stop.set)
            loop.add_signal_handler(signal.SIGTERM, stop.set)
        return await run_crowd(options.n, plan, options.seconds, stop, tickets, progress, troubles)

    report = asyncio.run(live())
    if troubles and not report["joined"]:
        message_id, details = explain(address, troubles[0])
        console.failure(message_id, details)
        return 1
    if console.json_output:
        console.result(report)
    else:
        console.line(json.dumps(report, ensure_ascii=False, indent=1))
    return 0
