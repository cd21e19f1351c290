"""What a solver of rows is asked for."""

import time
from pathlib import Path

import numpy as np
import pytest

from lowcarb_solvers.cbc_model import cbc_path, logged_bound
from lowcarb_solvers.limits.engine import Engine
from lowcarb_solvers.limits.row_program import Rows
from tests.helpers.processes import fake_cbc


def test_branch_and_cut_ends_after_the_nodes_that_are_asked_for(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    cbc = fake_cbc(tmp_path, f'echo "$@" >> {asked}; exec {cbc_path(None)} "$@"')
    rows = Rows()
    rows.add(np.array([0, 1]), np.array([3.0, 2.0]), low=5.0)
    program = rows.program(
        np.array([4.0, 3.0]), np.zeros(2), np.full(2, 9.0), np.ones(2, dtype=np.bool_)
    )
    engine = Engine(deadline=time.monotonic() + 30, path=cbc)
    few, all_ = (engine.solve(program, relax=False, nodes=nodes) for nodes in (7, None))
    assert few.x is not None
    assert all_.x is not None
    assert few.x.tolist() == all_.x.tolist() == [1.0, 1.0]
    first, second = asked.read_text().splitlines()
    assert "-maxNodes 7 " in first
    assert "-maxNodes" not in second


def test_rows_keep_both_of_their_bounds() -> None:
    rows = Rows()
    rows.add(np.array([0, 1]), np.ones(2), low=1.0, high=3.0)
    for cost, total in ((1.0, 1.0), (-1.0, 3.0)):
        program = rows.program(
            np.array([cost, 2 * cost]), np.zeros(2), np.full(2, 9.0), np.ones(2, dtype=np.bool_)
        )
        for relax in (False, True):
            answer = Engine(deadline=time.monotonic() + 30).solve(program, relax=relax)
            assert answer.x is not None
            assert answer.x.sum() == total
            assert answer.duals is None or program.bound(answer.duals) == pytest.approx(
                program.cost @ answer.x
            )


def test_what_may_stop_at_a_gap_proves_no_more_than_that() -> None:
    """CBC calls optimal what is within the gap, and may name no bound."""
    rows = Rows()
    rows.add(np.array([0, 1]), np.array([3.0, 2.0]), low=5.0)
    program = rows.program(
        np.array([4.0, 3.0]), np.zeros(2), np.full(2, 9.0), np.ones(2, dtype=np.bool_)
    )
    until = time.monotonic() + 30
    rough = Engine(deadline=until, gap=0.1).solve(program, relax=False)
    exact = Engine(deadline=until, gap=0.0).solve(program, relax=False)
    assert exact.bound == pytest.approx(7.0)
    assert rough.bound is not None
    assert rough.bound <= 7.0 * 0.9 + 1e-6


@pytest.mark.parametrize(
    ("log", "bound"),
    [
        ("Objective value:   200.0\nLower bound:   190.0\n", 190.0),
        ("Objective value:   200.0\n", 180.0),
        ("Objective value:   -200.0\n", -220.0),
        ("Optimal objective 10.0 - 2 iterations", 9.0),
        ("Stopped", None),
    ],
)
def test_bounds_in_a_log_allow_for_the_gap(log: str, bound: float | None) -> None:
    assert logged_bound(log, 0.1) == (None if bound is None else pytest.approx(bound))
