"""``lowcarb plan --ledger``: planning goes on where the training stands."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lowcarb import Client, Fleet, History, InputError
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import Outcome
from tests.helpers.ledgers import TRAINING, booked, member, turn, written
from tests.helpers.plan_command import ENERGY, run


def plan_json(folder: Path, *options: str) -> dict[str, Any]:
    result = run(folder, "--json", *options)
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def test_the_rest_is_planned_with_the_turns_that_were_taken(tmp_path: Path) -> None:
    # Six rounds of two from a, b, c. a took two turns and a failed one, c none.
    path = str(tmp_path / "run.db")
    written(
        Path(path),
        booked(1),
        booked(2),
        booked(3, turn("a", outcome=Outcome.FAILED), turn("b", outcome=Outcome.DROPPED)),
    )
    plan = plan_json(tmp_path, "--ledger", path, "--min-rounds", "2", "--max-rounds", "4")
    assert [r["round"] for r in plan["rounds"]] == [4, 5, 6]
    assert plan["notes"][0] == f"rounds 1 to 3 are over ({path})"
    # At most four turns each: the cheap a has two left, c may take all three rounds, and b, the
    # dearest, gets the seat that is left.
    assert plan["participation"] == {"a": 2, "b": 1, "c": 3}
    fresh = plan_json(tmp_path, "--min-rounds", "2", "--max-rounds", "4")
    assert len(fresh["rounds"]) == 6
    assert fresh["notes"] == []
    text = run(tmp_path, "--ledger", path).stdout
    assert "Note: rounds 1 to 3 are over" in " ".join(text.split())


def test_the_newest_training_counts(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1), booked(2))
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
    plan = plan_json(tmp_path, "--ledger", str(path))
    assert plan["rounds"][0]["round"] == 1
    assert plan["notes"] == [f"no round is over yet ({path})"]
    with Ledger(path).writing() as book:
        book.book(booked(1, turn("a")), [member("a")])
    assert plan_json(tmp_path, "--ledger", str(path))["notes"] == [f"round 1 is over ({path})"]


def test_missing_rounds_are_over_and_said(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1), booked(4))
    plan = plan_json(tmp_path, "--ledger", str(path))
    assert [r["round"] for r in plan["rounds"]] == [5, 6]
    assert plan["notes"][1] == f"turns in rounds 2, 3 are unknown and not counted ({path})"


def test_clients_of_the_ledger_without_turns_may_be_gone(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    away = booked(1, turn("gone", outcome=Outcome.SILENT))
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.book(away, [member("gone")])
    assert len(plan_json(tmp_path, "--ledger", str(path))["rounds"]) == 5


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    done, gone, text = tmp_path / "done.db", tmp_path / "gone.db", tmp_path / "text.db"
    written(done, *(booked(r) for r in range(1, 7)))
    with Ledger(gone).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1, turn("gone")), [member("gone")])
    text.write_text(ENERGY)
    for path, message in {
        done: "all 6 rounds are over",
        gone: "c.csv: client 'gone' has taken turns (1), but is not in the fleet",
        text: "text.db: is not a Lowcarb ledger",
        tmp_path / "none.db": "none.db: there is no such ledger",
    }.items():
        before = sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".csv")
        result = run(tmp_path, "--ledger", str(path))
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
        assert message in result.stderr
        assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".csv") == before


def test_the_ledger_is_not_overwritten(tmp_path: Path) -> None:
    path = str(tmp_path / "run.db")
    before = written(Path(path), booked(1))
    result = run(tmp_path, "--ledger", path, "--out", path)
    assert result.exit_code == 1
    assert "is also an input" in result.stderr
    assert Ledger(path).account() == before


def test_a_training_can_be_planned_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    with Ledger(path).writing() as book:
        for done in (2, 3):
            book.book(booked(done))
            plan = plan_json(tmp_path, "--ledger", str(path))
            assert plan["rounds"][0]["round"] == done + 1


@pytest.mark.parametrize("turns", [7, -1])
def test_impossible_turns_are_refused(turns: int) -> None:
    fleet = Fleet.from_clients(
        [Client(name="a", region="DE", energy_kwh=1.0, duration=timedelta(hours=1))]
    )
    with pytest.raises(InputError, match="expected 0 to 6 turns a client in 6 rounds"):
        History.by_name(fleet, {"a": turns}, 6)
