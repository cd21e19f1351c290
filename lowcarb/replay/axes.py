"""What a sweep varies: axes, and the trainings that are their points."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from lowcarb._util.arguments import is_whole
from lowcarb._util.text import quoted
from lowcarb._util.times import as_duration
from lowcarb.errors import InputError
from lowcarb.planning.cohort_range import CohortRange, parse_range, show_range
from lowcarb.planning.planner import Planner
from lowcarb.replay.hours_backtest import HoursAfter

COHORT_SIZE, COHORT_RANGE, MIN_SHARE = "cohort_size", "cohort_range", "min_share"
DEADLINE = "deadline_h"

_WORDS = {DEADLINE: "deadline"}


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Something that a sweep varies.

    Parameters
    ----------
    name
        A name that points and tables have for it, such as ``min_share``.
    values
        What it is set to, one after the other.
    """

    name: str
    values: tuple[Any, ...]

    @classmethod
    def of(cls, name: str, values: Iterable[Any]) -> "Axis":
        """Make an axis of a list; refuse what is none, and a list of nothing.

        Raises
        ------
        InputError
            Names the axis.
        """
        found = () if isinstance(values, str | bytes) else tuple(_each(values))
        if not found:
            raise InputError(
                f"{name}: expected a list of at least one value, got {quoted(values)}", field=name
            )
        return cls(name=name, values=found)

    @property
    def words(self) -> str:
        """What the axis is called in sentences."""
        return _words(self.name)


def range_axis(ranges: Iterable[CohortRange | str]) -> Axis:
    """Make an axis of ranges of cohort sizes, written alike, as "5..20".

    Raises
    ------
    InputError
        If there is none, or one is no range.
    """
    axis = Axis.of(COHORT_RANGE, ranges)
    return replace(axis, values=tuple(show_range(parse_range(one)) for one in axis.values))


def deadline_axis(deadlines: Iterable[timedelta | str]) -> Axis:
    """Make an axis of times from a start to its deadline, written alike, as "48h".

    Raises
    ------
    InputError
        If there is none, or one is no duration.
    """
    given = Axis.of(_WORDS[DEADLINE], deadlines).values
    durations = [as_duration(one, _WORDS[DEADLINE]) for one in given]
    return Axis(name=DEADLINE, values=tuple(map(_exact, durations)))


def _exact(duration: timedelta) -> str:
    """Write a duration in one unit, so that it is read as the same again."""
    for unit, name in ((timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        if not duration % unit:
            return f"{duration // unit}{name}"
    return f"{duration.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """One value of each axis, and the training that they make.

    Parameters
    ----------
    values
        By the name of an axis, as they were given.
    planner
        Fleet, cohort size, rounds and fairness.
    after
        The hours, counted from each start; None where rounds follow each other.
    """

    values: Mapping[str, Any]
    planner: Planner
    after: HoursAfter | None = None

    def __str__(self) -> str:
        return in_words(self.values)

    @property
    def text(self) -> dict[str, str]:
        """The values as text, by which a task is known again."""
        return {name: str(value).strip() for name, value in self.values.items()}


def _with_min_share(setting: Setting, value: Any) -> Setting:
    planner = setting.planner
    fairness = replace(planner.fairness, min_share=value, min_rounds=None)
    return replace(setting, planner=replace(planner, fairness=fairness))


def _with_cohort_size(setting: Setting, value: Any) -> Setting:
    return replace(setting, planner=replace(setting.planner, cohort_size=value))


def _with_cohort_range(setting: Setting, value: Any) -> Setting:
    return replace(setting, planner=replace(setting.planner, cohort_range=value))


def _with_deadline(setting: Setting, value: Any) -> Setting:
    within = as_duration(value, "deadline")
    if setting.after is None:
        return replace(setting, after=HoursAfter(within=within))
    return replace(setting, after=replace(setting.after, within=within))


_CHANGES: Mapping[str, Callable[[Setting, Any], Setting]] = {
    COHORT_SIZE: _with_cohort_size,
    COHORT_RANGE: _with_cohort_range,
    DEADLINE: _with_deadline,
    MIN_SHARE: _with_min_share,
}
"""How a value of an axis changes a training, by the axis' name. A new axis is a line here."""


def _each(values: Any) -> Iterable[Any]:
    return values if isinstance(values, Iterable) else ()


def settings_of(
    planner: Planner, axes: Sequence[Axis], after: HoursAfter | None = None
) -> list[Setting]:
    """Make the trainings of all points, the last axis varying fastest.

    Parameters
    ----------
    planner
        What is the same for all of them; what an axis varies is replaced.
    axes
        What differs.
    after
        The hours, counted from each start; None where rounds follow each other.

    Raises
    ------
    InputError
        If a training cannot be, or an axis has a value twice; names the values.
    """
    found = []
    for values in product(*(axis.values for axis in axes)):
        chosen = {axis.name: value for axis, value in zip(axes, values, strict=True)}
        try:
            setting = Setting(values=chosen, planner=planner, after=after)
            for name, value in chosen.items():
                setting = _CHANGES[name](setting, value)
        except InputError as error:
            raise InputError(
                f"{in_words(chosen)}: {error.message}",
                file=error.file,
                line=error.line,
                field=error.field,
            ) from None
        found.append(setting)
    for axis in axes:
        name = _WORDS.get(axis.name, axis.name)
        shown = [figure(value) for value in axis.values]
        for value in axis.values:
            if shown.count(figure(value)) > 1:
                raise InputError(f"{name}: {value} is named twice; name it once", field=name)
    return found


def figure(value: Any) -> float | str:
    """Return a value of an axis for columns: a number, of which a third may be "1/3", or a range.

    A range of cohort sizes is text, such as "5..20"; a deadline is a number of hours.
    """
    text = str(value).strip()
    if is_whole(value):
        return int(value)
    if text[-1:].isalpha():
        return as_duration(text, _WORDS[DEADLINE]) / timedelta(hours=1)
    return text if ".." in text else float(Fraction(text))


def place(axis: Axis, value: Any) -> float:
    """Return where a value stands along an axis: at its number; a range, in the order given."""
    found = figure(value)
    if not isinstance(found, str):
        return found
    return float([figure(one) for one in axis.values].index(found))


def _words(name: str) -> str:
    return _WORDS.get(name, name.replace("_", " "))


def in_words(values: Mapping[str, Any]) -> str:
    """Name a point by its values."""
    return ", ".join(f"{_words(name)} {value}" for name, value in values.items())
