"""Kinds of intensities: read from text, written as text, and never mixed."""

import json

import pytest

from lowcarb import Accounting, InputError, Provenance, Quality, Signal
from lowcarb.carbon.provenance import comparable


def test_text_becomes_a_kind_and_is_written_as_text() -> None:
    provenance = Provenance(provider="mine", zone="DE", signal="marginal", accounting="direct")
    assert provenance.signal is Signal.MARGINAL
    assert provenance.accounting is Accounting.DIRECT
    same = Provenance(
        provider="mine", zone="DE", signal=Signal.MARGINAL, accounting=Accounting.DIRECT
    )
    assert provenance == same
    written = json.loads(json.dumps(provenance.to_dict()))
    assert (written["signal"], written["accounting"]) == ("marginal", "direct")
    assert written["quality"] == str(Quality.FRESH)


@pytest.mark.parametrize("wrong", ["Average", "average ", "", 1, b"average", ["average"], 0])
def test_what_is_no_signal_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="signal: expected average or marginal, got ") as caught:
        Signal.of(wrong)
    assert caught.value.field == "signal"


def test_who_does_not_say_has_none() -> None:
    assert Signal.of(None) is None
    assert Provenance(provider="mine", zone="DE").signal is None


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (None, None, True),
        (None, "marginal", True),
        (Signal.AVERAGE, None, True),
        ("average", Signal.AVERAGE, True),
        (Signal.MARGINAL, Signal.AVERAGE, False),
        ("average", "marginal", False),
        (Accounting.LIFECYCLE, Accounting.DIRECT, False),
    ],
)
def test_only_equals_are_compared(ours: str | None, theirs: str | None, expected: bool) -> None:
    assert comparable(ours, theirs) is expected
    assert comparable(theirs, ours) is expected
