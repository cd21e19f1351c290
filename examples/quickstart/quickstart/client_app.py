"""What runs on every client."""

from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from quickstart.task import fit, loss, make_data

app = ClientApp()


def _load(message: Message, context: Context):
    (weights,) = message.content["arrays"].to_numpy_ndarrays()
    return weights, *make_data(context.node_id % 1000)


@app.train()
def train(message: Message, context: Context) -> Message:
    """Train on this client's data."""
    weights, inputs, targets = _load(message, context)
    weights = fit(weights, inputs, targets, context.run_config["local-epochs"])
    metrics = MetricRecord({"num-examples": len(targets)})
    content = RecordDict({"arrays": ArrayRecord([weights]), "metrics": metrics})
    return Message(content, reply_to=message)


@app.evaluate()
def evaluate(message: Message, context: Context) -> Message:
    """Evaluate the global model on this client's data."""
    weights, inputs, targets = _load(message, context)
    metrics = MetricRecord({"loss": loss(weights, inputs, targets), "num-examples": len(targets)})
    return Message(RecordDict({"metrics": metrics}), reply_to=message)
