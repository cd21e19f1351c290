"""The folder of recorded days: what it has to hold, and whether a folder holds it.

Usage::

    python -m benchmarks.data DIR

The series are not in the repository; docs/recorded-days.md says where they come from and how to
bring them. Prints a table of what was expected and found, and ends with 1 if anything differs.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.results import table
from lowcarb import Forecast, InputError, Issues, read_actuals, read_forecasts
from lowcarb._util.checksum import sha256_of_file
from lowcarb.demo.grid_statistics import us_summer_2022
from lowcarb.replay import Recording
from lowcarb_solvers.arrays import FloatArray

REGIONS = sorted(us_summer_2022().typical.regions)
"""The embedded scenario has the same."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AHEAD = 96
"""Hourly values of an issue, from its issue time on."""
FIRST, LAST = datetime(2022, 6, 1, tzinfo=UTC), datetime(2022, 9, 30, 23, tzinfo=UTC)
"""Of what came true."""
FIRST_ISSUE, LAST_ISSUE = datetime(2022, 7, 1, tzinfo=UTC), datetime(2022, 9, 27, tzinfo=UTC)
"""One issue a day, at 00:00 UTC."""
SIGNALS = {"lifecycle": "public_us", "direct": "direct/public_us"}
"""Accounting to the begin of its two files' names."""
CHECKSUMS = {
    "public_us_forecasts.csv": "9cdf85f01e92e7aeab669995133af58a082a8e30f4cea8579b4c3e00815c0349",
    "public_us_actuals.csv": "e344848dc5c98e11e8dcc7c973648506d7bff06567a3ce6ea9b79e5ed0c21c55",
    "direct/public_us_forecasts.csv": (
        "7048e6f0b692537865e8565d7f44150d733a52a063d8d4b6c93087bcc994f489"
    ),
    "direct/public_us_actuals.csv": (
        "8d72fab011fb6a257cadbd0bc9c47cbc99219bdf2cf137ca97b3292d3625b138"
    ),
}
"""SHA-256 of the files from which the recorded results were computed."""
SAME_FILE = "SHA-256"
WHERE = "docs/recorded-days.md says where the recorded days come from and what a folder must hold"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    file, what
        Of which file, and what of it.
    expected, found
        For people.
    """

    file: str
    what: str
    expected: str
    found: str

    @property
    def fits(self) -> bool:
        """Whether what was found is what was expected."""
        return self.expected == self.found


def recordings(folder: Path) -> dict[str, Recording]:
    """Read a folder's recorded days, by accounting.

    Raises
    ------
    InputError
        If a file is missing or cannot be read as what it should be.
    """
    missing = [name for name in CHECKSUMS if not (folder / name).is_file()]
    if missing:
        raise InputError(f"has no {', no '.join(missing)}; {WHERE}", file=str(folder))
    return {
        accounting: Recording(
            issues=read_forecasts(folder / f"{prefix}_forecasts.csv"),
            actual=read_actuals(folder / f"{prefix}_actuals.csv"),
        )
        for accounting, prefix in SIGNALS.items()
    }


def findings(folder: Path) -> list[Finding]:
    """Compare a folder with what the recorded results were computed from."""
    return [one for name in CHECKSUMS for one in of_file(folder, name)]


def of_file(folder: Path, name: str) -> Iterator[Finding]:
    """Compare one file of a folder."""
    path = folder / name
    try:
        sums = sha256_of_file(str(path))
        if sums is None:
            yield Finding(file=name, what="file", expected="there", found="missing")
            return
        found = list(_of_content(path, name))
    except InputError as error:
        yield Finding(file=name, what="content", expected="readable", found=str(error))
        return
    yield from found
    yield Finding(file=name, what=SAME_FILE, expected=CHECKSUMS[name], found=sums)


def _of_content(path: Path, name: str) -> Iterator[Finding]:
    if name.endswith("_actuals.csv"):
        actual = read_actuals(path)
        yield _regions(name, [actual])
        yield Finding(
            file=name,
            what="hours",
            expected=_span(FIRST, LAST, HOUR),
            found=_hours(actual),
        )
        return
    issues = read_forecasts(path)
    yield _regions(name, issues.forecasts)
    yield Finding(
        file=name,
        what="issues",
        expected=_span(FIRST_ISSUE, LAST_ISSUE, DAY),
        found=_issued(issues),
    )
    yield Finding(
        file=name,
        what="hours ahead",
        expected=f"0 to {AHEAD - 1}, none missing",
        found=_ahead(issues),
    )


def _regions(name: str, forecasts: Sequence[Forecast]) -> Finding:
    """All forecasts must know all regions: one that lacks some is what is reported."""
    expected = set(REGIONS)
    worst = max(forecasts, key=lambda one: len(expected.symmetric_difference(one.series)))
    lacks, more = sorted(expected - set(worst.series)), sorted(set(worst.series) - expected)
    parts = [
        f"{verb} {', '.join(names)}"
        for verb, names in (("lacks", lacks), ("also has", more))
        if names
    ]
    whole = f"the {len(REGIONS)} regions"
    return Finding(
        file=name, what="columns", expected=whole, found="; ".join(parts) if parts else whole
    )


def _hours(actual: Forecast) -> str:
    """The span of the regions' times; of the first that differs from the others, if one does."""
    found = [_span_of(series.times, HOUR) for series in actual.series.values()]
    return next((one for one in found if one != found[0]), found[0])


def _issued(issues: Issues) -> str:
    times = [one.issued_at for one in issues.forecasts if one.issued_at is not None]
    if not times:
        return "no issued_at"
    return _span_of(np.array([one.timestamp() for one in times]), DAY)


def _ahead(issues: Issues) -> str:
    hours = 3600.0 * np.arange(AHEAD)
    for one in issues.forecasts:
        if one.issued_at is None:
            return "no issued_at"
        begin = one.issued_at.timestamp()
        for region, series in one.series.items():
            if not np.array_equal(series.times - begin, hours):
                return f"others in the issue of {one.issued_at:%Y-%m-%d %H:%M}, {region}"
    return f"0 to {AHEAD - 1}, none missing"


def _span_of(times: FloatArray, step: timedelta) -> str:
    first, last = (datetime.fromtimestamp(float(one), UTC) for one in (times[0], times[-1]))
    wrong = np.flatnonzero(np.diff(times) != step.total_seconds())
    if len(wrong):
        broken = datetime.fromtimestamp(float(times[wrong[0]]), UTC)
        return f"{_words(first, last)}, broken after {broken:%Y-%m-%d %H:%M}"
    return _span(first, last, step)


def _span(first: datetime, last: datetime, step: timedelta) -> str:
    number = (last - first) // step + 1
    return f"{number:,} {'daily' if step == DAY else 'hourly'}, {_words(first, last)}"


def _words(first: datetime, last: datetime) -> str:
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"


def main() -> None:
    """Read the option, check, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    folder = parser.parse_args().folder
    found = findings(folder)
    rows = [
        [one.file, one.what, one.expected, one.found, "yes" if one.fits else "NO"] for one in found
    ]
    print(table(["file", "what", "expected", "found", "fits"], rows))
    wrong = [one for one in found if not one.fits]
    if not wrong:
        print(f"\n{folder} holds what the recorded results were computed from.")
    elif all(one.what == SAME_FILE for one in wrong):
        sys.exit(
            f"\n{folder} has the form of the recorded days, but other values: savings can be "
            "played on them, into a file of their own (--out)."
        )
    else:
        sys.exit(f"\n{folder} does not hold the recorded days; {WHERE}.")


if __name__ == "__main__":
    main()
