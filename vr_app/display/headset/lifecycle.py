"""The life of a headset: what a runtime says goes in, what has to be done comes out.

Pure: it calls no runtime, and times are numbers that callers pass in (seconds of any steady clock;
OpenXR times in nanoseconds).

```
ABSENT --OPEN, opened--> IDLE --READY--> READY -> SYNCHRONIZED <-> VISIBLE <-> FOCUSED
   ^                       ^                          |
   |                       +--------- STOPPING <------+      (the headset was taken off)
   +-- EXITING, LOSS_PENDING, instance loss: from everywhere
```
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class SessionState(IntEnum):
    """What the runtime says of the session; the numbers are XrSessionState's."""

    UNKNOWN = 0
    IDLE = 1
    READY = 2
    SYNCHRONIZED = 3
    VISIBLE = 4
    FOCUSED = 5
    STOPPING = 6
    LOSS_PENDING = 7
    EXITING = 8


class State(Enum):
    """Where we are."""

    ABSENT = auto()  # no session; `Lifecycle.away` says why
    IDLE = auto()  # a session that nobody sees: the headset lies on the desk
    READY = auto()  # begun; the first frames are waited for
    SYNCHRONIZED = auto()  # frames are waited for, not seen
    VISIBLE = auto()  # seen, while the runtime's own menu has the hands
    FOCUSED = auto()  # seen, and hands are ours


class Away(Enum):
    """Why there is no session."""

    NOT_TRIED = auto()
    NO_RUNTIME = auto()
    NO_HEADSET = auto()
    REFUSED = auto()  # a runtime that cannot work with us: no OpenGL, no format, an error
    EXITED = auto()  # the person or the runtime asked us to leave
    SESSION_LOST = auto()
    INSTANCE_LOST = auto()


class Action(Enum):
    """What the caller has to do now, in the order given."""

    OPEN = auto()  # instance (if there is none), system, session; then `opened` or `refused`
    BEGIN_SESSION = auto()
    TO_HEADSET = auto()  # pictures go to the headset from now on; while it is off, `worn` says so
    END_SESSION = auto()  # the session stays
    DESTROY_SESSION = auto()  # with everything made for it
    DESTROY_INSTANCE = auto()
    TO_DESKTOP = auto()  # pictures and input are the desktop's again


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between attempts, in seconds.

    An attempt may start the runtime's own programs, so that who asked us to leave is left alone
    for longer, and who was never there is asked seldom.
    """

    first_s: float = 0.5
    factor: float = 2.0
    lost_longest_s: float = 2.0  # the headset was there a moment ago
    lost_for_s: float = 120.0  # how long it counts as just lost
    absent_longest_s: float = 10.0
    exited_s: float = 30.0  # the first wait after having been asked to leave


_SESSION_STATES = {
    SessionState.IDLE: State.IDLE,
    SessionState.READY: State.READY,
    SessionState.SYNCHRONIZED: State.SYNCHRONIZED,
    SessionState.VISIBLE: State.VISIBLE,
    SessionState.FOCUSED: State.FOCUSED,
}
_WAITING = frozenset({State.READY, State.SYNCHRONIZED, State.VISIBLE, State.FOCUSED})


class Lifecycle:
    """The state machine. Each event returns the actions that it asks for."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self.state = State.ABSENT
        self.away = Away.NOT_TRIED
        self.running = False  # between BEGIN_SESSION and END_SESSION
        self._has_instance = False
        self._opening = False
        self._retry_at = float("-inf")
        self._delay = 0.0
        self._left_at = float("-inf")  # when a session was lost last
        self._changes: list[int] = []

    # -- attempts -------------------------------------------------------------------------------

    def tick(self, now: float) -> tuple[Action, ...]:
        """Time passes: OPEN when the next attempt is due."""
        if self.state is not State.ABSENT or self._opening or now < self._retry_at:
            return ()
        self._opening = True
        return (Action.OPEN,)

    def opened(self) -> tuple[Action, ...]:
        """OPEN worked: there is a session; the runtime will tell its state."""
        self._opening = False
        self._has_instance = True
        self.state = State.IDLE
        self.running = False
        return ()

    def refused(self, why: Away, now: float, *, keep_instance: bool) -> tuple[Action, ...]:
        """OPEN failed. keep_instance: whether an instance exists and may serve the next attempt."""
        self._opening = False
        self._has_instance = keep_instance
        self.state = State.ABSENT
        had_one = self.away in (Away.EXITED, Away.SESSION_LOST, Away.INSTANCE_LOST)
        # Who had a headset a moment ago is told of the loss, not of the attempts.
        if not had_one or now - self._left_at > self._patience.lost_for_s:
            self.away = why
        self._wait(now)
        return ()

    def try_now(self) -> None:
        """The person asked for the headset: the next tick tries."""
        self._retry_at = float("-inf")
        self._delay = 0.0

    @property
    def retry_at(self) -> float:
        """When the next attempt is due (the clock of `tick`); -inf: at once."""
        return self._retry_at

    # -- what the runtime says ------------------------------------------------------------------

    def session_state(self, state: int, now: float) -> tuple[Action, ...]:
        """XrEventDataSessionStateChanged, by the number of its state.

        Numbers that OpenXR does not know, and what is said of a session already destroyed, change
        nothing.
        """
        if self.state is State.ABSENT:
            return ()
        try:
            said = SessionState(state)
        except ValueError:
            return ()
        if said is SessionState.EXITING:
            # The instance goes too: a runtime that is closing waits for its clients, or kills them.
            return self._leave(Away.EXITED, now, with_instance=True)
        if said is SessionState.LOSS_PENDING:
            return self._leave(Away.SESSION_LOST, now, with_instance=False)
        if said is SessionState.STOPPING:
            # The session itself stays, and says IDLE next.
            ends, self.state = self.running, State.IDLE
            self.running = False
            return (Action.END_SESSION,) if ends else ()
        if said is SessionState.READY and not self.running:
            self.state = State.READY
            self.running = True
            # Only a session that came so far ends the growing of the waits: one that is lost right
            # after it was made would be made anew without end.
            self._delay = 0.0
            return (Action.BEGIN_SESSION, Action.TO_HEADSET)
        if said in _SESSION_STATES and (said is SessionState.IDLE) is not self.running:
            self.state = _SESSION_STATES[said]
        return ()

    def session_lost(self, now: float) -> tuple[Action, ...]:
        """A call said that the session is lost, or failed in a way that leaves no other choice."""
        if self.state is State.ABSENT:
            return ()
        return self._leave(Away.SESSION_LOST, now, with_instance=False)

    def instance_lost(self, now: float) -> tuple[Action, ...]:
        """A call or an event said that the instance is lost (or about to be)."""
        if self.state is State.ABSENT:
            gone = self._has_instance
            self._has_instance = False
            return (Action.DESTROY_INSTANCE,) if gone else ()
        return self._leave(Away.INSTANCE_LOST, now, with_instance=True)

    # -- what may be done now -------------------------------------------------------------------

    @property
    def waits_for_frames(self) -> bool:
        """Whether frames are to be waited for, begun and ended."""
        return self.running and self.state in _WAITING

    def draws(self, should_render: bool) -> bool:
        """Whether the frame's picture is wanted. should_render: xrWaitFrame's word."""
        return should_render and self.running and self.state in (State.VISIBLE, State.FOCUSED)

    @property
    def takes_input(self) -> bool:
        """Whether hands and buttons are ours."""
        return self.running and self.state is State.FOCUSED

    @property
    def worn(self) -> bool:
        """Whether somebody sees the frames."""
        return self.running and self.state in (State.VISIBLE, State.FOCUSED)

    # -- the origin moves -----------------------------------------------------------------------

    def origin_change_pending(self, change_time: int) -> None:
        """XrEventDataReferenceSpaceChangePending: the origin moves at this OpenXR time."""
        self._changes.append(change_time)

    def recentred(self, predicted_time: int) -> bool:
        """Whether the frame shown at this OpenXR time is the first after a change of the origin."""
        due = any(change <= predicted_time for change in self._changes)
        self._changes = [change for change in self._changes if change > predicted_time]
        return due

    # -------------------------------------------------------------------------------------------

    def _leave(self, why: Away, now: float, *, with_instance: bool) -> tuple[Action, ...]:
        self.state = State.ABSENT
        self.away = why
        self.running = False
        self._changes.clear()
        self._left_at = now
        self._wait(now, at_least=self._patience.exited_s if why is Away.EXITED else 0.0)
        actions = [Action.DESTROY_SESSION]
        if with_instance:
            self._has_instance = False
            actions.append(Action.DESTROY_INSTANCE)
        return (*actions, Action.TO_DESKTOP)

    def _wait(self, now: float, at_least: float = 0.0) -> None:
        patience = self._patience
        just_lost = (
            self.away in (Away.SESSION_LOST, Away.INSTANCE_LOST)
            and now - self._left_at <= patience.lost_for_s
        )
        longest = patience.lost_longest_s if just_lost else patience.absent_longest_s
        grown = self._delay * patience.factor if self._delay else patience.first_s
        self._delay = min(grown, longest)
        self._retry_at = now + max(self._delay, at_least)
