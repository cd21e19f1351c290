"""Booking what came true of rounds that are over, by the signal that chose and by a second one."""

from datetime import datetime

from lowcarb.providers import Actuals
from lowcarb.training.actuals import ActualsFetcher
from lowcarb.training.booking import Booking
from lowcarb.training.second_signal import SecondSignal

# How long the end of a training waits for what came true.
_LAST_WAIT_S = 5.0


class CameTrue:
    """Asks what came true, beside the training, and books it once it is known.

    Parameters
    ----------
    source
        Who knows it by the signal that chooses; None if nobody does.
    second
        The second signal, which knows it by itself, if at all.
    booking
        The account.
    """

    def __init__(self, source: Actuals | None, second: SecondSignal, booking: Booking) -> None:
        self._actuals = ActualsFetcher(source)
        self._second = second
        self._booking = booking

    def ask(self, now: datetime) -> None:
        """Begin to fetch what is missing in the last rounds; return at once."""
        account = self._booking.account
        self._actuals.ask(account.rounds, now)
        self._second.ask_what_came_true(account, now)

    def settle(self, wait_s: float = 0.0) -> None:
        """Book what is known by now.

        Parameters
        ----------
        wait_s
            How long to wait for answers that are under way.
        """
        actual = self._actuals.take(wait_s)
        if actual is not None:
            self._booking.settle(actual)
        self._second.settle(self._booking, wait_s)

    def close(self) -> None:
        """Book what comes in the next seconds, as the last of it."""
        self.settle(_LAST_WAIT_S)
