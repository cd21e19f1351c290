"""What each service means by a status."""

import pytest

from lowcarb import errors
from tests.helpers.forecast_calls import always, call
from tests.helpers.forecast_services import BY_NAME
from tests.helpers.http_server import Say

REFUSALS: dict[tuple[str, int], type[errors.ProviderError]] = {
    ("NESO GB", 400): errors.BadResponseError,
    ("NESO London", 400): errors.BadResponseError,
    ("Electricity Maps", 400): errors.BadResponseError,
    ("WattTime", 400): errors.BadResponseError,
    ("Carbon Aware SDK", 400): errors.BadResponseError,
    ("Energy-Charts", 400): errors.UnknownLocationError,
    ("NESO GB", 401): errors.AuthError,
    ("Electricity Maps", 401): errors.AuthError,
    ("WattTime", 401): errors.AuthError,
    # It is the operator's key that is wrong, not ours.
    ("Carbon Aware SDK", 401): errors.AccessDeniedError,
    ("NESO London", 404): errors.NoDataError,
    ("Electricity Maps", 404): errors.UnknownLocationError,
    ("WattTime", 404): errors.UnknownLocationError,
    ("Carbon Aware SDK", 404): errors.NoDataError,
    ("Energy-Charts", 404): errors.UnknownLocationError,
    ("Carbon Aware SDK", 501): errors.ConfigurationError,
}


@pytest.mark.parametrize(("name", "status"), REFUSALS)
def test_what_each_service_means_by_a_status(name: str, status: int) -> None:
    result = call(BY_NAME[name], always(Say(status=status, body={"error": "Sorry"})))
    assert type(result.error) is REFUSALS[name, status]
    assert result.slept == []
