"""The documentation as HTML: docstrings keep their sections, links lead somewhere."""

import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pdoc import docstrings

from tests.helpers.data import ENVIRONMENT, ROOT

MODULES = (
    *("lowcarb", "lowcarb.providers", "lowcarb.replay", "lowcarb.planning.policies"),
    "lowcarb_solvers",
)
PUBLIC = [
    pytest.param(getattr(module, name), id=f"{module.__name__}.{name}")
    for module in map(import_module, MODULES)
    for name in module.__all__
    if name != "__version__"
]
SECTION = re.compile(r"^(\w+)\n-+$", re.MULTILINE)


def test_each_name_is_collected() -> None:
    assert len(PUBLIC) > 80


@pytest.mark.parametrize("thing", PUBLIC)
def test_each_public_name_has_a_docstring_whose_sections_are_rendered(thing: Any) -> None:
    if not (inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)):
        pytest.skip("a value: its comment stands in the source")
    text = inspect.getdoc(thing)
    assert text
    shown = docstrings.convert(text, "numpy", None)
    for section in SECTION.findall(text):
        heading = re.search(rf"^#+ {section}$", shown, re.MULTILINE)
        assert heading, section
        if section in ("Parameters", "Raises"):
            assert re.match(r"\s*- \*\*[^*]+\*\*: ", shown[heading.end() :]), section
    assert not SECTION.search(shown)


class Links(HTMLParser):
    """What a page links to and shows, and which names can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.names.add(found.get("id") or "")
        target = found.get("href" if tag == "a" else "src")
        if target and not target.startswith(("https:", "data:", "http:")):
            self.targets.append(target)


def links_of(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text())
    return links


@pytest.mark.slow
def test_the_site_is_built_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "docs.py"), str(tmp_path), "--no-notebooks"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warn" not in done.stderr
    pages = {page: links_of(page) for page in tmp_path.rglob("*.html")}
    assert {f"api/{name.replace('.', '/')}.html" for name in MODULES} <= {
        page.relative_to(tmp_path).as_posix() for page in pages
    }
    for page, links in pages.items():
        for target in links.targets:
            name, _, heading = target.partition("#")
            there = (page.parent / name).resolve() if name else page
            assert there.exists(), (page.name, target)
            # Inherited attributes that are documented elsewhere have no place in pdoc's pages.
            if heading and there in pages and "api" not in page.relative_to(tmp_path).parts:
                assert heading in pages[there].names, (page.name, target)
    index = pages[tmp_path / "index.html"].targets
    for source in (ROOT / "docs").glob("*.md"):
        assert f"docs/{source.stem}.html" in index
