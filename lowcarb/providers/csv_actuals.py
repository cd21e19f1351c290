"""What came true, from a CSV file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.forecast_csv import read_actuals
from lowcarb.errors import LowcarbError, NoDataError, ProviderError, UnknownLocationError
from lowcarb.providers.protocol import Answer


@dataclass(frozen=True)
class CsvActuals:
    """Reads a CSV of actual intensities, and again when the file has changed.

    Parameters
    ----------
    path
        A CSV as for `read_actuals`.
    units
        Unit of its values; None if the file says it, or it is g/kWh.
    """

    path: str | Path
    units: str | None = None
    _read: dict[tuple[int, int], Forecast] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def actuals(
        self,
        regions: Sequence[str],
        *,
        start: datetime,  # noqa: ARG002 - a file gives all it has
        end: datetime,  # noqa: ARG002
    ) -> Answer:
        """Return all that the file has of some regions.

        Raises
        ------
        NoDataError
            If the file cannot be read.
        """
        known = self._known()
        found: dict[str, Series] = {}
        failed: dict[str, ProviderError] = {}
        for region in regions:
            if region in known.series:
                found[region] = known.series[region]
            else:
                failed[region] = UnknownLocationError(known.unknown_region_message(region))
        return found, failed

    def check(self) -> None:
        """Refuse a file that is not there, or that cannot be read.

        Raises
        ------
        NoDataError
            Names the file and what is wrong with it.
        """
        self._known()

    def _known(self) -> Forecast:
        path = Path(self.path).absolute()
        try:
            state = path.stat()
            version = (state.st_mtime_ns, state.st_size)
            if version not in self._read:
                known = read_actuals(path, self.units)
                self._read.clear()
                self._read[version] = known
            return self._read[version]
        except FileNotFoundError:
            raise NoDataError(
                f"{path}: there is no such file of actual intensities: put it there, or give the "
                "path of another, actuals='/folder/actuals.csv'"
            ) from None
        except (LowcarbError, OSError) as error:
            raise NoDataError(
                f"{path}: this file of actual intensities cannot be used: {error}"
            ) from error
