"""Plans within limits: what counts of the past, what is said, what is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import FloorsNotMet, InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import UNSET
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.history import History, Spent
from lowcarb.planning.hours import Hours
from lowcarb.planning.planner import Planner
from lowcarb_solvers import Flow, chain
from tests.helpers.data import START
from tests.helpers.limited_fleet import FLEET, FORECAST, turns_in


def planner(*texts: str, **more: Any) -> Planner:
    asked = AskedLimits.of(
        texts, budget_kg=more.pop("budget_kg", None), rest=more.pop("rest", None)
    )
    given = {"fleet": FLEET, "cohort_size": 2, "rounds": 4, "fairness": Fairness(min_share=0)}
    return Planner(limits=asked, **{**given, **more})


def test_a_quota_and_its_price() -> None:
    plan = planner("group=practice >= 1").plan(START, FORECAST, prices=True)
    assert [one.clients for one in plan.rounds] == [("a", "c")] * 4
    assert plan.limits is not None
    # b instead of c: 2 kWh at 100 g/kWh instead of 3 kWh at 400 g/kWh, in each of four rounds.
    (price,) = plan.limits.prices or ()
    assert price.rule == "group=practice >= 1"
    assert price.saved == pytest.approx(4 * 1000)
    assert plan.limits.free.objective == pytest.approx(plan.planned_g - 4 * 1000)
    assert plan.not_met == []
    (row,) = plan.limits.rows
    assert row.amounts.tolist() == [1] * 4
    assert not row.broken.any()


def test_no_limit_no_difference() -> None:
    plain = planner().plan(START, FORECAST)
    slack = planner("region <= 2").plan(START, FORECAST)
    assert plain.limits is None
    assert slack.planned_g == pytest.approx(plain.planned_g)
    assert AskedLimits.of() is None


def test_columns_that_limits_use_are_not_called_unused() -> None:
    notes = planner("group=practice >= 1").plan(START, FORECAST).notes
    assert any("column samples: kept for policies" in note for note in notes)
    assert not any("group" in note for note in notes)


def test_what_cannot_be_kept_is_named_with_amount_and_reason() -> None:
    plan = planner("group=practice >= 2", "region=FR >= 1").plan(START, FORECAST)
    assert len(plan.broken) == 4
    # Which of the two is broken is the same to the stages: the cheaper way is taken.
    assert plan.not_met == [
        "limit 'group=practice >= 2': rounds 1 to 4 have 1 client too few each: contradicts "
        "region=FR >= 1 and seats"
    ]
    (conflict,) = [note for note in plan.notes if "cannot be kept together" in note]
    assert conflict.startswith(
        "limits cannot be kept together: 'group=practice >= 2' and 'region=FR >= 1' and seats "
        "contradict each other in rounds 1, 2, 3, 4: "
    )
    with pytest.raises(FloorsNotMet, match=r"group=practice >= 2.*seats$"):
        plan.raise_for_shortfalls()
    written = plan.to_dict()["shortfalls"]
    assert {one["limit"] for one in written} == {"group=practice >= 2"}
    assert written[0] == {
        "limit": "group=practice >= 2",
        "round": 1,
        "short": 1.0,
        "unit": "clients",
        "too_much": False,
        "why": "contradicts region=FR >= 1 and seats",
    }


def spent(last: list[int], grams: float = 0.0) -> Spent:
    return Spent(
        last=np.array(last), kwh=np.array([1.0, 2.0, 3.0, 4.0]), grams=np.full(4, grams / 4)
    )


def history(last: list[int], grams: float = 0.0) -> History:
    turns = np.array([int(one > 0) for one in last])
    return History(turns=turns, rounds=2, spent=spent(last, grams))


def test_a_budget_counts_what_was_spent() -> None:
    """Two rounds cost 600 g at least; half a kilogram is left of one."""
    plan = planner(budget_kg=1).plan(START, FORECAST, history([1, 2, 0, 0], grams=500))
    (said,) = plan.not_met
    assert said.startswith("limit 'kg <= 1 in all': all rounds have 100.0 g too much: ")
    assert any("'kg <= 1 in all': 500.0 g of it in the rounds that are" in n for n in plan.notes)
    assert planner(budget_kg=2).plan(START, FORECAST, history([1, 2, 0, 0], 500)).not_met == []


def test_a_budget_that_is_gone_already() -> None:
    plan = planner("kwh <= 9 in all").plan(START, FORECAST, history([1, 2, 0, 0]))
    assert plan.not_met[0].startswith("limit 'kwh <= 9 in all': all rounds have 7 kWh too much")


def test_a_share_of_all_turns_counts_those_that_are_over() -> None:
    """Two of four rounds are over, in which nobody of the practice worked: all the rest is due."""
    share = "group=practice >= 50% in all"
    of_all = planner(share).plan(START, FORECAST)
    assert of_all.not_met == []
    assert of_all.limits is not None
    assert [row.amounts.tolist() for row in of_all.limits.rows] == [[4]]
    rest = planner(share).plan(START, FORECAST, history([1, 2, 0, 0]))
    assert rest.limits is not None
    assert rest.not_met == []
    assert share in rest.to_dict()["limits"]["rules"][0].values()


def test_a_share_follows_cohorts_and_rounds() -> None:
    one = planner("group=practice >= 50% in all")
    more = replace(one, rounds=8, cohort_size=3)
    for each, expected in ((one, 4), (more, 12)):
        assert each.limits is not None
        (rule,) = each.limits.rules(FLEET, 1).rules
        assert rule.at_least.tolist() == [expected]


def test_rest_counts_the_turns_just_taken() -> None:
    plan = planner(rest=1).plan(START, FORECAST, history([2, 1, 0, 2]))
    assert [one.clients for one in plan.rounds] == [("b", "c"), ("a", "d")]


def test_quotas_over_all_rounds_count_past_turns() -> None:
    asked = planner("group=practice >= 3 in all")
    assert turns_in(asked.plan(START, FORECAST), "cd") == 3
    past = history([1, 1, 2, 2])
    assert turns_in(asked.plan(START, FORECAST, past), "cd") == 1


@pytest.mark.parametrize("texts", [("kg <= 3 in all",), ("kwh <= 3 in all",), ("rest >= 1",)])
def test_a_past_of_which_too_little_is_known_is_refused(texts: tuple[str]) -> None:
    past = History(turns=np.array([1, 0, 0, 0]), rounds=1)
    with pytest.raises(InputError, match="expected what was spent in the rounds that are over"):
        planner(*texts).plan(START, FORECAST, past)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"hours": Hours(deadline=START + timedelta(hours=20))},
            "got hours beside 'region <= 1'; leave out hours, or limits",
        ),
        ({"solvers": (Flow(),)}, "flow knows nothing of limits; take cbc or greedy"),
    ],
)
def test_what_limits_do_not_go_with_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        planner("region <= 1", **more)
    assert words in caught.value.message


def test_limits_are_checked_against_the_fleet_at_once() -> None:
    with pytest.raises(InputError, match="no client has region=PL; known are DE, FR"):
        planner("region=PL <= 1")


def test_what_are_no_limits_is_refused() -> None:
    with pytest.raises(InputError, match=r"limits: expected AskedLimits, such as AskedLimits\.of"):
        Planner(fleet=FLEET, cohort_size=2, rounds=4, limits=["region <= 4"])  # type: ignore[arg-type]


def test_greedy_alone_keeps_what_it_can() -> None:
    plan = planner("group=practice >= 1", solvers=chain(solver="greedy")).plan(START, FORECAST)
    assert plan.not_met == []
    assert plan.solution.solver == "greedy"


def test_unknown_samples_are_refused() -> None:
    fleet = Fleet(
        **{
            **{name: getattr(FLEET, name) for name in ("clients", "regions", "region")},
            "energy_kwh": FLEET.energy_kwh,
            "duration_s": FLEET.duration_s,
            "min_rounds": np.full(4, UNSET),
            "max_rounds": np.full(4, UNSET),
            "attributes": {"samples": np.array([1, 2, np.nan, 4])},
        }
    )
    with pytest.raises(
        InputError, match="samples of client 'c' is blank, and limit 'samples >= 2'"
    ):
        planner("samples >= 2", fleet=fleet)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"budget_kg": -3}, "budget_kg: expected kilograms of CO2eq above zero, such as 12, got"),
        ({"budget_kg": 0}, "above zero"),
        ({"budget_kg": float("nan")}, "above zero"),
        ({"budget_kg": True}, "above zero"),
        ({"rest": -1}, "rest: expected whole rounds after each turn, zero or more, such as 2"),
        ({"rest": 1.5}, "zero or more"),
    ],
)
def test_numbers_that_make_no_sense(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        AskedLimits.of(**given)
    assert words in caught.value.message
