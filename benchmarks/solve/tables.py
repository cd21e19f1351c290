"""Comparisons as tables."""

from collections.abc import Sequence
from math import isinf

from benchmarks.results import table
from benchmarks.solve.comparison import Comparison
from benchmarks.solve.families import FAMILIES, columns_of
from benchmarks.solve.methods import BASE, METHODS

_LATE, _LEFT_OUT = "late", "-"


def detail(comparison: Comparison) -> str:
    """Show all methods on one instance."""
    shape = FAMILIES[comparison.instance]
    runs = max(map(len, comparison.rows.values()))
    about = (
        f"**{comparison.instance}**: {shape.clients:,} clients x {shape.rounds:,} rounds, cohorts "
        f"of {shape.cohort_size:,}, {runs} {'run' if runs == 1 else 'runs'}\n"
    )
    header = ["method", "build CPU s", "CPU s", f"x {METHODS[BASE].label}", "wall s", "peak MB"]
    header += ["above optimum", "status"]
    return f"{about}\n{table(header, [_row(comparison, method) for method in comparison.rows])}\n"


def _row(comparison: Comparison, method: str) -> list[str]:
    label = METHODS[method].label
    if not comparison.rows[method]:
        most = METHODS[method].most_columns or 0
        why = f"left out: {columns_of(comparison.instance):,} turns to choose from, above {most:,}"
        return [label, *["-"] * 6, why]
    above = comparison.above(method)
    peak = max((row.peak_mb or 0.0 for row in comparison.rows[method]), default=0.0)
    return [
        label,
        seconds(comparison.median_of(method, lambda row: row.build_cpu_s)),
        seconds(comparison.seconds(method)),
        times(comparison.times_base(method)),
        seconds(comparison.median_of(method, lambda row: row.wall_s)),
        f"{peak:,.0f}",
        # Sums of the same costs in another order differ in their last digits.
        "-" if above is None else "0" if abs(above) < 1e-9 else f"{above:.1e}",
        comparison.status(method),
    ]


def overview(comparisons: Sequence[Comparison], *, ratios: bool) -> str:
    """Show CPU seconds, or their ratios to those of `BASE`, of all methods on all instances."""
    methods = list(comparisons[0].rows)
    rows = [
        [
            comparison.instance,
            *(
                times(comparison.times_base(method))
                if ratios
                else seconds(comparison.seconds(method))
                for method in methods
            ),
        ]
        for comparison in comparisons
    ]
    return table(["", *(METHODS[method].label for method in methods)], rows)


def explained(methods: Sequence[str]) -> str:
    """Say what the methods are."""
    return "\n".join(f"- {METHODS[method].label}: {METHODS[method].what}." for method in methods)


def seconds(value: float | None) -> str:
    """Write seconds with two digits at least; hundredths are what is measured of children."""
    if value is None:
        return _LEFT_OUT
    if isinf(value):
        return _LATE
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def times(value: float | None) -> str:
    """Write a ratio."""
    if value is None:
        return _LEFT_OUT
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
