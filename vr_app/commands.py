"""`kenish join` and `kenish bench`: parse arguments, then hand over."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path
from typing import Final

from assets.text.command_parser import CommandParser
from assets.text.number_ranges import number
from vr_app.console import Console
from vr_app.errors import CommandError, CommandRefused

ROLES: Final = ("observer", "visitor", "trainee", "engineer", "instructor", "admin")
MAX_SIDE: Final = 8192  # pixels of a picture
SIZE: Final = (1280, 720)  # pixels
BENCHMARKS: Final = Path(__file__).parents[1] / "tools" / "bench"


def size_in_pixels(text: str) -> tuple[int, int]:
    """ "1280x720" as (1280, 720)."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x720")
    size = int(width), int(height)
    if not all(0 < side <= MAX_SIDE for side in size):
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1x1 and {MAX_SIDE}x{MAX_SIDE}")
    return size


def add_size(parser: CommandParser) -> None:
    """The option --size: width and height of the picture."""
    width, height = SIZE
    parser.option(
        "--size",
        message="cli-help-size",
        filled={"default": f"{width}x{height}"},
        type=size_in_pixels,
        default=SIZE,
        metavar="WxH",
    )


def join(arguments: list[str], console: Console) -> int:
    """`kenish join ADDRESS`: enter a room."""
    from vr_app.stream.cache_options import add_cache, cache_options

    parser = CommandParser(
        prog="kenish join",
        console=console,
        key="join",
        example="kenish join ws://192.168.1.20:7600/mine --name Aru --role engineer",
    )
    parser.option("address", metavar="ADDRESS")
    parser.option("--name", default="")
    parser.option("--role", filled={"default": "engineer"}, choices=ROLES, default="engineer")
    parser.option("--ticket", metavar="TICKET")
    parser.option("--ca", type=Path, metavar="FILE")
    parser.option("--display", default="auto", metavar="auto|desktop|headset|simulator|offscreen")
    parser.option("--xr-validate", action="store_true")
    add_size(parser)
    parser.option("--at", metavar="VIEWPOINT")
    parser.option("--meet", metavar="NAME")
    parser.option("--laser", action="store_true")
    parser.option("--seconds", type=number(0, above=True), metavar="S")
    parser.option("--picture", type=Path, metavar="PNG")
    add_cache(parser)
    options = parser.parse_args(arguments)

    from vr_app.joining import JoinOptions, join_room

    return join_room(
        JoinOptions(
            address=options.address,
            name=options.name,
            role=options.role,
            ticket=options.ticket,
            authority=options.ca,
            display=options.display,
            validate=options.xr_validate,
            size=options.size,
            viewpoint=options.at,
            meet=options.meet,
            laser=options.laser,
            seconds=options.seconds,
            picture=options.picture,
            cache=cache_options(options.cache, options.cache_gb),
        ),
        console,
    )


def bench(arguments: list[str], console: Console) -> int:
    """`kenish bench NAME`: run a benchmark of the checkout."""
    known = sorted(p.stem for p in BENCHMARKS.glob("*.py") if not p.stem.startswith("_"))
    if not known:
        raise CommandError("bench-checkout-only")
    if not arguments or arguments[0].startswith("-"):
        example = "kenish bench start --quick"
        parser = CommandParser(prog="kenish bench", console=console, key="bench", example=example)
        parser.option("name", filled={"known": " ".join(known)}, metavar="NAME")
        parser.option("--quick", action="store_true")
        for line in parser.format_help().splitlines():
            console.line(line)
        return 0
    name, *rest = arguments
    if name not in known:
        raise CommandRefused("bench-unknown", name=name, known=" ".join(known))
    path = BENCHMARKS / f"{name}.py"
    before = sys.argv
    sys.argv = [str(path), *rest, *(["--json"] if console.json_output else [])]
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = before
    return 0
