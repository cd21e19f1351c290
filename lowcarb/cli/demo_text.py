"""The demo's story as text for people, made for 80 columns."""

import textwrap

from rich.console import Console
from rich.table import Table

from lowcarb._util.text import change, grams
from lowcarb.cli.schedule_text import render_schedule
from lowcarb.demo.story import COHORT_SIZE, ROUNDS, DemoResult
from lowcarb.planning.policy_looks import LOOKS
from lowcarb.planning.wording import ABOUT_MARKED, marked


def render(story: DemoResult, console: Console) -> None:
    """Print the setting, the comparison, three sentences and the picture."""
    plan = story.plan
    width = min(console.width, 80)
    setting = (
        f"{len(plan.fleet)} clients on {len(plan.fleet.regions)} US grids train a model together, "
        f"{COHORT_SIZE} in each of {ROUNDS} hourly rounds; {plan.fairness}. Typical days, rated "
        "power and the size of forecast errors are real; weather and round lengths are invented."
    )
    console.print(textwrap.fill(setting, width) + "\n")
    console.print(_comparison(story))
    console.print("* by what came true; left out: clients that never take part")
    if not all(one.comparable for one in story.outcomes.values()):
        console.print(ABOUT_MARKED)
    for sentence in sentences(story):
        console.print("\n" + textwrap.fill(sentence, width))
    console.print()
    render_schedule(plan, console)


def sentences(story: DemoResult) -> list[str]:
    """Explain the result in three sentences."""
    outcomes, plan = story.outcomes, story.plan
    ilp, random, cheapest = outcomes["ilp"], outcomes["random"], outcomes["cheapest"]
    proof = "proven to be the least possible" if plan.solution.status == "optimal" else "planned"

    def kilos(value: float) -> str:
        return grams(value, random.forecast_g)

    return [
        f"Random cohorts would emit {kilos(random.forecast_g)} by the forecast and Lowcarb's plan "
        f"{kilos(ilp.forecast_g)}, {proof} with these floors; once the true intensities are "
        f"known, {1 - ilp.realised_g / random.realised_g:.0%} is saved.",
        f"Of the forecast saving, {kilos(story.by_choice_g)} come from calling clean regions and "
        f"thrifty machines more often, and {kilos(story.by_timing_g)} from calling each client in "
        "its own cleaner hours.",
        f"Without floors {kilos(ilp.realised_g - cheapest.realised_g)} more could be saved, but "
        f"{cheapest.never} of {len(plan.fleet)} clients would never take part and the model would "
        "never see their data.",
    ]


def _comparison(story: DemoResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Who chooses", no_wrap=True)
    for title in ("forecast", "came true", "vs random*", "floors met", "left out"):
        table.add_column(title, justify="right", no_wrap=True)
    random = story.outcomes["random"].realised_g
    largest = max(one.forecast_g for one in story.outcomes.values())
    for name, one in story.outcomes.items():
        table.add_row(
            LOOKS[name].in_demo,
            grams(one.forecast_g, largest),
            grams(one.realised_g, largest),
            marked(change(one.realised_g, random), comparable=one.comparable),
            "by chance" if one.floors_met is None else f"{one.floors_met:.0%}",
            "-" if one.never is None else str(one.never),
        )
    return table
