"""The generations of a ledger in a store: one writer at a time, without locks and clocks.

Each generation is an object that is created exclusively, under the number after the one that it
follows. The newest is the ledger. A writer begins by creating a generation of its own, and so takes
the ledger over: whoever wrote before cannot create the next one, however long it slept.

Generations that were followed are removed. A writer that slept so long that the number it tries is
free again finds a newer one among the names, for the newest is never removed, and knows that it is
no longer the writer. Models have names that are used once, with the number of the generation they
are made for: what is older than the newest generation of a writer and not named in it is named in
no later one either, so even a writer that sleeps while it cleans up removes nothing that is needed.
"""

import hashlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lowcarb._util.text import printable
from lowcarb.errors import LedgerError, LedgerTakenOverError
from lowcarb.ledger.generation import (
    Generation,
    StoredModel,
    decoded,
    encoded,
    generation_name,
    generation_number,
    model_name,
    model_number,
)
from lowcarb.ledger.stores.object_store import ObjectStore

_LOG = logging.getLogger(__name__)

# How long to try to read where generations are removed faster than one is read.
_PATIENCE_S = 30.0
_PAUSE_S = 0.05
# How often an object that is not whole is read before it counts as such.
_READINGS = 3


class Chain:
    """Generations of one ledger.

    Parameters
    ----------
    store
        Holds nothing else.
    address
        Of the ledger, for messages.
    """

    def __init__(self, store: ObjectStore, address: str) -> None:
        self._store = store
        self.address = address

    def newest(self) -> Generation | None:
        """Read the newest generation that is whole; None if there is none at all.

        Raises
        ------
        LedgerError
            If the store cannot be read, or none is whole.
        """
        end = time.monotonic() + _PATIENCE_S
        while True:
            numbers = self._numbers(self._names())
            if not numbers:
                self._require_empty()
                return None
            try:
                return self._newest_whole(numbers)
            except FileNotFoundError as error:
                # A writer created the next one meanwhile, and removed this one.
                if time.monotonic() > end:
                    raise LedgerError(
                        f"{self.address}: expected {error.filename or error} in the store, which "
                        "is among its names, got no such object"
                    ) from error
            time.sleep(_PAUSE_S)

    def _require_empty(self) -> None:
        """Refuse a place that holds models and no generation: it would be begun anew, over them."""
        if any(model_number(name) is not None for name in self._names()):
            raise LedgerError(
                f"{self.address}: expected the newest generation of the ledger, got its models "
                "alone: restore the object generation-..., or remove the models"
            )

    def _newest_whole(self, numbers: Sequence[int]) -> Generation:
        why = ""
        for number in sorted(numbers, reverse=True):
            try:
                return self._whole(number)
            except ValueError as error:
                name = generation_name(number)
                why = why or f"{name}: {error}"
                _LOG.warning("lowcarb: %s: %s is left out: %s", self.address, name, error)
        raise LedgerError(f"{self.address}: is damaged: {why}; restore it from a backup")

    def _whole(self, number: int, readings: int = _READINGS) -> Generation:
        """Read a generation, several times if need be: an answer may be cut off on its way."""
        with self.reached("read", FileNotFoundError):
            content = self._store.read(generation_name(number))
        try:
            found = decoded(content)
            if found.number != number:
                raise ValueError(f"it is generation {found.number}")
            return found
        except ValueError:
            if readings == 1:
                raise
        time.sleep(_PAUSE_S)
        return self._whole(number, readings - 1)

    def model(self, model: StoredModel) -> bytes | None:
        """Read a model; None if it is not there, or another one.

        Raises
        ------
        LedgerError
            If the store cannot be read.
        """
        try:
            with self.reached("read", FileNotFoundError):
                content = self._store.read(model.object)
        except FileNotFoundError:
            return None
        return content if hashlib.sha256(content).hexdigest() == model.sha256 else None

    def _names(self) -> list[str]:
        with self.reached("read"):
            return list(self._store.names())

    @staticmethod
    def _numbers(names: Sequence[str]) -> list[int]:
        found = (generation_number(name) for name in names)
        return [number for number in found if number is not None]

    @contextmanager
    def reached(self, done: str, *but: type[Exception]) -> Iterator[None]:
        """Turn what a store raises into an error that says what cannot be done, for now."""
        try:
            yield
        except Exception as error:
            if isinstance(error, (LedgerError, *but)):
                raise
            text = f"{self.address}: cannot be {done}: {error or repr(error)}"
            if isinstance(error, OSError):
                raise LedgerError(text) from error
            cause = OSError(repr(error))
            cause.__cause__ = error
            raise LedgerError(text) from cause


class Writer(Chain):
    """Creates generations; there is one writer of a ledger, the one that began last."""

    def __init__(self, store: ObjectStore, address: str) -> None:
        super().__init__(store, address)
        self.by = f"process {os.getpid()} on {socket.gethostname()}"
        self._token = secrets.token_hex(16)
        self._number = 0

    def begin(
        self,
        content: bytes | bytearray,
        before: Generation | None,
        *,
        models: Sequence[StoredModel],
    ) -> None:
        """Take the ledger over.

        Parameters
        ----------
        content
            What it now is.
        before
            The newest generation, which this writer goes on from.
        models
            Those of its models that are there.

        Raises
        ------
        LedgerError
            If another writer began at the same time, or the store cannot be written.
        """
        self._number = max(self._numbers(self._names()), default=0)
        if self._number > (0 if before is None else before.number):
            found = self.newest()
            if before is None or found is None or found.number != before.number:
                raise self._taken_over(self._number)
        self.append(content, models=models)

    @property
    def next_number(self) -> int:
        """Number of the generation that is created next."""
        return self._number + 1

    def put_model(self, file: str, content: bytes) -> StoredModel:
        """Bring a model into the store, for the generation that is created next.

        Raises
        ------
        LedgerError
            If the store cannot be written.
        """
        name = model_name(self.next_number, secrets.token_hex(16))
        if not self._create(name, content):
            raise LedgerError(f"{self.address}: {name}: another object of that name is there")
        return StoredModel(file=file, object=name, sha256=hashlib.sha256(content).hexdigest())

    def append(
        self, content: bytes | bytearray, *, models: Sequence[StoredModel], closed: bool = False
    ) -> None:
        """Create the next generation, and remove what it makes needless.

        Parameters
        ----------
        content
            The ledger as a file.
        models
            Those beside it, all of them in the store.
        closed
            Whether this writer ends with it.

        Raises
        ------
        LedgerTakenOverError
            If there is another writer now.
        LedgerError
            If the store cannot be reached; then it is unknown whether the generation was created,
            and the next one that is appended takes its place.
        """
        while True:
            new = Generation(
                number=self.next_number,
                writer=self._token,
                by=self.by,
                closed=closed,
                models=models,
                content=content,
            )
            if self._create(generation_name(new.number), encoded(new)):
                break
            if not self._is_own(new.number):
                raise self._taken_over(new.number)
            # An earlier attempt of this writer came through after all.
            self._number = new.number
        names = self._names()
        newest = max(self._numbers(names), default=0)
        if newest > new.number:
            self._clean_up([generation_name(new.number)], newest, set())
            raise self._taken_over(newest)
        self._number = new.number
        self._clean_up(names, new.number, {model.object for model in models})

    def _create(self, name: str, content: bytes) -> bool:
        """Create an object; return whether it now is there with this content."""
        with self.reached("written"):
            try:
                self._store.create(name, content)
                return True
            except FileExistsError:
                # Or the answer to an attempt that succeeded was lost, and it was made twice.
                return self._content(name) == content

    def _content(self, name: str) -> bytes | None:
        with self.reached("read"):
            try:
                return self._store.read(name)
            except FileNotFoundError:
                return None

    def _found(self, number: int) -> Generation | None:
        content = self._content(generation_name(number))
        try:
            return None if content is None else decoded(content)
        except ValueError:
            return None

    def _is_own(self, number: int) -> bool:
        found = self._found(number)
        return found is not None and found.writer == self._token

    def _taken_over(self, number: int) -> LedgerError:
        found = self._found(number)
        by = "another writer" if found is None else printable(str(found.by))
        return LedgerTakenOverError(
            f"{self.address}: {by} has taken the ledger over, so that nothing more is booked from "
            f"{self.by}; a ledger has one writer at a time, the one that began last"
        )

    def _clean_up(self, names: Sequence[str], number: int, named: set[str]) -> None:
        for name in names:
            generation, model = generation_number(name), model_number(name)
            if (generation is not None and generation < number) or (
                model is not None and model <= number and name not in named
            ):
                try:
                    with self.reached("written"):
                        self._store.delete(name)
                except LedgerError as error:
                    # It is needless, not harmful, and is tried again with the next generation.
                    _LOG.warning("lowcarb: %s is left over: %s", name, error)
