"""Recorded days played back, without a leak: what policies would have chosen and emitted."""

from lowcarb.replay.backtest import Backtest, Run
from lowcarb.replay.compare import compare
from lowcarb.replay.comparison import Comparison
from lowcarb.replay.disruptions import Disruptions, TimedDisruptions, draw_disruptions
from lowcarb.replay.finished_tasks import FinishedTasks
from lowcarb.replay.gap import Gap, gap_to_oracle
from lowcarb.replay.hours_backtest import HoursAfter, HoursBacktest, HoursRun
from lowcarb.replay.hours_comparison import HoursComparison, HoursSummary, compare_hours
from lowcarb.replay.parallel import Processes
from lowcarb.replay.policy_summary import PolicySummary
from lowcarb.replay.ray_cluster import RayCluster
from lowcarb.replay.recording import Recording
from lowcarb.replay.second_signal import SecondComparison, by_second_signal
from lowcarb.replay.starts import Starts, choose_starts, starts_within
from lowcarb.replay.sweep import sweep
from lowcarb.replay.trade_off import Point, Sweep

__all__ = [
    "Backtest",
    "Comparison",
    "Disruptions",
    "FinishedTasks",
    "Gap",
    "HoursAfter",
    "HoursBacktest",
    "HoursComparison",
    "HoursRun",
    "HoursSummary",
    "Point",
    "PolicySummary",
    "Processes",
    "RayCluster",
    "Recording",
    "Run",
    "SecondComparison",
    "Starts",
    "Sweep",
    "TimedDisruptions",
    "by_second_signal",
    "choose_starts",
    "compare",
    "compare_hours",
    "draw_disruptions",
    "gap_to_oracle",
    "starts_within",
    "sweep",
]
