"""Settings kept on a machine: a broken, strange or unwritable file means defaults, never a stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from vr_app.settings import load_settings, save_settings
from vr_app.ui.settings_panel import Settings


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "kenish" / "settings.json"
    chosen = Settings("kk", 1.5, "smooth", 50.0, "high")
    save_settings(path, chosen)
    assert load_settings(path, "en") == chosen
    assert [one.name for one in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"null",
        b"[" * 100_000,
        b'{"language": "xx", "quality": 7, "fly_speed_m_s": "fast", "turn": null}',
    ],
)
def test_a_broken_file_means_defaults(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings = load_settings(path, "ru")
    assert settings in (Settings("ru"), Settings("en"))
    assert (settings.language == "en") == (b"xx" in content)


def test_a_file_without_a_language_leaves_the_commands_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"quality": "low"}')
    assert load_settings(path, "ja") == Settings("ja", quality="low")


def test_no_file_and_none_wanted(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json", "kk") == Settings("kk")
    assert load_settings(None, "kk") == Settings("kk")


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    save_settings(tmp_path / "file" / "settings.json", Settings())
    assert (tmp_path / "file").read_text() == ""


def test_a_language_chosen_for_this_run_wins(tmp_path: Path) -> None:
    save_settings(tmp_path / "s.json", Settings(language="ja", quality="high"))
    chosen = load_settings(tmp_path / "s.json", "kk", chosen=True)
    assert (chosen.language, chosen.quality) == ("kk", "high")
    assert load_settings(tmp_path / "s.json", "kk").language == "ja"
