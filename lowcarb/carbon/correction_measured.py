"""How far forecasts were from what came true, before and after they were corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import counts
from lowcarb._util.times import require_utc
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.ranks import spearman

# At so many issues, a day apart at least, is measured what correction changed.
_LAST_DAYS = 14
_DAY = timedelta(days=1)
# Fewer values of an issue have no order worth speaking of.
_LEAST = 3


@dataclass(frozen=True, kw_only=True)
class Errors:
    """How far forecasts were from what came true.

    Parameters
    ----------
    mape
        Mean absolute percentage error as a share; None where nothing can be compared. What came
        true as zero has no percentage and is left out.
    rank_correlation
        Spearman's, of the values of one issue in one region over time, averaged: 1 where all clean
        hours were foreseen in their order; None where nothing can be compared.
    """

    mape: float | None
    rank_correlation: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return it for JSON."""
        return {
            "mape_pct": None if self.mape is None else 100 * self.mape,
            "rank_correlation": self.rank_correlation,
        }


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What correction rests on, and what it changed.

    Parameters
    ----------
    days
        Fewest and most whole days, by region and moment, of which a forecast and what came true are
        known; None where too little is known to correct anything.
    before, after
        Errors of the forecasts at these moments as issued, and as corrected then.
    """

    days: tuple[int, int] | None
    before: Errors
    after: Errors

    @classmethod
    def of(
        cls,
        corrector: Corrector,
        regions: Sequence[str],
        moments: Sequence[datetime],
        *,
        now: datetime | None = None,
    ) -> "Corrected":
        """Measure at some moments.

        Parameters
        ----------
        corrector
            Corrects.
        regions
            Those of interest.
        moments
            At each of them the issue of that time is compared with what came true from there on.
        now
            Only what is known by then is compared, and days are counted then; None for all that
            came true, and for days at the moments.
        """
        counted = moments if now is None else [now]
        days = [
            known.get(region, 0)
            for known in map(corrector.days_known, counted)
            for region in regions
        ]
        end = np.inf
        if now is not None:
            end = (require_utc(now, "now") - corrector.delay).timestamp()
        before, after = _Tally(), _Tally()
        for moment in moments:
            issue = corrector.issues.at(moment)
            corrected = corrector.correct(issue, moment)
            for tally, forecast in ((before, issue), (after, corrected)):
                tally.add(forecast, corrector.actual, regions, moment.timestamp(), end)
        return cls(
            days=(min(days), max(days)) if any(days) else None,
            before=before.errors(),
            after=after.errors(),
        )

    @classmethod
    def by(cls, corrector: Corrector, regions: Sequence[str], now: datetime) -> "Corrected":
        """Measure the issues of the last days that are known at a time."""
        moments: list[datetime] = []
        for issue in reversed(corrector.issues.forecasts):
            issued = issue.issued_at
            if issued is None or issued >= now:
                continue
            if len(moments) == _LAST_DAYS or now - issued > 2 * _LAST_DAYS * _DAY:
                break
            if not moments or moments[-1] - issued >= _DAY:
                moments.append(issued)
        return cls.of(corrector, regions, moments, now=now)

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "days_fewest": 0 if self.days is None else self.days[0],
            "days_most": 0 if self.days is None else self.days[1],
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
        }

    @property
    def sentence(self) -> str:
        """Say it in words, without a full stop."""
        if self.days is None:
            return "too little is known of what came true to correct forecasts"
        text = f"forecasts are corrected by what came true on {counts(*self.days, 'day')} before"
        one, two = self.before, self.after
        if one.mape is not None and two.mape is not None:
            text += f": their mean error is {100 * two.mape:.1f} instead of {100 * one.mape:.1f} %"
            if one.rank_correlation is not None and two.rank_correlation is not None:
                text += (
                    f", their rank correlation with what came true {two.rank_correlation:.2f} "
                    f"instead of {one.rank_correlation:.2f}"
                )
        return text


class _Tally:
    """Adds up errors, issue by issue."""

    def __init__(self) -> None:
        self._shares: list[FloatArray] = []
        self._ranks: list[float] = []

    def add(
        self,
        forecast: Forecast,
        actual: Forecast,
        regions: Sequence[str],
        begin_s: float,
        end_s: float,
    ) -> None:
        for region in regions:
            if region not in forecast.series or region not in actual.series:
                continue
            ahead = forecast.series[region]
            true = came_true(ahead, actual.series[region])
            good = ~np.isnan(true) & (ahead.times >= begin_s) & (ahead.ends <= end_s)
            said, true = ahead.values[good], true[good]
            some = true > 0
            self._shares.append(np.abs(said[some] - true[some]) / true[some])
            if len(true) >= _LEAST and np.ptp(true) > 0:
                self._ranks.append(spearman(said, true))

    def errors(self) -> Errors:
        shares = np.concatenate(self._shares) if self._shares else np.empty(0)
        return Errors(
            mape=float(shares.mean()) if len(shares) else None,
            rank_correlation=float(np.mean(self._ranks)) if self._ranks else None,
        )


def errors_of(
    issues: Issues, actual: Forecast, regions: Sequence[str], moments: Sequence[datetime]
) -> Errors:
    """Measure the issues that served at some moments, as issued, from there on."""
    tally = _Tally()
    for moment in moments:
        tally.add(issues.at(moment), actual, regions, moment.timestamp(), np.inf)
    return tally.errors()


def came_true(ahead: Series, actual: Series) -> FloatArray:
    """Mean actual intensity while each value of a forecast holds (m,), NaN where unknown."""
    length = ahead.ends - ahead.times
    true = np.full(len(ahead.times), np.nan)
    for seconds in np.unique(length).tolist():
        same = length == seconds
        true[same] = actual.means(ahead.times[same], seconds)
    return true
