"""`lowcarb fetch` as people type it, and services that answer it with values of just now."""

from datetime import UTC, datetime, timedelta

from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.forecast_services import BY_NAME, PASSWORD, TOKEN, USER, login
from tests.helpers.http_server import Asked, Handler, Say

KEYS = {"ELECTRICITYMAPS_TOKEN": TOKEN, "WATTTIME_USER": USER, "WATTTIME_PASSWORD": PASSWORD}
NAMES = {
    "neso": "NESO GB",
    "electricity-maps": "Electricity Maps",
    "watttime": "WattTime",
    "carbon-aware-sdk": "Carbon Aware SDK",
    "energy-charts": "Energy-Charts",
}


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def fetch(service: str, *options: str, keys: bool = True) -> Result:
    given = KEYS if keys else dict.fromkeys(KEYS, "")
    return CliRunner().invoke(app, ["fetch", service, *options], env={"COLUMNS": "80", **given})


def live(name: str, steps: int = 48) -> Handler:
    """Answer with values from two hours ago on."""
    kind = BY_NAME[name]

    def handler(asked: Asked) -> Say:
        start = this_hour() - timedelta(hours=2)
        rows = [(start + i * kind.step, (17 * i) % 90) for i in range(steps)]
        issued = datetime.now(UTC) - timedelta(minutes=3)
        return login(asked) or Say(body=kind.body(rows, asked, issued=issued))

    return handler
