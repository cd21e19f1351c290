"""How large a training's cohorts were, where they may differ."""

from dataclasses import dataclass
from typing import Any

from lowcarb.ledger.account import Account
from lowcarb.planning.cohort_range import CohortRange, average_text, size_text


@dataclass(frozen=True, kw_only=True)
class CohortSizes:
    """What range of sizes was asked for, and what the rounds had.

    Parameters
    ----------
    cohort_range
        Fewest and most clients in a round.
    sizes
        Clients that were asked, by round, in order.
    total
        Turns of the whole training.
    usual
        Clients in a round on average.
    """

    cohort_range: CohortRange
    sizes: tuple[int, ...]
    total: int
    usual: int

    @classmethod
    def of(cls, account: Account) -> "CohortSizes | None":
        """Sum up a training's cohorts; None where all are to be of one size."""
        training = account.training
        if training.cohort_least is None or training.cohort_most is None:
            return None
        return cls(
            cohort_range=(training.cohort_least, training.cohort_most),
            sizes=tuple(len(booked.turns) for booked in account.rounds),
            total=training.rounds * training.cohort_size,
            usual=training.cohort_size,
        )

    @property
    def text(self) -> str:
        """How many clients are in a round, such as "5 to 20 (10 on average)"."""
        return size_text(self.usual, self.cohort_range)

    @property
    def asked(self) -> int:
        """Turns that were asked for, whatever became of them."""
        return sum(self.sizes)

    def sentence(self) -> str:
        """Say how large cohorts were, and how many turns of the total were asked for."""
        asked = f"{self.asked:,} of {self.total:,} turns asked for"
        if not self.sizes:
            return f"Cohorts of {self.text}: {asked}"
        mean = average_text(self.asked / len(self.sizes))
        return (
            f"Cohorts of {self.text}: rounds had {min(self.sizes)} to {max(self.sizes)} clients, "
            f"{mean} on average; {asked}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON; null where there is no round yet."""
        sizes = self.sizes
        return {
            "range": list(self.cohort_range),
            "fewest": min(sizes) if sizes else None,
            "most": max(sizes) if sizes else None,
            "mean": self.asked / len(sizes) if sizes else None,
            "asked_turns": self.asked,
            "total_turns": self.total,
        }
