"""What turns are worth, and what may be paid for that."""

import re
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.planner import Planner
from lowcarb.planning.value import DEFAULT_MAX_EXTRA_CARBON, Value, not_beside
from tests.helpers.rosters import fleet

NAN = float("nan")


def view(
    losses: list[float],
    waited: list[float] | None = None,
    asked: list[bool] | None = None,
    **attributes: Any,
) -> CandidateView:
    """Some clients, all asked in the last round unless said otherwise."""
    n = len(losses)
    return CandidateView(
        names=[f"c{i}" for i in range(n)],
        regions=["DE"] * n,
        duration_s=np.full(n, 60.0),
        samples=np.full(n, NAN),
        last_loss=np.array(losses),
        waited=np.ones(n) if waited is None else np.array(waited),
        asked_before=np.ones(n, dtype=np.bool_) if asked is None else np.array(asked),
        attributes=attributes,
    )


def test_a_loss_counts_as_often_as_its_client_waited() -> None:
    found = Value(of="loss").of_clients(view([0.5, 2.0, 0.25], [4, 1, 8]))
    assert found.tolist() == [2, 2, 2]


def test_who_was_never_asked_may_have_the_highest_loss_and_who_is_silent_the_usual_one() -> None:
    losses, asked = [1.0, 5.0, 3.0, NAN, NAN], [True, True, True, False, True]
    assert Value(of="loss").of_clients(view(losses, asked=asked)).tolist() == [1, 5, 3, 5, 3]


def test_without_any_loss_those_count_who_waited() -> None:
    assert Value(of="loss").of_clients(view([NAN, NAN, NAN], [3, 1, 2])).tolist() == [3, 1, 2]


def test_an_infinite_loss_is_none() -> None:
    assert Value(of="loss").of_clients(view([float("inf"), 2.0])).tolist() == [2, 2]


def test_losses_may_be_negative() -> None:
    found = Value(of="loss").of_clients(view([-3.0, -1.0, 2.0], [1, 2, 1]))
    assert found.tolist() == [0, 4, 5]


def test_a_column_says_what_turns_are_worth() -> None:
    found = Value(of="column").of_clients(view([NAN] * 3, value=np.array([2.0, NAN, 4.0])))
    assert found.tolist() == [2, 3, 4]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="value: the clients have no column value"):
        Value(of="column").of_clients(view([1.0]))


def test_a_fleet_alone_has_waited_alike() -> None:
    found = Value(of="loss").of_clients(CandidateView.of_fleet(fleet("a", "b")))
    assert found.tolist() == [1, 1]
    assert isinstance(fleet("a"), Fleet)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"of": "luck"}, "value: expected loss or column, got 'luck'"),
        ({"price_g": -1}, "price_g: expected a number from 0 to 1e+15, got -1"),
        ({"price_g": NAN}, "price_g: expected a number from 0 to 1e+15, got nan"),
        ({"max_extra_carbon": True}, "max_extra_carbon: expected a number from 0 to 1e+15"),
        ({"max_extra_carbon": "5"}, "max_extra_carbon: expected a number from 0 to 1e+15, got '5'"),
        ({"later": 1.5}, "later: expected a number from 0 to 1, got 1.5"),
        ({"price_g": 1, "max_extra_carbon": 5}, "max_extra_carbon: price_g is given, too"),
    ],
)
def test_what_cannot_be_paid_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Value(**({"of": "loss"} | given))


def test_ten_percent_unless_said_otherwise() -> None:
    assert Value(of="loss").max_extra_carbon == DEFAULT_MAX_EXTRA_CARBON == 10
    assert Value(of="loss", price_g=2.0).max_extra_carbon is None


@pytest.mark.parametrize(("later", "share"), [(0.0, 1 / 4), (1.0, 1.0), (0.5, 1.875 / 4)])
def test_few_rounds_pay_their_own_share(later: float, share: float) -> None:
    value = Value(of="loss", max_extra_carbon=5, later=later)
    assert value.allowed_g(200.0, 4) == pytest.approx(0.05 * 200 * share)


def test_what_earlier_rounds_did_not_pay_is_saved_up_and_what_they_overpaid_is_missing() -> None:
    value = Value(of="loss", max_extra_carbon=10)
    # 100 and 50 g by carbon alone: 15 g might have been paid, 12 g were.
    assert value.saved_up([(110.0, 10.0), (52.0, 2.0)]) == pytest.approx(3)
    spent = Value(of="loss", max_extra_carbon=10, saved_up_g=-1000.0)
    assert spent.allowed_g(200.0, 4) == 0
    assert Value(of="loss", price_g=1.0).saved_up([(110.0, 10.0)]) == 0


def test_a_planner_takes_a_value_and_nothing_else() -> None:
    with pytest.raises(InputError, match="value: expected a Value"):
        Planner(fleet=fleet("a", "b"), cohort_size=1, rounds=2, value="loss")  # type: ignore[arg-type]


def test_beside_what_is_not_given_a_value_is_fine() -> None:
    not_beside(Value(of="loss"), hours=None)
    with pytest.raises(InputError, match="cannot be weighed beside hours yet; leave out one"):
        not_beside(Value(of="loss"), hours=3)


def test_a_plan_knows_no_losses() -> None:
    with pytest.raises(InputError, match=r"value: losses are returned in a training, .* Value\(of"):
        Planner(fleet=fleet("a", "b"), cohort_size=1, rounds=2, value=Value(of="loss"))


def test_values_of_a_column_stay_and_losses_do_not() -> None:
    assert Value(of="column").by_round(3).tolist() == [1, 1, 1]
    assert Value(of="loss").by_round(3).tolist() == [1, 0, 0]
