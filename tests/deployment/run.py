"""A run of the app: the command that started it, what its clients noted, and what came of it."""

import json
from pathlib import Path

from tests.deployment.program import Program

_STARTED = "Successfully started run "


class Run:
    """One `flwr run`.

    Parameters
    ----------
    program
        The command; it shows the run's log and ends with the run.
    result
        The file that the ServerApp writes at the end.
    notes
        The folder in which clients note their trainings.
    """

    def __init__(self, program: Program, result: Path, notes: Path) -> None:
        self.program = program
        self._result = result
        self._notes = notes

    @property
    def trainings(self) -> set[tuple[int, str]]:
        """Round and client of every training that its client finished."""
        return self._noted("finished")

    def training(self, number: int) -> set[str]:
        """Name the clients that train in a round of this number at this moment."""
        begun = self._noted("started") - self.trainings
        return {client for of, client in begun if of == number}

    def result(self, seconds: float) -> list[float]:
        """Wait for the end of the run; return its model."""
        self.program.wait_for(self._result.exists, "result", seconds)
        model: list[float] = json.loads(self._result.read_text())["model"]
        return model

    def _noted(self, event: str) -> set[tuple[int, str]]:
        output = self.program.output
        if _STARTED not in output:
            return set()
        flower_number = output.split(_STARTED, 1)[1].split()[0]
        names = [path.name.split(".") for path in self._notes.glob(f"{flower_number}.*.{event}")]
        return {(int(number), client) for _, number, client, _ in names}
