"""The sentences, the pictures and the page of a sweep."""

import csv
import io
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from lowcarb import Planner
from lowcarb.replay import Disruptions, Sweep, starts_within, sweep
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import series
from lowcarb.report.sweep.html import sweep_to_html
from lowcarb.report.sweep.pictures import pictures_of
from lowcarb.report.sweep.verdict import front, notes, prices, unproven, verdict
from lowcarb_solvers import Cbc, Greedy
from tests.helpers.html_pages import read_page
from tests.helpers.recorded_days import RECORDING, fleet

PLANNER = Planner(fleet=fleet(8), cohort_size=2, rounds=4)


def swept(starts: int = 2, **options: Any) -> Sweep:
    given: dict[str, Any] = {"min_shares": ["0", "1"], "cohort_sizes": [2, 4], **options}
    planner = given.pop("planner", PLANNER)
    return sweep(planner, RECORDING, starts_within(RECORDING, PLANNER, starts), **given)


@pytest.fixture(scope="module")
def found() -> Sweep:
    return swept()


@pytest.fixture(scope="module")
def pictures(found: Sweep) -> list[Picture]:
    return list(pictures_of(found))


def test_the_page_needs_nothing_else_and_says_everything(
    found: Sweep, pictures: list[Picture]
) -> None:
    page = read_page(sweep_to_html(found, pictures))
    assert [picture.name for picture in pictures] == ["trade_off", "front"]
    assert page.images == [picture.alt for picture in pictures for _ in range(2)]
    assert len(page.scripts) == 1
    for words in (
        *(verdict(found), *prices(found), *front(found)),
        *("Saved at each point", "Fairness at each point", "Cohort size", "Min share"),
        *("Lowcarb's plan, by an integer linear program", "Signal and accounting"),
        *("On the front", "At each point, from each start, the rounds are played"),
    ):
        assert words in page.text, words
    page = read_page(sweep_to_html(found, []))
    links = dict(zip(page.downloads, page.links, strict=True))
    content = unquote(links["saved-at-each-point.csv"]).partition(",")[2].removeprefix("\ufeff")
    head, *rows = csv.reader(io.StringIO(content))
    assert head[:2] == ["Cohort size", "Min share"]
    assert [row[:2] for row in rows] == [["2", "0.0"], ["2", "1.0"], ["4", "0.0"], ["4", "1.0"]]
    ilp = found.points[0].comparison.summaries["ilp"]
    assert float(rows[0][head.index("Saved (kg)")]) == ilp.saved_g / 1000


def test_pictures_show_the_figures_of_the_points(found: Sweep, pictures: list[Picture]) -> None:
    frame = found.to_frame()
    lines, spots = (list(csv.DictReader(io.StringIO(one.csv()))) for one in pictures)
    assert [row["line"] for row in lines] == ["cohort size 2"] * 2 + ["cohort size 4"] * 2
    for row, figures in zip(lines, frame.to_dict("records"), strict=True):
        assert float(row["min_share"]) == figures["min_share"]
        assert float(row["saved_pct"]) == pytest.approx(figures["saved_vs_random_pct"], abs=1e-3)
        assert float(row["low_pct"]) == pytest.approx(figures["saved_vs_random_pct_low"], abs=1e-3)
    for row, figures in zip(spots, frame.to_dict("records"), strict=True):
        assert float(row["g_per_turn"]) == pytest.approx(figures["emissions_g_per_seat"], abs=1e-3)
        assert row["front"] == str(figures["front"])
    titles = read_page(sweep_to_html(found, pictures)).titles
    one = frame.iloc[0]
    told = f"cohort size 2, min share 0: {one['saved_vs_random_pct']:.1f}% ("
    assert any(title.startswith(told) for title in titles)
    for picture in pictures:
        assert picture.bytes("png").startswith(b"\x89PNG")


def test_lines_run_along_cohort_sizes_where_there_is_one_share() -> None:
    found = swept(min_shares=["0.5"], cohort_sizes=[4, 2, 3], starts=1)
    trade_off, _ = pictures_of(found)
    rows = list(csv.DictReader(io.StringIO(trade_off.csv())))
    assert [(row["line"], row["cohort_size"]) for row in rows] == [
        ("min share 0.5", size) for size in ("2", "3", "4")
    ]
    assert {row["low_pct"] for row in rows} == {""}  # one start says nothing of others
    assert "cohort size 2 to 4 takes emissions from" in prices(found)[0]


def test_one_point_reads_well_too() -> None:
    found = swept(min_shares=["0.5"], cohort_sizes=[8], starts=1)
    assert verdict(found) == (
        "With every floor met, ilp emitted as much as random cohorts at cohort size 8, "
        "min share 0.5."
    )
    assert prices(found) == []
    assert front(found)[0] == "On the front: 1 of 1 point, (cohort size 8, min share 0.5)."
    page = read_page(sweep_to_html(found, list(pictures_of(found))))
    assert len(page.images) == 4


@pytest.mark.slow
def test_floors_that_are_missed_are_no_saving() -> None:
    online = np.ones((8, 4), dtype=bool)
    online[3] = False
    away = Disruptions(online=online, announced=True)
    some = swept(disruptions=away)
    assert verdict(some).startswith(
        "With floors missed and seats left empty at 2 points, NOT COMPARABLE and left out here, "
    )
    assert "min share 1" not in verdict(some)
    every = swept(disruptions=away, min_shares=["1"])
    assert verdict(every).startswith("With floors missed and seats left empty at all points, NOT ")
    assert front(every) == ["No point meets all floors: none is on the front."]
    assert read_page(sweep_to_html(every, list(pictures_of(every)))).images


def test_plans_that_are_not_proven_are_said_with_their_points() -> None:
    hurried = Planner(
        fleet=fleet(8), cohort_size=2, rounds=4, solvers=(Greedy(), Cbc(time_limit=1e-6))
    )
    found = swept(planner=hurried, min_shares=["0.5"], cohort_sizes=[4], oracle=False)
    (sentence,) = unproven(found)
    assert sentence.startswith("ilp: ")
    assert (
        "not proven optimal, as when the time limit is hit, at (cohort size 4, min share 0.5)"
        in (sentence)
    )
    assert sentence in notes(found)


def test_lines_look_different() -> None:
    looks = [series(k) for k in range(36)]
    assert len({(look.colour, look.marker) for look in looks}) == 36
    assert len({look.colour for look in looks[:6]}) == 6
