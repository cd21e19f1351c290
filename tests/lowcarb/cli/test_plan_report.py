"""``lowcarb plan --report`` and ``--figures``."""

import hashlib
from pathlib import Path

import pytest

from tests.helpers.html_pages import read_page
from tests.helpers.plan_command import run


def test_page_and_pictures_are_written(tmp_path: Path) -> None:
    page, folder = tmp_path / "p.html", tmp_path / "figures"
    result = run(tmp_path, "--report", str(page), "--figures", str(folder))
    assert result.exit_code == 0, result.output
    assert f"Wrote {page}" in result.stderr
    assert f"Wrote {folder}" in result.stderr
    read = read_page(page.read_text())
    sha256 = hashlib.sha256((tmp_path / "f.csv").read_bytes()).hexdigest()
    assert sha256 in page.read_text()
    assert str(tmp_path / "c.csv") in read.text
    kinds = ("png", "svg", "csv")
    expected = {f"{name}.{kind}" for name in ("working", "turns") for kind in kinds}
    assert {path.name for path in folder.iterdir()} == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--report", "p.pdf"], "report: expected a name that ends in .html or .htm"),
        (["--report", "none/p.html"], "the folder none does not exist"),
        (["--figures", "none/p"], "the folder none does not exist"),
    ],
)
def test_bad_outputs_are_refused_before_any_work(
    tmp_path: Path, options: list[str], message: str
) -> None:
    result = run(tmp_path, *options)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowcarb.report.pictures.style.has_matplotlib", lambda: False)
    result = run(tmp_path, "--report", str(tmp_path / "p.html"))
    assert result.exit_code == 1
    assert "install Lowcarb with its extra 'report'" in result.stderr
