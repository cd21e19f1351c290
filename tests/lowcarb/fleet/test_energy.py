"""Energy of a workload, and learning it from measurements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.fleet.energy import TRANSFER_KWH_PER_GB, workload_kwh
from lowcarb.training.client_state import LEARNT_FROM, learn

amounts = st.floats(0, 1e9)


def test_energy_of_a_workload() -> None:
    found = workload_kwh(
        power_w=np.array([200.0, 0.0]),
        duration_s=np.array([1800.0, 60.0]),
        pue=np.array([1.5, 1.0]),
        upload_mb=np.array([500.0, 2000.0]),
        download_mb=np.array([500.0, 0.0]),
    )
    assert found == pytest.approx([0.15 + TRANSFER_KWH_PER_GB, 2 * TRANSFER_KWH_PER_GB])


@pytest.mark.parametrize(
    ("given_figure", "measured", "expected"),
    [
        (None, [], None),
        (1.0, [], 1.0),
        (None, [3.0], 3.0),
        (None, [3.0, 5.0], 4.0),
        (1.0, [3.0], 1.0),
        (1.0, [3.0, 3.0], 2.0),
        (1.0, [3.0, 3.0, 3.0], 3.0),
        (1.0, [100.0, 3.0, 4.0], 3.0),
        (0.0, [3.0, 3.0, 3.0], 3.0),
        # Older ones are forgotten.
        (1.0, [9.0] * 20 + [2.0] * LEARNT_FROM, 2.0),
    ],
)
def test_measurements_replace_what_was_given(
    given_figure: float | None, measured: list[float], expected: float | None
) -> None:
    assert learn(given_figure, measured) == expected


@given(amounts, st.lists(amounts, min_size=1, max_size=20))
def test_what_is_learnt_lies_between_what_is_known(figure: float, measured: list[float]) -> None:
    known = [figure, *measured]
    found = learn(figure, measured)
    assert found is not None
    assert min(known) <= found <= max(known)


@given(st.floats(1, 2), st.lists(st.floats(1, 2), max_size=20), amounts, st.integers(0, 20))
def test_a_single_outlier_never_decides(
    figure: float, measured: list[float], outlier: float, position: int
) -> None:
    found = learn(figure, [*measured[:position], outlier, *measured[position:]])
    assert found is not None
    assert 1 <= found <= 2
