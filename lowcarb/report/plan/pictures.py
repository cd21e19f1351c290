"""From a plan to its pictures."""

from datetime import timedelta

from lowcarb._util.text import printable
from lowcarb.planning.plan import Plan
from lowcarb.planning.sooner import sooner
from lowcarb.report.pictures.by_deadline import by_deadline
from lowcarb.report.pictures.chosen_slots import chosen_slots
from lowcarb.report.pictures.cohort_sizes import cohort_sizes
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import FIGURES
from lowcarb.report.pictures.turns import Turns, turns_by_client
from lowcarb.report.pictures.working import working
from lowcarb.report.region_schedule import schedule_of
from lowcarb.report.slot_schedule import HeldSlots, slot_intensities, slot_schedule


def pictures_of(plan: Plan) -> list[Picture]:
    """Give all pictures of a plan."""
    fleet, problem = plan.fleet, plan.problem
    schedule, edges = (
        (schedule_of(plan), [*plan.starts, plan.end])
        if plan.chosen is None
        else slot_schedule(fleet, HeldSlots.planned(plan.chosen))
    )
    return [
        *_of_hours(plan),
        working(
            schedule,
            edges,
            each="round" if plan.chosen is None else "slot",
            title="Who works when",
            caption="Dots are clients at work, over the forecast carbon intensity.",
        ),
        *([] if plan.cohort_range is None else [_sizes(plan)]),
        turns_by_client(
            {
                "plan": Turns(
                    turns=plan.solution.turns,
                    floor=problem.at_least,
                    cap=problem.at_most,
                    rounds=len(plan),
                )
            },
            [printable(client) for client in fleet.clients],
            [printable(fleet.regions[r]) for r in fleet.region],
            names={"plan": "in these rounds"},
            caption="Turns that are planned, each client against what it is still owed and may "
            "still have.",
        ),
    ]


def _sizes(plan: Plan) -> Picture:
    return cohort_sizes(
        [len(cohort) for cohort in plan.solution.cohorts],
        first=plan.first_round,
        usual=plan.problem.total / len(plan),
        caption=f"Planned clients of each round: {plan.sizes}.",
    )


def _of_hours(plan: Plan) -> list[Picture]:
    """Show which hours were chosen, and what sooner deadlines would cost."""
    if plan.chosen is None:
        return []
    earlier = sooner(plan.chosen, plan.solvers)
    return [
        chosen_slots(
            slot_intensities(HeldSlots.planned(plan.chosen)),
            caption="Grey is the forecast intensity of those who take part, weighed by the energy "
            "of their turns, in every slot that is open; blue is that of the cohorts of the chosen "
            "slots.",
        ),
        by_deadline(
            [timedelta(seconds=one) for one in earlier.within_s.tolist()],
            {"planned": earlier.planned_g},
            names={"planned": "planned"},
            looks={"planned": FIGURES["planned"]},
            caption="What the rounds are expected to emit if they had less time; at the left all "
            "follow each other at once.",
        ),
    ]
