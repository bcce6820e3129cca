"""`kenish demo`: parses arguments, then hands over to the demonstration."""

from __future__ import annotations

from pathlib import Path

from assets.text.command_parser import CommandParser
from vr_app.commands import add_size
from vr_app.console import Console
from vr_app.demo.bundled import ensure_bundled_twin


def demo(arguments: list[str], console: Console) -> int:
    """`kenish demo`: walk through the bundled mine, or another twin, with a second member."""
    parser = CommandParser(
        prog="kenish demo",
        console=console,
        key="demo",
        example="kenish demo --headless --out out/demo",
    )
    parser.option("--twin", type=Path, metavar="TWIN")
    parser.option("--headless", action="store_true")
    out = Path("out/demo")
    parser.option("--out", filled={"default": str(out)}, type=Path, default=out, metavar="DIR")
    add_size(parser)
    parser.option("--bake-only", type=Path, metavar="TWIN")
    options = parser.parse_args(arguments)

    def progress(done: int, total: int) -> None:
        console.progress("demo-baking", done, total)

    if options.twin is None or options.bake_only is not None:
        twin = ensure_bundled_twin(options.bake_only, progress)
    else:
        twin = options.twin
    if options.bake_only is not None:
        console.say("demo-baked", folder=str(twin))
        console.result({"twin": str(twin)})
        return 0

    from vr_app.demo.show import run_demo

    return run_demo(twin, options.headless, options.out, options.size, console)
