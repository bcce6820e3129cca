"""Checks that the fonts of the four languages are installed.

Never opens them: `assets.text.fonts` knows where they lie.
"""

from __future__ import annotations

from assets.text.fonts import font_files, missing_fonts
from vr_app.doctor.finding import Finding


def judge(present: list[str], missing: list[str]) -> Finding:
    """What the lists of font names mean: without any font the demo cannot write a label."""
    if missing:
        arguments: dict[str, str | int | float] = {"names": ", ".join(missing)}
        return Finding("fonts", "fail", "doctor-fonts-missing", arguments, "doctor-fix-packages")
    return Finding("fonts", "ok", "doctor-fonts-ok", {"names": ", ".join(present)})


def check() -> list[Finding]:
    """Look for the font chain's files."""
    return [judge([font.name for font in font_files()], missing_fonts())]
