"""What the window says of the connection, in four languages, and the sign that needs no colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from panda3d.core import NodePath

from assets.text import LANGUAGES
from vr_app.hud import Hud
from vr_app.line_view import WITHHELD_S, LineView, facts_notices, lead_notice
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.session import RoomFacts, SessionStatus
from vr_app.ui.line_sign import COLOURS, paint_line_sign
from vr_app.ui.settings_panel import Settings


class Session:
    """A session that is as a test wants it."""

    me = "m-1"

    status = SessionStatus("joined")
    unsettled = held = 0
    away_s = 0.0
    line = (4, 0.01, 0.001)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_outage_says_how_much_waits_and_for_how_long(language: str) -> None:
    painter = PaintQueue()
    hud = Hud(NodePath("screen"), Settings(language=language), painter)
    standing: list[str] = []
    notices: list[str] = []
    hud.standing = lambda text, *_more: standing.append(text)  # type: ignore[method-assign]
    hud.notice = lambda text, *_more: notices.append(text)  # type: ignore[method-assign]
    session: Any = Session()
    view = LineView(session, hud)
    view.update(0.0)
    assert not standing
    session.status = SessionStatus("reconnecting", "session-server-closing")
    session.unsettled, session.away_s, session.held = 7, 23.4, 0
    view.update(1.0)
    view.update(1.1)
    assert len(standing) == 1 and "7" in standing[0] and "23" in standing[0]
    assert hud.translate("session-server-closing") in standing[0]
    session.away_s = 1260.0
    view.update(2.0)
    assert "21" in standing[1]
    session.status, session.away_s = SessionStatus("joined"), 0.0
    view.update(3.0)
    assert standing[2] == "" and not notices  # seven still wait
    session.unsettled = 0
    view.update(4.0)
    assert notices == [hud.translate("ui-notice-sent")]
    session.held = 3
    view.update(5.0)
    assert "3" in standing[3] and "F9" in standing[3] and "F10" in standing[3]
    session.status = SessionStatus("refused", "session-identity-gone")
    view.update(6.0)
    assert hud.translate("session-identity-gone") in standing[4] and "3" in standing[4]
    painter.close()


def test_every_level_of_a_line_has_its_own_shape() -> None:
    shapes = set()
    for level in range(len(COLOURS)):
        image = paint_line_sign(level, "").rgba
        bright = image[4:-4, 4:-4, :3].max(axis=2) > 140
        shapes.add(bright.tobytes())
        assert np.any(bright) == (level > 0)
    assert len(shapes) == len(COLOURS)


def test_what_moderators_decide_is_said_to_whom_it_concerns() -> None:
    before = RoomFacts()
    after = RoomFacts(locked=True, lead="m-2", muted=frozenset({"m-1"}))
    assert facts_notices(before, after, "m-1") == ["ui-notice-locked", "ui-notice-muted"]
    assert facts_notices(before, after, "m-3") == ["ui-notice-locked"]
    assert facts_notices(after, before, "m-1") == ["ui-notice-unlocked", "ui-notice-unmuted"]
    assert lead_notice(before, after, "m-2") == "ui-notice-you-lead"
    assert lead_notice(before, after, "m-1") == "ui-notice-leads"
    assert lead_notice(after, before, "m-1") == "ui-notice-nobody-leads"
    assert lead_notice(after, after, "m-1") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_layers_that_are_not_for_us_are_told_and_a_twin_without_any_for_good(language: str) -> None:
    painter = PaintQueue()
    hud = Hud(NodePath("screen"), Settings(language=language), painter)
    session: Any = Session()
    some = LineView(session, hud, withheld=3)
    some.update(100.0)
    assert hud._standing == (hud.translate("ui-line-withheld", {"n": 3}), "warning")
    assert "3" in hud._standing[0]
    some.update(100.0 + WITHHELD_S + 1)
    assert hud._standing is None
    none = LineView(session, hud, withheld=3, nothing_left=True)
    none.update(100.0)
    none.update(1e6)
    assert hud._standing == (hud.translate("ui-line-nothing-to-see"), "warning")
    painter.close()
