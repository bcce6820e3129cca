"""Scene files that a drill is bound to: whatever they hold, they are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from curricula.cast import read_scene_facts
from curricula.errors import Refused


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"- " * 100_000, b"a: [", b"\xff\xfe", b"- 1", b"d: 2024-13-45"]
)
def test_a_scene_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scene.yaml").write_bytes(content)
    with pytest.raises(Refused) as refused:
        read_scene_facts(tmp_path)
    assert refused.value.message_id == "drill-scene-unreadable"
    assert str(tmp_path) in refused.value.arguments["file"]
