"""Whom no limit reaches, since nobody said where they belong."""

from dataclasses import replace
from pathlib import Path

from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.limits_toml import read_limits
from lowcarb.planning.planner import Planner
from lowcarb.planning.unreached import unreached
from tests.helpers.data import START
from tests.helpers.limited_fleet import FLEET, FORECAST

BLANK = replace(FLEET, attributes={**FLEET.attributes, "group": ["hospital", "", "", ""]})


def test_where_everybody_belongs_somewhere_nothing_is_said() -> None:
    for text in ("group <= 1", "region <= 1", "kwh <= 3", "rest >= 1", "samples >= 100"):
        assert unreached(AskedLimits.of([text]), FLEET) == {}
    assert unreached(None, BLANK) == {}
    # Nobody asks for groups.
    assert unreached(AskedLimits.of(["region <= 1"]), BLANK) == {}


def test_blank_names_are_counted_once_for_all_limits_of_their_column() -> None:
    texts = ["group <= 1", "kwh group=hospital <= 9"]
    assert unreached(AskedLimits.of(texts), BLANK) == {
        "group": "group of 3 clients is blank, so no limit on a group reaches them: b, c, d"
    }


def test_sites_without_caps(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("[sites]\ncolumn = 'group'\ncaps = 'c.csv'\n")
    (tmp_path / "c.csv").write_text(
        "site,time,w\nhospital,2026-01-01T00Z,1\nhospital,2026-01-01T01Z,2\n"
    )
    assert unreached(read_limits(path), FLEET) == {
        "caps": f"1 site without rows in {tmp_path / 'c.csv'}, with 2 clients, may use as much as "
        "they like: practice"
    }


def test_a_plan_says_it_in_a_note() -> None:
    limits = AskedLimits.of(["group <= 1"])
    plan = Planner(fleet=BLANK, cohort_size=2, rounds=2, limits=limits).plan(START, FORECAST)
    assert [note for note in plan.notes if "no limit on a group" in note] == [
        "group of 3 clients is blank, so no limit on a group reaches them: b, c, d"
    ]
