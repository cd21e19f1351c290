"""A provider of one's own takes ten lines, and those in the documentation run."""

import re
from datetime import timedelta
from typing import Any

from flwr.serverapp.strategy import FedAvg

from lowcarb import SimulatedClock
from lowcarb.carbon.provenance import Quality
from lowcarb.providers import Actuals, Composite
from tests.helpers.data import ROOT
from tests.helpers.flower_app import carbon_aware, client_app, run
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.forecast_services import NOW


def documented() -> tuple[str, Any]:
    """The example, and a provider made of it."""
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/forecasts.md").read_text(), re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - it is our own
    return code, names["Campus"]()


def test_it_takes_ten_lines() -> None:
    code, provider = documented()
    body = code[code.index("class Campus") :].strip().splitlines()
    assert len(body) <= 10
    assert not isinstance(provider, Actuals)


def test_it_says_what_it_knows_and_why_not() -> None:
    _, provider = documented()
    end = NOW + timedelta(hours=6)
    found, failed = Composite(provider).forecasts(["campus", "DE"], start=NOW, end=end)
    assert (set(found), set(failed)) == ({"campus"}, {"DE"})
    assert found["campus"].values.tolist() == [40] * 6 + [380]
    assert found["campus"].times[0] <= NOW.timestamp()
    assert found["campus"].ends[-1] >= end.timestamp()


def test_a_training_runs_on_it_and_books_where_its_figures_come_from() -> None:
    _, provider = documented()
    nodes = {
        number: {
            "client-id": f"client-{number}",
            "region": region,
            "energy-kwh": 0.5,
            "duration-min": 30.0,
        }
        for number, region in enumerate(["campus", "campus", "DE"], start=1)
    }
    strategy = carbon_aware(
        FedAvg(), provider=provider, clock=SimulatedClock(NOW, every="1h"), cohort_size=2
    )
    run(strategy, InProcessGrid(client_app(), nodes), rounds=2)
    for booked in strategy.account.rounds:
        provenance = booked.provenances["campus"]
        assert (provenance.provider, provenance.signal, provenance.quality) == (
            "campus",
            "average",
            Quality.FRESH,
        )
        assert booked.provenances["DE"].quality is Quality.MISSING
        known = [turn for turn in booked.turns if turn.region == "campus"]
        assert {turn.intensity for turn in known} == {40.0}
        assert {turn.planned_g for turn in known} == {20.0}
