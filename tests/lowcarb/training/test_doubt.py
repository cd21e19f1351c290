"""Doubtful figures: said by the client's name, once, and replaced; honest ones stay."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from lowcarb.ledger.entries import Member
from lowcarb.training.candidates import DEFAULT_KWH, DEFAULT_S
from lowcarb.training.client_state import ClientState
from lowcarb.training.decision import Asked
from lowcarb.training.doubt import Doubts
from lowcarb.training.turns import Reply

DAY = 86_400.0


def client(
    number: int,
    kwh: float | None = 0.1,
    seconds: float | None = 1800,
    energies: Sequence[float] = (),
) -> ClientState:
    member = Member(
        name=f"c{number}",
        region="DE",
        energy_kwh=kwh,
        duration_s=seconds,
        min_rounds=0,
        max_rounds=9,
        joined=1,
    )
    return ClientState(member=member, node=100 + number, energies=list(energies))


def given(
    kwh: Sequence[float | None], seconds: Sequence[float | None], trusted: Sequence[str] = ()
) -> list[tuple[float | None, float | None]]:
    clients = [client(i, e, s) for i, (e, s) in enumerate(zip(kwh, seconds, strict=True))]
    Doubts(trusted).judge_given(clients)
    return [(one.member.energy_kwh, one.member.duration_s) for one in clients]


@pytest.mark.parametrize("lie", [0.0, 1e-320, 1e-300, 1e-10, 0.0009, 10.1, 1e9])
def test_a_doubtful_energy_is_replaced_by_what_is_usual(
    lie: float, caplog: pytest.LogCaptureFixture
) -> None:
    assert given([lie, 0.1, 0.1, 0.2, 0.1], [1800] * 5)[0] == (0.1, 1800)
    (record,) = caplog.records
    assert record.message.startswith(
        "lowcarb: given energy of client 'c0': expected a figure from 0.001 to 10 kWh, got "
        if lie >= 1e-9
        else "lowcarb: given energy of client 'c0': expected a figure from 1e-09 on kWh, got "
    )
    assert "0.1 kWh is used instead" in record.message


@pytest.mark.parametrize("lie", [17.0, DAY + 1, 31_536_000.0])
def test_a_doubtful_duration_is_replaced_by_what_is_usual(
    lie: float, caplog: pytest.LogCaptureFixture
) -> None:
    assert given([0.1] * 4, [1800, lie, 1800, 3600])[1] == (0.1, 1800)
    assert "given duration of client 'c1'" in caplog.text


@pytest.mark.parametrize(
    ("kwh", "seconds"),
    [
        ([0.0011, 0.1, 0.1, 9.9], [19.0, 1800, 1800, DAY]),
        ([None, 0.1, 0.1, 0.1], [None] * 4),
        # Rounds may be weeks apart.
        ([0.1] * 3, [3 * DAY, 5 * DAY, 4 * DAY]),
        # Of two that differ either may be right.
        ([1e-5, 50], [10, DAY]),
        ([0.5], [60]),
    ],
)
def test_honest_figures_stay(
    kwh: list[float | None], seconds: list[float | None], caplog: pytest.LogCaptureFixture
) -> None:
    assert given(kwh, seconds) == list(zip(kwh, seconds, strict=True))
    assert not caplog.records


def test_alone_a_figure_can_only_be_replaced_by_the_default() -> None:
    assert given([1e-320], [DAY * 365]) == [(DEFAULT_KWH, DEFAULT_S)]


def test_the_operator_is_believed(caplog: pytest.LogCaptureFixture) -> None:
    kwh, seconds = [0.0, 0.1, 0.1, 1e6], [1.0, 1800, 1800, 7 * DAY]
    assert given(kwh, seconds, ["c0", "c3"]) == list(zip(kwh, seconds, strict=True))
    assert not caplog.records


def test_a_figure_that_its_measurements_confirm_stays() -> None:
    odd = client(0, 50.0, energies=[40.0, 60.0])
    Doubts().judge_given([odd, client(1), client(2), client(3)])
    assert odd.member.energy_kwh == 50.0


def test_who_says_the_same_again_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    liar, *others = [client(i, 0.0 if not i else 0.1) for i in range(4)]
    doubts = Doubts()
    for _ in range(3):
        liar.member = replace(liar.member, energy_kwh=0.0)
        doubts.judge_given([liar, *others])
        assert liar.member.energy_kwh == 0.1
    assert len(caplog.records) == 1


# --- measurements


def judge(
    doubts: Doubts, clients: Sequence[ClientState], measured: Sequence[Reply]
) -> list[tuple[float | None, str | None, float | None]]:
    asked = [
        Asked(client=one, planned_kwh=0.1, planned_s=1800.0, intensity=400.0) for one in clients
    ]
    nodes = [one.node or 0 for one in clients]
    judged = doubts.judge_training(asked, dict(zip(nodes, measured, strict=True)))
    return [(judged[n].energy_kwh, judged[n].measured, judged[n].seconds) for n in nodes]


def reply(kwh: float | None = 0.1, seconds: float | None = 1700.0) -> Reply:
    return Reply(energy_kwh=kwh, measured="power", seconds=seconds)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("lie", [0.0, 1e-320, 1e-300, 1e-9, 0.0009, 10.1, 1e9])
def test_a_doubtful_measurement_is_booked_as_planned(
    lie: float, count: int, caplog: pytest.LogCaptureFixture
) -> None:
    clients, doubts = [client(i) for i in range(count)], Doubts()
    for _ in range(3):
        first, *others = judge(doubts, clients, [reply(lie), *[reply()] * (count - 1)])
        assert first == (0.1, None, 1700)
        assert others == [(0.1, "power", 1700)] * (count - 1)
    (record,) = caplog.records
    assert "measured energy of client 'c0'" in record.message
    assert "0.1 kWh is used instead" in record.message


@pytest.mark.parametrize("lie", [0.0, 1e-9, 16.0, DAY + 1, 3e7])
def test_a_doubtful_time_is_booked_as_planned(lie: float) -> None:
    clients = [client(i) for i in range(3)]
    first, second, _ = judge(Doubts(), clients, [reply(seconds=lie), reply(), reply()])
    assert (first, second) == ((0.1, "power", 1800), (0.1, "power", 1700))


@pytest.mark.parametrize("kwh", [0.0011, 0.01, 1.0, 9.9])
def test_measurements_that_vary_by_less_stay(kwh: float) -> None:
    clients = [client(i) for i in range(3)]
    assert judge(Doubts(), clients, [reply(kwh), reply(), reply()])[0] == (kwh, "power", 1700)


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_where_most_measure_other_figures_than_they_gave_the_meters_are_right(
    factor: float,
) -> None:
    clients, doubts = [client(i, seconds=0.5 * DAY / 1e4) for i in range(6)], Doubts()
    told = [reply(0.1 * factor, None)] * 2
    assert judge(doubts, clients[:2], told)[0][0] == 0.1
    # From the third one on it is known; the liar among them stands out all the same.
    found = judge(doubts, clients[2:], [*told, reply(0.1 * factor, None), reply(1e9, None)])
    assert [kwh for kwh, _, _ in found] == [0.1 * factor] * 3 + [0.1]


def test_a_client_cannot_lie_a_little_more_each_time() -> None:
    one = client(0)
    one.energies = [0.0011] * 9
    assert judge(Doubts(), [one], [reply(0.0005)])[0][:2] == (0.1, None)


def test_nothing_is_expected_of_a_client_of_which_nothing_is_known() -> None:
    one = client(0, None, None)
    assert judge(Doubts(), [one], [reply(5e-5, 2.0)]) == [(5e-5, "power", 2.0)]
    one.energies = [5e-5]
    assert judge(Doubts(), [one], [reply(5e-5, DAY)])[0] == (5e-5, "power", DAY)
    assert judge(Doubts(), [one], [reply(1.0)])[0][:2] == (0.1, None)
    others = [client(i, None, None) for i in range(1, 5)]
    found = judge(Doubts(), others, [reply(), reply(), reply(), reply(1e9)])
    assert [kwh for kwh, _, _ in found] == [0.1] * 4


def test_who_was_given_more_than_a_day_may_take_it() -> None:
    one = client(0, seconds=2 * DAY)
    assert judge(Doubts(), [one], [reply(seconds=2.5 * DAY)])[0][2] == 2.5 * DAY


def test_what_was_not_measured_is_not_judged(caplog: pytest.LogCaptureFixture) -> None:
    failed = Reply(error="error 2")
    asked = [Asked(client=client(i), planned_kwh=0.1, planned_s=1.0, intensity=1) for i in (0, 1)]
    assert Doubts().judge_training(asked, {100: failed}) == {100: failed}
    assert not caplog.records


# --- evaluation


@pytest.mark.parametrize("lie", [0.0, 1e-300, 10.1, 1e9])
def test_doubtful_evaluations_are_replaced_or_left_out(lie: float) -> None:
    clients, doubts = [client(i) for i in range(3)], Doubts()
    told = [reply(lie, 3e7), reply(1e-4, 2.0), reply(2e-4, 4.0)]
    found = [one for _, one in doubts.judge_evaluation(list(zip(clients, told, strict=True)))]
    assert found[0].energy_kwh == pytest.approx(1.5e-4)
    assert found[0].measured is None
    assert found[0].seconds == 3.0
    assert found[1:] == told[1:]
    ((_, alone),) = doubts.judge_evaluation([(clients[0], told[0])])
    assert (alone.energy_kwh, alone.seconds) == (None, None)
