"""From a sweep to its pictures."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from lowcarb.planning.policy_looks import policy_looks
from lowcarb.replay import Sweep
from lowcarb.replay.axes import COHORT_RANGE, DEADLINE, Axis, figure, in_words, place
from lowcarb.report.comparison.savings import about_intervals
from lowcarb.report.pictures.by_cohort_range import by_cohort_range
from lowcarb.report.pictures.by_deadline import by_deadline
from lowcarb.report.pictures.front import Spot, front
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import looks_of, series
from lowcarb.report.pictures.trade_off import Mark, trade_off
from lowcarb.report.sweep.lines import across, label_of, lines_of
from lowcarb.report.sweep.verdict import FRONT, figures_of, least_sure

# More lines in a picture cannot be told apart.
_LINES = 8


def pictures_of(sweep: Sweep) -> Iterator[Picture]:
    """Give all pictures of a sweep."""
    axis, name, lines = across(sweep), sweep.subject, lines_of(sweep)
    yield trade_off(
        {label: [_mark(sweep, k, axis) for k in places] for label, places in lines.items()},
        axis=axis.words,
        label=label_of(axis),
        who=name,
        caption=f"Realised savings of {name}, means over the starts; bars are 95% intervals. "
        + about_intervals(least_sure(sweep)),
    )
    spots = {
        label: [spot for k in places if (spot := _spot(sweep, k)) is not None]
        for label, places in lines.items()
    }
    yield front(spots, caption=f"Filled marks are on the front. {FRONT}")
    yield from _grams(sweep)


def _grams(sweep: Sweep) -> Iterator[Picture]:
    """Draw what is emitted by deadline and by cohort range, where these differ."""
    for axis in sweep.axes:
        if len(axis.values) < 2 or axis.name not in (DEADLINE, COHORT_RANGE):
            continue
        lines = lines_of(sweep, axis)
        order = next(iter(lines.values()))
        given = _of_policies(sweep, order) if len(lines) == 1 else _of_lines(sweep, lines)
        values = [figure(sweep.points[k].values[axis.name]) for k in order]
        if axis.name == DEADLINE:
            within = [timedelta(hours=float(value)) for value in values]
            yield by_deadline(within, **given)
        else:
            yield by_cohort_range([str(one) for one in values], **given)


def _of_lines(sweep: Sweep, lines: Mapping[str, list[int]]) -> dict[str, Any]:
    """Draw the policy that sentences are about, a line for each choice of the other axes."""
    shown, found = list(lines)[:_LINES], figures_of(sweep)
    caption = f"What came true of {sweep.subject}, means over the starts."
    if len(lines) > len(shown):
        caption += f" The first {len(shown)} of {len(lines)} lines; the table has all of them."
    return {
        "grams": {name: np.array([found[k].realised_g for k in lines[name]]) for name in shown},
        "names": {name: name for name in shown},
        "looks": {name: series(k) for k, name in enumerate(shown)},
        "caption": caption,
    }


def _of_policies(sweep: Sweep, places: Sequence[int]) -> dict[str, Any]:
    """Draw all who played: there is one line of each."""
    names = list(sweep.first.runs)
    comparisons = [sweep.points[k].comparison for k in places]
    return {
        "grams": {
            name: np.array([one.summaries[name].realised_g for one in comparisons])
            for name in names
        },
        "names": {name: look.label for name, look in policy_looks(names).items()},
        "looks": looks_of(names),
        "caption": "What came true, means over the starts.",
    }


def _mark(sweep: Sweep, k: int, along: Axis) -> Mark:
    point, name = sweep.points[k], sweep.subject
    value = point.values[along.name]
    interval = point.comparison.intervals[name].saved
    return Mark(
        place=place(along, value),
        name=str(found) if isinstance(found := figure(value), str) else f"{found:g}",
        saved=100 * point.comparison.summaries[name].saved,
        low=None if interval is None else 100 * interval.low,
        high=None if interval is None else 100 * interval.high,
    )


def _spot(sweep: Sweep, k: int) -> Spot | None:
    """Return a point with its grams a turn; None if no seat was filled."""
    point, name = sweep.points[k], sweep.subject
    one = point.comparison.summaries[name]
    if one.realised_g_per_seat is None:
        return None
    return Spot(
        name=in_words(point.values),
        grams=one.realised_g_per_seat,
        jain=one.jain,
        front=bool(sweep.fronts[name][k]),
    )
