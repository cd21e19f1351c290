"""Clients in each round, drawn where cohorts breathe."""

import numpy as np
import pytest

from lowcarb import Fairness, Planner
from lowcarb.planning.policies import Planned
from lowcarb.replay import compare
from lowcarb.report.comparison.html import comparison_to_html
from lowcarb.report.comparison.pictures import pictures_of as pictures_of_comparison
from lowcarb.report.pictures.cohort_sizes import cohort_sizes
from lowcarb.report.plan.html import plan_to_html
from lowcarb.report.plan.pictures import pictures_of
from tests.helpers.data import START, invented_forecast, mixed_fleet
from tests.helpers.html_pages import read_page
from tests.helpers.recorded_days import RECORDING, fleet

FORECAST = invented_forecast(regions=4)


@pytest.mark.parametrize(("rounds", "told"), [(1, 1), (24, 24), (200, 0)])
def test_any_number_of_rounds_can_be_drawn(rounds: int, told: int) -> None:
    sizes = [1 + j % 20 for j in range(rounds)]
    picture = cohort_sizes(sizes, first=5, usual=10, caption="c")
    wide, _ = picture.inline()
    assert wide.count(" clients</title>") == told
    assert picture.rows[0] == [5, 1]
    assert "on average" in picture.alt


@pytest.mark.parametrize("cohort_range", [None, (1, 8)])
def test_a_plan_has_it_if_its_cohorts_breathe(cohort_range: tuple[int, int] | None) -> None:
    planner = Planner(
        fleet=mixed_fleet(sorted(FORECAST.series), clients=12),
        cohort_size=4,
        rounds=6,
        fairness=Fairness(min_rounds=1),
        cohort_range=cohort_range,
    )
    plan = planner.plan(START, FORECAST)
    found = {picture.name: picture for picture in pictures_of(plan)}
    page = read_page(plan_to_html(plan, FORECAST, []))
    assert ("cohort_sizes" in found) == (cohort_range is not None)
    assert ("Size" in page.text) == (cohort_range is not None)
    assert ("4 in every round would emit" in page.text) == (cohort_range is not None)
    if cohort_range is not None:
        assert "6 rounds of 1 to 8 (4 on average), " in page.text
        assert [size for _, size in found["cohort_sizes"].rows] == [
            len(planned.clients) for planned in plan.rounds
        ]


def breathing(fairness: Fairness) -> Planner:
    return Planner(
        fleet=mixed_fleet(sorted(FORECAST.series), clients=12),
        cohort_size=4,
        rounds=6,
        fairness=fairness,
        cohort_range=(1, 8),
    )


def test_turns_missing_to_the_total_compare_with_nothing() -> None:
    """Random cohorts know no caps, and would take the turns that these leave out."""
    plan = breathing(Fairness(min_share=0, max_rounds=1)).plan(START, FORECAST)
    text = read_page(plan_to_html(plan, FORECAST, [])).text
    assert "Without 12 turns of the total, which cannot be had, the plan is expected to" in text
    assert "to save" not in text
    assert "NOT COMPARABLE: 12 seats left empty that random cohorts would fill." in text


def test_turns_that_nobody_is_there_for_are_missing_to_random_cohorts_too() -> None:
    planner = breathing(Fairness(min_share=0))
    online = np.zeros((12, 6), dtype=np.bool_)
    online[:3] = True
    text = read_page(plan_to_html(planner.plan(START, FORECAST, online=online), FORECAST, [])).text
    assert "Without 6 turns of the total, which cannot be had, the plan is expected to" in text
    assert "NOT COMPARABLE" not in text
    assert "Not met: the training is 6 turns short: 24 turns planned in all, but" in text
    assert "4 in every round cannot be compared: it lacks 6 turns or seats." in text


def test_a_comparison_has_it_too() -> None:
    planner = Planner(fleet=fleet(8), cohort_size=2, rounds=4, cohort_range=(1, 4))
    found = compare(planner, RECORDING, [START], {"ilp": Planned()}, oracle=Planned())
    (picture,) = (one for one in pictures_of_comparison(found, None) if one.name == "cohort_sizes")
    assert sum(int(str(size)) for _, size in picture.rows) == 8
    text = read_page(comparison_to_html(found, None, [])).text
    assert "4 rounds of 1 to 4 (2 on average)" in text
    assert "random cohorts of the cohort size in every round" in text
