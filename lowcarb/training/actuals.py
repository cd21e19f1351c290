"""Fetches what came true in the last rounds, beside the training, which never waits for it."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.provenance import comparable
from lowcarb.errors import ProviderError
from lowcarb.ledger.entries import BookedRound
from lowcarb.providers import Actuals
from lowcarb.providers.series_fault import series_fault

logger = logging.getLogger(__name__)

# Services have the last day at hand; what is not known by then is given up. Rounds may be as far
# apart as that, and of the last two it cannot have been known before.
_OLDEST = timedelta(hours=24)
_LAST_ROUNDS = 2
# Rounds may be short, and services do not like to be asked all the time.
_EVERY = timedelta(minutes=10)

_Kind = tuple[str | None, str | None]
"""Signal and accounting, as in `Provenance`."""


class ActualsFetcher:
    """Asks a provider for actual intensities, if it has them; one question at a time.

    Parameters
    ----------
    provider
        Who knows what came true; None if nobody does.
    """

    def __init__(self, provider: Actuals | None) -> None:
        self._provider = provider
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
        if self._provider is None or not self.may_ask(now):
            return
        last = [one for one in recent_rounds(rounds, now) if one.start < now and _missing(one)]
        if not last:
            return
        self._asked_at = now
        regions = sorted(set().union(*(_missing(one) for one in last)))
        kinds = {region: _kind(rounds, region) for region in regions}
        start = min(one.start for one in last)
        self._thread = threading.Thread(
            target=self._fetch,
            args=(self._provider, kinds, start, now),
            daemon=True,
            name="lowcarb-actuals",
        )
        self._thread.start()

    def may_ask(self, now: datetime) -> bool:
        """Whether no question is under way, and the last one is not too young."""
        young = self._asked_at is not None and now - self._asked_at < _EVERY
        return self._provider is not None and self._thread is None and not young

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
        self, provider: Actuals, kinds: dict[str, _Kind], start: datetime, end: datetime
    ) -> None:
        try:
            found, failed = provider.actuals(list(kinds), start=start, end=end)
            for region, error in failed.items():
                logger.info("lowcarb: it is not known what came true in %r: %s", region, error)
            good: dict[str, Series] = {}
            for region, kind in kinds.items():
                if region not in found:
                    continue
                series = found[region]
                fault = series_fault(series)
                if fault is None and not _fits(series, kind):
                    fault = "it is not of the kind that was planned with"
                if fault is None:
                    good[region] = series
                else:
                    logger.info("lowcarb: it is not known what came true in %r: %s", region, fault)
            self._found = good
        except ProviderError as error:
            logger.info("lowcarb: it is not known what came true: %s", error)
        except Exception:
            # A provider may be the user's own code; its fault must not end a training.
            logger.exception("lowcarb: the provider failed")


def recent_rounds(rounds: Sequence[BookedRound], now: datetime) -> list[BookedRound]:
    """Those of which it may still become known what came true."""
    recent = [one for one in rounds[:-_LAST_ROUNDS] if now - _OLDEST < one.start]
    return [*recent, *rounds[-_LAST_ROUNDS:]]


def _missing(booked: BookedRound) -> set[str]:
    """Regions of work of which only a forecast is known."""
    return {turn.region for turn in booked.turns if turn.region and turn.actual is None}


def _kind(rounds: Sequence[BookedRound], region: str) -> _Kind:
    """Signal and accounting that were planned with, by the newest round that says them.

    A region that was planned on typical days is compared with others, and so of their signal.
    """
    signal = None
    for booked in reversed(rounds):
        provenance = booked.provenances.get(region)
        if provenance is not None and provenance.signal is not None:
            return provenance.signal, provenance.accounting
        signals = (one.signal for one in booked.provenances.values())
        signal = signal or next((one for one in signals if one is not None), None)
    return signal, None


def _fits(series: Series, planned: _Kind) -> bool:
    if series.provenance is None:
        return True
    own = (series.provenance.signal, series.provenance.accounting)
    return all(map(comparable, own, planned))
