"""Forecasts as they were issued, and which of them serves a region at a time."""

from dataclasses import dataclass, replace
from datetime import datetime

from lowcarb._util.lazy import lazy
from lowcarb._util.text import count, origin
from lowcarb._util.times import require_utc, show
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.understood import Understood
from lowcarb.errors import CoverageError


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Issues:
    """Forecasts as they were issued, one after the other.

    Parameters
    ----------
    forecasts
        Oldest issue first; a single series without an issue time stands alone.
    source
        Where the forecasts come from.
    understood
        How the file was read; None if they come from elsewhere.
    """

    forecasts: tuple[Forecast, ...]
    source: str
    understood: Understood | None = None

    def __repr__(self) -> str:
        parts = [count(len(self.forecasts), "forecast"), origin(self.source)]
        issued = [f.issued_at for f in self.forecasts if f.issued_at is not None]
        if issued:
            parts.insert(1, f"issued {show(issued[0])} to {show(issued[-1])} UTC")
        return f"Issues({', '.join(parts)})"

    @property
    def newest(self) -> Forecast:
        """The newest issue; regions that it does not know are as in the newest that knows them."""
        return self._served(len(self.forecasts) - 1)

    def at(self, start: datetime) -> Forecast:
        """Return what had been issued at or before a time: of each region the newest.

        Raises
        ------
        CoverageError
            If all were issued later.
        """
        instant = require_utc(start, "start")
        known = [
            number
            for number, one in enumerate(self.forecasts)
            if one.issued_at is None or one.issued_at <= instant
        ]
        if not known:
            first = self.forecasts[0].issued_at
            assert first is not None  # noqa: S101 - a forecast without it is always known
            raise CoverageError(
                f"no forecast was issued by {show(instant)} UTC; the first is of {show(first)} UTC",
                file=self.source,
                field="issued_at",
            )
        return self._served(known[-1])

    @lazy
    def _regions(self) -> frozenset[str]:
        """Regions that some issue knows."""
        return frozenset().union(*(one.series for one in self.forecasts))

    @lazy
    def _made(self) -> dict[int, Forecast]:
        """Issues to which regions of older ones were added."""
        return {}

    def _served(self, number: int) -> Forecast:
        newest = self.forecasts[number]
        missing = self._regions.difference(newest.series)
        if not missing:
            return newest
        if number not in self._made:
            self._made[number] = self._with_older(number, set(missing))
        return self._made[number]

    def _with_older(self, number: int, missing: set[str]) -> Forecast:
        series, older = dict(self.forecasts[number].series), {}
        for one in reversed(self.forecasts[:number]):
            for region in missing.intersection(one.series):
                series[region] = one.series[region]
                if one.issued_at is not None:
                    older[region] = one.issued_at
            missing.difference_update(one.series)
            if not missing:
                break
        return replace(self.forecasts[number], series=series, older=older)
