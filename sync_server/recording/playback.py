"""Which recorded moment a replay shows: maps recorded time to room time, with pause, seek, speed.

Pure: callers pass room time (seconds). Positions are seconds since the recording's beginning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sync_server.wire.records import ReplayAct


@dataclass(slots=True)
class Playback:
    """The hands of the clock: position `at_s` was shown at room time `since`."""

    duration_s: float
    at_s: float = 0.0
    since: float = 0.0
    speed: float = 1.0
    playing: bool = True
    loop: bool = False

    def position(self, now: float) -> float:
        """The position shown at room time `now`, held between the beginning and the end."""
        moved = (now - self.since) * self.speed if self.playing else 0.0
        return min(max(self.at_s + moved, 0.0), self.duration_s)

    def room_time(self, position: float) -> float:
        """When a position is, or was, shown if nobody interferes; infinity while paused."""
        if not self.playing:
            return math.inf if position > self.at_s else self.since
        return self.since + (position - self.at_s) / self.speed

    def take(self, now: float, act: ReplayAct) -> bool:
        """Do what somebody in charge asks for; True where the position jumps."""
        self._settle(now)
        match act.act:
            case "play":
                self.playing = True
                if self.at_s >= self.duration_s:  # at the end there is only the beginning to play
                    self.at_s = 0.0
                    return True
            case "pause":
                self.playing = False
            case "seek":
                self.at_s = min(max(act.at_s, 0.0), self.duration_s)
                return True
            case "speed":
                self.speed = act.speed
        return False

    def end(self, now: float) -> bool:
        """The end was reached: stop there, or begin again; True where it begins again."""
        self.since = now
        self.at_s = 0.0 if self.loop else self.duration_s
        self.playing = self.loop
        return self.loop

    def _settle(self, now: float) -> None:
        self.at_s, self.since = self.position(now), now

    def payload(self, started: float, room: str) -> dict[str, Any]:
        """The `replay_state` record from which every member knows the position at any time."""
        return {
            "id": "replay",
            "room": room,
            "started": round(started, 3),
            "duration_s": round(self.duration_s, 3),
            "at_s": round(self.at_s, 3),
            "since": round(self.since, 3),
            "speed": self.speed,
            "playing": self.playing,
            "loop": self.loop,
        }
