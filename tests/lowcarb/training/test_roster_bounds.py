"""Floors and caps of clients, and what a given fleet says of them."""

from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.rosters import (
    COHORT,
    ROUNDS,
    bounds,
    candidates,
    fleet,
    met,
    named,
    roster,
    said,
)


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
