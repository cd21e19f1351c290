"""Answers made to fill the memory: refused within the deadline, in less than 200 MB."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.data import ENVIRONMENT
from tests.helpers.params import first_fast
from tests.helpers.raw_server import Sends, head, sending

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs the peak of a process"
)

_MOST_MB = 200
_DEADLINE_S = 6.0

# A process of its own: the peak is one for the whole life of a process.
ASKING = """
import re, sys, threading, time
from datetime import UTC, datetime, timedelta
from lowcarb.providers import EnergyCharts

deadline = timedelta(seconds=float(sys.argv[2]))
service = EnergyCharts(base_url=sys.argv[1], cache=None, deadline=deadline)
regions = [first + second for first in "abcd" for second in "vwxyz"]
now = datetime.now(UTC)
begin = time.monotonic()
found, failed = service.forecasts(regions, start=now, end=now + timedelta(hours=6))
took = time.monotonic() - begin
assert not found and set(failed) == set(regions)
# A thread that reads an answer just then may take a moment more, under load.
left = [thread for thread in threading.enumerate() if thread.name == "lowcarb-fetch"]
for thread in left:
    thread.join(5)
left = [thread for thread in left if thread.is_alive()]
# What the system says of the use of resources would hold the peak of the parent, too.
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(took, peak, len(left), sorted({str(error)[:100] for error in failed.values()})[0])
"""


def whole(content: bytes, *lines: str) -> Sends:
    def sends() -> Iterator[bytes]:
        yield head(*lines, f"Content-Length: {len(content)}")
        for begin in range(0, len(content), 65_536):
            yield content[begin : begin + 65_536]

    return sends


def filled(piece: bytes, size: int) -> bytes:
    return b"[" + piece * (size // len(piece)) + b"0]"


ROW = b'{"from":"2026-11-24T10:00Z","value":7},'
MB = 2**20
ANSWERS: dict[str, Sends] = {
    "31 MB of small objects": whole(filled(b"{},", 31 * 10**6)),
    "a million rows": whole(filled(ROW, len(ROW) * 10**6)),
    # As large as may be, so that each is parsed.
    "small objects": whole(filled(b"{},", 2 * MB - 9)),
    "objects with a key": whole(filled(b'{"":0},', 2 * MB - 9)),
    "lists": whole(filled(b"[0],", 2 * MB - 9)),
    "rows": whole(filled(ROW, 2 * MB - 99)),
    "an error of small objects": lambda: [
        head("Content-Length: 2000001", status="500 Sorry"),
        filled(b"{},", 1_999_997).ljust(2_000_001),
    ],
    "a gzip bomb": whole(gzip.compress(bytes(200 * 10**6)), "Content-Encoding: gzip"),
    "a gzip bomb of many members": whole(
        gzip.compress(bytes(10**6)) * 1000, "Content-Encoding: gzip"
    ),
    "packed three times": whole(
        gzip.compress(gzip.compress(gzip.compress(bytes(10**8)))),
        "Content-Encoding: gzip, gzip, gzip",
    ),
    "a redirect": lambda: [
        head("Location: /elsewhere", "Content-Length: 99999999", status="302 Found"),
        *[bytes(10**6)] * 90,
    ],
}


@pytest.mark.parametrize("answer", first_fast(ANSWERS, 4))
def test_twenty_regions_do_not_fill_the_memory(answer: str) -> None:
    with sending(ANSWERS[answer]) as server:
        done = subprocess.run(
            [sys.executable, "-c", ASKING, server.url, str(_DEADLINE_S)],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    took, peak, left, said = done.stdout.split(maxsplit=3)
    # A second for machines under load: no thread but ours is waited for.
    assert float(took) < _DEADLINE_S + 1, said
    assert float(peak) < _MOST_MB, said
    assert int(left) == 0
