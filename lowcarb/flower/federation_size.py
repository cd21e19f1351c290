"""How a federation gets more nodes: what to do, in the words of the Flower that is installed."""

import re
from importlib.metadata import version

from flwr.serverapp import Grid

from lowcarb.flower.passing_grid import PassingGrid

# Since then `flwr run` itself takes the number; before it was a line in a file.
_COMMAND_SINCE = (1, 28)


def is_simulated(grid: Grid) -> bool:
    """Whether a grid's nodes are simulated: then there are as many as the run was started with."""
    while isinstance(grid, PassingGrid):
        grid = grid.inside
    # By name: it has moved from one module of Flower to another.
    return any(kind.__name__ == "InMemoryGrid" for kind in type(grid).__mro__)


def how_to_have(grid: Grid, nodes: int, flower: str | None = None) -> str:
    """Say how to have so many nodes: a command, or where the installed Flower has none, a line.

    Parameters
    ----------
    grid
        Flower's message bus.
    nodes
        How many.
    flower
        Flower's version; None for the one that is installed.
    """
    if not is_simulated(grid):
        return "start SuperNodes: flower-supernode --superlink HOST:PORT ... (docs/operating.md)"
    numbers = re.findall(r"\d+", version("flwr") if flower is None else flower)
    if tuple(map(int, numbers[:2])) < _COMMAND_SINCE:
        return (
            f"write options.num-supernodes = {nodes} below [superlink.local] in "
            "~/.flwr/config.toml, and run again"
        )
    return f'flwr run . --federation-config "num-supernodes={nodes}"'
