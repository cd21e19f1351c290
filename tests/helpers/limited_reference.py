"""Problems with limits by enumeration, and by HiGHS on single clients, with rules of their own."""

from itertools import combinations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.rules import Rule, Stage

Outcome = tuple[tuple[float, ...], float]
"""What is missing, stage by stage, and the cost."""


def goals_of(limited: LimitedProblem) -> list[tuple[Stage, str]]:
    """Stages, each as often as its rules have units; the worst client comes after the floors."""
    goals: list[tuple[Stage, str]] = []
    for stage in limited.limits.stages:
        if stage is Stage.SEATS:
            goals.append((stage, "seats"))
        elif stage is Stage.FLOORS:
            goals += [(stage, "turns"), (stage, "worst")]
        else:
            units = [
                rule.unit
                for rule in limited.limits.rules
                if stage in (rule.stage_below, rule.stage_above)
            ]
            goals += [(stage, unit) for unit in dict.fromkeys(units)]
    return goals


def _costs(problem: Problem) -> FloatArray:
    """What a turn of each client costs in each round (n, t)."""
    costs: FloatArray = problem.weight[:, None] * problem.cost_level[problem.level_of]
    return costs


def enumerate_limited(limited: LimitedProblem) -> Outcome | None:
    """Try all plans; None if none keeps all that must be kept."""
    problem, limits = limited.problem, limited.limits
    n, t = problem.clients, problem.rounds
    cost, counted = _costs(problem), _costs(limited.counted or problem)
    choices = []
    for j in range(t):
        able = [i for i in range(n) if problem.available is None or problem.available[i, j]]
        if limits.rest is not None and limits.rested is not None:
            able = [i for i in able if limits.rested[i] + j >= limits.rest[i]]
        sizes = range(0 if problem.elastic else int(problem.fewest[j]), int(problem.most[j]) + 1)
        choices.append(
            [np.isin(np.arange(n), c) for size in sizes for c in combinations(able, size)]
        )
    if not all(choices):
        return None
    plans = np.array(list(product(*(range(len(c)) for c in choices)))).reshape(-1, t)
    x = np.stack([np.array(choices[j]).reshape(-1, n)[plans[:, j]] for j in range(t)], axis=2)
    turns = x.sum(axis=2)
    good = (turns <= problem.at_most).all(axis=1)
    lost = problem.total - turns.sum(axis=1)
    good &= (lost >= 0) if problem.elastic else (lost == 0)
    if limits.rest is not None:
        for i, j in product(range(n), range(t)):
            later = x[:, i, j + 1 : j + 1 + int(limits.rest[i])].any(axis=1)
            good &= ~(x[:, i, j] & later)
    x, turns, lost = x[good], turns[good], lost[good]
    if not len(x):
        return None
    paid = np.einsum("pij,ij->pj", x, cost)
    saved = {}
    for site in limits.excess:
        used = np.einsum("pij,i->pj", x, site.amount * site.clients)
        saved[site.name] = np.minimum(site.supply, used) * site.saves
    missing = dict.fromkeys(goals_of(limited), 0.0)
    lacking = np.maximum(0, problem.at_least - turns)
    missing[Stage.SEATS, "seats"] = np.maximum(0, problem.fewest - x.sum(axis=1)).sum(axis=1)
    if (problem.fewest < problem.most).any():
        missing[Stage.SEATS, "seats"] = missing[Stage.SEATS, "seats"] + lost
    missing[Stage.FLOORS, "turns"] = lacking.sum(axis=1)
    missing[Stage.FLOORS, "worst"] = lacking.max(axis=1)
    for rule in limits.rules:
        own = np.ones(n, dtype=bool) if rule.clients is None else rule.clients
        if rule.costs:
            sums = np.einsum("pij,ij->pj", x, counted * own[:, None])
            for site in limits.excess:
                if own[site.clients].all() and site.clients.any():
                    sums = sums - saved[site.name]
        else:
            each = own * (1.0 if rule.amount is None else rule.amount)
            sums = np.einsum("pij,i->pj", x, each)
        if rule.whole:
            sums = sums.sum(axis=1, keepdims=True)
        below = np.maximum(0, rule.at_least - sums).sum(axis=1)
        above = np.maximum(0, sums - rule.at_most).sum(axis=1)
        missing[rule.stage_below, rule.unit] = missing[rule.stage_below, rule.unit] + below
        missing[rule.stage_above, rule.unit] = missing[rule.stage_above, rule.unit] + above
    total = paid.sum(axis=1) - sum(s.sum(axis=1) for s in saved.values())
    columns = [np.broadcast_to(np.asarray(m, dtype=float), len(x)) for m in missing.values()]
    best = min(zip(*columns, total, strict=True))
    outcome = tuple(float(v) for v in best[:-1]), float(best[-1])
    return outcome if problem.elastic or not any(outcome[0]) else None


class SingleClients:
    """The program on single clients for HiGHS, its stages one after the other."""

    def __init__(self, limited: LimitedProblem) -> None:
        self._limited = limited
        self._rows: list[tuple[dict[int, float], float, float]] = []
        problem = limited.problem
        self._size = problem.clients * problem.rounds
        available = np.ones((problem.clients, problem.rounds))
        if problem.available is not None:
            available = problem.available.astype(float)
        rest, rested = limited.limits.rest, limited.limits.rested
        if rest is not None and rested is not None:
            available = available * (rested[:, None] + np.arange(problem.rounds) >= rest[:, None])
        self._upper = available.reshape(-1).tolist()
        self._whole = [1] * self._size
        self._terms: dict[tuple[Stage, str], dict[int, float]] = {
            goal: {} for goal in goals_of(limited)
        }
        self._cost = np.zeros(0)
        self._build()

    def _at(self, i: int, j: int) -> int:
        return i * self._limited.problem.rounds + j

    def _column(self, upper: float, whole: int = 0) -> int:
        self._upper.append(upper)
        self._whole.append(whole)
        return len(self._upper) - 1

    def _slack(self, goal: tuple[Stage, str]) -> int:
        column = self._column(np.inf if self._limited.problem.elastic else 0.0)
        self._terms[goal][column] = 1.0
        return column

    def _build(self) -> None:
        problem, limits = self._limited.problem, self._limited.limits
        n, t = problem.clients, problem.rounds
        cost = _costs(problem)
        worst = self._column(float(t), 1)
        self._terms[Stage.FLOORS, "worst"][worst] = 1.0
        for j, (least, most) in enumerate(zip(problem.fewest, problem.most, strict=True)):
            row = {self._at(i, j): 1.0 for i in range(n)}
            self._rows.append((row, -np.inf, float(most)))
            row = row | {self._slack((Stage.SEATS, "seats")): 1.0}
            self._rows.append((row, float(least), np.inf))
        if (problem.fewest < problem.most).any():
            row = {self._at(i, j): 1.0 for i in range(n) for j in range(t)}
            row[self._slack((Stage.SEATS, "seats"))] = 1.0
            self._rows.append((row, float(problem.total), float(problem.total)))
        for i in range(n):
            row = {self._at(i, j): 1.0 for j in range(t)}
            self._rows.append((row, -np.inf, float(problem.at_most[i])))
            missing = self._slack((Stage.FLOORS, "turns"))
            self._rows.append((row | {missing: 1.0}, float(problem.at_least[i]), np.inf))
            self._rows.append(({missing: 1.0, worst: -1.0}, -np.inf, 0.0))
            if limits.rest is not None and limits.rest[i]:
                for j in range(t):
                    window = range(j, min(t, j + int(limits.rest[i]) + 1))
                    self._rows.append(({self._at(i, q): 1.0 for q in window}, -np.inf, 1.0))
        saved: dict[int, float] = {}
        columns = {}
        for site in limits.excess:
            for j in range(t):
                column = columns[site.name, j] = self._column(float(site.supply[j]))
                saved[column] = -float(site.saves[j])
                row = {self._at(i, j): -float(site.amount[i]) for i in range(n) if site.clients[i]}
                self._rows.append((row | {column: 1.0}, -np.inf, 0.0))
        counted = _costs(self._limited.counted or problem)
        for rule in limits.rules:
            self._add_rule(rule, counted, columns)
        self._cost = np.zeros(len(self._upper))
        self._cost[: n * t] = cost.reshape(-1)
        for column, value in saved.items():
            self._cost[column] = value

    def _add_rule(self, rule: Rule, cost: FloatArray, columns: dict[tuple[str, int], int]) -> None:
        n, t = cost.shape
        own = [i for i in range(n) if rule.clients is None or rule.clients[i]]
        rows: list[dict[int, float]] = []
        for j in range(t):
            row = {}
            for i in own:
                each = 1.0 if rule.amount is None else float(rule.amount[i])
                row[self._at(i, j)] = float(cost[i, j]) if rule.costs else each
            for site in self._limited.limits.excess if rule.costs else ():
                inside = site.clients if rule.clients is None else rule.clients & site.clients
                if site.clients.any() and (inside == site.clients).all():
                    row[columns[site.name, j]] = -float(site.saves[j])
            rows.append(row)
        if rule.whole:
            rows = [{key: value for row in rows for key, value in row.items()}]
        for j, row in enumerate(rows):
            if np.isfinite(rule.at_least[j]):
                slack = self._slack((rule.stage_below, rule.unit))
                self._rows.append((row | {slack: 1.0}, float(rule.at_least[j]), np.inf))
            if np.isfinite(rule.at_most[j]):
                slack = self._slack((rule.stage_above, rule.unit))
                self._rows.append((row | {slack: -1.0}, -np.inf, float(rule.at_most[j])))

    def _solve(self, cost: FloatArray) -> float | None:
        size = len(self._upper)
        begin = np.cumsum([0, *(len(row) for row, _, _ in self._rows)])
        column = np.array([c for row, _, _ in self._rows for c in row])
        value = np.array([v for row, _, _ in self._rows for v in row.values()])
        matrix = csr_matrix((value, column, begin), shape=(len(self._rows), size))
        low, high = (np.array([row[side] for row in self._rows], dtype=float) for side in (1, 2))
        found = milp(
            cost,
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(np.zeros(size), np.array(self._upper)),
            integrality=np.array(self._whole),
            options={"mip_rel_gap": 0.0},
        )
        if found.status == 2:
            return None
        if found.status != 0:
            raise RuntimeError(found.message)
        return float(found.fun)

    def solve(self) -> Outcome | None:
        """Find what is missing and the cost; None if nothing keeps all."""
        reached = []
        for goal, terms in self._terms.items() if self._limited.problem.elastic else ():
            cost = np.zeros(len(self._upper))
            for column, weight in terms.items():
                cost[column] = weight
            value = self._solve(cost) or 0.0
            # HiGHS keeps rows and whole numbers up to 1e-6, so that a best may be a little too low.
            counted = goal[0] in (Stage.SEATS, Stage.FLOORS, Stage.QUOTAS)
            if counted or abs(value - round(value)) < 1e-4:
                value = float(round(value))
            reached.append(value)
            if terms:
                self._rows.append((terms, -np.inf, value + 1e-7 * max(1.0, value)))
        total = self._solve(self._cost)
        return None if total is None else (tuple(reached), total)
