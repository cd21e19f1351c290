"""What a provider said before stands in where it fails; a provider that hangs is not waited for.

An answer given earlier may stand in if it was fetched less than `LAST_GOOD_FOR` before and still
reaches far enough ahead.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import ProviderUnavailableError
from lowcarb.providers.http.deadline import Deadline, run_all
from lowcarb.providers.protocol import Answer, Provider, Remembers, Timed

logger = logging.getLogger(__name__)

LAST_GOOD_FOR = timedelta(hours=6)
"""How old a last good forecast may be: after that a typical day is no worse."""
PATIENCE = timedelta(minutes=2)
"""How long a provider may take, all regions included; a service's own deadline may be shorter."""

# An old answer must reach so far ahead, or to the end of what is asked for.
_REACH = timedelta(hours=1)


def needed_reach(start: datetime, end: datetime) -> timedelta:
    """How far ahead of a start an answer given earlier must reach to be used again."""
    return min(_REACH, max(end - start, timedelta(minutes=1)))


@dataclass(eq=False)
class WithLastGood:
    """A provider whose last good answers stand in where it fails, and that keeps a deadline.

    Parameters
    ----------
    provider
        Who is asked. Unless the provider is `Timed` it is asked in a thread of its own, and not
        again before it has answered. Only a provider that `Remembers` has last good answers.
    """

    provider: Provider
    _busy: bool = field(default=False, init=False, repr=False)

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what `forecasts_by` does within `PATIENCE`."""
        deadline = Deadline.after(PATIENCE.total_seconds())
        return self.forecasts_by(deadline, regions, start=start, end=end)

    def forecasts_by(
        self, deadline: Deadline, regions: Sequence[str], *, start: datetime, end: datetime
    ) -> Answer:
        """Return the provider's answer, with what it remembers of the regions that failed.

        Raises
        ------
        ProviderUnavailableError
            If the provider has not answered by the deadline, or not yet answered the question
            before.
        """
        if isinstance(self.provider, Timed):
            answer = self.provider.forecasts_by(deadline, regions, start=start, end=end)
        else:
            answer = self._watched(deadline, regions, start, end)
        return self._with_remembered(answer, start, end)

    def is_young(self, fetched_at: datetime, start: datetime) -> bool:
        """Whether an answer may still stand in for a provider that fails at a start."""
        oldest: timedelta = getattr(self.provider, "last_good_for", LAST_GOOD_FOR)
        return start - fetched_at < oldest

    def _watched(
        self, deadline: Deadline, regions: Sequence[str], start: datetime, end: datetime
    ) -> Answer:
        """Ask a provider that may hang, and give up at the deadline."""
        if self._busy:
            raise ProviderUnavailableError("the provider is still busy with an earlier question")

        def ask() -> tuple[Answer]:
            self._busy = True
            try:
                return (self.provider.forecasts(regions, start=start, end=end),)
            finally:
                self._busy = False

        (outcome,) = run_all([ask], workers=1, deadline=deadline, started=[])
        if outcome is None:
            raise ProviderUnavailableError(f"no answer within {deadline.length_s:g} s")
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome[0]

    def _with_remembered(self, answer: Answer, start: datetime, end: datetime) -> Answer:
        if not isinstance(self.provider, Remembers):
            return answer
        found, failed = answer
        reach = needed_reach(start, end)
        old: dict[str, Series] = {}
        for region, series in self.provider.remembered(list(failed)).items():
            at = None if series.provenance is None else series.provenance.fetched_at
            # An answer from after the start would tell what was not known by then.
            if at is None or at > start:
                continue
            if self.is_young(at, start) and covers(series, start, reach):
                old[region] = labelled(series, Quality.LAST_GOOD)
        # Regions of one zone share an error.
        for error in dict.fromkeys(str(failed[region]) for region in old):
            logger.warning("lowcarb: the last good forecast stands in: %s", error)
        left = {region: error for region, error in failed.items() if region not in old}
        return {**found, **old}, left


def labelled(series: Series, quality: Quality) -> Series:
    """Return a series that says where it comes from with another quality."""
    assert series.provenance is not None  # noqa: S101 - it says where it comes from
    return replace(series, provenance=replace(series.provenance, quality=quality))


def covers(series: Series, start: datetime, longest: timedelta) -> bool:
    """Whether a series knows so much from a start on."""
    return series.mean(start, longest) is not None
