"""What the guard finds over a training: begun, ended, and followed by another finding."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lowcarb.carbon.findings import FaultName, Finding, Findings
from lowcarb.carbon.guard import Fault, Verdict
from lowcarb.carbon.guard_log import GuardLog
from tests.helpers.data import START

HOUR = timedelta(hours=1)
WRONG = Verdict(
    region="R1",
    fault=Fault.WRONG,
    since=int(START.timestamp() // 3600),
    issued=0.42,
    corrected=0.40,
    yesterday=0.1,
    factor=None,
)
STUCK = replace(WRONG, fault=Fault.STUCK, since=WRONG.since + 12)
TIMES = replace(WRONG, fault=Fault.NONE, factor=2.2)


@pytest.mark.parametrize("verdict", [WRONG, STUCK, TIMES, replace(WRONG, factor=0.5)])
def test_a_finding_is_what_the_guard_found(verdict: Verdict) -> None:
    assert Finding.of(verdict).verdict == verdict
    assert {name.name for name in FaultName} == {fault.name for fault in Fault}


def test_findings_begin_and_end_once() -> None:
    findings = Findings()
    (begun,) = findings.take({"R1": WRONG}, START + HOUR)
    assert (begun.since, begun.until) == (START, None)
    # Its figures are of its beginning; that it began earlier is known with time alone.
    later = replace(WRONG, since=WRONG.since + 6, issued=0.9)
    assert findings.take({"R1": later}, START + 7 * HOUR) == []
    (ended,) = findings.take({}, START + 20 * HOUR)
    assert ended == replace(begun, until=START + 20 * HOUR)
    assert findings.take({}, START + 21 * HOUR) == []
    assert findings.open == []


def test_another_fault_is_another_finding() -> None:
    findings = Findings()
    findings.take({"R1": WRONG}, START + HOUR)
    ended, begun = findings.take({"R1": STUCK}, START + 14 * HOUR)
    assert (ended.fault, ended.until) == (FaultName.WRONG, START + 12 * HOUR)
    assert (begun.fault, begun.since) == (FaultName.STUCK, START + 12 * HOUR)
    assert findings.verdicts == {"R1": STUCK}


def test_they_go_on_from_earlier_ones() -> None:
    before = [Finding.of(STUCK), replace(Finding.of(WRONG), until=START + 12 * HOUR)]
    findings = Findings(before)
    assert findings.take({"R1": STUCK}, START + 15 * HOUR) == []
    (ended,) = findings.take({}, START + 90 * HOUR)
    assert (ended.fault, ended.until) == (FaultName.STUCK, START + 90 * HOUR)


def test_they_say_when_why_and_until_when() -> None:
    one = Finding.of(WRONG)
    assert one.sentence == (
        "since 2022-07-15 00:00 UTC: forecasts of R1 were wrong by 42 % over the last 2 days (40 % "
        "once corrected), yesterday's values by 10 %: typical days and yesterday's values stand in"
    )
    ended = replace(one, until=START + 80 * HOUR)
    assert ended.sentence.startswith(
        "from 2022-07-15 00:00 to 2022-07-18 08:00 UTC, when they were good again: forecasts of R1"
    )
    assert ended.to_dict()["error_issued"] == 0.42


def test_what_was_said_before_a_restart_is_not_said_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    log = GuardLog(Findings([Finding.of(WRONG)]).verdicts)
    log.say({"R1": WRONG})
    assert caplog.messages == []
    log.say({})
    assert caplog.messages == ["lowcarb: forecasts of R1 are good again, and used"]
    log.say({"R1": replace(WRONG, since=WRONG.since + 100)})
    assert "forecasts of R1 were wrong" in caplog.messages[-1]
