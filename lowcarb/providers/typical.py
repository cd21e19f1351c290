"""Typical days as forecasts: better than nothing, and they need no network."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.carbon.typical_day_csv import read_typical_day
from lowcarb.errors import LowcarbError, NoDataError, ProviderError, UnknownLocationError
from lowcarb.providers.protocol import Answer


class TypicalDays:
    """Repeats each region's typical day.

    Parameters
    ----------
    typical
        Typical days, or the name of a CSV with the columns region, h00 to h23.
    """

    def __init__(self, typical: TypicalDay | str | Path) -> None:
        self._given = typical

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return a typical day as often as the time asks for.

        Raises
        ------
        ProviderError
            If the file cannot be read.
        """
        if not isinstance(self._given, TypicalDay):
            try:
                self._given = read_typical_day(str(self._given))
            except (LowcarbError, OSError) as error:
                raise NoDataError(str(error)) from error
        found, failed = {}, dict[str, ProviderError]()
        for name in regions:
            if name in self._given.regions:
                provenance = Provenance(provider="typical days", zone=name, quality=Quality.TYPICAL)
                found[name] = self._given.series(name, start, end, provenance)
            else:
                known = ", ".join(self._given.regions[:30])
                failed[name] = UnknownLocationError(
                    f"there is no typical day of region {name!r}; known are {known}"
                )
        return found, failed
