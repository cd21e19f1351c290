"""What a report says of an account: figures by hand, what is estimated, unknown, missing."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import ClockKind, Outcome, Work
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.account.verdict import (
    asked,
    completeness,
    evaluated,
    forecasts,
    heading,
    names,
    verdict,
)
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, evaluation, member, turn


def account(*rounds: Any, **changed: Any) -> Account:
    made = Account(number=1, training=TRAINING, members=MEMBERS, rounds=rounds, evaluations={})
    return replace(made, **changed)


def words(made: Account) -> str:
    return "\n".join(
        [*verdict(AccountSummary(account=made)), completeness(AccountSummary(account=made))]
    )


CERTAIN = {"measured": "power", "seconds": 1800.0}
COMPLETE = account(
    # a: 0.4 kWh x 300 = 120 g (planned 0.5 x 400 = 200); b: 0.5 x 120 = 60 (planned 50).
    *(
        booked(
            r,
            turn("a", energy_kwh=0.4, actual=300.0, **CERTAIN),  # type: ignore[arg-type]
            turn("b", "FR", intensity=100.0, actual=120.0, **CERTAIN),  # type: ignore[arg-type]
        )
        for r in (1, 2, 3, 4)
    ),
    members=MEMBERS[:2],
)


def test_a_complete_account_by_hand() -> None:
    told = account_to_dict(COMPLETE)
    totals = told["totals"]
    assert totals["planned_g"] == pytest.approx(4 * 250)
    assert totals["realised_g"] == pytest.approx(4 * 180) == totals["certain_g"]
    assert totals["energy_kwh"] == pytest.approx(3.6) == totals["measured_kwh"]
    assert (totals["random_g"], totals["saved_share"]) == (2000, 0.5)
    assert (totals["works"], totals["without_intensity"], totals["estimated"]) == (8, 0, False)
    assert (told["complete"], told["gaps"], told["missing_rounds"]) == (True, [], [])
    assert told["floors"] == {"met": True, "owed_turns": 0, "owed_clients": 0, "lost_turns": 0}
    assert [(r["region"], r["realised_g"]) for r in told["regions"]] == [
        ("DE", pytest.approx(480)),
        ("FR", pytest.approx(240)),
    ]
    assert [(c["client"], c["turns"], c["max_rounds"]) for c in told["clients"]] == [
        ("a", 4, 4),
        ("b", 4, 4),
    ]
    text = words(COMPLETE)
    for line in (
        "4 of 4 rounds done",
        "Planned: 1,000.0 g CO2eq by the forecast, 50.0% less than random cohorts",
        "Realised so far: 720.0 g CO2eq, all by measured energy and actual intensity",
        "Energy: 3.6 kWh, all of it measured; the actual intensity is known of all of it",
        "All floors are met.",
        "The account is complete: every round is booked, every turn has an intensity.",
    ):
        assert line in text.splitlines()


def test_an_empty_account() -> None:
    told = account_to_dict(account(members=[]))
    assert told["totals"]["planned_g"] is None
    assert told["totals"]["saved_share"] is None
    assert (told["rounds_over"], told["rounds_left"], told["complete"]) == (0, 4, False)
    assert words(account(members=[])).splitlines() == [
        "0 of 4 rounds done",
        "Nothing is booked yet.",
        "The account is NOT COMPLETE: 4 of 4 rounds are to come.",
    ]


def test_estimates_are_told_apart_from_what_is_known() -> None:
    # 200 g certain; 200 g of expected energy; 200 g of forecast intensity.
    partial = account(
        booked(
            1,
            turn("a", actual=400.0, measured="power"),
            turn("b", actual=400.0),
            turn("c", measured="codecarbon"),
        )
    )
    totals = account_to_dict(partial)["totals"]
    assert totals["certain_g"] == pytest.approx(200)
    assert totals["realised_g"] == pytest.approx(600)
    assert (totals["measured_kwh"], totals["actual_intensity_kwh"]) == (1.0, 1.0)
    assert totals["estimated"]
    assert "33% by measured energy and actual intensity, the rest estimated" in words(partial)
    assert "600.0 g CO2eq, all estimated" in words(account(booked(1, *[turn(c) for c in "abc"])))


def test_what_is_unknown_is_in_no_sum_and_is_said() -> None:
    partial = account(booked(1, turn("a"), turn("c", None, intensity=None)), booked(4))
    told = account_to_dict(partial)
    assert told["totals"]["planned_g"] == pytest.approx(200 + 250)
    assert told["totals"]["without_intensity"] == 1
    # The first round's plan is unknown, so only the fourth is compared: 250 of 500.
    assert (told["totals"]["compared_rounds"], told["totals"]["saved_share"]) == (1, 0.5)
    assert told["rounds"][0]["planned_g"] is None
    assert told["rounds"][0]["turns"][1]["realised_g"] is None
    assert [r["region"] for r in told["regions"]] == ["DE", "FR", None]
    assert told["missing_rounds"] == [2, 3]
    text = words(partial)
    assert "50.0% less than random cohorts (in 1 of 2 rounds)" in text
    assert "without 1 turn of no intensity" in text
    assert "NOT COMPLETE: nothing is known of rounds 2, 3; 1 of 4 turns has no intensity." in text
    unknown = account(booked(1, turn("c", None, intensity=None), random_g=None))
    assert "Planned: unknown, there was no forecast" in words(unknown)
    assert "Realised: unknown" in words(unknown)


def test_more_than_random_is_not_called_a_saving() -> None:
    assert "25.0% more than random cohorts" in words(account(booked(1, random_g=200.0)))
    assert "random cohorts would emit is unknown" in words(account(booked(1, random_g=None)))


@pytest.mark.parametrize(
    ("floor", "rounds", "text"),
    [
        (1, 2, "Floors: 1 turn still owed to 1 client, 2 rounds left"),
        (3, 2, "Floors NOT MET: 5 turns still owed to 3 clients, 1 of them cannot be had"),
        (1, 4, "Floors NOT MET: 1 turn still owed to 1 client, no round is left"),
        (0, 2, "No floors were set."),
    ],
)
def test_floors(floor: int, rounds: int, text: str) -> None:
    members = [member(name, floor=floor) for name in "abc"]
    one = account(*(booked(r + 1) for r in range(rounds)), members=members)
    assert text in words(one)
    # What is still owed may still be had; what cannot passes for no saving.
    assert ("random cohorts, NOT COMPARABLE: 1 owed turn missing (c 1)" in words(one)) == (
        "NOT MET" in text
    )
    assert account_to_dict(one)["totals"]["comparable"] == ("NOT MET" not in text)


def test_only_turns_that_count_are_credited_but_all_are_paid() -> None:
    lost = account(
        booked(1, turn("a", outcome=Outcome.FAILED), turn("b", outcome=Outcome.SILENT)),
        booked(2, turn("a", outcome=Outcome.DROPPED), turn("b"), aggregated=False),
    )
    told = account_to_dict(lost)
    counted = {"trained": 1, "dropped": 1, "failed": 1, "silent": 1, "late": 0}
    assert told["outcomes"] == counted
    assert told["totals"]["realised_g"] == pytest.approx(800)
    assert {c["client"]: c["turns"] for c in told["clients"]} == {"a": 0, "b": 1, "c": 0}
    assert [c["client"] for c in told["clients"]][:2] == ["a", "c"]  # owed, most emitted first
    assert asked(AccountSummary(account=lost)) == (
        "4 turns asked for: 1 trained, 1 dropped, 1 failed, 1 silent; 1 round not aggregated"
    )


def test_forecasts_are_counted_by_quality_and_source() -> None:
    told = account_to_dict(account(booked(1), booked(2)))
    assert told["forecast_quality"] == {
        "fresh": 2,
        "cached": 0,
        "last good": 2,
        "typical": 0,
        "missing": 0,
    }
    assert told["forecast_sources"] == [
        {"provider": "energy-charts", "signal": "average", "region_rounds": 2},
        {"provider": "file.csv", "signal": None, "region_rounds": 2},
    ]
    line = forecasts(AccountSummary(account=account(booked(1))))
    assert line == (
        "Forecasts (regions x rounds): 1 fresh, 1 last good, 0 typical, 0 missing; from "
        "energy-charts (average), file.csv (signal unknown)"
    )
    marginal = Provenance(provider="w", zone="x", signal="marginal", quality=Quality.TYPICAL)
    mixed = replace(booked(1), provenances=booked(1).provenances | {"PL": marginal})
    assert "MIXED SIGNALS" in forecasts(AccountSummary(account=account(mixed)))
    assert "MIXED" not in line


def test_evaluation_stays_apart() -> None:
    known = Work(client="a", region="DE", energy_kwh=1.0, measured="power", intensity=1.0, actual=9)
    made = account(booked(1), evaluations={1: [known, evaluation("b")]})
    told = account_to_dict(made)
    assert told["totals"] == account_to_dict(account(booked(1)))["totals"]
    assert told["evaluation"]["work"]["realised_g"] == pytest.approx(9 + 4)
    assert told["evaluation"]["rounds"]["1"][0]["actual_g_per_kwh"] == 9
    assert evaluated(AccountSummary(account=made)) == (
        "Evaluation, in no figure above: 13.0 g CO2eq and 1.01 kWh in 2 workloads, partly estimated"
    )


def test_simulated_time_is_marked() -> None:
    simulated = account(booked(1), training=replace(TRAINING, clock=ClockKind.SIMULATED))
    assert account_to_dict(simulated)["training"]["simulated_time"] is True
    assert "(simulated time)" in verdict(AccountSummary(account=simulated))[0]
    assert "(simulated time)" in heading(AccountSummary(account=simulated))[0]
    assert "(wall clock)" in heading(AccountSummary(account=COMPLETE))[0]


def test_json_has_the_documented_keys_and_is_json() -> None:
    told = account_to_dict(replace(COMPLETE, evaluations={1: [evaluation("a")]}))
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    documented = account_to_dict.__doc__ or ""
    for key in keys(told):
        assert key in documented, key


def keys(value: Any) -> set[str]:
    """All keys within JSON, but for names that are data."""
    if isinstance(value, list):
        return set().union(*(keys(part) for part in value))
    if not isinstance(value, dict):
        return set()
    inner = set().union(*(keys(part) for part in value.values()))
    return inner | {key for key in value if key not in {"DE", "FR", "1"}}


def test_a_missing_round_is_named_and_many_are_counted() -> None:
    far = replace(TRAINING, rounds=30)
    assert "nothing is known of round 2;" in words(account(booked(1), booked(3), training=far))
    assert "rounds 1, 2, 3, 4, 5, 6, 7, 8 and 11 more;" in words(account(booked(20), training=far))


def test_a_round_without_anyone_is_no_saving_and_is_said() -> None:
    idle = replace(booked(2, random_g=None), turns=[], aggregated=False, notes=("left out",))
    told = account_to_dict(account(booked(1), idle))
    assert (told["totals"]["compared_rounds"], told["totals"]["saved_share"]) == (1, 0.5)
    assert words(account(booked(1), idle)).startswith("2 of 4 rounds done, 1 of them without any")


def test_more_rounds_than_were_planned() -> None:
    made = account(*(booked(r) for r in range(1, 6)), members=MEMBERS[:2])
    assert (made.rounds_left, made.complete) == (0, True)
    assert words(made).startswith("5 of 4 rounds done")


@pytest.mark.parametrize(
    ("keys", "unproven", "said"),
    [
        ((None, None, None), 3, "Names of 3 of 3 clients are not bound to a key: any node could "),
        (("ab", None, None), 2, "Names of 2 of 3 clients are not bound to a key: any node could "),
        (("ab", "cd", "ef"), 0, "Names: each belongs to the key that used it first"),
    ],
)
def test_names_that_anybody_could_have_claimed_are_counted(
    keys: tuple[str | None, ...], unproven: int, said: str
) -> None:
    members = [replace(m, key=key) for m, key in zip(MEMBERS, keys, strict=True)]
    made = account(booked(1), members=members)
    told = account_to_dict(made)
    assert told["names"] == {"bound_to_key": 3 - unproven, "unproven": unproven}
    assert {c["client"]: c["key"] for c in told["clients"]} == dict(zip("abc", keys, strict=True))
    assert names(AccountSummary(account=made)).startswith(said)
    assert made.to_dict()["members"][0]["key"] == keys[0]
