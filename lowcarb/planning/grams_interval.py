"""What cohorts may emit, by the errors of past forecasts: an interval around planned grams.

The errors of each past issue, all regions and hours of it together, are played on the cohorts: a
day on which all grids were dirtier than forecast is one such day. The sums that come out say how
far the next sum may be.

What came true has gaps. An hour that is unknown has the error of the nearest known one, of the same
region, issue and day ahead; what is unknown for longer that of the same hours in the nearest issue
that knows them. That is as large as such errors are, and only tells less of how regions go
together: so an issue counts if it knows the greater part of the grams itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.text import count, grams
from lowcarb.carbon.correction_past import LONGEST
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.intervals import FEWEST, PastErrors, conformal, nearby
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.emissions import known_intensities
from lowcarb.units import SECONDS_PER_HOUR

# The least share of the grams of which an issue knows the error itself.
_OWN = 0.5


@dataclass(frozen=True, kw_only=True)
class GramsInterval:
    """Within which bounds nine in ten such sums lie.

    Parameters
    ----------
    bounds
        Least and most, gCO2eq; None where too little is known.
    issues
        Past issues whose errors were played.
    reached
        Whether past issues reach as far ahead as the cohorts.
    unknown
        A region in which cohorts work and of which no errors are known; None if there is none.
    """

    bounds: tuple[float, float] | None
    issues: int
    reached: bool = True
    unknown: str | None = None

    @property
    def sentence(self) -> str:
        """Say it in words, without a full stop."""
        if self.bounds is not None:
            low, high = (grams(bound, self.bounds[1]) for bound in self.bounds)
            return (
                f"90% interval of what is emitted: {low} to {high} CO2eq, by the errors of "
                f"{count(self.issues, 'past issue')}"
            )
        return f"no interval of what is emitted: {self.why}"

    @property
    def why(self) -> str:
        """Say why there is no interval, without a full stop; blank where there is one."""
        if self.bounds is not None:
            return ""
        if self.unknown is not None:
            return f"it is not known what came true in {self.unknown}"
        if not self.reached:
            return "past forecasts do not reach as far as the rounds"
        return f"the errors of {count(self.issues, 'past issue')} are known, {FEWEST} are needed"


def grams_interval(
    errors: PastErrors | None,
    forecast: Forecast,
    fleet: Fleet,
    starts: FloatArray,
    cohorts: Sequence[IntArray],
    now: datetime,
) -> GramsInterval:
    """Play the errors of past issues on cohorts.

    Parameters
    ----------
    errors
        Of past issues; None where none are known.
    forecast
        On which the cohorts are planned.
    fleet
        The clients.
    starts
        Shape (t,): when each round starts, seconds since 1970.
    cohorts
        Clients of each round.
    now
        When the plan is made; only errors that are known then are played.
    """
    if errors is None or forecast.issued_at is None:
        return GramsInterval(bounds=None, issues=0)
    paid = known_intensities(fleet, forecast, starts)
    # Grams are weight times the error as a factor, less energy: values are one gram less.
    weight = np.zeros(paid.intensity.shape)
    used = np.zeros(weight.shape, dtype=np.bool_)
    energy = 0.0
    for j, cohort in enumerate(cohorts):
        kwh, row = fleet.energy_kwh[cohort], paid.intensity_of[cohort]
        np.add.at(weight[:, j], row, kwh * (paid.intensity[row, j] + 1))
        used[row, j] = True
        energy += float(kwh.sum())
    regions = errors.past.regions
    replayed = np.exp(nearby(errors.replayed(now)))
    total = np.full(len(replayed), -energy)
    own, over = np.zeros(len(replayed)), np.ones(len(replayed), dtype=np.bool_)
    member = {int(row): i for i, row in reversed(list(enumerate(paid.intensity_of.tolist())))}
    reached = True
    for kind in np.flatnonzero(used.any(axis=1)).tolist():
        i = member[kind]
        region = fleet.regions[fleet.region[i]]
        if region not in regions:
            return GramsInterval(bounds=None, issues=0, unknown=region)
        r = regions.index(region)
        rounds = np.flatnonzero(used[kind])
        issued = forecast.older.get(region, forecast.issued_at).timestamp()
        begin = (starts[rounds] - issued) / SECONDS_PER_HOUR
        first = np.floor(begin).astype(np.int64)
        hours = int(np.ceil(begin[0] - first[0] + fleet.duration_s[i] / SECONDS_PER_HOUR - 1e-9))
        lead = first[:, None] + np.arange(max(hours, 1))
        if (lead < 0).any() or (lead >= LONGEST).any():
            return GramsInterval(bounds=None, issues=0, reached=False)
        factor = replayed[:, lead, r].mean(axis=2)
        known = ~np.isnan(factor)
        reached = reached and bool(known.any(axis=0).all())
        own += known @ weight[kind, rounds]
        total += _nearest_issue(factor) @ weight[kind, rounds]
        # What is still to come is no gap.
        over &= errors.over(now)[:, r] > lead.max()
    total[~over | (own < _OWN * weight.sum())] = np.nan
    sums = total[~np.isnan(total)]
    low, high = conformal(sums[:, None, None])[:, 0]
    bounds = None if np.isnan(low) else (max(0.0, float(low)), max(0.0, float(high)))
    return GramsInterval(bounds=bounds, issues=len(sums), reached=reached)


def _nearest_issue(factor: FloatArray) -> FloatArray:
    """Fill what an issue does not know (d, t) by the nearest that does, of two the one before."""
    filled = factor.copy()
    for j in np.flatnonzero(np.isnan(factor).any(axis=0)).tolist():
        there = np.flatnonzero(~np.isnan(factor[:, j]))
        if len(there):
            far = np.abs(np.arange(len(factor))[:, None] - there)
            filled[:, j] = factor[there[np.argmin(far, axis=1)], j]
    return filled
