"""What was understood of files, as text for people."""

from typing import Any

from rich.console import Console

from lowcarb._util.text import count, listed, spread
from lowcarb._util.times import parse_instant, show

_REGIONS_SHOWN = 30
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def render(found: list[dict[str, Any]], console: Console) -> None:
    """Print a paragraph for each file."""
    for number, one in enumerate(found):
        if number:
            console.print()
        if "error" in one:
            error = one["error"]
            place = ":".join(str(p) for p in (error["file"], error["line"]) if p is not None)
            console.print(f"{one['file']}: cannot be used\n  Error: {place}: {error['message']}")
            continue
        console.print(f"{one['file']}: {one.get('form', one['kind'])}")
        guess = ", which is a guess" if one["encoding_guessed"] else ""
        between = _DELIMITERS.get(one["delimiter"], repr(one["delimiter"]))
        console.print(
            f"  Written: {one['encoding']}{guess}, {between} between cells, "
            f"{count(one['rows'], 'row')}"
        )
        if one["kind"] == "intensities":
            _intensities(one, console)
        else:
            regions = list(one["regions"])
            clients = f"{count(one['clients'], 'client')} in " if "clients" in one else ""
            console.print(
                f"  {clients}{count(len(regions), 'region')}: {listed(regions, _REGIONS_SHOWN)}"
            )
            if lacking := one.get("regions_without_intensities"):
                console.print(f"  No file of intensities has {listed(lacking, _REGIONS_SHOWN)}")


def _intensities(one: dict[str, Any], console: Console) -> None:
    columns = ", ".join(
        f"{role} = {name!r}" for role, name in one["columns"].items() if isinstance(name, str)
    )
    console.print(
        f"  Columns: {columns}" + (", one for each region" * ("regions" in one["columns"]))
    )
    console.print(f"  Times without a zone: {one['time_zone']}")
    console.print(
        f"  Unit: {one['unit']} ({one['unit_by']}); signal: {one['signal'] or 'not said'}; "
        f"accounting: {one['accounting'] or 'not said'}"
    )
    if one["issues"]:
        console.print(
            f"  {count(one['issues'], 'issue')}, {_time(one['first_issue'])} to "
            f"{_time(one['last_issue'])} UTC; of the newest:"
        )
    for region, series in list(one["regions"].items())[:_REGIONS_SHOWN]:
        console.print(f"  {region}: {_series(series, constant=one['constant'])}")
    if (more := len(one["regions"]) - _REGIONS_SHOWN) > 0:
        console.print(f"  ... and {count(more, 'more region')}: see --json")
    for note in one["notes"]:
        console.print(f"  Note: {note}")


def _series(series: dict[str, Any], *, constant: bool) -> str:
    values = spread(series["least"], series["most"], "gCO2eq/kWh")
    if constant:
        return f"{values} at all times"
    shortest, longest = (_length(series[name]) for name in ("shortest_s", "longest_s"))
    step = f"every {longest}" if shortest == longest else f"values hold {shortest} to {longest}"
    gaps = "no gaps"
    if series["gaps"]:
        begin, end = series["first_gaps"][0]
        more = series["gaps"] - 1
        gaps = f"without {_time(begin)} to {_time(end)}"
        gaps += f" and {count(more, 'more gap')}" if more else ""
    return f"{values}, {_time(series['from'])} to {_time(series['until'])} UTC, {step}, {gaps}"


def _length(seconds: float) -> str:
    for unit_s, unit in ((86_400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= unit_s:
            return f"{seconds / unit_s:.4g} {unit}"
    return f"{seconds:.4g} s"


def _time(text: str) -> str:
    return show(parse_instant(text))
