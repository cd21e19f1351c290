"""Names of regions: cloud regions and places."""

import json
import re

import pytest

from lowcarb.providers.services.zones import CLOUD_ZONES, cloud_zone, point
from tests.helpers.data import ROOT

FIXTURES = ROOT.parent / "shared" / "providers" / "fixtures"


def test_the_known_errors_of_public_tables_are_not_ours() -> None:
    assert cloud_zone("westus") == "US-CAL-CISO"
    assert cloud_zone("northeurope") == "IE"
    assert cloud_zone("europe-west2") == "GB"
    assert cloud_zone("DE") is None
    assert cloud_zone("us-west-2") is None


def test_every_zone_of_the_table_is_one() -> None:
    assert all(re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]+)*", zone) for zone in CLOUD_ZONES.values())
    recorded = FIXTURES / "electricitymaps" / "zones.json"
    if recorded.exists():
        assert set(CLOUD_ZONES.values()) <= set(json.loads(recorded.read_text()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("52.5,13.4", ("52.5", "13.4")),
        (" -33 , 151.2", ("-33", "151.2")),
        ("91,0", None),
        ("0,181", None),
        ("DE", None),
        ("1,2,3", None),
    ],
)
def test_places(name: str, expected: tuple[str, str] | None) -> None:
    assert point(name) == expected
