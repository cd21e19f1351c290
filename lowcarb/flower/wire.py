"""What travels between the strategy and the clients' mod."""

QUESTION_TYPE = "train"
"""Type of the message that asks a client for its facts: mods only see messages whose type has a
function in the ClientApp, and every app that trains has one for this type."""

QUESTION = "question"
"""Key in the record by which the mod knows a question. A client without the mod fails on it: a
question carries no arrays."""

RECORD = "lowcarb"
"""Name of the ConfigRecord that carries facts and measurements. It is a ConfigRecord because a
second MetricRecord in a reply would end the run."""

ENERGY_KWH = "energy-kwh"
SECONDS = "seconds"
MEASURED = "measured"

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
)
"""Keys of a client's node config that it tells on request."""
