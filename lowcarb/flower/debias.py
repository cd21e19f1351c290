"""Weighing replies so that clients which are called often do not outvote the others.

FedAvg weighs each reply by its samples. Where some clients are called more often than others, the
model leans towards what these hold. Multiplying each weight by expected over realised turns takes
that back, as far as weights within one round can. The idea of weights from the participation seen
so far is that of FedAU (Wang and Ji, "A Lightweight Method for Tackling Unknown Participation
Statistics in Federated Averaging", ICLR 2024); it is simpler here, since a plan knows what an equal
share is.
"""

from collections.abc import Mapping

from flwr.app import Message


def reweigh(replies: Mapping[int, Message], ratios: Mapping[int, float], key: str) -> None:
    """Multiply the weight that stands in each reply's metrics.

    Parameters
    ----------
    replies
        By node; errors stay as they are.
    ratios
        By node.
    key
        The metric that the strategy weighs by.
    """
    for node, message in replies.items():
        if message.has_error():
            continue
        for metrics in message.content.metric_records.values():
            weight = metrics.get(key)
            if isinstance(weight, int | float):
                metrics[key] = weight * ratios[node]
