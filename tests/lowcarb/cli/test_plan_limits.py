"""Limits of ``lowcarb plan``: what is kept and shown, what is missing, what is refused."""

import json
import re
from pathlib import Path

import pytest

from lowcarb.ledger import Ledger
from tests.helpers.ledgers import booked, turn, written
from tests.helpers.plan_command import GROUPS, run
from tests.helpers.schemas import check

SIZE = ("--cohort-size", "4", "--rounds", "6", "--gap", "0.01")


def test_limits_are_kept_and_shown_with_prices(tmp_path: Path) -> None:
    limits = ("--limit", "region <= 2", "--limit", "group=a >= 3", "--rest", "1", "--prices")
    result = run(tmp_path, *SIZE, *limits, clients=GROUPS)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = [line.split() for line in lines if line.startswith("group=a >= 3")]
    assert row[3:6] == ["3", "clients", "yes"]
    assert row[-2:] == ["/", "client"]
    assert any(line.startswith("rest >= 1") and line.endswith("/ round") for line in lines)
    assert "by planning again" in " ".join(result.stdout.split())
    assert "Without limits the plan would emit " in result.stdout
    assert "column samples: kept for policies" in " ".join(result.stdout.split())


@pytest.mark.slow
def test_limits_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    limits = ("--limit", "group=a >= 3", "--limit", "samples >= 60000", "--prices")
    result = run(tmp_path, *SIZE, *limits, "--report", str(page), clients=GROUPS)
    assert result.exit_code == 0, result.output
    text = page.read_text()
    assert ">group=a &gt;= 3</" in text
    assert "Not met: limit &#39;samples &gt;= 60000&#39;: rounds 1 to 6 have " in text
    assert ">out of reach</" in text
    assert "changes what is missing by 6 samples, not the carbon" in text


def test_limits_in_json(tmp_path: Path) -> None:
    limits = ("--limit", "group=a = 4", "--limit", "kwh <= 0.5 in all", "--min-share", "0")
    result = run(tmp_path, *SIZE, *limits, "--prices", "--json", clients=GROUPS)
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    check(content)
    quota, budget = content["limits"]["rules"]
    assert quota["amounts"] == [4] * 6
    assert (budget["broken"], budget["at_most"], budget["at_least"]) == (1, [0.5], [None])
    short = [one for one in content["shortfalls"] if one.get("limit") == "kwh <= 0.5 in all"]
    assert short[0]["short"] == pytest.approx(budget["amounts"][0] - 0.5)
    assert short[0]["too_much"] is True
    assert {one["limit"] for one in content["limits"]["prices"]} == {
        "group=a = 4",
        "kwh <= 0.5 in all",
    }
    assert content["limits"]["without_limits_g"] < content["objective_g"]
    assert result.stderr.startswith("Warning: limit 'kwh <= 0.5 in all': all rounds have ")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (
            "samples >= 1000000000",
            "one sample less changes what is missing by 6 samples, not the carbon",
        ),
        ("kg >= 1000000", "one kg less changes what is missing by 6,000.0 g, not the carbon"),
        ("kwh <= 0.0001", "with one kWh more it is missed by 2.4"),
        ("kg <= 0.0001 in all", "one kg more it is missed by "),
    ],
)
def test_a_limit_out_of_reach_has_no_price(tmp_path: Path, limit: str, said: str) -> None:
    options = (*SIZE, "--limit", limit, "--limit", "region <= 3", "--prices")
    text = run(tmp_path, *options, clients=GROUPS)
    words = " ".join(text.stdout.split())
    assert f"Limit '{limit}' is " in words
    assert said in words
    (row,) = [line for line in text.stdout.splitlines() if line.startswith(limit)]
    assert row.rstrip().endswith(("out of reach", "not kept"))
    assert max(map(len, text.stdout.splitlines())) <= 80
    content = json.loads(run(tmp_path, *options, "--json", clients=GROUPS).stdout)
    check(content)
    price, of_region, *_ = content["limits"]["prices"]
    assert price["saved_g"] is None
    assert price["less_missing"] > 0
    assert said in price["no_price"]
    assert of_region["no_price"] is None
    assert of_region["saved_g"] is not None


def test_strict_fails_on_a_limit_that_is_not_kept(tmp_path: Path) -> None:
    out = tmp_path / "plan.csv"
    options = ("--limit", "samples >= 60000", "--strict", "--out", str(out))
    result = run(tmp_path, *SIZE, *options, clients=GROUPS)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: limit 'samples >= 60000': rounds 1 to 6 have ")
    assert result.stderr.endswith("the 4 largest of 12 clients come to 23,000\n")
    assert not out.exists()
    loose = run(tmp_path, *SIZE, *options[:2], clients=GROUPS)
    assert loose.exit_code == 0
    assert "NOT MET: 1 limit cannot be had; see the warnings." in loose.stdout
    assert re.search("^samples >= 60000 .* NO, 0 of 6", loose.stdout, re.MULTILINE)
    assert loose.stderr.count("Warning: ") == 1
    assert (
        "rounds 1 to 6 have at most 43,000 samples too little: in round 1, the 4 largest"
        in loose.stderr
    )


def test_a_budget_counts_what_a_ledger_has_booked(tmp_path: Path) -> None:
    """0.5 kWh at 100 g/kWh are booked of each of two turns."""
    path = tmp_path / "run.db"
    written(path, booked(1, turn("a"), turn("b")))
    (first, _) = Ledger(path).account().rounds[0].turns
    spent_g = 2 * (first.realised_g or 0)
    assert spent_g > 0
    options = ("--budget-kg", "9", "--rest", "1", "--ledger", str(path), "--json")
    fleet = "client,region,energy_kwh,duration_min\n" + "".join(
        f"{name},PJM,1,60\n" for name in "abcd"
    )
    result = run(tmp_path, *options, clients=fleet)
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["limits"]["rules"][0]["done"] == pytest.approx(spent_g)
    assert content["rounds"][0]["clients"] == ["c", "d"]
    assert any("of it in the rounds that are over" in note for note in content["notes"])


def test_sites_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(
        'limits = ["region <= 3"]\n[sites]\ncolumn = "group"\ncaps = "caps.csv"\nexcess = "e.csv"\n'
    )
    times = ("2022-07-01T00:00Z", "2022-07-01T12:00Z")
    (tmp_path / "caps.csv").write_text("site,time,w\n" + "".join(f"a,{at},600\n" for at in times))
    (tmp_path / "e.csv").write_text("site,time,w\n" + "".join(f"a,{at},300\n" for at in times))
    header, *rows = GROUPS.splitlines()
    one_grid = [",".join([row.split(",")[0], "PJM", *row.split(",")[2:]]) for row in rows]
    clients = "\n".join([header, *one_grid]) + "\n"
    result = run(tmp_path, *SIZE, "--limits", str(path), "--json", clients=clients)
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    check(content)
    assert [one["role"] for one in content["files"]][-3:] == ["limits", "site-caps", "site-excess"]
    (site,) = content["limits"]["excess"]
    assert site["supply_kwh"] == pytest.approx([0.3] * 6)
    assert site["saved_g"] > 0
    text = run(tmp_path, *SIZE, "--limits", str(path), clients=clients)
    assert "Excess energy of sites" in text.stdout
    assert "whoever chooses, it is used before the grid's" in " ".join(text.stdout.split())
    assert max(len(line.rstrip()) for line in text.stdout.splitlines()) <= 80


def test_two_files_of_limits_hold_together(tmp_path: Path) -> None:
    one, other = tmp_path / "a.toml", tmp_path / "b.toml"
    one.write_text('limits = ["region <= 2"]')
    other.write_text('limits = ["group=a >= 3"]')
    options = ("--limits", str(one), "--limits", str(other), "--json")
    content = json.loads(run(tmp_path, *SIZE, *options, clients=GROUPS).stdout)
    names = {rule["limit"] for rule in content["limits"]["rules"]}
    assert {"region=PJM <= 2", "group=a >= 3"} <= names
    assert [one["role"] for one in content["files"]][-2:] == ["limits", "limits-2"]


@pytest.mark.parametrize(
    ("options", "quoted", "right"),
    [
        (("--limit", "region < 4"), "'region < 4'", '"region <= 4"'),
        (("--limit", "hospital"), "'hospital'", '"region <= 4"'),
        (("--limit", "regoin <= 4"), "'regoin <= 4'", "known are region, group"),
        (("--limit", "region=XX <= 4"), "'region=XX <= 4'", "known are BPAT"),
        (("--limit", "value >= 4"), "'value >= 4'", "no column value"),
        (("--limit", "energy <= 4"), "'energy <= 4'", '"kwh <= 4"'),
        (("--limit", "kg <= -3"), "'kg <= -3'", '"kg <= 3 in all"'),
        (("--limit", "kwh <= 3 MWh"), "'kwh <= 3 MWh'", "for example"),
        (("--limit", "region=PJM >= 3", "--limit", "region=PJM <= 2"), "'region=PJM >= 3'", '"re'),
        (("--budget-kg", "-3"), "got -3", "such as 12"),
        (("--budget-kg", "nan"), "got nan", "such as 12"),
        (("--rest", "-1"), "got -1", "such as 2"),
        (
            ("--rest", "1", "--limit", "rest >= 2"),
            "expected one rest, got two",
            "leave out --rest 1: who",
        ),
        (
            ("--rest", "2", "--limit", "rest >= 2"),
            "expected one rest, got two, --limit 'rest >= 2' and --rest 2;",
            "leave out one of them",
        ),
        (
            ("--budget-kg", "2", "--limit", "kg <= 2 in all"),
            "as --limit 'kg <= 2 in all' and --budget-kg 2;",
            "leave out one",
        ),
        (("--limits", "none.toml"), "none.toml", "cannot be read"),
        (("--prices",), "prices: ", "--limit 'region <= 4'"),
        (
            ("--prices", "--deadline", "2022-07-02T00:00Z"),
            "prices: --prices cannot be kept beside --deadline 2022-07-02T00:00Z yet",
            "leave out --prices, or --deadline",
        ),
        (
            ("--limit", "region >= 20%", "--cohort-range", "1..6"),
            "limit 'region >= 20%': expected a number where rounds have 1 to 6 clients",
            "as in 'region >= 20% in all'",
        ),
        (
            ("--limit", "region <= 4", "--deadline", "2022-07-02T00:00Z"),
            "--limit 'region <= 4' cannot be kept beside --deadline 2022-07-02T00:00Z",
            "leave out --limit, or --deadline",
        ),
        (("--limit", "region <= 4", "--solver", "flow"), "flow knows nothing", "cbc or greedy"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, options: tuple[str, ...], quoted: str, right: str
) -> None:
    result = run(tmp_path, *SIZE[:4], *options, clients=GROUPS)
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("Error: ")
    assert quoted in result.stderr
    assert right in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
