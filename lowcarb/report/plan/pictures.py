"""From a plan to its pictures."""

from lowcarb._util.text import printable
from lowcarb.planning.plan import Plan
from lowcarb.report.pictures.cohort_sizes import cohort_sizes
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.turns import Turns, turns_by_client
from lowcarb.report.pictures.working import working
from lowcarb.report.region_schedule import schedule_of


def pictures_of(plan: Plan) -> list[Picture]:
    """Give all pictures of a plan."""
    fleet, problem = plan.fleet, plan.problem
    return [
        working(
            schedule_of(plan),
            [plan.start + j * plan.every for j in range(len(plan) + 1)],
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
