"""A sweep as lines: one axis to the right, a line for each choice of the others."""

from collections.abc import Mapping
from typing import Any

from lowcarb.replay import Point, Sweep
from lowcarb.replay.axes import (
    COHORT_RANGE,
    COHORT_SIZE,
    DEADLINE,
    MIN_SHARE,
    Axis,
    in_words,
    place,
)

_LABELS = {
    COHORT_SIZE: "cohort size (clients a round)",
    COHORT_RANGE: "cohort range (fewest to most clients a round)",
    DEADLINE: "deadline (hours from the start)",
    MIN_SHARE: "min share (floor as a share of equal turns)",
}


def label_of(axis: Axis) -> str:
    """Return what stands beside an axis of a picture, with what its numbers are."""
    return _LABELS.get(axis.name, axis.words)


def across(sweep: Sweep) -> Axis:
    """Choose the axis along which lines run: the last one that has more than one value."""
    several = [axis for axis in sweep.axes if len(axis.values) > 1]
    return several[-1] if several else sweep.axes[-1]


def lines_of(sweep: Sweep, axis: Axis | None = None) -> dict[str, list[int]]:
    """Return places of points by line, those of a line by the value of the axis they run along.

    Without an axis that is the one of `across`.
    """
    axis = axis or across(sweep)
    along = axis.name
    found: dict[str, list[int]] = {}
    for k, point in enumerate(sweep.points):
        found.setdefault(_others(point, along), []).append(k)
    for places in found.values():
        places.sort(key=lambda k: place(axis, sweep.points[k].values[along]))
    return found


def _others(point: Point, along: str) -> str:
    values: Mapping[str, Any] = {
        name: value for name, value in point.values.items() if name != along
    }
    return in_words(values)
