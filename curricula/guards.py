"""Guards: CEL expressions over sensors, places, tracks and people, compiled once.

The `cel` library is imported only when a guard is compiled; a guard can call nothing of ours, is
bounded in length and nesting, and has no loops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from curricula.errors import Refused

if TYPE_CHECKING:
    import cel

VARIABLES: Final = frozenset(
    {"t", "since", "sensor", "limit", "me", "room", "lane", "plan", "answer"}
)
# Operators of comparison, arithmetic and logic, and `in`; no comprehension, no regular expression.
FUNCTIONS: Final = frozenset({"size", "min", "max", "abs"})
MAX_LENGTH: Final = 400
MAX_NESTING: Final = 12
MAX_OPERATORS: Final = 80


@dataclass(frozen=True, slots=True)
class CompiledGuard:
    """A guard that is ready to be asked."""

    source: str
    variables: frozenset[str]
    program: cel.Program

    @property
    def follows_time(self) -> bool:
        """Whether its answer can change although nothing happens."""
        return bool(self.variables & {"t", "since"})

    def holds(self, context: Mapping[str, Any]) -> bool:
        """Whether the guard is true; false too where a value it asks for is not known yet."""
        try:
            return self.program.execute(dict(context)) is True
        except (KeyError, RuntimeError, TypeError, ValueError):
            # "No sensor has spoken yet" is an ordinary state of a drill, not a defect; the
            # linter has already refused names that could never be known.
            return False


def _nesting(source: str) -> int:
    depth = deepest = 0
    for letter in source:
        if letter in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ")]}":
            depth -= 1
    return deepest


@lru_cache(maxsize=1024)
def compile_guard(source: str) -> CompiledGuard:
    """Compile a guard. Raises `Refused` (`reason`) if it is hostile, too long or no valid CEL."""
    if len(source) > MAX_LENGTH or _nesting(source) > MAX_NESTING:
        raise Refused("drill-guard-too-long", guard=source[:60], limit=MAX_LENGTH)
    if sum(source.count(sign) for sign in "!-+*/%?&|<>=") > MAX_OPERATORS:
        raise Refused("drill-guard-too-long", guard=source[:60], limit=MAX_LENGTH)
    import cel

    try:
        program = cel.compile(source)
        references = program.references()
    except (ValueError, RuntimeError, TypeError) as error:
        first = str(error).strip().splitlines()[0]
        raise Refused("drill-guard-invalid", guard=source, reason=first[:200]) from error
    variables = frozenset(references["variables"])
    unknown = sorted(variables - VARIABLES)
    if unknown:
        raise Refused("drill-guard-unknown", guard=source, name=", ".join(unknown))
    for name in references["functions"]:
        # Operators come as "_&&_", "!_", "@in"; a plain word is a call, another "@" is a loop.
        call = name.replace("_", "").isalnum() and name not in FUNCTIONS
        if call or (name.startswith("@") and name != "@in"):
            raise Refused("drill-guard-unknown", guard=source, name=f"{name}()")
    return CompiledGuard(source, variables, program)
