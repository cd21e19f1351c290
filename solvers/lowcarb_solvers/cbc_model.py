"""The PuLP model on class counts, from building to reading; runs in a child process.

Only this file and `limits.pulp_rows` import PuLP.
"""

import re
import shutil
from pathlib import Path
from time import monotonic

import numpy as np
import pulp
from pulp.apis.coin_api import pulp_cbc_path

from lowcarb_solvers.cbc_job import Answer, Model

# Seconds kept back for reading the answer: a killed CBC leaves no file.
_RESERVE = 0.1
# Counts that CBC calls integral.
_INTEGRAL = 1e-5
# Below this share of the limit, "infeasible" may only mean that CBC ran out of time.
_TRUSTED_SHARE_LEFT = 0.2

# Characters that are quoted of what CBC says.
_MOST_QUOTED = 200


def solve(model: Model, deadline: float) -> Answer:
    """Build the model, write it into the working folder, run CBC, and read what it says."""
    began = monotonic()
    program = cbc_path(model.path)
    problem, counts = _build(model)
    log = Path("cbc.log")
    # Writing is not covered by CBC's limit; it takes about half as long as building.
    left = deadline - monotonic() - _RESERVE - (monotonic() - began) / 2
    if left <= 0:
        return _nothing("the time was over before CBC could start")
    solver = pulp.COIN_CMD(
        path=program,
        msg=False,
        mip=model.integer,
        warmStart=model.integer and model.start is not None,
        gapRel=model.gap if model.integer else None,
        timeLimit=left,
        logPath=str(log),
    )
    # PuLP splits CBC's arguments at white space, and CBC reads "%" in them: names without a folder
    # hold neither, whatever the folder is called.
    solver.tmpDir = ""
    solving = monotonic()
    try:
        problem.solve(solver)
    except Exception as error:
        error.add_note(last_line(log))
        raise
    share_left = 1 - (monotonic() - solving) / left
    gap = model.gap if model.integer else 0.0
    return _read(problem, counts, log.read_text(errors="replace"), share_left, gap)


def cbc_path(given: str | None) -> str:
    """Path of the CBC program to use."""
    for candidate in [given] if given else [pulp_cbc_path, "cbc"]:
        found = shutil.which(candidate)
        if found:
            return found
    raise FileNotFoundError(f"no CBC program at {given or 'PuLP or on PATH'}")


def _build(model: Model) -> tuple[pulp.LpProblem, list[list[pulp.LpVariable | None]]]:
    problem = pulp.LpProblem("cohorts", pulp.LpMinimize)
    cat = pulp.LpInteger  # COIN_CMD(mip=False) then solves the relaxation of the same model
    objective: dict[pulp.LpVariable, float] = {}
    program = model.program
    in_round: list[dict[pulp.LpVariable, int]] = [{} for _ in program.seats]
    counts: list[list[pulp.LpVariable | None]] = []
    cost, capacity = program.cost.tolist(), program.capacity.tolist()
    bounds = (program.floor.tolist(), program.assured.tolist(), program.ceiling.tolist())
    for k, (floor, assured, ceiling) in enumerate(zip(*bounds, strict=True)):
        of_class: dict[pulp.LpVariable, int] = {}
        row: list[pulp.LpVariable | None] = []
        for j, most in enumerate(capacity[k]):
            if not most:
                row.append(None)
                continue
            count = problem.add_variable(f"y_{k}_{j}", 0, most, cat)
            if model.start is not None:
                count.setInitialValue(int(model.start[k, j]))
            objective[count] = cost[k][j]
            in_round[j][count] = of_class[count] = 1
            row.append(count)
        counts.append(row)
        if ceiling < sum(capacity[k]):
            _constrain(problem, of_class, pulp.LpConstraintLE, f"most_{k}", ceiling)
        if floor:
            if program.penalty is not None:
                tiers = [(floor - assured, 1), (assured, 2)]
                lacks = 0 if model.start is None else max(0, floor - int(model.start[k].sum()))
                of_class = dict(of_class)
                for most, weight in tiers:
                    if not most:
                        continue
                    missing = problem.add_variable(f"missing{weight}_{k}", 0, most, cat)
                    if model.start is not None:
                        missing.setInitialValue(min(lacks, most))
                        lacks -= min(lacks, most)
                    objective[missing] = weight * program.penalty
                    of_class[missing] = 1
            _constrain(problem, of_class, pulp.LpConstraintGE, f"least_{k}", floor)
    all_empty: dict[pulp.LpVariable, int] = {}
    vacant = None if model.start is None else program.seats - model.start.sum(axis=0)
    chosen = None if vacant is None else program.slack.empty(vacant)
    for j, seats in enumerate(program.seats.tolist()):
        if program.slack.width[j]:
            slack = problem.add_variable(f"slack_{j}", 0, int(program.slack.width[j]), cat)
            if chosen is not None:
                slack.setInitialValue(int(chosen[j]))
            in_round[j][slack] = all_empty[slack] = 1
        if program.penalty is not None and seats:
            empty = problem.add_variable(f"empty_{j}", 0, seats, cat)
            if vacant is not None and chosen is not None:
                empty.setInitialValue(int(vacant[j] - chosen[j]))
            objective[empty] = program.penalty
            in_round[j][empty] = all_empty[empty] = 1
        _constrain(problem, in_round[j], pulp.LpConstraintEQ, f"seats_{j}", seats)
    if program.slack.breathes:
        if program.penalty is not None:
            lost = problem.add_variable("lost", 0, int(program.seats.sum()), cat)
            if vacant is not None:
                lost.setInitialValue(program.slack.lost(vacant))
            objective[lost] = program.penalty
            all_empty[lost] = -1
        _constrain(problem, all_empty, pulp.LpConstraintEQ, "empty", program.slack.total)
    problem.setObjective(pulp.LpAffineExpression(objective))
    return problem, counts


def _constrain(
    problem: pulp.LpProblem, terms: dict[pulp.LpVariable, int], sense: int, name: str, value: int
) -> None:
    if terms or value:
        problem.addConstraint(pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, name, value))


def _read(
    problem: pulp.LpProblem,
    variables: list[list[pulp.LpVariable | None]],
    log: str,
    share_left: float,
    gap: float,
) -> Answer:
    """Translate what PuLP reports, which calls a stop on time "Optimal" or "Infeasible"."""
    said = result_line(log)
    reported = (problem.status, problem.sol_status)
    infeasible = is_infeasible(problem, said, share_left)
    if reported not in ((1, 1), (1, 2)):
        return Answer(counts=None, finished=False, infeasible=infeasible, bound=None, said=said)
    values = np.array(
        [[0.0 if v is None or v.varValue is None else v.varValue for v in row] for row in variables]
    )
    counts = np.rint(values)
    if np.abs(values - counts).max(initial=0) > _INTEGRAL:
        return _nothing(f"CBC's counts are not whole numbers ({said})")
    return Answer(
        counts=counts.astype(np.int64),
        finished=reported == (1, 1),
        infeasible=False,
        bound=logged_bound(log, gap),
        said=said,
    )


def is_infeasible(problem: pulp.LpProblem, said: str, share_left: float) -> bool:
    """Whether "Infeasible" means that, and not that CBC ran out of time."""
    reported = (problem.status, problem.sol_status)
    return reported == (-1, -1) or (
        reported == (-1, 0) and share_left > _TRUSTED_SHARE_LEFT and "infeasible" in said.lower()
    )


def last_line(log: Path) -> str:
    """Quote the last line that CBC wrote before it failed, cut and printable."""
    try:
        lines = log.read_text(errors="replace").split("\n")
    except OSError:
        return "CBC was not begun"
    said = [line.strip() for line in lines if line.strip()]
    return f"CBC's last line: {said[-1][:_MOST_QUOTED]!r}" if said else "CBC said nothing"


def result_line(log: str) -> str:
    """Pick the first line of CBC's log that says how it ended."""
    for pattern in (r"^Result - (.*)$", r"^(Optimal .*)$", r"^(.*infeasible.*)$", r"^(Stopped.*)$"):
        found = re.search(pattern, log, re.MULTILINE | re.IGNORECASE)
        if found:
            return found.group(1).strip()
    return "CBC reported no result"


def logged_bound(log: str, gap: float = 0.0) -> float | None:
    """Read the best bound that CBC proved, which was allowed to stop at a relative gap.

    What it then calls optimal without a bound may be so far from that.
    """
    number = r"(-?[\d.]+(?:e[+-]?\d+)?)"
    for pattern, slack in (
        (rf"^Lower bound:\s+{number}", 0.0),
        (rf"^Objective value:\s+{number}", gap),
        (rf"^Optimal objective\s+{number}", gap),
    ):
        found = re.search(pattern, log, re.MULTILINE | re.IGNORECASE)
        if found:
            value = float(found.group(1))
            return value - slack * abs(value)
    return None


def _nothing(said: str) -> Answer:
    return Answer(counts=None, finished=False, infeasible=False, bound=None, said=said)
