"""Plans against an independent solver, and what planning refuses."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import highs
from lowcarb import (
    Availability,
    Client,
    CoverageError,
    Fairness,
    Fleet,
    FloorsNotMet,
    Forecast,
    History,
    InputError,
    LowcarbError,
    Plan,
    Planner,
)
from lowcarb_solvers import Greedy, Status
from lowcarb_solvers.arrays import BoolArray, IntArray
from lowcarb_solvers.classes import Classes
from tests.helpers.data import START, forecasts, invented_forecast, mixed_fleet

FORECASTS = forecasts()


def planned(planner: Planner, forecast: Forecast | None = None) -> Plan:
    return planner.plan(START, forecast or FORECASTS["invented"])


def small_planner(**changes: object) -> Planner:
    fleet = mixed_fleet([f"R{r:02d}" for r in range(4)], clients=12)
    good = Planner(fleet=fleet, cohort_size=3, rounds=12)
    return replace(good, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("name", FORECASTS)
def test_two_days_of_a_hundred_clients(name: str, distinct: bool) -> None:
    forecast = FORECASTS[name]
    fleet = mixed_fleet(sorted(forecast.series), distinct=distinct)
    plan = planned(
        Planner(fleet=fleet, cohort_size=10, rounds=48, fairness=Fairness(min_rounds=2)), forecast
    )
    assert plan.solution.status is Status.OPTIMAL
    assert plan.solution.solver == "cbc"
    assert plan.shortfalls == ()
    assert plan.solution.turns.min() >= 2

    # Grams anew, client by client, and the optimum by another solver.
    grams = 0.0
    for planned_round in plan.rounds:
        assert len(set(planned_round.clients)) == 10
        for client in planned_round.clients:
            one = fleet[fleet.position[client]]
            mean = forecast.mean(one.region, planned_round.start, one.duration)
            grams += mean * one.energy_kwh
    assert plan.planned_g == pytest.approx(grams, rel=1e-9)
    best = highs(plan.problem, whole=False)
    assert best is not None
    assert plan.planned_g == pytest.approx(best.cost, rel=1e-6)

    by = {baseline: found.planned_g for baseline, found in plan.baselines.items()}
    assert by["cheapest"] < plan.planned_g < by["regret"] < by["greedy"] < by["random"]
    assert plan.baselines["greedy"].floors_met == plan.baselines["regret"].floors_met == 1
    assert plan.baselines["cheapest"].floors_met is not None
    assert plan.baselines["cheapest"].floors_met < 0.5


def test_history_is_deducted_and_rounds_go_on() -> None:
    planner = small_planner(fairness=Fairness(min_rounds=2, max_rounds=4))
    n = len(planner.fleet)
    history = History(turns=np.array([4, 0] * (n // 2)), rounds=6)
    plan = planner.plan(START, FORECASTS["invented"], history)
    assert [planned.round for planned in plan.rounds] == list(range(7, 13))
    turns = plan.solution.turns
    assert (turns[::2] == 0).all(), "those at their cap are not asked again"
    assert (turns[1::2] >= 2).all(), "those who never took part get what they are owed"


def online(planner: Planner, windows: Availability) -> BoolArray:
    return windows.matrix(planner.fleet, planner.starts(START))


def test_availability_is_kept_and_explained() -> None:
    planner = small_planner(fairness=Fairness(min_rounds=2))
    begin = START.timestamp()
    windows = Availability(
        client=np.array([0, 1]),
        begin=np.array([begin, begin + 7 * 3600]),
        end=np.array([begin + 3600.0, begin + 12 * 3600]),
    )
    plan = planner.plan(START, FORECASTS["invented"], online=online(planner, windows))
    working = {r.round for r in plan.rounds if "c001" in r.clients}
    assert working <= set(range(8, 13))
    assert len(working) >= 2
    (shortfall,) = plan.shortfalls
    assert plan.describe(shortfall) == (
        "client 'c000' is 1 turn short: owes 2, available in 1 of 12 rounds"
    )
    with pytest.raises(FloorsNotMet, match="client 'c000' is 1 turn short"):
        plan.raise_for_shortfalls()
    assert plan.to_dict()["shortfalls"] == [
        {
            "client": "c000",
            "short": 1,
            "unit": "turns",
            "why": "owes 2, available in 1 of 12 rounds",
        }
    ]
    assert plan.to_dict()["status"] == "optimal"


def test_a_round_that_stays_short_has_its_number_in_the_training() -> None:
    planner = small_planner(fairness=Fairness(min_rounds=0))
    n, begin = len(planner.fleet), START.timestamp()
    # Six rounds are over; of the rest nobody is there in the third.
    windows = Availability(
        client=np.tile(np.arange(n), 2),
        begin=np.repeat([begin, begin + 3 * 3600], n),
        end=np.repeat([begin + 2 * 3600, begin + 6 * 3600], n),
    )
    history = History(turns=np.zeros(n, dtype=np.int64), rounds=6)
    plan = planner.plan(
        START,
        FORECASTS["invented"],
        history,
        windows.matrix(planner.fleet, planner.starts(START, history)),
    )
    (shortfall,) = plan.shortfalls
    assert plan.describe(shortfall).startswith("round 9 is 3 seats short: ")
    assert plan.to_dict()["shortfalls"][0]["round"] == 9


def test_only_windows_that_can_be_used_must_be_covered() -> None:
    planner = small_planner(rounds=8)
    long, short = invented_forecast(4), invented_forecast(4, hours=4)
    mixed = replace(long, series={**long.series, "R01": short.series["R01"]})
    with pytest.raises(CoverageError) as error:
        planned(planner, mixed)
    assert "region 'R01' from 2022-07-15 04:00" in str(error.value)
    assert "(client 'c009')" in str(error.value)
    assert "covers 2022-07-15 00:00 to 2022-07-15 04:00 UTC" in str(error.value)
    members = np.flatnonzero(planner.fleet.region == 1)
    begin = START.timestamp()
    early = Availability(
        client=members,
        begin=np.full(len(members), begin),
        end=np.full(len(members), begin + 4 * 3600),
    )
    assert planner.plan(START, mixed, online=online(planner, early)).shortfalls == ()


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"rounds": 0}, "rounds", "rounds: expected 1 to 10000, got 0"),
        ({"cohort_size": 13}, "cohort_size", "expected 1 to 12, the size of the fleet, got 13"),
        ({"cohort_size": 0}, "cohort_size", "expected 1 to 12"),
        ({"every": timedelta(minutes=59)}, "every", "client 'c00.' works for 60 min"),
    ],
)
def test_trainings_that_cannot_be(changes: dict[str, object], field: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        small_planner(**changes)
    assert error.value.field == field


def test_starts_need_a_zone_and_rounds_must_be_left() -> None:
    planner = small_planner()
    with pytest.raises(InputError, match="with a zone"):
        planner.plan(datetime(2022, 7, 15), FORECASTS["invented"])  # noqa: DTZ001
    over = History(turns=np.full(12, 3), rounds=12)
    with pytest.raises(InputError, match="all 12 rounds are over"):
        planner.plan(START, FORECASTS["invented"], over)
    with pytest.raises(InputError, match="expected 0 to 2 turns"):
        History(turns=np.array([3]), rounds=2)


def test_a_history_of_another_fleet_is_refused() -> None:
    history = History(turns=np.zeros(3, dtype=np.int64), rounds=2)
    with pytest.raises(InputError, match="expected turns of 12 clients, got 3"):
        small_planner().plan(START, FORECASTS["invented"], history)


def test_clients_that_may_take_no_turn_need_no_forecast() -> None:
    fleet = mixed_fleet(["R00", "R01"], clients=4)
    barred = replace(fleet, max_rounds=np.where(fleet.region == 1, 0, -1))
    long, short = invented_forecast(2), invented_forecast(2, hours=2)
    mixed = replace(long, series={**long.series, "R01": short.series["R01"]})
    plan = Planner(fleet=barred, cohort_size=1, rounds=8).plan(START, mixed)
    assert plan.solution.turns[fleet.region == 1].tolist() == [0, 0]


def test_unknown_regions_name_a_client() -> None:
    client = Client(name="lost", region="XX", energy_kwh=1, duration=timedelta(hours=1))
    with pytest.raises(InputError, match="region 'XX' of client 'lost' is not in the forecast"):
        planned(Planner(fleet=Fleet.from_clients([client]), cohort_size=1, rounds=2))


def test_one_seed_one_plan() -> None:
    fleet = Fleet.from_clients(
        [
            Client(name=f"c{i}", region="R00", energy_kwh=1, duration=timedelta(hours=1))
            for i in range(20)
        ]
    )
    plans = [
        planned(Planner(fleet=fleet, cohort_size=5, rounds=6, seed=seed)).rounds
        for seed in (0, 0, 1)
    ]
    assert plans[0] == plans[1] != plans[2]


def test_a_plan_without_fairness_is_the_cheapest() -> None:
    plan = planned(small_planner(fairness=Fairness(min_share=0)))
    assert plan.planned_g == pytest.approx(plan.baselines["cheapest"].planned_g)


def test_json_and_frame_and_csv_agree(tmp_path: Path) -> None:
    plan = planned(small_planner(solvers=(Greedy(),)))
    content = json.loads(json.dumps(plan.to_dict(), allow_nan=False))
    frame = plan.to_frame()
    assert frame["emissions_g"].sum() == pytest.approx(content["objective_g"], rel=1e-6)
    assert frame.groupby("client").size().to_dict() == {
        client: turns for client, turns in content["participation"].items() if turns
    }
    assert content["solver"] == "regret"
    path = tmp_path / "plan.csv"
    plan.write_csv(str(path))
    lines = path.read_text().splitlines()
    assert lines[0] == (
        "round,start,client,region,emissions_g,energy_kwh,intensity_g_per_kwh,random_cohort_g"
    )
    assert len(lines) == 1 + 12 * 3
    assert lines[1].startswith("1,2022-07-15T00:00:00Z,c")


def test_a_plan_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    plan = planned(small_planner())
    path = tmp_path / "plan.csv"
    path.write_text("precious")
    broken = replace(plan, fleet=replace(plan.fleet, regions=["R00"]))
    with pytest.raises(IndexError):
        broken.write_csv(str(path))
    assert path.read_text() == "precious"
    with pytest.raises(LowcarbError, match="none does not exist"):
        plan.write_csv(str(tmp_path / "none" / "plan.csv"))
    assert [p.name for p in tmp_path.iterdir()] == ["plan.csv"]


def test_only_the_rounds_that_are_asked_for_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(small_planner())
    drawn: list[int] = []
    draw = Classes.cohort

    def spy(classes: Classes, counts: IntArray, j: int) -> IntArray:
        drawn.append(j)
        return draw(classes, counts, j)

    monkeypatch.setattr(Classes, "cohort", spy)
    assert plan[2].round == 3
    assert plan[-1].round == 12
    assert drawn == [2, 11]
    assert [plan[j] for j in range(len(plan))] == list(plan.rounds)
    with pytest.raises(IndexError):
        plan[12]


def test_large_plans_list_only_those_with_a_turn() -> None:
    fleet = mixed_fleet(["R00", "R01"], clients=10_001)
    plan = planned(Planner(fleet=fleet, cohort_size=3, rounds=4))
    listed = plan.to_dict()["participation"]
    assert sum(listed.values()) == 12
    assert min(listed.values()) > 0


@pytest.mark.parametrize("name", ["rounds", "cohort_size", "seed"])
@pytest.mark.parametrize("value", [1.5, "2", None])
def test_numbers_that_are_not_whole_are_refused(name: str, value: object) -> None:
    with pytest.raises(InputError, match=rf"{name}: expected a whole number, got {value!r}"):
        small_planner(**{name: value})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"fairness": 0.5},
            r"fairness: expected a Fairness, such as Fairness\(min_share=0.5\), got",
        ),
        (
            {"fleet": "clients.csv"},
            "fleet: expected a Fleet, as read_fleet gives, got 'clients.csv'",
        ),
        (
            {"solvers": "cbc"},
            r"solvers: expected a tuple of solvers, such as .*chain\(\), got 'cbc'",
        ),
        ({"solvers": ()}, "solvers: expected a tuple of solvers"),
        ({"solvers": (Greedy,)}, "solvers: expected a tuple of solvers"),
        ({"every": 3600}, "every: expected a duration such as 30min, 1h or 1h30m, got 3600"),
        ({"every": timedelta()}, "every: expected a duration longer than zero and up to a year"),
    ],
)
def test_arguments_of_another_kind_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        small_planner(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"online": [[True]]}, r"online: expected a boolean array, as Availability.matrix gives"),
        ({"online": np.ones((12, 12))}, "online: expected a boolean array"),
        ({"forecast": "forecast.csv"}, "forecast: expected a Forecast, got 'forecast.csv'"),
    ],
)
def test_what_is_planned_on_must_be_of_its_kind(wrong: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"start": START, "forecast": FORECASTS["invented"]}
    with pytest.raises(InputError, match=message):
        small_planner().plan(**(given | wrong))


def test_presence_of_another_shape_is_refused() -> None:
    planner = small_planner()
    with pytest.raises(InputError, match=r"online: expected shape \(12, 12\), got \(12, 3\)"):
        planner.plan(START, FORECASTS["invented"], online=np.ones((12, 3), dtype=np.bool_))


def test_a_plan_says_in_a_line_what_it_is() -> None:
    plan = planned(small_planner())
    assert re.fullmatch(
        r"Plan\(12 rounds of 3 from 2022-07-15 00:00 UTC, [\d,.]+ g planned, optimal by \w+, "
        r"no shortfall\)",
        repr(plan),
    )


def test_the_time_between_rounds_may_be_text() -> None:
    text: Any = "1h30m"
    assert small_planner(every=text).every == timedelta(minutes=90)
