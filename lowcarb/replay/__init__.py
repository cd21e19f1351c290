"""Recorded days played back, without a leak: what policies would have chosen and emitted."""

from lowcarb.replay.backtest import Backtest, Run
from lowcarb.replay.compare import compare
from lowcarb.replay.comparison import Comparison, PolicySummary
from lowcarb.replay.disruptions import Disruptions, TimedDisruptions, draw_disruptions
from lowcarb.replay.gap import Gap, gap_to_oracle
from lowcarb.replay.hours_backtest import HoursAfter, HoursBacktest, HoursRun
from lowcarb.replay.hours_comparison import HoursComparison, HoursSummary, compare_hours
from lowcarb.replay.recording import Recording
from lowcarb.replay.starts import Starts, choose_starts, starts_within

__all__ = [
    "Backtest",
    "Comparison",
    "Disruptions",
    "Gap",
    "HoursAfter",
    "HoursBacktest",
    "HoursComparison",
    "HoursRun",
    "HoursSummary",
    "PolicySummary",
    "Recording",
    "Run",
    "Starts",
    "TimedDisruptions",
    "choose_starts",
    "compare",
    "compare_hours",
    "draw_disruptions",
    "gap_to_oracle",
    "starts_within",
]
