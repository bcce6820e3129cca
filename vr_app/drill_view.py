"""What a drill in the room shows to one person: task, choices, smoke around them.

Pure: a `drill_state` record's payload and the drill's texts in, things to paint out. The payload
comes from the network and is read with care: what does not fit is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from assets.text import Translator
from scenes.schema import Scene
from vr_app.ui.drill_panel import DrillView

MAX_OPTIONS: Final = 9


# The prompt that a member answers to take a part (`sync_server.drills.listener`), and the answer of
# ours that starts the drill instead: no lane's name has a dot.
PART: Final = "drill.lane"
START: Final = "drill.start"


@dataclass(frozen=True, slots=True)
class OpenChoice:
    """A question that waits for an answer: options as (answer, text), or a number in a range."""

    id: str
    ask: str
    options: tuple[tuple[str, str], ...] = ()
    number: tuple[int, int] | None = None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if fits else None


def drill_time(payload: Mapping[str, Any], room_time: float) -> float:
    """Drill seconds at a room time."""
    drill_t = _number(payload.get("drill_t")) or 0.0
    at = _number(payload.get("room_time"))
    if payload.get("phase") != "running" or at is None:
        return drill_t
    return drill_t + max(room_time - at, 0.0) * (_number(payload.get("speed")) or 1.0)


def _prompt(payload: Mapping[str, Any], me: str) -> Mapping[str, Any]:
    """My oldest open prompt, or an empty map."""
    prompts = _list(_map(_map(payload.get("people")).get(me)).get("prompts"))
    return _map(prompts[0]) if prompts else {}


def _caption(payload: Mapping[str, Any], me: str, now: float) -> str:
    """The message id of the latest caption of my lane, for 20 seconds."""
    lane = _map(_map(payload.get("people")).get(me)).get("lane")
    for caption in reversed(_list(payload.get("captions"))):
        one = _map(caption)
        at = _number(one.get("at")) or 0.0
        if now - at <= 20.0 and (not one.get("lanes") or lane in _list(one.get("lanes"))):
            return str(one.get("message", ""))
    return ""


def invites(payload: Mapping[str, Any], me: str) -> bool:
    """Whether the panel only offers to start the drill: `me` has no part in it, or not yet."""
    phase = payload.get("phase")
    return phase == "waiting" or (phase == "ended" and not _map(payload.get("people")).get(me))


def drill_view(
    payload: Mapping[str, Any], me: str, room_time: float, text: Translator
) -> DrillView:
    """What the drill's panel says to the member `me`."""
    title = text(str(payload.get("title", "")))
    phase = payload.get("phase")
    person = _map(_map(payload.get("people")).get(me))
    now = drill_time(payload, room_time)
    if invites(payload, me):
        summary = text(str(payload.get("summary", "")))
        return DrillView(title, summary, text("ui-drill-start"))
    score, most = _number(person.get("score")), _number(person.get("available"))
    step, steps = int(_number(person.get("step")) or 0), int(_number(person.get("steps")) or 0)
    if phase == "ended":
        verdict = _verdict(person.get("verdict"))
        prompt = text("ui-drill-over") if verdict is None else ""
        return DrillView(title, prompt, "", 0, 0, None, None, score, most, verdict)
    task = _prompt(payload, me)
    hints = [str(hint) for hint in _list(task.get("hints"))[-1:]]
    lines = hints or [str(task.get("why") or "")]
    hint = " ".join(text(line) for line in lines if line)
    caption = _caption(payload, me, now)
    if caption:
        hint = f"{text(caption)} {hint}".strip()
    deadline, started = _number(task.get("deadline")), _number(task.get("started"))
    left = None if deadline is None else max(deadline - now, 0.0)
    total = None if deadline is None or started is None else deadline - started
    said = text(str(task["message"])) if "message" in task else text("ui-drill-wait")
    if phase == "paused":
        said = text("ui-drill-paused")
    # Whole seconds: a panel is painted anew only when a person can see the difference.
    whole = None if left is None else float(math.ceil(left))
    return DrillView(title, said, hint, step, steps, whole, total, score, most, None)


def _verdict(value: Any) -> Literal["passed", "failed", "aborted"] | None:
    known: dict[str, Literal["passed", "failed", "aborted"]] = {
        "passed": "passed",
        "failed": "failed",
        "aborted": "aborted",
    }
    return known.get(str(value))


def open_choice(payload: Mapping[str, Any], me: str, text: Translator) -> OpenChoice | None:
    """The question of my oldest prompt that asks one."""
    if payload.get("phase") != "running":
        return None
    prompts = _list(_map(_map(payload.get("people")).get(me)).get("prompts"))
    for prompt in prompts:
        choice = _map(_map(prompt).get("choice"))
        if "id" not in choice:
            continue
        ask = text(str(choice.get("ask", "")))
        limits = [_number(limit) for limit in _list(choice.get("number"))]
        if len(limits) == 2 and limits[0] is not None and limits[1] is not None:
            return OpenChoice(str(choice["id"]), ask, number=(int(limits[0]), int(limits[1])))
        options = tuple(
            (str(answer), text(str(message)))
            for answer, message in list(_map(choice.get("options")).items())[:MAX_OPTIONS]
        )
        return OpenChoice(str(choice["id"]), ask, options)
    return None


def part_choice(
    payload: Mapping[str, Any], me: str, role: str, may_start: bool, text: Translator
) -> OpenChoice | None:
    """What somebody can do before a drill: take one of several parts that their role may play, and
    start it."""
    if payload.get("phase") != "waiting":
        return None
    lanes = [
        (name, text(str(_map(lane).get("title", ""))))
        for name, lane in _map(payload.get("lanes")).items()
        if role in _list(_map(lane).get("roles"))
    ]
    taken = _map(payload.get("chosen")).get(me)
    options = [one for one in lanes if one[0] != taken] if len(lanes) > 1 else []
    if may_start:
        options.append((START, text("ui-drill-start-now")))
    if not options:
        return None
    return OpenChoice(PART, text("ui-drill-choose-part"), tuple(options[:MAX_OPTIONS]))


def smoke_at(
    payload: Mapping[str, Any], scene: Scene, eye: Sequence[float], room_time: float
) -> float:
    """Density of the drill's smoke around an eye (scene frame), 0 to 1."""
    if payload.get("phase") not in ("running", "paused"):
        return 0.0
    now = drill_time(payload, room_time)
    places = {place.id: place.position for place in scene.places}
    thickest = 0.0
    for effect in _list(payload.get("world")):
        one = _map(effect)
        place = places.get(str(one.get("place")))
        density, radius = _number(one.get("density")), _number(one.get("radius_m"))
        if one.get("kind") != "smoke" or place is None or density is None or not radius:
            continue
        since = now - (_number(one.get("at")) or 0.0)
        grown = min(max(since, 0.0) / max(_number(one.get("over_s")) or 0.0, 0.1), 1.0)
        near = 1.0 - min(math.dist(place, eye) / max(radius, 1.0), 1.0)
        thickest = max(thickest, min(density, 1.0) * grown * min(near * 2.0, 1.0))
    return thickest
