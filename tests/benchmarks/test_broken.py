"""Services that are broken in some regions: which, and nothing else."""

import numpy as np
import pytest

from benchmarks.broken import BROKEN, SHARE, broken
from tests.helpers.biased_days import biased_days

ISSUES, _ = biased_days(days=6, regions=8)


@pytest.mark.parametrize("how", BROKEN)
def test_a_share_of_the_regions_is_broken_in_all_issues_and_always_alike(how: str) -> None:
    spoilt = broken(ISSUES, how, 0)
    changed = [
        {
            region
            for region, series in before.series.items()
            if series.values.tolist() != after.series[region].values.tolist()
        }
        for before, after in zip(ISSUES.forecasts, spoilt.forecasts, strict=True)
    ]
    assert len(changed[-1]) == round(SHARE * 8)
    assert all(one <= changed[-1] for one in changed)
    again = broken(ISSUES, how, 0)
    for one, other in zip(spoilt.forecasts, again.forecasts, strict=True):
        assert one.issued_at == other.issued_at
        for region, series in one.series.items():
            assert series.values.tolist() == other.series[region].values.tolist()


def test_what_is_stuck_says_what_the_first_issue_said() -> None:
    first, last = ISSUES.forecasts[0], broken(ISSUES, "stuck at one day", 0).forecasts[-1]
    stuck = [
        region
        for region, series in last.series.items()
        if np.array_equal(series.values, np.resize(first.series[region].values[:24], 96))
    ]
    assert len(stuck) == 2
