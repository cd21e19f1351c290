"""Of which kind intensities are, and which two kinds may stand side by side."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import InputError, Provenance
from lowcarb.carbon.kinds import Kind, kinds_said, require_other_kind, saying, second_kind
from tests.helpers.two_signals import AVERAGE, intensities

SIGNALS, ACCOUNTINGS = ("average", "marginal"), ("lifecycle", "direct")
KINDS = st.builds(Kind, st.sampled_from((None, *SIGNALS)), st.sampled_from((None, *ACCOUNTINGS)))


def origin(kind: Kind) -> Provenance:
    return Provenance(provider="p", zone="z", signal=kind.signal, accounting=kind.accounting)


@given(first=KINDS, second=KINDS)
def test_a_second_signal_says_what_it_is_and_is_another(first: Kind, second: Kind) -> None:
    other = None not in (first.signal, second.signal) and (
        first.signal != second.signal or {first.accounting, second.accounting} == set(ACCOUNTINGS)
    )
    if other:
        require_other_kind(first, second, "m.csv")
        return
    with pytest.raises(InputError) as caught:
        require_other_kind(first, second, "m.csv")
    assert caught.value.file == "m.csv"


@given(kinds=st.lists(KINDS, max_size=4))
def test_kinds_are_told_once_and_by_those_who_say_most(kinds: list[Kind]) -> None:
    found = kinds_said([origin(kind) for kind in kinds])
    assert set(found) <= set(kinds)
    assert bool(found) == bool(kinds)
    for kind in kinds:
        assert kind.signal is None or any(not kind.differs(one) for one in found)


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (Kind("average", "direct"), "what a report by the location-based method"),
        (Kind("average"), "what a report by the location-based method"),
        (Kind("average", "lifecycle"), "states the direct part"),
        (Kind("marginal", "direct"), "consequence of the choice"),
        (Kind("marginal"), "consequence of the choice"),
        (Kind(None, "direct"), "nobody said"),
    ],
)
def test_each_kind_answers_a_question_of_its_own(kind: Kind, part: str) -> None:
    assert part in kind.answers


def test_what_is_said_of_a_source_holds_where_it_says_nothing_itself() -> None:
    half = intensities(AVERAGE, None, accounting="direct")
    found = saying(half, Kind("average", "lifecycle")).series["A"].provenance
    assert Kind.of(found) == Kind("average", "direct")


def test_a_region_that_says_the_signal_alone_is_of_the_kind_of_the_others() -> None:
    mixed = intensities({"A": 1.0}, "marginal", accounting="direct")
    plain = intensities({"B": 1.0}, "marginal")
    both = replace(mixed, series={**mixed.series, **plain.series})
    found = second_kind([origin(Kind("average"))], both, ["A", "B", "C"])
    assert found == Kind("marginal", "direct")
