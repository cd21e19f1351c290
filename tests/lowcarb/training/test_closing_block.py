"""The block that a training ends with."""

from dataclasses import replace

import pytest

from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import ClockKind, Turn
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from lowcarb.training.closing_block import closing_block
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, evaluation, turn


def account(*turns: Turn, simulated: bool = False) -> Account:
    """Make a training of four rounds, with the same turns in each; a and b owe one, c too."""
    clock = ClockKind.SIMULATED if simulated else ClockKind.WALL
    return Account(
        number=1,
        training=replace(TRAINING, clock=clock),
        members=MEMBERS,
        rounds=[booked(r, *turns) for r in (1, 2, 3, 4)],
        evaluations={} if simulated else {1: [evaluation("a")], 3: [evaluation("b")]},
    )


def lines(one: Account, ledger: str | None = "/data/run.db") -> dict[str, str]:
    head, *rest = closing_block(one, ledger).splitlines()
    assert head == "the training is over, after 4 rounds"
    told: dict[str, str] = {}
    for line in rest:
        what, text = line[:14].strip(), line[14:]
        assert len(line) <= 80 or "lowcarb report" in line
        if what:
            told[what] = text
        else:
            # A text goes on below itself.
            told[list(told)[-1]] += f" {text}"
    return told


def fair() -> Account:
    return account(
        *(turn(name, measured="power", actual=300.0) for name in "ab"), turn("c", None, intensity=1)
    )


def test_it_says_what_was_planned_realised_and_saved() -> None:
    told = lines(fair())
    # 4 x (0.5 x 400 x 2 + 0.5) planned, 500 expected of random cohorts.
    assert told["planned"] == (
        "1,602.0 g CO2eq by the forecasts, 19.9% less than random cohorts; no interval: it is "
        "known of 0 of 4 rounds"
    )
    assert told["realised"].startswith("1,202.0 g CO2eq of 6 kWh, 67% of it measured; ")
    assert "; the intensity that came true is known of 67% of it; " in told["realised"]
    assert told["floors"] == "all are met"
    assert (
        "none of it measured; what came true is not known yet, so the forecasts stand in; "
        in lines(account(turn("a")))["realised"]
    )


def test_it_says_within_which_bounds_both_lie_or_why_not() -> None:
    few = lines(account(turn("a")))
    assert few["realised"].endswith(
        "no interval: there are 0 rounds with both a forecast and an actual intensity, 19 are "
        "needed"
    )
    some = account(turn("a", measured="power", actual=390.0))
    known = [replace(one, least_g=180.0, most_g=230.0) for one in some.rounds]
    told = lines(replace(some, rounds=known))
    assert told["planned"].endswith("the rounds' 90% intervals add up to 720.0 g to 920.0 g")
    assert told["realised"].endswith("90% between 780.0 g and 780.0 g, as nothing is estimated")


def test_it_says_how_it_compares_and_why_there_is_no_interval() -> None:
    assert lines(fair())["compared"].startswith("random cohorts: the exact mean over all cohorts")
    assert "No interval: one training is one sample of the weather" in lines(fair())["compared"]


def test_evaluation_stands_beside_training() -> None:
    said = lines(fair())["evaluation"]
    assert said.startswith("0.02 kWh and 8 g CO2eq more, under 1% of training's energy; ")
    assert "not known: in simulated time" in lines(account(simulated=True))["evaluation"]


@pytest.mark.parametrize("ledger", [None, "/data/run.db"])
def test_it_says_where_the_account_and_the_page_are(ledger: str | None) -> None:
    told = lines(fair(), ledger)
    if ledger is None:
        assert told["account"].startswith("not kept")
        assert "page" not in told
    else:
        assert told["account"] == "lowcarb report /data/run.db"
        assert told["page"] == "lowcarb report /data/run.db --report report.html"


def test_a_saving_of_floors_that_are_not_met_is_none() -> None:
    told = lines(account(turn("a")))
    assert told["floors"] == "NOT MET: 2 owed turns missing (b 1, c 1)"
    assert "NOT COMPARABLE: 2 owed turns missing (b 1, c 1); " in told["planned"]


def test_what_is_unknown_is_called_so() -> None:
    one = account(turn("a", None, intensity=None))
    unknown = replace(one, rounds=[replace(r, random_g=None) for r in one.rounds])
    told = lines(unknown)
    assert (
        told["planned"] == "? g CO2eq by the forecasts; what random cohorts would emit is unknown"
    )
    assert told["realised"].startswith("unknown")
    assert "compared" not in told


def test_a_second_signal_stands_beside_and_says_which_it_is() -> None:
    assert "beside" not in lines(fair())
    origin = Provenance(provider="watttime", zone="DE", signal="marginal", accounting="direct")
    second = SecondRound(
        turns=[SecondTurn(client=name, intensity=800.0, actual=900.0) for name in "ab"],
        provenances={"DE": origin},
    )
    told = lines(replace(fair(), second=dict.fromkeys((1, 2, 3, 4), second)))
    # 4 x 2 x 0.5 kWh; of c nothing is known.
    assert told["beside"] == (
        "by marginal, direct intensities 3,200.0 g planned and 3,600.0 g realised, without 4 turns "
        "of no known intensity; never added to the above, which is by average ones"
    )
    assert told["planned"].startswith("1,602.0 g CO2eq by the forecasts")
