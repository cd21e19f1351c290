"""``lowcarb fetch``: a service's forecasts as a CSV that ``lowcarb plan`` reads."""

import json
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import (
    STANDARD,
    check_output,
    check_standard_output,
    write_csv_output,
    write_output,
)
from lowcarb.errors import InputError, LowcarbError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lowcarb.carbon.forecast import Series
    from lowcarb.errors import ProviderError
    from lowcarb.providers import Provider

EXAMPLE = "Example:  lowcarb fetch neso --region London --region GB --out forecast.csv"


class ServiceName(StrEnum):
    """The services by their names on the command line."""

    CARBON_AWARE_SDK = "carbon-aware-sdk"
    ELECTRICITY_MAPS = "electricity-maps"
    WATTTIME = "watttime"
    NESO = "neso"
    ENERGY_CHARTS = "energy-charts"


_Service = Annotated[
    ServiceName,
    typer.Argument(
        metavar="SERVICE",
        help="neso, energy-charts, electricity-maps, watttime or carbon-aware-sdk.",
    ),
]
_Region = Annotated[
    list[str],
    typer.Option(
        metavar="NAME",
        help="Region by the service's name, or one of AWS, Azure or Google Cloud, or "
        "latitude,longitude where the service has that. May be repeated.",
    ),
]
_Out = Annotated[
    str,
    typer.Option(
        metavar="FILE", help="Forecast CSV to write (.gz by name); - for the standard output."
    ),
]
_BaseUrl = Annotated[
    str, typer.Option(metavar="URL", help="Address of the service. Default: its own.")
]
_Horizon = Annotated[
    int | None,
    typer.Option(
        metavar="HOURS", help="How far ahead, for electricity-maps and watttime. Default: 24."
    ),
]
_Accounting = Annotated[
    str | None,
    typer.Option(
        metavar="KIND", help="lifecycle or direct, for electricity-maps. Default: lifecycle."
    ),
]
_Json = Annotated[
    bool, typer.Option("--json", help="Print where each region's forecast comes from as JSON.")
]


def fetch(
    service: _Service,
    region: _Region,
    out: _Out,
    base_url: _BaseUrl = "",
    horizon: _Horizon = None,
    accounting: _Accounting = None,
    as_json: _Json = False,
) -> None:
    """Fetch forecasts of a SERVICE into a CSV file, whole or not at all.

    SERVICE is neso (Great Britain) or energy-charts (Europe), which need no key;
    electricity-maps, with its key in ELECTRICITYMAPS_TOKEN; watttime, with WATTTIME_USER and
    WATTTIME_PASSWORD; or carbon-aware-sdk, with --base-url.
    """
    with reporting(as_json=as_json):
        check_output("out", out, standard=True)
        check_standard_output(out, as_json=as_json)
        with literal_console(stderr=True).status(f"Asking {service.value} ..."):
            # Files know no spaces around a name.
            names = list(dict.fromkeys(name.strip() for name in region))
            given = {"horizon_hours": horizon, "accounting": accounting}
            more = {name: value for name, value in given.items() if value is not None}
            found, failed = _ask(service, names, base_url, more)
        if not found:
            raise LowcarbError(f"no forecast came: {'; '.join(map(str, failed.values()))}")
        issued_at = _known_since(found)
        _write(out, found, issued_at)
    _print(service, found, failed, issued_at, out=out, as_json=as_json)


def _ask(
    service: ServiceName, regions: list[str], base_url: str, more: dict[str, Any]
) -> "tuple[Mapping[str, Series], Mapping[str, ProviderError]]":
    from datetime import timedelta

    from lowcarb._util.times import utc_now
    from lowcarb.providers.last_good import WithLastGood

    start = utc_now()
    provider = WithLastGood(_provider(service, base_url, more))
    ahead = timedelta(hours=more.get("horizon_hours", 24))
    return provider.forecasts(regions, start=start, end=start + ahead)


def _needs_ends(found: "Mapping[str, Series]") -> bool:
    """Whether values end otherwise than a reader of the file would take them to."""
    import numpy as np

    return not all(
        np.allclose(replace(series, until=None).ends, series.ends, rtol=0, atol=1.0)
        for series in found.values()
    )


def _provider(service: ServiceName, base_url: str, more: dict[str, Any]) -> "Provider":
    from dataclasses import fields

    from lowcarb import providers

    kinds: dict[ServiceName, Any] = {
        ServiceName.CARBON_AWARE_SDK: lambda: providers.CarbonAwareSdk,
        ServiceName.ELECTRICITY_MAPS: lambda: providers.ElectricityMaps,
        ServiceName.WATTTIME: lambda: providers.WattTime,
        ServiceName.NESO: lambda: providers.Neso,
        ServiceName.ENERGY_CHARTS: lambda: providers.EnergyCharts,
    }
    kind = kinds[service]()
    for name in more.keys() - {one.name for one in fields(kind)}:
        option = name.removesuffix("_hours")
        raise InputError(f"{option}: {service.value} has no such choice; leave it out", field=name)
    made: Provider = kind(base_url=base_url, **more)
    return made


def _known_since(found: "Mapping[str, Series]") -> datetime:
    """When all of the forecasts were known: one issue in the file, so one plan can use them all."""
    provenances = [series.provenance for series in found.values() if series.provenance is not None]
    times = [provenance.issued_at or provenance.fetched_at for provenance in provenances]
    return max(time for time in times if time is not None)


def _write(path: str, found: "Mapping[str, Series]", issued_at: datetime) -> None:
    import csv
    import gzip
    import io

    from lowcarb._util.csv_bytes import csv_bytes
    from lowcarb._util.times import from_seconds, to_iso

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    with_ends = _needs_ends(found)
    ends = ["until"] if with_ends else []
    writer.writerow(["issued_at", "target_time", *ends, "region", "value"])
    for region, series in found.items():
        columns = (series.times.tolist(), series.ends.tolist(), series.values.tolist())
        for time, end, value in zip(*columns, strict=True):
            times = [to_iso(from_seconds(second)) for second in (time, end)[: 1 + with_ends]]
            writer.writerow([to_iso(issued_at), *times, region, f"{value:.10g}"])
    if path.endswith(".gz"):
        write_output(path, gzip.compress(csv_bytes(text.getvalue()), mtime=0))
    else:
        write_csv_output(path, text.getvalue())


def _print(
    service: ServiceName,
    found: "Mapping[str, Series]",
    failed: "Mapping[str, ProviderError]",
    issued_at: datetime,
    *,
    out: str,
    as_json: bool,
) -> None:
    from lowcarb._util.times import to_iso

    for error in failed.values():
        typer.echo(f"Warning: no forecast: {error}", err=True)
    for region, series in found.items():
        line = _describe(region, series)
        if series.provenance is not None and series.provenance.quality == "last good":
            typer.echo(f"Warning: the service fails; {line}", err=True)
        elif not as_json:
            typer.echo(line, err=out == STANDARD)
    if as_json:
        payload = {
            "service": service.value,
            "file": out,
            "issued_at": to_iso(issued_at),
            "regions": {region: _provenance(series) for region, series in found.items()},
            "failed": {
                region: {"error": type(error).__name__, "message": str(error)}
                for region, error in failed.items()
            },
        }
        typer.echo(json.dumps(payload, allow_nan=False))
    if out != STANDARD:
        typer.echo(f"Wrote {out}", err=True)


def _describe(region: str, series: "Series") -> str:
    provenance = series.provenance
    assert provenance is not None  # noqa: S101 - a service gives each series one
    kinds = " ".join(kind for kind in (provenance.signal, provenance.accounting) if kind)
    low, high = series.values.min(), series.values.max()
    # Who gives a place on the map must see where it lies.
    place = "" if provenance.zone.casefold() == region.casefold() else f" (zone {provenance.zone})"
    return (
        f"{region}{place}: {provenance.quality}, {kinds or 'signal unknown'}, {low:.0f} to "
        f"{high:.0f} gCO2eq/kWh, {series.describe_coverage()}"
    )


def _provenance(series: "Series") -> dict[str, Any]:
    from lowcarb._util.times import from_seconds, to_iso

    provenance = series.provenance
    assert provenance is not None  # noqa: S101 - a service gives each series one
    return {
        **provenance.to_dict(),
        "unit": "gCO2eq/kWh",
        "from": to_iso(from_seconds(series.times[0])),
        "until": to_iso(from_seconds(series.ends[-1])),
        "step_s": series.step_s,
        "values": len(series.values),
    }
