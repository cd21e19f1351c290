"""Limits as people write them: what they mean for a fleet, and what is said of wrong ones."""

from pathlib import Path

import numpy as np
import pytest

from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import UNSET
from lowcarb.planning.limits import parse_limits, read_limits
from lowcarb_solvers import LimitedProblem, Problem, Rule, Stage, solve_limited

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


def rules(*texts: str) -> dict[str, Rule]:
    return {rule.name: rule for rule in parse_limits(texts, FLEET, rounds=ROUNDS).rules}


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
    limits = parse_limits(["rest >= 2"], FLEET, rounds=ROUNDS, rested=np.array([0, 1, 2, 3]))
    assert limits.rest is not None
    assert limits.rested is not None
    assert limits.rest.tolist() == [2, 2, 2, 2]
    assert parse_limits([], FLEET, rounds=ROUNDS, rested=np.arange(4)).rested is None


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
        ("rest >= 1.5", 'for example "rest >= 1"'),
        ("rest <= 1", 'for example "rest >= 1"'),
        ("rest >= 1 in all", 'for example "rest >= 1"'),
    ],
)
def test_wrong_limits_are_quoted_with_a_right_one(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_limits([text], FLEET, rounds=ROUNDS)
    assert message in caught.value.message
    assert repr(text) in caught.value.message
    assert caught.value.field == "limit"


@pytest.mark.parametrize("text", ["rest >= 1", "region <= 4", "kg <= 3"])
def test_no_limit_twice(text: str) -> None:
    with pytest.raises(InputError, match="expected"):
        parse_limits([text, text], FLEET, rounds=ROUNDS)


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('limits = ["region <= 4", "rest >= 1"]\norder = ["caps", "seats"]\n')
    limits = read_limits(path, FLEET, rounds=ROUNDS)
    assert len(limits.rules) == 2
    assert limits.stages[:3] == (Stage.CAPS, Stage.SEATS, Stage.FLOORS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"limits = [", "expected TOML"),
        (b"\xff", "expected TOML"),
        (b'limit = ["region <= 4"]', "got limit = ['region <= 4']; for example limits ="),
        (b'limits = "region <= 4"', "lists of texts, got limits = 'region <= 4'"),
        (b"limits = [4]", "lists of texts, got limits = [4]"),
        (b'limits = ["region < 4"]', "limit 'region < 4': expected WHAT"),
        (b'order = ["cap"]', "got 'cap'; for example order ="),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "limits.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_limits(path, FLEET, rounds=ROUNDS)
    assert caught.value.file == str(path)
    assert message in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_limits(tmp_path / "none.toml", FLEET, rounds=ROUNDS)


def test_limits_of_a_fleet_are_kept_by_a_plan() -> None:
    problem = Problem.from_costs(FLEET.energy_kwh[:, None] * np.ones(ROUNDS), 2, elastic=True)
    texts = ["group=practice >= 1", "samples >= 400", "kwh <= 0.5", "region <= 1"]
    limits = parse_limits(texts, FLEET, rounds=ROUNDS)
    solution = solve_limited(LimitedProblem(problem=problem, limits=limits))
    assert solution.shortfalls == ()
    assert [cohort.tolist() for cohort in solution.cohorts] == [[0, 2]] * 3
