"""The app's clients are those of the demo's story, and nobody looks into the future."""

import dataclasses
from datetime import timedelta

import numpy as np
import pytest

from digits.world import World
from lowcarb.demo.scenario import START, Scenario

HOUR = timedelta(hours=1)


def test_clients_are_the_first_ones_of_the_story() -> None:
    world, story = World(seed=0, clients=30, rounds=24), Scenario(seed=0)
    assert world.fleet.clients[:2] == ["partition-0", "partition-1"]
    for i in range(30):
        assert dataclasses.replace(world.fleet[i], name="") == dataclasses.replace(
            story.fleet[i], name=""
        )
    for region, series in story.actual.series.items():
        assert np.array_equal(world.actual.series[region].values, series.values)


@pytest.mark.parametrize("rounds", [24, 24 * 30])
def test_forecasts_are_those_issued_by_then(rounds: int) -> None:
    world = World(seed=0, clients=3, rounds=rounds)
    for start in (START, START + 23 * HOUR, START + 24 * HOUR, START + (rounds - 1) * HOUR):
        found, failed = world.forecasts(["CISO"], start=start, end=start + HOUR)
        assert not failed
        provenance = found["CISO"].provenance
        assert provenance is not None
        assert provenance.issued_at == start.replace(hour=0)
        assert not np.isnan(found["CISO"].means(np.array([start.timestamp()]), 3600)).any()


def test_random_cohorts_cost_their_share_of_everyone() -> None:
    world = World(seed=0, clients=8, rounds=5)
    everyone = {number: range(8) for number in range(1, 6)}
    assert world.random_g(8) == pytest.approx(world.emissions_g(everyone))
    assert world.random_g(2) == pytest.approx(world.emissions_g(everyone) / 4)


def test_machines_alike_leave_regions_alone_to_tell_clients_apart() -> None:
    mixed, alike = (World(seed=0, clients=30, rounds=24, alike=same) for same in (False, True))
    assert len(set(mixed.fleet.energy_kwh.tolist())) > 3
    assert len(set(alike.fleet.energy_kwh.tolist())) == 1
    assert len(set(alike.fleet.duration_s.tolist())) == 1
    assert alike.fleet.region.tolist() == mixed.fleet.region.tolist()


def test_clients_of_clean_regions_come_first() -> None:
    world = World(seed=0, clients=30, rounds=24)
    order = world.cleanest_first
    assert sorted(order.tolist()) == list(range(30))
    regions = [world.fleet.regions[world.fleet.region[i]] for i in order]
    assert (regions[0], regions[-1]) == ("BPAT", "SC")
