"""Servers that take too long: calls end in time, and nothing waits for what comes later."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest

from lowcarb import errors
from tests.helpers.bad_answers import SAYS, SLOW
from tests.helpers.data import ENVIRONMENT
from tests.helpers.forecast_calls import FIFTY, HANG_S, always, ask
from tests.helpers.forecast_services import END, KINDS, NOW, Kind, each_kind
from tests.helpers.http_server import Say, eventually_no, now, serving
from tests.helpers.params import first_fast


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("fault", first_fast(SLOW, 1))
def test_fifty_regions_share_one_deadline(kind: Kind, fault: str) -> None:
    regions = [str(i) for i in range(1, 18)] if "NESO" in kind.name else FIFTY
    begin = now()
    with serving(lambda _asked: SAYS[fault][0]) as server:
        service = kind.make(server.url, deadline=timedelta(seconds=0.5), sleep=time.sleep)
        found, failed = service.forecasts(regions, start=NOW, end=END)
    assert now() - begin < HANG_S
    assert found == {}
    assert {type(error) for error in failed.values()} == {errors.ProviderUnavailableError}
    assert set(failed) == set(regions)


@each_kind
def test_a_body_that_drips_is_given_up_at_the_deadline(kind: Kind) -> None:
    """It takes minutes; no thread waits for it."""
    with serving(always(Say(body=b"x" * 5000, drip=0.05))) as server:
        ask(kind.make(server.url, deadline=timedelta(seconds=0.3)), kind.region, [])
        eventually_no("lowcarb-fetch")


def test_a_program_does_not_wait_for_what_came_too_late() -> None:
    script = (
        "import sys\n"
        "from datetime import UTC, datetime, timedelta\n"
        "from lowcarb.providers import Neso\n"
        "neso = Neso(base_url=sys.argv[1], cache=None, deadline=timedelta(seconds=0.3))\n"
        "now = datetime.now(UTC)\n"
        "print(neso.forecasts(['GB'], start=now, end=now + timedelta(hours=2))[1]['GB'])\n"
    )
    with serving(lambda _asked: Say(drip_head=0.05)) as server:
        done = subprocess.run(
            [sys.executable, "-c", script, server.url],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            # The header alone takes eight minutes.
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "no answer within 0.3 s" in done.stdout
