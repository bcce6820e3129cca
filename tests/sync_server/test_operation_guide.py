"""docs/operation.md speaks of every refusal and every number that there is."""

from __future__ import annotations

import re

from tests.sync_server.support import ROOT

GUIDE = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
# These end a connection on purpose; nobody is refused anything.
NO_REFUSALS = {"closing", "bye", "replaced", "too-slow", "pings-over-rate"}


def test_every_refusal_is_explained() -> None:
    text = (ROOT / "assets" / "locale" / "en" / "server.ftl").read_text(encoding="utf-8")
    refusals = text[: text.index("# Starting and administering a server")]
    names = set(re.findall(r"^server-([a-z-]+) =", refusals, re.MULTILINE)) - NO_REFUSALS
    assert len(names) > 50
    assert not {name for name in names if f"`{name}`" not in GUIDE}


def test_every_name_that_is_counted_is_explained() -> None:
    counted: set[str] = set()
    for path in (ROOT / "sync_server").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        counted |= set(re.findall(r'counters\["([a-z_]+)"\]', code))
        counted |= set(re.findall(r'Sample\(\s*"([a-z_]+)"', code))
        counted |= set(re.findall(r'Durations\(\s*"([a-z_]+)"', code))
    assert len(counted) > 35
    assert not {name for name in counted if not re.search(rf"`{name}(_total)?[`{{]", GUIDE)}


def test_what_is_explained_exists() -> None:
    """A table that names what is gone would send somebody searching."""
    code = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "sync_server").rglob("*.py")
    )
    code += (ROOT / "assets" / "locale" / "en" / "server.ftl").read_text(encoding="utf-8")
    part = GUIDE[GUIDE.index("## What every refusal means") : GUIDE.index("## When something")]
    names = {
        name
        for row in re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
        for name in re.findall(r"`([a-z-]+)`", row)
    }
    assert len(names) > 50
    assert not {name for name in names if f"server-{name}" not in code}
