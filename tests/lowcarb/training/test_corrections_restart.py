"""What corrections know goes on from the ledger as if they had never been cut off."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lowcarb import Ledger, Series
from lowcarb.carbon.findings import Finding
from lowcarb.ledger import Book
from lowcarb.ledger.learnt import Learnt
from lowcarb.training.corrections import Corrections
from tests.helpers.ledgers import TRAINING
from tests.helpers.live_service import BEGIN, REGIONS, SPOILT, Service

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP = 4 * HOUR
# In one of them a single hour of the day is newly known.
STARTS = [BEGIN + h * HOUR for h in (*range(0, 48, 4), 48, 49, 50, *range(54, 82, 4))]


def given(service: Service, now: datetime) -> Mapping[str, Series]:
    return service.forecasts(REGIONS, start=now, end=now)[0]


def asked(corrections: Corrections, service: Service, now: datetime) -> dict[str, list[float]]:
    """Hold a round, and let what is under way beside it come to its end."""
    found = corrections(given(service, now), now)
    if corrections._thread is not None:
        corrections._thread.join(20)
    return {region: one.values.tolist() for region, one in found.items()}


def restarted(book: Book, service: Service) -> Corrections:
    return Corrections(service, service, delay=HOUR, before=book.learnt())


def keep(book: Book, corrections: Corrections) -> Learnt | None:
    new = corrections.news()
    if new is not None:
        book.keep_learnt(new)
    return new


def test_every_round_is_corrected_as_if_nothing_had_been_cut_off(tmp_path: Path) -> None:
    service = Service()
    whole = Corrections(service, service, delay=HOUR)
    findings: list[Finding] = []
    found, changed = [], 0
    for start in STARTS:
        found.append(asked(whole, service, start))
        new = whole.news()
        findings += [] if new is None else new.findings
        changed += found[-1] != {
            region: one.values.tolist() for region, one in given(service, start).items()
        }
    assert changed > len(STARTS) / 2
    assert [one.region for one in findings] == [SPOILT]
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        for start, expected in zip(STARTS, found, strict=True):
            # A new process each round.
            corrections = restarted(book, service)
            assert asked(corrections, service, start) == expected, start
            keep(book, corrections)
        assert list(book.learnt().findings) == findings


def test_nothing_is_said_or_written_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    service = Service()
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        for start in STARTS:
            corrections = restarted(book, service)
            asked(corrections, service, start)
            keep(book, corrections)
            assert corrections.news() is None
        assert caplog.text.count(f"forecasts of {SPOILT} were wrong") == 1
    # What is known already is not asked for again, nor after a restart.
    lengths = [end - start for start, end in service.asked]
    assert (lengths[0], set(lengths[1:])) == (14 * DAY, {2 * DAY})


def test_after_a_long_pause_all_days_are_asked_for_that_are_missing(tmp_path: Path) -> None:
    service = Service()
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        corrections = restarted(book, service)
        for hours in (0, 4):
            asked(corrections, service, BEGIN + hours * HOUR)
        keep(book, corrections)
        asked(restarted(book, service), service, BEGIN + 5 * DAY)
    lengths = [end - start for start, end in service.asked]
    assert lengths == [14 * DAY, 2 * DAY, 14 * DAY]


def test_what_another_provider_was_off_by_teaches_nothing() -> None:
    service = Service()
    corrections = Corrections(service, service, delay=HOUR)
    for start in STARTS:
        asked(corrections, service, start)
    before, now = corrections.learnt, STARTS[-1] + STEP
    other = Service("another")
    raw = {region: one.values.tolist() for region, one in given(other, now).items()}
    with_same = Corrections(service, service, delay=HOUR, before=before)
    assert asked(with_same, service, now) != raw
    assert asked(Corrections(other, other, delay=HOUR, before=before), other, now) == raw


def test_what_cannot_be_used_is_no_reason_to_stop(caplog: pytest.LogCaptureFixture) -> None:
    service = Service()
    corrections = Corrections(service, service, delay=HOUR)
    for r in range(8):
        asked(corrections, service, BEGIN + r * STEP)
    nonsense = replace(corrections.learnt)
    nonsense.record.actual["R0"] = "high"  # type: ignore[assignment]
    again = Corrections(service, service, delay=HOUR, before=nonsense)
    now = BEGIN + 8 * STEP
    series = given(service, now)
    assert again(series, now) is series
    assert "forecasts stay as they were issued" in caplog.text
    # It is learnt anew.
    for r in range(9, 19):
        now = BEGIN + r * STEP
        found = asked(again, service, now)
    assert found != {region: one.values.tolist() for region, one in given(service, now).items()}
