"""Draws a drill as an SVG that a trainer can read: a column for each lane, time and injects beside.

Pure: a drill and its texts in, a picture out. It says nothing of how a run went.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from curricula.schema import Drill, Inject, Step
from curricula.texts import DrillText

WIDTH: Final = 300  # of a column
GAP: Final = 56
PAD: Final = 20
LINE: Final = 17
HEADER: Final = 74
FONT: Final = "font-family='Noto Sans, Noto Sans JP, DejaVu Sans, sans-serif'"
LETTERS: Final = 38  # in a line of a box; wide ones count twice
COLOURS: Final = {"step": "#eef4fb", "critical": "#fdecea", "inject": "#fff6e0", "rule": "#f4f0fa"}
_EDGES: Final = {"step": "#4a7ab0", "critical": "#b8372b", "inject": "#b98a1d", "rule": "#75589c"}


@dataclass(frozen=True, slots=True)
class _Box:
    """A box of lines at a place; the first one is bold."""

    x: float
    y: float
    lines: tuple[str, ...]
    kind: str

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + 14

    @property
    def bottom(self) -> float:
        return self.y + self.height


def _width(letter: str) -> int:
    return 2 if ord(letter) > 0x2E80 else 1


def _wrapped(text: str) -> list[str]:
    """Lines of at most LETTERS; scripts without spaces break anywhere."""
    lines, line, used = [], "", 0
    words = text.split(" ") if " " in text else list(text)
    glue = " " if " " in text else ""
    for word in words:
        size = sum(map(_width, word))
        if line and used + size + len(glue) > LETTERS:
            lines.append(line)
            line, used = "", 0
        line = f"{line}{glue}{word}" if line else word
        used += size + len(glue)
    return [*lines, line] if line else lines


def _seconds(value: float) -> str:
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes}:{seconds:02}"


def _step_lines(step: Step, text: DrillText) -> tuple[str, ...]:
    lines = [*_wrapped(text(step.say))]
    facts = []
    if step.within_s is not None:
        facts.append(f"≤ {_seconds(step.within_s)}")
    facts.append(f"{step.points} p")
    if step.by == "anyone":
        facts.append("1×")
    if step.hints:
        facts.append("? " + ", ".join(_seconds(hint.after_s) for hint in step.hints))
    lines.append("  ·  ".join(facts))
    wait = step.wait
    waits = ", ".join(wait.events) or wait.guard or wait.choice or ""
    lines += _wrapped(f"→ {waits}")
    return (step.id, *lines)


def _inject_lines(inject: Inject, text: DrillText) -> tuple[str, ...]:
    at = inject.at_s
    when = _seconds(at) if not isinstance(at, tuple) else f"{_seconds(at[0])} – {_seconds(at[1])}"
    lines = [f"{when}  {inject.id}"]
    if inject.say is not None:
        lines += _wrapped(text(inject.say))
    for change in inject.changes:
        what = next(
            (v for k in ("sensor", "place", "object") if (v := getattr(change, k, None))), ""
        )
        lines.append(f"{change.do}: {what}")
    return tuple(lines)


def graph(drill: Drill, text: DrillText) -> str:
    """The SVG, one XML document. Steps stand below what they wait for, red where being late or
    wrong is critical; arrows lead between lanes and from injects."""
    lanes = list(drill.lanes)
    injects_x = PAD
    lane_x = {name: PAD + (n + 1) * (WIDTH + GAP) for n, name in enumerate(lanes)}
    injects: dict[str, _Box] = {}
    y = float(HEADER)
    for inject in sorted(drill.injects, key=_earliest):
        injects[inject.id] = _Box(injects_x, y, _inject_lines(inject, text), "inject")
        y = injects[inject.id].bottom + 16
    for rule in drill.rules:
        lines = (f"✕ {rule.id}", *_wrapped(text(rule.say)))
        injects[f"rule {rule.id}"] = _Box(injects_x, y, lines, "rule")
        y = injects[f"rule {rule.id}"].bottom + 16
    boxes = _place_steps(drill, text, lane_x, injects)
    height = max([one.bottom for one in (*boxes.values(), *injects.values())], default=y) + PAD
    width = PAD + (len(lanes) + 1) * (WIDTH + GAP)
    parts = [_head(drill, text, width, height, lane_x)]
    parts += [_arrow(*ends) for ends in _arrows(drill, boxes, injects)]
    parts += [_drawn(one) for one in (*injects.values(), *boxes.values())]
    return "\n".join([*parts, "</svg>", ""])


def _earliest(inject: Inject) -> float:
    return inject.at_s[0] if isinstance(inject.at_s, tuple) else inject.at_s


def _before(drill: Drill) -> dict[str, str | None]:
    before: dict[str, str | None] = {}
    for lane in drill.lanes.values():
        previous: str | None = None
        for step in lane.steps:
            before[step.id] = step.after if step.after is not None else previous
            previous = step.id
    return before


def _place_steps(
    drill: Drill, text: DrillText, lane_x: dict[str, int], injects: dict[str, _Box]
) -> dict[str, _Box]:
    boxes: dict[str, _Box] = {}
    lowest = {name: float(HEADER) for name in drill.lanes}
    before = _before(drill)
    waiting = [(name, step) for name, lane in drill.lanes.items() for step in lane.steps]
    while waiting:
        # What waits for a later lane's step is placed after that; a circle is broken anywhere.
        known = {step.id for _, step in waiting}
        ready = [one for one in waiting if before[one[1].id] not in known] or waiting[:1]
        for name, step in ready:
            y = lowest[name]
            previous = before[step.id]
            if previous in boxes and previous is not None:
                y = max(y, boxes[previous].y + LINE)
            if step.after_inject in injects:
                y = max(y, injects[step.after_inject].y)
            critical = "critical" in (step.late, step.wrong)
            kind = "critical" if critical else "step"
            boxes[step.id] = _Box(lane_x[name], y, _step_lines(step, text), kind)
            lowest[name] = boxes[step.id].bottom + 22
        done = {step.id for _, step in ready}
        waiting = [one for one in waiting if one[1].id not in done]
    return boxes


def _arrows(
    drill: Drill, boxes: dict[str, _Box], injects: dict[str, _Box]
) -> list[tuple[_Box, _Box]]:
    found = []
    for step_id, previous in _before(drill).items():
        if previous in boxes and previous is not None:
            found.append((boxes[previous], boxes[step_id]))
    for step in drill.steps():
        if step.after_inject in injects:
            found.append((injects[step.after_inject], boxes[step.id]))
    return found


def _head(
    drill: Drill, text: DrillText, width: float, height: float, lane_x: dict[str, int]
) -> str:
    title = f"{text(drill.title)}  ·  {_seconds(drill.duration_s)}  ·  ≥ {drill.pass_mark}"
    lanes = [
        f"<text x='{x}' y='58' font-size='15' font-weight='bold'>"
        f"{escape(text(drill.lanes[name].title))}</text>"
        for name, x in lane_x.items()
    ]
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:.0f}' height='{height:.0f}' "
            f"viewBox='0 0 {width:.0f} {height:.0f}' {FONT} font-size='12' fill='#1c2733'>",
            f"<title>{escape(text(drill.title))}</title>",
            "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' "
            "markerHeight='7' orient='auto'><path d='M0 0 L8 4 L0 8 z' fill='#5b6b7b'/></marker>"
            "</defs>",
            "<rect width='100%' height='100%' fill='white'/>",
            f"<text x='{PAD}' y='30' font-size='19' font-weight='bold'>{escape(title)}</text>",
            *lanes,
        ]
    )


def _drawn(box: _Box) -> str:
    lines = [
        f"<text x='{box.x + 10:.0f}' y='{box.y + 20 + LINE * n:.0f}'"
        f"{' font-weight=' + quoteattr('bold') if n == 0 else ''}>{escape(line)}</text>"
        for n, line in enumerate(box.lines)
    ]
    return "\n".join(
        [
            f"<rect x='{box.x:.0f}' y='{box.y:.0f}' width='{WIDTH}' height='{box.height:.0f}' "
            f"rx='6' fill='{COLOURS[box.kind]}' stroke='{_EDGES[box.kind]}'/>",
            *lines,
        ]
    )


def _arrow(start: _Box, end: _Box) -> str:
    style = "fill='none' stroke='#5b6b7b' stroke-width='1.4' marker-end='url(#tip)'"
    if start.x == end.x and end.y >= start.bottom:
        x = start.x + WIDTH / 2
        return f"<path d='M{x:.0f} {start.bottom:.0f} L{x:.0f} {end.y:.0f}' {style}/>"
    right = end.x > start.x
    from_x = start.x + WIDTH if right else start.x
    to_x = end.x if right else end.x + WIDTH
    if start.x == end.x:  # back up within a lane: around its right side
        from_x = to_x = start.x + WIDTH
    from_y, to_y = start.y + start.height / 2, end.y + min(end.height / 2, 24)
    bend = GAP * 0.8 if right or start.x == end.x else -GAP * 0.8
    return (
        f"<path d='M{from_x:.0f} {from_y:.0f} C{from_x + bend:.0f} {from_y:.0f} "
        f"{to_x - (bend if start.x != end.x else -bend):.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}' "
        f"{style}/>"
    )
