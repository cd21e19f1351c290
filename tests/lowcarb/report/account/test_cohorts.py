"""What a report says of cohorts whose sizes may differ."""

from dataclasses import replace

from lowcarb.ledger.account import Account
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.account.pictures import pictures_of
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.account.verdict import heading, verdict
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, turn

RANGE = replace(TRAINING, cohort_least=1, cohort_most=3)


def account(*sizes: int) -> Account:
    rounds = [
        booked(number, *(turn(one) for one in "abc"[:size]))
        for number, size in enumerate(sizes, start=1)
    ]
    return Account(number=1, training=RANGE, members=MEMBERS, rounds=rounds, evaluations={})


def test_sizes_and_turns_by_hand() -> None:
    made = account(1, 3, 1)
    summary = AccountSummary(account=made)
    assert account_to_dict(made)["cohorts"] == {
        "range": [1, 3],
        "fewest": 1,
        "most": 3,
        "mean": 5 / 3,
        "asked_turns": 5,
        "total_turns": 8,
    }
    assert "cohorts of 1 to 3 (2 on average), since" in heading(summary)[0]
    assert (
        "Cohorts of 1 to 3 (2 on average): rounds had 1 to 3 clients, 1.7 on average; 5 of 8 turns "
        "asked for"
    ) in verdict(summary)
    (picture,) = (one for one in pictures_of(made) if one.name == "cohort_sizes")
    assert picture.rows == [[1, 1], [2, 3], [3, 1]]


def test_before_the_first_round_only_the_total_is_known() -> None:
    assert account_to_dict(account())["cohorts"] == {
        "range": [1, 3],
        "fewest": None,
        "most": None,
        "mean": None,
        "asked_turns": 0,
        "total_turns": 8,
    }


def test_cohorts_of_one_size_are_only_named() -> None:
    made = replace(account(2, 2), training=TRAINING)
    assert account_to_dict(made)["cohorts"] is None
    assert not any(one.startswith("Cohorts") for one in verdict(AccountSummary(account=made)))
    assert "cohort_sizes" not in [one.name for one in pictures_of(made)]
