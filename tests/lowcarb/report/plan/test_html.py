"""The page of a plan, and what it says."""

from dataclasses import replace

import pytest

from lowcarb import Client, Fairness, Fleet, Forecast, Plan, Planner, Series
from lowcarb.carbon.provenance import Provenance
from lowcarb.report.plan.html import plan_to_html
from lowcarb.report.plan.pictures import pictures_of
from lowcarb_solvers import Greedy
from tests.helpers.data import START, invented_forecast, mixed_fleet
from tests.helpers.html_pages import read_page

FORECAST = invented_forecast(regions=6)
FLEET = mixed_fleet(sorted(FORECAST.series), clients=12)


def planned(rounds: int = 8, fleet: Fleet = FLEET, **fairness: int) -> Plan:
    planner = Planner(
        fleet=fleet,
        cohort_size=4,
        rounds=rounds,
        fairness=Fairness(**fairness),
        solvers=(Greedy(),),
    )
    return planner.plan(START, FORECAST)


def signalled(signal: str) -> Forecast:
    """Say of a forecast's first region which signal it is."""
    region, series = next(iter(FORECAST.series.items()))
    known = Provenance(provider="here", zone=region, signal=signal, accounting="direct")
    changed: dict[str, Series] = {**FORECAST.series, region: replace(series, provenance=known)}
    return replace(FORECAST, series=changed)


def test_it_says_what_the_plan_saves_and_by_which_intensities() -> None:
    plan = planned(min_rounds=1)
    page = read_page(plan_to_html(plan, signalled("marginal"), pictures_of(plan)))
    random = plan.baselines["random"].planned_g
    for part in (
        "With every floor met, the plan is expected to emit ",
        f"({100 * (1 - plan.planned_g / random):.1f}%) against random cohorts.",
        "Forecast: marginal intensities, direct; signal unknown, accounting unknown.",
        "Lowcarb's plan, by an integer linear program",
        "c000",
        "kWh in all",
    ):
        assert part in page.text, part
    assert len(page.images) == 4
    assert {"clients.csv", "rounds.csv", "working.csv", "turns.csv"} <= set(page.downloads)
    client = max(range(12), key=lambda i: plan.solution.turns[i])
    turns = plan.solution.turns[client]
    assert f"{FLEET.clients[client]}: {turns} turns, floor 1" in page.titles


def test_what_cannot_be_had_comes_first() -> None:
    plan = planned(min_rounds=5)
    page = read_page(plan_to_html(plan, FORECAST, []))
    assert "owed turns, which cannot be had, the plan is expected to emit" in page.text
    assert page.text.count("Not met: ") == len(plan.shortfalls)


def test_no_floors_are_not_called_met() -> None:
    plan = planned(min_rounds=0)
    assert "With no floors set, the plan" in plan_to_html(plan, FORECAST, [])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a&b \x1b[31m\u202e\0", "$x_{"])
def test_names_are_only_text(name: str) -> None:
    client = Client(name=name, region="R00", energy_kwh=0.1, duration=FLEET[0].duration)
    fleet = Fleet.from_clients([client, *(FLEET[i] for i in range(1, 6))])
    plan = planned(fleet=fleet)
    html = plan_to_html(plan, FORECAST, pictures_of(plan))
    page = read_page(html)
    assert "\x1b" not in html
    assert "\0" not in html
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    assert shown in page.text
    assert any(title.startswith(f"{shown}: ") for title in page.titles)


@pytest.mark.slow
def test_a_long_plan_of_many_clients_stays_small() -> None:
    forecast = invented_forecast(regions=26, hours=24 * 32)
    planner = Planner(
        fleet=mixed_fleet(sorted(forecast.series), clients=400),
        cohort_size=20,
        rounds=744,
        solvers=(Greedy(),),
    )
    plan = planner.plan(START, forecast)
    page = read_page(plan_to_html(plan, forecast, pictures_of(plan)))
    assert "... and 444 more rows" in page.text
