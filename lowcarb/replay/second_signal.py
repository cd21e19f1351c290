"""A comparison by a second signal: what the same cohorts emitted by it, and saved against random.

Policies were played, and are ranked, by the first signal. Figures of the second stand beside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import origin
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.kinds import Kind, kinds_said, second_kind
from lowcarb.errors import CoverageError
from lowcarb.planning.planner import Planner
from lowcarb.planning.second_signal import Emitted, Repriced
from lowcarb.replay.comparison import Comparison
from lowcarb.replay.interval import Interval, of_mean, of_ratio
from lowcarb.replay.names import RANDOM
from lowcarb.replay.recording import Recording


@dataclass(frozen=True, kw_only=True, eq=False)
class SecondSummary:
    """One policy by the second signal; what is saved is None unless all of it is known.

    Parameters
    ----------
    realised
        Means over starts (and seeds).
    saved_g
        Mean saved against the exact expectation of random cohorts on the same seats, gCO2eq.
    saved
        Share saved against it.
    saved_g_interval, saved_interval
        95 % intervals of the two; None where one start says nothing of others.
    per_start_g, saved_per_start_g
        Shape (s,): emissions, of random the means over its seeds, and what was saved, gCO2eq; None
        unless all is known.
    """

    realised: Emitted
    saved_g: float | None = None
    saved: float | None = None
    saved_g_interval: Interval | None = None
    saved_interval: Interval | None = None
    per_start_g: FloatArray | None = None
    saved_per_start_g: FloatArray | None = None

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON, shares saved in percent."""

        def bounds(interval: Interval | None, scale: float = 1.0) -> list[float] | None:
            return None if interval is None else [scale * bound for bound in interval]

        def values(found: FloatArray | None) -> list[float] | None:
            return None if found is None else found.tolist()

        return {
            "emissions_g": self.realised.grams,
            "known_share": self.realised.share,
            "saved_g": self.saved_g,
            "saved_vs_random_pct": None if self.saved is None else 100 * self.saved,
            "interval95": {
                "saved_g": bounds(self.saved_g_interval),
                "saved_vs_random_pct": bounds(self.saved_interval, 100),
            },
            "per_start": {
                "emissions_g": values(self.per_start_g),
                "saved_g": values(self.saved_per_start_g),
            },
        }


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SecondComparison:
    """All policies of a comparison by a second signal.

    Parameters
    ----------
    kind
        Signal and accounting.
    first
        Of the signal by which the policies were played.
    source
        Where the intensities come from.
    random
        The exact expectation of random cohorts, the mean over the starts.
    policies
        By name, in the order of the comparison.
    missing
        Regions of the clients of which the source says nothing.
    """

    kind: Kind
    first: tuple[Kind, ...]
    source: str
    random: Emitted
    policies: Mapping[str, SecondSummary]
    missing: tuple[str, ...]

    def __repr__(self) -> str:
        what = "policy" if len(self.policies) == 1 else "policies"
        return f"SecondComparison({self.kind}: {len(self.policies)} {what}, {origin(self.source)})"

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON; unknown figures are null, shares known are of the energy."""
        return {
            "signal": self.kind.signal,
            "accounting": self.kind.accounting,
            "answers": self.kind.answers,
            "source": self.source,
            "expected_g": self.random.grams,
            "expected_known_share": self.random.share,
            "policies": {name: one.to_dict() for name, one in self.policies.items()},
            "missing_regions": list(self.missing),
        }


def require_second(
    recording: Recording, planner: Planner, starts: Sequence[datetime], actual: Forecast
) -> None:
    """Refuse what is no second signal, or knows nothing of these starts, before any is played.

    Raises
    ------
    InputError
        If it is a forecast as it was issued, or not known to be of another kind.
    CoverageError
        If it covers none of the times.
    """
    _kinds(recording, planner, actual)
    fleet = planner.fleet
    longest = float(fleet.duration_s.max())
    known = [actual.series[region] for region in fleet.regions if region in actual.series]
    times = [planner.starts(start) for start in starts]
    if all(np.isnan(one.means(each, longest)).all() for one in known for each in times):
        raise CoverageError(
            "covers none of the times that are played; it has " + known[0].describe_coverage(),
            file=actual.source,
            field="target_time",
        )


def by_second_signal(comparison: Comparison, actual: Forecast) -> SecondComparison:
    """Account for a comparison by a second signal.

    Parameters
    ----------
    comparison
        Played already; nothing of it changes.
    actual
        What came true by the second signal; regions and times may be missing.

    Raises
    ------
    InputError
        If it is a forecast as it was issued, or not known to be of another kind than the first.
    """
    planner = comparison.planner
    first, kind = _kinds(comparison.recording, planner, actual)
    priced = [
        Repriced.of(one.truth, planner.fleet, actual, planner.starts(one.start))
        for one in comparison.backtests
    ]
    random = [one.random for one in priced]
    return SecondComparison(
        kind=kind,
        first=first,
        source=actual.source,
        random=_mean(random),
        policies={name: _summary(comparison, name, priced, random) for name in comparison.runs},
        missing=tuple(r for r in planner.fleet.regions if r not in actual.series),
    )


def _kinds(
    recording: Recording, planner: Planner, actual: Forecast
) -> tuple[tuple[Kind, ...], Kind]:
    actual.require_actual()
    regions = planner.fleet.regions
    played = [recording.actual.of(region).provenance for region in regions]
    if not recording.persistent:
        issued = recording.issues.newest.series
        played += [issued[region].provenance for region in regions if region in issued]
    return kinds_said(played), second_kind(played, actual, regions)


def _summary(
    comparison: Comparison, name: str, priced: Sequence[Repriced], random: Sequence[Emitted]
) -> SecondSummary:
    starts, runs = len(priced), comparison.runs[name]
    emitted = [priced[i % starts].cohorts(run.cohorts) for i, run in enumerate(runs)]
    realised = _mean(emitted)
    if not (realised.whole and _mean(random).whole):
        return SecondSummary(realised=realised)
    grams = np.array([one.known_g for one in emitted]).reshape(-1, starts)
    due = np.array([one.known_g for one in random]) * comparison.same_seats.share(
        comparison.runs[name]
    )
    per_start = grams.mean(axis=0)
    # As in the comparison itself: random's chance is in its seeds.
    by_seed = name == RANDOM
    wholes = np.full(len(grams), due.mean()) if by_seed else due
    parts = wholes - (grams.mean(axis=1) if by_seed else per_start)
    count = comparison.seeds if by_seed else comparison.independent
    saved_g = float((due - per_start).mean())
    expected = float(due.mean())
    return SecondSummary(
        realised=realised,
        saved_g=saved_g,
        saved=saved_g / expected if expected else 0.0,
        saved_g_interval=of_mean(parts, count),
        saved_interval=of_ratio(parts, wholes, count),
        per_start_g=per_start,
        saved_per_start_g=due - per_start,
    )


def _mean(parts: Sequence[Emitted]) -> Emitted:
    return Emitted(
        known_g=sum(one.known_g for one in parts) / len(parts),
        known_kwh=sum(one.known_kwh for one in parts) / len(parts),
        energy_kwh=sum(one.energy_kwh for one in parts) / len(parts),
    )
