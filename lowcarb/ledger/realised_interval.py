"""Within which bounds realised grams lie, where a part of them is estimated.

What is estimated is as far off as what is known turned out to be: intensities by round, over the
rounds of which both the forecast and what came true are known; energies by turn, over those of
which both what was expected and what was measured are known. All that is estimated is taken to be
off alike: the interval is rather too wide than too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lowcarb._util.text import count, grams
from lowcarb.carbon.intervals import FEWEST, conformal
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Turn, Work


@dataclass(frozen=True, kw_only=True)
class RealisedInterval:
    """An interval, or why there is none.

    Parameters
    ----------
    bounds
        Within which 90 % of such totals lie, gCO2eq; None where that is unknown.
    why
        Where the bounds come from, or why there are none, for people; blank where nothing was
        emitted that is known.
    """

    bounds: tuple[float, float] | None
    why: str = ""

    @property
    def sentence(self) -> str:
        """Say it in words, without a full stop; blank where there is nothing to say."""
        if self.bounds is None:
            return f"Interval: unknown, {self.why}" if self.why else ""
        return f"90% interval of what is realised: {self._span(' to ')} CO2eq, {self.why}"

    @property
    def beside(self) -> str:
        """Say it where the realised grams stand beside; blank where there is nothing to say."""
        if self.bounds is None:
            return f"no interval: {self.why}" if self.why else ""
        return f"90% between {self._span(' and ')}, {self.why}"

    def _span(self, between: str) -> str:
        assert self.bounds is not None  # noqa: S101 - asked only where there are some
        low, high = (grams(bound, self.bounds[1]) for bound in self.bounds)
        return f"{low}{between}{high}"


def realised_interval(account: Account) -> RealisedInterval:
    """Find within which bounds the realised grams of a training lie."""
    known = [turn for turn in account.work if turn.realised_g is not None]
    if not known:
        return RealisedInterval(bounds=None)
    if not any(turn.estimated for turn in known):
        total = sum(turn.realised_g or 0.0 for turn in known)
        return RealisedInterval(bounds=(total, total), why="as nothing is estimated")
    factors, reasons = [np.zeros(2), np.zeros(2)], []
    for at, (estimated, errors, what, of) in enumerate(
        (
            (_no_actual, _by_round(account), "an actual intensity", "round"),
            (_not_measured, _by_turn(account.work), "measured energy", "turn"),
        )
    ):
        if not any(estimated(turn) for turn in known):
            continue
        here = f"{count(len(errors), of)} with both a forecast and {what}"
        if at:
            here = f"{count(len(errors), of)} with {what}"
        if len(errors) < FEWEST:
            return RealisedInterval(bounds=None, why=f"there are {here}, {FEWEST} are needed")
        factors[at] = conformal(np.array(errors)[:, None, None])[:, 0]
        reasons.append(here)
    intensity, energy = (np.exp(factor) for factor in factors)
    one = np.ones(2)
    bounds = sum(
        (turn.realised_g or 0.0)
        * (intensity if _no_actual(turn) else one)
        * (energy if _not_measured(turn) else one)
        for turn in known
    )
    low, high = np.broadcast_to(bounds, 2).tolist()
    return RealisedInterval(bounds=(low, high), why=f"by the errors of {' and '.join(reasons)}")


def _no_actual(work: Work) -> bool:
    return work.actual is None


def _not_measured(work: Work) -> bool:
    return work.measured is None


def _by_round(account: Account) -> list[float]:
    """How far what came true was above the forecast, by round: logarithms."""
    found = []
    for booked in account.rounds:
        both = [
            (turn.energy_kwh * turn.actual, turn.energy_kwh * turn.intensity)
            for turn in booked.turns
            if turn.actual is not None and turn.intensity is not None
        ]
        true, forecast = (sum(part) for part in zip(*both, strict=True)) if both else (0.0, 0.0)
        if true > 0 and forecast > 0:
            found.append(float(np.log(true / forecast)))
    return found


def _by_turn(turns: Sequence[Turn]) -> list[float]:
    """How far measured energies were above the expected ones: logarithms."""
    return [
        float(np.log(turn.energy_kwh / turn.planned_kwh))
        for turn in turns
        if turn.measured is not None and turn.energy_kwh > 0 and turn.planned_kwh > 0
    ]
