"""``lowcarb typical``: typical days learnt from a history, for ``lowcarb plan --typical``."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli import file_options
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import STANDARD, check_output, write_csv_output
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb.carbon.forecast import Forecast

EXAMPLE = "Example:  lowcarb typical examples/actuals.csv --days 14 --out typical.csv"

_History = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="CSV of intensities that came true (.gz by name, - for standard input).",
    ),
]
_Days = Annotated[
    int | None,
    typer.Option(metavar="N", help="Learn from the last N days alone. Default: from all."),
]
_Out = Annotated[str, typer.Option(metavar="FILE", help="CSV to write; - for the standard output.")]


@file_options.with_file_options
def typical(
    said: file_options.FileOptions,
    history: _History,
    days: _Days = None,
    out: _Out = STANDARD,
) -> None:
    """Learn typical days, region,h00,...,h23 in gCO2eq/kWh, from the FILE of a history."""
    with reporting(as_json=False):
        check_output("out", out, inputs=[history], standard=True)
        from lowcarb._util.text import count
        from lowcarb.carbon.forecast_csv import read_actuals
        from lowcarb.carbon.typical_day import learn_typical_day
        from lowcarb.carbon.typical_day_csv import typical_day_csv

        how = said.how_written()
        past = read_actuals(history, how=how)
        if days is not None:
            past = _last(past, days)
        learnt = learn_typical_day(past)
        write_csv_output(out, typical_day_csv(learnt))
    for note in past.notes:
        typer.echo(f"Note: {note}", err=True)
    spans = {one.describe_coverage() for one in past.series.values()}
    typer.echo(
        f"Learnt {count(len(past.series), 'region')} from {'; '.join(sorted(spans))}", err=True
    )
    if out != STANDARD:
        typer.echo(f"Wrote {out}", err=True)


def _last(past: "Forecast", days: int) -> "Forecast":
    """Cut off all but the last days before the last end of any series."""
    if days < 1:
        raise InputError(f"days: expected 1 or more, got {days}", field="days")
    end = max(float(series.ends[-1]) for series in past.series.values())
    begin = end - timedelta(days=days).total_seconds()
    kept = {}
    for region, series in past.series.items():
        late = series.times >= begin
        if int(late.sum()) < 2:
            raise InputError(
                f"region {region!r} has no two values in the last {days} days; give more days",
                file=past.source,
                field="days",
            )
        kept[region] = replace(
            series, times=series.times[late], values=series.values[late], until=series.ends[late]
        )
    return replace(past, series=kept)
