"""What a page shows of chosen hours."""

from datetime import timedelta
from functools import cache

from lowcarb import Plan, Planner
from lowcarb.planning.hours import Hours
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.plan.html import plan_to_html
from lowcarb.report.plan.pictures import pictures_of
from tests.helpers.data import START, invented_forecast, mixed_fleet
from tests.helpers.html_pages import read_page

FORECAST = invented_forecast(regions=4)


@cache
def planned() -> Plan:
    planner = Planner(
        fleet=mixed_fleet(sorted(FORECAST.series), clients=8),
        cohort_size=3,
        rounds=6,
        hours=Hours(deadline=START + timedelta(hours=40), open_hours="08:00-20:00 Europe/Berlin"),
    )
    return planner.plan(START, FORECAST)


@cache
def pictures() -> dict[str, Picture]:
    return {one.name: one for one in pictures_of(planned())}


def test_the_page_says_what_at_once_would_emit() -> None:
    page = read_page(plan_to_html(planned(), FORECAST, []))
    for part in (
        "By 2022-07-16 16:00 UTC, open 08:00-20:00 Europe/Berlin: 6 of 22 slots",
        "At once, from 2022-07-15 06:00 to 2022-07-15 12:00 UTC, the rounds would emit",
        "Which slots the rounds take is chosen jointly with who takes part",
    ):
        assert part in page.text


def test_the_chosen_slots_are_those_of_the_plan() -> None:
    picture = pictures()["slots"]
    chosen = [row for row in picture.rows if row[3]]
    assert len(picture.rows) == 22
    assert [row[0] for row in chosen] == [
        f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in planned().starts
    ]
    assert "6 of 22 slots" in picture.alt
    assert picture.bytes("svg")


def test_less_time_never_emits_less() -> None:
    picture = pictures()["by_deadline"]
    hours, grams = zip(*picture.rows, strict=True)
    assert list(grams) == sorted(grams, reverse=True)
    assert list(hours) == sorted(hours)
    assert hours[0] == 6
    assert len(hours) >= 3
    assert picture.bytes("svg")


def test_between_the_windows_nobody_works() -> None:
    picture = pictures()["working"]
    night = [row for row in picture.rows if row[1] == "2022-07-15T18:00:00Z"]
    assert night
    assert all(row[3:] == [0, ""] for row in night)
