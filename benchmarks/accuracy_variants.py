"""Who chooses in the accuracy benchmark, and under which floor and price."""

from benchmarks.trainings import Variant

HALF = 0.5
"""Floors of half an equal share."""
RANDOM, CHEAPEST = Variant(policy="random"), Variant(policy="cheapest")
ILP = Variant(policy="ilp", min_share=HALF)
DEBIASED = Variant(policy="ilp", min_share=HALF, debias=True)
TRADE_OFF = tuple(
    Variant(policy="ilp", min_share=HALF, debias=True, max_extra_carbon=percent)
    for percent in (5, 10, 20)
)
"""From carbon alone to losses: what is bought for how much more carbon."""
VALUE = TRADE_OFF[1]
"""What the documentation advises."""
OORT, POWER_OF_CHOICE, LIKE_FEDZERO = (
    Variant(policy="oort", root_mean_square=True),
    Variant(policy="power-of-choice"),
    Variant(policy="like-fedzero", root_mean_square=True),
)
VARIANTS = (
    RANDOM,
    ILP,
    DEBIASED,
    *TRADE_OFF,
    CHEAPEST,
    OORT,
    POWER_OF_CHOICE,
    LIKE_FEDZERO,
)
"""Those that are played."""
SHOWN = (RANDOM, ILP, VALUE, CHEAPEST)
"""Those in the pictures of learning curves."""
EARLIER_SEEDS = 5
EARLIER = {
    "skewed": {OORT: -0.3, POWER_OF_CHOICE: 0.0},
    "regional": {OORT: -0.5, POWER_OF_CHOICE: +0.7},
}
"""Points to random cohorts when peers were first tried, with other code on other seeds."""
TO_OTHER_TARGETS = (RANDOM, ILP, DEBIASED, VALUE)
