"""`kenish doctor --xr` in every language, for a rich runtime, an empty one and a broken one."""

from __future__ import annotations

from typing import Any

import pytest

from assets.text import LANGUAGES, translator
from vr_app.doctor.child import Answer
from vr_app.doctor.headset import tell

FULL: dict[str, Any] = {
    "runtime": "Monado(XRT)",
    "version": "25.0.0",
    "system": "Remote",
    "extensions": ["XR_KHR_opengl_enable", "XR_X"],
    "enabled": ["XR_KHR_opengl_enable"],
    "views": [[1000, 1100, 2000, 2000]] * 2,
    "blend_modes": [1, 77],
    "profiles": {"/a": True, "/b": False},
}


class Listener:
    def __init__(self, language: str) -> None:
        self._text = translator(language)
        self.lines: list[str] = []
        self.object: dict[str, Any] = {}

    def text(self, message_id: str, **arguments: Any) -> str:
        return self._text(message_id, arguments)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def result(self, value: dict[str, Any]) -> None:
        self.object = value


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_headset_is_told_of_in_full(language: str) -> None:
    heard = Listener(language)
    assert tell(heard, Answer(FULL)) == 0
    told = "\n".join(heard.lines)
    for part in ("Monado(XRT)", "25.0.0", "1000 x 1100", "OPAQUE, 77", "XR_X", "/a", "/b"):
        assert part in told
    assert "doctor-" not in told
    assert heard.object["usable"] is True
    assert heard.object["views"] == FULL["views"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"runtime": None}),
        Answer(None, "doctor-reason-timeout"),
        Answer(FULL | {"system": None, "views": None, "blend_modes": None}),
    ],
)
def test_without_a_usable_headset_it_says_so_and_what_to_do(answer: Answer) -> None:
    heard = Listener("en")
    assert tell(heard, answer) == 1
    assert heard.object["usable"] is False
    assert len(heard.lines) >= 2
    assert "doctor-" not in "\n".join(heard.lines)
