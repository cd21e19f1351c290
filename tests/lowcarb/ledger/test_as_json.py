"""Each field of a dataclass has its key in JSON; figures made of fields stand beside them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from lowcarb.ledger.as_json import plain, shown, to_dict


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Part:
    weight: float = field(metadata={"key": "weight_g"})
    at: datetime
    colour: Colour = Colour.RED

    @property
    def heavy(self) -> bool:
        return self.weight > 1

    def to_dict(self) -> dict[str, Any]:
        return to_dict(self, ("colour", "heavy"))


PART = Part(weight=2.0, at=datetime(2026, 1, 1, tzinfo=UTC))


def test_what_is_named_comes_first_and_no_field_is_left_out() -> None:
    keys = {"colour": "colour", "heavy": "heavy", "weight_g": "weight", "at": "at"}
    assert list(shown(Part, ("colour", "heavy")).items()) == list(keys.items())
    assert list(shown(Part)) == ["weight_g", "at", "colour"]


def test_parts_of_parts_are_what_json_can_hold() -> None:
    one = {"colour": "red", "heavy": True, "weight_g": 2.0, "at": "2026-01-01T00:00:00Z"}
    made = plain({1: (PART,), "none": None})
    assert made == {"1": [one], "none": None}
    assert type(made["1"][0]["colour"]) is str
    assert json.loads(json.dumps(made)) == made
