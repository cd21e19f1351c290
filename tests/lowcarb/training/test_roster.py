"""Who is who, who is here, and whom to trust with a turn."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowcarb import Client, Fairness, Fleet
from lowcarb.ledger.account import BookedRound, Member, Outcome, Turn
from lowcarb.providers.fallback import UNKNOWN
from lowcarb.training.candidates import DEFAULT_KWH, DEFAULT_S, MOST_REST, Candidates
from lowcarb.training.client_state import Facts
from lowcarb.training.roster import Roster
from tests.helpers.data import START

ROUNDS, COHORT = 20, 2


def bounds(number: int, clients: int) -> tuple[int, int]:
    left = ROUNDS - number + 1
    share = min(Fraction(COHORT * left, clients), Fraction(left))
    return Fairness().joining(share, left, ROUNDS)


def roster(fleet: Fleet | None = None, members: Iterable[Member] = ()) -> Roster:
    return Roster(bounds, ROUNDS, fleet=fleet, members=members)


def said(**names: int) -> dict[int, Facts]:
    """Facts of clients by name, on the nodes given."""
    return {
        node: Facts(name=name, region="DE", energy_kwh=0.5, duration_s=1800.0)
        for name, node in names.items()
    }


def met(**names: int) -> Roster:
    one = roster()
    one.meet(names.values(), said(**names), 1)
    return one


def booked(number: int, outcomes: Mapping[str, Outcome], **figures: Any) -> BookedRound:
    return BookedRound(
        number=number,
        start=START + number * timedelta(hours=1),
        turns=[
            Turn(
                client=name,
                region="DE",
                outcome=outcome,
                planned_kwh=0.5,
                **({"energy_kwh": 0.5} | figures),
            )
            for name, outcome in outcomes.items()
        ],
        solver="cbc",
        status="optimal",
        seconds=0.1,
        random_g=None,
        owed=0,
        aggregated=Outcome.TRAINED in outcomes.values(),
    )


def candidates(one: Roster, number: int = 2) -> Candidates:
    found = one.candidates(number)
    assert found is not None
    return found


def figures(found: Candidates) -> tuple[Any, ...]:
    """What decides about a round, to compare two standings."""
    fleet = found.fleet
    arrays = (
        fleet.region,
        fleet.energy_kwh,
        fleet.duration_s,
        fleet.min_rounds,
        fleet.max_rounds,
        found.turns,
        found.here,
        found.resting,
    )
    return (list(fleet.clients), list(fleet.regions), *(array.tolist() for array in arrays))


def named(found: Candidates, values: NDArray[Any]) -> dict[str, Any]:
    return {name: values[i].item() for i, name in enumerate(found.fleet.clients)}


# --- who is here


def test_nobody_is_known_at_first() -> None:
    one = roster()
    assert one.strangers([5, 3]) == [5, 3]
    assert one.candidates(1) is None
    one.meet([5, 3], {}, 1)
    assert one.candidates(1) is None


def test_clients_stand_in_the_order_of_their_names_whatever_their_nodes() -> None:
    first, second = met(a=1, b=2, c=3), met(c=11, a=13, b=12)
    assert figures(candidates(first)) == figures(candidates(second))
    assert candidates(first).fleet.clients == ["a", "b", "c"]
    assert first.strangers([1, 2, 9]) == [9]


def online(found: Candidates, rounds: int) -> NDArray[np.bool_]:
    """Who can work in which of the rounds left; somebody cannot."""
    known = found.online(rounds)
    assert known is not None
    return known


def test_who_is_offline_is_expected_back_in_the_next_round() -> None:
    one = met(a=1, b=2)
    one.meet([1], {}, 2)
    found = candidates(one)
    assert named(found, found.here) == {"a": True, "b": False}
    assert named(found, found.able) == {"a": True, "b": False}
    assert online(found, 3).tolist() == [[True] * 3, [False, True, True]]


def test_lost_turns_and_absences_make_it_less_likely_that_a_turn_comes_to_something() -> None:
    one = met(a=1, b=2, c=3, d=4)
    assert candidates(one, 1).lost == 0
    outcomes = (Outcome.TRAINED, Outcome.FAILED, Outcome.DROPPED, Outcome.SILENT)
    first = booked(1, dict(zip("abcd", outcomes, strict=True)))
    one.record(first)
    one.meet([1, 3, 4], {}, 2)
    # Three of four turns, with twenty more that went well; one of eight times a client was away.
    assert candidates(one).lost == pytest.approx(1 - (1 - 3 / 24) * (1 - 1 / 8))
    again = roster(members=one.members)
    again.record(first)
    again.meet([1], {1: Facts(name="a")}, 2)
    # After a restart the ledger tells of turns; whom nobody met yet was away.
    assert candidates(again).lost == pytest.approx(1 - (1 - 3 / 24) * (1 - 3 / 4))


def test_who_has_left_is_neither_expected_nor_away() -> None:
    one = met(a=1, b=2)
    for number in range(2, 9):
        one.meet([1], {}, number)
    # Eight rounds of the one that stayed, and four of the other: here in one, away in three.
    assert candidates(one, 8).lost == pytest.approx(3 / 12)


def test_who_was_away_for_three_rounds_has_left_until_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = met(a=1, b=2)
    for number in (2, 3):
        one.meet([1], {}, number)
        assert candidates(one, number).fleet.clients == ["a", "b"]
    for number in (4, 5):
        one.meet([1], {}, number)
        assert candidates(one, number).fleet.clients == ["a"]
    said_so = [m for m in caplog.messages if "counts as having left" in m]
    assert said_so == ["lowcarb: client 'b' has been away for 3 rounds and counts as having left"]
    one.record(booked(5, {"b": Outcome.TRAINED}))
    one.meet([1, 2], {}, 6)
    found = candidates(one, 6)
    assert named(found, found.turns) == {"a": 0, "b": 1}
    assert found.able.all()
    assert [member.name for member in one.members] == ["a", "b"]


def test_all_may_leave() -> None:
    one = met(a=1)
    for number in (2, 3, 4):
        one.meet([], {}, number)
    assert one.candidates(4) is None


# --- who is who


def test_a_client_that_comes_back_on_another_node_keeps_its_standing() -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.TRAINED}, measured="power", seconds=60.0))
    one.meet([2], {}, 2)
    assert one.strangers([2, 77]) == [77]
    one.meet([2, 77], {77: Facts(name="a")}, 3)
    found = candidates(one, 3)
    assert named(found, found.turns) == {"a": 1, "b": 0}
    assert found.able.all()
    assert {c.member.name: c.node for c in found.clients} == {"a": 77, "b": 2}
    assert found.clients[0].energies == [0.5]
    # What it does not repeat still holds.
    assert found.clients[0].member.region == "DE"
    assert found.clients[0].member.joined == 1


def test_a_client_may_move() -> None:
    one = met(a=1)
    one.meet([9], {9: Facts(name="a", region="FR", energy_kwh=0.4)}, 2)
    member = one.members[0]
    assert (member.region, member.energy_kwh, member.duration_s) == ("FR", 0.4, 1800.0)
    assert (member.min_rounds, member.max_rounds) == bounds(1, 1)


def nodes(one: Roster, number: int) -> dict[str, int | None]:
    return {client.member.name: client.node for client in candidates(one, number).clients}


@pytest.mark.parametrize(("first", "second"), [(9, 5), (5, 9)])
def test_a_name_belongs_to_the_node_that_used_it_first(
    first: int, second: int, caplog: pytest.LogCaptureFixture
) -> None:
    one = met(a=first, b=2)
    one.meet([2, first, second], said(a=second), 2)
    for number in (3, 4):
        one.record(booked(number - 1, {"a": Outcome.TRAINED}))
        one.meet([2, first, second], {}, number)
        assert nodes(one, number) == {"a": first, "b": 2}
    assert caplog.messages == [
        f"lowcarb: nodes {first} and {second} both call themselves 'a'; only the first is used as "
        "long as it answers: give each client a client-id of its own"
    ]
    # If it goes, the other one is the client; it comes back as the first.
    one.meet([2, second], {}, 5)
    assert nodes(one, 5) == {"a": second, "b": 2}
    one.meet([2, first, second], said(a=first), 6)
    assert nodes(one, 6) == {"a": first, "b": 2}
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("lost", [Outcome.FAILED, Outcome.SILENT])
def test_the_name_of_a_node_that_does_not_answer_passes_on(lost: Outcome) -> None:
    one = met(a=1, b=2)
    one.meet([1, 2, 9], said(a=9), 2)
    one.record(booked(2, {"a": lost, "b": Outcome.TRAINED}))
    one.meet([1, 2, 9], {}, 3)
    assert nodes(one, 3) == {"a": 9, "b": 2}
    # The dead one that is still listed does not get the name back.
    one.record(booked(3, {"a": Outcome.TRAINED, "b": Outcome.TRAINED}))
    one.meet([1, 2, 9], {}, 4)
    assert nodes(one, 4) == {"a": 9, "b": 2}


def test_a_node_that_comes_and_goes_takes_nobody_its_name() -> None:
    one = met(a=5, b=2)
    for number in range(2, 8):
        impostor = {3: said(a=3)[3]} if number % 2 else {}
        one.meet([2, 5, *impostor], impostor, number)
        assert nodes(one, number) == {"a": 5, "b": 2}
        one.record(booked(number, {"a": Outcome.TRAINED}))


def test_two_newcomers_with_one_name_are_one_client(caplog: pytest.LogCaptureFixture) -> None:
    one = roster()
    facts = {5: Facts(name="a", region="DE"), 3: Facts(name="a", region="FR")}
    one.meet([3, 5], facts, 1)
    assert [c.node for c in candidates(one).clients] == [3]
    assert one.members[0].region == "FR"
    assert "nodes 3 and 5 both call themselves 'a'" in caplog.text


def test_what_is_known_by_node_finds_its_client() -> None:
    one = met(a=1, b=2)
    one.meet([1], {}, 2)
    assert [(c.member.name, x) for c, x in one.at_nodes({1: "x", 2: "y", 3: "z"})] == [("a", "x")]


def test_clients_in_no_known_region_are_said_when_they_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = roster(fleet("a", "b"))
    silent = {node: Facts(name=name) for node, name in enumerate("abcd", start=1)}
    one.meet(silent, silent, 1)
    one.meet(silent, {}, 2)
    assert caplog.messages == [
        "lowcarb: of 2 clients it is not known where they are (c, d): add lowcarb.client_mod to "
        "their ClientApp and a region to their node config, or give a fleet"
    ]
    caplog.clear()
    # The region that a client has told before still holds.
    other = met(a=1)
    other.meet([9], {9: Facts(name="a")}, 2)
    assert caplog.messages == []


def test_clients_of_unknown_energy_are_said_when_they_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = roster()
    facts = said(a=1) | {2: Facts(name="b", region="DE"), 3: Facts(name="c", region="FR")}
    one.meet(facts, facts, 1)
    one.meet(facts, {}, 2)
    assert caplog.messages == [
        "lowcarb: of 2 clients it is not known how much energy a round takes (b, c): until it is "
        "measured they count as typical of the others, or as 0.1 kWh if nobody's is known; add "
        "power-w and duration-min to their node config, or give a fleet"
    ]
    caplog.clear()
    other = met(a=1)
    other.meet([9], {9: Facts(name="a", region="DE")}, 2)
    assert caplog.messages == []


# --- failures


def test_after_f_failures_in_a_row_a_client_rests_for_2_to_the_f_rounds() -> None:
    one = met(a=1, b=2)
    number = 1
    for failures in range(1, 9):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
        rest = min(2**failures, MOST_REST)
        for later in range(1, rest + 1):
            found = candidates(one, number + later)
            assert named(found, found.resting) == {"a": rest - later + 1, "b": 0}
            assert named(found, found.able) == {"a": False, "b": True}
        number += rest + 1
        assert candidates(one, number).able.all()


def test_a_failure_or_two_leave_time_to_repay_what_is_owed() -> None:
    # Two clients, two seats, twenty rounds: each owes ten turns.
    one = met(a=1, b=2)
    for number, rest in ((8, 1), (10, 0)):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
        assert named(candidates(one, number + 1), candidates(one, number + 1).resting)["a"] == rest
    # A third failure in a row is no chance any more.
    one.record(booked(11, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    assert named(candidates(one, 12), candidates(one, 12).resting)["a"] == 8


def test_rest_is_planned_for() -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.SILENT, "b": Outcome.TRAINED}))
    found = candidates(one)
    here = online(found, 4)
    assert here.tolist() == [[False, False, True, True], [True] * 4]


def test_the_longest_rest_is_planned_for_to_its_end() -> None:
    one = met(a=1, b=2)
    for number in range(1, 8):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, 8)
    here = online(found, MOST_REST + 2)
    assert here[0].tolist() == [False] * MOST_REST + [True, True]


@pytest.mark.parametrize("good", [Outcome.TRAINED, Outcome.DROPPED])
def test_a_success_wipes_failures_out(good: Outcome) -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    one.record(booked(4, {"a": good, "b": Outcome.TRAINED}))
    one.record(booked(5, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, 6)
    assert named(found, found.resting)["a"] == 2


def test_a_round_that_failed_as_a_whole_is_no_clients_fault() -> None:
    one = met(a=1, b=2, c=3)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.SILENT}))
    found = candidates(one)
    assert found.able.all()
    assert found.turns.tolist() == [0, 0, 0]


def test_a_cohort_that_fails_again_and_again_rests() -> None:
    one = met(a=1, b=2, c=3)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.SILENT}))
    # A round that was left out says nothing.
    one.record(booked(2, {}))
    one.record(booked(3, {"a": Outcome.FAILED, "b": Outcome.SILENT}))
    found = candidates(one, 4)
    assert named(found, found.able) == {"a": False, "b": False, "c": True}
    one.record(booked(4, {"c": Outcome.TRAINED}))
    one.record(booked(5, {"c": Outcome.FAILED}))
    assert candidates(one, 6).able.all()


def test_turns_count_only_where_the_round_was_aggregated() -> None:
    one = met(a=1, b=2, c=3)
    one.record(booked(1, {"a": Outcome.TRAINED, "b": Outcome.DROPPED, "c": Outcome.FAILED}))
    found = candidates(one)
    assert named(found, found.turns) == {"a": 1, "b": 0, "c": 0}
    assert [client.owed for client in found.clients] == [5, 6, 6]


# --- figures


def test_measurements_are_learnt_and_estimates_are_not() -> None:
    one = met(a=1)
    for number in range(1, 4):
        one.record(booked(number, {"a": Outcome.FAILED}, energy_kwh=9.0))
    assert candidates(one).fleet.energy_kwh.tolist() == [0.5]
    for number in range(4, 7):
        one.record(
            booked(number, {"a": Outcome.TRAINED}, energy_kwh=2.0, measured="power", seconds=60.0)
        )
    found = candidates(one, 7)
    assert found.fleet.energy_kwh.tolist() == [2.0]
    assert found.fleet.duration_s.tolist() == [60.0]
    # A time may be measured where no energy is.
    one.record(booked(7, {"a": Outcome.TRAINED}, energy_kwh=9.0, seconds=90.0))
    assert one.known["a"].energies == [2.0] * 3
    assert one.known["a"].durations == [60.0] * 3 + [90.0]


def test_who_says_nothing_is_taken_for_a_typical_client() -> None:
    one = roster()
    one.meet([1], {1: Facts(name="a")}, 1)
    found = candidates(one)
    assert found.fleet.regions == [UNKNOWN]
    assert found.fleet.energy_kwh.tolist() == [DEFAULT_KWH]
    assert found.fleet.duration_s.tolist() == [DEFAULT_S]
    others = {n: Facts(name=f"b{n}", energy_kwh=float(n), duration_s=60.0 * n) for n in (2, 3, 9)}
    one.meet([1, 2, 3, 9], others, 2)
    found = candidates(one)
    assert named(found, found.fleet.energy_kwh)["a"] == 3
    assert named(found, found.fleet.duration_s)["a"] == 180


def test_absurd_times_never_break_the_fleet() -> None:
    one = met(a=1)
    for number, seconds in enumerate([0.0, 0.0, 0.0], start=1):
        one.record(booked(number, {"a": Outcome.TRAINED}, seconds=seconds))
    assert candidates(one).fleet.duration_s.tolist() == [1.0]
    for number in range(4, 12):
        one.record(booked(number, {"a": Outcome.TRAINED}, seconds=1e9))
    assert candidates(one).fleet.duration_s.tolist() == [31_536_000]


# --- floors


def test_floors_are_fixed_when_a_client_joins() -> None:
    one = met(a=1, b=2)
    assert [(m.min_rounds, m.max_rounds, m.joined) for m in one.members] == [(10, 20, 1)] * 2
    one.meet([1, 2, 3, 4], said(c=3, d=4), 11)
    late = {m.name: (m.min_rounds, m.max_rounds, m.joined) for m in one.members}
    # 10 rounds of 2 are left for 4 clients: half of 5 turns.
    assert late == {"a": (10, 20, 1), "b": (10, 20, 1), "c": (2, 10, 11), "d": (2, 10, 11)}


@given(
    number=st.integers(1, ROUNDS),
    here=st.integers(0, 6),
    gone=st.integers(0, 3),
    new=st.integers(1, 6),
)
def test_a_late_clients_floor_is_its_part_of_the_rounds_left(
    number: int, here: int, gone: int, new: int
) -> None:
    nodes = count(1)
    one = roster()
    stays = {f"a{i}": next(nodes) for i in range(here)}
    goes = {f"b{i}": next(nodes) for i in range(gone)}
    one.meet([*stays.values(), *goes.values()], said(**stays, **goes), 1)
    for _ in range(3):
        one.meet(stays.values(), {}, number)
    comes = {f"c{i}": next(nodes) for i in range(new)}
    one.meet([*stays.values(), *comes.values()], said(**comes), number)
    share = min(Fraction(COHORT, here + new), Fraction(1)) * (ROUNDS - number + 1)
    floors = {m.min_rounds for m in one.members if m.name in comes}
    assert floors == {int(share / 2)}


# --- a given fleet


def fleet(*names: str, floor: int = -1, cap: int = -1) -> Fleet:
    made = Fleet.from_clients(
        [Client(name=n, region="SE", energy_kwh=0.9, duration=timedelta(minutes=10)) for n in names]
    )
    return Fleet(
        **{
            **{key: value for key, value in vars(made).items() if key != "position"},
            "min_rounds": np.full(len(names), floor, dtype=np.int64),
            "max_rounds": np.full(len(names), cap, dtype=np.int64),
        }
    )


def test_the_given_fleet_comes_before_what_clients_say() -> None:
    one = roster(fleet("a", "z"))
    one.meet([1, 2], said(a=1, b=2), 1)
    found = candidates(one)
    assert found.fleet.clients == ["a", "b", "z"]
    assert [m.region for m in one.members] == ["SE", "DE", "SE"]
    assert named(found, found.fleet.energy_kwh) == {"a": 0.9, "b": 0.5, "z": 0.9}
    assert named(found, found.fleet.duration_s) == {"a": 600, "b": 1800, "z": 600}
    # Who is in the fleet but not here is counted and planned for.
    assert named(found, found.here) == {"a": True, "b": True, "z": False}
    assert {m.min_rounds for m in one.members} == {bounds(1, 3)[0]}
    # Also when it comes, and says something else.
    one.meet([1, 2, 3], said(z=3), 2)
    found = candidates(one)
    assert named(found, found.fleet.energy_kwh)["z"] == 0.9
    assert found.able.all()


@pytest.mark.parametrize(
    ("floor", "cap", "expected"),
    [(3, 5, (3, 5)), (-1, 2, (2, 2)), (15, -1, (15, 20)), (0, 0, (0, 0))],
)
def test_a_clients_own_bounds_come_first(floor: int, cap: int, expected: tuple[int, int]) -> None:
    one = roster(fleet("a", floor=floor, cap=cap))
    one.meet([1, 2], said(a=1, b=2), 1)
    assert {m.name: (m.min_rounds, m.max_rounds) for m in one.members}["a"] == expected
    assert {m.name: (m.min_rounds, m.max_rounds) for m in one.members}["b"] == (10, 20)


# --- going on from an account

outcomes = st.sampled_from(list(Outcome))
rounds = st.lists(
    st.dictionaries(st.sampled_from("abcd"), outcomes, max_size=3), min_size=1, max_size=8
)


@given(rounds, st.lists(st.floats(0, 5), min_size=8, max_size=8))
def test_restored_from_an_account_the_standing_is_the_same(
    history: list[dict[str, Outcome]], energies: list[float]
) -> None:
    nodes = {"a": 1, "b": 2, "c": 3, "d": 4}
    lived = met(**nodes)
    account = []
    for number, turns in enumerate(history, start=1):
        one = booked(number, turns, energy_kwh=energies[number - 1], measured="power", seconds=5.0)
        account.append(one)
        lived.meet(nodes.values(), {}, number)
        lived.record(one)
    again = roster(members=lived.members)
    for one in account:
        again.record(one)
    number = len(history) + 1
    # Node ids are new after a restart.
    moved = {name: node + 100 for name, node in nodes.items()}
    assert again.strangers(moved.values()) == list(moved.values())
    again.meet(moved.values(), said(**moved), number)
    lived.meet(nodes.values(), {}, number)
    assert figures(candidates(again, number)) == figures(candidates(lived, number))
    assert again.members == lived.members
