"""Differences between methods are found, and ratios are those of pairs."""

from dataclasses import replace
from math import inf

import pytest

from benchmarks.solve.comparison import Comparison
from benchmarks.solve.measure import Row
from benchmarks.solve.program import LATE, OPTIMAL, Answer


def row(cost: float | None = 100.0, cpu_s: float | None = 1.0, **fields: object) -> Row:
    answer = Answer(cost=cost, missing=0, status=OPTIMAL)
    return Row(answer=replace(answer, **fields), cpu_s=cpu_s)  # type: ignore[arg-type]


def differences(**rows: Row) -> list[str]:
    by_method = {method.replace("_", "-"): [one] for method, one in rows.items()}
    return Comparison(instance="100x96", rows=by_method).differences()


def test_the_same_sum_in_another_order_is_no_difference() -> None:
    assert differences(cbc=row(), highs=row(100.0 + 9e-6), swaps=row(101, status="heuristic")) == []


@pytest.mark.parametrize("cost", [100.0 + 11e-6, 100.0 - 11e-6])
def test_optima_that_differ_are_named_with_the_instance_and_the_seed(cost: float) -> None:
    (found,) = differences(cbc=row(), highs=row(cost))
    assert found == (
        f"100x96, seed 0: HiGHS found {cost!r} with 0 missing, Lowcarb, CBC 100.0 with 0"
    )


def test_nobody_may_be_cheaper_than_an_optimum() -> None:
    assert differences(cbc=row(), swaps=row(99, status="heuristic"))
    assert differences(cbc=row(), highs=row(99, status=LATE))
    assert not differences(cbc=row(), highs=row(101, status=LATE))
    # Without a claim there is nothing to be compared with.
    assert not differences(cbc=row(status=LATE), swaps=row(99, status="heuristic"))


def test_as_much_must_be_missing_and_sharing_it_may_cost_more() -> None:
    short = row(missing=3)
    assert differences(cbc=short, highs=row(missing=2))
    assert differences(cbc=short, highs=row(missing=4))
    assert differences(cbc=short, swaps=row(missing=2, status="heuristic"))
    assert not differences(cbc=short, swaps=row(missing=5, status="heuristic"))
    assert not differences(cbc=short, highs=row(99, missing=3))
    assert differences(cbc=short, highs=row(101, missing=3))


def test_a_plan_a_round_later_is_compared_with_one_from_nothing_alone() -> None:
    assert not differences(cbc=row(), cbc_warm=row(80, expected=80.0))
    assert differences(cbc=row(), cbc_warm=row(80, expected=79.0))
    assert not differences(cbc_warm=row(80, expected=80.0), highs=row())


def test_ratios_are_medians_of_pairs_and_late_runs_count_as_endless() -> None:
    late = row(None, None, status=LATE)
    found = Comparison(
        instance="100x96",
        rows={
            "cbc": [row(cpu_s=2.0), row(cpu_s=30.0), row(cpu_s=9.0)],
            "all-arcs": [row(cpu_s=1.0), row(cpu_s=10.0), row(cpu_s=1.0)],
            "highs": [late, late, row(cpu_s=1.0)],
            "cp-sat": [],
        },
    )
    assert found.times_base("cbc") == 3.0
    assert found.times_base("highs") == 1.0
    assert found.times_base("cp-sat") is None
    assert found.seconds("cbc") == 9.0
    assert found.seconds("highs") == inf
    assert found.seconds("cp-sat") is None
    assert found.status("highs") == "time limit (2), optimal (1)"


def test_the_distance_above_the_optimum_is_the_largest() -> None:
    found = Comparison(
        instance="100x96",
        rows={
            "cbc": [row(), row(200.0)],
            "cbc-warm": [row(80, expected=80.0), row(80, expected=None)],
            "swaps": [row(101, status="heuristic"), row(204, status="heuristic")],
        },
    )
    assert found.above("cbc") == 0
    assert found.above("swaps") == pytest.approx(0.02)
    assert found.above("cbc-warm") == 0
