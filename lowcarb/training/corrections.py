"""Corrects a training's forecasts by what came true; the training neither waits nor fails by it."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.findings import Finding, Findings
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.guard_log import GuardLog
from lowcarb.carbon.intervals import PastErrors
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.last_days import LastDays
from lowcarb.carbon.past_record import (
    DAYS,
    IssuedHours,
    PastRecord,
    as_kept,
    changed_since,
    first_day,
    joined,
    same_kind,
)
from lowcarb.carbon.provenance import Provenance
from lowcarb.errors import ProviderError
from lowcarb.ledger.entries import ClockKind
from lowcarb.ledger.learnt import Learnt
from lowcarb.providers import Actuals, Provider
from lowcarb.providers.csv_actuals import CsvActuals
from lowcarb.providers.protocol import Issued
from lowcarb.providers.series_fault import series_fault
from lowcarb.training.settings import Settings

logger = logging.getLogger(__name__)

# What came true is asked for no more often, by the training's own clock.
_EVERY = timedelta(hours=1)
# Of the forecasts that a training fetches one is kept in so long: errors hardly depend on more.
_KEPT_EVERY = timedelta(hours=6)
# Services have the last days at hand; what is known already is not asked for again, unless the last
# answer is older than `_RECENT`.
_FIRST, _LATER, _RECENT = timedelta(days=14), timedelta(days=2), timedelta(days=1)
# In simulated time all has come true already; it is taken to be known as late as usual.
_SIMULATED_DELAY = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Lesson:
    """What came of one question.

    Parameters
    ----------
    asked_at
        When it was asked.
    actual
        All that is known to have come true.
    new
        The part of it that is new or has changed.
    corrector
        Corrects by it; None where there is nothing to correct by.
    """

    asked_at: datetime
    actual: dict[str, Series]
    new: dict[str, Series]
    corrector: Corrector | None


class Corrections:
    """Keeps the forecasts of a training and what came true of them, and corrects the next ones.

    Forecasts are those that this training fetched, or all of a CSV provider's file. What came true
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
    before
        What the training knew before this process began; None if it begins anew.
    """

    def __init__(
        self,
        provider: Provider,
        actuals: Actuals,
        *,
        delay: timedelta = timedelta(),
        waits: bool = False,
        before: Learnt | None = None,
    ) -> None:
        self._provider = provider
        self._source = actuals
        self._delay, self._waits = delay, waits
        before = before or Learnt()
        self._record = before.record
        self._asked_at = before.asked_at
        self._answered_at = before.asked_at
        self._findings = Findings(before.findings)
        self._guard_log = GuardLog(self._findings.verdicts)
        self._remembers = bool(before.record.issues or before.record.actual)
        self._corrector: Corrector | None = None
        # The one that corrected the forecasts of the present round.
        self._used: Corrector | None = None
        self._thread: threading.Thread | None = None
        self._lesson: _Lesson | None = None
        self._said = False
        self._new_issues: dict[tuple[datetime, str], IssuedHours] = {}
        self._new_actual: dict[str, Series] = {}
        self._new_asked_at: datetime | None = None
        self._new_findings: list[Finding] = []
        # Days before it are forgotten in the ledger, too.
        self._first_day: int | None = None

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
            issue = as_issued(
                Forecast(series=dict(series), source="the provider"),
                {region: one.provenance for region, one in series.items()},
                now,
            )
            if self._remembers:
                self._remembers = False
                self._remember(issue)
            # What comes while a round is planned is for the next one, however soon it comes.
            self._take_lesson()
            self._refresh(issue, now)
            self._used = self._corrector
            if self._corrector is None:
                return series
            corrected = self._corrector.correct(issue, now)
            verdicts = self._corrector.verdicts(now)
            self._guard_log.say(verdicts)
            self._new_findings += self._findings.take(verdicts, now)
        except Exception:
            # Whatever is wrong with what came true: forecasts as issued are there.
            logger.exception("lowcarb: forecasts stay as they were issued")
            return series
        if corrected is not issue and not self._said:
            self._said = True
            logger.info("lowcarb: %s", corrected.notes[-1])
        return corrected.series

    @property
    def errors(self) -> PastErrors | None:
        """Errors of past issues, as known in the present round; None where none are."""
        return None if self._used is None else self._used.errors

    @property
    def learnt(self) -> Learnt:
        """All that is known, for a training that goes on in the same process."""
        self._take_lesson()
        return Learnt(
            record=self._record.copy(),
            asked_at=self._answered_at,
            findings=self._findings.open,
        )

    def news(self) -> Learnt | None:
        """Return what was learnt since this was last asked, for the ledger; None if nothing was."""
        self._take_lesson()
        if not (self._new_issues or self._new_asked_at or self._new_findings):
            return None
        assert self._asked_at is not None  # noqa: S101 - nothing is learnt before that
        first = first_day(self._asked_at)
        new = Learnt(
            record=PastRecord(issues=list(self._new_issues.values()), actual=self._new_actual),
            asked_at=self._new_asked_at,
            first_day=None if first == self._first_day else first,
            findings=tuple(self._new_findings),
        )
        self._new_issues, self._new_actual, self._new_findings = {}, {}, []
        self._new_asked_at, self._first_day = None, first
        return new

    def _remember(self, issue: Forecast) -> None:
        """Correct by what the training knew before, as if it had never been cut off."""
        # What cannot be used is learnt anew.
        record, self._record = self._record, PastRecord()
        record = record.of_kind(issue.series)
        then = self._asked_at or issue.issued_at
        assert then is not None  # noqa: S101 - it was issued now
        self._corrector = self._corrector_of(record, then)
        self._record = record

    def last_days(self, region: str, now: datetime) -> LastDays | None:
        """Return what is known at a time of a region's days before; None if nothing is."""
        past = self._record.actual.get(region)
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
        self._record.forget(now)
        last = self._record.last_issued_at
        # A provider that has its past issues needs no others.
        if not isinstance(self._provider, Issued) and (last is None or now - last >= _KEPT_EVERY):
            # It counts from when it was fetched, not from when it was issued.
            for kept in self._record.keep(issue.series, now):
                self._new_issues[kept.issued_at, kept.region] = kept
        record = self._record.copy()
        if record.last_issued_at != now:
            # Whether it is believed is its own matter, kept or not.
            record.keep(issue.series, now)
        self._thread = threading.Thread(
            target=self._learn,
            args=(record, issue, now),
            daemon=True,
            name="lowcarb-corrections",
        )
        self._thread.start()
        if self._waits:
            self._thread.join()
            self._take_lesson()

    def _learn(self, record: PastRecord, issue: Forecast, now: datetime) -> None:
        known = record.actual
        try:
            regions = list(issue.series)
            recent = self._answered_at is not None and now - self._answered_at <= _RECENT
            begin = now - (_LATER if recent and set(regions) <= set(known) else _FIRST)
            found, failed = self._source.actuals(regions, start=begin, end=now)
            for region, error in failed.items():
                logger.debug("lowcarb: forecasts of %r are not corrected: %s", region, error)
            new = {
                region: as_kept(found[region])
                for region in regions
                if region in found and _fits(found[region], issue.series[region])
            }
            before = dict(known)
            known |= {region: joined(before.get(region), one) for region, one in new.items()}
            changed = {
                region: part
                for region in new
                if (part := changed_since(before.get(region), known[region])) is not None
            }
            corrector = self._corrector_of(record, now)
            if corrector is not None:
                # What takes long is done here, and not when a round begins.
                corrector.correct(issue, now)
                _ = corrector.errors
            self._lesson = _Lesson(asked_at=now, actual=known, new=changed, corrector=corrector)
        except ProviderError as error:
            logger.info("lowcarb: forecasts are not corrected: %s", error)
        except Exception:
            # A provider may be the user's own code; its fault must not end a training.
            logger.exception("lowcarb: forecasts are not corrected")

    def _corrector_of(self, record: PastRecord, now: datetime) -> Corrector | None:
        if isinstance(self._provider, Issued):
            issues = _recent(self._provider.issued(), now)
        else:
            issues = Issues(forecasts=record.forecasts(), source="the provider")
        if not record.actual or not issues.forecasts:
            return None
        return Corrector(
            issues=issues,
            actual=Forecast(series=dict(record.actual), source="what came true"),
            delay=self._delay,
        )

    def _take_lesson(self) -> None:
        """Take what was learnt beside the training, once all of it is there."""
        lesson = self._lesson
        if lesson is None:
            return
        self._lesson = None
        self._corrector = lesson.corrector or self._corrector
        self._record.actual = lesson.actual
        self._answered_at = self._new_asked_at = lesson.asked_at
        for region, part in lesson.new.items():
            self._new_actual[region] = joined(self._new_actual.get(region), part)


def corrections_of(
    settings: Settings, actuals: Actuals | None, before: Learnt | None = None
) -> Corrections | None:
    """Make what a training asks for; None if forecasts stay as issued.

    Parameters
    ----------
    settings
        Of the training.
    actuals
        Where what came true comes from; None if nobody knows.
    before
        What the training knew before; None if it begins anew.
    """
    if not settings.correct or actuals is None:
        return None
    simulated = settings.clock.name == ClockKind.SIMULATED
    return Corrections(
        settings.provider,
        actuals,
        delay=_SIMULATED_DELAY if simulated else timedelta(),
        waits=isinstance(settings.actuals, CsvActuals),
        before=before,
    )


def as_issued(
    forecast: Forecast, origins: Mapping[str, Provenance | None], now: datetime
) -> Forecast:
    """Say when a forecast was issued; what does not say it itself is of now.

    Parameters
    ----------
    forecast
        Of a round that begins now.
    origins
        Where each region's intensities come from.
    now
        The start of the round.
    """
    older = {
        region: origin.issued_at
        for region in forecast.series
        if (origin := origins.get(region)) is not None and origin.issued_at is not None
    }
    return replace(forecast, issued_at=now, older=older)


def _fits(actual: Series, forecast: Series) -> bool:
    """Whether what came true is a series, and of the kind that was forecast."""
    return series_fault(actual) is None and same_kind(forecast, actual)


def _recent(issues: Issues, now: datetime) -> Issues:
    forecasts: Sequence[Forecast] = [
        one
        for one in issues.forecasts
        if one.issued_at is not None and now - timedelta(days=DAYS) <= one.issued_at <= now
    ]
    return Issues(forecasts=tuple(forecasts), source=issues.source)
