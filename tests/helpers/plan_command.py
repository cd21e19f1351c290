"""Running `lowcarb plan` on files with given content."""

from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ROOT

EXAMPLES = ROOT / "examples"
FORECAST = (EXAMPLES / "forecast.csv").read_text()
CLIENTS = (EXAMPLES / "clients.csv").read_text()
GROUPS = "".join(
    f"{line},{words}\n"
    for line, words in zip(
        CLIENTS.splitlines(),
        ["samples,group", *(f"{1000 + 500 * i},{'ab'[i % 2]}" for i in range(12))],
        strict=True,
    )
)
"""The clients of the example, with samples and two groups in turn."""
ENERGY = "client,region,energy_kwh,duration_min\na,BPAT,1,60\nb,CISO,2,60\nc,PJM,0.5,30\n"


def run(
    folder: Path, *options: str, forecast: str | bytes = FORECAST, clients: str = ENERGY
) -> Result:
    """Run `lowcarb plan` in a folder on files with the given content."""
    target = folder / "f.csv"
    if isinstance(forecast, bytes):
        target.write_bytes(forecast)
    else:
        target.write_text(forecast)
    (folder / "c.csv").write_text(clients)
    given = list(options)
    for option, value in {
        "--forecast": str(target),
        "--clients": str(folder / "c.csv"),
        "--cohort-size": "2",
        "--rounds": "6",
    }.items():
        if option not in given:
            given += [option, value]
    return CliRunner().invoke(app, ["plan", *given], env={"COLUMNS": "80"})


GAP = "".join(line for line in FORECAST.splitlines(True) if "01T03:00" not in line)
"""The forecast without one hour."""
