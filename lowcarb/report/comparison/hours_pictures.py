"""From comparisons of ways to choose hours to their pictures."""

from collections.abc import Sequence

import numpy as np

from lowcarb._util.times import show, show_duration, to_iso
from lowcarb.replay.hours_comparison import HoursComparison
from lowcarb.report.comparison.pictures import error_by_day
from lowcarb.report.pictures.by_deadline import by_deadline
from lowcarb.report.pictures.by_policy import by_policy
from lowcarb.report.pictures.chosen_slots import chosen_slots
from lowcarb.report.pictures.cohort_sizes import cohort_sizes
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.planned import planned_and_realised
from lowcarb.report.pictures.style import looks_of, names_of
from lowcarb.report.pictures.turns import Turns, turns_by_client
from lowcarb.report.pictures.working import working
from lowcarb.report.slot_schedule import HeldSlots, slot_intensities, slot_schedule


def pictures_of_hours(found: Sequence[HoursComparison]) -> list[Picture]:
    """Give the pictures: of the last deadline, and emissions by deadline."""
    last = found[-1]
    return [
        _slots(last),
        _by_policy(last),
        *([_by_deadline(found)] if len(found) > 1 else []),
        _working(last),
        *([] if last.planner.cohort_range is None else [_sizes(last)]),
        _turns(last),
        _planned(last),
        *error_by_day(
            last.recording,
            last.planner.fleet.regions,
            last.starts,
            last.after.within,
            last.planner.every,
        ),
    ]


def shown_start(found: HoursComparison) -> int:
    """Choose the start that pictures of a single training show: the one in the middle."""
    return len(found.starts) // 2


def _whose(found: HoursComparison) -> str:
    """Name the training that is shown: whose, from when, before which deadline."""
    start, within = found.starts[shown_start(found)], found.after.within
    return (
        f"{found.subject}, from {show(start)} UTC, {show_duration(within)} until the deadline, "
        f"{show(start + within)} UTC"
    )


def _held(found: HoursComparison) -> HeldSlots:
    shown = shown_start(found)
    return HeldSlots.played(found.runs[found.subject][shown], found.backtests[shown])


def _slots(found: HoursComparison) -> Picture:
    return chosen_slots(
        slot_intensities(_held(found)),
        caption=f"One training, {_whose(found)}: grey is the intensity that came true of those who "
        "took part, in every slot; blue that of each round's cohort.",
    )


def _by_policy(found: HoursComparison) -> Picture:
    runs = found.runs
    return by_policy(
        {name: found.realised_g(name) for name in runs},
        {name: one.realised_g for name, one in found.intervals.items()},
        [to_iso(start) for start in found.starts],
        names=names_of(runs),
        looks=looks_of(runs),
        caption=f"What came true with {show_duration(found.after.within)} until the deadline: a "
        "dot for each start, the mean with its number, and a bar for its 95% interval where there "
        "is one. Days differ, too: what was saved from each start stands in a table below.",
    )


def _by_deadline(found: Sequence[HoursComparison]) -> Picture:
    names = list(found[0].runs)
    return by_deadline(
        [one.after.within for one in found],
        {name: np.array([one.summaries[name].realised_g for one in found]) for name in names},
        names=names_of(names),
        looks=looks_of(names),
        caption="What came true, means over the starts; at once knows no deadline.",
    )


def _working(found: HoursComparison) -> Picture:
    schedule, edges = slot_schedule(found.planner.fleet, _held(found))
    return working(
        schedule,
        edges,
        each="slot",
        title="Who works when",
        caption=f"One training, {_whose(found)}. Dots are clients at work, over the intensity that "
        "came true.",
    )


def _sizes(found: HoursComparison) -> Picture:
    run = found.runs[found.subject][shown_start(found)]
    return cohort_sizes(
        [len(cohort) for cohort in run.cohorts],
        first=1,
        usual=found.planner.cohort_size,
        caption=f"Clients of each round, {found.planner.sizes}: {_whose(found)}.",
    )


def _turns(found: HoursComparison) -> Picture:
    shown, fleet = shown_start(found), found.planner.fleet
    return turns_by_client(
        {
            name: Turns(
                turns=runs[shown].turns,
                floor=runs[shown].at_least,
                cap=runs[shown].at_most,
                rounds=len(runs[shown].cohorts),
            )
            for name, runs in found.runs.items()
        },
        fleet.clients,
        [fleet.regions[r] for r in fleet.region],
        names=names_of(found.runs),
        caption=f"From one start, {show(found.starts[shown])} UTC.",
    )


def _planned(found: HoursComparison) -> Picture:
    summaries = found.summaries
    return planned_and_realised(
        {name: (one.planned_g, one.realised_g) for name, one in summaries.items()},
        names=names_of(summaries),
        caption="Planned: each round's cohort at the forecast that was known when it began. Means "
        "over the starts; figures at the right say how far realised emissions were off.",
    )
