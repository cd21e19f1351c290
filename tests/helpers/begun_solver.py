"""A solver that keeps the prices from which it begins."""

from dataclasses import dataclass, field, replace

from lowcarb_solvers import Classes, Greedy, Solution
from lowcarb_solvers.arrays import FloatArray


@dataclass(frozen=True)
class BegunSolver:
    """Plans by greedy, whose proof gives prices; `starts` are those it began from, or None."""

    starts: list[list[float] | None] = field(default_factory=list)
    prices: FloatArray | None = None
    name: str = "begun"

    def warmed(self, prices: FloatArray) -> "BegunSolver":
        return replace(self, prices=prices)

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        self.starts.append(None if self.prices is None else self.prices.tolist())
        return replace(Greedy()(classes, start), solver=self.name)
