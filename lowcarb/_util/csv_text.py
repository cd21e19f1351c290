"""From the bytes of a CSV file to its text: encodings as people and spreadsheets leave them."""

import codecs
import gzip
import io
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from lowcarb._util.text import quoted
from lowcarb.errors import InputError

# A file without end, such as a device or an archive, must not fill the memory.
_MOST_BYTES = 1 << 29
_CHUNK = 1 << 20
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Where a spreadsheet saves a CSV in another encoding than UTF-8 it is one of these, as a rule.
_OLD = ("cp1250", "cp1252")
# What people write beside letters; other signs in words say that the encoding is another one.
_SIGNS = frozenset(
    "\u20ac\u00b0\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2026\u00b7\u00b2\u00a0"
)
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class Text:
    """The text of a file.

    Parameters
    ----------
    name
        What messages call the file.
    content
        Its bytes.
    encoding
        How they are to be read.
    guessed
        Whether another encoding fits, too.
    """

    name: str
    content: bytes
    encoding: str
    guessed: bool = False

    def lines(self, longest: int) -> Iterator[str]:
        """Lines with their ends, in one Unicode form; none is longer than `longest`."""
        # Bytes of the old encodings that mean nothing are seen by the reader, as what they are.
        stream = io.TextIOWrapper(io.BytesIO(self.content), encoding=self.encoding, newline="")
        for line in iter(lambda: stream.readline(longest), ""):
            # The same name written on two systems must be the same name.
            yield line if line.isascii() else unicodedata.normalize("NFC", line)


def read_text(path: str, encoding: str | None = None) -> Text:
    """Read a file; gzip by its name, ``-`` is standard input.

    Parameters
    ----------
    path
        The file.
    encoding
        Its encoding, by a name that Python knows; None to find it.

    Raises
    ------
    InputError
        If it cannot be read, or is no text.
    """
    if not path:
        raise InputError("expected the name of a file, got none")
    name = "standard input" if path == "-" else path
    if encoding is not None:
        _require_encoding(encoding)
    try:
        content = _content(path, name, wide=encoding is not None and _is_wide(encoding))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InputError(
            "is not a complete gzip file, though its name says so", file=name
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=name) from None
    if encoding is not None:
        return _as_said(name, content, encoding)
    found, guessed = _find(name, content)
    return Text(name=name, content=content, encoding=found, guessed=guessed)


def _content(path: str, name: str, *, wide: bool) -> bytes:
    if path == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise OSError(0, "it is closed")
        return _all(sys.stdin.buffer, name, wide=wide)
    if path.endswith(".gz"):
        with gzip.open(path, "rb") as stream:
            return _all(cast("BinaryIO", stream), name, wide=wide)
    with Path(path).open("rb") as stream:
        return _all(stream, name, wide=wide)


def _all(stream: BinaryIO, name: str, *, wide: bool) -> bytes:
    content = bytearray()
    while chunk := stream.read(_CHUNK):
        if not content:
            if chunk.startswith(_ZIP):
                raise InputError(
                    "is a spreadsheet or an archive, not text; save the table as CSV", file=name
                )
            wide = wide or _wide_encoding(chunk) is not None
        if not wide and (at := chunk.find(b"\0")) >= 0:
            raise _no_text(name, bytes(content + chunk[:at]))
        content += chunk
        if len(content) > _MOST_BYTES:
            raise InputError(
                f"expected at most {_MOST_BYTES} bytes, got more; split the file", file=name
            )
    return bytes(content)


def _no_text(name: str, before: bytes) -> InputError:
    """Build the error for a NUL byte, behind what stands before it."""
    try:
        before.decode()
    except UnicodeDecodeError:
        return InputError("is not a text file in UTF-8 or UTF-16", file=name)
    line = before.count(b"\n") + 1
    return InputError("is not a text file: it has a NUL byte", file=name, line=line)


def _require_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
        "a".encode(encoding)
    except (LookupError, ValueError):
        raise InputError(
            f"encoding: expected one such as utf-8, utf-16, cp1250 or cp1252, got "
            f"{quoted(encoding)}",
            field="encoding",
        ) from None


def _is_wide(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def _as_said(name: str, content: bytes, encoding: str) -> Text:
    # The mark at the start of a file is no part of its first column's name.
    marked = content.startswith(codecs.BOM_UTF8) and codecs.lookup(encoding).name == "utf-8"
    used = "utf-8-sig" if marked else encoding
    try:
        content.decode(used)
    except UnicodeError as error:
        raise InputError(
            f"is not a text file in {encoding}: {getattr(error, 'reason', error)}; leave "
            "--encoding out to have it found",
            file=name,
        ) from None
    return Text(name=name, content=content, encoding=used)


def _wide_encoding(content: bytes) -> str | None:
    """The encoding that a mark, or zeros at every other byte, say; None if neither do."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    head = content[:200]
    if len(head) >= 8 and len(head) % 2 == 0:
        # Headers are mostly ASCII.
        for zeros, letters, encoding in (
            (head[1::2], head[::2], "utf-16-le"),
            (head[::2], head[1::2], "utf-16-be"),
        ):
            if zeros.count(0) >= 0.9 * len(zeros) and not letters.count(0):
                return encoding
    return None


def _find(name: str, content: bytes) -> tuple[str, bool]:
    """Find the encoding, and whether it is a guess."""
    marked = _wide_encoding(content)
    for encoding in ("utf-8",) if marked is None else (marked,):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            if marked is not None:
                raise InputError(
                    f"is not a text file in {marked}, though it begins like one; --encoding says "
                    "another",
                    file=name,
                ) from None
        else:
            return encoding, False
    readings = {encoding: text for encoding in _OLD if (text := _old(content, encoding))}
    if not readings:
        raise InputError(
            "is not a text file in UTF-8, UTF-16, cp1250 or cp1252; save it as CSV in UTF-8, or "
            "name its encoding by --encoding",
            file=name,
        )
    strange = {encoding: _strange(text) for encoding, text in readings.items()}
    best = min(strange, key=lambda encoding: strange[encoding])
    same = len(set(readings.values())) == 1 and len(readings) > 1
    return best, not same


def _old(content: bytes, encoding: str) -> str | None:
    """The text in an old encoding; None if it makes no text."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    controls = any(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in set(text))
    return None if controls else text


def _strange(text: str) -> int:
    """How many signs there are that hardly stand in a table."""
    return sum(
        text.count(letter)
        for letter in set(text)
        if not (letter.isascii() or letter.isalpha() or letter in _SIGNS)
    )
