"""What a turn of each client is worth to the model, and how many grams that may cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lowcarb._util.arguments import is_number
from lowcarb._util.arrays import FloatArray
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.candidates import CandidateView

LOSS: Literal["loss"] = "loss"
COLUMN: Literal["column"] = "column"
VALUE_COLUMN = "value"
"""Of a clients file."""
DEFAULT_MAX_EXTRA_CARBON = 10.0
"""In percent: chosen on seeds of the accuracy benchmark that it does not play."""
_MOST = 1e15


@dataclass(frozen=True, kw_only=True)
class Value:
    """What a plan may pay for, in grams, beside keeping carbon low.

    With `LOSS` a turn is worth the loss that its client returned last, times the rounds since it
    was asked last: power-of-choice's preference for high losses, with an age by which nobody is
    forgotten for long. Who was never asked counts with the highest loss that is known, who was
    asked and returned none with the median. With `COLUMN` it is worth what the clients' column
    `value` says.

    Parameters
    ----------
    of
        `LOSS` or `COLUMN`.
    price_g
        Grams that a unit of value may cost, gCO2eq.
    max_extra_carbon
        In percent: a plan emits at most so much more than one that knows no value; the price
        follows. Without a price it is `DEFAULT_MAX_EXTRA_CARBON`, or as many as are given.
    later
        Share of its value that a turn has a round later; two rounds later it is the square. 0: what
        turns after the next round are worth will be known when they are planned again. None: 1
        with `COLUMN`, whose values stay, and 0 with `LOSS`.
    saved_up_g
        What earlier rounds might have cost more than they did, gCO2eq.
    near_g
        A price to begin the search for one with, gCO2eq; it changes how long planning takes.

    Raises
    ------
    InputError
        If a figure is out of its range, or price and percent are both given.
    """

    of: Literal["loss", "column"]
    price_g: float | None = None
    max_extra_carbon: float | None = None
    later: float | None = None
    saved_up_g: float = 0.0
    near_g: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be paid."""
        if self.of not in (LOSS, COLUMN):
            raise InputError(f"value: expected {LOSS} or {COLUMN}, got {self.of!r}", field="value")
        for name, most in (("price_g", _MOST), ("max_extra_carbon", _MOST), ("later", 1.0)):
            given = getattr(self, name)
            if given is not None and not (is_number(given) and 0 <= given <= most):
                raise InputError(
                    f"{name}: expected a number from 0 to {most:g}, got {given!r}", field=name
                )
        if self.later is None:
            object.__setattr__(self, "later", 1.0 if self.of == COLUMN else 0.0)
        if self.price_g is not None and self.max_extra_carbon is not None:
            raise InputError(
                "max_extra_carbon: price_g is given, too, of which the extra carbon follows; leave "
                "out one of the two",
                field="max_extra_carbon",
            )
        if self.price_g is None and self.max_extra_carbon is None:
            object.__setattr__(self, "max_extra_carbon", DEFAULT_MAX_EXTRA_CARBON)

    def by_round(self, rounds: int) -> FloatArray:
        """Share of its value that a turn has in each of the next rounds (t,)."""
        assert self.later is not None  # noqa: S101 - it is filled in
        shares: FloatArray = np.power(self.later, np.arange(rounds, dtype=np.float64))
        return shares

    def allowed_g(self, free_g: float, rounds: int) -> float:
        """Grams that a plan of so many rounds may cost more than one of `free_g`, gCO2eq.

        Where the turns of few rounds have a value, few rounds' share may be paid for it: the plan
        is made again before each round.
        """
        assert self.max_extra_carbon is not None  # noqa: S101 - there is no price
        share = float(self.by_round(rounds).sum()) / rounds
        return max(0.0, self.max_extra_carbon / 100 * free_g * share + self.saved_up_g)

    def saved_up(self, rounds: Iterable[tuple[float, float]]) -> float:
        """Grams that rounds so far might have cost more: of each what it cost, and paid for value.

        Zero where a price is given: then no grams are counted.
        """
        if self.max_extra_carbon is None:
            return 0.0
        part = self.max_extra_carbon / 100
        return sum(part * (planned_g - paid_g) - paid_g for planned_g, paid_g in rounds)

    def of_clients(self, candidates: CandidateView) -> FloatArray:
        """What a turn of each client is worth now (n,).

        Raises
        ------
        InputError
            If the clients have no column `value` that could say.
        """
        if self.of == COLUMN:
            return _column(candidates)
        loss = candidates.last_loss
        known = loss[np.isfinite(loss)]
        if not known.size:
            return candidates.waited.copy()
        # A log-likelihood may be negative: what counts is how far it is from the best.
        below = min(0.0, float(known.min()))
        typical, highest = float(np.median(known)), float(known.max())
        unknown = np.where(candidates.asked_before, typical, highest)
        filled = np.where(np.isfinite(loss), loss, unknown) - below
        return np.asarray(filled * candidates.waited)


def require_values(fleet: Fleet) -> None:
    """Refuse a fleet that does not say what each client's turns are worth, which is asked for.

    Raises
    ------
    InputError
        Names the client, with file and line, or the column.
    """
    unknown = np.isnan(_given(fleet.attributes, fleet.file))
    if unknown.any():
        i = int(np.argmax(unknown))
        raise fleet.error(
            f"value of client {fleet.clients[i]!r} is blank, and what turns are worth is asked "
            "for; give a number, 0 for nothing",
            i,
            VALUE_COLUMN,
        )


def not_beside(value: Value, **others: object) -> None:
    """Refuse a value where something else is given that it cannot be weighed beside.

    Parameters
    ----------
    value
        What turns are worth.
    **others
        By the names of arguments; None where one is not given.

    Raises
    ------
    InputError
        Names the two.
    """
    for name, other in others.items():
        if other is not None:
            raise InputError(
                f"value: that of turns ({value.of}) cannot be weighed beside {name} yet; leave out "
                "one of the two",
                field="value",
            )


def _given(
    attributes: Mapping[str, FloatArray | Sequence[str]], file: str | None = None
) -> FloatArray:
    """What the column of values says (n,), NaN where it is blank."""
    if VALUE_COLUMN not in attributes:
        raise InputError(
            "value: the clients have no column value; give each client's there, in the clients "
            "file or fleet. Losses count only in a training, with CarbonAware(value='loss')",
            file=file,
            field=VALUE_COLUMN,
        )
    return np.asarray(attributes[VALUE_COLUMN], dtype=np.float64)


def _column(candidates: CandidateView) -> FloatArray:
    given = _given(candidates.attributes)
    known = given[np.isfinite(given)]
    # Who is no member of the fleet is typical of those who are.
    return np.where(np.isfinite(given), given, float(np.median(known)) if known.size else 0.0)
