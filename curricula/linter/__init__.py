"""The drill linter: everything that is wrong with a drill beyond its shape, with the remedy."""

from __future__ import annotations

from curricula.cast import SceneFacts, bind
from curricula.linter.finding import Finding, Findings
from curricula.linter.honesty import lint_limits, lint_texts
from curricula.linter.names import lint_aliases, lint_guards, lint_scene
from curricula.linter.structure import lint_structure
from curricula.loader import DrillFile
from curricula.texts import read_texts

__all__ = ["Finding", "lint"]


def lint(source: DrillFile, facts: SceneFacts | None = None) -> list[Finding]:
    """Everything found in a drill, errors first, then by line; `facts` adds checks against a
    scene."""
    findings = Findings(source)
    drill = source.drill
    lint_structure(drill, findings)
    lint_guards(drill, findings)
    lint_aliases(drill, findings)
    lint_texts(drill, read_texts(source.folder), findings)
    lint_limits(drill, findings)
    if facts is not None:
        lint_scene(drill, facts, bind(drill, facts), findings)
    order = {"error": 0, "warning": 1}
    return sorted(
        findings.found,
        key=lambda one: (order[one.severity], str(one.file), one.line, one.message_id, one.key),
    )
