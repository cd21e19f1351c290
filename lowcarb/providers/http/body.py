"""Reading what a service sends, to a limit, packed or not."""

import zlib
from typing import Any

from urllib3 import exceptions

from lowcarb.errors import BadResponseError
from lowcarb.providers.http.deadline import Deadline

ACCEPTED = "gzip"
"""How an answer may be packed."""
_PACKED = {"gzip", "x-gzip", "deflate"}
_CHUNK = 65_536
# By zlib's rules: the largest window, and gzip or zlib by what stands at the beginning.
_EITHER = 47
_MAGIC = b"\x1f\x8b"


class TooLongError(BadResponseError):
    """The body is longer than any answer is."""


def read_body(raw: Any, packing: str, most: int, deadline: Deadline) -> bytes:
    """Read a body as it comes in, so that a body that drips is noticed.

    Parameters
    ----------
    raw
        A response of urllib3.
    packing
        Its Content-Encoding.
    most
        At most so many bytes, packed and unpacked.
    deadline
        When to give up.

    Raises
    ------
    TooLongError
        If there are more bytes.
    BadResponseError
        If it is packed in a way that nobody asked for.
    """
    packing = packing.strip().lower()
    if packing not in {"", "identity"} | _PACKED:
        raise BadResponseError(f"expected an answer as it is or by gzip, got {packing!r}")
    # urllib3 before 2.2 has no read1: there whoever waits ends the reading.
    read = getattr(raw, "read1", raw.read)
    parts, size = [], 0
    # Not unpacked by urllib3: the few bytes of a read may become a thousand times as many.
    while chunk := read(_CHUNK, decode_content=False):
        parts.append(chunk)
        size += len(chunk)
        if size > most:
            raise _too_long(most)
        if deadline.left_s <= 0:
            raise exceptions.TimeoutError
    body = b"".join(parts)
    return _unpacked(body, most) if packing in _PACKED and body else body


def _unpacked(packed: bytes, most: int) -> bytes:
    """Unpack, also what was packed in several members; what follows the last is no content."""
    parts: list[bytes] = []
    left = most + 1
    while True:
        member = zlib.decompressobj(_EITHER)
        try:
            part = member.decompress(packed, left)
        except zlib.error:
            raise exceptions.DecodeError from None
        parts.append(part)
        left -= len(part)
        if left <= 0:
            raise _too_long(most)
        if not member.eof:
            raise exceptions.DecodeError
        packed = member.unused_data
        if not packed.startswith(_MAGIC):
            return b"".join(parts)


def _too_long(most: int) -> TooLongError:
    return TooLongError(f"sends more than {most} bytes")
