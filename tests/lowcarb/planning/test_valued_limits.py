"""Plans within limits that pay for value: against enumeration, in true grams, within a bound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowcarb.errors import InputError
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.planner import Planner
from lowcarb.planning.value import Value
from lowcarb.planning.valued_limits import solve_valued_within
from lowcarb_solvers import LimitedProblem, NoSolution, Stage, chain
from tests.helpers.data import START
from tests.helpers.limited_fleet import FLEET, FORECAST
from tests.helpers.limited_instances import KINDS, ON_GRAMS, small_limited
from tests.helpers.limited_reference import enumerate_limited

OTHERS = tuple(sorted(set(KINDS) - set(ON_GRAMS)))
SOLVERS = chain(20.0)


def drawn(seed: int, *, elastic: bool) -> tuple[LimitedProblem, np.ndarray]:
    """A small problem with some kinds of limits, mostly one on grams, and whole values."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(ON_GRAMS, int(rng.integers(0, 3)), replace=False).tolist()
    kinds += rng.choice(OTHERS, int(rng.integers(not kinds, 3)), replace=False).tolist()
    limited = small_limited(seed, tuple(kinds), elastic=elastic, clients=(4, 6), tight=0.7)
    return limited, rng.integers(0, 9, limited.problem.clients).astype(np.float64)


def less_worth(limited: LimitedProblem, worth: np.ndarray, shares: np.ndarray) -> LimitedProblem:
    """What is to be minimised: true grams less worth, and as much more for every turn alike."""
    true = limited.problem
    costs = np.array([true.costs(slice(None), j) for j in range(true.rounds)]).T
    costs = costs - worth[:, None] * shares + worth.max()
    minimised = replace(
        true, cost_level=costs, level_of=np.arange(true.clients), weight=np.ones(true.clients)
    )
    return LimitedProblem(problem=minimised, limits=limited.limits, counted=true)


def check_at_price(seed: int, later: float, price: float, *, elastic: bool) -> bool:
    """Compare a plan with all plans; whether any of it was paid for."""
    limited, worth = drawn(seed, elastic=elastic)
    value = Value(of="column", price_g=price, later=later)
    asked = less_worth(limited, price * worth, value.by_round(limited.problem.rounds))
    outcome = enumerate_limited(asked)
    if outcome is None:
        with pytest.raises(NoSolution):
            solve_valued_within(limited, value, worth, SOLVERS)
        return False
    plan, paid = solve_valued_within(limited, value, worth, SOLVERS)
    assert limited.violations(plan.cohorts) == []
    assert plan.objective == pytest.approx(limited.cost(plan.cohorts))
    assert paid.grams == pytest.approx((plan.objective or 0) - paid.free_g)
    # As little is missing as can be, of limits that count true grams.
    worst = max((one.short for one in plan.shortfalls if one.stage is Stage.FLOORS), default=0)
    short = sum(one.short for one in plan.shortfalls) + worst
    assert short == pytest.approx(sum(outcome[0]), abs=1e-4)
    if paid.price_g or not price:
        assert asked.cost(plan.cohorts) == pytest.approx(outcome[1])
    else:
        # A plan that pays may only be left out for one that misses less, or time.
        assert paid.grams == 0
    assert plan.bound is not None
    assert plan.bound <= (plan.objective or 0) + 1e-9
    return paid.grams > 0


@given(st.integers(0, 10**6), st.sampled_from([0.0, 1.0]), st.sampled_from([2.0, 20.0]))
@settings(max_examples=10, deadline=None)
def test_no_plan_that_misses_as_little_costs_less_after_its_value(
    seed: int, later: float, price: float
) -> None:
    check_at_price(seed, later, price, elastic=True)


@pytest.mark.slow
@pytest.mark.parametrize("elastic", [True, False])
def test_of_many_problems_no_plan_costs_less_after_its_value(elastic: bool) -> None:
    paid = [
        check_at_price(seed, later, price, elastic=elastic)
        for seed in range(40)
        for later, price in ((0.0, 20.0), (1.0, 2.0), (1.0, 20.0))
    ]
    # It is no check of plans that pay for nothing.
    assert sum(paid) > len(paid) // 8


@pytest.mark.slow
@given(st.integers(0, 10**6), st.sampled_from([0.0, 5.0, 40.0]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_it_emits_at_most_so_much_more_than_carbon_alone(
    seed: int, percent: float, elastic: bool
) -> None:
    limited, worth = drawn(seed, elastic=elastic)
    outcome = enumerate_limited(limited)
    assume(outcome is not None)
    assert outcome is not None
    value = Value(of="column", max_extra_carbon=percent, later=1.0)
    plan, paid = solve_valued_within(limited, value, worth, SOLVERS)
    assert limited.violations(plan.cohorts) == []
    assert limited.cost(plan.cohorts) <= outcome[1] * (1 + percent / 100) * (1 + 1e-6)
    if paid.price_g:
        shares = value.by_round(limited.problem.rounds)
        asked = less_worth(limited, paid.price_g * worth, shares)
        best = enumerate_limited(asked)
        assert best is not None
        assert asked.cost(plan.cohorts) == pytest.approx(best[1])


def planner(*texts: str, **more: object) -> Planner:
    clients = len(FLEET)
    worth = np.array([0.0] * (clients - 1) + [100.0])
    fleet = replace(FLEET, attributes={**FLEET.attributes, "value": worth})
    return Planner(
        fleet=fleet,
        cohort_size=2,
        rounds=4,
        fairness=Fairness(min_share=0),
        limits=AskedLimits.of(texts),
        value=Value(of="column", price_g=1e4, later=1.0),
        **more,  # type: ignore[arg-type]
    )


def test_a_plan_keeps_its_limits_and_tells_what_it_pays() -> None:
    alone = replace(planner("group=practice >= 1"), value=None).plan(START, FORECAST)
    plan = planner("group=practice >= 1").plan(START, FORECAST)
    dear = FLEET.clients[-1]
    assert all(dear in one.clients for one in plan.rounds)
    assert plan.limits is not None
    assert not any(row.broken.any() for row in plan.limits.rows)
    assert plan.paid is not None
    assert plan.paid.grams == pytest.approx(plan.planned_g - alone.planned_g)
    assert plan.paid.grams > 0
    assert plan.paid.sentence in plan.notes


@pytest.mark.parametrize("bound", ["1e4", "1e18", "1e99"])
def test_however_far_a_limit_is_out_of_reach_no_value_is_paid_with_it(bound: str) -> None:
    """The dearest two have most samples and, here, no value."""
    worthless = replace(FLEET, attributes={**FLEET.attributes, "value": np.array([9.0, 9, 0, 0])})
    asked = replace(planner(f"samples >= {bound}"), fleet=worthless)
    plan = asked.plan(START, FORECAST)
    assert [one.clients for one in plan.rounds] == [("c", "d")] * 4


@pytest.mark.parametrize(
    ("text", "turns"),
    # A turn of the dear one emits 1600 g, of its fellow 1200 g, of the others 100 and 200 g.
    [
        ("kg <= 1.7", 4),
        ("g <= 1699", 0),
        ("kg <= 4 in all", 2),
        ("kg region=DE <= 1.7 in all", 1),
        ("kg region=DE <= 1.6", 4),
    ],
)
def test_limits_on_grams_are_kept_in_true_grams(text: str, turns: int) -> None:
    plan = planner(text).plan(START, FORECAST)
    assert sum(FLEET.clients[-1] in one.clients for one in plan.rounds) == turns
    assert plan.limits is not None
    (row,) = plan.limits.rows
    assert not row.broken.any()
    emitted = plan.planned_g if "DE" not in text else 1600 * turns
    assert row.amounts.sum() == pytest.approx(emitted)


def test_prices_of_limits_are_refused_beside_value() -> None:
    with pytest.raises(InputError, match="beside prices"):
        planner("group=practice >= 1").plan(START, FORECAST, prices=True)
