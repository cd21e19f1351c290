"""Policies that are in no table: in text, JSON, page and pictures, and split against the oracle."""

import csv
import io
import json
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
from rich.console import Console

from lowcarb import Fairness, InputError, Planner
from lowcarb.cli.compare_text import render
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import POLICIES, Choice, Planned, Policy, Random
from lowcarb.planning.policy_looks import LOOKS, policy_looks
from lowcarb.replay import Comparison, Disruptions, compare, gap_to_oracle
from lowcarb.replay.names import ORACLE
from lowcarb.report.comparison.html import comparison_to_html
from lowcarb.report.comparison.pictures import pictures_of
from lowcarb.report.comparison.verdict import verdict
from lowcarb.report.pictures.style import WIDTH, looks_of, styled
from lowcarb_solvers import Greedy, Problem
from tests.helpers.data import START
from tests.helpers.params import first_fast
from tests.helpers.recorded_days import RECORDING, fleet

ROUNDS, SEATS = 6, 4
MARKUP = "<b>[red]mine"


def lightest(problem: Problem, _: CandidateView) -> Choice:
    """Fill all seats with those whose work burns least."""
    order = np.argsort(problem.weight, kind="stable")
    return Choice(cohort=np.sort(order[: problem.cohort_size[0]]), by="lightest")


def half(problem: Problem, view: CandidateView) -> Choice:
    """Leave half of the seats empty."""
    choice = lightest(problem, view)
    return Choice(cohort=choice.cohort[: SEATS // 2], by="half")


def nobody(_: Problem, __: CandidateView) -> Choice:
    return Choice(cohort=np.zeros(0, dtype=np.int64), by="nobody")


def careful(problem: Problem, _: CandidateView) -> Choice:
    """Plan, as a function of one's own."""
    return Planned((Greedy("regret"),))(problem)


def played(
    policies: Mapping[str, Policy], *, oracle: bool = True, split: bool = False, seeds: int = 2
) -> Comparison:
    planner = Planner(
        fleet=fleet(12), cohort_size=SEATS, rounds=ROUNDS, fairness=Fairness(min_rounds=1)
    )
    limit = Planned() if oracle else None
    return compare(planner, RECORDING, [START], policies, seeds=seeds, oracle=limit, split=split)


def printed(found: Comparison, **options: Any) -> str:
    stream = io.StringIO()
    render(found, gap_to_oracle(found), Console(file=stream, width=80, **options))
    return stream.getvalue()


def everything(found: Comparison) -> tuple[str, str]:
    """Text and page, after every picture and the JSON were made."""
    gap = gap_to_oracle(found)
    pictures = list(pictures_of(found, gap))
    for picture in pictures:
        assert picture.bytes("svg").startswith(b"<?xml")
        assert picture.bytes("png").startswith(b"\x89PNG")
    for picture in pictures[:3:2]:
        content = list(csv.reader(io.StringIO(picture.csv())))
        words = {word for row in content for word in row}
        assert {f"{name}_g" for name in found.runs} <= words or set(found.runs) <= words
    content = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(content["policies"]) == list(content["timing"]) == list(found.runs)
    return printed(found), comparison_to_html(found, gap, pictures)


@pytest.mark.parametrize(
    ("policies", "shown"),
    first_fast(
        [
            ({MARKUP: lightest, "_hidden $x^": careful}, MARKUP),
            ({"mine": lightest}, "mine"),
            ({"mine": lightest, "random": POLICIES["random"], "other": careful}, "mine"),
            ({"a: b": lightest, "L" * 300: lightest, "\u0416" * 90: half}, "a: b"),
        ],
        1,
    ),
)
def test_it_is_printed_reported_and_drawn(policies: Mapping[str, Policy], shown: str) -> None:
    found = played(policies, split=True)
    text, page = everything(found)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count(shown) >= 3
    assert "<b>" not in page
    assert "[red]mine" not in page or "&lt;b&gt;[red]mine" in page
    for name, summary in found.summaries.items():
        # A table's line begins with the name and ends in figures, which are never cut off.
        begin = name[:8]
        line = next(line for line in text.splitlines() if line.startswith(begin) and "%" in line)
        assert line.rstrip().endswith(f"{summary.jain:.3f}"), line
        lines = [line for line in text.splitlines() if line.startswith(begin)]
        assert any(one.rstrip().endswith(f"{summary.seconds_p95:.3f}") for one in lines)


@pytest.mark.parametrize("markup", [True, False])
def test_markup_in_a_name_is_text_on_every_console(markup: bool) -> None:
    text = printed(played({MARKUP: lightest}), markup=markup, highlight=False)
    assert text.count(MARKUP) == 5
    assert ":smile:" in printed(played({":smile:": lightest}), markup=markup)


def test_every_policy_has_a_look_and_no_two_look_alike() -> None:
    assert set(LOOKS) == {*POLICIES, ORACLE}
    own = [f"mine {k}" for k in range(60)]
    looks = looks_of([*LOOKS, *own])
    for (one, a), (other, b) in combinations(looks.items(), 2):
        assert (a.colour, a.line, a.marker) != (b.colour, b.line, b.marker), (one, other)
        if {one, other} <= {*own[:4], *LOOKS}:
            assert a.colour != b.colour
            assert a.marker != b.marker
    assert all(name.split(":")[0] == key for key, name in labels().items())
    assert policy_looks(own)["mine 3"].label == "mine 3"


def test_dollars_in_names_are_no_formulas() -> None:
    found = played({"a $x_{$ b": lightest}, oracle=False)
    dollars = 0
    for picture in pictures_of(found, None):
        with styled():
            figure = picture.draw(WIDTH)
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            assert not text.get_parse_math() or "$" not in text.get_text()
            dollars += "$" in text.get_text()
    assert dollars


def labels() -> dict[str, str]:
    return {name: look.label for name, look in LOOKS.items()}


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "\x1b[31mred", "\ud800", 3])
def test_names_must_be_a_line_of_text(name: str) -> None:
    with pytest.raises(InputError, match="policies: expected names on one line"):
        played({name: lightest})


def test_the_oracles_name_is_taken_and_somebody_must_play() -> None:
    with pytest.raises(InputError, match="'oracle' is the name of the limit"):
        played({"oracle": lightest})
    with pytest.raises(InputError, match="expected at least one, got none"):
        played({})


def test_random_under_another_name_is_summed_up_over_its_seeds() -> None:
    found = played({"dice": Random(), "random": Random()}, oracle=False, seeds=3)
    dice, random = found.summaries["dice"], found.summaries["random"]
    assert len(found.runs["dice"]) == 3
    assert (dice.spread, dice.saved) == (random.spread, random.saved)
    assert dice.spread > 0


def test_a_policy_that_plans_is_split_whatever_it_is_called() -> None:
    found = played({"dull": lightest, "careful": careful, "late": careful}, split=True)
    gap = gap_to_oracle(found)
    assert gap is not None
    assert gap.policy == "careful"
    mine, oracle = found.summaries["careful"].realised_g, found.summaries["oracle"].realised_g
    assert gap.distance_g == pytest.approx(mine - oracle)
    assert gap.forecast_g + gap.planning_g == pytest.approx(gap.distance_g)
    assert sum(gap.by_region.values()) == pytest.approx(gap.distance_g)
    assert found.not_split is None
    pictures = {picture.name: picture for picture in pictures_of(found, gap)}
    assert pictures["remaining"].caption.startswith("What careful emitted more than the oracle")
    # ilp comes first where it plays, and is then what it was.
    both = played({"careful": careful, "ilp": POLICIES["ilp"]}, split=True)
    assert {run.policy for run in both.clairvoyant} == {"ilp"}


def test_a_clairvoyant_policy_plays_itself_unless_it_plans_as_the_oracle_does() -> None:
    def backwards(problem: Problem, view: CandidateView) -> Choice:
        """Plan, but take the dearest of those who may come."""
        choice = careful(problem, view)
        order = np.argsort(-problem.costs(slice(None), 0), kind="stable")
        return Choice(cohort=np.sort(order[:SEATS]), by="backwards", solution=choice.solution)

    found = played({"ilp": backwards}, split=True)
    known, best = found.clairvoyant[0].realised_g, found.summaries["oracle"].realised_g
    assert known > 1.2 * best


@pytest.mark.parametrize(
    ("oracle", "why"), [(True, "no policy made a plan in every round"), (False, "no oracle")]
)
def test_what_cannot_be_split_is_said(oracle: bool, why: str) -> None:
    found = played({"mine": lightest}, oracle=oracle, split=True)
    assert gap_to_oracle(found) is None
    text = " ".join(printed(found).split())
    assert f"What is left to the limit is not split: {'' if oracle else 'there is '}{why}." in text
    assert "not split" not in printed(played({"mine": lightest}, oracle=oracle))


@pytest.mark.slow
def test_empty_seats_are_said_and_compared_by_the_seat() -> None:
    found = played({"whole": lightest, "half": half})
    whole, part = found.summaries["whole"], found.summaries["half"]
    run = found.runs["half"][0]
    assert (part.empty_seats, part.left_empty) == (ROUNDS * 2, ROUNDS * 2)
    assert part.realised_g == pytest.approx(run.realised_g)
    assert part.realised_g_per_seat == pytest.approx(run.realised_g / (ROUNDS * 2))
    random_seat = found.expected_g / (ROUNDS * SEATS)
    assert part.saved == pytest.approx(1 - run.realised_g / (ROUNDS * 2) / random_seat)
    assert part.saved < 1 - part.realised_g / found.expected_g
    oracle = found.summaries["oracle"]
    assert part.share_of_oracle == pytest.approx(part.saved / oracle.saved)
    # Those who fill every seat are compared in total, as ever.
    assert whole.saved == 1 - found.runs["whole"][0].realised_g / found.expected_g
    assert whole.left_empty == 0
    content = found.to_dict()["policies"]
    assert content["half"]["left_empty_seats"] == ROUNDS * 2
    assert content["half"]["emissions_g_per_seat"] == part.realised_g_per_seat
    assert "left_empty_seats" not in content["whole"]
    text, page = everything(found)
    said = f"half left {ROUNDS * 2} seats empty, over all starts; each filled seat emitted "
    assert said in " ".join(text.split())
    assert page.count(said) == 3  # beside the table and under both pictures of totals
    assert "a seat" not in verdict(found)
    assert "than random cohorts a seat" in verdict(played({"half": half}))
    assert "regret a seat" in verdict(played({"ilp": half, "regret": careful}))


def test_seats_for_which_nobody_is_there_are_nobodys_fault() -> None:
    planner = Planner(
        fleet=fleet(12), cohort_size=SEATS, rounds=ROUNDS, fairness=Fairness(min_rounds=0)
    )
    # Two clients are there in the first round, all in the others.
    online = np.ones((12, ROUNDS), dtype=np.bool_)
    online[2:, 0] = False
    cheapest = {"cheapest": POLICIES["cheapest"]}
    found = compare(planner, RECORDING, [START], cheapest, disruptions=Disruptions(online=online))
    summary = found.summaries["cheapest"]
    assert (summary.empty_seats, summary.left_empty) == (SEATS - 2, 0)
    assert summary.saved == 1 - summary.realised_g / found.expected_g


@pytest.mark.slow
def test_a_policy_that_asks_nobody_saves_nothing() -> None:
    found = played({"nobody": nobody})
    summary = found.summaries["nobody"]
    assert (summary.realised_g, summary.realised_g_per_seat, summary.saved) == (0, None, 0)
    text, _ = everything(found)
    assert "no seat was filled." in " ".join(text.split())


def test_a_comparison_says_itself_in_a_line_and_in_a_frame() -> None:
    found = played({"mine": lightest, "L" * 300: half, "ilp": careful})
    saved = found.summaries["ilp"].saved
    assert repr(found) == (
        f"Comparison(4 policies, 1 start of {ROUNDS} rounds of {SEATS}, ilp {saved:.1%} below "
        "random)"
    )
    assert len(repr(played({"L" * 300: half}))) <= 200
    assert "a seat" in repr(played({"L" * 300: half}))
    for runs in found.runs.values():
        assert len(repr(runs[0])) <= 200
    assert repr(found.runs["mine"][0]).startswith("Run(mine from 2022-")
    frame = found.to_frame()
    assert frame["policy"].tolist() == list(found.runs)
    row = frame.set_index("policy").loc["mine"]
    assert row["realised_g"] == found.summaries["mine"].realised_g
    assert row["left_empty"] == 0
