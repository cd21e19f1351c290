"""Which new issues are like no day before: not to be believed before anything came true of them.

The first day of every issue is held against two typical days: that of the forecasts before, and
that which came true. It is strange if it is farther from both than either usually moves,

- by its *level*: as of another unit from one day to the next;
- by its *shape*: its level apart, as of values drawn at random, or of noise; or since it stands
  still where both move; or since its course has nothing to do with theirs where days repeat.

It is a fault of that issue: what a newer one says is judged by itself.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb.carbon.correction_past import Past
from lowcarb.carbon.stand_in import StandIn
from lowcarb.carbon.typical_day import HOURS
from lowcarb.units import SECONDS_PER_HOUR

# So many times the usual move; of 2,054 first days of issues for 26 grids of the US in 2022 the
# farthest was 4.9 times away, and 2.1 times with its level apart.
_LEVEL, _SHAPE = 5.0, 2.5
# What is usual is that of two weeks, of which so many hours are known; and the least of it.
_USUAL, _KNOWN, _LEAST_MOVE = 14 * HOURS, 5 * HOURS, 0.02
# Days repeat if their hours differ by as much as is usually moved. Where they did, no course of an
# issue had a correlation below 0.37 with both typical days.
_REPEAT, _NONE = 1.0, 0.2
# Fewer hours of a first day have no shape.
_HOURS_THERE = HOURS // 2
# Typical days move if they vary so much, in logarithms; a forecast stands still if it varies such
# a share of that.
_MOVES, _STILL = 0.05, 0.02
_TINY = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Strange:
    """What is strange about each issue.

    Parameters
    ----------
    issued_s
        Shape (k,), ascending: when it was issued, in seconds since 1970; first -inf, for none.
    level, shape
        Shape (k, g): whether that is strange. An issue that says nothing of a region, or too little
        to be held against anything, leaves it as the one before.
    begin
        Shape (k, g): which issue is the first of the strange ones in a row of which this is one.
    """

    issued_s: FloatArray
    level: BoolArray
    shape: BoolArray
    begin: IntArray

    @classmethod
    def of(cls, past: Past, stand_in: StandIn, delay_s: float) -> "Strange":
        """Hold each issue against what was known when it came out."""
        said = StandIn.of_hours(past.forecast)
        newest = past.known_by(past.issued_s - delay_s) - 1
        issued = np.ceil(past.issued_s / SECONDS_PER_HOUR).astype(np.int64) - past.first
        hour = issued[:, None, None] + np.arange(HOURS)[None, :, None]
        at = newest[:, None] - (newest[:, None] - hour) % HOURS
        regions = np.arange(len(past.regions))
        within = np.maximum(at, 0)
        first = past.first_days
        days = [np.where(at < 0, np.nan, one.typical[within, regions]) for one in (said, stand_in)]
        known = np.clip(newest, 0, len(past.actual) - 1)
        move = np.maximum(
            _usual_move(past.forecast, said.typical)[known, regions],
            _usual_move(past.actual, stand_in.typical)[known, regions],
        )
        there = ~np.isnan(np.stack([first - day for day in days]))
        count = np.maximum(there.sum(axis=2, keepdims=True), 1)
        enough = (there.sum(axis=2) >= _HOURS_THERE).all(axis=0) & (newest >= 0)

        def mean(values: FloatArray) -> FloatArray:
            """Mean over the hours that both an issue and a typical day have (2, d, 1, g)."""
            found: FloatArray = np.where(there, values, 0.0).sum(axis=2, keepdims=True) / count
            return found

        both, typical = np.stack([first, first]), np.stack(days)
        course, usual = both - mean(both), typical - mean(typical)
        # NaN, where too little is known of what is usual, is no cause.
        level = mean(np.abs(both - typical)).min(axis=0)[:, 0] > _LEVEL * move
        far = mean(np.abs(course - usual)).min(axis=0)[:, 0] > _SHAPE * move
        varies, moves = _range(first), np.minimum(*(_range(day) for day in days))
        still = (moves > _MOVES) & (varies <= _STILL * moves) & (move > 0)
        repeat = mean(np.abs(usual)).min(axis=0)[:, 0] > _REPEAT * move
        size = np.sqrt(mean(course**2) * mean(usual**2))
        alike = (mean(course * usual) / np.maximum(size, _TINY)).max(axis=0)[:, 0]
        shape = far | still | (repeat & (alike < _NONE))
        none = np.zeros((1, len(regions)), dtype=np.bool_)
        enough, level, shape = (np.concatenate([none, one]) for one in (enough, level, shape))
        number = np.arange(len(enough))[:, None]
        judged = np.maximum.accumulate(np.where(enough, number, 0), axis=0)
        level, shape = ((enough & one)[judged, regions] for one in (level, shape))
        issued_s = np.concatenate([[-np.inf], past.issued_s])
        good = np.maximum.accumulate(np.where(level | shape, 0, number), axis=0)
        begin = np.minimum(good + 1, number)
        return cls(issued_s=issued_s, level=level, shape=shape, begin=begin)

    @lazy
    def since(self) -> IntArray:
        """The hour in which the first one in a row was issued (k, g), counted from 1970."""
        hours = np.floor(self.issued_s / SECONDS_PER_HOUR)
        return np.where(np.isfinite(hours), hours, 0).astype(np.int64)[self.begin]

    def newest(self, times: FloatArray) -> IntArray:
        """Return which issue is the newest at some times, in seconds since 1970."""
        found: IntArray = np.searchsorted(self.issued_s, times, side="right") - 1
        return found

    def left_out(self, past: Past) -> Past:
        """Leave out what strange issues said that another one replaced within a day.

        Nobody believed it, and it says nothing of the service, for better or worse. That it will be
        replaced changes nothing before: as long as it is the newest, something stands in for it.
        """
        number = np.arange(len(self.level))[:, None]
        odd = self.level | self.shape
        after = np.minimum.accumulate(np.where(odd, len(odd), number)[::-1], axis=0)[::-1]
        until_s = np.append(self.issued_s, np.inf)[after]
        began_s = np.where(odd, self.issued_s[self.begin], 0.0)
        short = odd & (until_s - began_s < HOURS * SECONDS_PER_HOUR)
        if not short.any():
            return past
        starts = SECONDS_PER_HOUR * (past.first + np.arange(len(past.forecast), dtype=np.float64))
        first = short[past.first_issue + 1, np.arange(len(past.regions))]
        return replace(
            past,
            forecast=np.where(short[self.newest(starts)], np.nan, past.forecast),
            ahead=np.where(first[:, None], np.nan, past.ahead),
        )


def _usual_move(values: FloatArray, typical: FloatArray) -> FloatArray:
    """How far values were from their typical day before, over two weeks up to each hour (n, g).

    NaN where too few hours are known.
    """
    off = np.full_like(values, np.nan)
    off[HOURS:] = np.abs(values[HOURS:] - typical[:-HOURS])
    there = ~np.isnan(off)
    total, count = (
        np.cumsum(part, axis=0) for part in (np.where(there, off, 0.0), there.astype(np.float64))
    )
    for part in (total, count):
        part[_USUAL:] -= part[:-_USUAL].copy()
    found: FloatArray = np.maximum(total / np.maximum(count, 1.0), _LEAST_MOVE)
    return np.where(count >= _KNOWN, found, np.nan)


def _range(days: FloatArray) -> FloatArray:
    """From the least to the most of the known values of each day (k, 24, g); NaN for none."""
    there = ~np.isnan(days)
    most = np.where(there, days, -np.inf).max(axis=1)
    least = np.where(there, days, np.inf).min(axis=1)
    return np.where(there.any(axis=1), most - least, np.nan)
