"""Who works when, over any stretch of time and any number of clients."""

from datetime import timedelta

import numpy as np
import pytest

from lowcarb.report.pictures.working import working
from lowcarb.report.region_schedule import Schedule
from tests.helpers.data import START


@pytest.mark.parametrize(("rounds", "minutes"), [(1, 5), (9, 60), (96, 60), (200, 30), (744, 60)])
def test_any_stretch_of_time_can_be_drawn(rounds: int, minutes: int) -> None:
    at_work = np.arange(2 * rounds).reshape(2, rounds) % 4
    schedule = Schedule(
        regions=("R0", "R1"),
        intensity=(100 + at_work).astype(np.float64),
        working=at_work.astype(np.int64),
    )
    starts = [START + timedelta(minutes=minutes * j) for j in range(rounds + 1)]
    wide, narrow = working(schedule, starts, title="t", caption="c").inline()
    assert len(wide) + len(narrow) < 500_000
    dots = int((at_work > 0).sum())
    # More dots than a page can hold are pixels.
    assert wide.count("at work, ") == (dots if dots <= 600 else 0)


def test_nobody_at_work_is_a_picture_too() -> None:
    schedule = Schedule(
        regions=("R0",), intensity=np.full((1, 2), 5.0), working=np.zeros((1, 2), dtype=np.int64)
    )
    starts = [START + timedelta(hours=j) for j in range(3)]
    wide, _ = working(schedule, starts, title="t", caption="c").inline()
    assert "<title>" not in wide
