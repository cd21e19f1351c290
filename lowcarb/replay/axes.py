"""What a sweep varies: axes, and the trainings that are their points."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

from lowcarb._util.arguments import is_whole
from lowcarb._util.text import quoted
from lowcarb.errors import InputError
from lowcarb.planning.cohort_range import CohortRange, parse_range, show_range
from lowcarb.planning.planner import Planner

COHORT_SIZE, COHORT_RANGE, MIN_SHARE = "cohort_size", "cohort_range", "min_share"


def _with_min_share(planner: Planner, value: Any) -> Planner:
    fairness = replace(planner.fairness, min_share=value, min_rounds=None)
    return replace(planner, fairness=fairness)


_CHANGES: Mapping[str, Callable[[Planner, Any], Planner]] = {
    COHORT_SIZE: lambda planner, value: replace(planner, cohort_size=value),
    COHORT_RANGE: lambda planner, value: replace(planner, cohort_range=value),
    MIN_SHARE: _with_min_share,
}
"""How a value of an axis changes a training, by the axis' name. A new axis is a line here."""


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
        return self.name.replace("_", " ")


def range_axis(ranges: Iterable[CohortRange | str]) -> Axis:
    """Make an axis of ranges of cohort sizes, written alike, as "5..20".

    Raises
    ------
    InputError
        If there is none, or one is no range.
    """
    axis = Axis.of(COHORT_RANGE, ranges)
    return replace(axis, values=tuple(show_range(parse_range(one)) for one in axis.values))


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """One value of each axis, and the training that they make.

    Parameters
    ----------
    values
        By the name of an axis, as they were given.
    planner
        Fleet, cohort size, rounds and fairness.
    """

    values: Mapping[str, Any]
    planner: Planner

    def __str__(self) -> str:
        return in_words(self.values)

    @property
    def text(self) -> dict[str, str]:
        """The values as text, by which a task is known again."""
        return {name: str(value).strip() for name, value in self.values.items()}


def _each(values: Any) -> Iterable[Any]:
    return values if isinstance(values, Iterable) else ()


def settings_of(planner: Planner, axes: Sequence[Axis]) -> list[Setting]:
    """Make the trainings of all points, the last axis varying fastest.

    Parameters
    ----------
    planner
        What is the same for all of them; what an axis varies is replaced.
    axes
        What differs.

    Raises
    ------
    InputError
        If a training cannot be, or an axis has a value twice; names the values.
    """
    found = []
    for values in product(*(axis.values for axis in axes)):
        chosen = {axis.name: value for axis, value in zip(axes, values, strict=True)}
        try:
            changed = planner
            for name, value in chosen.items():
                changed = _CHANGES[name](changed, value)
        except InputError as error:
            raise InputError(
                f"{in_words(chosen)}: {error.message}",
                file=error.file,
                line=error.line,
                field=error.field,
            ) from None
        found.append(Setting(values=chosen, planner=changed))
    for axis in axes:
        shown = [figure(value) for value in axis.values]
        for value in axis.values:
            if shown.count(figure(value)) > 1:
                raise InputError(
                    f"{axis.name}: {value} is named twice; name it once", field=axis.name
                )
    return found


def figure(value: Any) -> float | str:
    """Return a value of an axis for columns: a number, of which a third may be "1/3", or a range.

    A range of cohort sizes is text, such as "5..20".
    """
    text = str(value).strip()
    if is_whole(value):
        return int(value)
    return text if ".." in text else float(Fraction(text))


def place(axis: Axis, value: Any) -> float:
    """Return where a value stands along an axis: at its number; a range, in the order given."""
    found = figure(value)
    if not isinstance(found, str):
        return found
    return float([figure(one) for one in axis.values].index(found))


def in_words(values: Mapping[str, Any]) -> str:
    """Name a point by its values."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
