"""Which regions' forecasts are believed, by how the last ones compare with yesterday's values.

Four times a day each region's forecasts of the last two days are held against what came true of
them, newer hours counting more, and against what yesterday's values would have said at the time of
issue. Only what was known at that time counts, so that the answer can be learnt anew at any later
time. Forecasts are no longer believed if they are

- *wrong*: even corrected, by clearly more than yesterday's values;
- *stuck*: the same values, or the same day, over and over while what came true moves;
- *random*: their order has nothing to do with what came true, while that of yesterday's has;
- *strange*: the newest issue is like no day before (`carbon.strange`).

They are believed again once they have been good for three days; strange ones also as soon as there
is a newer issue that is not, since that is a fault of an issue. A steady *factor*, as of another
unit, is mended by correction and only said.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb._util.text import rounded
from lowcarb.carbon.correction_past import LONGEST, Past
from lowcarb.carbon.judgements import EVERY, began, held
from lowcarb.carbon.ranks import rank_correlations
from lowcarb.carbon.stand_in import StandIn
from lowcarb.carbon.strange import Strange
from lowcarb.carbon.strange_now import StrangeNow
from lowcarb.carbon.typical_day import HOURS
from lowcarb.units import SECONDS_PER_HOUR

_WINDOW = 2 * HOURS
_USUAL = 14 * HOURS
_HALF_LIFE = HOURS
_LEAST = HOURS
"""Fewer hours of a window say too little."""
# Errors are mean absolute ones of logarithms. What is clearly more than yesterday's, and what is
# good again.
_MORE, _MORE_BY = 1.8, 0.05
_GOOD, _GOOD_BY = 1.15, 0.02
# What came true moves if it varies so much within a day, or a third of it from one day to the next;
# forecasts stand still if they vary such a share of that, and repeat if so many hours are as the
# day before.
_MOVES, _STILL, _REPEATED = 0.05, 0.02, 18
# Forecasts that are so much better than yesterday's values are not stuck, whatever they look like.
_LUCKY = 0.5
# Rank correlations of which one is none and the other some.
_NONE, _SOME = 0.2, 0.5
# Errors are not told beyond this share; a factor is of values above a hundredth of a gram.
_ANY, _SOME_GRAMS = 10.0, float(np.log1p(0.01))
# A factor is one from here on, if it holds to such a share of itself.
_FACTOR, _STEADY = float(np.log(1.4)), 0.4


class Fault(IntEnum):
    """Why forecasts of a region are not believed."""

    NONE = 0
    WRONG = 1
    STUCK = 2
    RANDOM = 3
    STRANGE = 4


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found of one region's forecasts.

    Parameters
    ----------
    region
        Its name.
    fault
        Why its forecasts are not believed.
    since
        The hour in which that began, counted from 1970.
    issued, corrected, yesterday
        How wrong forecasts were then, as issued and as corrected, and yesterday's values: shares.
    factor
        How many times what came true forecasts are steadily; None if they are not.
    """

    region: str
    fault: Fault
    since: int
    issued: float
    corrected: float
    yesterday: float
    factor: float | None

    @property
    def believed(self) -> bool:
        """Whether its forecasts are used."""
        return self.fault is Fault.NONE

    @property
    def sentence(self) -> str:
        """Say it in words, without a full stop."""
        name = self.region
        figures = f"wrong by {_percent(self.issued)} over the last 2 days"
        if self.fault is Fault.WRONG and abs(self.corrected - self.issued) >= 0.005:
            figures += f" ({_percent(self.corrected)} once corrected)"
        figures += f", yesterday's values by {_percent(self.yesterday)}"
        what = {
            Fault.NONE: "",
            Fault.WRONG: f"forecasts of {name} were {figures}",
            Fault.STUCK: f"forecasts of {name} are stuck while what came true moves: {figures}",
            Fault.RANDOM: f"the order of forecasts of {name} is random: {figures}",
            Fault.STRANGE: f"forecasts of {name} are suddenly like no day before",
        }[self.fault]
        if self.factor is not None:
            what += f"{'; they are' if what else f'forecasts of {name} are'} steadily "
            what += f"{rounded(self.factor)} times what came true (another unit?)"
        if self.fault is Fault.NONE:
            return f"{what}: correction takes that away"
        return f"{what}: typical days and yesterday's values stand in"


@dataclass(frozen=True, kw_only=True, eq=False)
class Guard:
    """Judgements of all regions over time.

    Parameters
    ----------
    regions
        g names.
    first
        Hour of the first judgement, counted from 1970; the others follow every six hours.
    fault
        Shape (e, g): as `Fault`, by what came true.
    factor
        Shape (e, g): logarithm of a steady factor; NaN for none.
    errors
        Shape (3, e, g): of forecasts as issued, as corrected, and of yesterday's values.
    strange
        Where the newest issue is strange, whatever came true.
    """

    regions: tuple[str, ...]
    first: int
    fault: IntArray
    factor: FloatArray
    errors: FloatArray
    strange: StrangeNow

    @classmethod
    def of(
        cls, past: Past, hindsight: FloatArray, stand_in: StandIn, strange: Strange, delay_s: float
    ) -> "Guard":
        """Judge.

        Parameters
        ----------
        past
            What was forecast, and what came true.
        hindsight
            Shape as that of `Past.ahead`: errors of corrected forecasts.
        stand_in
            Knows yesterday's values.
        strange
            What is strange about each issue.
        delay_s
            How long after its end a value that came true is known.
        """
        true = past.of_issues(past.actual)
        newest = past.known_when_issued(delay_s) - 1
        hour = past.issued[:, None] + np.arange(LONGEST)[None, :, None]
        r = np.broadcast_to(np.arange(len(past.regions)), hour.shape)
        yesterday = stand_in.yesterday(hour, r, np.broadcast_to(newest[:, None], hour.shape))
        hourly = np.stack([past.by_hour(one) for one in (past.ahead, true - hindsight, yesterday)])
        ends = np.arange(0, len(past.actual) + 2 * HOURS, EVERY)
        found = [_judged(past, hourly, int(end), delay_s) for end in ends.tolist()]
        bad, good, factor, errors = (np.stack(part) for part in zip(*found, strict=True))
        now = StrangeNow.of(strange, past.first, ~np.isnan(factor), good)
        fault = held(bad, good)
        # What is stuck or random has no factor.
        none = (fault == Fault.STUCK) | (fault == Fault.RANDOM)
        steady = ~none & ~np.isnan(factor)
        keeps = held(steady.astype(np.int64), ~steady) > 0
        factor = np.where(keeps & ~none, factor, np.nan)
        return cls(
            regions=past.regions,
            first=past.first,
            fault=fault,
            factor=factor,
            errors=np.moveaxis(errors, 1, 0),
            strange=now,
        )

    def fault_in(self, hours: IntArray) -> IntArray:
        """Return the faults in hours (m, g) of the grid, counted from `first`."""
        fault, _, _ = self._found(SECONDS_PER_HOUR * (self.first + hours.astype(np.float64)))
        return fault

    def at(self, now_s: float) -> dict[str, Verdict]:
        """Return what is found, at a time, of regions whose forecasts have a fault or a factor."""
        if now_s < SECONDS_PER_HOUR * self.first:
            return {}
        fault, since, e = (one[0] for one in self._found(np.array([[now_s]])))
        regions = np.arange(len(self.regions))
        factors = self.factor[e, regions]
        found = {}
        for g in np.flatnonzero((fault > 0) | ~np.isnan(factors)).tolist():
            then = min(int(since[g]) // EVERY, len(self.fault) - 1)
            issued, corrected, yesterday = np.expm1(self.errors[:, then, g]).tolist()
            factor = float(self.factor[then, g])
            found[self.regions[g]] = Verdict(
                region=self.regions[g],
                fault=Fault(int(fault[g])),
                since=self.first + int(since[g]),
                issued=issued,
                corrected=corrected,
                yesterday=yesterday,
                factor=None if np.isnan(factor) else float(np.exp(factor)),
            )
        return found

    def _found(self, times: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
        """Faults at times (m, g) or (m, 1), since which hours, and by which judgements (m, g)."""
        hour = (times // SECONDS_PER_HOUR).astype(np.int64) - self.first
        e = np.clip(hour // EVERY, 0, len(self.fault) - 1)
        regions = np.arange(len(self.regions))
        fault, fault_began = self.fault[e, regions], self._fault_began[e, regions]
        strange, strange_began = self.strange.at(times, e)
        # What was found first is what is said, anew once a factor comes or goes.
        said = strange & ((fault == 0) | (strange_began < fault_began))
        since = np.maximum(
            np.where(said, strange_began, fault_began), self._factor_began[e, regions]
        )
        return np.where(said, Fault.STRANGE, fault), since, np.broadcast_to(e, fault.shape)

    @lazy
    def _fault_began(self) -> IntArray:
        """The hour in which what holds of faults began (e, g), counted from `first`."""
        return EVERY * began(self.fault)

    @lazy
    def _factor_began(self) -> IntArray:
        """The hour since which there is a steady factor, or none (e, g)."""
        return EVERY * began((~np.isnan(self.factor)).astype(np.int64))


def _judged(
    past: Past, hourly: FloatArray, end: int, delay_s: float
) -> tuple[IntArray, BoolArray, FloatArray, FloatArray]:
    """Faults, what is good, factors and errors in one hour (g,); errors (3, g)."""
    known = past.known(SECONDS_PER_HOUR * (past.first + end) - delay_s)
    regions = np.arange(len(past.regions))
    at = np.minimum(known, len(past.actual)) - _WINDOW + np.arange(_WINDOW)[:, None]
    within = np.maximum(at, 0)
    true = np.where(at < 0, np.nan, past.actual[within, regions])
    said, corrected, yesterday = hourly[:, within, regions]
    fit = ~np.isnan(true + said + corrected + yesterday)
    weight = np.where(fit, 0.5 ** (np.arange(_WINDOW)[::-1, None] / _HALF_LIFE), 0.0)
    total = weight.sum(axis=0)
    enough = fit.sum(axis=0) >= _LEAST

    def mean(values: FloatArray) -> FloatArray:
        found: FloatArray = np.where(fit, weight * values, 0.0).sum(axis=0) / np.where(
            total > 0, total, 1.0
        )
        return found

    errors = np.stack([mean(np.abs(one - true)) for one in (said, corrected, yesterday)])
    issued_error, corrected_error, _ = errors
    # Days may resemble each other by luck: what yesterday's values are usually wrong by counts too.
    least_error = np.maximum(errors[2], _usual(past, hourly[2], at))

    stuck = enough & _stuck(past, hourly[0], at)
    stuck &= issued_error > _LUCKY * errors[2]
    wrong = enough & (corrected_error > _MORE * least_error + _MORE_BY)
    level = mean(said - true)
    # Without what correction takes away: a factor leaves the order as it is.
    strays = mean(np.abs(said - true - level))
    random = enough & (strays > _MORE * least_error + _GOOD_BY)
    # Few are left, and ranks take time.
    random &= rank_correlations(yesterday, true, fit & random) > _SOME
    random &= rank_correlations(said, true, fit & random) < _NONE
    fault = np.where(
        stuck, Fault.STUCK, np.where(random, Fault.RANDOM, np.where(wrong, Fault.WRONG, 0))
    )
    good = enough & (corrected_error <= _GOOD * least_error + _GOOD_BY) & ~stuck & ~random
    # Logarithms here are of one gram more than the value, which hides a factor far below one.
    times = (_plain(said) - _plain(true))[-HOURS:]
    # Nothing is a multiple of nothing.
    there = fit[-HOURS:] & (np.minimum(said, true)[-HOURS:] > _SOME_GRAMS)
    count = np.maximum(there.sum(axis=0), 1)
    # Other hours, as of the day before, do not move a median.
    usual = np.where(there, times, 0.0).sum(axis=0) / count
    level = np.median(np.where(there, times, usual), axis=0)
    strays = np.where(there, np.abs(times - level), 0.0).sum(axis=0) / count
    steady = (
        enough
        & (2 * there.sum(axis=0) >= len(there))
        & (np.abs(level) > _FACTOR)
        & (strays < _STEADY * np.abs(level))
    )
    return fault.astype(np.int64), good, np.where(steady, level, np.nan), errors


def _plain(logs: FloatArray) -> FloatArray:
    """Logarithms of the values alone; zero is a thousandth of a gram."""
    return np.log(np.expm1(logs) + 1e-3)


def _usual(past: Past, yesterday: FloatArray, at: IntArray) -> FloatArray:
    """How wrong yesterday's values were over two weeks (g,); zero where nothing is known."""
    hours = at[-1] - np.arange(_USUAL)[:, None]
    regions = np.arange(len(past.regions))
    within = np.maximum(hours, 0)
    off = np.abs(yesterday[within, regions] - past.actual[within, regions])
    there = (hours >= 0) & ~np.isnan(off)
    total = np.where(there, off, 0.0).sum(axis=0)
    found: FloatArray = total / np.maximum(there.sum(axis=0), 1)
    return found


def _stuck(past: Past, said: FloatArray, at: IntArray) -> BoolArray:
    """Whether forecasts stand still or repeat a day, while what came true does not (g,).

    Parameters
    ----------
    past
        What came true.
    said
        Shape (n, g): forecasts by hour.
    at
        Shape (window, g): hours.
    """
    regions = np.arange(len(past.regions))

    def of(hourly: FloatArray, hours: IntArray) -> FloatArray:
        return np.where(hours < 0, np.nan, hourly[np.maximum(hours, 0), regions])

    day, recent = at[-HOURS:], at[-_REPEATED:]
    range_said, range_true = (np.ptp(of(one, day), axis=0) for one in (said, past.actual))
    still = (range_true > _MOVES) & (range_said <= _STILL * range_true)
    again = (of(said, recent) == of(said, recent - HOURS)).all(axis=0)
    moved = np.abs(of(past.actual, recent) - of(past.actual, recent - HOURS))
    found: BoolArray = still | (again & (moved.mean(axis=0) > _MOVES / 3))
    return found


def _percent(share: float) -> str:
    """Write an error; of next to nothing it would be any multiple."""
    return f"{100 * share:.0f} %" if share < _ANY else f"more than {100 * _ANY:.0f} %"
