"""What the linter found: where it is, how bad it is, and the message that names the remedy.

Plain values; translating them is the command's work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from curricula.loader import DrillFile

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `message_id` says what is wrong and what to do about it."""

    severity: Severity
    message_id: str
    file: Path
    line: int
    key: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "severity": self.severity,
            "id": self.message_id,
            "file": str(self.file),
            "line": self.line,
            "key": self.key,
            "arguments": self.arguments,
        }


class Findings:
    """Collects findings about one drill file."""

    def __init__(self, source: DrillFile) -> None:
        self.source = source
        self.found: list[Finding] = []

    def error(self, message_id: str, key: str, **arguments: Any) -> None:
        """Something that would make the drill wrong or unfair."""
        self._add("error", message_id, key, arguments)

    def warning(self, message_id: str, key: str, **arguments: Any) -> None:
        """Something that whoever runs the drill must know."""
        self._add("warning", message_id, key, arguments)

    def _add(
        self, severity: Severity, message_id: str, key: str, arguments: dict[str, Any]
    ) -> None:
        line = self.source.line(key)
        self.found.append(Finding(severity, message_id, self.source.path, line, key, arguments))
