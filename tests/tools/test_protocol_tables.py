"""docs/protocol.md says what the code does: its tables and examples are made anew and compared."""

from __future__ import annotations

import re

import pytest

from sync_server.room.roles import NEEDED, PERMISSIONS
from sync_server.wire.records import PAYLOADS
from tools import protocol_tables
from tools.protocol_tables import DOCUMENT, Stale, blocks, rendered


def test_the_document_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rendered(text) == text, "stale: run python tools/protocol_tables.py"


def test_every_kind_and_every_permission_has_its_line() -> None:
    made = blocks()
    for kind in PAYLOADS:
        assert f"| `{kind}` |" in made["kinds"]
        assert f"#### `{kind}`\n" in made["payloads"]
    for permission in set(NEEDED.values()) | PERMISSIONS["admin"]:
        assert f"| `{permission}` |" in made["roles"]


def test_a_field_without_a_sentence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    words = dict(protocol_tables.FIELDS)
    del words["command.expect"]
    monkeypatch.setattr(protocol_tables, "FIELDS", words)
    with pytest.raises(Stale, match=r"command\.expect"):
        blocks()


def test_a_sentence_about_what_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    words = dict(protocol_tables.FIELDS) | {"command.teleport": "Gone."}
    monkeypatch.setattr(protocol_tables, "FIELDS", words)
    with pytest.raises(Stale, match=r"command\.teleport"):
        blocks()


def test_a_marker_too_few_is_noticed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    with pytest.raises(Stale):
        rendered(text.replace("<!-- generated: limits -->\n", ""))


def test_links_of_the_document_lead_somewhere() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("https://"):
            assert (DOCUMENT.parent / target).exists(), target


def test_sections_that_are_spoken_of_exist() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    numbers = {int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)}
    spoken = re.findall(r"sections? (\d+)(?:, (\d+))*(?: and (\d+))?", text)
    assert {int(number) for group in spoken for number in group if number} <= numbers
