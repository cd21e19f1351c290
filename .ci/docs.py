"""Build the documentation as HTML: the pages in Markdown, the notebooks executed, the API.

Usage::

    python .ci/docs.py OUT [--no-notebooks] [--pictures DIR]

Pages stand in OUT as their sources stand in the repository, so that links between them hold. With
`--pictures` the plot of each notebook's cell that has the tag `picture` is written as
DIR/NOTEBOOK.png.
"""

import argparse
import base64
import os
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pdoc
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
MODULES = (
    "lowcarb",
    "lowcarb.providers",
    "lowcarb.replay",
    "lowcarb.planning.policies",
    "lowcarb_solvers",
)
"""Those whose public names are kept; docs/house.md says so."""
HIDDEN = "!lowcarb.replay.compare"
"""A module of the same name as a public function."""
PAGES = ("*.md", "docs/*.md", "benchmarks/**/*.md", "notebooks/*.md", "examples/**/*.md")
PICTURE_TAG = "picture"
CELL_SECONDS = 600

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: break-word; }
pre, table { overflow-x: auto; display: block; }
pre { padding: .6rem; border: 1px solid #8888; border-radius: 4px; font-size: .9em; }
td, th { padding: .2rem .5rem; border-bottom: 1px solid #8888; text-align: left; }
table { border-collapse: collapse; }
img { max-width: 100%; }
"""
FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<nav><a href="{up}index.html">Lowcarb</a></nav>
<main>
{content}
</main>
</body>
</html>
"""


def main() -> None:
    """Read the options, build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--no-notebooks", action="store_true", help="leave the notebooks out")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write their pictures here")
    options = parser.parse_args()
    sources = sorted({path for pattern in PAGES for path in ROOT.glob(pattern)})
    notebooks = [] if options.no_notebooks else sorted(ROOT.glob("notebooks/*.ipynb"))
    known = {path.relative_to(ROOT).as_posix() for path in (*sources, *notebooks)}
    titles = {source: page(source, options.out, known) for source in sources}
    titles |= {source: notebook(source, options.out, options.pictures) for source in notebooks}
    api(options.out / "api")
    index(options.out, titles)
    print(f"Wrote {options.out / 'index.html'}: {len(titles)} pages, {len(MODULES)} modules")


def page(source: Path, out: Path, known: set[str]) -> str:
    """Render one page of Markdown, and return its title."""
    name = source.relative_to(ROOT)
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(source.read_text())
    title = name.stem
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(after.content))
            title = after.content if token.tag == "h1" else title
    for token in tokens:
        if token.type == "inline":
            token.children = list(linked(token.children or [], name, out, known))
    content = markdown.renderer.render(tokens, markdown.options, {})
    write(out / name.with_suffix(".html"), title, content, len(name.parts) - 1)
    return title


def slug(heading: str) -> str:
    """Name a heading as code hosts do, so that links to it hold there and here."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def linked(tokens: Sequence[Token], name: Path, out: Path, known: set[str]) -> Iterator[Token]:
    """Lead links to rendered pages, bring pictures along, and leave the rest as plain text."""
    opened = True
    for token in tokens:
        if token.type == "image":
            there = resolved(name, str(token.attrGet("src")))
            (out / there).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / there, out / there)
        if token.type == "link_open":
            target, hash_, heading = str(token.attrGet("href")).partition("#")
            opened = target.startswith("https://") or not target
            if resolved(name, target) in known:
                opened = True
                token.attrSet("href", str(Path(target).with_suffix(".html")) + hash_ + heading)
        if opened or token.type not in ("link_open", "link_close"):
            yield token


def resolved(name: Path, target: str) -> str:
    """Give the path in the repository that a page's relative link leads to."""
    return PurePosixPath(os.path.normpath(name.parent / target)).as_posix()


def notebook(source: Path, out: Path, pictures: Path | None) -> str:
    """Execute and render one notebook, and return its title."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    found = nbformat.read(source, as_version=4)
    where = {"metadata": {"path": str(source.parent)}}
    NotebookClient(found, timeout=CELL_SECONDS, resources=where).execute()
    # The page needs the internet for formulas only.
    exporter = HTMLExporter(require_js_url="", jquery_url="")
    html, _ = exporter.from_notebook_node(found, where | {"metadata": {"name": source.stem}})
    there = out / source.relative_to(ROOT).with_suffix(".html")
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_text(html)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        for cell in found.cells:
            if PICTURE_TAG in cell.metadata.get("tags", ()):
                (shown,) = [one.data["image/png"] for one in cell.outputs if "data" in one]
                (pictures / f"{source.stem}.png").write_bytes(base64.b64decode(shown))
    (first,) = re.findall(r"^# (.*)$", found.cells[0].source, re.MULTILINE)
    return first


def api(out: Path) -> None:
    """Render the docstrings of all public names."""
    # The stubs of pandas know Series[float], pandas itself does not; it is shown as written.
    warnings.filterwarnings("ignore", "Error parsing type annotation", UserWarning)
    pdoc.render.configure(docformat="numpy", show_source=False, footer_text="Lowcarb")
    pdoc.pdoc(*MODULES, HIDDEN, output_directory=out)


def index(out: Path, titles: dict[Path, str]) -> None:
    """Write the page that leads to all others."""
    parts = []
    for heading, suffix in (("Pages", ".md"), ("Notebooks, executed", ".ipynb")):
        items = [
            f'<li><a href="{path.relative_to(ROOT).with_suffix(".html").as_posix()}">'
            f"{escape(title)}</a> <code>{path.relative_to(ROOT).as_posix()}</code></li>"
            for path, title in titles.items()
            if path.suffix == suffix
        ]
        if items:
            parts.append(f"<h2>{heading}</h2>\n<ul>\n{chr(10).join(items)}\n</ul>")
    modules = [
        f'<li><a href="api/{name.replace(".", "/")}.html"><code>{name}</code></a></li>'
        for name in MODULES
    ]
    parts.append(f"<h2>API</h2>\n<ul>\n{chr(10).join(modules)}\n</ul>")
    write(out / "index.html", "Lowcarb", "<h1>Lowcarb</h1>\n" + "\n".join(parts), 0)


def write(path: Path, title: str, content: str, depth: int) -> None:
    """Write a page of the site."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        FRAME.format(title=escape(title), style=STYLE, up="../" * depth, content=content)
    )


if __name__ == "__main__":
    main()
