"""From comparisons of ways to choose hours to their pictures."""

from collections.abc import Sequence

import numpy as np

from lowcarb._util.times import from_seconds, show
from lowcarb.planning.policy_looks import policy_looks
from lowcarb.replay.hours_comparison import HoursComparison
from lowcarb.report.pictures.by_deadline import by_deadline
from lowcarb.report.pictures.chosen_slots import chosen_slots
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import looks_of
from lowcarb.report.slot_schedule import SlotIntensities


def pictures_of_hours(found: Sequence[HoursComparison]) -> list[Picture]:
    """Give the pictures: hours of the last deadline, and emissions by deadline."""
    names = list(found[0].runs)
    labels = {name: look.label for name, look in policy_looks(names).items()}
    return [
        _slots(found[-1]),
        by_deadline(
            [one.after.within for one in found],
            {name: np.array([one.summaries[name].realised_g for one in found]) for name in names},
            names=labels,
            looks=looks_of(names),
            caption="What came true, means over the starts; at once knows no deadline.",
        ),
    ]


def _slots(found: HoursComparison) -> Picture:
    """Show when the joint plan, or else the last policy, trained from the middle start."""
    name = "ilp" if "ilp" in found.runs else list(found.runs)[-1]
    middle = len(found.starts) // 2
    run = found.runs[name][middle]
    backtest = found.backtests[middle]
    slots, truth = backtest.slots, backtest.truth
    energy = truth.weight * run.turns
    by_level = np.bincount(truth.level_of, weights=energy, minlength=len(truth.cost_level))
    begins = np.array([start.timestamp() for start in run.starts])
    chosen = np.searchsorted(slots.starts, begins - 1e-3).astype(np.int64)
    kwh = np.array([float(truth.weight[cohort].sum()) for cohort in run.cohorts])
    cohorts = np.divide(run.realised_g_by_round, kwh, out=np.full(len(kwh), np.nan), where=kwh > 0)
    ends = slots.starts + slots.length_s
    return chosen_slots(
        SlotIntensities(
            starts=tuple(map(from_seconds, slots.starts)),
            ends=tuple(map(from_seconds, np.minimum(ends, np.append(slots.starts[1:], np.inf)))),
            usual=by_level @ truth.cost_level / max(float(energy.sum()), 1e-12),
            chosen=chosen,
            cohorts=cohorts,
        ),
        caption=f"When {name} trained from {show(run.start)} UTC on: grey is the intensity that "
        "came true of those who took part, in every slot; blue that of each round's cohort.",
    )
