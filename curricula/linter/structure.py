"""Lints a drill's own arithmetic and order: points, deadlines, hints, injects, reachability.

Needs neither a scene nor texts.
"""

from __future__ import annotations

from collections.abc import Container

from curricula.linter.finding import Findings
from curricula.schema import Drill, Step

FULL_POINTS = 100


def lint_structure(drill: Drill, findings: Findings) -> None:
    """Points that do not sum to 100, times that do not fit, steps that nobody can reach."""
    _points(drill, findings)
    _times(drill, findings)
    _order(drill, findings)
    _references(drill, findings)


def _points(drill: Drill, findings: Findings) -> None:
    for name, lane in drill.lanes.items():
        total = sum(step.points for step in lane.steps)
        if total != FULL_POINTS:
            findings.error("drill-lint-points", f"lanes.{name}.steps", lane=name, total=total)
    for number, rule in enumerate(drill.rules):
        key = f"rules.{number}"
        if rule.verdict == "score" and rule.points == 0:
            findings.error("drill-lint-rule-free", key, rule=rule.id)
        if rule.verdict == "critical" and rule.points:
            findings.warning("drill-lint-rule-points", f"{key}.points", rule=rule.id)


def _times(drill: Drill, findings: Findings) -> None:
    for name, lane in drill.lanes.items():
        for number, step in enumerate(lane.steps):
            key = f"lanes.{name}.steps.{number}"
            _step_times(drill, step, key, findings)
            if step.within_s is None and step.late == "critical":
                findings.error("drill-lint-critical-untimed", key, step=step.id)
            if step.within_s is None and number < len(lane.steps) - 1:
                findings.warning("drill-lint-untimed", key, step=step.id)
    for number, inject in enumerate(drill.injects):
        key = f"injects.{number}.at_s"
        if isinstance(inject.at_s, tuple):
            low, high = inject.at_s
            if not 0 <= low <= high:
                findings.error("drill-lint-bounds", key, low=low, high=high)
        else:
            high = inject.at_s
        if high >= drill.duration_s:
            findings.error(
                "drill-lint-inject-after-end", key, inject=inject.id, at=high, end=drill.duration_s
            )
        for place, change in enumerate(inject.changes):
            bounds = getattr(change, "to", None)
            if isinstance(bounds, tuple) and bounds[0] > bounds[1]:
                findings.error(
                    "drill-lint-bounds",
                    f"injects.{number}.changes.{place}.to",
                    low=bounds[0],
                    high=bounds[1],
                )


def _step_times(drill: Drill, step: Step, key: str, findings: Findings) -> None:
    if step.within_s is None:
        return
    if step.within_s > drill.duration_s:
        findings.error(
            "drill-lint-step-too-long", f"{key}.within_s", step=step.id, end=drill.duration_s
        )
    if not step.hints:
        findings.error("drill-lint-no-hint", key, step=step.id)
    previous = -1.0
    for number, hint in enumerate(step.hints):
        where = f"{key}.hints.{number}"
        if hint.after_s >= step.within_s:
            findings.error(
                "drill-lint-hint-late", where, step=step.id, at=hint.after_s, end=step.within_s
            )
        if hint.after_s <= previous:
            findings.error("drill-lint-hint-order", where, step=step.id)
        previous = hint.after_s


def _order(drill: Drill, findings: Findings) -> None:
    """Steps whose predecessors form a circle, or begin after the drill can have ended."""
    before: dict[str, list[str]] = {}
    keys: dict[str, str] = {}
    steps = {step.id: step for step in drill.steps()}
    due = {
        one.id: one.at_s[0] if isinstance(one.at_s, tuple) else one.at_s for one in drill.injects
    }
    for name, lane in drill.lanes.items():
        previous: str | None = None
        for number, step in enumerate(lane.steps):
            keys[step.id] = key = f"lanes.{name}.steps.{number}"
            if step.after is not None and step.after not in steps:
                findings.error("drill-lint-after", f"{key}.after", step=step.id, after=step.after)
            if step.after_inject is not None and step.after_inject not in due:
                findings.error(
                    "drill-lint-after", f"{key}.after_inject", step=step.id, after=step.after_inject
                )
            first = step.after if step.after is not None else previous
            before[step.id] = [first] if first is not None and first in steps else []
            previous = step.id
    for step_id, step in steps.items():
        chain, circle = [step_id], False
        while before[chain[-1]]:
            following = before[chain[-1]][0]
            if following in chain:
                circle = True
                break
            chain.append(following)
        if circle:
            findings.error(
                "drill-lint-unreachable", keys[step_id], step=step_id, chain=" < ".join(chain)
            )
            continue
        start = max([due.get(steps[one].after_inject or "", 0.0) for one in chain])
        if start >= drill.duration_s:
            findings.error(
                "drill-lint-unreachable", keys[step_id], step=step_id, chain=" < ".join(chain)
            )
        latest = start + sum(steps[one].within_s or 0.0 for one in chain)
        if latest > drill.duration_s:
            findings.warning(
                "drill-lint-too-little-time",
                keys[step_id],
                step=step.id,
                latest=latest,
                end=drill.duration_s,
            )


def _references(drill: Drill, findings: Findings) -> None:
    """Names within the file that do not exist: choices, lanes, limits, steps of the debrief."""
    steps = {step.id for step in drill.steps()}
    used: set[str] = set()
    for name, lane in drill.lanes.items():
        for number, step in enumerate(lane.steps):
            choice = step.wait.choice
            if choice is not None and choice not in drill.choices:
                key = f"lanes.{name}.steps.{number}.wait.choice"
                findings.error("drill-lint-unknown", key, kind="choice", name=choice)
            used.add(choice or "")
    for choice in sorted(set(drill.choices) - used):
        findings.warning("drill-lint-unused", f"choices.{choice}", kind="choice", name=choice)
    for number, inject in enumerate(drill.injects):
        _known(findings, "lane", inject.to, drill.lanes, f"injects.{number}.to")
    for number, rule in enumerate(drill.rules):
        _known(findings, "lane", rule.lanes, drill.lanes, f"rules.{number}.lanes")
        if rule.limit is not None:
            _known(findings, "limit", [rule.limit], drill.limits, f"rules.{number}.limit")
    for number, question in enumerate(drill.debrief.questions):
        _known(findings, "step", question.steps, steps, f"debrief.questions.{number}.steps")
    for number, chart in enumerate(drill.debrief.charts):
        if chart.limit is not None:
            key = f"debrief.charts.{number}.limit"
            _known(findings, "limit", [chart.limit], drill.limits, key)


def _known(
    findings: Findings,
    kind: str,
    names: tuple[str, ...] | list[str],
    known: Container[str],
    key: str,
) -> None:
    for name in names:
        if name not in known:
            findings.error("drill-lint-unknown", key, kind=kind, name=name)
