"""A report tells whose forecasts were not believed, from when to when, and why."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lowcarb.carbon.findings import FaultName, Finding
from lowcarb.cli import app
from lowcarb.ledger import Ledger
from lowcarb.ledger.learnt import Learnt
from lowcarb.report.account.html import to_html
from lowcarb.report.account.summary import AccountSummary
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked

WRONG = Finding(
    region="DE",
    fault=FaultName.WRONG,
    since=BEGIN,
    issued=0.5,
    corrected=0.4,
    yesterday=0.125,
)
ENDED = replace(
    WRONG,
    region="a region with a <name> that is long enough",
    fault=FaultName.STUCK,
    until=BEGIN + timedelta(days=4, hours=7),
)
TIMES = replace(WRONG, region="FR", fault=FaultName.NONE, factor=2.2)


def told(path: Path, findings: Sequence[Finding]) -> tuple[list[str], dict[str, Any], str]:
    """Text, JSON and page of a ledger with these findings."""
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS)
        book.keep_learnt(Learnt(findings=findings))
    results = [
        CliRunner().invoke(app, ["report", str(path), *more], env={"COLUMNS": "80"})
        for more in ([], ["--json"])
    ]
    assert [result.exit_code for result in results] == [0, 0]
    page = to_html(AccountSummary(account=Ledger(path).account()), pictures=())
    return results[0].stdout.splitlines(), json.loads(results[1].stdout), page


def test_text_page_and_json_tell_them(tmp_path: Path) -> None:
    lines, content, page = told(tmp_path / "run.db", [WRONG, ENDED, TIMES])
    assert max(len(line.rstrip()) for line in lines) <= 80
    text = " ".join(" ".join(lines).split())
    assert (
        "Not believed since 2022-07-01 00:00 UTC: forecasts of DE were wrong by 50 % over the last "
        "2 days (40 % once corrected), yesterday's values by 12 %: typical days and yesterday's "
        "values stand in"
    ) in text
    assert (
        "Not believed from 2022-07-01 00:00 to 2022-07-05 07:00 UTC, when they were good again: "
        "forecasts of a region with a <name>"
    ) in text
    assert "Found since 2022-07-01 00:00 UTC: forecasts of FR are steadily 2.2 times" in text
    found = {one["region"]: one for one in content["findings"]}
    assert (found["DE"]["fault"], found["DE"]["until"]) == ("wrong", None)
    assert found["DE"]["error_issued"] == 0.5
    assert found[ENDED.region]["until"] == "2022-07-05T07:00:00Z"
    assert (found["FR"]["believed"], found["FR"]["factor"]) == (True, 2.2)
    assert "Forecasts that were not believed" in page
    assert "2022-07-05 07:00" in page
    assert "a region with a &lt;name&gt;" in page


def test_where_all_were_believed_nothing_is_said(tmp_path: Path) -> None:
    lines, content, page = told(tmp_path / "run.db", [])
    assert content["findings"] == []
    assert "elieved" not in "".join(lines) + page


@pytest.mark.parametrize("many", [5, 8])
def test_of_many_the_newest_are_shown(tmp_path: Path, many: int) -> None:
    findings = [replace(WRONG, since=BEGIN + timedelta(days=i)) for i in range(many)]
    lines, content, _ = told(tmp_path / "run.db", findings)
    assert sum(line.startswith("Not believed") for line in lines) == 5
    assert (f"... and {many - 5} more" in "".join(lines)) == (many > 5)
    assert len(content["findings"]) == many
