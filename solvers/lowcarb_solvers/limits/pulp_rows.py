"""The PuLP model of a program by rows, from building to reading; runs in a child process."""

from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pulp

from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.cbc_model import (
    cbc_path,
    is_infeasible,
    last_line,
    logged_bound,
    result_line,
)
from lowcarb_solvers.limits.row_job import RowAnswer, RowJob

# Seconds kept back for reading the answer: a killed solver leaves no file.
_RESERVE = 0.1
# Branch and cut looks at the clock now and then only.
_TIMELY = 0.8
# From this share of its time on a solver that ends without an answer was out of time.
_LATE = 0.8
# How CBC begins to say so.
_ON_TIME = "stopped on time"
# Share of the time that building took which writing takes.
_WRITING = 1.2


def solve(job: RowJob, deadline: float) -> RowAnswer:
    """Build the model, write it into the working folder, run the solver, read what it says."""
    began = monotonic()
    problem, columns, rows = _build(job)
    log = Path("solver.log")
    left = deadline - monotonic() - _RESERVE - _WRITING * (monotonic() - began)
    if not job.relax:
        left *= _TIMELY
    if left <= 0:
        return RowAnswer(late=True)
    solver = _solver(job, left, log)
    # PuLP splits CBC's arguments at white space, and CBC reads "%" in them: names without a folder
    # hold neither, whatever the folder is called.
    solver.tmpDir = ""
    solving = monotonic()
    try:
        problem.solve(solver)
    except Exception as error:
        said = last_line(log)
        # CBC also crashes when its time ends before it has begun to search.
        if monotonic() - solving >= _LATE * left:
            return RowAnswer(late=True, said=said)
        error.add_note(said)
        raise
    share_left = 1 - (monotonic() - solving) / left
    text = log.read_text(errors="replace") if log.exists() else ""
    status = (problem.status, problem.sol_status)
    said = result_line(text) if job.solver is None else pulp.LpSolution[problem.sol_status]
    late = share_left < 1 - _LATE or said.lower().startswith(_ON_TIME)
    if status not in ((1, 1), (1, 2)):
        infeasible = is_infeasible(problem, said, share_left)
        return RowAnswer(infeasible=infeasible, late=late and not infeasible, said=said)
    # What does not matter to a solver may be without a value.
    x = np.array([column.varValue or 0.0 for column in columns], dtype=np.float64)
    bound = logged_bound(text, job.gap) if job.solver is None and not job.relax else None
    return RowAnswer(
        x=x,
        duals=np.array([_dual(row) for row in rows]) * job.unit if job.relax else None,
        finished=status == (1, 1),
        late=late,
        bound=None if bound is None else bound * job.unit,
        said=said,
    )


def _solver(job: RowJob, seconds: float, log: Path) -> Any:
    mip = not job.relax
    gap = job.gap if mip else None
    if job.solver is not None:
        named = pulp.getSolver(job.solver, msg=False, mip=mip, gapRel=gap, timeLimit=seconds)
        if not named.available():
            raise FileNotFoundError(f"PuLP knows {job.solver}, but does not find it here")
        return named
    return pulp.COIN_CMD(
        path=cbc_path(job.path),
        msg=False,
        mip=mip,
        warmStart=mip and job.start is not None,
        gapRel=gap,
        timeLimit=seconds,
        maxNodes=job.nodes,
        logPath=str(log),
    )


def _build(
    job: RowJob,
) -> tuple[pulp.LpProblem, list[pulp.LpVariable], list[list[pulp.LpConstraint]]]:
    """Build the model; also return its columns, and what each row became: none, one or two rows."""
    program = job.program
    problem = pulp.LpProblem("limits", pulp.LpMinimize)
    columns: list[pulp.LpVariable] = []
    parts = (program.lower, program.upper, program.integer)
    for number, (low, high, whole) in enumerate(zip(*(p.tolist() for p in parts), strict=True)):
        kind = pulp.LpInteger if whole else pulp.LpContinuous
        most = high if np.isfinite(high) else None
        columns.append(problem.add_variable(f"x_{number}", low, most, kind))
    if job.start is not None:
        for column, value in zip(columns, job.start.tolist(), strict=True):
            column.setInitialValue(value)
    cost = _scaled(program.cost, job.unit)
    problem.setObjective(pulp.LpAffineExpression(dict(zip(columns, cost, strict=True))))
    rows: list[list[pulp.LpConstraint]] = []
    entries = list(zip(program.column.tolist(), program.value.tolist(), strict=True))
    begin = program.begin.tolist()
    for number, (low, high) in enumerate(
        zip(program.low.tolist(), program.high.tolist(), strict=True)
    ):
        terms = {columns[c]: value for c, value in entries[begin[number] : begin[number + 1]]}
        # PuLP's rows have one bound, or two that are the same.
        sides = [(pulp.LpConstraintGE, low, ""), (pulp.LpConstraintLE, high, "_high")]
        if low == high:
            sides = [(pulp.LpConstraintEQ, low, "")]
        rows.append(
            [
                pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, f"r_{number}{side}", bound)
                for sense, bound, side in sides
                if np.isfinite(bound)
            ]
        )
        for row in rows[-1]:
            problem.addConstraint(row)
    return problem, columns, rows


def _scaled(cost: FloatArray, unit: float) -> list[float]:
    scaled: list[float] = (cost / unit).tolist()
    return scaled


def _dual(sides: list[pulp.LpConstraint]) -> float:
    """What PuLP read; nothing for rows that were not written or that a solver says nothing of."""
    return float(sum(row.pi for row in sides if row.pi is not None))
