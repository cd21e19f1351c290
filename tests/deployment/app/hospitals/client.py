"""What a hospital does: it adds to the model, and notes what it did."""

import sys
import time
from pathlib import Path

import numpy as np
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

import lowcarb

# Long enough that noise does not decide who burns most.
_TRAINING_S = 0.5
# A test that forgets a client must not keep it for ever.
_LONGEST_HOLD_S = 240.0

# Hides CodeCarbon: what this machine draws says nothing of a hospital, power x time does.
sys.modules["codecarbon"] = None  # type: ignore[assignment]

app = ClientApp(mods=[lowcarb.client_mod])


@app.train()
def train(message: Message, context: Context) -> Message:
    """Add one to the count of aggregations, and one to the hospital's own entry."""
    name = str(context.node_config["client-id"])
    notes = Path(str(context.node_config.get("notes") or context.run_config["notes"]))
    number = int(str(message.content.config_records["config"]["server-round"]))
    (notes / f"{context.run_id}.{number}.{name}.started").touch()
    deadline = time.monotonic() + _LONGEST_HOLD_S
    while (notes / f"hold-{number}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(_TRAINING_S)

    (model,) = message.content.array_records["arrays"].to_numpy_ndarrays()
    model = np.array(model)
    model[0] += 1
    model[1 + int(name.rsplit("-", 1)[1])] += 1
    (notes / f"{context.run_id}.{number}.{name}.finished").touch()
    content = RecordDict(
        {"arrays": ArrayRecord([model]), "metrics": MetricRecord({"num-examples": 10})}
    )
    return Message(content, reply_to=message)
