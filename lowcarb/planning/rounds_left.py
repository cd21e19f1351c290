"""What is left of a training: rounds, at least and at most, and the turns of all of them."""

from dataclasses import dataclass, replace

from lowcarb._util.arguments import check_number
from lowcarb._util.text import conjoined
from lowcarb.errors import InputError
from lowcarb.planning.cohort_range import Breathing
from lowcarb.planning.slots import Rounds


@dataclass(frozen=True, kw_only=True)
class RoundsLeft:
    """Rounds that are left.

    Parameters
    ----------
    least, most
        How many are held, at least and at most; no more than none where all are over.
    breathing
        Bounds of each cohort, and the turns left in all; None where all are of one size.
    may_end
        Whether the fewest rounds are over, where fewer than the most may be held.
    """

    least: int
    most: int
    breathing: Breathing | None
    may_end: bool = False

    @classmethod
    def of(
        cls,
        rounds: int,
        fewest: int | None,
        over: int,
        breathing: Breathing | None,
        *,
        chosen: bool,
    ) -> "RoundsLeft":
        """Say what is left of a training.

        Parameters
        ----------
        rounds, fewest
            Of the whole training: the most, and the fewest; None for as many.
        over
            Rounds that are over.
        breathing
            As above.
        chosen
            Whether slots are chosen; else each round is held.
        """
        most = rounds - over
        least = most if fewest is None else max(min(1, most), fewest - over)
        if breathing is not None and chosen:
            breathing = replace(breathing, held=(least, most))
        may_end = fewest is not None and fewest <= over
        return cls(least=least, most=most, breathing=breathing, may_end=may_end)

    @property
    def bounds(self) -> Rounds:
        """How many are held, at least and at most."""
        return self.least, self.most

    @property
    def is_over(self) -> bool:
        """Whether no rounds are left, or where fewer may be held, no turns."""
        if self.most < 1:
            return True
        return self.may_end and self.breathing is not None and self.breathing.total < 1

    @property
    def needed(self) -> int:
        """How many rounds are needed at least for the turns that are left."""
        return self.least if self.breathing is None else self.breathing.needed(self.bounds)

    @property
    def turns_in_slots(self) -> int | None:
        """Turns of all rounds that are held in slots; None where cohorts are of one size."""
        return None if self.breathing is None else self.breathing.in_slots

    @property
    def notes(self) -> tuple[str, ...]:
        """Say that the turns that are left are out of reach of the rounds that are left."""
        note = None if self.breathing is None else self.breathing.out_of_reach(self.most)
        return () if note is None else (note,)


def check_fewest(fewest: int | None, rounds: int, *, chosen: bool, breathes: bool) -> None:
    """Check the fewest rounds that are held, where fewer than all may be.

    Parameters
    ----------
    fewest
        None for all.
    rounds
        The most.
    chosen
        Whether hours are chosen.
    breathes
        Whether cohorts do.

    Raises
    ------
    InputError
        If there cannot be fewer: each round is held where no hours are chosen, and has as many
        turns where cohorts do not breathe.
    """
    if fewest is None:
        return
    check_number("fewest_rounds", fewest, 1, rounds)
    if fewest < rounds and not (chosen and breathes):
        missing = [
            *([] if chosen else ["a deadline (--deadline)"]),
            *([] if breathes else ["cohort_range of two different sizes (such as 2..8)"]),
        ]
        raise InputError(
            f"rounds: expected one number, got {fewest}..{rounds}; fewer rounds than the most are "
            f"held where hours are chosen and cohorts breathe: give {conjoined(missing)} beside it",
            field="rounds",
        )
