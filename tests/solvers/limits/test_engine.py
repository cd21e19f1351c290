"""What a solver of rows is asked for."""

import time
from pathlib import Path

import numpy as np
import pytest

from lowcarb_solvers.cbc_model import cbc_path
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
