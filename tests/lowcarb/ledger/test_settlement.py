"""What came true is filled in where it is known for the whole of a workload."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lowcarb import Forecast, Series
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import Work
from tests.helpers.ledgers import BEGIN, TRAINING, booked, evaluation, turn, written


def actual(values: list[float], region: str = "DE", since: datetime = BEGIN) -> Forecast:
    times = since.timestamp() + 3600.0 * np.arange(len(values), dtype=np.float64)
    series = Series(times=times, values=np.array(values, dtype=np.float64))
    return Forecast(series={region: series}, source="actual")


def settle(path: Path, came_true: Forecast) -> int:
    with Ledger(path).writing() as book:
        return book.settle(came_true)


def found(path: Path, number: int = 1) -> list[float | None]:
    booked_round = next(r for r in Ledger(path).account().rounds if r.number == number)
    return [one.actual for one in booked_round.turns]


def test_the_mean_over_the_measured_time_else_the_given_one(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    long = turn("b", seconds=5400.0)  # an hour of 100 and half an hour of 400
    written(path, booked(1, turn("a"), long, turn("c", None)))
    assert settle(path, actual([100, 400, 100])) == 2
    assert found(path) == [100, pytest.approx(200), None]
    assert Ledger(path).account().rounds[0].turns[1].intensity == long.intensity


def test_a_window_that_is_covered_in_part_waits(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1, turn("a", seconds=7201.0), turn("b", seconds=7200.0)), booked(2))
    assert settle(path, actual([100, 300])) == 2
    assert found(path) == [None, 200]
    assert found(path, 2) == [300, None]
    assert settle(path, actual([100, 300], since=BEGIN + timedelta(hours=1))) == 1
    assert found(path) == [None, 200]
    assert found(path, 2) == [100, None]


def test_a_correction_overwrites_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    assert settle(path, actual([100, 300])) == 1
    assert settle(path, actual([100, 300])) == 0
    assert settle(path, actual([120, 300])) == 1
    assert found(path) == [120, None]


def test_other_regions_and_other_times_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    before = written(path, booked(1))
    assert settle(path, actual([1, 2], region="PL")) == 0
    assert settle(path, actual([1, 2], since=BEGIN - timedelta(days=9))) == 0
    assert settle(path, Forecast(series={}, source="nothing")) == 0
    assert Ledger(path).account() == before


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 0.003, 0.2])
def test_the_shortest_work_is_settled(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1, turn("a", seconds=seconds)))
    assert settle(path, actual([100, 300])) == 1
    assert found(path) == [100]


def test_evaluations_and_earlier_trainings_are_settled(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    nobody = Work(client="nobody", region="DE", energy_kwh=1.0, seconds=60.0)
    unknown = Work(client="nobody else", region="DE", energy_kwh=1.0)
    with Ledger(path).writing() as book:
        book.book_evaluation(1, [evaluation("a"), nobody, unknown])
        book.begin(TRAINING)
        assert book.settle(actual([100, 300])) == 3
    account = Ledger(path).account(1)
    assert [work.actual for work in account.evaluations[1]] == [100, 100, None]
    assert account.rounds[0].turns[0].actual == 100
