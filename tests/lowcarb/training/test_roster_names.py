"""Whose a name is: the key's that used it first, the operator's to give, else the first node's."""

from dataclasses import replace

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.client_state import Facts
from lowcarb.training.names import own_name
from lowcarb.training.roster import Roster
from tests.helpers.rosters import booked, roster

MINE, THEIRS, NEW = "a" * 64, "b" * 64, "c" * 64
THEIR_NAME = own_name(66, THEIRS)


def claims(key: str | None = None, registered: str = "", name: str = "a") -> Facts:
    return Facts(name=name, region="DE", key=key, registered=registered)


def users(one: Roster) -> dict[str, int | None]:
    return {name: client.node for name, client in one.known.items()}


def keys(one: Roster) -> dict[str, str | None]:
    return {member.name: member.key for member in one.members}


def test_an_impostor_that_joins_later_takes_part_as_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = roster()
    one.meet([66], {66: claims(MINE)}, 1)
    for number in (4, 5):
        one.meet([66, 5], {5: claims(THEIRS)} if number == 4 else {}, number)
        assert users(one) == {"a": 66, THEIR_NAME: 5}
    assert keys(one) == {"a": MINE, THEIR_NAME: THEIRS}
    assert one.known[THEIR_NAME].member.region == "DE"
    assert one.known[THEIR_NAME].member.joined == 4
    (said,) = [m for m in caplog.messages if "belongs to another key" in m]
    assert "node 5 calls itself 'a'" in said
    assert f"takes part as {THEIR_NAME!r}" in said
    assert "flwr supernode register --name" in said


@pytest.mark.parametrize("key", [THEIRS, None])
def test_a_name_with_a_key_does_not_pass_on_to_another_key(key: str | None) -> None:
    one = roster()
    one.meet([1, 2], {1: claims(MINE), 2: claims(NEW, name="b")}, 1)
    own = own_name(5, key)
    # Neither while its node is away, nor when it failed, nor to one that comes and goes.
    one.meet([2, 5], {5: claims(key)}, 2)
    assert users(one) == {"a": None, "b": 2, own: 5}
    one.meet([1, 2], {1: claims(MINE)}, 3)
    one.record(booked(3, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    one.meet([1, 2, 5], {5: claims(key)}, 4)
    assert users(one) == {"a": 1, "b": 2, own: 5}


def test_a_name_with_a_key_passes_on_to_the_same_key() -> None:
    one = roster()
    one.meet([1], {1: claims(MINE)}, 1)
    one.meet([9], {9: claims(MINE)}, 2)
    assert users(one) == {"a": 9}
    one.record(booked(2, {"a": Outcome.TRAINED}))
    # As before, the node that was first is back in its place.
    one.meet([9, 1], {1: claims(MINE)}, 3)
    assert users(one) == {"a": 1}


def test_without_keys_the_name_passes_on_to_anyone_and_to_a_key_for_ever() -> None:
    one = roster()
    one.meet([1], {1: claims()}, 1)
    one.meet([1, 9], {9: claims()}, 2)
    assert users(one) == {"a": 1}
    one.meet([9], {}, 3)
    assert users(one) == {"a": 9}
    one.meet([7], {7: claims(MINE)}, 4)
    assert keys(one) == {"a": MINE}
    one.meet([8], {8: claims()}, 5)
    assert users(one) == {"a": None, "node-8": 8}


def test_of_two_newcomers_the_registered_one_is_believed() -> None:
    one = roster()
    one.meet([1, 2], {1: claims(THEIRS), 2: claims(MINE, registered="a")}, 1)
    assert users(one) == {"a": 2, THEIR_NAME: 1}
    assert keys(one) == {"a": MINE, THEIR_NAME: THEIRS}
    # An impostor that is registered, under another name, takes part under that one.
    one.meet([1, 2, 3], {3: claims(NEW, registered="c")}, 2)
    assert users(one) == {"a": 2, THEIR_NAME: 1, "c": 3}


def test_a_registered_newcomer_gets_back_what_an_impostor_took() -> None:
    one = roster()
    one.meet([1], {1: claims(THEIRS)}, 1)
    one.meet([1, 2], {2: replace(claims(MINE, registered="a"), region="FR")}, 2)
    assert users(one) == {"a": 2, THEIR_NAME: 1}
    # The evicted one is who it said it is, but for the name.
    assert {m.name: m.region for m in one.members} == {"a": "FR", THEIR_NAME: "DE"}


def test_a_new_key_that_the_operator_registers_under_the_name_is_believed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = roster()
    one.meet([1], {1: claims(MINE)}, 1)
    one.meet([2], {2: claims(NEW, registered="a")}, 2)
    assert users(one) == {"a": 2}
    assert keys(one) == {"a": NEW}
    assert "client 'a' has a new key, registered under its name" in caplog.text
    one.meet([1, 2], {1: claims(MINE)}, 3)
    assert users(one) == {"a": 2, own_name(1, MINE): 1}


def test_two_keys_that_are_registered_under_one_name_follow_each_other() -> None:
    one = roster()
    one.meet([1, 2], {n: claims(k, registered="a") for n, k in ((1, MINE), (2, NEW))}, 1)
    assert users(one) == {"a": 1}
    one.record(booked(1, {"a": Outcome.DROPPED}))
    one.meet([1, 2], {}, 2)
    assert users(one) == {"a": 1}
    one.meet([2], {}, 3)
    assert users(one) == {"a": 2}


def test_nobody_takes_the_own_name_of_another_node() -> None:
    one = roster()
    stolen = own_name(1, MINE)
    one.meet([9, 1], {9: claims(THEIRS, name=stolen), 1: claims(MINE, name=stolen)}, 1)
    assert users(one) == {stolen: 1, THEIR_NAME: 9}
    # Who is refused and goes back to its own name takes that back too.
    other = roster()
    other.meet([3], {3: claims(NEW)}, 1)
    impostors = {9: claims(THEIRS, name=stolen), 1: claims(MINE)}
    other.meet([3, 9, 1], impostors, 2)
    assert users(other) == {"a": 3, stolen: 1, THEIR_NAME: 9}


def test_the_key_is_remembered_over_a_restart() -> None:
    one = roster()
    one.meet([1], {1: claims(MINE)}, 1)
    again = roster(members=one.members)
    again.meet([5], {5: claims(THEIRS)}, 2)
    assert users(again) == {"a": None, THEIR_NAME: 5}
    again.meet([5, 7], {7: claims(MINE)}, 3)
    assert users(again) == {"a": 7, THEIR_NAME: 5}


def test_a_key_that_did_not_count_at_first_does_not_count_when_its_node_is_back() -> None:
    one = roster()
    one.meet([1, 2], {1: claims(), 2: claims(NEW, name="b")}, 1)
    one.meet([2], {}, 2)
    one.meet([1, 2], {1: claims(MINE)}, 3)
    assert keys(one) == {"a": None, "b": NEW}
    # So another process, with another key that it made up, is the client when this one is gone.
    one.meet([2, 3], {3: claims()}, 4)
    assert users(one) == {"a": 3, "b": 2}


def test_a_key_that_may_be_made_up_binds_no_name_but_opens_its_own() -> None:
    one = roster()
    one.meet([1], {1: claims(MINE)}, 1)
    again = roster(members=one.members)
    # After a gap nobody can tell any more whether its key lasts.
    again.meet([7, 8], {7: replace(claims(MINE), lasting=False), 8: claims(name="b")}, 2)
    assert users(again) == {"a": 7, "b": 8}
    fresh = roster()
    fresh.meet([7], {7: replace(claims(MINE), lasting=False)}, 1)
    assert keys(fresh) == {"a": None}


def test_who_could_not_answer_is_asked_again_less_and_less() -> None:
    one = roster()
    mute = replace(claims(name="node-1"), told=False)
    asked = []
    for number in range(1, 17):
        strangers = one.strangers([1])
        if strangers:
            asked.append(number)
        one.meet([1], dict.fromkeys(strangers, mute), number)
    assert asked == [1, 2, 4, 8, 16]
    one.meet([1], {1: claims(name="a")}, 17)
    assert users(one)["a"] == 1
    assert one.strangers([1]) == []


def test_another_session_remembers_who_failed() -> None:
    one = roster()
    one.meet([1, 2], {1: claims(), 2: claims(name="b")}, 1)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    again = roster(members=one.members)
    again.remember(one)
    again.meet([1, 2, 3], {3: claims()}, 2)
    assert users(again)["a"] == 3
