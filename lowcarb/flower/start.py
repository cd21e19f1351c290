"""A call of `CarbonAware.start`: from its arguments to its result."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from flwr.serverapp.strategy import Result, Strategy

from lowcarb.flower.loop import LoopCall, has_own_loop, own_loop, renumbered
from lowcarb.flower.loop_grid import LoopGrid
from lowcarb.flower.metrics import complete
from lowcarb.flower.opening import Asked
from lowcarb.flower.runs import Runs

logger = logging.getLogger("flwr.lowcarb")


@dataclass(frozen=True, kw_only=True)
class StartCall:
    """Trains by Flower's loop, or by that of the strategy inside.

    Parameters
    ----------
    inside
        The strategy inside.
    hooks
        Whose methods the loop calls.
    flowers
        Flower's loop, bound to `hooks`.
    runs
        Begins the run that the loop trains.
    """

    inside: Strategy
    hooks: Strategy
    flowers: Callable[..., Result]
    runs: Runs

    def run(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
        """Train, and complete what the loop returns.

        Parameters
        ----------
        args, kwargs
            As the user gave them.
        """
        own = has_own_loop(self.inside)
        call = LoopCall(self.inside.start if own else self.flowers, args, kwargs)
        with ExitStack() as resources:
            loop = resources.enter_context(own_loop(self.inside, self.hooks, self.flowers))
            begun = self.runs.begin(self._asked(call), resources)
            before = begun.run.session.done
            result = call.run(
                loop,
                grid=lambda grid: LoopGrid(grid, begun.run),
                rounds=begun.rounds,
                arrays=begun.arrays,
                done=begun.run.shown,
            )
            begun.run.complete = True
        if begun.rounds and not begun.run.asked:
            logger.error(
                "lowcarb: the training loop of %s never called configure_train: nothing of what it "
                "did was planned or booked",
                begun.run.inner.name,
            )
        if not isinstance(result, Result):
            return result
        if begun.run.session.done and not result.arrays and begun.arrays is not None:
            # No round made a new model, so the one from before is the result.
            result.arrays = begun.arrays
        complete(result, begun.run.session.account, before)
        return renumbered(result, begun.run.shown)

    def _asked(self, call: LoopCall) -> Asked:
        """Say what the loop asks for; rounds of the whole training that were given come first."""
        rounds = self.runs.rounds
        asks = call.says_rounds or rounds is None
        return Asked(
            grid=call.grid,
            arrays=call.arrays,
            rounds=call.rounds if asks else None,
            own_numbers=rounds is not None and asks and call.rounds != rounds,
        )
