"""Cumulative fairness: what users write, and the bounds on turns that it means."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from lowcarb._util.arguments import check_number
from lowcarb._util.arrays import IntArray
from lowcarb._util.text import quoted, rounded
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import UNSET

# Short exponents only: a fraction of 1e-99999999 would take minutes and gigabytes.
_SHARE = re.compile(
    r"-?[0-9]{0,30}(\.[0-9]{1,30}|[0-9])(e-?[0-9]{1,2})?|[0-9]{1,9}/[1-9][0-9]{0,8}"
)
MOST_ROUNDS = 10_000
"""Rounds of a training, at most; a year has 8,760 hours."""

Share = str | int | float | Decimal | Fraction
DEFAULT_MIN_SHARE = "0.5"


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How often each client takes part at least and at most, over the whole training.

    Shares are shares of an equal share, which is cohort size x rounds / clients turns. Floors are
    rounded down, caps up, in exact arithmetic on the decimal as typed. A client's own min_rounds
    and max_rounds in the fleet come first.

    Parameters
    ----------
    min_share
        0 to 1. 0 leaves carbon alone to decide; 1 means that everyone takes turns, and then also
        caps turns at an equal share, rounded up. `DEFAULT_MIN_SHARE` if no floor is given.
    min_rounds
        The floor as a number of rounds, in place of `min_share`.
    max_share
        1 or more; no cap if no cap is given.
    max_rounds
        The cap as a number of rounds, in place of `max_share`.

    Raises
    ------
    InputError
        If a value is out of its range or a bound is given twice.
    """

    min_share: Share | None = None
    min_rounds: int | None = None
    max_share: Share | None = None
    max_rounds: int | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.min_share is not None and self.min_rounds is not None:
            raise InputError("give min_share or min_rounds, not both", field="min_share")
        if self.max_share is not None and self.max_rounds is not None:
            raise InputError("give max_share or max_rounds, not both", field="max_share")
        if self.min_share is not None and not 0 <= _exact(self.min_share, "min_share") <= 1:
            raise InputError(f"min_share: expected 0 to 1, got {self.min_share}", field="min_share")
        if self.max_share is not None and _exact(self.max_share, "max_share") < 1:
            raise InputError(
                f"max_share: expected 1 or more, got {self.max_share}", field="max_share"
            )
        for name, rounds in (("min_rounds", self.min_rounds), ("max_rounds", self.max_rounds)):
            if rounds is not None:
                check_number(name, rounds, 0, MOST_ROUNDS)
        if (
            self.min_rounds is not None
            and self.max_rounds is not None
            and self.max_rounds < self.min_rounds
        ):
            raise InputError(
                f"max_rounds {self.max_rounds} is below min_rounds {self.min_rounds}",
                field="max_rounds",
            )

    def __str__(self) -> str:
        floor = (
            f"min_share {self._min_share}"
            if self.min_rounds is None
            else f"min_rounds {self.min_rounds}"
        )
        caps = {"max_share": self.max_share, "max_rounds": self.max_rounds}
        return ", ".join(
            [floor, *(f"{name} {cap}" for name, cap in caps.items() if cap is not None)]
        )

    def floor_and_cap(self, equal_share: Fraction, rounds: int) -> tuple[int, int]:
        """Turn the general rule into numbers of turns.

        Parameters
        ----------
        equal_share
            Cohort size x rounds / clients.
        rounds
            Rounds of the whole training, the cap where there is none.
        """
        floor, cap = self._unchecked(equal_share, rounds)
        if floor > rounds:
            raise InputError(
                f"min_rounds: expected at most the {rounds} rounds of the training, got {floor}",
                field="min_rounds",
            )
        if cap < floor:
            raise InputError(
                f"the cap of {cap} turns is below the floor of {floor}", field="max_share"
            )
        return floor, cap

    def _unchecked(self, equal_share: Fraction, rounds: int) -> tuple[int, int]:
        floor, cap = self.min_rounds, self.max_rounds
        if floor is None:
            share = _exact(self._min_share, "min_share")
            floor = math.floor(share * equal_share)
            if share == 1 and cap is None and self.max_share is None:
                cap = math.ceil(equal_share)
        if cap is None:
            cap = rounds
            if self.max_share is not None:
                cap = math.ceil(_exact(self.max_share, "max_share") * equal_share)
        return floor, min(cap, rounds)

    def joining(self, equal_share: Fraction, left: int, rounds: int) -> tuple[int, int]:
        """Bounds for a client that joins when only some rounds are left.

        Parameters
        ----------
        equal_share
            Cohort size x rounds left / clients.
        left, rounds
            Rounds left, and rounds of the whole training. A floor given as a number of rounds
            shrinks in their proportion.

        Raises
        ------
        InputError
            If floor and cap contradict each other as the training begins. Later the floor gives
            way: a client that joins must not end a training.
        """
        if left == rounds:
            return self.floor_and_cap(equal_share, rounds)
        floor, cap = self._unchecked(equal_share, left)
        if self.min_rounds is not None:
            floor = self.min_rounds * left // rounds
        return min(floor, cap), cap

    def bounds(self, fleet: Fleet, equal_share: Fraction, rounds: int) -> tuple[IntArray, IntArray]:
        """Bounds on each client's turns over the whole training (n,), its own ones first."""
        floor, cap = self.floor_and_cap(equal_share, rounds)
        return own_bounds_first(floor, cap, fleet.min_rounds, fleet.max_rounds)

    def describe(self, equal_share: Fraction, rounds: int, fleet: Fleet | None = None) -> str:
        """Say for people what the rule means in turns, and how many have bounds of their own."""
        floor, cap = self.floor_and_cap(equal_share, rounds)
        if floor:
            text = f"each client takes part at least {_times(floor)}"
        elif self.min_rounds is not None or not _exact(self._min_share, "min_share"):
            text = "no floor: carbon alone decides"
        else:
            share = rounded(float(equal_share), 2)
            turns = f"{share} turn{'' if share == '1' else 's'}"
            text = f"no floor: {self._min_share} of {turns} is less than one"
        text = text if cap >= rounds else f"{text}, at most {_times(cap)}"
        if fleet is None:
            return text
        own = int(((fleet.min_rounds != UNSET) | (fleet.max_rounds != UNSET)).sum())
        return f"{text}; own bounds: {own}" if own else text

    @property
    def _min_share(self) -> Share:
        return DEFAULT_MIN_SHARE if self.min_share is None else self.min_share


def own_bounds_first(
    floor: int, cap: int, own_floor: IntArray, own_cap: IntArray
) -> tuple[IntArray, IntArray]:
    """Bounds on turns (n,): a client's own bound moves the general bound that it contradicts.

    Parameters
    ----------
    floor, cap
        The general bounds.
    own_floor, own_cap
        Shape (n,): `UNSET` where a client has no bound of its own.
    """
    has_floor, has_cap = own_floor != UNSET, own_cap != UNSET
    at_least = np.where(has_floor, own_floor, floor)
    at_most = np.where(has_cap, own_cap, cap)
    at_least = np.where(has_floor, at_least, np.minimum(at_least, at_most))
    at_most = np.where(has_cap, at_most, np.maximum(at_least, at_most))
    return at_least.astype(np.int64), at_most.astype(np.int64)


def _times(turns: int) -> str:
    return "once" if turns == 1 else f"{turns} times"


def _exact(share: Share, name: str) -> Fraction:
    """Read a share as the decimal that was typed: 0.1 is one tenth, not its binary neighbour."""
    text = str(share).strip()
    if not _SHARE.fullmatch(text):
        raise InputError(f"{name}: expected a number, got {quoted(text)}", field=name)
    return Fraction(text)
