"""CPU seconds of other processes are counted, and who goes on for too long is ended."""

import signal
import subprocess
import sys
import time

from benchmarks.solve.stopwatch import Stopwatch, cpu_s

BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint('burnt', flush=True)\ninput()"


def test_children_count_while_they_run_and_after_they_are_collected() -> None:
    before = cpu_s()
    with subprocess.Popen(
        [sys.executable, "-c", BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        running = cpu_s() - before
        child.communicate(b"\n")
    assert running >= 0.28
    assert cpu_s() - before >= running


def test_a_method_that_cannot_be_interrupted_is_ended_with_its_process() -> None:
    endless = "Stopwatch(0.05, grace_s=0.05)\nwhile True: pass"
    program = f"from benchmarks.solve.stopwatch import Stopwatch\n{endless}"
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == -signal.SIGALRM


def test_what_is_done_before_a_new_start_or_after_the_stop_is_not_timed() -> None:
    watch = Stopwatch(10.0)
    time.sleep(0.05)
    watch.start()
    watch.built()
    watch.stop()
    wall_s, spent_s = watch.wall_s, watch.cpu_s
    time.sleep(0.05)
    watch.stop()
    assert (watch.wall_s, watch.cpu_s) == (wall_s, spent_s)
    assert wall_s < 0.05 or spent_s < 0.05
    assert watch.build_cpu_s is not None
    assert watch.build_cpu_s <= spent_s
