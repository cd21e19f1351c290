"""A ledger of a million clients: how long a round takes to book, and turns so far to be read.

Usage::

    python -m benchmarks.ledger [--clients 1000000] [--cohort-size 1000] [--rounds 10] [--smoke]

Fills a ledger in a temporary folder with clients, books rounds with prices for a plan of as many
hours as the rounds that are left, and prints medians in seconds: of booking one, of reading turns
so far, and of reading all of the account.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from lowcarb import Ledger
from lowcarb.ledger.entries import BookedRound, ClockKind, Outcome, TrainingSpec, Turn

REGIONS, LEFT = 26, 500
BEGIN = datetime(2022, 7, 1, tzinfo=UTC)


def fill(path: Path, clients: int, rounds: int, cohort_size: int) -> None:
    """Begin a training in a new ledger, of clients that are all known."""
    training = TrainingSpec(
        started_at=BEGIN,
        rounds=rounds + LEFT,
        cohort_size=cohort_size,
        fairness="min_share 0.5",
        strategy="FedAvg",
        clock=ClockKind.WALL,
        version="benchmark",
    )
    with Ledger(path).writing() as book:
        book.begin(training)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO member (training, name, region, energy_kwh, duration_s, min_rounds, "
            "max_rounds, joined) VALUES (1, ?, ?, 0.1, 3600.0, 0, ?, 1)",
            ((name_of(i), f"R{i % REGIONS:02d}", rounds + LEFT) for i in range(clients)),
        )


def name_of(i: int) -> str:
    """Name a client by its number."""
    return f"client-{i:07d}"


def rounds_of(clients: int, rounds: int, cohort_size: int) -> Iterator[BookedRound]:
    """Make rounds of cohorts that are drawn by a seed."""
    rng = np.random.default_rng(0)
    for number in range(1, rounds + 1):
        turns = [
            Turn(
                client=name_of(i),
                region=f"R{i % REGIONS:02d}",
                outcome=Outcome.FAILED if i % 50 == 0 else Outcome.TRAINED,
                planned_kwh=0.1,
                energy_kwh=0.1,
                intensity=300.0,
            )
            for i in rng.choice(clients, cohort_size, replace=False).tolist()
        ]
        yield BookedRound(
            number=number,
            start=BEGIN + number * timedelta(hours=1),
            turns=turns,
            solver="cbc",
            status="optimal",
            seconds=0.5,
            random_g=None,
            owed=0,
            aggregated=True,
        )


def seconds_of(work: Callable[[], object]) -> float:
    """Time a call."""
    began = perf_counter()
    work()
    return perf_counter() - began


def measure(folder: Path, clients: int, rounds: int, cohort_size: int) -> str:
    """Fill a ledger, book and read; say what it took."""
    path = folder / "run.db"
    fill(path, clients, rounds, cohort_size)
    prices = np.random.default_rng(1).uniform(1, 100, LEFT)
    book_s = []
    with Ledger(path).writing() as book:
        for booked in rounds_of(clients, rounds, cohort_size):
            began = perf_counter()
            book.book(booked, prices=prices)
            book_s.append(perf_counter() - began)
    tally_s = median(seconds_of(Ledger(path).tally) for _ in range(3))
    account_s = seconds_of(Ledger(path).account)
    return (
        f"{clients:,} clients, {rounds:,} rounds of {cohort_size:,}, "
        f"{path.stat().st_size / 1e6:.0f} MB\n"
        f"booking a round {median(book_s):.4f} s (at most {max(book_s):.4f} s), "
        f"reading turns so far {tally_s:.4f} s, the whole account {account_s:.2f} s"
    )


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--cohort-size", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--smoke", action="store_true", help="tiny")
    options = parser.parse_args()
    size = (options.clients, options.rounds, options.cohort_size)
    with tempfile.TemporaryDirectory() as folder:
        print(measure(Path(folder), *((1_000, 2, 20) if options.smoke else size)))


if __name__ == "__main__":
    main()
