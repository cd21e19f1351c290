"""Within which bounds realised grams lie: by the errors of what is known, or why nobody knows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lowcarb.ledger.account import Account
from lowcarb.ledger.realised_interval import realised_interval
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.account.verdict import verdict
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, turn

TRUE = np.random.default_rng(0).uniform(300, 500, 40)
KWH = np.random.default_rng(1).uniform(0.4, 0.6, 40)


def account(known: int, more: int = 0, *, measured: bool = True, fewer: int = 0) -> Account:
    """Make rounds of which the intensity is known, and more of which it is not."""
    rounds: list[Any] = [
        booked(
            r + 1,
            turn(
                "a",
                energy_kwh=float(KWH[r]) if measured and r >= fewer else 0.5,
                measured="power" if measured and r >= fewer else None,
                actual=float(TRUE[r]) if r < known else None,
            ),
        )
        for r in range(known + more)
    ]
    return Account(
        number=1,
        training=replace(TRAINING, rounds=len(rounds)),
        members=MEMBERS[:1],
        rounds=rounds,
        evaluations={},
    )


def test_where_nothing_is_estimated_the_total_is_what_it_is() -> None:
    found = realised_interval(account(5))
    total = float((KWH * TRUE)[:5].sum())
    assert found.bounds == pytest.approx((total, total))
    assert "as nothing is estimated" in found.sentence


def test_unknown_intensities_are_as_far_off_as_known_ones() -> None:
    made = account(19, 3)
    certain, rest = float((KWH * TRUE)[:19].sum()), float(KWH[19:22].sum())
    found = realised_interval(made)
    assert found.bounds == pytest.approx(
        (certain + rest * TRUE[:19].min(), certain + rest * TRUE[:19].max())
    )
    assert "19 rounds with both a forecast and an actual intensity" in found.sentence
    assert found.sentence in verdict(AccountSummary(account=made))
    told = account_to_dict(made)["totals"]
    assert told["realised_interval90_g"] == pytest.approx(found.bounds)
    assert told["realised_interval90_g"][0] < told["realised_g"] < told["realised_interval90_g"][1]


def test_energies_that_were_not_measured_are_as_far_off_as_measured_ones() -> None:
    made = account(30, 0, fewer=4)
    found = realised_interval(made)
    certain = float((KWH * TRUE)[4:30].sum())
    factor = KWH[4:30] / 0.5
    assert found.bounds is not None
    assert found.bounds == pytest.approx(
        (
            certain + 0.5 * TRUE[:4].sum() * factor.min(),
            certain + 0.5 * TRUE[:4].sum() * factor.max(),
        )
    )
    assert found.sentence.endswith("by the errors of 26 turns with measured energy")


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (account(18, 3), "18 rounds with both a forecast and an actual intensity, 19 are needed"),
        (account(0, 3), "0 rounds with both"),
        (account(25, 0, measured=False), "0 turns with measured energy, 19 are needed"),
    ],
)
def test_where_nothing_can_be_known_there_is_none_and_that_is_said(made: Account, why: str) -> None:
    found = realised_interval(made)
    assert found.bounds is None
    assert found.sentence.startswith("Interval: unknown, there are ")
    assert why in found.sentence
    assert account_to_dict(made)["totals"]["realised_interval90_g"] is None


def test_where_no_intensity_is_known_nothing_is_said() -> None:
    made = account(0, 0)
    unknown = replace(made, rounds=[booked(1, turn("a", intensity=None))])
    for one in (made, unknown):
        assert realised_interval(one).bounds is None
        assert realised_interval(one).sentence == ""
