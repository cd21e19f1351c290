"""What was found of forecasts on the days that were played, in words, each finding once."""

from datetime import timedelta

from lowcarb import Corrector
from lowcarb.replay.not_believed import not_believed
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

DAY = timedelta(days=1)
ISSUES, ACTUAL = biased_days(days=24, factor=1.05, noise=0.03)


def test_each_finding_is_said_once_and_only_of_regions_of_clients() -> None:
    issues = failing(ISSUES, "R1", "random", START - 14 * DAY)
    corrector = Corrector(issues=issues, actual=ACTUAL)
    windows = [(START - 10 * DAY, START - 8 * DAY), (START - 9 * DAY, START)]
    (said,) = not_believed(corrector, ["R0", "R1"], windows)
    assert "of R1 " in said
    assert not_believed(corrector, ["R0"], windows) == ()
    assert not_believed(None, ["R1"], windows) == ()


def test_many_findings_are_counted() -> None:
    issues, actual = biased_days(regions=9, days=20, factor=1.0, noise=0.02)
    for r in range(9):
        issues = failing(issues, f"R{r}", "lb/MWh", START - 18 * DAY)
    corrector = Corrector(issues=issues, actual=actual)
    said = not_believed(corrector, [f"R{r}" for r in range(9)], [(START - DAY, START)])
    assert len(said) == 7
    assert said[-1] == "3 more findings of this kind about forecasts"
