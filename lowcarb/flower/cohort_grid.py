"""A grid that shows only some of its nodes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flwr.serverapp import Grid

from lowcarb.errors import StrategyError

# Flower's strategies look once a second for more nodes, without an end.
_MOST_LOOKS = 60


class WaitsInVain(StrategyError):
    """The strategy waits for more nodes than it is shown."""


class CohortGrid(Grid):
    """Passes everything on to a grid, but shows only the cohort.

    Parameters
    ----------
    grid
        Flower's message bus.
    cohort
        Node ids to show, in this order; or what finds them, asked when somebody looks for the
        first time. By then a strategy has made up its mind how many it wants.
    """

    def __init__(self, grid: Grid, cohort: Sequence[int] | Callable[[], Sequence[int]]) -> None:
        self._grid = grid
        self._find = cohort if callable(cohort) else lambda: cohort
        self._cohort: list[int] | None = None
        self._looks = 0

    def __getattr__(self, name: str) -> Any:
        """Pass on what this class does not know."""
        return getattr(self._grid, name)

    @property
    def shown(self) -> list[int]:
        """The nodes that somebody has seen; none if nobody has looked yet."""
        return list(self._cohort or ())

    def get_node_ids(self) -> Iterable[int]:
        """Show the cohort; raise `WaitsInVain` where somebody looks for more again and again."""
        self._looks += 1
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

    def set_run(self, *args: Any, **kwargs: Any) -> None:
        """Pass on."""
        self._grid.set_run(*args, **kwargs)

    @property
    def run(self) -> Any:
        """Pass on."""
        return self._grid.run

    def create_message(self, *args: Any, **kwargs: Any) -> Any:
        """Pass on."""
        return self._grid.create_message(*args, **kwargs)

    def push_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Pass on."""
        return self._grid.push_messages(*args, **kwargs)

    def pull_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Pass on."""
        return self._grid.pull_messages(*args, **kwargs)

    def send_and_receive(self, *args: Any, **kwargs: Any) -> Any:
        """Pass on."""
        return self._grid.send_and_receive(*args, **kwargs)
