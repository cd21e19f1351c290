"""The page and the pictures of comparisons of ways to choose hours."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from lowcarb import Fairness, Planner
from lowcarb._util.text import kilograms
from lowcarb.planning.slot_policies import AT_ONCE, slot_policies
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.planning.wording import ABOUT_EMPTY, ABOUT_MARKED
from lowcarb.replay import HoursAfter, HoursComparison, compare_hours
from lowcarb.report.comparison.hours_as_json import hours_to_dict
from lowcarb.report.comparison.hours_html import hours_to_html
from lowcarb.report.comparison.hours_pictures import pictures_of_hours
from lowcarb.report.comparison.hours_verdict import about_intervals, heading, saved, verdict
from lowcarb.report.comparison.savings import kg_between
from lowcarb.report.pictures.picture import Picture
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.html_pages import read_page
from tests.helpers.recorded_days import RECORDING, fleet

SOLVERS = (Greedy(),)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STARTS = [START, START + DAY, START + 2 * DAY]


@cache
def found(
    *hours: int, names: tuple[str, ...] = ("ilp",), starts: int = 3, min_rounds: int = 0
) -> list[HoursComparison]:
    planner = Planner(
        fleet=fleet(6),
        cohort_size=2,
        rounds=3,
        fairness=Fairness(min_rounds=min_rounds),
        solvers=SOLVERS,
    )
    every = slot_policies(SOLVERS)
    return [
        compare_hours(
            planner,
            RECORDING,
            STARTS[:starts],
            {name: every[name] for name in (AT_ONCE, *names)},
            HoursAfter(within=hour * HOUR, open_hours="06:00-20:00 UTC", longest_pause="9h"),
            oracle=SlotSearch(solvers=SOLVERS),
        )
        for hour in hours
    ]


@cache
def pictures(*hours: int) -> dict[str, Picture]:
    return {one.name: one for one in pictures_of_hours(found(*hours))}


def test_the_page_says_first_what_choosing_the_hours_saved() -> None:
    page = read_page(hours_to_html(found(12), []))
    (one,) = found(12)
    ilp = one.summaries["ilp"]
    low, high = one.intervals["ilp"].saved or (0, 0)
    first = page.text.index("With 12 h until the deadline, choosing the hours (ilp) saved ")
    assert f"({100 * ilp.saved:.1f}%, 95% {100 * low:.1f} to {100 * high:.1f}%)" in page.text
    assert "against rounds at once, with no floors set: " in page.text
    assert first < page.text.index("How these figures came about")
    for words in (
        "3 rounds of 2 within 12 h, open 06:00-20:00 UTC, pauses of 9 h at most",
        *("Perfect foresight (hindsight), the most", "each round begins as soon as it may"),
        *("Random cohorts at once", "Saved against the same rounds at once", "From each start"),
        "Starts do not overlap.",
    ):
        assert words in page.text, words
    assert "Deadline" not in page.text


def test_several_deadlines_are_told_apart() -> None:
    page = read_page(hours_to_html(found(9, 36), []))
    assert "With 9 h until the deadline, choosing the hours (ilp) " in page.text
    assert "within 9 h or 1 d 12 h" in page.text
    assert "Deadline" in page.text
    assert heading(found(9, 36))[1].endswith("; 2 of them independent")
    assert about_intervals(found(9, 36)).startswith("Within 9 h: 95% intervals are of means over 3")
    assert "Within 1 d 12 h: " in about_intervals(found(9, 36))


def test_sentences_of_each_deadline_stand_together() -> None:
    short, long = found(9, 36)
    told = [
        verdict(long),
        f"that within 1 d 12 h is {kg_between(long.intervals['ilp'].saved_g)} a training.",
        f"1 d 12 h, the most that could have been saved: {kilograms(_limit(long))}, ",
        verdict(short),
        f"that within 9 h is {kg_between(short.intervals['ilp'].saved_g)} a training.",
        f"9 h, the most that could have been saved: {kilograms(_limit(short))}, ",
    ]
    text = read_page(hours_to_html([short, long], [])).text
    places = [text.index(sentence) for sentence in told]
    assert places == sorted(places)
    assert "95% interval of that is " in saved([long])[0]


def _limit(one: HoursComparison) -> float:
    return one.summaries["oracle"].saved_g


def test_savings_beside_missed_floors_are_marked() -> None:
    short = found(12, min_rounds=2)
    (one,) = short
    assert not any(row.comparable for row in one.summaries.values())
    page = read_page(hours_to_html(short, []))
    assert f"{ABOUT_MARKED}." in page.text
    assert "! " in page.text
    # Of 3 starts with 6 seats each for 6 clients that want 2 turns.
    assert "NOT COMPARABLE: 18 owed turns missing (" in verdict(one)
    assert "% of what perfect foresight saves" not in verdict(one)
    policies = hours_to_dict(short)["deadlines"][0]["policies"]
    assert {row["comparable"] for row in policies.values()} == {False}


@pytest.mark.parametrize(
    ("title", "marks"),
    [("Saved against the same rounds at once", 3), ("Emissions, rounds and hours", 1)],
)
def test_all_savings_of_a_row_are_marked(title: str, marks: int) -> None:
    page = hours_to_html(found(12, min_rounds=2), [])
    shown = page.partition(f"<h2>{title}</h2>")[2].partition("</table>")[0]
    assert f"{ABOUT_MARKED}." in shown
    (row,) = (one for one in shown.split("<tr>") if ">ilp<" in one)
    assert row.count(">! ") == marks


def test_turns_that_rounds_at_once_took_and_others_did_not_are_no_saving() -> None:
    (one,) = found(12)
    first, *others = one.runs["ilp"]
    fewer = replace(first, cohorts=(*first.cohorts[:-1], first.cohorts[-1][:1]))
    short = replace(one, runs={**one.runs, "ilp": (fewer, *others)})
    assert (short.summaries["ilp"].left_empty, short.summaries["ilp"].comparable) == (1, False)
    assert short.summaries[AT_ONCE].comparable
    assert "NOT COMPARABLE: 1 seat left empty that rounds at once would fill" in verdict(short)
    page = hours_to_html([short], [])
    assert page.count(f"{ABOUT_EMPTY}.") == 3
    starts = page.partition("<h2>From each start</h2>")[2].partition("</table>")[0]
    assert starts.count(">! ") == 2


def test_where_floors_are_met_nothing_is_marked() -> None:
    (one,) = found(12)
    assert all(row.comparable for row in one.summaries.values())
    assert ABOUT_MARKED not in hours_to_html([one], [])


@pytest.mark.parametrize(
    ("names", "who"),
    [((), "perfect foresight (hindsight) "), (("threshold",), "choosing the hours (threshold) ")],
)
def test_whoever_plays_it_is_said_who_saved(names: tuple[str, ...], who: str) -> None:
    (one,) = found(12, names=names, starts=1)
    assert who in verdict(one)
    assert saved([one]) or not names
    assert who in read_page(hours_to_html([one], [])).text
    assert one.subject in pictures_of_hours([one])[0].caption


def test_one_start_has_no_intervals() -> None:
    (one,) = found(12, starts=1)
    assert "95%" not in verdict(one)
    assert about_intervals([one]).startswith("One start: ")


def test_the_chosen_slots_are_those_of_the_named_start() -> None:
    picture = pictures(12)["slots"]
    (one,) = found(12)
    run = one.runs["ilp"][1]
    assert "ilp, from 2022-07-16 00:00 UTC, 12 h until the deadline" in picture.caption
    chosen = [row for row in picture.rows if row[3]]
    assert [row[0] for row in chosen] == [f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in run.starts]
    energy = one.planner.fleet.energy_kwh
    for row, cohort, grams in zip(chosen, run.cohorts, run.realised_g_by_round, strict=True):
        assert row[4] == pytest.approx(grams / energy[cohort].sum(), abs=1e-3)


def test_a_row_of_the_picture_by_policy_is_a_start() -> None:
    picture = pictures(12)["by_policy"]
    (one,) = found(12)
    assert picture.columns == ["start", "at-once_g", "ilp_g", "oracle_g"]
    for k, (start, *grams) in enumerate(picture.rows):
        assert start == f"{STARTS[k]:%Y-%m-%dT%H:%M:%SZ}"
        assert grams == [round(runs[k].realised_g, 3) for runs in one.runs.values()]
    assert "over 3 starts: at-once " in picture.alt


def test_emissions_by_deadline_are_drawn_where_there_are_several() -> None:
    names = ["slots", "by_policy", "by_deadline", "working", "turns", "planned", "forecast_error"]
    assert list(pictures(9, 36)) == names
    assert "by_deadline" not in pictures(12)


@pytest.mark.slow
def test_each_picture_is_on_the_page_with_its_words() -> None:
    drawn = pictures(9, 36)
    page = read_page(hours_to_html(found(9, 36), list(drawn.values())))
    assert page.images == [one.alt for one in drawn.values() for _ in range(2)]
    for one in drawn.values():
        assert one.caption in page.text
        assert f"{one.name}.csv" in page.downloads
