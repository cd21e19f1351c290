"""What travels between the strategy and the clients' mod."""

import math

QUESTION_TYPE = "query.lowcarb"
"""Type of the message that asks a client for its facts. No function of an app is of this type: the
question runs none of them, even where nobody answers it."""

QUESTION = "question"
"""Key in the record by which a question is known: older servers ask with another type."""

RECORD = "lowcarb"
"""Name of the ConfigRecord that carries facts and measurements. It is a ConfigRecord because a
second MetricRecord in a reply would end the run."""

ENERGY_KWH = "energy-kwh"
SECONDS = "seconds"
MEASURED = "measured"
SAMPLES = "samples"

FACTS = (
    "client-id",
    "region",
    "power-w",
    ENERGY_KWH,
    "duration-min",
    "pue",
    "upload-mb",
    "download-mb",
    "partition-id",
    SAMPLES,
)
"""Keys of a client's node config that it tells on request."""

MOST_WATTS = 1e9
"""A large power plant."""
MOST_PUE = 10.0
MOST_MEGABYTES = 1e9
"""A petabyte in a round."""
MOST_SAMPLES = 1e15


def sensible(value: object, low: float, high: float) -> float | None:
    """Read a number that came from elsewhere; None for what is none, or out of its range."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    # Compared before it is converted: whole numbers may be too large for a float.
    return float(value) if low <= value <= high and math.isfinite(value) else None


def printable(text: str) -> str:
    """Make text that came from elsewhere one line that can stand in a log and in a table."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
