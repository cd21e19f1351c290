"""From a comparison to its pictures."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.times import show
from lowcarb.carbon.correction_measured import errors_of
from lowcarb.replay import Comparison, Gap, Recording
from lowcarb.replay.forecast_error import error_by_day_ahead
from lowcarb.replay.names import ORACLE, RANDOM
from lowcarb.report.comparison.verdict import empty_seats
from lowcarb.report.pictures.cohort_sizes import cohort_sizes
from lowcarb.report.pictures.cumulative import cumulative
from lowcarb.report.pictures.forecast_error import forecast_error
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.planned import planned_and_realised
from lowcarb.report.pictures.remaining import remaining_by_place
from lowcarb.report.pictures.style import looks_of, names_of
from lowcarb.report.pictures.turns import Turns, turns_by_client
from lowcarb.report.pictures.working import working
from lowcarb.report.region_schedule import schedule_of_cohorts


def pictures_of(comparison: Comparison, gap: Gap | None) -> Iterator[Picture]:
    """Give all pictures of a comparison."""
    yield _cumulative(comparison)
    yield _working(comparison)
    if comparison.planner.cohort_range is not None:
        yield _sizes(comparison)
    yield _turns(comparison)
    yield _planned(comparison)
    planner = comparison.planner
    length = planner.rounds * planner.every
    yield from error_by_day(
        comparison.recording, planner.fleet.regions, comparison.starts, length, planner.every
    )
    if gap is not None and gap.distance_g > 0 and gap.by_region and not comparison.lossy:
        yield _remaining(gap)


def _cumulative(comparison: Comparison) -> Picture:
    runs = comparison.runs
    limit = ORACLE if ORACLE in runs else None
    return cumulative(
        {
            name: np.mean([run.realised_g_by_round for run in found], axis=0)
            for name, found in runs.items()
        },
        range(1, comparison.planner.rounds + 1),
        near=[name for name in runs if name != ORACLE and comparison.plans(name)],
        limit=limit,
        names=names_of(runs),
        looks=looks_of(runs),
        caption="Realised emissions, means over the starts"
        + (
            "; the oracle is the limit for all that keep floors and caps. "
            "A round may cost more than the oracle's and be repaid by a later one."
            if limit
            else "."
        )
        + _empty(comparison),
    )


def _working(comparison: Comparison) -> Picture:
    name, backtest = comparison.subject, comparison.backtests[0]
    run = comparison.runs[name][0]
    planner = backtest.planner
    starts = [backtest.start + j * planner.every for j in range(planner.rounds + 1)]
    return working(
        schedule_of_cohorts(planner.fleet, backtest.truth, run.cohorts),
        starts,
        title=f"Who works when: {name}, from {show(backtest.start)} UTC",
        caption="Dots are clients at work, over the intensity that came true.",
    )


def _sizes(comparison: Comparison) -> Picture:
    name, planner = comparison.subject, comparison.planner
    return cohort_sizes(
        [len(cohort) for cohort in comparison.runs[name][0].cohorts],
        first=1,
        usual=planner.cohort_size,
        caption=f"Clients of each round, {planner.sizes}: {name}, from "
        f"{show(comparison.starts[0])} UTC.",
    )


def _turns(comparison: Comparison) -> Picture:
    planner = comparison.planner
    fleet, runs = planner.fleet, comparison.runs
    return turns_by_client(
        {
            name: Turns(
                turns=found[0].turns,
                floor=found[0].at_least,
                cap=found[0].at_most,
                rounds=planner.rounds,
            )
            for name, found in runs.items()
        },
        fleet.clients,
        [fleet.regions[r] for r in fleet.region],
        names=names_of(runs),
        caption=f"From the first start, {show(comparison.starts[0])} UTC"
        + ("; of random the first seed." if RANDOM in runs else "."),
    )


def _planned(comparison: Comparison) -> Picture:
    found = comparison.summaries
    return planned_and_realised(
        {name: (one.planned_g, one.realised_g) for name, one in found.items()},
        names=names_of(found),
        caption="Planned: each round's cohort at the forecast that was known when it was chosen. "
        "Means over the starts; figures at the right say how far realised emissions were off."
        + _empty(comparison),
    )


def _empty(comparison: Comparison) -> str:
    """Warn that totals do not tell who is cleaner where seats stayed empty."""
    return "".join(f" {sentence}" for sentence in empty_seats(comparison))


def error_by_day(
    recording: Recording,
    regions: Sequence[str],
    starts: Sequence[datetime],
    length: timedelta,
    every: timedelta,
) -> Iterator[Picture]:
    """Draw how far forecasts were off while a recording was played; nothing where it is unknown.

    Parameters
    ----------
    recording, regions
        What was forecast, of which regions.
    starts, length
        From when on it was played, and how long.
    every
        How often the newest issue is looked up.
    """
    moments = [start + j * every for start in starts for j in range(-(-length // every))]
    error = error_by_day_ahead(recording, regions, moments)
    if np.isnan(error).all():
        return
    rank = errors_of(recording.issues, recording.actual, regions, starts).rank_correlation
    order = (
        "unknown"
        if rank is None
        else f"{rank:.2f}, averaged over regions (1: all clean hours were foreseen in their order)"
    )
    yield forecast_error(
        regions,
        error,
        caption="Mean absolute percentage error (MAPE) of the issues in use, by the day after "
        "their issue. Rank correlation with what came true of the issues at the starts, which is "
        f"what choosing hours depends on: {order}.",
    )


def _remaining(gap: Gap) -> Picture:
    return remaining_by_place(
        gap.by_region,
        gap.by_hour,
        policy=gap.policy,
        caption=f"What {gap.policy} emitted more than the oracle, by the turns in which they "
        "differ: grams above what a turn is worth at the oracle's round prices, or missed below "
        "it. Bars of each side add up to the distance.",
    )
