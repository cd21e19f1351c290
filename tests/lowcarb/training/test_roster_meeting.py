"""Who is who: nodes that say it once, move, come back or share a name."""

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.client_state import Facts
from lowcarb.training.roster import Roster
from tests.helpers.rosters import (
    booked,
    bounds,
    candidates,
    figures,
    fleet,
    met,
    named,
    roster,
    said,
)


def test_clients_stand_in_the_order_of_their_names_whatever_their_nodes() -> None:
    first, second = met(a=1, b=2, c=3), met(c=11, a=13, b=12)
    assert figures(candidates(first)) == figures(candidates(second))
    assert candidates(first).fleet.clients == ["a", "b", "c"]
    assert first.strangers([1, 2, 9]) == [9]


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
        "lowcarb: of 2 clients it is not known where they are (c, d): add a region to their node "
        "config, or give a fleet"
    ]
    caplog.clear()
    # Why others cannot answer is said where they are asked.
    mute = {9: Facts(name="e", told=False)}
    one.meet([*silent, 9], mute, 3)
    assert [c.member.name for c in candidates(one, 3).clients] == ["a", "b", "c", "d", "e"]
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
