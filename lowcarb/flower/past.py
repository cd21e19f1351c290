"""Fetches what came true in the last rounds, beside the training, which never waits for it."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from lowcarb.account import BookedRound
from lowcarb.errors import ProviderError
from lowcarb.forecast import Forecast, Series
from lowcarb.outlook import series_fault
from lowcarb.providers import Actuals, Provider

logger = logging.getLogger("flwr.lowcarb")

# Services have the last day at hand; what is not known by then is given up.
_OLDEST = timedelta(hours=24)
# Rounds may be short, and services do not like to be asked all the time.
_EVERY = timedelta(minutes=10)


class Past:
    """Asks a provider for actual intensities, if it has them; one question at a time.

    Parameters
    ----------
    provider
        Any provider; one that is no `Actuals` is never asked.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider if isinstance(provider, Actuals) else None
        self._asked_at: datetime | None = None
        self._thread: threading.Thread | None = None
        self._found: dict[str, Series] = {}

    def ask(self, rounds: Sequence[BookedRound], now: datetime) -> None:
        """Begin to fetch what is missing in the last rounds; return at once.

        Parameters
        ----------
        rounds
            Those booked so far.
        now
            The time; what is later has not come true.
        """
        if self._provider is None or self._thread is not None:
            return
        if self._asked_at is not None and now - self._asked_at < _EVERY:
            return
        last = [one for one in rounds if now - _OLDEST < one.start < now and _missing(one)]
        if not last:
            return
        self._asked_at = now
        regions = sorted(set().union(*(_missing(one) for one in last)))
        signals = {region: _signal(last, region) for region in regions}
        start = min(one.start for one in last)
        self._thread = threading.Thread(
            target=self._fetch,
            args=(self._provider, signals, start, now),
            daemon=True,
            name="lowcarb-actuals",
        )
        self._thread.start()

    def take(self, wait_s: float = 0.0) -> Forecast | None:
        """Return what has been fetched since; None if nothing has.

        Parameters
        ----------
        wait_s
            How long to wait for an answer that is under way.
        """
        if self._thread is None:
            return None
        self._thread.join(wait_s)
        if self._thread.is_alive():
            return None
        self._thread = None
        found, self._found = self._found, {}
        return Forecast(series=found, source="what came true") if found else None

    def _fetch(
        self, provider: Actuals, signals: dict[str, str | None], start: datetime, end: datetime
    ) -> None:
        try:
            found, failed = provider.actuals(list(signals), start=start, end=end)
            for region, error in failed.items():
                logger.info("lowcarb: it is not known what came true in %r: %s", region, error)
            for region in found:
                if (fault := series_fault(found[region])) is not None:
                    logger.info("lowcarb: it is not known what came true in %r: %s", region, fault)
            self._found = {
                region: series
                for region, series in found.items()
                if series_fault(series) is None and _same_signal(series, signals.get(region))
            }
        except ProviderError as error:
            logger.info("lowcarb: it is not known what came true: %s", error)
        except Exception:
            # A provider may be the user's own code; its fault must not end a training.
            logger.exception("lowcarb: the provider failed")


def _missing(booked: BookedRound) -> set[str]:
    """Regions of work of which only a forecast is known."""
    return {turn.region for turn in booked.turns if turn.region and turn.actual is None}


def _signal(rounds: Sequence[BookedRound], region: str) -> str | None:
    """Signal that was planned with."""
    for booked in reversed(rounds):
        origin = booked.origins.get(region)
        if origin is not None and origin.signal is not None:
            return origin.signal
    return None


def _same_signal(series: Series, planned: str | None) -> bool:
    own = None if series.origin is None else series.origin.signal
    return planned is None or own is None or own == planned
