"""How far forecasts were from what came true, before and after correction."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import spearmanr

from lowcarb import Corrector
from lowcarb.carbon.correction_measured import Corrected, Errors
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START

ISSUES, ACTUAL = biased_days(days=12, factor=1.4)
CORRECTOR = Corrector(issues=ISSUES, actual=ACTUAL)
REGIONS = ("R0", "R1", "R2")


def test_errors_are_those_of_the_issue_against_what_came_true() -> None:
    found = Corrected.of(CORRECTOR, REGIONS, [START])
    shares, ranks = [], []
    for region in REGIONS:
        said = ISSUES.at(START).series[region]
        true = ACTUAL.series[region].means(said.times, 3600.0)
        shares.append(np.abs(said.values - true) / true)
        ranks.append(spearmanr(said.values, true).statistic)
    assert found.before.mape == pytest.approx(np.concatenate(shares).mean())
    assert found.before.rank_correlation == pytest.approx(np.mean(ranks))
    assert found.before.mape is not None
    assert found.after.mape is not None
    assert found.after.mape < 0.5 * found.before.mape
    assert found.days == (11, 11)


def test_equal_values_share_a_rank_and_constants_have_no_order() -> None:
    coarse = tuple(
        replace(
            one,
            series={
                region: replace(series, values=np.round(series.values, -2))
                for region, series in one.series.items()
            },
        )
        for one in ISSUES.forecasts
    )
    found = Corrected.of(
        Corrector(issues=replace(ISSUES, forecasts=coarse), actual=ACTUAL), ["R0"], [START]
    )
    said = coarse[-1].series["R0"]
    true = ACTUAL.series["R0"].means(said.times, 3600.0)
    assert found.before.rank_correlation == pytest.approx(spearmanr(said.values, true).statistic)
    flat = tuple(
        replace(one, series={"R0": replace(one.series["R0"], values=np.full(96, 300.0))})
        for one in ISSUES.forecasts
    )
    constant = Corrector(issues=replace(ISSUES, forecasts=flat), actual=ACTUAL)
    assert Corrected.of(constant, ["R0"], [START]).before.rank_correlation == 0


def test_what_is_not_known_yet_is_not_compared() -> None:
    found = Corrected.by(CORRECTOR, REGIONS, START)
    last = (START - timedelta(hours=1)).timestamp()
    cut = {
        region: replace(
            series,
            values=np.where(series.ends > last, 7, series.values),
        )
        for region, series in ACTUAL.series.items()
    }
    spoilt = Corrector(issues=ISSUES, actual=replace(ACTUAL, series=cut))
    assert Corrected.by(spoilt, REGIONS, START) == found
    assert found.before.mape == pytest.approx(0.4, abs=0.05)


def test_nothing_known_is_nothing_measured() -> None:
    early = START - timedelta(days=12)
    found = Corrected.by(CORRECTOR, REGIONS, early)
    assert found == Corrected(
        days=None,
        before=Errors(mape=None, rank_correlation=None),
        after=Errors(mape=None, rank_correlation=None),
    )
    assert found.sentence == "too little is known of what came true to correct forecasts"
    assert found.to_dict()["before"] == {"mape_pct": None, "rank_correlation": None}


def test_a_grid_at_zero_has_no_percentage() -> None:
    zero = {
        region: replace(series, values=np.zeros(len(series.values)))
        for region, series in ACTUAL.series.items()
    }
    clean = Corrector(issues=ISSUES, actual=replace(ACTUAL, series=zero))
    found = Corrected.of(clean, REGIONS, [START])
    assert found.before == found.after == Errors(mape=None, rank_correlation=None)
    assert found.sentence == "forecasts are corrected by what came true on 11 days before"
