"""Every message that scenes raise or print exists in four languages with the same arguments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "ru", "kk", "ja")


class _Variables(Visitor):
    """Collects the variables that a message uses."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)


def messages(language: str) -> dict[str, set[str]]:
    """Message id -> its variables."""
    folder = ROOT / "assets" / "locale" / language
    files = ("scenes.ftl", "mine.ftl")
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in files)
    resource = FluentParser().parse(text)
    found: dict[str, set[str]] = {}
    for entry in resource.body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            visitor = _Variables()
            visitor.visit(entry)
            assert entry.id.name not in found, f"{entry.id.name} twice"
            found[entry.id.name] = visitor.names
    return found


def used_in_code() -> set[str]:
    """The message ids that stand as strings in the package."""
    names = "add-layer|scene|scenes|import|tile|tileset|walk|bake|mine"
    pattern = re.compile(rf'"((?:{names})-[a-z0-9-]+)"')
    found: set[str] = set()
    for path in (ROOT / "scenes").rglob("*.py"):
        if path.parent.name != "synthetic" or path.name == "parameters.py":
            found |= set(pattern.findall(path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_messages_and_variables(language: str) -> None:
    assert messages(language) == messages("en")


def test_every_used_message_exists_and_none_is_idle() -> None:
    known, used = set(messages("en")), used_in_code()
    assert used - known == set()
    assert known - used == set()
