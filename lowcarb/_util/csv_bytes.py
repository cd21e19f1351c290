"""Text of a CSV file as bytes that spreadsheets read right."""

import codecs


def csv_bytes(text: str) -> bytes:
    """Encode as UTF-8, marked as such where there is more than ASCII.

    Spreadsheets take a file without the mark for their own code page. Where all is ASCII both read
    the same, and tools that do not know the mark are spared it.
    """
    content = text.encode()
    return content if text.isascii() else codecs.BOM_UTF8 + content
