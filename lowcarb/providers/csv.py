"""Forecasts from a CSV file."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.forecast_csv import read_forecasts
from lowcarb.carbon.how_written import HowWritten
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.kinds import Kind
from lowcarb.carbon.provenance import Provenance
from lowcarb.errors import LowcarbError, NoDataError, ProviderError, UnknownLocationError
from lowcarb.providers.protocol import Answer

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CsvProvider:
    """Reads a forecast CSV when it is first asked, and again when the file has changed.

    Of several issues the newest at or before the start of a round is used, so a process that
    appends issues to the file, or replaces it, is followed.

    Parameters
    ----------
    path
        A forecast CSV as for `read_forecasts`.
    units
        Unit of its values; None if the file says it, or it is g/kWh.
    signal
        "average" or "marginal"; None if the file says it, or you do not know.
    how
        How the file is written where it does not say it itself.

    Raises
    ------
    InputError
        If the unit or the signal is unknown.
    """

    path: str | Path
    units: str | None = None
    signal: str | None = None
    how: HowWritten | None = None
    _read: dict[tuple[int, int], Issues] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Refuse an unknown unit or signal now rather than in each round."""
        known = self.how or HowWritten()
        signal = self.signal or known.signal
        how = replace(known, units=self.units or known.units, signal=signal)
        object.__setattr__(self, "signal", how.signal)
        object.__setattr__(self, "how", how)

    def forecasts(
        self,
        regions: Sequence[str],
        *,
        start: datetime,
        end: datetime,  # noqa: ARG002 - a file gives all it has
    ) -> Answer:
        """Return the newest issue's series.

        Raises
        ------
        ProviderError
            If the file cannot be read, or was issued later.
        """
        try:
            issue = self._issues().at(start)
        except (LowcarbError, OSError) as error:
            # A relative name is looked for where the SuperLink was started.
            raise NoDataError(f"{error} ({Path(self.path).absolute()})") from error
        found: dict[str, Series] = {}
        failed: dict[str, ProviderError] = {}
        for name in regions:
            if name in issue.series:
                own = issue.series[name].provenance
                provenance = Provenance(
                    provider=f"csv {self.path}",
                    zone=name,
                    signal=None if own is None else own.signal,
                    accounting=None if own is None else own.accounting,
                    issued_at=issue.older.get(name, issue.issued_at),
                )
                found[name] = replace(issue.series[name], provenance=provenance)
            else:
                failed[name] = UnknownLocationError(issue.unknown_region_message(name))
        return found, failed

    def kind(self) -> Kind:
        """Signal and accounting of the file: as said, or by its form.

        Raises
        ------
        NoDataError
            If the file is not there or cannot be read.
        """
        self.check()
        understood = self._issues().understood
        assert understood is not None  # noqa: S101 - they come from a file
        return Kind(understood.signal, understood.accounting)

    def issued(self) -> Issues:
        """Return all issues of the file, under the names of its regions.

        Raises
        ------
        LowcarbError
            If the file cannot be read.
        """
        return self._issues()

    def check(self) -> None:
        """Refuse a file that is not there, or that cannot be read.

        Raises
        ------
        NoDataError
            Names the file and what is wrong with it.
        """
        path = Path(self.path).absolute()
        try:
            self._issues()
        except FileNotFoundError:
            raise NoDataError(
                f"{path}: there is no such forecast file: put it there, or give the path of "
                "another, CsvProvider('/folder/forecast.csv'); a name without a folder is looked "
                f"for in the working folder, in a Flower run that of the SuperLink: {Path.cwd()}"
            ) from None
        except (LowcarbError, OSError) as error:
            raise NoDataError(
                f"{path}: this forecast file cannot be used: {error}; put it right, or give another"
            ) from error

    def _issues(self) -> Issues:
        state = Path(self.path).stat()
        version = (state.st_mtime_ns, state.st_size)
        if version not in self._read:
            issues = read_forecasts(self.path, how=self.how)
            for note in issues.newest.notes:
                logger.warning("lowcarb: %s", note)
            self._read.clear()
            self._read[version] = issues
        return self._read[version]
