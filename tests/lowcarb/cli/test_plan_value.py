"""``lowcarb plan`` that pays for the value of clients' turns: figures by hand, bounds, refusals."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.plan_command import run

# BPAT 56, 55, 55 and CISO 236, 258, 304 g/kWh in the first three hours; one kWh a turn.
CLIENTS = "client,region,energy_kwh,duration_min,value\na,BPAT,1,60,1\nb,CISO,1,60,3\n"
WITHOUT = "client,region,energy_kwh,duration_min\na,BPAT,1,60\nb,CISO,1,60\n"
BLANK = CLIENTS.replace(",3\n", ",\n")
SMALL = ("--cohort-size", "1", "--rounds", "3", "--min-share", "0")


def plan(folder: Path, *options: str, clients: str = CLIENTS) -> dict[str, Any]:
    result = run(folder, "--json", *SMALL, *options, clients=clients)
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


@pytest.mark.parametrize(
    ("price", "cohorts", "grams"),
    [
        # b's turns are worth two units more, and cost 180, 203 and 249 g more.
        ("89", "aaa", 166),
        ("91", "baa", 346),
        ("102", "bba", 549),
        ("125", "bbb", 798),
    ],
)
def test_at_a_price_by_hand(tmp_path: Path, price: str, cohorts: str, grams: float) -> None:
    found = plan(tmp_path, "--value-price", price)
    assert [one["clients"] for one in found["rounds"]] == [[name] for name in cohorts]
    assert found["objective_g"] == pytest.approx(grams)
    assert found["bound_g"] == pytest.approx(166)
    assert found["value"] == {
        "price_g": float(price),
        "paid_g": pytest.approx(grams - 166),
        "carbon_alone_g": pytest.approx(166),
        "allowed_g": None,
        "proven_at_price": True,
        "carbon_alone_known": True,
        "asked_price_g": float(price),
    }


@pytest.mark.parametrize(("percent", "grams"), [("0", 166), ("100", 166), ("110", 346)])
def test_at_most_so_much_more_carbon(tmp_path: Path, percent: str, grams: float) -> None:
    found = plan(tmp_path, "--max-extra-carbon", percent)
    assert found["objective_g"] == pytest.approx(grams)
    assert found["value"]["allowed_g"] == pytest.approx(1.66 * float(percent))
    assert any("paid for the value of turns" in note for note in found["notes"])
    assert not any("column value: kept for policies" in note for note in found["notes"])


def test_without_the_options_the_column_counts_for_nothing(tmp_path: Path) -> None:
    with_column, without = plan(tmp_path), plan(tmp_path, clients=WITHOUT)
    assert "value" not in with_column
    assert "column value: kept for policies, not used by this plan" in with_column["notes"]
    for name in set(without) - {"files", "notes", "seconds"}:
        assert with_column[name] == without[name], name


def test_limits_are_kept_beside_it(tmp_path: Path) -> None:
    found = plan(tmp_path, "--value-price", "125", "--limit", "region=BPAT >= 1 in all")
    assert sorted(one["clients"][0] for one in found["rounds"]) == ["a", "b", "b"]
    # The dearest of b's three turns is left out.
    assert found["objective_g"] == pytest.approx(236 + 258 + 55)
    assert found["value"]["paid_g"] == pytest.approx(236 + 258 + 55 - 166)


@pytest.mark.parametrize(
    ("options", "cohorts", "grams"),
    [
        (("--budget-kg", "0.4"), "baa", 346),
        (("--limit", "g <= 235"), "aaa", 166),
        (("--limit", "g <= 260"), "bba", 549),
        (("--limit", "kg region=CISO <= 0.5 in all"), "bba", 549),
        (("--budget-kg", "0.4", "--limit", "region=BPAT <= 2 in all", "--strict"), "baa", 346),
    ],
)
def test_limits_on_grams_are_kept_beside_it(
    tmp_path: Path, options: tuple[str, ...], cohorts: str, grams: float
) -> None:
    found = plan(tmp_path, "--value-price", "125", *options)
    assert [one["clients"] for one in found["rounds"]] == [[name] for name in cohorts]
    assert found["objective_g"] == pytest.approx(grams)
    assert found["value"]["paid_g"] == pytest.approx(grams - found["value"]["carbon_alone_g"])
    assert all(rule["broken"] == 0 for rule in found["limits"]["rules"])


@pytest.mark.parametrize(("price", "cohorts", "grams"), [("89", "aab", 111), ("91", "bab", 291)])
def test_excess_energy_is_saved_beside_it(
    tmp_path: Path, price: str, cohorts: str, grams: float
) -> None:
    """The turn of b in the third hour emits nothing, but 304 g without its roof."""
    (tmp_path / "limits.toml").write_text('[sites]\ncolumn = "group"\nexcess = "e.csv"\n')
    kw = {"00": 0, "02": 1000, "03": 0, "23": 0}
    rows = [f"roof,2022-07-01T{hour}:00Z,{watts}\n" for hour, watts in kw.items()]
    (tmp_path / "e.csv").write_text("site,time,w\n" + "".join(rows))
    header, one, other = CLIENTS.splitlines()
    clients = f"{header},group\n{one},\n{other},roof\n"
    options = ("--value-price", price, "--limits", str(tmp_path / "limits.toml"))
    found = plan(tmp_path, *options, clients=clients)
    assert [one["clients"] for one in found["rounds"]] == [[name] for name in cohorts]
    assert found["objective_g"] == pytest.approx(grams)
    assert found["value"]["carbon_alone_g"] == pytest.approx(111)


def test_what_is_paid_for_value_is_no_cost_of_limits(tmp_path: Path) -> None:
    options = (*SMALL, "--limit", "region=BPAT >= 1 in all", "--value-price", "125")
    said = " ".join(run(tmp_path, *options, clients=CLIENTS).stdout.split())
    # By carbon alone a takes all turns, with the limit and without it.
    assert (
        "The limits cost nothing here: the plan by carbon alone without them emits as much" in said
    )
    options = (*SMALL, "--limit", "region=CISO >= 1 in all", "--value-price", "89")
    said = " ".join(run(tmp_path, *options, clients=CLIENTS).stdout.split())
    assert (
        "Without limits the plan would by carbon alone emit 180.0 g less than within them" in said
    )
    assert "proven optimal at that price" in said


def test_a_blank_value_stops_no_plan_that_needs_none(tmp_path: Path) -> None:
    assert plan(tmp_path, clients=BLANK)["objective_g"] == plan(tmp_path)["objective_g"]


def test_a_price_at_which_value_alone_decides_is_said(tmp_path: Path) -> None:
    found = plan(tmp_path, "--value-price", "1e9")
    assert [one["clients"] for one in found["rounds"]] == [["b"]] * 3
    assert found["value"]["asked_price_g"] == 1e9
    # A million times the dearest turn, 304 g, for a unit of the highest value, 3.
    assert found["value"]["price_g"] == pytest.approx(1e6 * 304 / 3)
    (note,) = [one for one in found["notes"] if "paid for the value" in one]
    assert "at 101.33 t a unit; 1,000.00 t were asked for, but from 101.33 t on value" in note
    usual = plan(tmp_path, "--value-price", "91")
    assert not any("asked for" in note for note in usual["notes"])


@pytest.mark.parametrize(
    ("options", "clients", "message"),
    [
        (
            ("--max-extra-carbon", "5"),
            WITHOUT,
            "value: the clients have no column value; give each client's there",
        ),
        (("--value-price", "-5"), CLIENTS, "value-price: expected a number from 0"),
        (
            ("--max-extra-carbon", "5", "--value-price", "5"),
            CLIENTS,
            "expected --max-extra-carbon or --value-price, got both",
        ),
        (
            ("--max-extra-carbon", "5", "--cohort-range", "1..2"),
            CLIENTS,
            "--max-extra-carbon 5 cannot be weighed beside --cohort-range 1..2 yet; leave out "
            "--max-extra-carbon, or --cohort-range",
        ),
        (
            ("--max-extra-carbon", "5", "--deadline", "2022-07-02T00:00Z"),
            CLIENTS,
            "cannot be weighed beside --deadline 2022-07-02T00:00Z yet",
        ),
        (
            ("--value-price", "5", "--limit", "region <= 1", "--prices"),
            CLIENTS,
            "--value-price 5 cannot be weighed beside --prices yet; leave out --value-price, or",
        ),
        (("--max-extra-carbon", "0"), BLANK, r"c.csv:3: value of client 'b' is blank, .* 0 for no"),
        (("--limit", "value >= 1"), BLANK, r"c.csv:3: value of client 'b' is blank, and limit 'v"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, options: tuple[str, ...], clients: str, message: str
) -> None:
    result = run(tmp_path, *SMALL, *options, clients=clients)
    assert result.exit_code == 1
    assert re.search(message, " ".join(result.output.split()))
