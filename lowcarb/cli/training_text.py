"""The demo's training as text for people, made for 80 columns."""

import textwrap

from rich.console import Console
from rich.table import Table

from lowcarb._util.text import change, grams
from lowcarb.demo.simulated_training import CLIENTS, COHORT_SIZE, FEDAVG, LOWCARB, ROUNDS, Trainings
from lowcarb.planning.policy_looks import LOOKS

_NAMES = {FEDAVG: "plain FedAvg: random", LOWCARB: LOOKS[LOWCARB].in_demo}


def render_training(trainings: Trainings, console: Console) -> None:
    """Print what was trained, and what came of it."""
    setting = (
        f"{CLIENTS} of these clients have now trained a small network on scikit-learn's digits for "
        f"real, in one Flower simulation: {COHORT_SIZE} in each of {ROUNDS} hourly rounds, their "
        "labels skewed, Lowcarb with floors as above. Turns are the least and most of a client."
    )
    width = min(console.width, 80)
    console.print(textwrap.fill(setting, width) + "\n")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Who chooses", no_wrap=True)
    for title in ("accuracy", "came true", "vs FedAvg", "turns"):
        table.add_column(title, justify="right", no_wrap=True)
    plain = trainings.trained[FEDAVG].realised_g
    for policy, one in trainings.trained.items():
        table.add_row(
            _NAMES[policy],
            f"{one.accuracy:.1%}",
            grams(one.realised_g, plain),
            change(one.realised_g, plain),
            f"{min(one.turns)} to {max(one.turns)}",
        )
    console.print(table)
    console.print("In a single run, a few points of accuracy more or less are chance.")
