"""Reading forecasts, and what came true, from CSV: the one door for files of intensities.

From bytes to a table that knows its places (`_util.csv_table`), to columns that have a meaning
(`carbon.columns`), to series whose values end (`carbon.forecast_table`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.csv_table import Table, read_table
from lowcarb._util.csv_times import read_seconds
from lowcarb._util.time_zones import zone_in
from lowcarb._util.times import from_seconds
from lowcarb.carbon.columns import layout_of, no_numbers
from lowcarb.carbon.constants import constants, name_constants
from lowcarb.carbon.doubtful_units import doubts
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.forecast_table import Read, RegionRows
from lowcarb.carbon.how_written import HowWritten
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.layout import Layout
from lowcarb.carbon.provenance import Provenance
from lowcarb.carbon.tally import Tally
from lowcarb.carbon.time_columns import with_plain_times
from lowcarb.carbon.understood import Understood
from lowcarb.units import MOST_INTENSITY, UNITS

# Some time in the year 2499, in seconds since 1970.
_LATEST_S = 1.67e10


def read_forecasts(
    path: str | Path, units: str | None = None, *, how: HowWritten | None = None
) -> Issues:
    """Read all issues of a forecast CSV.

    Parameters
    ----------
    path
        A CSV file, gzip by its name, or ``-`` for standard input.
    units
        Unit of the values, one of `UNITS`; None if the header says it, or it is g/kWh.
    how
        How the file is written where it does not say it itself.

    Raises
    ------
    InputError
        Names file, line, region and time: for a negative or infinite value, a time without a zone,
        times that do not ascend, or two different values for one time. Identical duplicates are
        merged, and at a blank cell nothing is known.
    """
    return _read(path, _with(units, how), past=False)


def read_actuals(
    path: str | Path, units: str | None = None, *, how: HowWritten | None = None
) -> Forecast:
    """Read a CSV of what came true; a row that cannot be used costs its own time only.

    Parameters
    ----------
    path, units, how
        As of `read_forecasts`.

    Raises
    ------
    InputError
        As of `read_forecasts`, and if the file has issues of a forecast.
    """
    issues = _read(path, _with(units, how), past=True)
    actual = issues.newest
    actual.require_actual()
    return actual


def _with(units: str | None, how: HowWritten | None) -> HowWritten:
    known = how or HowWritten()
    return known if units is None else replace(known, units=units)


def _read(path: str | Path, how: HowWritten, *, past: bool) -> Issues:
    return issues_of(read_table(path, how.dialect), how, past=past)


def issues_of(table: Table, how: HowWritten, *, past: bool) -> Issues:
    """Read all issues of a table; `past` if it is what came true. Else as `read_forecasts`."""
    table = with_plain_times(table, how)
    layout = layout_of(table, how, past=past)
    return _Reading(table=table, layout=layout, how=how, past=past).issues()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Reading:
    """One file on its way to series."""

    table: Table
    layout: Layout
    how: HowWritten
    past: bool

    def issues(self) -> Issues:
        table, layout = self.table, self.layout
        if layout.time is None:
            found = constants(self._constants(), table.file, None)
            return self._finished((found,), {}, [name_constants(found)])
        times = self._seconds(layout.time, counted=layout.counted)
        parts: list[tuple[float | None, IntArray]] = [(None, np.arange(len(table)))]
        if layout.issued is not None:
            issued = self._seconds(layout.issued)
            parts = [(one, np.flatnonzero(issued == one)) for one in np.unique(issued).tolist()]
        until = None if layout.until is None else self._seconds(layout.until)
        forecasts = []
        tally = Tally()
        for issue, rows in parts:
            regions = [
                RegionRows(
                    table=table, region=region, column=column, times=times, rows=own, until=until
                )
                for region, column, own in self._regions(rows)
            ]
            reads = {one.region: self._one(one) for one in regions}
            if issue is None and all(read.only_at is not None for read in reads.values()):
                values = {region: read.only_value or 0.0 for region, read in reads.items()}
                found = constants(values, table.file, float(times[0]))
                return self._finished((found,), {}, [name_constants(found)])
            for one in regions:
                if reads[one.region].only_at is not None:
                    raise one.only_time()
            tally.add(reads)
            forecasts.append(self._forecast(issue, reads))
        return self._finished(tuple(forecasts), tally.hints(), self._notes(tally))

    def _seconds(self, column: str, *, counted: bool = False) -> FloatArray:
        if counted:
            rows = np.arange(len(self.table))
            return self.table.numbers(column, lambda _: column, rows, _LATEST_S)
        return read_seconds(self.table, column, self.how.times)

    def _regions(self, rows: IntArray) -> list[tuple[str, str, IntArray]]:
        """Each region with its column and its rows."""
        layout, table = self.layout, self.table
        if layout.wide:
            return [(region, column, rows) for region, column in layout.wide.items()]
        assert layout.value is not None  # noqa: S101 - a layout has the one or the other
        if layout.region is None:
            return [(self._said_region(), layout.value, rows)]
        cells = table.columns[layout.region]
        by_region: dict[str, list[int]] = {}
        for row in rows.tolist():
            by_region.setdefault(cells[row].strip(), []).append(row)
        if "" in by_region:
            raise table.error("the region is blank", by_region[""][0], layout.region)
        return [(name, layout.value, np.array(own)) for name, own in by_region.items()]

    def _said_region(self) -> str:
        if self.how.region is None:
            raise self.table.error(
                f"{self.layout.form} names no region; --region NAME says whose values they are",
                field="region",
            )
        return self.how.region

    def _one(self, rows: RegionRows) -> Read:
        if self.layout.wide:
            self._refuse_words(rows)
        return rows.read(self._factor(rows.column), past=self.past)

    def _refuse_words(self, rows: RegionRows) -> None:
        """Refuse a column that holds other things than numbers: it is no region's."""
        first = self.table.columns[rows.column][int(rows.rows[0])].strip()
        if not first or not np.isnan(self.table.numbers_or_nan(rows.column, rows.rows[:1])[0]):
            return
        cells = self.table.columns[rows.column]
        known = [row for row in rows.rows.tolist() if cells[row].strip()]
        if (
            len(known) > 1
            and np.isnan(self.table.numbers_or_nan(rows.column, np.array(known))).all()
        ):
            raise no_numbers(self.table, rows.region, self.layout.time, first)

    def _constants(self) -> dict[str, float]:
        layout, table = self.layout, self.table
        assert layout.region is not None  # noqa: S101 - constants are of regions
        assert layout.value is not None  # noqa: S101 - and have values
        found: dict[str, float] = {}
        for row, cell in enumerate(table.columns[layout.region]):
            region = cell.strip()
            if not region or region in found:
                what = "is blank" if not region else f"{region!r} stands in an earlier line already"
                raise table.error(f"the region {what}", row, layout.region)
            found[region] = self._constant(row, region, layout.value)
        return found

    def _constant(self, row: int, region: str, column: str) -> float:
        factor = self._factor(column)
        (value,) = self.table.numbers(
            column,
            lambda _: f"the intensity of region {region!r}",
            np.array([row]),
            MOST_INTENSITY / factor,
        )
        return float(value) * factor

    def _factor(self, column: str) -> float:
        return UNITS[self._unit(column)[0]]

    def _unit(self, column: str) -> tuple[str, str]:
        """The unit of a column, and who says it."""
        said, layout = self.how.units, self.layout
        in_header = layout.units.get(column) or (None if layout.unit_is_usual else layout.unit)
        if said is not None and in_header is not None and UNITS[said] != UNITS[in_header]:
            raise self.table.error(
                f"the column {column!r} is in {in_header} by its header, but {said} was said; "
                "--units is for values whose unit the file does not say",
                field="units",
            )
        if said is not None:
            return said, "said"
        if in_header is not None:
            return in_header, "header"
        return (layout.unit, "usual") if layout.unit is not None else ("g/kWh", "assumed")

    def _kind(self, name: str) -> str | None:
        """Signal or accounting: said, or by the form of the file."""
        said: str | None = getattr(self.how, name)
        own: str | None = getattr(self.layout, name)
        if said is not None and own is not None and said != own:
            raise self.table.error(
                f"{self.layout.form} has {own} intensities, but {said} was said", field=name
            )
        return said or own

    def _forecast(self, issue: float | None, reads: Mapping[str, Read]) -> Forecast:
        issued_at = None if issue is None else from_seconds(issue)
        signal, accounting = self._kind("signal"), self._kind("accounting")
        series = {}
        for region, read in reads.items():
            if read.known is None:
                continue
            times, values, ends = read.known
            provenance = None
            if signal or accounting:
                provenance = Provenance(
                    provider=f"csv {self.table.file}",
                    zone=region,
                    signal=signal,
                    accounting=accounting,
                    issued_at=issued_at,
                )
            series[region] = Series(times=times, values=values, until=ends, provenance=provenance)
        return Forecast(series=series, source=self.table.file, issued_at=issued_at)

    def _finished(
        self, forecasts: tuple[Forecast, ...], hints: Mapping[str, str], notes: list[str]
    ) -> Issues:
        if not any(forecast.series for forecast in forecasts):
            raise self.table.error("no region has a value at any time; all cells are blank")
        found = tuple(
            replace(one, hints=hints, notes=tuple(notes)) for one in forecasts if one.series
        )
        return Issues(
            forecasts=found, source=self.table.file, understood=self._understood(tuple(notes))
        )

    def _notes(self, tally: Tally) -> list[str]:
        layout, table = self.layout, self.table
        notes = []
        if layout.signal is not None:
            kinds = " ".join(kind for kind in (layout.accounting, layout.signal) if kind)
            notes.append(
                f"{table.file}: read as {layout.form}, {kinds} intensities in the column "
                f"{layout.value!r}"
            )
        if layout.other is not None:
            notes.append(
                f"{table.file}: --accounting would take the column {layout.other!r} instead"
            )
        if layout.estimated is not None:
            cells = [cell.strip().casefold() for cell in table.columns[layout.estimated]]
            if estimated := cells.count("true"):
                notes.append(
                    f"{table.file}: {estimated} of {len(cells)} values are estimates of the source"
                )
        columns = list(layout.wide.values()) or [layout.value or ""]
        unit, by = self._unit(columns[0])
        if by == "usual":
            notes.append(
                f"{table.file}: values are taken for {unit}, as usual in {layout.form}; --units "
                "says another unit"
            )
        elif by == "assumed":
            notes += [f"{table.file}: {text}" for text in doubts(tally.values())]
        if table.encoding_guessed:
            notes.append(
                f"{table.file}: read as {table.dialect.encoding}, which is a guess; --encoding "
                "says another"
            )
        return notes + tally.notes(table)

    def _understood(self, notes: tuple[str, ...]) -> Understood:
        layout, table = self.layout, self.table
        roles = {
            "time": layout.time,
            "issued": layout.issued,
            "until": layout.until,
            "region": layout.region,
            "value": layout.value,
        }
        columns: dict[str, object] = {
            role: name for role, name in roles.items() if name is not None
        }
        if layout.wide:
            columns["regions"] = layout.wide
        elif layout.region is None:
            columns["region said"] = self.how.region
        first = next(iter(layout.wide.values()), layout.value or "")
        zone = None if layout.time is None else zone_in(layout.time)
        return Understood(
            form=layout.form,
            encoding=table.dialect.encoding or "",
            guessed=table.encoding_guessed,
            delimiter=table.dialect.delimiter or ",",
            columns=columns,
            time_zone=str(zone or self.how.times.timezone or "as each time says"),
            unit=self._unit(first),
            signal=self._kind("signal"),
            accounting=self._kind("accounting"),
            rows=len(table),
            notes=notes,
        )
