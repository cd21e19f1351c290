"""The demo's story: five ways to choose, on the embedded scenario, planned and come true."""

from dataclasses import dataclass, replace
from typing import Any

from lowcarb._util.times import to_iso
from lowcarb.demo.scenario import START, Scenario
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.plan import Plan
from lowcarb.planning.planner import Planner
from lowcarb_solvers import Greedy

COHORT_SIZE = 10
ROUNDS = 48
FAIRNESS = Fairness(min_share="0.5")


@dataclass(frozen=True, kw_only=True)
class PolicyOutcome:
    """What came of a way to choose.

    Parameters
    ----------
    forecast_g, realised_g
        Emissions by the forecast that the plan was made on, and with the intensities that came
        true, gCO2eq.
    floors_met
        Share of clients that get the turns they are owed; None where that is left to chance.
    never
        Clients that never take part; None where that is left to chance.
    """

    forecast_g: float
    realised_g: float
    floors_met: float | None
    never: int | None

    @property
    def comparable(self) -> bool:
        """Whether no floor was missed; random cohorts, which owe no turns, are the reference."""
        return self.floors_met is None or self.floors_met == 1


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """The demo's result.

    Parameters
    ----------
    plan
        Lowcarb's plan.
    outcomes
        What each way to choose does, by name: ilp (the plan), regret, greedy, random, cheapest.
    by_choice_g
        Forecast grams that the plan saves against random cohorts by calling cleaner regions and
        thriftier machines more often.
    by_timing_g
        Forecast grams that the plan saves by calling each client in its own cleaner hours.
    seed
        The scenario's seed.
    """

    plan: Plan
    outcomes: dict[str, PolicyOutcome]
    by_choice_g: float
    by_timing_g: float
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Everything a program may want to know, ready for JSON."""
        random = self.outcomes["random"].realised_g
        return {
            "seed": self.seed,
            "start": to_iso(self.plan.start),
            "clients": len(self.plan.fleet),
            "rounds": ROUNDS,
            "cohort_size": COHORT_SIZE,
            "status": str(self.plan.solution.status),
            "solver": self.plan.solution.solver,
            "saved_by_choice_g": self.by_choice_g,
            "saved_by_timing_g": self.by_timing_g,
            "policies": {
                name: {
                    "forecast_g": outcome.forecast_g,
                    "realised_g": outcome.realised_g,
                    "saved_vs_random_pct": 100 * (1 - outcome.realised_g / random),
                    "floors_met_pct": None
                    if outcome.floors_met is None
                    else 100 * outcome.floors_met,
                    "clients_without_turn": outcome.never,
                }
                for name, outcome in self.outcomes.items()
            },
        }


def tell_story(seed: int) -> DemoResult:
    """Plan the scenario of a seed in five ways and let the weather come true."""
    scenario = Scenario(seed=seed)
    forecast = scenario.issues.at(START)
    planner = Planner(
        fleet=scenario.fleet,
        cohort_size=COHORT_SIZE,
        rounds=ROUNDS,
        fairness=FAIRNESS,
        seed=seed,
    )
    unfair = replace(planner, fairness=Fairness(min_share=0), solvers=(Greedy("cost"),))
    plans = {
        "ilp": planner.plan(START, forecast),
        "regret": replace(planner, solvers=(Greedy("regret"),)).plan(START, forecast),
        "greedy": replace(planner, solvers=(Greedy("cost"),)).plan(START, forecast),
        "cheapest": unfair.plan(START, forecast),
    }
    expected = planner.problem(START, forecast)
    came_true = planner.problem(START, scenario.actual)
    outcomes = {
        name: PolicyOutcome(
            forecast_g=plan.planned_g,
            realised_g=came_true.cost(plan.solution.cohorts),
            floors_met=float((plan.solution.turns >= expected.at_least).mean()),
            never=int((plan.solution.turns == 0).sum()),
        )
        for name, plan in plans.items()
    }
    outcomes["random"] = PolicyOutcome(
        forecast_g=expected.random_cost,
        realised_g=came_true.random_cost,
        floors_met=None,
        never=None,
    )
    plan = plans["ilp"]
    # The same turns at the mean intensity of all rounds: what is left is timing.
    mean_level = expected.cost_level.mean(axis=1)[expected.level_of]
    untimed = float((plan.solution.turns * expected.weight * mean_level).sum())
    return DemoResult(
        plan=plan,
        outcomes={
            name: outcomes[name] for name in ("ilp", "regret", "greedy", "random", "cheapest")
        },
        by_choice_g=expected.random_cost - untimed,
        by_timing_g=untimed - plan.planned_g,
        seed=seed,
    )
