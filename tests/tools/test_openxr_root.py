"""Where Debian comes from is read from apt's own files, of both kinds."""

from __future__ import annotations

import pytest

from tools.openxr_root import root, run
from tools.openxr_root.sources import mirrors

DEB822 = """\
Types: deb
# a comment: with a colon
URIs: http://archive.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://other.example/debian
Suites: sid
Components: main
"""
ONE_LINE = """\
# deb http://no.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/x.gpg] https://mirror.example/debian bookworm main
deb-src https://source.example/debian bookworm main
deb https://vendor.example/apt stable vendor
deb http://security.example/debian-security bookworm-security main
"""


def test_archives_of_both_kinds_of_files() -> None:
    found = mirrors({"debian.sources": DEB822, "sources.list": ONE_LINE})
    assert found == ["http://archive.example/debian", "https://mirror.example/debian"]


@pytest.mark.parametrize("text", ["", "\n\n", "Types\n: x", "deb", "deb [", "URIs: a\nTypes: deb"])
def test_odd_files_name_no_archive(text: str) -> None:
    assert mirrors({"a.sources": text, "b.list": text}) == []


def test_another_recipe_is_another_root(monkeypatch: pytest.MonkeyPatch) -> None:
    before = root.recipe()
    assert before == root.recipe()
    monkeypatch.setattr(root, "PACKAGES", (*root.PACKAGES, "one-more"))
    assert root.recipe() != before


def test_a_machine_that_cannot_says_so_loudly_and_fails_only_where_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def impossible() -> None:
        raise root.NotPossible("no namespaces here")

    monkeypatch.setattr(run, "built", impossible)
    monkeypatch.setattr("sys.argv", ["run.py"])
    monkeypatch.delenv("KENISH_REQUIRE_ALL", raising=False)
    assert run.main() == 0
    assert "WERE NOT RUN: no namespaces here" in capsys.readouterr().err
    monkeypatch.setenv("KENISH_REQUIRE_ALL", "openxr")
    assert run.main() == 1
