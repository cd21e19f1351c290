"""``lowcarb report`` of a training that has a second signal."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.carbon.provenance import Provenance
from lowcarb.cli import app
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import BookedRound
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from tests.helpers.html_pages import read_page
from tests.helpers.ledgers import MEMBERS, TRAINING, booked

MARGINAL = {
    name: Provenance(provider="watttime", zone=name, signal="marginal") for name in ("DE", "FR")
}
SECOND = SecondRound(
    turns=[SecondTurn(client="a", intensity=900.0), SecondTurn(client="b", intensity=700.0)],
    provenances=MARGINAL,
    random_g=640.0,
)
HOURS = "".join(f"2022-07-01T{h:02d}:00:00Z,1000,600\n" for h in range(4))
CAME_TRUE = f"time_utc,DE,FR\n{HOURS}"


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowcarb.report.pictures.style.has_matplotlib", lambda: False)


def ledger(folder: Path, *rounds: BookedRound, seconds: int = 2) -> Path:
    """Two rounds of a and b; by the first signal 250 g each, by the second 800 g."""
    path = folder / "run.db"
    with Ledger(path).writing() as book:
        book.begin(replace(TRAINING, rounds=2))
        for one in rounds or (booked(1), booked(2)):
            book.book(
                one,
                [replace(member, min_rounds=0) for member in MEMBERS] if one.number == 1 else (),
                second=SECOND if one.number <= seconds else None,
            )
    return path


def report(path: Path, *options: str | Path) -> Result:
    words = ["report", str(path), *map(str, options)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "80"})


def flat(text: str) -> str:
    return " ".join(text.split())


def test_both_totals_stand_side_by_side_with_what_they_answer(tmp_path: Path) -> None:
    path, page = ledger(tmp_path), tmp_path / "p.html"
    result = report(path, "--report", page)
    assert result.exit_code == 0, result.output
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    for part in (
        "Planned: 500.0 g CO2eq by the forecast (average), 50.0% less than random cohorts",
        "Realised so far: 500.0 g CO2eq (average), all estimated",
        "average (planned by) 4 of 4 500.0 g ~500.0 g -50.0%",
        "marginal 4 of 4 1,600.0 g ~1,600.0 g +25.0%",
        "By average: emissions by location (attributional)",
        "By marginal: consequence of the choice (consequential)",
        "they are never added",
    ):
        assert part in flat(result.stdout), part
    read = read_page(page.read_text()).text
    for part in ("By two signals", "average (planned by)", "consequence of the choice"):
        assert part in read, part
    content = json.loads(report(path, "--json").stdout)
    assert content["totals"]["planned_g"] == 500
    also = content["also"]
    assert (also["signal"], also["answers"].split(" (")[0]) == (
        "marginal",
        "consequence of the choice",
    )
    assert (also["totals"]["planned_g"], also["totals"]["random_g"]) == (1600, 1280)
    assert [one["region"] for one in also["regions"]] == ["DE", "FR"]
    assert [one["planned_g"] for one in also["rounds"]] == [800, 800]


def test_a_ledger_without_it_shows_nothing_new(tmp_path: Path) -> None:
    path, page = ledger(tmp_path, seconds=0), tmp_path / "p.html"
    result = report(path, "--report", page)
    assert "signals" not in result.stdout
    assert "By two signals" not in page.read_text()
    assert "also" not in json.loads(report(path, "--json").stdout)


def test_rounds_of_which_it_says_nothing_are_told(tmp_path: Path) -> None:
    text = flat(report(ledger(tmp_path, seconds=1)).stdout)
    assert "marginal 2 of 4 800.0 g+ ~800.0 g+ +25.0% (1 of 2 rounds)" in text
    said = (
        "By the second signal 2 turns of 4 have no intensity: its figures are of 50% of the energy."
    )
    assert said in text


def test_owed_turns_that_are_lost_make_neither_signal_comparable(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        book.begin(replace(TRAINING, rounds=1))
        book.book(booked(1), MEMBERS, second=SECOND)
    text = flat(report(path).stdout)
    assert "By either signal NOT COMPARABLE with random: 1 owed turn missing (c 1)." in text


def came_true(folder: Path, content: str = CAME_TRUE) -> Path:
    path = folder / "m.csv"
    path.write_text(content)
    return path


def test_what_came_true_is_booked_by_the_second_signal_alone(tmp_path: Path) -> None:
    path = ledger(tmp_path)
    options = ("--also-actuals", came_true(tmp_path), "--also-signal", "marginal")
    result = report(path, *options, "--json")
    assert result.exit_code == 0, result.output
    assert "Booked what came true by the second signal in 2 rounds" in result.stderr
    content = json.loads(result.stdout)
    # Half a kWh each at 1,000 and 600 gCO2eq/kWh, twice.
    assert content["also"]["totals"]["realised_g"] == 1600
    assert content["also"]["totals"]["actual_intensity_kwh"] == 2
    assert content["totals"]["actual_intensity_kwh"] == 0
    assert content["files"][-1]["role"] == "also-actuals"
    assert "in 0 rounds" in report(path, *options).stderr


def test_a_training_that_had_none_can_be_accounted_for_afterwards(tmp_path: Path) -> None:
    path = ledger(tmp_path, seconds=0)
    some = came_true(tmp_path, CAME_TRUE.replace(",FR", "").replace(",600", ""))
    result = report(path, "--also-actuals", some, "--also-signal", "marginal")
    assert result.exit_code == 0, result.output
    assert "lacks 1 region of the ledger: FR; it has DE" in result.stderr
    assert "marginal 2 of 4 ? 1,000.0 g" in flat(result.stdout).replace("~", "").replace("+", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "does not say whether its intensities are average or marginal"),
        (
            ("--also-signal", "average"),
            "has average intensities, and what is planned by is average",
        ),
        (
            ("--also-signal", "average", "--also-accounting", "direct"),
            "what is planned by is average as well",
        ),
    ],
)
def test_what_is_no_second_signal_is_refused_and_nothing_is_booked(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    path = ledger(tmp_path)
    before = Ledger(path).account()
    result = report(path, "--also-actuals", came_true(tmp_path), *options)
    assert result.exit_code == 1
    assert message in result.stderr
    assert Ledger(path).account() == before


def test_another_kind_than_the_ledgers_second_signal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    direct = {name: replace(one, accounting="direct") for name, one in MARGINAL.items()}
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS, second=replace(SECOND, provenances=direct))
    options = ("--also-signal", "marginal", "--also-accounting", "lifecycle")
    result = report(path, "--also-actuals", came_true(tmp_path), *options)
    assert result.exit_code == 1
    assert "lifecycle intensities here and direct ones in the second signal of" in result.stderr


def test_a_ledger_that_says_no_kind_takes_the_one_that_is_said(tmp_path: Path) -> None:
    silent = {name: replace(one, signal=None) for name, one in MARGINAL.items()}
    path = ledger(tmp_path, replace(booked(1), provenances=silent), seconds=0)
    options = ("--also-actuals", came_true(tmp_path), "--also-signal", "marginal")
    assert "what is planned by does not say" in report(path, *options).stderr
    assert report(path, *options, "--signal", "average").exit_code == 0
