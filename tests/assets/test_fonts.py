"""The font chain: its own character map reader against fontTools, runs, and every shipped text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
import yaml
from fontTools.ttLib import TTFont

from assets.text.fonts import FontChain, FontsMissing, Run, font_chain, font_files, missing_fonts
from assets.text.glyph_coverage import FontUnreadable, read_coverage
from scenes.synthetic import SyntheticMine, demo_parameters

ROOT = Path(__file__).parent.parent.parent
KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


@lru_cache
def cmap(path: Path) -> frozenset[int]:
    """Code points of a font, as fontTools reads them."""
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache
def covered() -> frozenset[int]:
    """Code points of the whole chain."""
    return frozenset().union(*(cmap(file.path) for file in font_files()))


def shipped_texts() -> list[Path]:
    """Files whose characters people may see: messages, and the texts of drills and scenes."""
    patterns = ("assets/locale/*/*.ftl", "curricula/drills/**/*.ftl", "curricula/drills/**/*.yaml",
                "scenes/**/*.yaml")  # fmt: skip
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


@pytest.mark.parametrize("file", font_files(), ids=lambda file: file.name)
def test_coverage_agrees_with_fonttools(file) -> None:
    ours = read_coverage(file.path)
    theirs = cmap(file.path)
    assert all((chr(code) in ours) == (code in theirs) for code in range(0x30000))


def test_the_whole_chain_is_installed() -> None:
    assert missing_fonts() == []
    assert [file.name for file in font_files()] == [
        "Noto Sans", "Noto Sans JP", "DejaVu Sans Mono"]  # fmt: skip


@pytest.mark.parametrize("path", shipped_texts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_character_has_a_glyph(path: Path) -> None:
    """fontTools is the judge here, so that our own reader cannot hide a gap."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        text = "\n".join(_strings(yaml.safe_load(text)))
    missing = {c for c in text if not c.isspace() and ord(c) not in covered()}
    assert not missing, f"{path.name}: no glyph for {sorted(missing)}"


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return []


def test_every_title_of_the_bundled_mine_has_a_glyph() -> None:
    scene = SyntheticMine(demo_parameters()).scene
    text = "\n".join(_strings(scene.model_dump(mode="json")))
    assert "Главный водосборник" in text, "titles in all languages are there"
    missing = {c for c in text if not c.isspace() and ord(c) not in covered()}
    assert not missing, f"no glyph for {sorted(missing)}"


def test_runs_take_the_first_font_that_has_the_character() -> None:
    chain = font_chain()
    assert chain.runs("CO 12 ppm") == (Run(0, "CO 12 ppm"),)
    assert chain.runs(KAZAKH) == (Run(0, KAZAKH),)
    assert chain.runs("pH 3 警報 ≥ ✔") == (
        Run(0, "pH 3 "),
        Run(1, "警報"),
        Run(0, " "),
        Run(1, "≥"),
        Run(0, " "),
        Run(2, "✔"),
    )
    assert chain.missing("abc Жж 日本 ✔") == set()
    assert chain.missing("a\U00013000b") == {"\U00013000"}


def test_what_no_font_has_is_still_drawn() -> None:
    assert font_chain().runs("\U00013000") == (Run(0, "\U00013000"),)


def test_weights_differ_and_japanese_is_not_thin() -> None:
    chain = font_chain()

    def ink(weight: int) -> int:
        mask = chain.face(1, 32, weight).getmask("坑道")
        return sum(bytes(mask))

    assert ink(600) > 1.1 * ink(400)
    assert ink(400) > 1.3 * ink(100)
    assert chain.face(0, 20, 400) is chain.face(0, 20, 400)
    assert chain.width("Sump", 64, 600) > chain.width("Sump", 64, 400)


def test_an_empty_chain_and_a_broken_file_are_explained(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing):
        FontChain([])
    whole = font_files()[0].path.read_bytes()
    for size in (0, 11, 100, 400):
        broken = tmp_path / f"{size}.ttf"
        broken.write_bytes(whole[:size])
        with pytest.raises(FontUnreadable) as caught:
            read_coverage(broken)
        assert caught.value.arguments["file"] == str(broken)
