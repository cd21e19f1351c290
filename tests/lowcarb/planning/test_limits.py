"""Limits as people write them: what they mean for a fleet, and what is said of wrong ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import UNSET
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.limit_text import read_limit
from lowcarb.planning.limits import Past, after, limits_of
from lowcarb_solvers import LimitedProblem, Limits, Problem, Rule, solve_limited

ROUNDS = 3
FLEET = Fleet(
    clients=["a", "b", "c", "d"],
    regions=["DE", "South West"],
    region=np.array([0, 0, 1, 1]),
    energy_kwh=np.array([0.1, 0.2, 0.3, 0.4]),
    duration_s=np.full(4, 600.0),
    min_rounds=np.full(4, UNSET),
    max_rounds=np.full(4, UNSET),
    attributes={
        "samples": np.array([100.0, 200.0, 300.0, 400.0]),
        "group": ["hospital", "hospital", "practice", ""],
        "attr:site hall": ["x", "y", "x", "y"],
    },
)


def parsed(*texts: str) -> Limits:
    return limits_of([read_limit(text) for text in texts], FLEET, rounds=ROUNDS)


def rules(*texts: str) -> dict[str, Rule]:
    return {rule.name: rule for rule in parsed(*texts).rules}


def only(text: str) -> Rule:
    (rule,) = rules(text).values()
    return rule


def test_a_column_of_names_is_a_rule_for_each_name() -> None:
    found = rules("region <= 4")
    assert list(found) == ["region=DE <= 4", "region=South West <= 4"]
    rule = found["region=South West <= 4"]
    assert rule.clients is not None
    assert rule.clients.tolist() == [False, False, True, True]
    assert (rule.unit, rule.whole, rule.at_most.tolist()) == ("clients", False, [4, 4, 4])
    assert np.isneginf(rule.at_least).all()


def test_a_blank_name_is_no_group() -> None:
    assert list(rules("group >= 1")) == ["group=hospital >= 1", "group=practice >= 1"]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("group=hospital >= 2", [True, True, False, False]),
        ("region=South West>=2", [False, False, True, True]),
        ("  attr:site hall = x  >=  2 ", [True, False, True, False]),
    ],
)
def test_one_name(text: str, members: list[bool]) -> None:
    rule = only(text)
    assert rule.clients is not None
    assert rule.clients.tolist() == members
    assert rule.at_least.tolist() == [2, 2, 2]


def test_exactly_so_many() -> None:
    for sign in ("=", "=="):
        rule = only(f"group=hospital {sign} 1")
        assert rule.at_least.tolist() == rule.at_most.tolist() == [1, 1, 1]


def test_what_is_added_up() -> None:
    samples = only("samples >= 20000")
    assert samples.amount is not None
    assert samples.amount.tolist() == [100, 200, 300, 400]
    assert (samples.unit, samples.at_least.tolist()) == ("samples", [20_000] * 3)
    energy = only("kWh region=DE <= 0.3")
    assert energy.amount is FLEET.energy_kwh
    assert energy.clients is not None
    assert energy.clients.tolist() == [True, True, False, False]
    assert (energy.name, energy.unit) == ("kwh region=DE <= 0.3", "kWh")


def test_kilograms_are_grams() -> None:
    rule = only("kg <= 3")
    assert (rule.costs, rule.unit, rule.at_most.tolist()) == (True, "g", [3_000] * 3)


def test_of_the_whole_horizon() -> None:
    budget = only("kg <= 3 in all")
    assert (budget.whole, budget.at_most.tolist()) == (True, [3_000])
    turns = only("group=hospital >= 2  in  all")
    assert (turns.whole, turns.unit, turns.at_least.tolist()) == (True, "turns", [2])


def test_rest() -> None:
    limits = parsed("rest >= 2")
    assert limits.rest is not None
    assert limits.rest.tolist() == [2, 2, 2, 2]
    past = Past(done={}, rested=np.array([0, 1, 2, 3]))
    assert after(limits, past).rested is past.rested
    assert after(parsed(), past).rested is None


def test_what_is_over_is_gone_from_limits_of_the_whole_horizon() -> None:
    limits = parsed("kg <= 3 in all", "group=hospital >= 2 in all", "samples >= 400")
    done = {"kg <= 3 in all": 1_000.0, "group=hospital >= 2 in all": 1.0, "samples >= 400": 9.0}
    left = {rule.name: rule for rule in after(limits, Past(done=done)).rules}
    assert left["kg <= 3 in all"].at_most.tolist() == [2_000]
    assert left["group=hospital >= 2 in all"].at_least.tolist() == [1]
    assert left["samples >= 400"].at_least.tolist() == [400] * ROUNDS
    (over,) = after(parsed("kg = 3 in all"), Past(done={"kg = 3 in all": 4_000.0})).rules
    assert (over.at_least[0] <= 0, over.at_most.tolist()) == (True, [0])


@pytest.mark.parametrize(
    ("text", "cohort", "rounds", "low", "high"),
    [
        ("group=hospital >= 30% in all", 7, 10, 21, np.inf),
        # 0.29 of 100 is 28.999... as a float.
        ("group=hospital >= 29% in all", 10, 10, 29, np.inf),
        ("group=hospital <= 29 % in all", 10, 10, -np.inf, 29),
        ("group=hospital >= 33.3%", 10, 99, 4, np.inf),
        ("group=hospital ≤ 33.3%", 10, 99, -np.inf, 3),
        ("group=hospital = 50%", 8, 3, 4, 4),
        ("group=hospital = 0%", 8, 3, 0, 0),
        ("group=hospital >= 100%", 8, 3, 8, np.inf),
    ],
)
def test_a_share_is_of_a_cohort_or_of_all_turns(
    text: str, cohort: int, rounds: int, low: float, high: float
) -> None:
    asked = AskedLimits.of([text])
    assert asked is not None
    (rule,) = asked.sized(cohort, rounds).rules(FLEET, 2).rules
    assert set(rule.at_least) == {low}
    assert set(rule.at_most) == {high}
    assert rule.name.partition("=hospital")[2].replace(" ", "") in text.replace(" ", "").replace(
        "≤", "<="
    )


def test_a_share_of_exactly_so_much_must_be_a_whole_number() -> None:
    asked = AskedLimits.of(["group=hospital = 33%"])
    assert asked is not None
    words = "expected a share that is a whole number of 10 seats, got 3.3; give a number, or two"
    with pytest.raises(InputError, match=words):
        asked.sized(10, 4)


def test_shares_of_what_is_not_known_yet_contradict_nothing() -> None:
    asked = AskedLimits.of(["group=hospital >= 30%", "group=hospital <= 2", "region <= 40%"])
    assert asked is not None
    asked.check_known(FLEET)
    asked.sized(5, 4).check(FLEET, 4)
    with pytest.raises(
        InputError, match=r"'group=hospital <= 2': contradicts 'group=hospital >= 3"
    ):
        asked.sized(10, 4).check(FLEET, 4)


def test_a_group_of_nobody_where_not_everyone_is_known() -> None:
    (rule,) = limits_of([read_limit("region=FR >= 1")], FLEET, rounds=ROUNDS, known=False).rules
    assert rule.clients is not None
    assert not rule.clients.any()


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        (("region=DE >= 3", "region=DE <= 2"), "region=DE <= 3"),
        (("samples <= 5", "samples >= 6"), "samples >= 5"),
        (("kg >= 3", "g <= 2000"), "g <= 3000"),
        (("region = 1", "region=DE >= 2"), "region=DE >= 1"),
        (("kwh <= 1 in all", "kwh >= 2 in all"), "kwh >= 1 in all"),
    ],
)
def test_limits_that_contradict_each_other(texts: tuple[str, str], right: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(*texts)
    assert caught.value.message == (
        f"limit {texts[1]!r}: contradicts {texts[0]!r}; leave out one of them, or bring them "
        f'together, for example "{right}"'
    )
    parsed(texts[0], right)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "limit '': expected WHAT <= NUMBER or WHAT >= NUMBER, for example \"region <= 4\""),
        ("region", "limit 'region': expected WHAT"),
        ("region < 4", "limit 'region < 4': expected WHAT"),
        ("region => 4", "limit 'region => 4': expected WHAT"),
        ("region <= four", "got 'four'; for example \"region <= 4\""),
        ("samples >= 20,000", "such as 20000 or 0.5, got '20,000'"),
        ("samples >= -1", "got '-1'"),
        ("samples >= inf", "got 'inf'"),
        ("region <= 2.5", "expected a whole number of clients, got 2.5; for example"),
        ("regoin <= 4", "got 'regoin'; known are region, group, attr:site hall, kwh, kg"),
        ("region=FR <= 4", "no client has region=FR; known are DE, South West"),
        ("value >= 4", "the clients have no column value"),
        ("samples=100 >= 4", "got 'samples'; known are region"),
        ("energy <= 2", "expected a unit, kwh, got 'energy'; for example \"kwh <= 2\""),
        ("CO2 <= 2", "expected a unit, kg or g, got 'CO2'; for example \"kg <= 2\""),
        ("rest >= 1.5", 'for example "rest >= 1"'),
        ("rest <= 1", 'for example "rest >= 1"'),
        ("rest >= 1e30", 'for example "rest >= 1"'),
        ("kg >= 1e308", "expected a smaller number"),
        ("rest >= 1 in all", 'for example "rest >= 1"'),
        ("rest >= 10%", "expected a share of clients, or of turns in all, from 0 to 100%"),
        ("samples >= 10 %", "expected a share of clients, or of turns in all, from 0 to 100%"),
        ("kg group=hospital <= 10%", 'for example "region <= 40%", "group=rural >= 30% in all"'),
        ("region <= 101%", "from 0 to 100%"),
        ("region <= -1%", "got '-1'"),
        ("region <= %", "expected WHAT <= NUMBER"),
        ("region <= 10 % 5", "expected WHAT <= NUMBER"),
    ],
)
def test_wrong_limits_are_quoted_with_a_right_one(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(text)
    assert message in caught.value.message
    assert repr(text) in caught.value.message
    assert caught.value.field == "limit"


_WORDS = st.sampled_from(
    [
        "region",
        "=",
        "<=",
        "≥",
        "%",
        "DE",
        "kg",
        "in all",
        "group",
        "samples",
        "rest",
        "2",
        "-1",
        "1e9",
    ]
)


@given(st.one_of(st.text(), st.lists(_WORDS, max_size=7).map(" ".join)))
def test_whatever_is_typed_is_a_limit_or_is_quoted(text: str) -> None:
    said = repr(text)
    try:
        limits = parsed(text)
    except InputError as error:
        said = error.message
    else:
        assert limits.rules or limits.rest is not None
    assert repr(text) in said or repr(text.strip()) in said


@pytest.mark.parametrize("text", ["rest >= 1", "region <= 4", "kg <= 3"])
def test_no_limit_twice(text: str) -> None:
    with pytest.raises(InputError, match="expected"):
        parsed(text, text)


def test_two_rests_are_named_as_they_were_given() -> None:
    asked = AskedLimits.of(["rest >= 2"], rest=1)
    assert asked is not None
    with pytest.raises(InputError, match="got two, 'rest >= 2' and rest=1; leave out rest=1: who"):
        asked.check(FLEET, ROUNDS)
    again = AskedLimits.of(["kg <= 2 in all"], budget_kg=2)
    assert again is not None
    with pytest.raises(InputError, match="twice, as 'kg <= 2 in all' and budget_kg=2; leave out"):
        again.check(FLEET, ROUNDS)


def test_names_of_a_blank_column_are_a_mistake_only_where_everyone_is_known() -> None:
    blank = replace(FLEET, attributes={**FLEET.attributes, "group": [""] * 4})
    for text in ("group=practice >= 1", "group >= 1", "kwh group=practice <= 1"):
        limit = read_limit(text)
        with pytest.raises(InputError, match="no client has a group: it is blank for all of them"):
            limits_of([limit], blank, rounds=ROUNDS)
        assert len(limits_of([limit], blank, rounds=ROUNDS, known=False).rules) <= 1


def test_limits_of_a_fleet_are_kept_by_a_plan() -> None:
    problem = Problem.from_costs(FLEET.energy_kwh[:, None] * np.ones(ROUNDS), 2, elastic=True)
    texts = ["group=practice >= 1", "samples >= 400", "kwh <= 0.5", "region <= 1"]
    limits = parsed(*texts)
    solution = solve_limited(LimitedProblem(problem=problem, limits=limits))
    assert solution.shortfalls == ()
    assert [cohort.tolist() for cohort in solution.cohorts] == [[0, 2]] * 3
