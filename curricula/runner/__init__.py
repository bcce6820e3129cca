"""The drill runner: a pure reducer over a log of events, with its state, effects and clock."""

from curricula.runner.effects import Effect
from curricula.runner.events import AnyEvent, log_lines, read_event, read_log
from curricula.runner.reducer import reduce, replay
from curricula.runner.setup import Setup, make_setup
from curricula.runner.state import State, initial_state
from curricula.runner.view import prompts_of

__all__ = [
    "AnyEvent",
    "Effect",
    "Setup",
    "State",
    "initial_state",
    "log_lines",
    "make_setup",
    "prompts_of",
    "read_event",
    "read_log",
    "reduce",
    "replay",
]
