"""Files of which one to three things are changed."""

import numpy as np

NASTY = (
    *(
        b"",
        b" ",
        b"0",
        b"-0",
        b"-1",
        b"1e308",
        b"1e-320",
        b"1e999",
        b"nan",
        b"NaN",
        b"inf",
        b"-inf",
    ),
    *(b"1_000", b"0x10", b"1,5", b'"', b'""', b"'", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0"),
    *(b"\xff", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xe2\x80\xae", b"BPAT", b"region", b"=1+1", b"None"),
    *(b"2022-07-01T00:00Z", b"2022-07-01", b"0001-01-01T00:00Z", b"9999-12-31T23:59:59Z"),
    *(b"2022-07-01T00:00+25:00", b"2022-13-01T00:00Z", b"0001-01-01T00:00+14:00", b"99" * 200),
)


def mutate(content: bytes, rng: np.random.Generator, delimiter: bytes = b",") -> bytes:
    """Change one to three things: bytes, cells, lines, columns, or the end."""
    for _ in range(int(rng.integers(1, 4))):
        kind = rng.integers(0, 8)
        lines = content.split(b"\n")
        line = int(rng.integers(0, len(lines)))
        at = int(rng.integers(0, len(content) + 1))
        nasty = NASTY[int(rng.integers(0, len(NASTY)))]
        if kind == 0:
            content = content[:at] + nasty + content[at:]
        elif kind == 1:
            content = content[:at] + content[at + int(rng.integers(1, 9)) :]
        elif kind == 2:
            content = content[:at]
        elif kind == 3:
            content = content[:at] + bytes([int(rng.integers(0, 256))]) + content[at + 1 :]
        elif kind in (4, 5):
            cells = lines[line].split(delimiter)
            cells[int(rng.integers(0, len(cells)))] = nasty
            lines[line] = delimiter.join(cells)
            content = b"\n".join(lines)
        elif kind == 6:
            other = int(rng.integers(0, len(lines)))
            lines[line], lines[other] = lines[other], lines[line]
            content = b"\n".join(lines)
        else:
            lines.insert(line, lines[int(rng.integers(0, len(lines)))])
            content = b"\n".join(lines)
    return content
