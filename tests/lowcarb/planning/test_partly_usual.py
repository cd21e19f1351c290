"""What hours ahead count where it is known what is usual."""

import numpy as np
import pytest

from lowcarb import Fleet, Forecast, Series
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.planning.partly_usual import PartlyUsual, usual_levels
from lowcarb.planning.slot_program import slot_program
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, chain
from tests.helpers.data import START, mixed_fleet

SOLVERS = chain(5.0)
HURRIED = SlotSearch(solvers=SOLVERS)
REGIONS = ("A", "B", "C")


def chosen(costs: list[float], usual: list[float] | None = None) -> list[int]:
    problem = Problem.from_costs([costs], 1, elastic=True)
    slots = Slots(starts=3600.0 * np.arange(len(costs), dtype=np.float64), length_s=3600.0)
    by_usual = PartlyUsual(inner=HURRIED)
    if usual is not None:
        by_usual = by_usual.told(np.array([usual]))
    chosen, held = by_usual(slots.problem(problem, (1, 1)), slots).answer
    # Whatever is counted to choose, the cost is that of the forecast.
    assert held.objective == costs[int(chosen[0])]
    return [int(slot) for slot in chosen]


def test_what_is_not_known_to_be_usual_changes_nothing() -> None:
    days = [50.0] * 12 + [10.0] + [50.0] * 11 + [50.0] * 12 + [10.5] + [50.0] * 11
    assert chosen(days) == [12]
    assert chosen([30.0] * 72) == [0]


def test_where_it_is_worse_than_usual_one_waits_though_the_forecast_says_it_stays() -> None:
    assert chosen([450.0] * 48, usual=[300.0] * 48) == [47]
    assert chosen([10.0] * 48, usual=[300.0] * 48) == [0]
    # What is far and unusually low is believed less, what is near is believed.
    low = [300.0] * 40 + [100.0] + [300.0] * 7
    assert chosen([*low[:1], 200.0, *low[2:]], usual=[300.0] * 48) == [40]
    assert chosen([*low[:1], 110.0, *low[2:]], usual=[300.0] * 48) == [1]


def test_who_takes_part_is_chosen_by_what_hours_count() -> None:
    # Client b owes a turn. It could have it now, but later it is usually cheaper for it.
    problem = Problem.from_costs([[50.0] * 40, [80.0] * 40], 1, at_least=[1, 1], elastic=True)
    slots = Slots(starts=3600.0 * np.arange(40, dtype=np.float64), length_s=3600.0)
    question = slots.problem(problem, (2, 2))
    usual = np.array([[60.0] * 40, [20.0] * 40])
    order = question.problem.level_of.tolist()
    by_usual = PartlyUsual(inner=HURRIED).told(usual[np.argsort(order)])
    chosen, held = by_usual(question, slots).answer
    assert chosen.tolist() == [0, 39]
    assert [cohort.tolist() for cohort in held.cohorts] == [[0], [1]]
    # Told is what the forecast says.
    assert held.objective == 130.0


def three_regions(now: dict[str, float]) -> tuple[Problem, Fleet, Slots]:
    """Clients of three regions whose forecasts are constant."""
    fleet = mixed_fleet(list(REGIONS), clients=6)
    slots = Slots(
        starts=START.timestamp() + 3600.0 * np.arange(4, dtype=np.float64), length_s=3600.0
    )
    times = slots.starts[0] + 3600.0 * np.arange(30, dtype=np.float64)
    series = {name: Series(times=times, values=np.full(30, level)) for name, level in now.items()}
    question = slot_program(
        fleet,
        Forecast(series=series, source="by hand"),
        slots,
        rounds=(1, 1),
        cohort_size=1,
        bounds=(np.zeros(6, dtype=np.int64), np.ones(6, dtype=np.int64)),
        turns=np.zeros(6, dtype=np.int64),
        online=None,
        seed=0,
    )
    return question.problem, fleet, slots


@pytest.mark.parametrize(
    "now", [{"A": 10.0, "B": 20.0, "C": 30.0}, {"A": 30.0, "B": 10.0, "C": 20.0}]
)
def test_each_client_is_compared_with_what_is_usual_in_its_own_region(
    now: dict[str, float],
) -> None:
    problem, fleet, slots = three_regions(now)
    usual = {"A": 300.0, "B": 200.0, "C": 100.0}
    days = TypicalDay(
        regions=REGIONS, intensity=np.array([np.full(24, usual[name]) for name in REGIONS])
    )
    found = usual_levels(problem, fleet, days, slots)
    assert found is not None
    for i, region in enumerate(fleet.region):
        level = problem.level_of[i]
        assert problem.cost_level[level].tolist() == [now[REGIONS[region]]] * 4
        assert found[level].tolist() == [usual[REGIONS[region]]] * 4


def test_regions_alike_by_forecast_but_not_usually_count_by_their_clients() -> None:
    problem, fleet, slots = three_regions({"A": 10.0, "B": 10.0, "C": 30.0})
    days = TypicalDay(
        regions=REGIONS, intensity=np.array([[300.0] * 24, [100.0] * 24, [50.0] * 24])
    )
    found = usual_levels(problem, fleet, days, slots)
    assert found is not None
    assert found[problem.level_of[fleet.region == 0]].tolist() == [[200.0] * 4] * 2


def test_where_nothing_is_known_to_be_usual_the_forecast_counts() -> None:
    problem, fleet, slots = three_regions({"A": 10.0, "B": 20.0, "C": 30.0})
    assert usual_levels(problem, fleet, None, slots) is None
    days = TypicalDay(regions=("A", "B"), intensity=np.full((2, 24), 500.0))
    found = usual_levels(problem, fleet, days, slots)
    assert found is not None
    unknown = problem.level_of[np.flatnonzero(fleet.region == 2)]
    assert np.isnan(found[unknown]).all()
    counted = PartlyUsual()._counted(problem.cost_level, found, slots)
    assert counted[unknown].tolist() == problem.cost_level[unknown].tolist()
    others = problem.level_of[fleet.region < 2]
    assert (counted[others, 1:] > problem.cost_level[others, 1:]).all()
    # What was usual once is forgotten where nothing is known any more.
    assert PartlyUsual().told(found).told(None).usual is None
