"""Finding out which column of a file is what: as said, by a known export, or by our own headers.

Our own forms:

- wide issues: ``issued_at,target_time,REGION,...``
- one wide series: ``time_utc,REGION,...``
- long: ``[issued_at,]target_time,[until,]region,value``, with ``time_utc`` as well
- constants: ``region,value``
"""

import re
from dataclasses import replace

from lowcarb._util.csv_table import Table
from lowcarb._util.text import listed, quoted
from lowcarb.carbon.exports import export_of, letters_of
from lowcarb.carbon.forecast_table import require_named
from lowcarb.carbon.how_written import HowWritten
from lowcarb.carbon.layout import Layout
from lowcarb.carbon.time_columns import FoundTimes, end_of, more_times, times_of
from lowcarb.errors import InputError
from lowcarb.units import unit_in

_ISSUED, _TARGET, _SINGLE, _UNTIL = "issued_at", "target_time", "time_utc", "until"
_FORMS = (
    "issued_at,target_time,REGION,...  or  time_utc,REGION,...  or  "
    "[issued_at,]target_time,region,value"
)
_UNIT_BEHIND = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]*)[)\]]")
# What a column of values is called that belongs to no region, by its letters.
_GENERIC = {"value", "intensity", "carbonintensity", "emissions", "gcoeqkwh", "gcokwh"}
_LISTED = 12


def layout_of(table: Table, how: HowWritten, *, past: bool) -> Layout:
    """Find out which column is what.

    Parameters
    ----------
    table
        The file.
    how
        What was said of it.
    past
        Whether it is read for what came true; some exports have both.

    Raises
    ------
    InputError
        If columns are missing, or mean nothing; says how to name them.
    """
    if how.named:
        return _as_said(table, how)
    layout = export_of(list(table.columns), how, past=past)
    if layout is None:
        return _own_form(table, how)
    if layout.value is None:
        raise table.error(
            f"{layout.form} has no column for "
            + ("what came true" if past else f"{layout.accounting or 'forecast'} intensities")
            + f"; it has {listed(list(table.columns), _LISTED)}",
            field="value",
        )
    return layout


def _own_form(table: Table, how: HowWritten) -> Layout:
    bare = {_bare(column): column for column in table.columns}
    if set(bare) == {"region", "value"}:
        return _with_units(
            Layout(form="constants", time=None, region=bare["region"], value=bare["value"])
        )
    if _TARGET in bare and _SINGLE in bare:
        raise table.error(
            f"both {_TARGET} and {_SINGLE}; expected a header {_FORMS}; {_way_out(table)}",
            field=_SINGLE,
        )
    issued = bare.get(_ISSUED)
    times = _times(table, bare, how)
    others = [c for c in table.columns if c not in {issued, *times.all}]
    region, value = bare.get("region"), bare.get("value")
    if value is None and region in others and len(others) == 2:
        # Beside regions and times there are values, whatever they are called.
        value = next(c for c in others if c != region)
    if region is None or value is None:
        return _wide(table, times, issued, others)
    if extra := [column for column in others if column not in (region, value)]:
        raise table.error(
            f"unknown column {quoted(extra[0])}; expected a header {_FORMS}; {_way_out(table)}",
            field=extra[0],
        )
    return _with_units(
        Layout(
            form="the long form",
            time=times.time,
            issued=issued,
            until=times.until,
            region=region,
            value=value,
        )
    )


def _times(table: Table, bare: dict[str, str], how: HowWritten) -> FoundTimes:
    """Find the column of times: by its name, else by what stands in it."""
    until = bare.get(_UNTIL)
    for name in (_TARGET, _SINGLE):
        if name in bare:
            time = bare[name]
            known = [c for c in (time, until, bare.get(_ISSUED)) if c]
            return FoundTimes(
                time, until or end_of(table, time), more_times(table, how, besides=known)
            )
    found = times_of(table, how, besides=[c for c in (bare.get(_ISSUED), until) if c])
    if found is None:
        raise table.error(
            f"no column of times; expected a header {_FORMS}, or an export that is known; "
            f"{_way_out(table)}",
            field=_SINGLE,
        )
    return found if until is None else found._replace(until=until)


def _wide(table: Table, times: FoundTimes, issued: str | None, others: list[str]) -> Layout:
    if not others:
        raise table.error(
            f"no column for a region; expected a header {_FORMS}; {_way_out(table)}",
            field="region",
        )
    require_named(table, others)
    layout = Layout(form="the wide form", time=times.time, issued=issued, until=times.until)
    if len(others) == 1 and _names_no_region(others[0]):
        return _with_units(replace(layout, form="a column of values", value=others[0]))
    wide = {_bare(column): column for column in others}
    if len(wide) < len(others):
        wide = {column: column for column in others}
    return _with_units(replace(layout, wide=wide))


def _names_no_region(column: str) -> bool:
    """Whether the name of a column is what is measured, and no region's."""
    bare = _bare(column)
    # CO alone is a country's.
    is_gas = bare.casefold() in {"co2", "co\u2082", "co?"}
    return is_gas or letters_of(bare) in _GENERIC or unit_in(column) == column.strip()


def _as_said(table: Table, how: HowWritten) -> Layout:
    """Take the columns that were named."""
    named = {role: _column(table, role, name) for role, name in how.named.items()}
    time, value = named.get("time"), named.get("value")
    if time is None:
        time = next((c for c in (_TARGET, _SINGLE) if c in table.columns), None)
        if time is None and (found := times_of(table, how)) is not None:
            time = found.time
        if time is None:
            raise table.error(f"no column of times; {_way_out(table)}", field="columns")
    issued, until = named.get("issued"), named.get("until") or end_of(table, time)
    region = named.get("region") or ("region" if "region" in table.columns else None)
    if value is None and region is not None and "value" in table.columns:
        value = "value"
    if value is None:
        times = FoundTimes(time, until)
        others = [c for c in table.columns if c not in {issued, *times.all}]
        return _wide(table, times, issued, others)
    return _with_units(
        Layout(
            form="columns as they were named",
            time=time,
            issued=issued,
            until=until,
            region=region,
            value=value,
        )
    )


def _column(table: Table, role: str, name: str) -> str:
    """Find a column by its name, or by what is left of that in another encoding."""
    if name in table.columns:
        return name
    alike = [c for c in table.columns if letters_of(c) == letters_of(name) and letters_of(name)]
    if len(alike) != 1:
        raise table.error(
            f"no column {quoted(name)} for {role}; it has {listed(list(table.columns), _LISTED)}",
            field="columns",
        )
    return alike[0]


def _with_units(layout: Layout) -> Layout:
    """Note the units that the names of columns say."""
    columns = [*layout.wide.values(), *([layout.value] if layout.value else [])]
    said = {column: unit for column in columns if (unit := unit_in(column)) is not None}
    return replace(layout, units=said)


def _bare(column: str) -> str:
    """A column's name without the unit in brackets behind it."""
    found = _UNIT_BEHIND.fullmatch(column)
    return found[1] if found is not None and unit_in(found[2]) is not None else column


def _way_out(table: Table) -> str:
    has = listed([quoted(column, 30) for column in table.columns], _LISTED)
    return (
        "--columns time=NAME,region=NAME,value=NAME says what is what (without region, --region "
        f"NAME); the columns are {has}"
    )


def no_numbers(table: Table, region: str, time: str | None, cell: str) -> InputError:
    """Build the error for a column that was taken for a region's, and holds none of numbers."""
    return table.error(
        f"the column {quoted(region)} holds no numbers but such as {quoted(cell)}; each column "
        f"beside {time} is taken for a region's; --columns time={time},region=NAME,value=NAME "
        "says what is what",
        0,
        region,
    )
