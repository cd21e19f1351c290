"""Trainings, members and rounds for tests of the ledger and of reports."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.ledger import Ledger
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, ClockKind, Member, Outcome, TrainingSpec, Turn, Work

BEGIN = datetime(2022, 7, 1, tzinfo=UTC)
TRAINING = TrainingSpec(
    started_at=BEGIN - timedelta(minutes=5),
    rounds=4,
    cohort_size=2,
    fairness="each client takes part at least twice",
    strategy="FedAvg",
    clock=ClockKind.WALL,
    version="1.0",
)


def member(name: str, region: str | None = "DE", *, floor: int = 1, joined: int = 1) -> Member:
    """Make a client of 0.5 kWh and half an hour, with at most four turns."""
    return Member(
        name=name,
        region=region,
        energy_kwh=0.5,
        duration_s=1800.0,
        min_rounds=floor,
        max_rounds=4,
        joined=joined,
    )


MEMBERS = [member("a"), member("b", "FR"), member("c", None)]


def turn(
    client: str,
    region: str | None = "DE",
    *,
    outcome: Outcome = Outcome.TRAINED,
    energy_kwh: float = 0.5,
    measured: str | None = None,
    seconds: float | None = None,
    intensity: float | None = 400.0,
    actual: float | None = None,
    reason: str = "",
) -> Turn:
    """Make a turn of a client for which half a kWh was planned."""
    return Turn(
        client=client,
        region=region,
        energy_kwh=energy_kwh,
        measured=measured,
        seconds=seconds,
        intensity=intensity,
        actual=actual,
        outcome=outcome,
        planned_kwh=0.5,
        reason=reason,
    )


def booked(
    number: int,
    *turns: Turn,
    random_g: float | None = 500.0,
    aggregated: bool = True,
    notes: tuple[str, ...] = (),
) -> BookedRound:
    """Make an hourly round; a and b work in it unless others are given."""
    return BookedRound(
        number=number,
        start=BEGIN + (number - 1) * timedelta(hours=1),
        turns=list(turns) or [turn("a"), turn("b", "FR", intensity=100.0)],
        solver="cbc",
        status="optimal",
        seconds=0.25,
        random_g=random_g,
        owed=2,
        provenances={
            "DE": Provenance(
                provider="energy-charts",
                zone="DE-LU",
                signal="average",
                issued_at=BEGIN - timedelta(hours=1),
                fetched_at=BEGIN,
            ),
            "FR": Provenance(provider="file.csv", zone="FR", quality=Quality.LAST_GOOD),
        },
        aggregated=aggregated,
        notes=list(notes),
    )


def evaluation(client: str, *, measured: str | None = "power") -> Work:
    """Make the evaluation of a client."""
    return Work(client=client, region="DE", energy_kwh=0.01, measured=measured, intensity=400.0)


def written(path: Path, *rounds: BookedRound, training: TrainingSpec = TRAINING) -> Account:
    """Write a ledger with one training and read it."""
    with Ledger(path).writing() as book:
        book.begin(training)
        for number, one in enumerate(rounds):
            book.book(one, MEMBERS if not number else ())
    return Ledger(path).account()
