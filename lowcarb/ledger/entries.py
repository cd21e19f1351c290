"""What a ledger books: trainings, members, rounds, turns and work for evaluation.

A new figure is a new field here: tables and JSON follow from the fields, by `columns` and
`as_json`, and a column in `schema.MIGRATIONS` makes room for the figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from lowcarb._util.text import grams_if_known
from lowcarb._util.times import show
from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.as_json import shown, to_dict

Loss = NewType("Loss", float)
"""A training loss, which may be negative, as a log-likelihood may."""


class ClockKind(StrEnum):
    """Which time a training runs in."""

    WALL = "wall"
    """Real time."""
    SIMULATED = "simulated"
    """Time that is only imagined: measurements are of another machine and do not count."""


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
    LATE = "late"
    """Nothing had come back when enough others had answered: the turn does not count."""

    @property
    def counts(self) -> bool:
        """Whether the turn is credited to the client."""
        return self is Outcome.TRAINED


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
        The rule as it was given, for example "min_share 0.5".
    strategy
        Classes of the Flower strategy, from the outside in.
    clock
        Which time it runs in.
    version
        Of Lowcarb.
    app
        Flower's name of the app; None where unknown.
    model_shape
        Names and shapes of the model's arrays, in short; None where unknown.
    cohort_least, cohort_most
        Fewest and most clients in a round; None where all have `cohort_size`.
    deadline
        When the last round is to be over, in UTC; None where rounds follow each other.
    hours
        In which hours rounds may be, in words; None where rounds follow each other.
    """

    started_at: datetime
    rounds: int
    cohort_size: int
    fairness: str
    strategy: str
    clock: ClockKind
    version: str = field(metadata={"key": "lowcarb_version"})
    app: str | None = None
    model_shape: str | None = None
    cohort_least: int | None = None
    cohort_most: int | None = None
    deadline: datetime | None = None
    hours: str | None = None

    @property
    def simulated_time(self) -> bool:
        """Whether time is only imagined."""
        return self.clock == ClockKind.SIMULATED

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return to_dict(self, _TRAINING)


@dataclass(frozen=True, kw_only=True)
class TrainingEntry:
    """A training as a ledger lists it.

    Parameters
    ----------
    number
        Of the training in its ledger, from 1.
    training
        What was asked for.
    rounds_booked
        How many rounds are booked.
    """

    number: int
    training: TrainingSpec
    rounds_booked: int


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
    key
        Fingerprint of the public key to which its name belongs: SHA-256 in hexadecimal digits;
        None where it belongs to nobody.
    """

    name: str = field(metadata={"key": "client"})
    region: str | None
    energy_kwh: float | None = field(metadata={"key": "energy_kwh_a_round"})
    duration_s: float | None
    min_rounds: int
    max_rounds: int
    joined: int
    key: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return to_dict(self)


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
    intensity: float | None = field(default=None, metadata={"key": "intensity_g_per_kwh"})
    actual: float | None = field(default=None, metadata={"key": "actual_g_per_kwh"})

    @property
    def realised_g(self) -> float | None:
        """Emissions, gCO2eq; None where no intensity is known."""
        intensity = self.intensity if self.actual is None else self.actual
        return None if intensity is None else self.energy_kwh * intensity

    @property
    def estimated(self) -> bool:
        """Whether energy or intensity is an estimate."""
        return self.measured is None or self.actual is None

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON: its fields, realised_g, estimated."""
        return to_dict(self, _WORK)


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
    loss, samples
        What its metrics said of its training; None where they said nothing.
    """

    outcome: Outcome
    planned_kwh: float
    reason: str = ""
    loss: Loss | None = None
    samples: float | None = None

    @property
    def counts(self) -> bool:
        """Whether the turn is credited to the client."""
        return self.outcome.counts

    @property
    def planned_g(self) -> float | None:
        """Planned emissions, gCO2eq; None where there was no forecast."""
        return None if self.intensity is None else self.planned_kwh * self.intensity

    @staticmethod
    def json_keys() -> dict[str, str]:
        """Keys of `to_dict`, in order, and the attributes behind them."""
        return shown(Turn, _TURN)

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON: its fields, realised_g, estimated, counts, planned_g."""
        return to_dict(self, _TURN)


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
    model, model_sha256
        File of the model that came out of it, relative to the ledger, and the file's checksum; None
        where no model was saved.
    least_g, most_g
        Bounds of the 90 % interval of what was planned, gCO2eq; None where unknown.
    ready_at
        When it could begin at the soonest, in UTC; None where rounds follow each other.
    at_once_g
        What was expected then of it and all rounds after it, if each began as soon as it might,
        gCO2eq; None where unknown.
    told_by
        What told it to begin before its hour; None if nothing did.
    paid_g
        How much more it was planned to emit for the value of turns, this round and those that its
        plan has for later together, gCO2eq; None where turns have no value.
    """

    number: int = field(metadata={"key": "round"})
    start: datetime
    turns: Sequence[Turn]
    solver: str
    status: str
    seconds: float = field(metadata={"key": "planning_s"})
    random_g: float | None
    owed: int = field(metadata={"key": "owed_before"})
    provenances: dict[str, Provenance] = field(default_factory=dict, metadata={"key": "origins"})
    aggregated: bool
    notes: Sequence[str] = ()
    model: str | None = None
    model_sha256: str | None = None
    least_g: float | None = field(default=None, metadata={"key": "planned_least_g"})
    most_g: float | None = field(default=None, metadata={"key": "planned_most_g"})
    ready_at: datetime | None = None
    at_once_g: float | None = None
    told_by: str | None = None
    paid_g: float | None = field(default=None, metadata={"key": "paid_for_value_g"})

    @property
    def planned_g(self) -> float | None:
        """Planned emissions, gCO2eq; None if a client's is unknown."""
        return _total([turn.planned_g for turn in self.turns])

    @property
    def realised_g(self) -> float | None:
        """Emissions of training, gCO2eq; None if a client's is unknown."""
        return _total([turn.realised_g for turn in self.turns])

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON: its fields, planned_g, realised_g."""
        return to_dict(self, _ROUND)

    def __repr__(self) -> str:
        trained = sum(turn.counts for turn in self.turns)
        return (
            f"BookedRound({self.number}, {show(self.start)} UTC: {trained} of {len(self.turns)} "
            f"trained, {grams_if_known(self.planned_g)} planned, "
            f"{grams_if_known(self.realised_g)} realised)"
        )


# What JSON shows beside the fields, and where: fields that are not named here follow.
_TRAINING = (
    *("started_at", "rounds", "cohort_size", "fairness", "strategy", "clock", "simulated_time"),
)
_WORK = (*(field.name for field in fields(Work)), "realised_g", "estimated")
_TURN = (*_WORK, "outcome", "counts", "planned_kwh", "planned_g")
_ROUND = (
    *("number", "start", "solver", "status", "seconds", "aggregated", "planned_g", "realised_g"),
    *("random_g", "owed", "notes", "provenances", "turns"),
)


def _total(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
