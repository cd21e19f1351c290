"""Recorded days played back, without a leak: what policies would have chosen and emitted."""

from lowcarb.replay.comparison import Comparison, Summary
from lowcarb.replay.gap import Gap, gap_to_oracle
from lowcarb.replay.play import compare, starts_within
from lowcarb.replay.recording import Recording
from lowcarb.replay.stage import Run, Stage
from lowcarb.replay.world import World, draw_world

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
