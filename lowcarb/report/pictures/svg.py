"""Figures as SVG: values on hover, and for pages text and colours that follow the page.

A mark's value is given to matplotlib as its address (`set_url`, `urls=`), the one text that its SVG
keeps for each mark; here addresses become titles, which browsers show on hover.
"""

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from lowcarb.report.pictures.style import SVG_COLOURS, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
# Of what is drawn in pixels, such as intensities; a page is to stay small.
_FILE_DPI, _PAGE_DPI = 130, 90
_FONT = "system-ui, sans-serif"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff\ufffe\uffff]")


def svg_file(figure: "Figure") -> bytes:
    """Write a figure as a file of its own; the same figure gives the same bytes."""
    root = _drawn(figure, "path", _FILE_DPI)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def svg_in_page(figure: "Figure", name: str, alt: str) -> str:
    """Write a figure as a part of a page, whose style gives colours and letters.

    Parameters
    ----------
    figure
        Drawn within `styled`.
    name
        Unlike that of any other picture of the page: its ids begin so.
    alt
        What it shows, for people who cannot see.
    """
    root = _drawn(figure, "none", _PAGE_DPI)
    for unwanted in ("width", "height", "version"):
        root.attrib.pop(unwanted, None)
    for parent in root.iter():
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        node.text, node.tail = (_if_words(text) for text in (node.text, node.tail))
        if _HREF in node.attrib:
            node.set("href", node.attrib.pop(_HREF))
        for key, value in node.attrib.items():
            node.set(key, _of_page(key, value, name))
    root.attrib.update({"role": "img", "aria-label": alt})
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _if_words(text: str | None) -> str | None:
    """Leave out what only indents the file."""
    return text if text is None or text.strip() else None


def _of_page(key: str, value: str, name: str) -> str:
    """Make ids of one picture unlike those of others, and colours and letters the page's."""
    if key in ("d", "x", "y", "transform", "x1", "x2", "y1", "y2", "width", "height"):
        # A hundredth of a point is less than any eye sees.
        return " ".join(re.sub(r"(\.\d\d)\d+", r"\1", value).split())
    if key == "id":
        return f"{name}-{value}"
    if key == "href" and value.startswith("#"):
        return f"#{name}-{value[1:]}"
    if key in ("style", "fill", "stroke", "clip-path"):
        value = value.replace("url(#", f"url(#{name}-")
        value = re.sub(r"'DejaVu Sans'[^;]*", _FONT, value)
        return re.sub(r"#[0-9a-f]{6}\b", _variable, value)
    return value


def _variable(found: "re.Match[str]") -> str:
    colour = found.group()
    name = SVG_COLOURS.get(colour)
    return colour if name is None else f"var(--{name}, {colour})"


def _drawn(figure: "Figure", font: str, dpi: int) -> ElementTree.Element:
    """Draw a figure; turn the addresses of marks into titles."""
    import matplotlib

    stream = io.BytesIO()
    with styled():
        matplotlib.rcParams["svg.fonttype"] = font
        figure.savefig(stream, format="svg", dpi=dpi, metadata={"Date": None})
    # Names may hold what no XML may.
    content = _NO_XML.sub(lambda found: ascii(found.group())[1:-1], stream.getvalue().decode())
    root = ElementTree.fromstring(content)  # noqa: S314 - our own
    for node in list(root.iter(f"{{{_SVG}}}a")):
        node.tag = f"{{{_SVG}}}g"
        title = ElementTree.Element(f"{{{_SVG}}}title")
        title.text = node.attrib.pop(_HREF)
        node.attrib.pop("target", None)
        node.insert(0, title)
    return root
