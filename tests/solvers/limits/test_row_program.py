"""Programs by rows: what duals prove, and what is left when columns are fixed."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from lowcarb_solvers.limits.row_program import RowProgram


def program(seed: int) -> RowProgram:
    rng = np.random.default_rng(seed)
    columns, rows = int(rng.integers(2, 7)), int(rng.integers(1, 6))
    dense = rng.integers(-3, 4, (rows, columns)) * (rng.random((rows, columns)) < 0.7)
    matrix = csr_matrix(dense.astype(float))
    inside = dense @ rng.integers(0, 3, columns)
    kind = rng.integers(0, 3, rows)
    return RowProgram(
        cost=rng.integers(-5, 9, columns).astype(float),
        lower=np.zeros(columns),
        upper=rng.integers(2, 5, columns).astype(float),
        integer=np.ones(columns, dtype=np.bool_),
        begin=matrix.indptr.astype(np.int64),
        column=matrix.indices.astype(np.int64),
        value=matrix.data,
        low=np.where(kind == 1, -np.inf, inside - rng.integers(0, 2, rows) * (kind == 2)),
        high=np.where(kind == 0, np.inf, inside + rng.integers(0, 2, rows) * (kind == 2)),
    )


def optimum(of: RowProgram) -> float | None:
    matrix = csr_matrix((of.value, of.column, of.begin), shape=(len(of.low), len(of.cost)))
    found = milp(
        of.cost,
        constraints=LinearConstraint(matrix, of.low, of.high),
        bounds=Bounds(of.lower, of.upper),
        integrality=of.integer.astype(int),
    )
    return float(found.fun) if found.status == 0 else None


@given(seed=st.integers(0, 10_000), scale=st.floats(0, 20))
def test_no_duals_whatsoever_prove_too_much(seed: int, scale: float) -> None:
    of = program(seed)
    best = optimum(of)
    assert best is not None
    duals = scale * np.random.default_rng(seed).normal(size=len(of.low))
    assert of.bound(duals) <= best + 1e-6
    assert of.bound(np.zeros(len(of.low))) <= best + 1e-6


@given(seed=st.integers(0, 10_000))
def test_fixed_columns_leave_the_same_program(seed: int) -> None:
    of = program(seed)
    rng = np.random.default_rng(seed)
    fixed = rng.random(len(of.cost)) < 0.4
    held = rng.integers(0, 3, len(of.cost)).astype(float)
    lower, upper = np.where(fixed, held, of.lower), np.where(fixed, held, of.upper)
    part, left, rows = of.restricted(lower, upper)
    assert left.tolist() == np.flatnonzero(lower < upper).tolist()
    assert (np.diff(rows) > 0).all()
    whole = optimum(replace(of, lower=lower, upper=upper))
    settled = float(of.cost @ np.where(lower == upper, lower, 0.0))
    if not len(left):
        keeps = (of.activity(lower) >= of.low).all() and (of.activity(lower) <= of.high).all()
        assert keeps == (whole is not None)
        assert not (keeps and len(rows))
        return
    rest = optimum(part)
    assert (rest is None) == (whole is None)
    if rest is not None and whole is not None:
        assert abs(settled + rest - whole) < 1e-6


@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1, 3, 50]), off=st.floats(0, 0.9))
def test_tightened_rows_lose_no_whole_answer(seed: int, scale: int, off: float) -> None:
    whole = program(seed)
    # Bounds between two multiples keep the same whole numbers out.
    loose = replace(
        whole,
        value=whole.value * scale,
        low=scale * (whole.low - off),
        high=scale * (whole.high + off),
    )
    tight = loose.tightened()
    assert (tight.low >= loose.low).all()
    assert (tight.high <= loose.high).all()
    best, found = optimum(whole), optimum(tight)
    assert best is not None
    assert found is not None
    assert abs(found - best) < 1e-6
    used = np.diff(loose.begin) > 0
    assert (np.isinf(tight.low) | (tight.low >= scale * (whole.low - 1e-5)))[used].all()
    assert (np.isinf(tight.high) | (tight.high <= scale * (whole.high + 1e-5)))[used].all()


def test_only_whole_columns_with_whole_values_make_rows_tighter() -> None:
    of = RowProgram(
        cost=np.ones(3),
        lower=np.zeros(3),
        upper=np.array([5.0, 5.0, 0.0]),
        integer=np.array([True, True, False]),
        begin=np.array([0, 3, 5]),
        column=np.array([0, 1, 2, 0, 1]),
        value=np.array([50.0, 100.0, 1.0, 0.5, 1.0]),
        low=np.array([120.0, 1.2]),
        high=np.array([np.inf, 3.3]),
    )
    tight = of.tightened()
    # A fixed column of fractions is none, values that are fractions are.
    assert tight.low.tolist() == [150.0, 1.2]
    assert tight.high.tolist() == [np.inf, 3.3]
    opened = replace(of, upper=np.array([5.0, 5.0, 1.0])).tightened()
    assert opened.low.tolist() == of.low.tolist()
