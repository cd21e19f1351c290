"""What a training is asked for: its length, its cohorts, and everyone's floor and cap."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from lowcarb._util.arguments import is_whole
from lowcarb.errors import InputError
from lowcarb.ledger.entries import BookedRound, TrainingSpec
from lowcarb.planning.cohort_range import Breathing, CohortRange, size_text
from lowcarb.planning.fairness import MOST_ROUNDS, Fairness
from lowcarb.training.booking import Booking
from lowcarb.training.roster import Roster

logger = logging.getLogger(__name__)

# What it is now, whatever it was when it began: who trains, and how each round is asked for.
_OF_NOW = ("strategy", "app", "model_shape", "cohort_least", "cohort_most", "deadline", "hours")


def require_rounds(rounds: int) -> None:
    """Refuse what is no number of rounds.

    Raises
    ------
    InputError
        Says what was expected.
    """
    if not is_whole(rounds) or not 1 <= rounds <= MOST_ROUNDS:
        raise InputError(f"num_rounds: expected 1 to {MOST_ROUNDS}, got {rounds!r}")


@dataclass(kw_only=True)
class Terms:
    """The terms of one training; those of its cohorts may change from round to round.

    Parameters
    ----------
    rounds
        Of the whole training.
    cohort_size
        Clients in each round from the next one on.
    fairness
        The rule of which floors and caps follow.
    cohort_range
        The fewest and the most clients in a round; None for `cohort_size` in each.

    Raises
    ------
    InputError
        If there are no rounds or too many.
    """

    rounds: int
    cohort_size: int
    fairness: Fairness
    cohort_range: CohortRange | None = None

    def __post_init__(self) -> None:
        """Refuse what is no number of rounds."""
        require_rounds(self.rounds)

    @property
    def sizes(self) -> str:
        """How many clients are in a round, such as "10", or "5 to 20 (10 on average)"."""
        return size_text(self.cohort_size, self.cohort_range)

    def breathing(
        self, booked: Sequence[BookedRound], number: int, clients: int
    ) -> Breathing | None:
        """What cohorts may be from a round on, of so many clients; None if all are of one size.

        A turn that was asked for counts, whatever became of it. Of rounds that are not known as
        many are taken to have been asked as are usual.
        """
        unknown = number - 1 - len(booked)
        return Breathing.after(
            self.cohort_range,
            cohort_size=self.cohort_size,
            rounds=self.rounds,
            asked=sum(len(one.turns) for one in booked) + self.cohort_size * unknown,
            clients=clients,
        )

    def bounds(self, number: int, clients: int) -> tuple[int, int]:
        """Floor and cap of a client that joins before a round as one of so many."""
        left = self.rounds - number + 1
        return self.fairness.joining(self.share(left, clients), left, self.rounds)

    def share(self, rounds: int, clients: int) -> Fraction:
        """Turns of each client if all took equally many; in a round nobody takes two."""
        return min(Fraction(self.cohort_size * rounds, clients), Fraction(rounds))

    def agree(self, asked: TrainingSpec, booking: Booking, roster: Roster) -> None:
        """Make a training that goes on as long as is asked for now.

        Floors and caps are fixed as long as its length is; those of another length are other ones.
        Until somebody has any, whatever is asked for now counts.
        """
        before = booking.training
        asked = replace(
            asked,
            started_at=before.started_at,
            app=asked.app or before.app,
            model_shape=asked.model_shape or before.model_shape,
        )
        same_length = before.rounds == asked.rounds
        if roster.known:
            _say_what_differs(before, asked)
        if roster.known and same_length:
            # Whose it is now is written with the first round that comes of it.
            booking.becomes(replace(before, **{name: getattr(asked, name) for name in _OF_NOW}))
            return
        roster.bound_again()
        if asked != before:
            booking.revise(asked, roster.members)

    def resize(self, cohort_size: int, booking: Booking, roster: Roster) -> None:
        """Take so many clients from the next round on.

        Floors and caps are shares of as many turns as there are if no later round is of another
        size.
        """
        if cohort_size == self.cohort_size:
            return
        self.cohort_size = cohort_size
        try:
            roster.bound_again()
        except InputError as error:
            # What contradicts itself only now must not end a training.
            logger.warning("lowcarb: floors and caps stay as they are: %s", error)
        booking.change(replace(booking.training, cohort_size=cohort_size), roster.members)


def _say_what_differs(before: TrainingSpec, asked: TrainingSpec) -> None:
    parts = [
        f"{name} is now {getattr(asked, name)}, and was {getattr(before, name)}"
        for name in ("rounds", "cohort_size", "fairness", "strategy", "app", "clock")
        if getattr(asked, name) != getattr(before, name)
    ]
    if not parts:
        return
    stay = before.rounds == asked.rounds
    logger.warning(
        "lowcarb: %s when the training began; floors and caps %s",
        "; ".join(parts),
        "stay as they are" if stay else "are those of the new length",
    )
