"""Turns, energies and times: counted, learnt, guessed, and the same after a restart."""

from hypothesis import given
from hypothesis import strategies as st

from lowcarb.ledger.entries import Outcome
from lowcarb.providers.forecast_view import UNKNOWN
from lowcarb.training.candidates import DEFAULT_KWH, DEFAULT_S
from lowcarb.training.client_state import Facts
from tests.helpers.rosters import booked, candidates, figures, met, named, roster, said


def test_turns_count_only_where_the_round_was_aggregated() -> None:
    one = met(a=1, b=2, c=3)
    one.record(booked(1, {"a": Outcome.TRAINED, "b": Outcome.DROPPED, "c": Outcome.FAILED}))
    found = candidates(one)
    assert named(found, found.turns) == {"a": 1, "b": 0, "c": 0}
    assert [client.owed for client in found.clients] == [5, 6, 6]


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
