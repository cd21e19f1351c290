"""The runs of one CarbonAware, of `start` and of loops of one's own."""

import logging
import weakref
from contextlib import ExitStack

from flwr.app import ArrayRecord
from flwr.serverapp import Grid

from lowcarb.errors import StrategyError
from lowcarb.flower.opening import Asked, Begun, Opening
from lowcarb.flower.training_run import TrainingRun

logger = logging.getLogger("flwr.lowcarb")


class Runs:
    """One run after the other, each going on where the one before ended.

    Parameters
    ----------
    opening
        Begins them.
    """

    def __init__(self, opening: Opening) -> None:
        self.newest: TrainingRun | None = None
        self._opening = opening
        self._active = False
        # What the run of a loop of one's own holds open, until `close` or until this object goes.
        self._held = ExitStack()
        weakref.finalize(self, self._held.close)

    @property
    def rounds(self) -> int | None:
        """Of the whole training; None if each loop says it."""
        return self._opening.rounds

    def begin(self, asked: Asked, resources: ExitStack) -> Begun:
        """Begin a run that ends when its resources are closed."""
        self.close()
        begun = self._opening.begin(asked, self.newest, resources)
        self._enter(begun.run, resources)
        return begun

    def current(self, grid: Grid, arrays: ArrayRecord | None = None) -> TrainingRun:
        """Return the run that is under way; a loop of one's own begins it by its first call.

        Raises
        ------
        StrategyError
            If nobody says how many rounds there are.
        """
        if self._active and self.newest is not None:
            return self.newest
        if self.rounds is None:
            raise StrategyError(
                "no training has begun: call start or, for a loop of your own, say "
                "CarbonAware(rounds=...)"
            )
        asked = Asked(grid=grid, arrays=arrays, rounds=None, own_numbers=True)
        with ExitStack() as resources:
            run = self._opening.begin(asked, self.newest, resources).run
            self._enter(run, resources)
            # Such a loop cannot fail unnoticed: whatever it does next is for further rounds.
            resources.callback(setattr, run, "complete", True)
            self._held.push(resources.pop_all())
        if run.saved is not None:
            logger.warning("lowcarb: the first round begins with the model in the ledger")
        return run

    def close(self) -> None:
        """End the run of a loop of one's own; one that `start` makes ends with it."""
        self._held.close()

    def _enter(self, run: TrainingRun, resources: ExitStack) -> None:
        self.newest, self._active = run, True
        # Held weakly, or what is held open would keep this object for ever.
        resources.callback(_leave, weakref.ref(self), run)


def _leave(runs: "weakref.ref[Runs]", run: TrainingRun) -> None:
    run.close()
    if (there := runs()) is not None:
        there._active = False
