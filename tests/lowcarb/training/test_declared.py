"""Declared against measured energies: said, and no reward for whoever is measured first."""

import logging

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.client_state import Facts
from lowcarb.training.declared import measured_over_declared
from lowcarb.training.roster import Roster
from tests.helpers.measuring import measured, repeats
from tests.helpers.rosters import booked, candidates, met, named, roster


def ratio(one: Roster) -> float:
    known = one.known.values()
    return measured_over_declared(
        [client.member.energy_kwh for client in known], [client.energies for client in known]
    )


@pytest.mark.parametrize("declared", [1e-3, 0.2, 1.0, 5.0, 90.0, 1e5])
def test_being_measured_is_neither_reward_nor_penalty(declared: float) -> None:
    account, decisions = measured(declared=declared)
    turns = list(account.turns.values())
    assert max(turns) - min(turns) <= 2, turns
    assert repeats(decisions) <= 2
    # All have been asked once half the training is over.
    assert len({name for one in decisions[:12] for name in one.clients}) == 12


def test_clients_not_measured_yet_are_expected_to_differ_as_much() -> None:
    one = met(a=1, b=2, c=3)
    for number in (1, 2):
        one.record(booked(number, {"a": Outcome.TRAINED}, energy_kwh=0.05, measured="power"))
    found = candidates(one, 3)
    assert named(found, found.fleet.energy_kwh) == pytest.approx({"a": 0.05, "b": 0.05, "c": 0.05})
    assert found.scaled == 2
    one.record(booked(3, {"b": Outcome.TRAINED}, energy_kwh=1.5, measured="power"))
    # One client, one vote: b took three times what it declared.
    assert ratio(one) == pytest.approx((0.1 + 3) / 2)


def test_one_measurement_and_none_change_nothing() -> None:
    one = met(a=1, b=2)
    assert ratio(one) == 1
    one.record(booked(1, {"a": Outcome.TRAINED}, energy_kwh=5.0, measured="power"))
    assert ratio(one) == 1
    assert candidates(one).scaled == 0


def test_who_declares_nothing_has_no_say() -> None:
    one = roster()
    one.meet([1, 2], {1: Facts(name="a"), 2: Facts(name="b", energy_kwh=2.0)}, 1)
    for number in (1, 2):
        one.record(booked(number, {"a": Outcome.TRAINED}, energy_kwh=5.0, measured="power"))
    assert ratio(one) == 1


def test_what_differs_is_said_once_by_client(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        measured(declared=5.0)
    said = [text for text in caplog.messages if "away from the declared one" in text]
    text = " ".join(said)
    for i in range(12):
        assert text.count(f"c{i:02d} 0.5 kWh (declared 2.5)") == 1
    caplog.clear()
    measured(declared=2.9)
    assert "away from the declared one" not in caplog.text


def test_rounds_planned_on_such_figures_say_so() -> None:
    account, _ = measured(declared=5.0, rounds=6)
    notes = [booked.notes for booked in account.rounds]
    assert not notes[0]
    assert notes[1] == (
        "energies of 8 clients not measured yet are 0.2 times those declared, as of those measured",
    )
    assert not notes[-1]


def test_durations_are_expected_to_differ_as_much_too() -> None:
    one = met(a=1, b=2, c=3)
    for number in (1, 2):
        one.record(booked(number, {"a": Outcome.TRAINED}, seconds=18.0))
    found = candidates(one, 3)
    assert named(found, found.fleet.duration_s) == {"a": 18, "b": 18, "c": 18}
