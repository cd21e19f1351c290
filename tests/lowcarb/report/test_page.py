"""Templates of pages: whatever they are filled with is text, and only pages load them."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from jinja2 import UndefinedError

from lowcarb import LowcarbError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.html import to_html
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.page import Figure, Table, csv_link, render, save_page
from tests.helpers.data import ROOT
from tests.helpers.html_pages import read_page
from tests.helpers.imports import loaded_by
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, turn

EXAMPLES = (ROOT / "examples").as_posix()
NASTY = "</title><script>\"'&\x1b[31m\n{{ 7 * 7 }}"


def test_what_fills_a_template_is_text_on_one_line() -> None:
    found = render("picture", title=NASTY, alt=NASTY, caption=NASTY, content="aGk=")
    told = "&lt;/title&gt;&lt;script&gt;&#34;&#39;&amp;\\x1b[31m\\n{{ 7 * 7 }}"
    assert found == (
        f'<figure>\n<h2>{told}</h2>\n<img alt="{told}" src="data:image/svg+xml;base64,aGk=">\n'
        f"<figcaption>{told}</figcaption>\n</figure>\n"
    )


def test_what_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'caption' is undefined"):
        render("picture", title="t", alt="a", content="")


def test_every_row_has_a_cell_for_each_heading() -> None:
    lost = turn("c", None, outcome=Outcome.SILENT, intensity=None)
    rounds = [booked(1, turn("a"), lost, notes=("look here",)), booked(2)]
    account = Account(number=1, training=TRAINING, members=MEMBERS, rounds=rounds, evaluations={})
    page = read_page(to_html(AccountSummary(account=account)))
    # Regions, clients, rounds, failures and notes.
    assert len(page.tables) == 5
    assert all(len(table) > 1 for table in page.tables)


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    save_page("K\u00f6ln \ud800", str(tmp_path / "a.html"))
    assert (tmp_path / "a.html").read_bytes() == "K\u00f6ln \\ud800".encode()
    with pytest.raises(LowcarbError, match="none does not exist"):
        save_page("", str(tmp_path / "none" / "a.html"))


def test_only_pages_load_templates() -> None:
    texts = ("compare_text", "demo_text", "plan_text", "report_text")
    loaded = loaded_by(
        "import lowcarb.report.comparison.html, lowcarb.report.account.html\n"
        "import lowcarb.report.account.pictures, lowcarb.report.comparison.pictures\n"
        + "".join(f"import lowcarb.cli.{text}\n" for text in texts)
        + "from typer.testing import CliRunner\nfrom lowcarb.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"folder = {EXAMPLES!r}\n"
        "options = ['--forecast', f'{folder}/issues.csv', '--actuals', f'{folder}/actuals.csv',\n"
        "    '--clients', f'{folder}/clients.csv', '--cohort-size', '4', '--rounds', '2',\n"
        "    '--starts', '1', '--policies', 'cheapest']\n"
        "for more in [], ['--json']:\n"
        "    done = CliRunner().invoke(app, ['compare', *options, *more])\n"
        "    assert done.exit_code == 0, done.output"
    )
    assert not loaded & {"jinja2", "markupsafe", "matplotlib"}
    assert "jinja2" in loaded_by(
        "from lowcarb.report.page import render\n"
        "render('picture', title='', alt='', caption='', content='')"
    )


def test_pages_are_joined_in_templates_only() -> None:
    for path in (ROOT / "lowcarb").rglob("*.py"):
        assert not re.search(r"</\w+>|html import escape", path.read_text()), path


def test_a_table_is_a_csv_of_its_values() -> None:
    table = Table(
        title="A & B",
        caption="c",
        names=["Name"],
        figures=["Grams"],
        rows=[(f"r{k}", Figure(1234.5 * k, f"~{k}")) for k in range(402)],
    )
    assert table.file == "a-b.csv"
    assert table.href is not None
    assert "r401,495034.5%0A" in table.href


def test_what_is_too_long_is_no_link() -> None:
    assert csv_link(["a"], [["x" * 200_000]]) is None
    link = csv_link(["a"], [['\u0141\u00f3d\u017a, =1"\n']])
    assert link is not None
    assert unquote(link.partition(",")[2]) == '\ufeffa\n"\u0141\u00f3d\u017a, =1""\n"\n'
