"""Recorded days played back, without a leak: what policies would have chosen and emitted."""

from lowcarb.replay.backtest import Run, Stage
from lowcarb.replay.compare import compare, starts_within
from lowcarb.replay.comparison import Comparison, Summary
from lowcarb.replay.disruptions import World, draw_world
from lowcarb.replay.gap import Gap, gap_to_oracle
from lowcarb.replay.recording import Recording

__all__ = [
    "Comparison",
    "Gap",
    "Recording",
    "Run",
    "Stage",
    "Summary",
    "World",
    "compare",
    "draw_world",
    "gap_to_oracle",
    "starts_within",
]
