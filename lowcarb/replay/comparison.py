"""What a comparison of policies found: savings, fairness, and the distance to the limit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count, shortened
from lowcarb._util.times import to_iso
from lowcarb.carbon.correction_measured import Corrected
from lowcarb.planning.planner import Planner
from lowcarb.planning.unreached import unreached
from lowcarb.replay.about_recording import AboutRecording
from lowcarb.replay.backtest import Backtest, Run
from lowcarb.replay.broken_limits import BrokenLimits
from lowcarb.replay.coverage import length_of
from lowcarb.replay.grams_held import grams_held
from lowcarb.replay.hours_backtest import HoursAfter
from lowcarb.replay.interval import independent
from lowcarb.replay.names import ILP, ORACLE, RANDOM
from lowcarb.replay.per_start import Intervals, PerStart
from lowcarb.replay.policy_summary import PolicySummary, summary_of
from lowcarb.replay.recording import Recording
from lowcarb.replay.same_seats import SameSeats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Everything that a comparison found.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness.
    recording
        What was forecast and what came true.
    starts
        First rounds.
    runs
        By policy: one run for each start; of random one for each start and seed, seeds together.
    random_g
        Shape (s,): the exact expectation of random cohorts from each start, gCO2eq.
    seeds
        How many random seeds there are.
    backtests
        What was played on, for each start.
    clairvoyant
        Of ilp, or else of the first policy that plans, had it known the actual intensities: a run
        for each start; empty if nobody asked, or if that could not be.
    not_split
        Why there are no clairvoyant runs although they were asked for.
    about_starts
        What of the recorded days was used, and why, for people.
    after
        The hours that were chosen from, counted from each start; None where rounds follow each
        other.
    """

    planner: Planner
    recording: Recording
    starts: tuple[datetime, ...]
    runs: Mapping[str, tuple[Run, ...]]
    random_g: FloatArray
    seeds: int
    backtests: tuple[Backtest, ...]
    clairvoyant: tuple[Run, ...] = ()
    not_split: str | None = None
    about_starts: tuple[str, ...] = ()
    after: HoursAfter | None = None

    def __repr__(self) -> str:
        name = self.subject
        one = self.summaries[name]
        seat = " a seat" if one.left_empty else ""
        return (
            f"Comparison({len(self.runs)} {'policy' if len(self.runs) == 1 else 'policies'}, "
            f"{count(len(self.starts), 'start')} of {count(self.planner.rounds, 'round')} of "
            f"{self.planner.sizes}, {shortened(name, 40)} {abs(one.saved):.1%} "
            f"{'above' if one.saved < 0 else 'below'} random{seat})"
        )

    @cached_property
    def summaries(self) -> dict[str, PolicySummary]:
        """Each policy over all starts."""
        oracle = self.runs.get(ORACLE)
        return {
            name: summary_of(name, runs, self.per_start[name], self.same_seats, oracle)
            for name, runs in self.runs.items()
        }

    @cached_property
    def length(self) -> timedelta:
        """From a start to the end of the last round, or to the deadline."""
        return length_of(self.planner) if self.after is None else self.after.within

    @cached_property
    def about(self) -> AboutRecording:
        """What a person should know of files and forecasts."""
        return AboutRecording(
            recording=self.recording,
            regions=self.planner.fleet.regions,
            starts=self.starts,
            length=self.length,
        )

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """Of which hours no forecast spoke, in a sentence each."""
        return self.about.stand_ins

    @property
    def corrected(self) -> Corrected | None:
        """What correction rests on and changed at the starts; None where nothing is corrected."""
        return self.about.corrected

    @property
    def not_believed(self) -> tuple[str, ...]:
        """Whose forecasts failed, in a sentence each."""
        return self.about.not_believed

    @property
    def about_recording(self) -> tuple[str, ...]:
        """What a person should know of files and forecasts, in sentences without a full stop."""
        return (*self.about_clients, *self.about.sentences)

    @property
    def about_clients(self) -> tuple[str, ...]:
        """Whom no limit reaches, in sentences without a full stop."""
        return tuple(unreached(self.planner.limits, self.planner.fleet).values())

    @property
    def notes(self) -> tuple[str, ...]:
        """Those sentences, and how often intervals known at the starts held what was emitted."""
        held, there = self.grams_held
        if not there:
            return self.about_recording
        return (
            *self.about_recording,
            f"the 90% interval that was known at a start, by the errors of forecasts before it, "
            f"held what {self.subject} emitted from {held} of {count(there, 'start')}",
        )

    @cached_property
    def grams_held(self) -> tuple[int, int]:
        """From how many starts an interval held what the subject emitted, and how many have one."""
        return grams_held(self.recording, self.planner, self.runs[self.subject])

    @cached_property
    def broken_limits(self) -> dict[str, BrokenLimits]:
        """What each policy broke of the limits; empty where there are none."""
        if self.planner.limits is None:
            return {}
        return {name: BrokenLimits.of(runs, self.backtests) for name, runs in self.runs.items()}

    @property
    def subject(self) -> str:
        """The policy that sentences are about: ilp, or the first beside random and the oracle."""
        others = [name for name in self.runs if name not in (RANDOM, ORACLE)]
        return ILP if ILP in self.runs else next(iter(others), RANDOM)

    @cached_property
    def independent(self) -> int:
        """How many of the starts can be had without an overlap: intervals count no more."""
        return independent(self.starts, self.length)

    @cached_property
    def per_start(self) -> dict[str, PerStart]:
        """Each policy from each start."""
        return {
            name: PerStart.of(runs, self.same_seats.due_g(runs)) for name, runs in self.runs.items()
        }

    @cached_property
    def intervals(self) -> dict[str, Intervals]:
        """95 % intervals by policy: of means over the starts; of random, over its seeds.

        Random draws the same cohorts from each start: starts say nothing of its chance.
        """
        oracle = self.per_start.get(ORACLE)
        found = {
            name: Intervals.of(one, oracle, self.independent)
            for name, one in self.per_start.items()
        }
        if RANDOM in self.runs:
            random = self.runs[RANDOM]
            seeds = PerStart.of(random, self.same_seats.due_g(random), by_seed=True)
            found[RANDOM] = Intervals.of(seeds, None, self.seeds)
        return found

    @property
    def expected_g(self) -> float:
        """The exact expectation of random cohorts, the mean over the starts, gCO2eq."""
        return float(self.random_g.mean())

    @property
    def lossy(self) -> bool:
        """Whether turns are lost: the oracle calls nobody who would lose one.

        It is then no strict limit, since the lost turn of a thrifty client fills a seat, too.
        """
        return any(backtest.disruptions.drops is not None for backtest in self.backtests)

    def plans(self, name: str) -> bool:
        """Whether a policy planned all rounds left in each of its choices."""
        return all(run.plans for run in self.runs[name])

    @cached_property
    def same_seats(self) -> SameSeats:
        """What random cohorts emit on as many seats as a policy filled."""
        return SameSeats(planner=self.planner, backtests=self.backtests, random_g=self.random_g)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON; keys are stable, unknown figures are null.

        Grams are gCO2eq that came true, means over the starts. Without `timing` the same seed gives
        the same content, unless a solver hit its time limit. ::

            cohort_size, cohort_range (null where each round has that size), rounds, every_s,
            fairness (in words), actual_delay_s
            forecasts   "as issued", or "persistence": yesterday's values
            correction  null where forecasts are not corrected by what came true; else days_fewest
                        and days_most, on which that was known, and, before and after, the errors
                        of the issues at the starts: mape_pct and rank_correlation
            clients     name, region, energy_kwh, duration_s, min_rounds, max_rounds
            limits      what was asked of the cohorts besides, in words
            policies    by name: emissions_g, saved_vs_random_pct (against the exact expectation),
                        share_of_oracle_pct (of its saving; null without an oracle), jain, gini,
                        turns_min, turns_max, floors_met_pct, comparable (whether all of them were
                        met and no seats left empty: else turns not given pass for a saving),
                        fallbacks, saved_g, planned_g, empty_seats, interval95 (by figure: bounds,
                        or null), per_start (by figure: a value for each start); of random also
                        spread_pct (standard deviation of its saving over the seeds, in points) and
                        expected_g (the exact expectation); of a policy that left seats empty for
                        which clients were there also left_empty_seats (over all starts) and
                        emissions_g_per_seat, and its saving is a seat's; where there are limits
                        also limits: kept_pct, without_rest (turns), rounds_broken (by limit)
            starts      first rounds
            expected_g  what random cohorts are expected to emit from each start
            independent_starts  how many do not overlap: intervals count no more
            about_starts  what of the recorded days was used, and why, in words
            seeds       how often random was played
            seed        decides between equal clients, and all that is drawn
            notes       what a person should know of the files, how forecasts were corrected, and
                        what stood in for them
            timing      by policy: median_s and p95_s of deciding on one round
        """
        planner, fleet = self.planner, self.planner.fleet
        return {
            "cohort_size": planner.cohort_size,
            "cohort_range": None if planner.cohort_range is None else list(planner.cohort_range),
            "fairness": planner.fairness.describe(planner.equal_share, planner.rounds, fleet),
            "clients": clients_to_dict(planner),
            "policies": {name: self.policy_to_dict(name) for name in self.runs},
            "expected_g": self.random_g.tolist(),
            **self.days_to_dict(),
            "notes": list(self.notes),
            "timing": self.timing_to_dict(),
        }

    def days_to_dict(self) -> dict[str, Any]:
        """Return what does not hang on cohort size and fairness, with the keys there."""
        planner = self.planner
        return {
            "rounds": planner.rounds,
            "every_s": planner.every.total_seconds(),
            **self.about.to_dict(),
            "limits": [] if planner.limits is None else planner.limits.texts,
            "starts": [to_iso(start) for start in self.starts],
            "independent_starts": self.independent,
            "about_starts": list(self.about_starts),
            "seeds": self.seeds,
            "seed": planner.seed,
            "notes": list(self.about_recording),
        }

    def timing_to_dict(self) -> dict[str, dict[str, float]]:
        """Return by policy how long deciding on one round took."""
        return {
            name: {"median_s": summary.seconds_median, "p95_s": summary.seconds_p95}
            for name, summary in self.summaries.items()
        }

    def policy_to_dict(self, name: str) -> dict[str, Any]:
        """Return the figures of one policy for JSON, as under `policies` in `to_dict`."""
        summary = self.summaries[name]
        content = {
            **summary.to_dict(),
            "interval95": self.intervals[name].to_dict(),
            "per_start": self.per_start[name].to_dict(),
            **(
                {"spread_pct": 100 * summary.spread, "expected_g": self.expected_g}
                if name == RANDOM
                else {}
            ),
        }
        if name in self.broken_limits:
            content["limits"] = self.broken_limits[name].to_dict()
        return content

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each policy: its name, the fields of `PolicySummary`, comparable."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"policy": name, **asdict(summary), "comparable": summary.comparable}
                for name, summary in self.summaries.items()
            ]
        )


def clients_to_dict(planner: Planner) -> list[dict[str, Any]]:
    """Return the clients of a planner for JSON, with their floors and caps."""
    fleet, (floors, caps) = planner.fleet, planner.bounds
    return [
        {
            "client": fleet.clients[i],
            "region": fleet.regions[fleet.region[i]],
            "energy_kwh": float(fleet.energy_kwh[i]),
            "duration_s": float(fleet.duration_s[i]),
            "min_rounds": int(floors[i]),
            "max_rounds": int(caps[i]),
        }
        for i in range(len(fleet))
    ]
