"""Keys and passwords show nowhere, however an answer, an error or a file is written."""

import base64
import html
import json
import logging
import pickle
import re
import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from lowcarb import errors
from lowcarb.carbon.provenance import Quality
from lowcarb.providers import ElectricityMaps, WattTime
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.secrets import Secret, hide
from lowcarb.providers.last_good import WithLastGood
from lowcarb.providers.services.client import ServiceClient
from tests.helpers.bad_answers import SAYS, SLOW
from tests.helpers.forecast_calls import always, ask, no_secrets
from tests.helpers.forecast_services import BEARER, END, KINDS, NOW, PASSWORD, TOKEN, USER, Kind
from tests.helpers.http_server import Asked, Say, serving
from tests.helpers.params import first_fast


def traceback_within(service: ServiceClient, region: str, *, variables: bool) -> str:
    """Fail inside, and show the traceback, with all local variables if wanted."""
    with pytest.raises((errors.ProviderError, ValueError, AttributeError)) as caught:
        service._service.ask(service._call(Deadline.after(0.5)), [region])
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=variables)
    return "".join(told.format())


BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ECHO = {
    "Electricity Maps": f"{TOKEN} {quote(TOKEN)}",
    "WattTime": f"{USER} {PASSWORD} {quote(PASSWORD, safe='')} {BEARER} Basic {BASIC} {PASSWORD}",
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.keyed], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "fault",
    first_fast(["echo 400", "echo 200", "echo 401", "echo 403", "echo 500", *SAYS], 4),
)
def test_no_secret_shows_anywhere(
    kind: Kind,
    fault: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault.startswith("echo"):
        status = int(fault.split()[1])
        echo = ECHO[kind.name]
        say = Say(status=status, body={"error": echo, "message": [f"you sent {echo}"]})
    elif fault in SLOW:
        say = replace(SAYS[fault][0], delay=1.0)
    else:
        say = SAYS[fault][0]
    folder = tmp_path / "cache"
    deadline = timedelta(seconds=0.5)
    with serving(kind.say()) as server:
        service = kind.make(server.url, cache=folder, fresh_for=timedelta(), deadline=deadline)
        assert ask(service, kind.region, []).series is not None
        server.handler = always(say)
        result = ask(WithLastGood(service), kind.region, [])
        other = service.forecasts([kind.other], start=NOW, end=END)[1][kind.other]
        # An answer that is parsed is a variable, whatever it echoes.
        traced = traceback_within(service, kind.other, variables=fault != "echo 200")
    assert result.series is not None
    assert result.series.provenance is not None
    assert result.series.provenance.quality is Quality.LAST_GOOD
    assert other.__context__ is None
    no_secrets(str(other), repr(other), traced)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    no_secrets(*(path.read_text() + path.name for path in files))
    no_secrets(caplog.text, repr(service), repr(vars(service)), str(result.series.provenance))
    assert BASIC not in caplog.text + str(other) + traced


HARD = "k&y'4711 <\"of\\/all>+%="


@pytest.mark.parametrize(
    "written",
    [
        HARD,
        quote(HARD),
        quote(HARD, safe=""),
        quote(HARD, safe="").lower(),
        html.escape(HARD),
        json.dumps(HARD),
        repr(HARD),
        base64.b64encode(HARD.encode()).decode(),
        base64.b64encode(HARD.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(HARD.encode()).decode(),
    ],
)
def test_a_secret_is_struck_out_however_it_is_written(written: str) -> None:
    shown = hide(f"you sent {written}; sorry", [Secret(HARD)])
    # Quotes around it and padding behind it tell nothing.
    assert re.fullmatch(r"""you sent ["']?\*\*\*=*["']?; sorry""", shown)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.keyed], ids=lambda kind: kind.name)
def test_half_a_secret_is_one_too(kind: Kind) -> None:
    """Messages are shortened, but never in the middle of a key."""
    secret = TOKEN if kind.name == "Electricity Maps" else PASSWORD
    before = 0

    def handler(asked: Asked) -> Say:
        return kind.say(zone="x" * before + secret)(asked)

    with serving(handler) as server:
        service = kind.make(server.url)
        # Wherever a message is cut, that is once behind the eighth letter of the secret.
        for before in range(0, 400, len(secret) - 8):  # noqa: B007 - the handler reads it
            error = str(ask(service, kind.region, []).error)
            assert secret[:8] not in error
            assert len(error) < 400


def test_a_secret_is_not_pickled() -> None:
    for service in (ElectricityMaps(token=TOKEN), WattTime(user=USER, password=PASSWORD)):
        for secret in service._service.secrets:
            with pytest.raises(TypeError, match="a secret is not written to files") as caught:
                pickle.dumps(secret)
            no_secrets(str(caught.value))
        with pytest.raises(TypeError):
            pickle.dumps(service)


@pytest.mark.parametrize("key", ["with\nbreak", "süß", "\x00"])
def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        ElectricityMaps(token=f"start-{key}-end")
    assert key not in str(caught.value)
    with pytest.raises(errors.ConfigurationError) as caught:
        WattTime(user=USER, password=f"start-{key}-end")
    assert key not in str(caught.value)
