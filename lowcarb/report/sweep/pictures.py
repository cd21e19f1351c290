"""From a sweep to its pictures."""

from collections.abc import Iterator

from lowcarb.replay import Sweep
from lowcarb.replay.axes import Axis, figure, in_words, place
from lowcarb.report.comparison.savings import about_intervals
from lowcarb.report.pictures.front import Spot, front
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.trade_off import Mark, trade_off
from lowcarb.report.sweep.lines import across, label_of, lines_of
from lowcarb.report.sweep.verdict import FRONT


def pictures_of(sweep: Sweep) -> Iterator[Picture]:
    """Give all pictures of a sweep."""
    axis, name, lines = across(sweep), sweep.subject, lines_of(sweep)
    yield trade_off(
        {label: [_mark(sweep, k, axis) for k in places] for label, places in lines.items()},
        axis=axis.words,
        label=label_of(axis),
        who=name,
        caption=f"Realised savings of {name}, means over the starts; bars are 95% intervals. "
        + about_intervals(sweep.first),
    )
    spots = {
        label: [spot for k in places if (spot := _spot(sweep, k)) is not None]
        for label, places in lines.items()
    }
    yield front(spots, caption=f"Filled marks are on the front. {FRONT}")


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
