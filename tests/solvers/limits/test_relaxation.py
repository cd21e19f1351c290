"""The relaxation that is solved in parts is as tight as that of the whole program."""

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from benchmarks.limited_instances import large_limited
from lowcarb_solvers.limits import relaxation
from lowcarb_solvers.limits.count_rows import CountRows
from lowcarb_solvers.limits.engine import Engine
from lowcarb_solvers.limits.limited_classes import merge_limited
from lowcarb_solvers.limits.row_program import RowProgram


def whole_bound(of: RowProgram) -> float:
    """Optimum of the relaxation with all rows and columns, by HiGHS."""
    matrix = csr_matrix((of.value, of.column, of.begin), shape=(len(of.low), len(of.cost)))
    upper, lower = np.isfinite(of.high), np.isfinite(of.low)
    found = linprog(
        of.cost,
        A_ub=vstack([matrix[upper], -matrix[lower]]),
        b_ub=np.concatenate([of.high[upper], -of.low[lower]]),
        bounds=np.column_stack([of.lower, of.upper]),
    )
    assert found.status == 0
    return float(found.fun)


# Of few columns no answer keeps all rows, and more are taken.
@pytest.mark.parametrize("most", [1, 100, 12_000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_few_columns_to_begin_with_cost_no_bound(
    most: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaxation, "_MOST_RELAXED", most)
    limited = large_limited(60, 12, distinct=True, seed=seed, rounds=8)
    rows = CountRows(merge_limited(limited))
    program = replace(rows.program, upper=np.where(rows.slacks, 0.0, rows.program.upper))
    engine = Engine(deadline=time.monotonic() + 60)
    found = relaxation.relax(program, rows.resting, engine)
    best = whole_bound(program)
    assert found.bound <= best * (1 + 1e-9)
    assert found.bound >= best * (1 - 1e-3)
