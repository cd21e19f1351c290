"""Pictures of trainings are in percent and kilograms."""

import numpy as np
import pytest

from benchmarks.accuracy_figures import end_of
from benchmarks.accuracy_picture import learning_curves, trade_off
from benchmarks.accuracy_variants import ILP, RANDOM, VALUE
from tests.helpers.accuracy_curves import ROUNDS, curves

UNITS = ("accuracy_pct", "kg")


def test_the_trade_off_is_drawn_in_the_order_of_the_price() -> None:
    found = curves()
    picture = trade_off(
        "front",
        {one.name: end_of(found, one) for one in (ILP, VALUE)},
        {RANDOM.name: end_of(found, RANDOM)},
    )
    assert [row[0] for row in picture.rows] == ["ilp", "ilp, 10 % for losses, debiased", "random"]
    mine = found[VALUE]
    assert picture.rows[1][1:] == [
        pytest.approx(100 * np.mean([curve.final for curve in mine]), abs=1e-6),
        pytest.approx(np.mean([curve.emissions_g[-1] for curve in mine]) / 1000, abs=1e-6),
    ]
    assert picture.bytes("png").startswith(b"\x89PNG")


def test_the_picture_is_in_percent_and_kilograms() -> None:
    found = curves()
    picture = learning_curves(
        "learning",
        {
            one.policy: (
                np.array([curve.accuracy for curve in found[one]]),
                np.array([curve.emissions_g for curve in found[one]]),
            )
            for one in (RANDOM, ILP)
        },
        target=0.92,
    )
    assert picture.columns == ["round", *(f"{p}_{w}" for p in ("random", "ilp") for w in UNITS)]
    assert [line[0] for line in picture.rows] == list(range(ROUNDS + 1))
    accuracy = np.mean([curve.accuracy[-1] for curve in found[ILP]])
    grams = np.mean([curve.emissions_g[-1] for curve in found[ILP]])
    assert picture.rows[-1][3:] == pytest.approx([100 * accuracy, grams / 1000], abs=1e-6)
