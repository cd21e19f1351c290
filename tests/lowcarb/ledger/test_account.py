"""What an account comes to: totals of what is known, JSON, a frame, one line."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lowcarb.ledger import Ledger
from lowcarb.ledger.account import Account, known_total
from lowcarb.ledger.entries import ClockKind, Outcome, Turn
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked, evaluation, turn, written

# a: 0.5 kWh planned at 400 g/kWh; it burnt 0.3 kWh, at 300 g/kWh in truth.
SURE = turn("a", energy_kwh=0.3, measured="power", actual=300.0)
UNKNOWN = turn("c", None, intensity=None)


def account(*turns: Turn) -> Account:
    rounds = [booked(number, one) for number, one in enumerate(turns, 1)]
    return Account(number=1, training=TRAINING, members=MEMBERS, rounds=rounds, evaluations={})


def test_totals_are_of_what_is_known() -> None:
    made = account(SURE, UNKNOWN, turn("a"))
    assert made.planned_g == 400
    assert made.realised_g == pytest.approx(90 + 200)
    assert made.energy_kwh == pytest.approx(1.3)
    assert made.measured_share == made.actual_share == pytest.approx(0.3 / 1.3)
    # A round is whole or unknown; a total says what is known of all rounds.
    assert [one.realised_g for one in made.rounds] == [pytest.approx(90), None, 200]


def test_nothing_known_is_no_zero() -> None:
    for made in (account(), account(UNKNOWN)):
        assert (made.planned_g, made.realised_g) == (None, None)
    assert (account().measured_share, account(UNKNOWN).measured_share) == (None, 0)
    assert (known_total([]), known_total([None, 0.0])) == (None, 0)


def test_a_dictionary_for_json_holds_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(2, SURE, UNKNOWN), training=replace(TRAINING, clock=ClockKind.SIMULATED))
    with Ledger(path).writing() as book:
        book.book_evaluation(2, [evaluation("a")])
    payload = Ledger(path).account().to_dict()
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload
    assert payload["training"] == {
        "number": 1,
        "started_at": "2022-06-30T23:55:00Z",
        "rounds": 4,
        "cohort_size": 2,
        "fairness": "each client takes part at least twice",
        "strategy": "FedAvg",
        "clock": "simulated",
        "simulated_time": True,
        "lowcarb_version": "1.0",
        "app": None,
        "model_shape": None,
        "cohort_least": None,
        "cohort_most": None,
        "deadline": None,
        "hours": None,
    }
    assert (payload["complete"], payload["missing_rounds"]) == (False, [1])
    assert (payload["planned_g"], payload["owed"]) == (200, {"b": 1})
    (one,) = payload["rounds"]
    assert (one["round"], one["origins"]["FR"]["quality"]) == (2, "last good")
    assert one["turns"][1]["realised_g"] is None
    assert payload["evaluations"]["2"][0]["intensity_g_per_kwh"] == 400


def test_a_frame_has_a_row_for_each_turn() -> None:
    frame = account(SURE, UNKNOWN).to_frame()
    assert list(frame["round"]) == [1, 2]
    assert frame["start"][0] == pd.Timestamp(BEGIN)
    assert list(frame["client"]) == ["a", "c"]
    assert frame["realised_g"].sum() == pytest.approx(90)
    assert frame["realised_g"].isna().tolist() == [False, True]
    assert list(frame.columns) == ["round", "start", *SURE.to_dict()]
    empty, unknown = account().to_frame(), account(UNKNOWN).to_frame()
    assert len(empty) == 0
    assert list(empty.columns) == list(frame.columns)
    for name in ("seconds", "intensity_g_per_kwh", "planned_g"):
        assert frame[name].dtype == empty[name].dtype == unknown[name].dtype == "float64", name


def test_one_line_says_how_far_it_is() -> None:
    made = account(SURE, turn("b", outcome=Outcome.FAILED))
    assert repr(made) == (
        "Account(training 1: 2 of 4 rounds of 2, 400.0 g planned, 290.0 g realised, 2 turns owed)"
    )
    assert repr(account()) == (
        "Account(training 1: 0 of 4 rounds of 2, ? g planned, ? g realised, 3 turns owed)"
    )
    assert repr(made.rounds[1]) == (
        "BookedRound(2, 2022-07-01 01:00 UTC: 0 of 1 trained, 200.0 g planned, 200.0 g realised)"
    )
