"""What a training did: rounds, turns, energy and emissions, as the ledger keeps them.

Grams are intensity times energy. A planned figure is the forecast times the energy expected. A
realised figure is the energy that was burnt, measured where the client measured it, times the
intensity that came true; until that is known the forecast stands in, and the figure is marked as
estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from lowcarb.carbon.provenance import Provenance


class Outcome(StrEnum):
    """What became of a client that was asked to train."""

    TRAINED = "trained"
    """A valid reply in a round whose aggregation succeeded: the turn counts."""
    DROPPED = "dropped"
    """A valid reply, but the round was not aggregated: the turn does not count."""
    FAILED = "failed"
    """An error came back."""
    SILENT = "silent"
    """Nothing came back in time."""


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """What was asked for when a training began.

    Parameters
    ----------
    started_at
        In UTC.
    rounds, cohort_size
        As in `Planner`.
    fairness
        The rule as people read it, for example "each client takes part at least twice".
    strategy
        Name of the Flower strategy.
    clock
        "wall", or "simulated" where time was only imagined.
    version
        Of Lowcarb.
    """

    started_at: datetime
    rounds: int
    cohort_size: int
    fairness: str
    strategy: str
    clock: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """A client that takes part in a training.

    Parameters
    ----------
    name
        Its identity across restarts.
    region
        None where unknown.
    energy_kwh, duration_s
        Figures given for one round; None where nobody gave any.
    min_rounds, max_rounds
        Bounds on its turns, fixed when it joined.
    joined
        The round before which it became known, from 1.
    """

    name: str
    region: str | None
    energy_kwh: float | None
    duration_s: float | None
    min_rounds: int
    max_rounds: int
    joined: int


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one client burnt in one round, for training or for evaluation.

    Parameters
    ----------
    client
        Its name.
    region
        Where it was; None where unknown.
    energy_kwh
        Energy burnt; what was expected where nothing was measured.
    measured
        How it was measured, "codecarbon" or "power"; None if it was not.
    seconds
        How long it took, by the client's own clock; None where unknown.
    intensity
        Forecast mean over the workload's window, gCO2eq/kWh; None where there was no forecast.
    actual
        The intensity that came true; None until it is known.
    """

    client: str
    region: str | None
    energy_kwh: float
    measured: str | None = None
    seconds: float | None = None
    intensity: float | None = None
    actual: float | None = None

    @property
    def realised_g(self) -> float | None:
        """Emissions, gCO2eq; None where no intensity is known."""
        intensity = self.intensity if self.actual is None else self.actual
        return None if intensity is None else self.energy_kwh * intensity

    @property
    def estimated(self) -> bool:
        """Whether energy or intensity is an estimate."""
        return self.measured is None or self.actual is None


@dataclass(frozen=True, kw_only=True)
class Turn(Work):
    """A client's work in a training round.

    Parameters
    ----------
    outcome
        What became of it.
    planned_kwh
        The energy that the plan expected.
    reason
        Why it failed, if it did.
    """

    outcome: Outcome
    planned_kwh: float
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether the turn is credited to the client."""
        return self.outcome is Outcome.TRAINED

    @property
    def planned_g(self) -> float | None:
        """Planned emissions, gCO2eq; None where there was no forecast."""
        return None if self.intensity is None else self.planned_kwh * self.intensity


@dataclass(frozen=True, kw_only=True)
class BookedRound:
    """One round of a training.

    Parameters
    ----------
    number
        From 1.
    start
        In UTC.
    turns
        Everyone who was asked to train, in cohort order.
    solver, status
        Who chose, and what is known about the choice, for example "cbc" and "optimal".
    seconds
        What planning took.
    random_g
        Expected emissions of a random cohort of that size, gCO2eq; None where unknown.
    owed
        Turns that clients were still owed before this round.
    provenances
        Where each region's forecast came from.
    aggregated
        Whether the strategy made a new model of the replies.
    notes
        What a person should know.
    """

    number: int
    start: datetime
    turns: Sequence[Turn]
    solver: str
    status: str
    seconds: float
    random_g: float | None
    owed: int
    provenances: dict[str, Provenance] = field(default_factory=dict)
    aggregated: bool
    notes: Sequence[str] = ()

    @property
    def planned_g(self) -> float | None:
        """Planned emissions, gCO2eq; None if a client's is unknown."""
        return _total([turn.planned_g for turn in self.turns])

    @property
    def realised_g(self) -> float | None:
        """Emissions of training, gCO2eq; None if a client's is unknown."""
        return _total([turn.realised_g for turn in self.turns])


@dataclass(frozen=True, kw_only=True)
class Account:
    """Everything that a ledger holds of one training.

    Parameters
    ----------
    number
        Of the training in its ledger, from 1.
    training
        What was asked for.
    members
        Its clients, in the order in which they became known.
    rounds
        Those booked, in order.
    evaluations
        Work for evaluation by the number of its round.
    """

    number: int
    training: TrainingSpec
    members: Sequence[Member]
    rounds: Sequence[BookedRound]
    evaluations: dict[int, Sequence[Work]]

    @property
    def missing_rounds(self) -> list[int]:
        """Rounds before the last one that was booked of which nothing is known."""
        booked = {booked.number for booked in self.rounds}
        return [r for r in range(1, self.rounds_over) if r not in booked]

    @property
    def rounds_over(self) -> int:
        """Number of the last round that was booked, 0 if none was."""
        return max((booked.number for booked in self.rounds), default=0)

    @property
    def rounds_left(self) -> int:
        """Rounds of the training that are still to come."""
        return max(0, self.training.rounds - self.rounds_over)

    @cached_property
    def work(self) -> list[Turn]:
        """All turns, those that do not count too, in order."""
        return [turn for booked in self.rounds for turn in booked.turns]

    @property
    def complete(self) -> bool:
        """Whether all rounds are booked and every turn has an intensity, if only a forecast one."""
        known = all(turn.realised_g is not None for turn in self.work)
        return known and not self.missing_rounds and not self.rounds_left

    @cached_property
    def turns(self) -> dict[str, int]:
        """Credited turns of each client."""
        counted = dict.fromkeys((member.name for member in self.members), 0)
        for turn in self.work:
            counted[turn.client] += turn.counts
        return counted

    @property
    def owed(self) -> dict[str, int]:
        """Clients that still lack turns, and how many."""
        lacks = {m.name: m.min_rounds - self.turns[m.name] for m in self.members}
        return {name: short for name, short in lacks.items() if short > 0}

    def measurements(self, client: str) -> tuple[list[float], list[float]]:
        """Measured energies (kWh) and durations (s) of a client's trainings, oldest first."""
        mine = [turn for turn in self.work if turn.client == client]
        return (
            [turn.energy_kwh for turn in mine if turn.measured is not None],
            [turn.seconds for turn in mine if turn.seconds is not None],
        )

    @property
    def lengths(self) -> list[timedelta]:
        """Time from each round's start to the next one's."""
        starts = [booked.start for booked in self.rounds]
        return [after - before for before, after in pairwise(starts)]


def _total(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
