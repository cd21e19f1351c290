"""The table that a training starts with, and what stands in for what nobody said."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.forecast_view import ForecastView
from lowcarb.training.candidates import Candidates
from lowcarb.training.client_state import Facts
from lowcarb.training.start_table import stand_ins, start_table
from tests.helpers.data import START
from tests.helpers.deciding import Levels
from tests.helpers.rosters import candidates, roster

NODES = "nodes: 4 online, 2 wanted; to have another number:"


def view(found: Candidates) -> ForecastView:
    forecasts = FallbackForecasts(provider=Levels())
    hour = timedelta(hours=1)
    return forecasts.get(found.fleet.regions, START, START + hour, hour)


def of(*facts: Facts) -> Candidates:
    one = roster()
    one.meet(range(len(facts)), dict(enumerate(facts)), 1)
    return candidates(one, 1)


def told(name: str, region: str | None = "DE", kwh: float | None = 0.25) -> Facts:
    return Facts(name=name, region=region, energy_kwh=kwh, duration_s=kwh and 600.0)


def test_each_client_has_a_row_with_where_its_figures_come_from() -> None:
    found = of(told("a"), told("b", "FR", None), told("c", None))
    rows = [line.split() for line in start_table(found, view(found), NODES).splitlines()]
    assert rows[2:5] == [
        ["a", "DE", "yes", "0.25", "declared", "fresh"],
        ["b", "FR", "yes", "0.25", "typical", "fresh"],
        ["c", "unknown", "yes", "0.25", "declared", "none"],
    ]
    assert " ".join(rows[5]) == "energies: 2 declared, 1 typical; forecasts: 2 fresh, 1 none"
    assert " ".join(rows[6]) == NODES


def test_numbers_in_names_are_in_order() -> None:
    found = of(*(told(f"partition-{i}") for i in (10, 9, 2, 1)))
    names = [line.split()[0] for line in start_table(found, view(found), NODES).splitlines()[2:6]]
    assert names == ["partition-1", "partition-2", "partition-9", "partition-10"]


def test_many_clients_are_summed_up() -> None:
    found = of(*(told(f"c{i}") for i in range(1000)))
    lines = start_table(found, view(found), NODES).splitlines()
    assert len(lines) < 40
    assert "and 976 clients more" in lines
    assert "energies: 1000 declared; forecasts: 1000 fresh" in lines


@given(st.lists(st.text("aé漢字 \u0301-_0123", min_size=1, max_size=60), min_size=1, unique=True))
def test_it_is_at_most_80_columns_wide(names: list[str]) -> None:
    found = of(*(told(f"{name}{i}", f"region {name}") for i, name in enumerate(names)))
    table = start_table(found, ForecastView(forecast=None, provenances={}), NODES)
    columns = {"漢": 2, "字": 2, "\u0301": 0}
    widths = [sum(columns.get(c, 1) for c in line) for line in table.splitlines()]
    assert max(widths) <= 80


def test_nothing_stands_in_where_all_is_said() -> None:
    found = of(told("a"), told("b", "FR"))
    assert stand_ins(found, view(found)) == []


def test_each_stand_in_is_named_with_the_way_out() -> None:
    found = of(told("a"), told("b", None), told("c", "FR", None), told("c10", "FR", None))
    region, energy, duration = stand_ins(found, view(found))
    assert region.startswith("no region is known of b (say region in")
    assert energy.startswith("no energy of a round is known of c, c10 (say power-w and duration-")
    assert duration.startswith("no duration of a round is known of c, c10 (say duration-min")
