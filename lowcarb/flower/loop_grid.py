"""The grid by which a loop sends: it goes on early, and lets nobody train behind Lowcarb's back."""

import logging
from collections.abc import Iterable, Sequence

from flwr.app import Message
from flwr.serverapp import Grid

from lowcarb.errors import StrategyError
from lowcarb.flower.early_grid import EarlyGrid
from lowcarb.flower.passing_grid import PassingGrid
from lowcarb.flower.training_run import TrainingRun

logger = logging.getLogger("flwr.lowcarb")


class LoopGrid(PassingGrid):
    """Passes everything on.

    Parameters
    ----------
    grid
        Flower's message bus.
    run
        The training that the loop runs.
    """

    def __init__(self, grid: Grid, run: TrainingRun) -> None:
        super().__init__(grid)
        self._run = run
        self._early = EarlyGrid(grid, run.enough_of, run.stragglers)
        self._said = False

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Send messages."""
        sent = list(messages)
        self._check(sent)
        return self._grid.push_messages(sent)

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Send messages, and return the replies; to a round's, once enough of them are valid."""
        sent = list(messages)
        self._check(sent)
        return self._early.send_and_receive(sent, timeout=timeout)

    def _check(self, sent: Sequence[Message]) -> None:
        """Refuse a loop that trains without a plan; say which messages are in no plan.

        Raises
        ------
        StrategyError
            If somebody is to train before CarbonAware was ever asked who.
        """
        trainings = [m for m in sent if m.metadata.message_type.split(".")[0] == "train"]
        foreign = sum(not self._run.is_ours(message) for message in trainings)
        if not foreign:
            return
        if not self._run.asked:
            raise StrategyError(
                f"the training loop of {self._run.inner.name} sends training messages without "
                "calling configure_train, so nobody would plan or book them: its start must call "
                "self.configure_train, or you wrap the strategy whose start it calls"
            )
        if not self._said:
            self._said = True
            logger.warning(
                "lowcarb: %d training messages are not those of configure_train; what they burn is "
                "neither planned nor booked",
                foreign,
            )
