"""What a training did: rounds, turns, energy and emissions, as the ledger keeps them.

Grams are intensity times energy. A planned figure is the forecast times the energy expected. A
realised figure is the energy that was burnt, measured where the client measured it, times the
intensity that came true; until that is known the forecast stands in, and the figure is marked as
estimated.

A new figure is a new field here: tables and JSON follow from the fields, and a column in
`schema.MIGRATIONS` makes room for the figure. Where a field's key in JSON is not its name, the
field's metadata say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lowcarb._util.text import count, grams
from lowcarb._util.times import show, to_iso
from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.columns import columns_of

if TYPE_CHECKING:
    import pandas as pd


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
        Name of the Flower strategy.
    clock
        Which time it runs in.
    version
        Of Lowcarb.
    """

    started_at: datetime
    rounds: int
    cohort_size: int
    fairness: str
    strategy: str
    clock: ClockKind
    version: str = field(metadata={"key": "lowcarb_version"})

    @property
    def simulated_time(self) -> bool:
        """Whether time is only imagined."""
        return self.clock == ClockKind.SIMULATED

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return _to_dict(self, _TRAINING)


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
    """

    name: str = field(metadata={"key": "client"})
    region: str | None
    energy_kwh: float | None = field(metadata={"key": "energy_kwh_a_round"})
    duration_s: float | None
    min_rounds: int
    max_rounds: int
    joined: int

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return _to_dict(self)


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
        return _to_dict(self, _WORK)


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

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON: its fields, realised_g, estimated, counts, planned_g."""
        return _to_dict(self, _TURN)


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
        return _to_dict(self, _ROUND)

    def __repr__(self) -> str:
        trained = sum(turn.counts for turn in self.turns)
        return (
            f"BookedRound({self.number}, {show(self.start)} UTC: {trained} of {len(self.turns)} "
            f"trained, {_grams(self.planned_g)} planned, {_grams(self.realised_g)} realised)"
        )


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

    @cached_property
    def planned_g(self) -> float | None:
        """Planned emissions of training, gCO2eq.

        A total of what is known: turns without a forecast are left out; None if there is no other.
        """
        return known_total(turn.planned_g for turn in self.work)

    @cached_property
    def realised_g(self) -> float | None:
        """Realised emissions of training, gCO2eq, with estimates where need be.

        A total of what is known: turns of which no intensity is known are left out; None if there
        is no other.
        """
        return known_total(turn.realised_g for turn in self.work)

    @property
    def energy_kwh(self) -> float:
        """Energy of training, kWh; where nothing was measured, what was expected."""
        return sum(turn.energy_kwh for turn in self.work)

    @property
    def measured_share(self) -> float | None:
        """Share of the energy that was measured; None where there is none."""
        return self._share(turn for turn in self.work if turn.measured is not None)

    @property
    def actual_share(self) -> float | None:
        """Share of the energy of which the intensity that came true is known; None without any."""
        return self._share(turn for turn in self.work if turn.actual is not None)

    def _share(self, turns: Iterable[Turn]) -> float | None:
        every = self.energy_kwh
        return sum(turn.energy_kwh for turn in turns) / every if every else None

    @property
    def lengths(self) -> list[timedelta]:
        """Time from each round's start to the next one's."""
        starts = [booked.start for booked in self.rounds]
        return [after - before for before, after in pairwise(starts)]

    def to_dict(self) -> dict[str, Any]:
        """Return all of the account for JSON; keys are stable, unknown figures are null.

        Grams are gCO2eq, energies kWh. Totals are of training and of what is known. ::

            training    number, started_at, rounds, cohort_size, fairness, strategy, clock,
                        simulated_time, lowcarb_version
            complete    whether all rounds are booked and every turn has an intensity
            rounds_over, rounds_left, missing_rounds
            energy_kwh, planned_g, realised_g, measured_share, actual_share
            turns, owed by client: turns that count, turns that it still lacks
            members     a list of client, region, energy_kwh_a_round, duration_s, min_rounds,
                        max_rounds, joined
            rounds      a list of round, start, solver, status, planning_s, aggregated, planned_g,
                        realised_g, random_g, owed_before, notes, origins (by region), turns (a list
                        of WORK, outcome, counts, planned_kwh, planned_g, reason), model,
                        model_sha256
            evaluations by number of the round: a list of WORK

        WORK stands for client, region, energy_kwh, measured, seconds, intensity_g_per_kwh,
        actual_g_per_kwh, realised_g, estimated.
        """
        names = (
            *("complete", "rounds_over", "rounds_left", "missing_rounds", "energy_kwh"),
            *("planned_g", "realised_g", "measured_share", "actual_share", "turns", "owed"),
            *("members", "rounds"),
        )
        return {
            "training": {"number": self.number} | self.training.to_dict(),
            **{name: _plain(getattr(self, name)) for name in names},
            "evaluations": _plain(dict(sorted(self.evaluations.items()))),
        }

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each turn: round, start, and what `Turn.to_dict` gives."""
        import pandas as pd

        frame = pd.DataFrame(
            [
                {"round": booked.number, "start": booked.start} | turn.to_dict()
                for booked in self.rounds
                for turn in booked.turns
            ],
            columns=["round", "start", *_shown(Turn, _TURN)],
        )
        frame["start"] = pd.to_datetime(frame["start"], utc=True)
        # A column of which nothing is known would hold objects.
        figures = {name for name, column in columns_of(Turn).items() if column.kind == "REAL"}
        figures |= {"planned_g", "realised_g"}
        return frame.astype(
            {key: float for key, name in _shown(Turn, _TURN).items() if name in figures}
        )

    def __repr__(self) -> str:
        asked = self.training
        return (
            f"Account(training {self.number}: {len(self.rounds)} of {count(asked.rounds, 'round')} "
            f"of {asked.cohort_size}, {_grams(self.planned_g)} planned, "
            f"{_grams(self.realised_g)} realised, {count(sum(self.owed.values()), 'turn')} owed)"
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


@cache
def _shown(cls: type, first: tuple[str, ...]) -> dict[str, str]:
    """Keys in JSON, and the attributes of a dataclass behind them."""
    keys = {each.name: each.metadata.get("key", each.name) for each in fields(cls)}
    return {keys.get(name, name): name for name in (*first, *keys)}


def _to_dict(thing: Any, first: tuple[str, ...] = ()) -> dict[str, Any]:
    shown = _shown(thing.__class__, first).items()
    return {key: _plain(getattr(thing, name)) for key, name in shown}


def _plain(value: Any) -> Any:
    """Make of a value what JSON can hold."""
    if isinstance(value, datetime):
        return to_iso(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [_plain(part) for part in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def known_total(parts: Iterable[float | None]) -> float | None:
    """Add up what is known; None if nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _grams(value: float | None) -> str:
    return "? g" if value is None else grams(value)


def _total(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
