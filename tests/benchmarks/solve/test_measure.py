"""Every method for real, each in a process of its own."""

import pytest

import benchmarks.solve.__main__ as command
from benchmarks.solve.comparison import Comparison
from benchmarks.solve.measure import measure
from benchmarks.solve.methods import METHODS
from benchmarks.solve.program import OPTIMAL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return command.compare("smoke", list(METHODS), runs=1, limit_s=20.0)


def test_all_methods_agree(compared: Comparison) -> None:
    assert compared.differences() == []
    for method, (row,) in compared.rows.items():
        assert row.answer.missing == 0
        assert row.answer.status == (OPTIMAL if METHODS[method].exact else "heuristic")
        above = compared.above(method)
        assert above == pytest.approx(0, abs=1e-7) if METHODS[method].exact else above


def test_seconds_and_memory_are_measured(compared: Comparison) -> None:
    for rows in compared.rows.values():
        (row,) = rows
        assert row.cpu_s is not None
        assert row.build_cpu_s is not None
        assert row.peak_mb is not None
        assert 0 < row.build_cpu_s < row.cpu_s
        assert 20 < row.peak_mb < 2_000


def test_a_method_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)Lowcarb, CBC on no such.*KeyError: 'no such'"):
        measure("cbc", "no such", 0, 1.0)
