"""Corrects a training's forecasts by what came true; the training neither waits nor fails by it."""

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_constants import Correction
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.guard_log import GuardLog
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.last_days import LastDays
from lowcarb.carbon.provenance import comparable
from lowcarb.errors import ProviderError
from lowcarb.ledger.entries import ClockKind
from lowcarb.providers import Actuals, Provider
from lowcarb.providers.csv_actuals import CsvActuals
from lowcarb.providers.fallback import series_fault
from lowcarb.providers.protocol import Issued
from lowcarb.training.settings import Settings

logger = logging.getLogger(__name__)

# What came true is asked for no more often, by the training's own clock.
_EVERY = timedelta(hours=1)
# Of the forecasts that a training fetches one is kept in so long: errors hardly depend on more.
_KEPT_EVERY = timedelta(hours=6)
_KEPT_FOR = timedelta(days=Correction().skill_days)
# Services have the last days at hand; what is known already is not asked for again.
_FIRST, _LATER = timedelta(days=14), timedelta(days=2)
# In simulated time all has come true already; it is taken to be known as late as usual.
_SIMULATED_DELAY = timedelta(hours=1)


class Corrections:
    """Keeps the forecasts of a training and what came true of them, and corrects the next ones.

    Forecasts are those that this process fetched, or all of a CSV provider's file. What came true
    is fetched in a thread of its own; a round takes what was there when it began.

    Parameters
    ----------
    provider
        Where forecasts come from.
    actuals
        Where what came true comes from.
    delay
        How long after its end a value may be used; zero where time is real, since then nothing is
        known too early.
    waits
        Whether a round waits for what came true, as from a file: the same training is then planned
        alike each time.
    """

    def __init__(
        self,
        provider: Provider,
        actuals: Actuals,
        *,
        delay: timedelta = timedelta(),
        waits: bool = False,
    ) -> None:
        self._provider = provider
        self._source = actuals
        self._delay, self._waits = delay, waits
        self._kept: deque[Forecast] = deque(maxlen=_KEPT_FOR // _KEPT_EVERY)
        self._known: dict[str, Series] = {}
        self._corrector: Corrector | None = None
        self._thread: threading.Thread | None = None
        self._asked_at: datetime | None = None
        self._said = False
        self._guard_log = GuardLog()

    def __call__(self, series: Mapping[str, Series], now: datetime) -> Mapping[str, Series]:
        """Correct the forecasts of a round that begins now.

        Parameters
        ----------
        series
            By region, as the provider gave them.
        now
            The start of the round.

        Returns
        -------
        Mapping
            The same series where nothing is known to correct them by.
        """
        if not series:
            return series
        try:
            issue = _issue(series, now)
            self._refresh(issue, now)
            if self._corrector is None:
                return series
            corrected = self._corrector.correct(issue, now)
            self._guard_log.say(self._corrector.verdicts(now))
        except Exception:
            # Whatever is wrong with what came true: forecasts as issued are there.
            logger.exception("lowcarb: forecasts stay as they were issued")
            return series
        if corrected is not issue and not self._said:
            self._said = True
            logger.info("lowcarb: %s", corrected.notes[-1])
        return corrected.series

    def last_days(self, region: str, now: datetime) -> LastDays | None:
        """Return what is known at a time of a region's days before; None if nothing is."""
        past = self._known.get(region)
        if past is None:
            return None
        return LastDays.of_series(past, (now - self._delay).timestamp())

    def _refresh(self, issue: Forecast, now: datetime) -> None:
        """Begin to learn from what came true, if that was long ago, and keep a forecast."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._asked_at is not None and timedelta() <= now - self._asked_at < _EVERY:
            return
        self._asked_at = now
        last = self._kept[-1].issued_at if self._kept else None
        if last is None or now - last >= _KEPT_EVERY:
            # It counts from when it was fetched, not from when it was issued.
            self._kept.append(Forecast(series=issue.series, source=issue.source, issued_at=now))
        self._thread = threading.Thread(
            target=self._learn,
            args=(tuple(self._kept), issue, now),
            daemon=True,
            name="lowcarb-corrections",
        )
        self._thread.start()
        if self._waits:
            self._thread.join()

    def _learn(self, kept: tuple[Forecast, ...], issue: Forecast, now: datetime) -> None:
        try:
            regions = list(issue.series)
            begin = now - (_LATER if set(regions) <= set(self._known) else _FIRST)
            found, failed = self._source.actuals(regions, start=begin, end=now)
            for region, error in failed.items():
                logger.debug("lowcarb: forecasts of %r are not corrected: %s", region, error)
            for region in regions:
                if region in found and _fits(found[region], issue.series[region]):
                    self._known[region] = _joined(self._known.get(region), found[region])
            issues = Issues(forecasts=kept, source="the provider")
            if isinstance(self._provider, Issued):
                issues = _recent(self._provider.issued(), now)
            if not self._known or not issues.forecasts:
                return
            corrector = Corrector(
                issues=issues,
                actual=Forecast(series=dict(self._known), source="what came true"),
                delay=self._delay,
            )
            # What takes long is done here, and not when a round begins.
            corrector.correct(issue, now)
            self._corrector = corrector
        except ProviderError as error:
            logger.info("lowcarb: forecasts are not corrected: %s", error)
        except Exception:
            # A provider may be the user's own code; its fault must not end a training.
            logger.exception("lowcarb: forecasts are not corrected")


def corrections_of(settings: Settings, actuals: Actuals | None) -> Corrections | None:
    """Make what a training asks for; None if forecasts stay as issued.

    Parameters
    ----------
    settings
        Of the training.
    actuals
        Where what came true comes from; None if nobody knows.
    """
    if not settings.correct or actuals is None:
        return None
    simulated = settings.clock.name == ClockKind.SIMULATED
    return Corrections(
        settings.provider,
        actuals,
        delay=_SIMULATED_DELAY if simulated else timedelta(),
        waits=isinstance(settings.actuals, CsvActuals),
    )


def _issue(series: Mapping[str, Series], now: datetime) -> Forecast:
    """Make a forecast of a provider's answer; what does not say when it was issued is of now."""
    older = {
        region: one.provenance.issued_at
        for region, one in series.items()
        if one.provenance is not None and one.provenance.issued_at is not None
    }
    return Forecast(series=dict(series), source="the provider", issued_at=now, older=older)


def _fits(actual: Series, forecast: Series) -> bool:
    """Whether what came true is a series, and of the kind that was forecast."""
    if series_fault(actual) is not None:
        return False
    ours, theirs = forecast.provenance, actual.provenance
    if ours is None or theirs is None:
        return True
    return comparable(ours.signal, theirs.signal) and comparable(ours.accounting, theirs.accounting)


def _joined(before: Series | None, after: Series) -> Series:
    """Put what is newly known behind what was known before."""
    if before is None:
        return after
    keep = before.ends <= after.times[0]
    columns = zip(
        (before.times[keep], before.values[keep], before.ends[keep]),
        (after.times, after.values, after.ends),
        strict=True,
    )
    times, values, until = (np.concatenate(parts) for parts in columns)
    return Series(times=times, values=values, until=until, provenance=after.provenance)


def _recent(issues: Issues, now: datetime) -> Issues:
    forecasts: Sequence[Forecast] = [
        one
        for one in issues.forecasts
        if one.issued_at is not None and now - _KEPT_FOR <= one.issued_at <= now
    ]
    return Issues(forecasts=tuple(forecasts), source=issues.source)
