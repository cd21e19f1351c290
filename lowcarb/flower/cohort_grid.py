"""A grid that shows only some of its nodes."""

from collections.abc import Iterable, Sequence
from typing import Any

from flwr.serverapp import Grid


class CohortGrid(Grid):
    """Passes everything on to a grid, but shows only the cohort.

    Parameters
    ----------
    grid
        Flower's message bus.
    cohort
        Node ids to show, in this order.
    """

    def __init__(self, grid: Grid, cohort: Sequence[int]) -> None:
        self._grid = grid
        self._cohort = list(cohort)

    def __getattr__(self, name: str) -> Any:
        """Pass on what this class does not know."""
        return getattr(self._grid, name)

    def get_node_ids(self) -> Iterable[int]:
        """Show the cohort."""
        return list(self._cohort)

    def get_nodes(self) -> Iterable[Any]:
        """Show the cohort, in its order."""
        shown = {node.node_id: node for node in self._grid.get_nodes()}
        return [shown[node] for node in self._cohort if node in shown]

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
