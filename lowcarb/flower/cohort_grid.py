"""A grid that shows only some of its nodes."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flwr.serverapp import Grid

from lowcarb.errors import StrategyError
from lowcarb.flower.passing_grid import PassingGrid

# Flower's strategies look once a second for more nodes, without an end.
_MOST_LOOKS = 60


class WaitsInVain(StrategyError):
    """The strategy waits for more nodes than it is shown."""


class CohortGrid(PassingGrid):
    """Passes everything on to a grid, but shows only the cohort.

    Parameters
    ----------
    grid
        Flower's message bus.
    cohort
        Node ids to show, in this order; or what finds them, asked when somebody looks for the
        first time. By then a strategy has made up its mind how many it wants.
    patient
        Whether it may be looked at without an end.
    """

    def __init__(
        self,
        grid: Grid,
        cohort: Sequence[int] | Callable[[], Sequence[int]],
        *,
        patient: bool = False,
    ) -> None:
        super().__init__(grid)
        self._find = cohort if callable(cohort) else lambda: cohort
        self._patient = patient
        self._cohort: list[int] | None = None
        self._looks = 0

    @property
    def shown(self) -> list[int]:
        """The nodes that somebody has seen; none if nobody has looked yet."""
        return list(self._cohort or ())

    def get_node_ids(self) -> Iterable[int]:
        """Show the cohort; raise `WaitsInVain` where somebody looks for more again and again."""
        # Who waits sleeps between two looks; others may look as often as they like.
        self._looks += not self._patient and "sleep" in sys._getframe(1).f_code.co_names
        if self._looks > _MOST_LOOKS:
            raise WaitsInVain(
                f"the strategy waits for more nodes than the {len(self.shown)} it is shown: set "
                "its min_available_nodes to what a round may have"
            )
        return self._look()

    def get_nodes(self) -> Iterable[Any]:
        """Show the cohort, in its order."""
        cohort = self._look()
        shown = {node.node_id: node for node in self._grid.get_nodes()}
        return [shown[node] for node in cohort if node in shown]

    def _look(self) -> list[int]:
        if self._cohort is None:
            self._cohort = list(self._find())
        return list(self._cohort)
