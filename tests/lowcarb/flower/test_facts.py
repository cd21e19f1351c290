"""What clients say of themselves, and who they are."""

import logging
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.fleet.fleet_table import LONGEST_NAME
from lowcarb.flower.facts import read_facts
from lowcarb.flower.wire import FACTS
from lowcarb.training.client_state import Facts
from lowcarb.units import LONGEST_MIN, MOST_ENERGY_KWH, SHORTEST_S

NONSENSE = [-1.0, math.nan, math.inf, -math.inf, 1e300, "250", "", True, b"1", [1.0], 10**400]
NUMBERS = ("power-w", "energy-kwh", "duration-min", "pue", "upload-mb", "download-mb")


def test_everything_is_optional() -> None:
    assert read_facts({}, 42) == Facts(name="node-42", told=True)
    assert read_facts(None, 42) == Facts(name="node-42", told=False)


def test_what_is_said_is_read() -> None:
    said = {"client-id": "hospital-0", "region": "DE", "energy-kwh": 1, "duration-min": 30}
    assert read_facts(said, 1) == Facts(
        name="hospital-0", region="DE", energy_kwh=1.0, duration_s=1800.0
    )


def test_energy_follows_from_power_time_pue_and_transfer() -> None:
    said = {
        "power-w": 200,
        "duration-min": 30,
        "pue": 1.5,
        "upload-mb": 500,
        "download-mb": 500.0,
    }
    assert read_facts(said, 1).energy_kwh == pytest.approx(0.1 * 1.5 + 0.06)
    assert read_facts({**said, "energy-kwh": 0.7}, 1).energy_kwh == 0.7
    del said["duration-min"]
    assert read_facts(said, 1).energy_kwh is None


@pytest.mark.parametrize("key", NUMBERS)
@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_said_and_not_used(
    key: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    others = {"power-w": 200, "duration-min": 30} if key != "energy-kwh" else {}
    facts = read_facts({**others, "client-id": "a", key: value}, 1)
    assert f"lowcarb: {key} of client 'a': expected a number from " in caplog.text
    assert all(len(record.message) < 250 for record in caplog.records)
    if key == "duration-min":
        assert (facts.energy_kwh, facts.duration_s) == (None, None)
    elif key in ("power-w", "energy-kwh"):
        assert facts.energy_kwh is None
    else:
        assert facts.energy_kwh == pytest.approx(0.1)


def test_an_energy_beyond_sense_is_said_and_not_used(caplog: pytest.LogCaptureFixture) -> None:
    facts = read_facts({"power-w": 1e9, "duration-min": LONGEST_MIN}, 1)
    assert (facts.energy_kwh, facts.duration_s) == (None, 60 * LONGEST_MIN)
    assert "the energy of client 'node-1': expected up to 1e+09 kWh, got 8760000" in caplog.text


scalars = st.one_of(
    st.integers(), st.floats(), st.text(max_size=5), st.booleans(), st.binary(max_size=5)
)


@given(st.dictionaries(st.sampled_from(FACTS), scalars))
def test_whatever_is_said_the_facts_fit_into_a_fleet(said: dict[str, Any]) -> None:
    logging.disable()
    try:
        facts = read_facts(said, 7)
    finally:
        logging.disable(logging.NOTSET)
    assert facts.name
    assert facts.name.isprintable()
    assert facts.region is None or (facts.region and facts.region.isprintable())
    assert facts.energy_kwh is None or 0 <= facts.energy_kwh <= MOST_ENERGY_KWH
    assert facts.duration_s is None or SHORTEST_S <= facts.duration_s <= 60 * LONGEST_MIN


KEY = b"ecdsa-sha2-nistp384 AAAA"


@pytest.mark.parametrize(
    ("said", "registered", "key", "name"),
    [
        ({"client-id": "a", "partition-id": 3}, "b", KEY, "a"),
        ({"client-id": 17, "partition-id": 3}, "b", KEY, "17"),
        ({"client-id": "  ", "partition-id": 3}, "b", KEY, "b"),
        ({"client-id": True}, " b ", KEY, "b"),
        ({"partition-id": 3}, "", KEY, "partition-3"),
        ({"partition-id": 0}, "", b"", "partition-0"),
        ({}, "", KEY, "key-"),
        ({}, "", b"", "node-42"),
        (
            {"client-id": "a\nlowcarb: round 1/1\x1b[31m\u202e"},
            "",
            b"",
            "a lowcarb: round 1/1 [31m",
        ),
    ],
)
def test_the_best_identity_counts(
    said: dict[str, Any], registered: str, key: bytes, name: str
) -> None:
    found = read_facts(said, 42, registered=registered, public_key=key).name
    assert found == name or (name == "key-" and found.startswith(name) and len(found) == 20)


LONG = "x" * (LONGEST_NAME + 1)


@pytest.mark.parametrize("length", [LONGEST_NAME + 1, 1_000_000])
@pytest.mark.parametrize(
    ("others", "registered", "key", "name"),
    [
        ({"partition-id": 3}, "b", KEY, "b"),
        ({"partition-id": 3}, LONG, KEY, "partition-3"),
        ({"partition-id": LONG}, LONG, b"", "node-42"),
        ({}, "", b"", "node-42"),
    ],
)
def test_names_too_long_are_said_and_the_node_is_named_otherwise(
    length: int,
    others: dict[str, Any],
    registered: str,
    key: bytes,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = {**others, "client-id": "a" * length}
    assert read_facts(said, 42, registered=registered, public_key=key).name == name
    assert f"client-id of client {name!r}: expected up to 200 characters, got 'aaa" in caplog.text
    assert all(len(record.message) < 250 for record in caplog.records)


def test_a_region_too_long_is_said_and_not_used(caplog: pytest.LogCaptureFixture) -> None:
    assert read_facts({"region": LONG}, 1).region is None
    assert "region of client 'node-1': expected up to 200 characters" in caplog.text
    fits = "x" * LONGEST_NAME
    assert read_facts({"region": fits, "client-id": fits}, 1) == Facts(name=fits, region=fits)


def test_keys_are_told_apart() -> None:
    assert read_facts({}, 1, public_key=KEY) == read_facts({}, 2, public_key=KEY)
    assert read_facts({}, 1, public_key=KEY) != read_facts({}, 1, public_key=KEY + b"B")


def test_what_the_superlink_vouches_for_is_kept_beside_what_is_said() -> None:
    facts = read_facts({"client-id": "a"}, 1, registered=" b\n", public_key=KEY)
    assert (facts.name, facts.registered) == ("a", "b")
    assert facts.key is not None
    assert len(facts.key) == 64
    assert read_facts({}, 1, public_key=KEY).name == f"key-{facts.key[:16]}"
    facts = read_facts({"client-id": "a"}, 1, registered=LONG)
    assert (facts.registered, facts.key) == ("", None)


@pytest.mark.parametrize(
    ("region", "read"), [(" DE ", "DE"), ("", None), (7, "7"), (b"DE", None), (None, None)]
)
def test_regions_are_text(region: Any, read: str | None) -> None:
    assert read_facts({"region": region}, 1).region == read
