"""A new issue that is like no day before is not believed before anything came true of it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb import Forecast, Issues
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_past import Past
from lowcarb.carbon.guard import Fault
from lowcarb.carbon.stand_in import StandIn
from lowcarb.carbon.strange import Strange
from tests.helpers.biased_days import biased_days, spoilt_after
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ISSUES, ACTUAL = biased_days(days=24, factor=1.05, noise=0.03)
BAD = "R1"
BEGAN = START - 8 * DAY
SUDDEN = ("one value", "lb/MWh", "kg/kWh", "random")


def strange(issues: Issues, actual: Forecast = ACTUAL) -> Strange:
    past = Past.of(issues, actual)
    assert past is not None
    return Strange.of(past, StandIn.of(past), 3600.0)


def any_of(found: Strange) -> list[bool]:
    """Whether anything is strange about each day's issue, in any region."""
    return [bool(day.any()) for day in (found.level | found.shape)[1:]]


def changing(first: Issues, second: Issues, when: int) -> Issues:
    """Let another service answer from some days before the start on."""
    return replace(
        first,
        forecasts=tuple(
            later if one.issued_at and one.issued_at >= START - when * DAY else one
            for one, later in zip(first.forecasts, second.forecasts, strict=True)
        ),
    )


@pytest.mark.parametrize("how", SUDDEN)
def test_it_is_not_believed_when_it_is_issued(how: str) -> None:
    corrector = Corrector(issues=failing(ISSUES, BAD, how, BEGAN), actual=ACTUAL)
    assert corrector.verdicts(BEGAN - HOUR) == {}
    found = corrector.verdicts(BEGAN)
    assert {region: one.fault for region, one in found.items()} == {BAD: Fault.STRANGE}
    good = Corrector(issues=ISSUES, actual=ACTUAL).at(BEGAN)
    stands_in = corrector.at(BEGAN).series
    off = np.log1p(stands_in[BAD].values) - np.log1p(good.series[BAD].values)
    assert np.abs(off).mean() < 0.2
    for region in ("R0", "R2"):
        assert stands_in[region].values.tolist() == good.series[region].values.tolist()


@pytest.mark.parametrize("hours", [6, 9, 12])
def test_a_day_moved_by_hours_is_not_believed_where_days_repeat(hours: int) -> None:
    moved = replace(
        ISSUES,
        forecasts=tuple(
            replace(
                one,
                series={
                    r: replace(s, values=np.roll(s.values, hours)) for r, s in one.series.items()
                },
            )
            for one in ISSUES.forecasts
        ),
    )
    found = Corrector(issues=changing(ISSUES, moved, 8), actual=ACTUAL).verdicts(BEGAN)
    assert {one.fault for one in found.values()} == {Fault.STRANGE}


def test_it_says_so() -> None:
    corrector = Corrector(issues=failing(ISSUES, BAD, "random", BEGAN), actual=ACTUAL)
    assert corrector.verdicts(BEGAN)[BAD].sentence == (
        f"forecasts of {BAD} are suddenly like no day before: typical days and yesterday's values "
        "stand in"
    )


def test_nothing_that_came_true_later_is_needed_or_used() -> None:
    issues = failing(ISSUES, BAD, "random", BEGAN)
    whole = Corrector(issues=issues, actual=ACTUAL)
    for issued, actual in (
        spoilt_after(issues, ACTUAL, BEGAN, HOUR),
        (issues, known_at_midnight(ACTUAL)),
    ):
        one = Corrector(issues=issued, actual=actual)
        assert one.verdicts(BEGAN) == whole.verdicts(BEGAN) != {}
        assert one.at(BEGAN).series[BAD].values.tolist() == (
            whole.at(BEGAN).series[BAD].values.tolist()
        )


def known_at_midnight(actual: Forecast) -> Forecast:
    """Keep what is known when the first bad issue comes out, an hour after its end."""
    end = (BEGAN - HOUR).timestamp()
    return replace(
        actual,
        series={
            region: replace(
                one,
                times=one.times[one.ends <= end],
                values=one.values[one.ends <= end],
                until=one.ends[one.ends <= end],
            )
            for region, one in actual.series.items()
        },
    )


@pytest.mark.parametrize(
    ("factor", "noise", "level"),
    [(1.0, 0.0, 400.0), (2.2, 0.03, 400.0), (0.5, 0.15, 60.0), (1.1, 0.3, 5.0)],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_service_as_ever_is_not_strange(
    factor: float, noise: float, level: float, seed: int
) -> None:
    issues, actual = biased_days(days=24, factor=factor, noise=noise, level=level, seed=seed)
    assert not any(any_of(strange(issues, actual)))


@pytest.mark.parametrize("how", SUDDEN)
def test_a_service_that_was_mended_is_not_strange(how: str) -> None:
    bad = failing(ISSUES, BAD, how, START - 24 * DAY)
    found = any_of(strange(changing(bad, ISSUES, 8)))
    assert not any(found)


def test_too_few_days_know_nothing_usual() -> None:
    # An issue a day, and what came true from the first one on.
    late = failing(ISSUES, BAD, "random", START - 20 * DAY)
    found = any_of(strange(late))
    assert not any(found[:5])
    sooner = failing(ISSUES, BAD, "random", START - 14 * DAY)
    assert any_of(strange(sooner)).index(True) == 10
