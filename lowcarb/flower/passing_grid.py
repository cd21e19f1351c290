"""A grid that passes everything on to another grid; others change what they mean to change."""

from collections.abc import Iterable
from typing import Any

from flwr.serverapp import Grid


class PassingGrid(Grid):
    """Passes everything on.

    Parameters
    ----------
    grid
        Flower's message bus.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    @property
    def inside(self) -> Grid:
        """The grid that everything is passed on to."""
        return self._grid

    def __getattr__(self, name: str) -> Any:
        """Pass on what this class does not know."""
        return getattr(self._grid, name)

    def get_node_ids(self) -> Iterable[int]:
        """Pass on."""
        return self._grid.get_node_ids()

    def get_nodes(self) -> Iterable[Any]:
        """Pass on; older grids tell of none."""
        found: Iterable[Any] = getattr(self._grid, "get_nodes", list)()
        return found

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
