"""Plans within limits that pay for value: against enumeration, in true grams, within a bound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb.errors import InputError
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.planner import Planner
from lowcarb.planning.value import Value
from lowcarb.planning.value_price import less_value
from lowcarb.planning.valued_limits import solve_valued_within
from lowcarb_solvers import LimitedProblem, chain
from tests.helpers.data import START
from tests.helpers.limited_fleet import FLEET, FORECAST
from tests.helpers.limited_instances import KINDS, small_limited
from tests.helpers.limited_reference import enumerate_limited

WITHOUT_GRAMS = tuple(set(KINDS) - {"costs", "gram budget", "excess"})
SOLVERS = chain(20.0)


def drawn(seed: int) -> tuple[LimitedProblem, np.ndarray]:
    """A small problem with two to four kinds of limits, and whole values."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    kinds = tuple(rng.choice(sorted(WITHOUT_GRAMS), count, replace=False).tolist())
    limited = small_limited(seed, kinds, elastic=True)
    return limited, rng.integers(0, 9, limited.problem.clients).astype(np.float64)


@pytest.mark.slow
@given(st.integers(0, 10**6), st.sampled_from([0.0, 1.0]), st.sampled_from([0.5, 2.0]))
@settings(max_examples=60, deadline=None)
def test_no_plan_that_misses_as_little_costs_less_after_its_value(
    seed: int, later: float, price: float
) -> None:
    limited, worth = drawn(seed)
    value = Value(of="column", price_g=price, later=later)
    asked = less_value(limited.problem, price * worth, value.by_round(limited.problem.rounds))
    outcome = enumerate_limited(replace(limited, problem=asked))
    assert outcome is not None
    plan, paid = solve_valued_within(limited, value, worth, SOLVERS)
    assert limited.violations(plan.cohorts) == []
    assert plan.objective == pytest.approx(limited.cost(plan.cohorts))
    assert paid.grams == pytest.approx((plan.objective or 0) - paid.free_g)
    if paid.price_g:
        assert asked.cost(plan.cohorts) == pytest.approx(outcome[1])
    else:
        # A plan that pays may only be left out for one that misses less, or time.
        assert paid.grams == 0
    assert plan.bound is not None
    assert plan.bound <= (plan.objective or 0) + 1e-9


@pytest.mark.slow
@given(st.integers(0, 10**6), st.sampled_from([0.0, 5.0, 40.0]))
@settings(max_examples=20, deadline=None)
def test_it_emits_at_most_so_much_more_than_carbon_alone(seed: int, percent: float) -> None:
    limited, worth = drawn(seed)
    outcome = enumerate_limited(limited)
    assert outcome is not None
    value = Value(of="column", max_extra_carbon=percent, later=1.0)
    plan, _ = solve_valued_within(limited, value, worth, SOLVERS)
    assert limited.cost(plan.cohorts) <= outcome[1] * (1 + percent / 100) * (1 + 1e-6)


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


@pytest.mark.parametrize("text", ["kg <= 3", "g <= 3000", "kg region=FR <= 2 in all"])
def test_limits_on_grams_are_refused_beside_value(text: str) -> None:
    with pytest.raises(InputError, match=f"beside limits yet, of which '{text}' is on"):
        planner(text)


def test_prices_of_limits_are_refused_beside_value() -> None:
    with pytest.raises(InputError, match="beside prices"):
        planner("group=practice >= 1").plan(START, FORECAST, prices=True)
