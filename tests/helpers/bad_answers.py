"""Ways in which a service fails to answer, and the error that each is."""

from lowcarb import errors
from tests.helpers.http_server import Say

SAYS: dict[str, tuple[Say, type[errors.ProviderError]]] = {
    "silence": (Say(delay=9), errors.ProviderUnavailableError),
    "slow drip": (Say(body=b"x" * 500, drip=0.05), errors.ProviderUnavailableError),
    "slow drip of a header": (Say(drip_head=0.05), errors.ProviderUnavailableError),
    "hung up": (Say(hang_up=True), errors.ProviderUnavailableError),
    "cut body": (Say(body={"data": ["x" * 5000]}, cut=300), errors.ProviderUnavailableError),
    "garbage": (Say(body=b"\x00\xff\xfe\x80garbage"), errors.BadResponseError),
    "broken gzip": (
        Say(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
        errors.ProviderUnavailableError,
    ),
    "HTML": (Say(body="<html><body>Welcome to the portal</body></html>"), errors.BadResponseError),
    "an empty body": (Say(), errors.BadResponseError),
    "JSON of another form": (Say(body={"hello": "world"}), errors.BadResponseError),
    "a bare number": (Say(body=7), errors.BadResponseError),
    "nested without end": (Say(body="[" * 100_000), errors.BadResponseError),
    "204": (Say(status=204), errors.NoDataError),
    "403": (Say(status=403, body={"error": "no"}), errors.AccessDeniedError),
    "408": (Say(status=408), errors.ProviderUnavailableError),
    "418": (Say(status=418), errors.BadResponseError),
    "429": (Say(status=429), errors.RateLimitedError),
    "500": (Say(status=500, body={"error": "oops"}), errors.ProviderUnavailableError),
    "502": (Say(status=502, body="<html>Bad gateway</html>"), errors.ProviderUnavailableError),
    "503": (Say(status=503), errors.ProviderUnavailableError),
}
SLOW = ("silence", "slow drip", "slow drip of a header")
