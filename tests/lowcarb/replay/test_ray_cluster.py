"""The same tasks on a Ray cluster of two nodes, which are processes of this machine."""

import sys
from collections.abc import Iterator
from time import sleep
from typing import Any

import pytest

from lowcarb import InputError, LowcarbError, Planner
from lowcarb.replay import Processes, RayCluster, starts_within, sweep
from tests.helpers.ray_clusters import two_nodes
from tests.helpers.recorded_days import RECORDING, fleet

PLANNER = Planner(fleet=fleet(8), cohort_size=2, rounds=4)


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="install Lowcarb with its extra 'simulation'") as caught:
        list(RayCluster("auto").as_finished(abs, [1]))
    assert caught.value.field == "ray"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "[::1]:1"])
def test_an_address_at_which_nobody_answers_is_named_at_once(address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(LowcarbError) as caught:
        list(RayCluster(address).as_finished(abs, [1]))
    assert f"ray: cannot connect to '{address}': " in str(caught.value)
    assert "`ray start --head` begins a cluster" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_address_is_needed() -> None:
    pytest.importorskip("ray")
    with pytest.raises(InputError, match=r"ray: expected an address such as auto, host:6379"):
        list(RayCluster(" ").as_finished(abs, [1]))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with two_nodes() as found:
        yield found.address


def refuse(number: int) -> int:
    if number == 2:
        raise InputError("expected another number", file="f.csv", line=3, field="number")
    return 1 // (number - 3)


def slowly(number: int) -> int:
    sleep(1)
    return -number


@pytest.mark.slow
class TestOnACluster:
    def test_it_gives_the_same_table_as_processes(self, cluster: str) -> None:
        starts = starts_within(RECORDING, PLANNER, 2)
        told: list[tuple[int, int]] = []
        given: dict[str, Any] = {"min_shares": ["0", "0.5", "1"], "cohort_sizes": [2, 4]}
        there = sweep(
            PLANNER,
            RECORDING,
            starts,
            executor=RayCluster(cluster),
            progress=lambda done, of: told.append((done, of)),
            **given,
        )
        here = sweep(PLANNER, RECORDING, starts, executor=Processes(workers=2), **given)
        assert there.to_frame().equals(here.to_frame())
        contents = [found.to_dict() for found in (there, here)]
        for content in contents:
            del content["timing"]
        assert contents[0] == contents[1]
        assert told[-1] == (12, 12)

    def test_errors_of_tasks_are_those_that_were_raised(self, cluster: str) -> None:
        with pytest.raises(InputError, match=r"f\.csv:3: expected another number") as caught:
            list(RayCluster(cluster).as_finished(refuse, [2]))
        assert caught.value.field == "number"
        with pytest.raises(LowcarbError, match=r"ray: a task failed: ZeroDivisionError: integer"):
            list(RayCluster(cluster).as_finished(refuse, [3]))

    def test_another_version_on_a_node_is_said(
        self, cluster: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lowcarb.replay.ray_cluster.__version__", "9.9.9")
        with pytest.raises(LowcarbError, match=r"a node has Lowcarb .*, this program 9\.9\.9; in"):
            list(RayCluster(cluster).as_finished(abs, [1]))

    def test_a_program_that_is_connected_stays_so(self, cluster: str) -> None:
        import ray

        ray.init(address=cluster, log_to_driver=False)
        try:
            assert dict(RayCluster(cluster).as_finished(abs, [-1, -2])) == {0: 1, 1: 2}
            assert ray.is_initialized()
        finally:
            ray.shutdown()

    def test_tasks_of_a_node_that_is_lost_are_done_elsewhere(self) -> None:
        with two_nodes() as found:
            done = {}
            for place, made in RayCluster(found.address).as_finished(slowly, list(range(9))):
                done[place] = made
                if len(done) == 2:
                    found.lose_one()
            assert done == {k: -k for k in range(9)}
