"""A server to be killed: each of its 40 rounds adds one to the model, which ends at 40."""

COUNTING = """
import sys
from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg
import lowcarb
from lowcarb import Fairness
from tests.helpers.flower_app import carbon_aware, node_configs
from tests.helpers.flower_grid import InProcessGrid
import numpy as np

app = ClientApp(mods=[lowcarb.client_mod])

@app.train()
def train(message, context):
    arrays = [a + 1 for a in message.content["arrays"].to_numpy_ndarrays()]
    metrics = MetricRecord({"num-examples": 10})
    return Message(RecordDict({"arrays": ArrayRecord(arrays), "m": metrics}), reply_to=message)

strategy = carbon_aware(
    FedAvg(fraction_evaluate=0.0), fairness=Fairness(min_rounds=4), ledger=sys.argv[1]
)
result = strategy.start(
    grid=InProcessGrid(app, node_configs(12)),
    initial_arrays=ArrayRecord([np.zeros(int(sys.argv[2]))]),
    num_rounds=40,
    evaluate_fn=lambda number, arrays: print(number, flush=True),
)
print("model", *result.arrays.to_numpy_ndarrays()[0][:2].round(9), flush=True)
"""
"""Its program; its arguments are the ledger and how many numbers the model has."""
