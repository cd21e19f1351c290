"""One round's decision, whatever state the clients, the forecasts and the policy are in."""

import re
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import PolicyError
from lowcarb.ledger.entries import BookedRound, Loss, Outcome, Turn
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import POLICIES, Choice, Policy
from lowcarb.providers.forecast_view import UNKNOWN
from lowcarb.training.decision import Decision
from lowcarb.training.roster import Roster
from lowcarb_solvers import Problem
from tests.helpers.data import START
from tests.helpers.deciding import HOUR, LEVELS, ROUNDS, Levels, decide, decider_of, roster
from tests.helpers.rosters import booked


def names(decision: Decision) -> list[str]:
    return [asked.client.member.name for asked in decision.asked]


def fail(one: Roster, number: int, failed: str, trained: str) -> None:
    turns = [
        Turn(client=client, region=None, outcome=outcome, planned_kwh=0.5, energy_kwh=0.5)
        for client, outcome in ((failed, Outcome.FAILED), (trained, Outcome.TRAINED))
    ]
    one.record(
        BookedRound(
            number=number,
            start=START,
            turns=turns,
            solver="",
            status="",
            seconds=0.0,
            random_g=None,
            owed=0,
            aggregated=True,
        )
    )


def test_the_cleanest_are_asked_and_priced() -> None:
    decision = decide(roster())
    assert names(decision) == ["a0", "a1"]
    assert decision.nodes == [100, 101]
    assert [asked.intensity for asked in decision.asked] == [20, 60]
    assert decision.planned_g == pytest.approx(0.5 * 80)
    assert (decision.online, decision.owed, decision.notes) == (4, 0, ())


def test_the_random_cohort_is_the_exact_expectation_over_those_who_can_be_asked() -> None:
    one = roster()
    fail(one, 1, "a0", "a1")
    one.meet([100, 101, 102], {}, 2)
    decision = decide(one, 2)
    able = [0.5 * LEVELS[region] for region in ("FR", "DE")]
    every = [sum(cohort) for cohort in combinations(able, 2)]
    assert decision.random_g == pytest.approx(np.mean(every))
    decision = decide(roster(), size=3)
    every = [0.5 * sum(cohort) for cohort in combinations(LEVELS.values(), 3)]
    assert decision.random_g == pytest.approx(np.mean(every))


def test_it_says_in_one_line_what_it_decided() -> None:
    text = decide(roster(floor=2), policy=POLICIES["ilp"]).describe(ROUNDS)
    assert text.startswith("round 1/6, 2022-07-15 01:00 UTC: a0, a")
    assert "(2 of 4 online); " in text
    assert " g planned, " in text
    assert " random; CBC, optimal, " in text
    assert text.endswith(" s; 8 turns owed")
    many = decide(roster(["NO"] * 30), size=12).describe(ROUNDS)
    assert " and 4 more (12 of 30 online)" in many


# --- clients


def test_when_all_are_offline_nobody_is_asked() -> None:
    one = roster(floor=1)
    one.meet([], {}, 2)
    decision = decide(one, 2)
    assert (decision.asked, decision.nodes, decision.online) == ((), [], 0)
    assert decision.owed == 4
    assert "nobody (0 of 0 online)" in decision.describe(ROUNDS)


def test_when_all_who_are_here_rest_one_that_failed_is_better_than_nobody() -> None:
    one = roster()
    fail(one, 1, "a0", "a3")
    one.meet([100], {}, 2)
    assert names(decide(one, 2)) == ["a0"]
    one.meet([100, 103], {}, 3)
    assert names(decide(one, 3)) == ["a3"]


def test_who_is_offline_or_rests_is_not_asked_by_any_policy() -> None:
    for name, policy in POLICIES.items():
        one = roster()
        fail(one, 1, "a0", "a3")
        one.meet([100, 102, 103], {}, 2)
        assert names(decide(one, 2, policy=policy)) == ["a2", "a3"], name


def test_a_cohort_larger_than_the_fleet_takes_all() -> None:
    decision = decide(roster(), size=50)
    assert names(decision) == ["a0", "a1", "a2", "a3"]
    assert decision.random_g == pytest.approx(decision.planned_g)


def test_turns_that_cannot_be_had_any_more_are_counted() -> None:
    one = roster(floor=6)
    decision = decide(one, 6, size=1)
    assert decision.owed == 24
    assert decision.notes[-1].startswith("23 owed turns missing (")
    assert decision.notes[-1].endswith("), which cannot be had any more")
    line = decision.describe(ROUNDS)
    assert "not comparable with random, for floors are missed" in line
    assert "below random" not in line


# --- times


def test_a_workload_longer_than_the_time_between_rounds_moves_no_round_of_the_plan() -> None:
    provider = Levels()
    decision = decide(roster(minutes=90), every=HOUR, provider=provider)
    assert decision.notes == ()
    assert provider.horizon == 6 * HOUR + timedelta(minutes=90)
    assert len(decision.asked) == 2


def test_rounds_may_be_weeks_apart() -> None:
    provider = Levels()
    decide(roster(minutes=5000), every=timedelta(days=7), provider=provider)
    assert provider.horizon == timedelta(days=42, minutes=5000)


# --- forecasts


def test_unknown_regions_get_their_turns_and_no_grams() -> None:
    one = roster(["NO", "XX", None, "PL"], floor=3)
    decision = decide(one, size=4)
    assert [asked.intensity for asked in decision.asked] == [20, None, None, 800]
    assert (decision.planned_g, decision.random_g) == (None, None)
    assert "grams unknown" in decision.describe(ROUNDS)
    assert decision.view.missing == {"XX", UNKNOWN}
    # They are planned like the dirtiest known one: after the cleaner ones.
    assert names(decide(roster(["DE", "XX", "NO"]), size=1)) == ["a2"]


def test_without_any_forecast_those_with_the_fewest_turns_are_asked() -> None:
    one = roster()
    for turns, client in enumerate(one.known.values()):
        client.turns = 3 - turns
    decision = decide(one, 4, provider=Levels({}))
    assert names(decision) == ["a2", "a3"]
    assert decision.choice.by == "least turns"
    assert (decision.planned_g, decision.random_g, decision.status) == (None, None, "")
    assert decision.notes == ()


# --- policies


def says(*cohort: int, dtype: Any = np.int64) -> Policy:
    return lambda _problem, _candidates: Choice(cohort=np.array(cohort, dtype=dtype), by="mine")


def breaks(_problem: Problem, _: CandidateView) -> Choice:
    raise RuntimeError("a fault of its own")


WRONG = [
    (lambda _problem, _candidates: [0, 1], r"expected a Choice, got \[0, 1\]"),
    (lambda _problem, _candidates: None, "expected a Choice, got None"),
    (says(0, 9), "cohort: expected clients from 0 to 3, got 9"),
    (says(-1), "cohort: expected clients from 0 to 3, got -1"),
    (says(0, 0), "cohort: expected each client once, got a client twice"),
    (says(0, 1, 2), "cohort: expected up to 2 clients, got 3"),
    (says(1), "cohort: expected clients that can be asked now, got 1, which is away"),
    (says(0, 2, dtype=np.float64), "cohort: expected an int64 array of clients, got float64"),
    (lambda _p, _c: Choice(cohort=[0, 2], by="mine"), "expected an int64 array"),  # type: ignore[arg-type]
    (lambda _p, _c: Choice(cohort=np.array([0, 2]), by=None), "by: expected the name"),  # type: ignore[arg-type]
    (
        lambda _p, _c: Choice(cohort=np.array([0, 2]), by="mine", solution="optimal"),  # type: ignore[arg-type]
        "solution: expected a Solution or None, got 'optimal'",
    ),
]


def with_one_away() -> Roster:
    one = roster()
    one.meet([100, 102, 103], {}, 2)
    one.known["a0"].turns = 1
    return one


@pytest.mark.parametrize(("policy", "message"), WRONG)
def test_a_policy_that_answers_wrongly_is_refused_at_its_first_answer(
    policy: Any, message: str
) -> None:
    with pytest.raises(PolicyError, match=f"^policy <lambda>: .*{message}"):
        decide(with_one_away(), 2, policy=policy)


@pytest.mark.parametrize(("policy", "message"), WRONG)
def test_a_wrong_answer_later_on_leaves_the_round_to_those_with_the_fewest_turns(
    policy: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([says(0), policy])

    def changes(problem: Problem, candidates: CandidateView) -> Choice:
        return next(answers)(problem, candidates)  # type: ignore[no-any-return]

    decider = decider_of(changes)
    one = with_one_away()
    candidates = one.candidates(2)
    assert candidates is not None
    first = decider.decide(candidates, 2, START + 2 * HOUR, HOUR, cohort_size=2)
    assert names(first) == ["a0"]
    second = decider.decide(candidates, 2, START + 2 * HOUR, HOUR, cohort_size=2)
    assert names(second) == ["a2", "a3"]
    assert second.notes == ("no plan could be made",)
    assert re.search(f"policy changes: .*{message}", caplog.text)


def test_a_policy_that_broke_first_does_not_end_a_training_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers: Any = iter([breaks, lambda _problem, _candidates: None])
    decider = decider_of(lambda problem, candidates: next(answers)(problem, candidates))
    candidates = with_one_away().candidates(2)
    assert candidates is not None
    for _ in range(2):
        decision = decider.decide(candidates, 2, START + 2 * HOUR, HOUR, cohort_size=2)
        assert names(decision) == ["a2", "a3"]
    assert "expected a Choice, got None; those with the fewest turns are taken" in caplog.text


def test_where_a_policy_breaks_those_with_the_fewest_turns_are_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    decision = decide(with_one_away(), 2, policy=breaks)
    assert names(decision) == ["a2", "a3"]
    assert decision.notes == ("no plan could be made",)
    assert "lowcarb: no plan could be made" in caplog.text
    # The forecast is known all the same.
    assert [asked.intensity for asked in decision.asked] == [400, 800]
    assert decision.planned_g == pytest.approx(600)
    assert decision.random_g == pytest.approx(0.5 * (20 + 400 + 800) * 2 / 3)


def test_a_policy_is_told_of_its_candidates() -> None:
    seen: list[CandidateView] = []

    def mine(problem: Problem, candidates: CandidateView) -> Choice:
        seen.append(candidates)
        return says(0)(problem, candidates)

    one = roster()
    trained = Outcome.TRAINED
    one.record(booked(1, {"a1": trained}, samples=120.0, loss=Loss(0.7)))
    one.record(booked(2, {"a2": trained}, loss=Loss(1.5)))
    one.record(booked(3, {"a2": trained}, samples=30.0))
    decide(one, number=4, policy=mine)
    (view,) = seen
    assert list(view.names) == ["a0", "a1", "a2", "a3"]
    assert list(view.regions) == [one.known[name].member.region for name in view.names]
    assert view.duration_s.tolist() == [c.duration_s for c in one.known.values()]
    assert view.samples.tolist() == pytest.approx([np.nan, 120, 30, np.nan], nan_ok=True)
    assert view.last_loss.tolist() == pytest.approx([np.nan, 0.7, 1.5, np.nan], nan_ok=True)
    # a1 was asked in round 1, a2 in rounds 2 and 3; the others joined in round 1.
    assert view.waited.tolist() == [4, 3, 1, 4]
    assert view.asked_before.tolist() == [False, True, True, False]


@pytest.mark.parametrize("cohort", [(), (2,), (3, 0)])
def test_a_policy_may_choose_as_it_likes(cohort: tuple[int, ...]) -> None:
    decision = decide(roster(), policy=says(*cohort))
    assert names(decision) == [f"a{i}" for i in cohort]
    assert (decision.choice.by, decision.notes) == ("mine", ())
