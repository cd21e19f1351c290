"""All kinds of limits at once at the sizes of federations, with HiGHS on the whole model beside.

Usage::

    python -m benchmarks.limits [--seeds 5] [--out FILE]
    python -m benchmarks.limits --smoke

Samples, energy, regions, labels and rest in 24 rounds: how long plans take, how near they are to
their bound, and whether a check of single clients finds anything. HiGHS gets the same problems,
gaps and seconds; neither's bound may be above the other's cost. Fleets without limits are planned
with and without the limits' door. Rewrites its section of ``benchmarks/RESULTS.md``.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.limited_instances import large_limited
from benchmarks.limited_peer import PeerAnswer, by_highs
from benchmarks.results import RESULTS, Section, setting, table
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb._util.text import count
from lowcarb_solvers import child, solve
from lowcarb_solvers.limits import LimitedProblem, LimitedSolution, Limits, solve_limited
from lowcarb_solvers.solver import chain

GAP = 1e-3
# Costs and bounds are sums of some thousand products.
_ROUNDING = 1e-9
_SUMMARY = [
    "",
    "wall s, worst",
    "CPU s, worst",
    "gap %, worst",
    "broken rules",
    "in time",
    "HiGHS: wall s, worst",
    "gap %, worst",
    "without a plan",
]
_EACH = [
    "",
    "seed",
    "wall s",
    "CPU s",
    "gap %",
    "HiGHS: wall s",
    "CPU s",
    "gap %",
    "its plan costs more, %",
]
_PLAIN = ["", "`solve`", "`solve_limited`", "ratio"]
# Plans without limits of each seed, one way and the other in turn.
_TURNS = 3


@dataclass(frozen=True, kw_only=True)
class Case:
    """Federations that are solved.

    Parameters
    ----------
    name
        For the tables.
    clients, cohort, rounds
        Size.
    distinct
        Whether all clients have energies and samples of their own.
    limit_s
        Wall seconds that a plan has.
    """

    name: str
    clients: int
    cohort: int
    distinct: bool
    limit_s: float
    rounds: int = 24

    def of(self, seed: int) -> LimitedProblem:
        """Make one of them."""
        return large_limited(
            self.clients, self.cohort, distinct=self.distinct, seed=seed, rounds=self.rounds
        )


CASES = (
    Case(name="2,000 of 20 kinds", clients=2_000, cohort=100, distinct=False, limit_s=20),
    Case(name="100,000 of 20 kinds", clients=100_000, cohort=5_000, distinct=False, limit_s=30),
    Case(name="2,000 distinct", clients=2_000, cohort=100, distinct=True, limit_s=30),
)
SMOKE = (Case(name="smoke", clients=200, cohort=20, distinct=False, limit_s=10, rounds=4),)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One problem solved by both.

    Parameters
    ----------
    seed
        Which one.
    solution, peer
        What they found.
    wall_s, cpu_s, peer_wall_s, peer_cpu_s
        Seconds of each; CPU seconds with those of children.
    wrong
        What the check of single clients found in Lowcarb's plan.
    """

    seed: int
    solution: LimitedSolution
    peer: PeerAnswer
    wall_s: float
    cpu_s: float
    peer_wall_s: float
    peer_cpu_s: float
    wrong: tuple[str, ...]

    @property
    def cost(self) -> float:
        """What Lowcarb's plan costs."""
        cost = self.solution.raise_for_status().objective
        assert cost is not None  # noqa: S101 - there is a plan
        return cost

    @property
    def gap(self) -> float:
        """Lowcarb's gap, of its own bound; infinite without one."""
        gap = self.solution.gap
        return float("inf") if gap is None else gap

    @property
    def peer_gap(self) -> float:
        """HiGHS's gap, of its own bound; infinite without a plan."""
        cost = self.peer.objective
        return float("inf") if cost is None else max(0.0, cost - self.peer.bound) / cost

    @property
    def contradictions(self) -> tuple[str, ...]:
        """Bounds that are above the other's cost, as sentences."""
        found = []
        bound, cost = self.solution.bound, self.peer.objective
        if bound is not None and cost is not None and bound > cost * (1 + _ROUNDING):
            found.append(f"seed {self.seed}: Lowcarb's bound {bound:g}, HiGHS's cost {cost:g}")
        if self.peer.bound > self.cost * (1 + _ROUNDING):
            found.append(
                f"seed {self.seed}: HiGHS's bound {self.peer.bound:g}, Lowcarb's cost {self.cost:g}"
            )
        return tuple(found)


def measure(case: Case, seed: int) -> Measured:
    """Solve one problem by Lowcarb, with processes that are started for it, and by HiGHS."""
    limited = case.of(seed)
    child.end_idle()
    watch = Stopwatch(case.limit_s)
    solution = solve_limited(limited, time_limit=case.limit_s, gap=GAP)
    watch.stop()
    theirs = Stopwatch(case.limit_s)
    peer = by_highs(limited, seconds=case.limit_s, gap=GAP)
    theirs.stop()
    # An elastic problem may miss things; here nothing need be missing.
    strict = replace(limited, problem=replace(limited.problem, elastic=False))
    return Measured(
        seed=seed,
        solution=solution,
        peer=peer,
        wall_s=watch.wall_s,
        cpu_s=watch.cpu_s,
        peer_wall_s=theirs.wall_s,
        peer_cpu_s=theirs.cpu_s,
        wrong=tuple(strict.violations(solution.cohorts)),
    )


def without_limits(case: Case, seed: int) -> tuple[float, float]:
    """CPU seconds of a fleet without limits, by `solve` and by `solve_limited`."""
    limited = replace(case.of(seed), limits=Limits())
    plain, door = [], []
    for _ in range(_TURNS):
        watch = Stopwatch(case.limit_s)
        one = solve(limited.problem, *chain(case.limit_s))
        watch.stop()
        plain.append(watch.cpu_s)
        watch = Stopwatch(case.limit_s)
        other = solve_limited(limited, time_limit=case.limit_s)
        watch.stop()
        door.append(watch.cpu_s)
        if one.objective != other.objective:
            raise RuntimeError(
                f"{case.name}, seed {seed}: without limits {one.objective!r} by solve, "
                f"{other.objective!r} by solve_limited"
            )
    return median(plain), median(door)


def report(command: str, cases: tuple[Case, ...], seeds: int) -> str:
    """Solve all and write the section."""
    found = {case: [measure(case, seed) for seed in range(seeds)] for case in cases}
    plain = {case: [without_limits(case, seed) for seed in range(seeds)] for case in cases}
    broken = [one for of in found.values() for each in of for one in each.contradictions]
    said = "; ".join(broken) if broken else "none"
    return "\n".join(
        [
            "## All kinds of limits at once\n",
            f"{command}. {setting('scipy')}",
            "Samples at least, kWh at most, regions at most and labels at least in each round, "
            f"1 round of rest, up to 4 turns; {count(seeds, 'seed')} each, to a gap of "
            f"{100 * GAP:g} %. HiGHS gets the whole model, in which clients that agree in "
            "everything share their counts, with the same gap and seconds. Wall seconds depend on "
            f"what else the machine does, which left {100 * _share(found):.0f} % of a core to "
            "Lowcarb; CPU seconds are with children. Bounds above the other's cost: "
            f"{said}.\n",
            table(_SUMMARY, [_summary(case, of) for case, of in found.items()]),
            "\n### Each seed\n",
            table(_EACH, [_row(case, one) for case, of in found.items() for one in of]),
            "\n### Without limits\n",
            "CPU seconds of the same fleets without limits, median over the seeds.\n",
            table(_PLAIN, [_ratio(case, of) for case, of in plain.items()]),
        ]
    )


def _share(found: dict[Case, list[Measured]]) -> float:
    """How much of a core Lowcarb had while it solved."""
    all_ = [one for of in found.values() for one in of]
    return sum(one.cpu_s for one in all_) / sum(one.wall_s for one in all_)


def _summary(case: Case, found: list[Measured]) -> list[str]:
    held = sum(one.wall_s <= case.limit_s and one.gap <= GAP for one in found)
    with_plan = [one.peer_gap for one in found if one.peer.objective is not None]
    return [
        f"{case.name}, {case.limit_s:g} s",
        f"{max(one.wall_s for one in found):.1f}",
        f"{max(one.cpu_s for one in found):.1f}",
        f"{100 * max(one.gap for one in found):.3f}",
        str(sum(len(one.wrong) for one in found)),
        f"{held} of {len(found)}",
        f"{max(one.peer_wall_s for one in found):.1f}",
        f"{100 * max(with_plan):.3f}" if with_plan else "-",
        str(len(found) - len(with_plan)),
    ]


def _row(case: Case, one: Measured) -> list[str]:
    cost = one.peer.objective
    return [
        case.name,
        str(one.seed),
        f"{one.wall_s:.1f}",
        f"{one.cpu_s:.1f}",
        f"{100 * one.gap:.3f}",
        f"{one.peer_wall_s:.1f}",
        f"{one.peer_cpu_s:.1f}",
        "-" if cost is None else f"{100 * one.peer_gap:.3f}",
        "-" if cost is None else f"{100 * (cost / one.cost - 1):.3f}",
    ]


def _ratio(case: Case, found: list[tuple[float, float]]) -> list[str]:
    plain, door = (median(part) for part in zip(*found, strict=True))
    return [case.name, f"{plain:.3f}", f"{door:.3f}", f"{door / plain:.2f}"]


def main() -> None:
    """Read the options, solve, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, to see that it runs")
    options = parser.parse_args()
    results = Section.of("limits", parser, options, apart_from=("out",))
    if options.smoke:
        print(report(results.command("benchmarks.limits"), SMOKE, 1))
        return
    results.refuse_unless_replaceable(options.out)
    results.write(options.out, report(results.command("benchmarks.limits"), CASES, options.seeds))
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
