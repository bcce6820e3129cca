"""How a datastream stands right now: its alarm state, its trend and whether it has gone stale.

Pure and the same on the server and in the view: it is told every observation and the time of
asking, draws no symbol and speaks no language.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from itertools import combinations
from typing import Final, Literal

from scenes.schema import AlarmBand, Datastream

AlarmState = Literal["normal", "warning", "alarm", "stale"]
AlarmLevel = Literal["normal", "warning", "alarm"]
Trend = Literal["rising", "falling", "steady"]

STALE_AFTER_INTERVALS: Final = 3.0
# Hysteresis: a value must come back by so much of the limit before the band is left.
RETURN_FRACTION: Final = 0.02
# The trend looks at this many intervals, and at no more points than this (pairs grow as n^2).
TREND_INTERVALS: Final = 24.0
TREND_POINTS: Final = 24
TREND_LEAST_POINTS: Final = 4
# A change smaller than this many median deviations from the fitted line is noise.
TREND_NOISE_FACTOR: Final = 2.0

_SEVERITY: Final[dict[AlarmLevel, int]] = {"normal": 0, "warning": 1, "alarm": 2}


def return_distance(band: AlarmBand, datastream: Datastream) -> float:
    """How far beyond its limit a value must come back before `band` is left, in the stream's unit.

    At least one step of the shown decimals, at least 2 % of the limit, and never so much that the
    instrument could not report a value that far back.
    """
    limit = band.above if band.above is not None else band.below
    assert limit is not None  # the schema demands one side
    low, high = datastream.range
    room = limit - low if band.above is not None else high - limit
    wanted = max(RETURN_FRACTION * abs(limit), 10.0**-datastream.decimals)
    return min(wanted, max(room, 0.0) / 2)


def is_stale(age_s: float, interval_s: float) -> bool:
    """Whether an observation of that age no longer says how things are."""
    return age_s > STALE_AFTER_INTERVALS * interval_s


def trend_of(times: list[float], values: list[float], step: float) -> Trend:
    """Whether a series rises or falls, by the median of all pairwise slopes (Theil-Sen).

    times : (n,) seconds, values : (n,), the same order. `step` is the smallest change over the
    whole series that is worth saying. Fewer than four points, or no spread in time: "steady".
    """
    if len(times) < TREND_LEAST_POINTS:
        return "steady"
    slopes = [
        (values[j] - values[i]) / (times[j] - times[i])
        for i, j in combinations(range(len(times)), 2)
        if times[j] != times[i]
    ]
    if not slopes:
        return "steady"
    slope = statistics.median(slopes)
    origin = times[0]
    offsets = [value - slope * (time - origin) for time, value in zip(times, values, strict=True)]
    centre = statistics.median(offsets)
    noise = statistics.median(abs(offset - centre) for offset in offsets)
    change = slope * (max(times) - min(times))
    if abs(change) < max(step, TREND_NOISE_FACTOR * noise):
        return "steady"
    return "rising" if change > 0 else "falling"


class Monitor:
    """Follows one datastream: feed it with `observe`, then ask.

    Staleness counts from when the observation was made, or heard if the sensor's clock is ahead.
    A value of quality "bad" can raise the alarm level (a sensor beyond its range may be in the
    fire) but never lowers it. Quality "stale" means that the source was lost: stale at once, with
    the value last known, which may be newer than what was heard before.
    """

    def __init__(self, datastream: Datastream) -> None:
        self.datastream = datastream
        self.level: AlarmLevel = "normal"
        self.result: float | None = None
        self.quality: str = "stale"
        self.time: float | None = None
        self._active = [False] * len(datastream.bands)
        self._points: deque[tuple[float, float]] = deque(maxlen=TREND_POINTS)
        self._trend: Trend | None = "steady"

    def observe(
        self, time: float, result: float | None, quality: str, heard: float | None = None
    ) -> bool:
        """Take one observation (unix seconds; the datastream's unit).

        `heard` is the time of arrival where known. Returns False for one that is older than what
        is known already: such a one changes nothing.
        """
        if heard is not None:
            time = min(time, heard)
        if self.time is not None and time < self.time:
            return False
        self.quality = quality
        if result is None or not math.isfinite(result):
            return True
        repeated = self.time == time
        self.result, self.time = result, time
        vouched = quality not in {"bad", "stale"}
        self._judge(result, lowers=vouched)
        if vouched:
            if repeated and self._points and self._points[-1][0] == time:
                self._points.pop()
            self._points.append((time, result))
            self._trend = None
        return True

    def age_s(self, now: float) -> float | None:
        """Seconds since the last value; None before the first."""
        return None if self.time is None else max(now - self.time, 0.0)

    def state(self, now: float) -> AlarmState:
        """Normal, warning or alarm by the bands; stale where the last value is too old."""
        age = self.age_s(now)
        if age is None or self.quality == "stale" or is_stale(age, self.datastream.interval_s):
            return "stale"
        return self.level

    @property
    def trend(self) -> Trend:
        """Where the value has been going over the last observations."""
        if self._trend is None:
            oldest = self._points[-1][0] - TREND_INTERVALS * self.datastream.interval_s
            points = [point for point in self._points if point[0] >= oldest]
            self._trend = trend_of(
                [time for time, _ in points],
                [value for _, value in points],
                10.0**-self.datastream.decimals,
            )
        return self._trend

    @property
    def crossed(self) -> AlarmBand | None:
        """The most severe band that the value is in, with the source of its limit."""
        bands = [
            band for band, active in zip(self.datastream.bands, self._active, strict=True) if active
        ]
        return max(bands, key=lambda band: _SEVERITY[band.level], default=None)

    def _judge(self, result: float, *, lowers: bool) -> None:
        level: AlarmLevel = "normal"
        for index, band in enumerate(self.datastream.bands):
            back = return_distance(band, self.datastream) if self._active[index] else 0.0
            if band.above is not None:
                active = result > band.above - back
            else:
                assert band.below is not None
                active = result < band.below + back
            self._active[index] = active or (self._active[index] and not lowers)
            if self._active[index] and _SEVERITY[band.level] > _SEVERITY[level]:
                level = band.level
        self.level = level
