"""Within which bounds the planned grams of a training lie, by the intervals of its rounds."""

from dataclasses import dataclass

from lowcarb._util.text import count, grams
from lowcarb.ledger.account import Account


@dataclass(frozen=True, kw_only=True)
class PlannedInterval:
    """Sums of the bounds of the 90 % intervals of rounds.

    That of all rounds together is rather closer: rounds are not all off alike.

    Parameters
    ----------
    bounds
        Sums of the least and of the most, gCO2eq; None unless each round has both.
    known
        Rounds that have an interval.
    rounds
        Rounds in which somebody worked.
    """

    bounds: tuple[float, float] | None
    known: int
    rounds: int

    @property
    def text(self) -> str:
        """Say it behind the planned grams; blank where nobody worked."""
        if self.bounds is not None:
            low, high = (grams(bound, self.bounds[1]) for bound in self.bounds)
            return f"the rounds' 90% intervals add up to {low} to {high}"
        if not self.rounds:
            return ""
        return f"no interval: it is known of {self.known} of {count(self.rounds, 'round')}"


def planned_interval(account: Account) -> PlannedInterval:
    """Add up the intervals of a training's rounds."""
    worked = [booked for booked in account.rounds if booked.turns]
    both = [
        (booked.least_g, booked.most_g)
        for booked in worked
        if booked.least_g is not None and booked.most_g is not None
    ]
    bounds = None
    if worked and len(both) == len(worked):
        bounds = sum(least for least, _ in both), sum(most for _, most in both)
    return PlannedInterval(bounds=bounds, known=len(both), rounds=len(worked))
