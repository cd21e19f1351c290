"""The log of a round: within which bounds its planned grams lie, or why nobody knows."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb import Forecast, Series
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.intervals import PastErrors
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.carbon.stand_in import STANDING_IN
from lowcarb.providers.forecast_view import ForecastView
from lowcarb.training.corrections import Corrections
from lowcarb.training.decision import Decision
from lowcarb.training.round_interval import RoundInterval, round_interval
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START
from tests.helpers.deciding import ROUNDS, decide, roster

HOUR = timedelta(hours=1)
# Half of the regions' clients, under the names that clients have here.
NAMES = {"R0": "NO", "R1": "FR", "R2": "DE"}


def renamed(forecast: Forecast) -> Forecast:
    return replace(forecast, series={NAMES[region]: one for region, one in forecast.series.items()})


ISSUES, ACTUAL = biased_days(days=40, factor=1.1, noise=0.1)
ERRORS = Corrector(
    issues=replace(ISSUES, forecasts=tuple(map(renamed, ISSUES.forecasts))), actual=renamed(ACTUAL)
).errors


class Known(Corrections):
    """Knows errors without having learnt them."""

    def __init__(self, errors: PastErrors | None) -> None:
        self.known = errors

    @property
    def errors(self) -> PastErrors | None:
        return self.known


def decision(regions: tuple[str, ...] = ("NO", "FR")) -> Decision:
    one = decide(roster(regions), size=len(regions))
    assert one.planned_g is not None
    return one


def test_grams_stand_within_the_errors_of_past_issues() -> None:
    one = decision()
    found = round_interval(one, Known(ERRORS))
    assert found.bounds is not None
    least, most = found.bounds
    assert 0.5 * (one.planned_g or 0) < least < (one.planned_g or 0) < most
    assert found.why == ""
    line = one.describe(ROUNDS, found.within, found.why)
    assert f"; {one.planned_g:.1f} g planned, 90% between {least:.1f} g and {most:.1f} g, " in line
    # It is that of those who are asked in the end.
    half = one.only(one.nodes[:1])
    alone = round_interval(half, Known(ERRORS))
    assert alone.bounds is not None
    assert alone.bounds[1] < most


@pytest.mark.parametrize(
    ("corrections", "why"),
    [
        (None, "forecasts are not held against what came true"),
        (Known(None), "the errors of 0 past issues are known, 19 are needed"),
    ],
)
def test_why_there_is_none_is_said(corrections: Corrections | None, why: str) -> None:
    one = decision()
    found = round_interval(one, corrections)
    assert found == RoundInterval(why=why)
    line = one.describe(ROUNDS, found.within, found.why)
    assert f" random; no interval: {why}; " in line


def test_a_region_of_which_nothing_came_true_is_named() -> None:
    found = round_interval(decision(("NO", "PL")), Known(ERRORS))
    assert found.why == "it is not known what came true in PL"


@pytest.mark.parametrize(
    ("provider", "why"),
    [("typical days", "typical days stand in for FR"), (STANDING_IN, "")],
)
def test_errors_of_forecasts_are_none_of_typical_days(provider: str, why: str) -> None:
    """Those of what stands in for forecasts that are not believed are known."""
    one = decision()
    label = Provenance(provider=provider, zone="FR", quality=Quality.TYPICAL)
    view = replace(one.view, provenances={**one.view.provenances, "FR": label})
    found = round_interval(replace(one, view=view), Known(ERRORS))
    assert found.why == why
    assert (found.bounds is None) == bool(why)


def test_an_old_forecast_has_the_errors_of_its_age() -> None:
    one = decision()
    origins = {
        region: replace(origin, issued_at=START + HOUR - timedelta(days=3))
        for region, origin in one.view.provenances.items()
    }
    old = replace(one, view=replace(one.view, provenances=origins))
    assert ERRORS is not None
    # Errors of the fourth day ahead only.
    far = replace(ERRORS, errors=ERRORS.errors.copy())
    far.errors[:, 72:] *= 3
    near, late = (round_interval(each, Known(far)).bounds for each in (one, old))
    assert near is not None
    assert late is not None
    assert late[1] - late[0] > 2 * (near[1] - near[0])


def test_where_no_grams_are_planned_nothing_is_said() -> None:
    one = decision()
    nobody = one.only([])
    assert round_interval(nobody, Known(ERRORS)) == RoundInterval()
    unknown = replace(one, view=ForecastView(forecast=None, provenances={}))
    assert round_interval(unknown, Known(ERRORS)) == RoundInterval()


def test_no_fault_ends_a_training(caplog: pytest.LogCaptureFixture) -> None:
    assert ERRORS is not None
    broken = replace(ERRORS, errors=np.zeros(3))
    found = round_interval(decision(), Known(broken))
    assert found.why == "it could not be found"
    assert "no interval of planned grams could be found" in caplog.text


def test_a_series_of_one_level_stays_within_what_can_be() -> None:
    one = decision()
    times = one.start.timestamp() + 3600.0 * np.arange(30, dtype=np.float64)
    flat = {region: Series(times=times, values=np.zeros(30)) for region in ("NO", "FR")}
    view = replace(one.view, forecast=Forecast(series=flat, source="zero"))
    found = round_interval(replace(one, view=view), Known(ERRORS))
    assert found.bounds is not None
    assert found.bounds[0] == 0
