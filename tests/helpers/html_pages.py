"""Reading pages as a browser would: nesting, landmarks, headings, tables, and what they load."""

import re
from html.parser import HTMLParser
from itertools import pairwise

_ALONE = {"meta", "image", "use", "path", "rect", "line", "circle", "br", "img", "stop"}


class Page(HTMLParser):
    """A page that is well-formed.

    Parameters
    ----------
    html
        Its text.

    Attributes
    ----------
    tags, names
        All tags in their order, and all names of attributes.
    ids, links, downloads
        All ids, all addresses, and the names of files that links give.
    headings
        Levels of headings in their order.
    tables
        Of each table the numbers of cells of its rows.
    images
        What pictures say to those who cannot see.
    titles
        Values on hover.
    text
        All text but scripts and style.
    scripts
        All scripts.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.downloads: list[str] = []
        self.headings: list[int] = []
        self.tables: list[list[int]] = []
        self.images: list[str] = []
        self.titles: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))
        if tag not in _ALONE:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _ALONE:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside == "title" and "svg" in self._open:
            self.titles.append(data)
        elif inside != "style":
            self.text += data

    def _note(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tags.append(tag)
        self.names |= set(attributes)
        for name, value in attributes.items():
            if name == "id":
                self.ids.append(str(value))
            elif name in ("href", "src"):
                self.links.append(str(value))
            elif name == "download":
                self.downloads.append(str(value))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg":
            assert attributes["role"] == "img"
            self.images.append(str(attributes["aria-label"]))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append(0)
        elif tag in ("td", "th"):
            self.tables[-1][-1] += 1
            assert tag == "td" or attributes["scope"] in ("row", "col")


def read_page(html: str) -> Page:
    """Read a page, and check what holds of all pages."""
    page = Page(html)
    assert len(html.encode()) < 1_000_000
    # It loads nothing, and runs only the script that it names by its hash.
    assert "default-src 'none'" in html
    assert not set(page.tags) & {"link", "iframe", "object", "embed", "form"}
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert not re.search(r"@import|https?://(?!www\.w3\.org/)", html)
    assert len(page.scripts) == 1
    assert not {name for name in page.names if name.startswith("on")}
    # People find their way by landmarks, headings in order, and captions.
    assert [page.tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert all(after - before <= 1 for before, after in pairwise(page.headings))
    assert page.tags.count("caption") == len(page.tables)
    assert all(len(set(cells)) == 1 for cells in page.tables)
    assert len(page.ids) == len(set(page.ids))
    return page
