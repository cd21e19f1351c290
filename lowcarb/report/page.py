"""What every page looks like: one HTML file that needs nothing else, for archives and printing."""

from collections.abc import Iterable, Sequence
from html import escape

from lowcarb._util.text import printable

# A page with more rows is of no use; everything is in --json.
_ROWS = 1000
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1b1b; max-width: 66rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
p { margin: .2rem 0; }
.quiet { color: #555; }
.verdict { border-left: 4px solid #0072b2; padding: .3rem .8rem; margin: 1rem 0; }
.warning { border-left: 4px solid #d55e00; padding: .3rem .8rem; margin: 1rem 0;
  font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .5rem; border-bottom: 1px solid #ddd; text-align: left; }
td { overflow-wrap: anywhere; }
td:nth-child(-n+2) { min-width: 5.5em; }
.named td:first-child { min-width: 9em; }
th.n, td.n { text-align: right; min-width: 0; }
td.n { white-space: nowrap; }
thead { display: table-header-group; }
svg, img { width: 100%; height: auto; }
figure { margin: 0; }
figcaption { color: #555; margin: .2rem 0; }
@media print { body { margin: 0; max-width: none; font-size: 11px; }
  tr, svg, figure { break-inside: avoid; } h2 { break-after: avoid; margin: 1rem 0 .2rem; }
  img { width: auto; max-width: 100%; max-height: 55vh; } }
"""


def page(title: str, parts: Sequence[str]) -> str:
    """Put the parts of a page together; the title is its first heading."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{text(title)}</h1>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def text(value: object) -> str:
    """Escape what may come from outside."""
    return escape(printable(str(value)))


def table(
    title: str, names: Sequence[str], figures: Sequence[str], rows: Iterable[Sequence[object]]
) -> list[str]:
    """Write a table: columns of text first, then columns of figures."""
    every = list(rows)
    kinds = [""] * len(names) + [' class="n"'] * len(figures)

    def line(cells: Sequence[object], tag: str) -> str:
        written = (
            f"<{tag}{kind}>{text(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)
        )
        return f"<tr>{''.join(written)}</tr>"

    named = "" if names[0] == "Round" else ' class="named"'
    hidden = len(every) - _ROWS
    return [
        f"<h2>{text(title)}</h2>",
        f"<table{named}><thead>{line([*names, *figures], 'th')}</thead><tbody>",
        *(line(row, "td") for row in every[:_ROWS]),
        "</tbody></table>",
        *([f'<p class="quiet">... and {hidden} more</p>'] if hidden > 0 else []),
    ]
