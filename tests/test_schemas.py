"""What commands print as JSON is what their schemas say."""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from typer.testing import CliRunner

from lowcarb.carbon.provenance import Provenance
from lowcarb.cli import app
from lowcarb.ledger import Ledger
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from lowcarb.ledger.waits import Wait
from lowcarb.report.documents import VERSIONS, document
from tests.helpers.data import ROOT
from tests.helpers.ledgers import BEGIN, TRAINING, booked, turn, written
from tests.helpers.schemas import SCHEMAS, check

EXAMPLES = ROOT / "examples"
FLEET = ["--clients", str(EXAMPLES / "clients.csv"), "--cohort-size", "4", "--rounds", "4"]
DAYS = ["--actuals", str(EXAMPLES / "actuals.csv"), "--seeds", "2", "--starts", "1"]

SECOND = ["--signal", "average", "--also-signal", "marginal"]


def second_of(folder: Path, name: str) -> str:
    """Give the name of a file of another signal: that of an example, and one region less."""
    lines = (EXAMPLES / name).read_text().splitlines()
    path = folder / name
    path.write_text("\n".join(line.rpartition(",")[0] for line in lines))
    return str(path)


def printed(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_schemas_are_schemas_and_say_what_every_key_is() -> None:
    assert set(SCHEMAS) == set(VERSIONS)
    for kind, schema in SCHEMAS.items():
        Draft202012Validator.check_schema(schema)
        name = f"lowcarb/{kind}/{VERSIONS[kind]}"
        assert schema["properties"]["schema"]["const"] == name
        assert document(kind, {})["schema"] == name
        assert "additionalProperties" not in schema
        for key, value in schema["properties"].items():
            assert "description" in value or key in ("totals", "floors", "names"), (kind, key)


@pytest.mark.parametrize("fairness", [[], ["--min-rounds", "4"]])
def test_plans(fairness: list[str]) -> None:
    content = printed("plan", "--forecast", str(EXAMPLES / "forecast.csv"), *FLEET, *fairness)
    check(content)
    assert bool(content["shortfalls"]) == bool(fairness)
    assert [one["role"] for one in content["files"]] == ["forecast", "clients"]


def test_plans_that_pay_for_value(tmp_path: Path) -> None:
    lines = (EXAMPLES / "clients.csv").read_text().splitlines()
    worth = ["value", *map(str, range(len(lines) - 1))]
    path = tmp_path / "clients.csv"
    path.write_text("\n".join(f"{a},{b}" for a, b in zip(lines, worth, strict=True)))
    fleet = [str(path) if word.endswith("clients.csv") else word for word in FLEET]
    forecast = ["--forecast", str(EXAMPLES / "forecast.csv")]
    for more in (["--max-extra-carbon", "50"], ["--value-price", "100"]):
        content = printed("plan", *forecast, *fleet, *more)
        check(content)
        assert content["value"]["paid_g"] > 0


def test_plans_with_chosen_hours() -> None:
    until = ["--deadline", "2022-07-02T00:00Z"]
    content = printed("plan", "--forecast", str(EXAMPLES / "forecast.csv"), *FLEET, *until)
    check(content)
    assert content["hours"]["slots"] == 24


@pytest.mark.parametrize(
    "options",
    [
        ["--policies", "random,ilp,oracle"],
        ["--policies", "round-robin"],
        ["--policies", "random,greedy", "--absence", "0.5", "--starts", "2"],
        ["--policies", "ilp,oracle", "--forecast", str(EXAMPLES / "issues.csv")],
    ],
)
def test_comparisons(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)
    content = printed("compare", *DAYS, *FLEET, *options)
    check(content)
    assert (content["cohort_size"], content["rounds"]) == (4, 4)
    starts = len(content["starts"])
    for policy in content["policies"].values():
        assert {len(values) for values in policy["per_start"].values()} == {starts}
    assert (content["limit"] is None) == ("oracle" not in options[1])


@pytest.mark.parametrize("forecast", [[], ["--forecast", str(EXAMPLES / "issues.csv")]])
def test_sweeps(forecast: list[str]) -> None:
    days = [*DAYS[:2], "--starts", "1", "--jobs", "1", *forecast]
    content = printed("sweep", *days, *FLEET, "--min-share", "0,1", "--rounds", "3")
    check(content)
    assert [one["values"] for one in content["points"]] == [
        {"cohort_size": 4, "min_share": share} for share in (0, 1)
    ]


def test_sweeps_over_deadlines() -> None:
    days = [*DAYS[:2], "--starts", "1", "--jobs", "1", "--deadline", "3h"]
    content = printed("sweep", *days, *FLEET[:4], "--rounds", "2", "--min-share", "0")
    check(content)
    assert [one["values"]["deadline_h"] for one in content["points"]] == [3]
    assert set(content["points"][0]["policies"]) == {"ilp", "at-once", "oracle"}


@pytest.mark.parametrize("whole", [True, False])
def test_comparisons_by_two_signals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)
    actuals = str(EXAMPLES / "actuals.csv") if whole else second_of(tmp_path, "actuals.csv")
    options = ["--policies", "random,round-robin", "--starts", "2", "--also-actuals", actuals]
    content = printed("compare", *DAYS, *FLEET, *options, *SECOND)
    check(content)
    assert (content["also"]["policies"]["random"]["saved_g"] is None) is not whole


def test_comparisons_of_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)
    content = printed(
        "compare", *DAYS, *FLEET, "--deadline", "9h,6h", "--policies", "threshold,oracle"
    )
    check(content)
    assert [one["hours"]["within_s"] for one in content["deadlines"]] == [6 * 3600, 9 * 3600]
    for one in content["deadlines"]:
        assert list(one["policies"]) == ["at-once", "threshold", "oracle"]


def test_comparisons_of_hours_in_which_cohorts_breathe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)
    breathing = ["--deadline", "6h", "--cohort-range", "1..8", "--rounds", "1..4"]
    content = printed("compare", *DAYS, *FLEET, *breathing, "--policies", "oracle")
    check(content)
    assert [one["cohort_range"] for one in content["deadlines"]] == [[1, 8]]
    assert [one["fewest_rounds"] for one in content["deadlines"]] == [1]


def test_what_is_understood_of_files(tmp_path: Path) -> None:
    typical = str(tmp_path / "typical.csv")
    learnt = ["typical", str(EXAMPLES / "actuals.csv"), "--out", typical]
    assert CliRunner().invoke(app, learnt).exit_code == 0
    names = [*(str(EXAMPLES / name) for name in ("issues.csv", "clients.csv")), typical]
    content = printed("check", *names)
    check(content)
    kinds = [one["kind"] for one in content["files"]]
    assert kinds == ["intensities", "clients", "typical days"]
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    result = CliRunner().invoke(app, ["check", str(tmp_path / "bad.csv"), "--json"])
    assert result.exit_code == 1
    check(json.loads(result.stdout))
    assert json.loads(result.stdout)["files"][0]["error"]["message"]


def test_plans_by_two_signals(tmp_path: Path) -> None:
    first = ["--forecast", str(EXAMPLES / "forecast.csv"), *FLEET]
    content = printed("plan", *first, "--also", second_of(tmp_path, "forecast.csv"), *SECOND)
    check(content)
    assert content["also"]["missing_regions"] == ["SWPP"]


def test_plans_name_the_history_that_they_learn_from() -> None:
    past = ["--actuals", str(EXAMPLES / "actuals.csv"), "--start", "2022-08-01T00:00Z"]
    content = printed("plan", *past, *FLEET)
    check(content)
    assert [one["role"] for one in content["files"]] == ["clients", "actuals"]


def test_accounts(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1, turn("a", actual=200.0), turn("b", None, intensity=None)), booked(2))
    content = printed("report", str(path))
    check(content)
    assert len(content["rounds"]) == 2


def test_accounts_with_hours_and_a_range(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    asked = replace(
        TRAINING, cohort_least=1, cohort_most=3, deadline=BEGIN + timedelta(days=1), hours="by then"
    )
    first = replace(booked(1), ready_at=BEGIN - timedelta(hours=2), at_once_g=9.0, told_by="go")
    written(path, first, training=asked)
    wait = Wait(
        number=2, since=BEGIN, decided_at=BEGIN, until=BEGIN + timedelta(hours=3), at_once_g=5.0
    )
    with Ledger(path).writing() as book:
        book.keep_wait(wait)
    content = printed("report", str(path))
    check(content)
    assert content["cohorts"]["range"] == [1, 3]
    assert content["waiting"]["rounds_waited"] == 1
    assert content["waiting"]["now"]["round"] == 2


def test_accounts_by_two_signals(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1), booked(2))
    origin = Provenance(provider="file.csv", zone="DE", signal="marginal")
    second = SecondRound(
        turns=[SecondTurn(client="a", intensity=9.0)], provenances={"DE": origin}, random_g=1.0
    )
    with Ledger(path).writing() as book:
        book.book_second({2: second})
    content = printed("report", str(path))
    check(content)
    assert [one["round"] for one in content["also"]["rounds"]] == [2]


def test_what_no_schema_knows_is_found() -> None:
    content = printed("plan", "--forecast", str(EXAMPLES / "forecast.csv"), *FLEET)
    with pytest.raises(ValidationError, match="'more' was unexpected"):
        check({**content, "more": 1})
