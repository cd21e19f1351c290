"""Where values end: by the steps around them, never by a vote over the whole series."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lowcarb.carbon.holding import ends_of

MINUTE = 60.0


def held(steps: list[float]) -> list[float]:
    """For how many minutes each value holds, by the minutes between them."""
    times = MINUTE * np.cumsum([0.0, *steps])
    return list((ends_of(times) - times) / MINUTE)


@pytest.mark.parametrize(
    "steps",
    [
        [5, 5, 60, 60],
        [60, 60, 15, 15, 15],
        [5] * 72 + [30] * 36,
        [60] * 48 + [15] * 96,
        [15] * 40 + [60] * 14,
        [15, 15, 15, 60, 60, 60, 60, 15, 15, 15],
        [25, 0.5, 32.8, 32.7, 39],
        [60, 60, 61, 59, 60],
        [60, 15],
        [15, 60],
    ],
)
def test_a_value_holds_until_the_next_one_whatever_the_steps(steps: list[float]) -> None:
    assert held(steps) == pytest.approx([*steps, steps[-1]])


@pytest.mark.parametrize(
    ("steps", "holds"),
    [
        ([60, 60, 240, 60], [60, 60, 60, 60, 60]),
        ([60, 120, 60], [60, 60, 60, 60]),
        ([120, 60, 60], [60, 60, 60, 60]),
        ([60, 60, 120], [60, 60, 60, 60]),
        ([60, 60, 60, 120, 120, 60, 60, 60], [60] * 9),
        ([60, 60, 60, 180, 120, 60, 60, 60], [60] * 9),
        ([15, 15, 45, 15, 15], [15] * 6),
        ([5, 5, 5, 120, 30, 30, 30], [5, 5, 5, 5, 30, 30, 30, 30]),
        # A clock's jitter makes no difference.
        ([5, 5.02, 40, 4.99, 5.01], [5, 5.02, 5, 4.99, 5.01, 5.01]),
    ],
)
def test_a_stretch_that_stands_out_on_both_sides_is_a_gap(
    steps: list[float], holds: list[float]
) -> None:
    assert held(steps) == pytest.approx(holds, rel=0.01)


@given(
    steps=st.lists(st.sampled_from([5.0, 15.0, 30.0, 60.0, 180.0]), min_size=9, max_size=60),
    cut=st.data(),
)
def test_what_is_left_out_changes_nothing_of_what_is_far_from_it(
    steps: list[float], cut: st.DataObject
) -> None:
    first = cut.draw(st.integers(0, len(steps) - 8))
    last = cut.draw(st.integers(first + 8, len(steps)))
    whole, part = held(steps), held(steps[first:last])
    assert part[3:-4] == whole[first + 3 : last - 3]


@given(rows=st.integers(6, 40), lost=st.data(), step=st.sampled_from([5.0, 15.0, 60.0]))
def test_a_lost_stretch_is_a_gap_and_everything_else_stays(
    rows: int, lost: st.DataObject, step: float
) -> None:
    first = lost.draw(st.integers(1, rows - 2))
    last = lost.draw(st.integers(first + 1, rows - 1))
    assume(rows - (last - first) >= 4)
    kept = [at for at in range(rows) if not first <= at < last]
    times = MINUTE * step * np.array(kept, dtype=np.float64)
    assert ends_of(times).tolist() == (times + MINUTE * step).tolist()


def test_a_month_ends_where_the_next_one_begins() -> None:
    def at(year: int, month: int) -> float:
        return datetime(year, month, 1, tzinfo=UTC).timestamp()

    months = np.array([at(2024, month) for month in range(1, 13)])
    assert ends_of(months).tolist() == [*months[1:], at(2025, 1)]
    without_july = np.delete(months, 6)
    assert ends_of(without_july)[5] == at(2024, 7)
    years = np.array([at(2023, 1), at(2024, 1)])
    assert ends_of(years).tolist() == [at(2024, 1), at(2025, 1)]
