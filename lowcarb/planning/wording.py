"""Who answered and how good the answer is known to be, for texts and logs."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from lowcarb._util.text import by_number, count, listed
from lowcarb.planning.value_price import Paid
from lowcarb_solvers import Solution, Status

_SOLVERS = {
    "cbc": "CBC",
    "flow": "min-cost flow",
    "regret": "regret greedy",
    "prices": "greedy by round prices",
}


def solver_name(by: str) -> str:
    """Write the name of a solver or of a policy as people know it."""
    return _SOLVERS.get(by, by)


def proof(solution: Solution, paid: Paid | None = None, digits: int = 2) -> str:
    """Say how near an answer is known to be to the optimum, in percent with some digits.

    The bound of a plan that pays for value is that of carbon alone, and says nothing of how good
    it is at its price.
    """
    if paid is not None and paid.proven is not None:
        return f"{'' if paid.proven else 'not proven '}optimal at that price"
    if solution.status is Status.OPTIMAL:
        return "optimal"
    if solution.gap is None or solution.gap >= 1:
        return "not proven optimal"
    return f"within {solution.gap:.{digits}%} of optimal"


def compared(
    text: str, short: Mapping[str, int], left_empty: int = 0, others: str = "random cohorts"
) -> str:
    """Write what was saved; where turns are missing, that it compares with nothing, and why.

    Random cohorts give turns by chance and owe none, so what is not given to those who are owed it
    would pass for a saving, as would a seat that only they fill.

    Parameters
    ----------
    text
        The comparison.
    short
        By name, how many turns each client lacks; empty if nobody does.
    left_empty
        Seats that stay empty although others would fill them.
    others
        Those, the reference.
    """
    why = not_comparable(short, left_empty, others)
    return text if why is None else f"{text}, NOT COMPARABLE: {why}"


def not_comparable(
    short: Mapping[str, int], left_empty: int, others: str = "random cohorts"
) -> str | None:
    """Say why savings compare with nothing; None where they do. Arguments as of `compared`."""
    empty = f"{count(left_empty, 'seat')} left empty that {others} would fill"
    why = [*([who_is_short(short)] if short else []), *([empty] if left_empty else [])]
    return " and ".join(why) or None


ABOUT_MARKED = "! misses floors: turns not given pass for a saving; it compares with nothing"
"""What the mark of `marked` means, as a line below a table."""
ABOUT_EMPTY = "! beside seats left empty: turns not given pass for a saving there, too"
"""The same where seats are left empty that others fill."""

ABOUT_BROKEN = "! breaks limits: a plan that keeps them may save less"
"""The same where limits are not kept."""


def marked(saving: str, *, comparable: bool) -> str:
    """Write a saving in a table's row; one beside missed floors with a mark."""
    return saving if comparable else f"! {saving}"


class Compared(Protocol):
    """What was saved by somebody who may have missed floors or left seats empty."""

    @property
    def misses_floors(self) -> bool:
        """Whether floors were missed."""

    @property
    def left_empty(self) -> int:
        """Seats that stayed empty although the reference fills them."""

    @property
    def comparable(self) -> bool:
        """Whether it is neither."""


def about_marks(rows: Iterable[Compared]) -> list[str]:
    """Say what the mark of `marked` means, in a line for each reason that a row has for it."""
    return _for_each_reason(rows, ABOUT_MARKED, ABOUT_EMPTY)


def with_mark(caption: str, rows: Iterable[Compared]) -> str:
    """Add to a table's caption what the mark means, where a row has it."""
    return " ".join([caption, *(f"{about}." for about in about_marks(rows))])


def why_marked(rows: Iterable[Compared]) -> str:
    """Name in a few words what rows with a mark did; blank where none has it."""
    return " and ".join(_for_each_reason(rows, "floors missed", "seats left empty"))


def _for_each_reason(rows: Iterable[Compared], floors: str, empty: str) -> list[str]:
    found = list(rows)
    missed = any(row.misses_floors for row in found)
    left = any(row.left_empty for row in found)
    return [*([floors] if missed else []), *([empty] if left else [])]


def who_is_short(short: Mapping[str, int]) -> str:
    """Name the clients that lack turns, those that lack most first.

    Parameters
    ----------
    short
        By name, how many turns each lacks, one or more.
    """
    worst = sorted(short, key=lambda name: (-short[name], by_number(name)))
    lacks = listed([f"{name} {short[name]}" for name in worst], 4)
    return f"{count(sum(short.values()), 'owed turn')} missing ({lacks})"


def kept_for_policies(columns: Collection[str]) -> tuple[str, ...]:
    """Say of a fleet's further columns that no plan reads them; nothing where there are none."""
    if not columns:
        return ()
    what = "column" if len(columns) == 1 else "columns"
    return (f"{what} {', '.join(columns)}: kept for policies, not used by this plan",)
