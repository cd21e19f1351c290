"""The invented issues and actuals in examples/ are those of the scenario, by its seed."""

from collections.abc import Iterable

import numpy as np

from lowcarb import read_fleet
from lowcarb._util.times import from_seconds, to_iso
from lowcarb.carbon.forecast import Forecast
from lowcarb.demo.scenario import Scenario
from tests.helpers.data import ROOT

EXAMPLES = ROOT / "examples"
SCENARIO = Scenario(seed=1, days=16)
REGIONS = read_fleet(str(EXAMPLES / "clients.csv")).regions


def rows(forecast: Forecast, *first: str) -> Iterable[str]:
    times = forecast.series[REGIONS[0]].times
    columns = np.stack([forecast.series[region].values for region in REGIONS])
    for time, values in zip(times.tolist(), columns.T, strict=True):
        yield ",".join([*first, to_iso(from_seconds(time)), *(f"{value:.0f}" for value in values)])


def issues() -> str:
    lines = [f"issued_at,target_time,{','.join(REGIONS)}"]
    for issue in SCENARIO.issues.forecasts:
        assert issue.issued_at is not None
        lines += rows(issue, to_iso(issue.issued_at))
    return "\n".join(lines) + "\n"


def actuals() -> str:
    return "\n".join([f"time_utc,{','.join(REGIONS)}", *rows(SCENARIO.actual)]) + "\n"


def test_issues_and_actuals_are_those_of_the_scenario() -> None:
    assert (EXAMPLES / "issues.csv").read_text() == issues()
    assert (EXAMPLES / "actuals.csv").read_text() == actuals()
