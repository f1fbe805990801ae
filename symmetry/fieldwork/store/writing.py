"""The writer: the one thread that writes, which commits together whatever waits (group commit) and answers after the commit.

A commit costs a wait for the disk; a few hundred submissions share one.  Why a submission was not recorded is never hidden:
either the store is away, and everyone who waits is told so, or that one submission failed and takes no other with it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from symmetry.errors import DataError
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError, reason_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Outcome, Submission
    from symmetry.fieldwork.store.nouns import Store

    Record: TypeAlias = Callable[[Connection, Store, Sequence[Submission]], Sequence[Outcome]]

__all__ = ["Writer"]

_PATIENCE = 2.0  # seconds in which a store that went away may come back before anyone is told
_PAUSE = 0.1  # before a new attempt, doubled before each further one
_SILENT = "the database does not answer"
_LOG = logging.getLogger("symmetry.fieldwork.store")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A submission, and who waits to hear of it: a future of an event loop, or of a thread (no loop)."""

    submission: Submission
    future: asyncio.Future[Outcome] | Future[Outcome]
    loop: asyncio.AbstractEventLoop | None


@dataclass(slots=True)
class _Task:
    """What is done now and then between two batches."""

    seconds: float
    do: Callable[[], object]
    due: float


class Writer:
    """The only thing that writes answers into a store while it is served.

    Parameters
    ----------
    store : where to.
    record : handles a batch in one transaction of the field database, and gives one outcome for each submission, in order.
    most : how many submissions are committed together.
    room : how many may wait; beyond that they are refused at once rather than kept waiting.
    limit : seconds that anyone waits at most, where a database neither answers nor fails.

    Notes
    -----
    `record` may be called again with the same submissions after a failed attempt: what an attempt did is rolled back, unless its
    commit was the very thing whose answer got lost.  So it decides by what the database holds, never by what it did before.
    """

    def __init__(self, store: Store, record: Record, *, most: int = 256, room: int = 4096, limit: float = 15.0) -> None:
        self._store, self._record, self._most, self._room, self._limit = store, record, most, room, limit
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()  # None only wakes the thread
        self._tasks: list[_Task] = []
        self._closing = threading.Lock()
        self._closed = threading.Event()
        self._away = False
        self._thread = threading.Thread(target=self._run, name="symmetry writer", daemon=True)
        self._thread.start()

    async def submit(self, submission: Submission) -> Outcome:
        """Record a submission, and come back once it is committed.

        Raises
        ------
        StoreAwayError : it was not recorded, since the store is away, too many wait, or the writer was stopped; or the database
            stays silent, and it may be recorded yet: to send it again is safe where `record` decides by what it finds.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._enqueue(_Waiting(submission, future, loop))
        try:
            async with asyncio.timeout(self._limit):
                return await future
        except TimeoutError:
            raise StoreAwayError(_SILENT) from None

    def submit_now(self, submission: Submission) -> Outcome:
        """Record a submission from a thread without an event loop; as `submit`."""
        future: Future[Outcome] = Future()
        self._enqueue(_Waiting(submission, future, None))
        try:
            return future.result(self._limit)
        except TimeoutError:
            raise StoreAwayError(_SILENT) from None

    def every(self, seconds: float, do: Callable[[], object]) -> None:
        """Have something done in the writer's thread now and then, the first time in so many seconds.

        Parameters
        ----------
        seconds : between the end of one run and the beginning of the next.
        do : what to do; a failure is logged by its kind and code alone, and it is tried again the next time.
        """
        self._tasks.append(_Task(seconds, do, time.monotonic() + seconds))
        self._queue.put(None)

    def stop(self) -> None:
        """Take no more, record what waits, and end the thread."""
        with self._closing:
            self._closed.set()
        self._queue.put(None)
        self._thread.join()

    def _enqueue(self, waiting: _Waiting) -> None:
        with self._closing:  # nothing enters the queue after the thread has looked at it for the last time
            if self._closed.is_set():
                raise StoreAwayError("the server is stopping")
            if self._queue.qsize() >= self._room:
                raise StoreAwayError("too many answers wait to be recorded")
            self._queue.put(waiting)

    def _run(self) -> None:
        while not (self._closed.is_set() and self._queue.empty()):
            batch = self._batch()
            if batch:
                self._commit(batch)
            self._do_what_is_due()

    def _batch(self) -> list[_Waiting]:
        """Wait for a submission or a task, then take what waits already."""
        due = min((task.due for task in self._tasks), default=None)
        batch: list[_Waiting] = []
        try:
            first = self._queue.get(timeout=None if due is None else max(0.0, due - time.monotonic()))
            batch += [first] if first else []
            while first and len(batch) < self._most:
                waiting = self._queue.get_nowait()
                batch += [waiting] if waiting else []
        except Empty:
            pass
        return batch

    def _commit(self, batch: list[_Waiting]) -> None:
        """Commit a batch and tell those who wait; where it fails for no fault of the store, halve it to find out whose it is."""
        outcomes, error = self._patiently([waiting.submission for waiting in batch])
        reason = reason_of(error) if error else None
        self._away = reason is not None
        if error is None:
            _tell([(waiting, outcome) for waiting, outcome in zip(batch, outcomes, strict=True)])
        elif reason is not None:
            self._refuse(batch, reason)
        elif len(batch) == 1:
            _tell([(batch[0], error)])
        else:
            self._commit(batch[: len(batch) // 2])
            rest = batch[len(batch) // 2 :]
            if self._away:
                self._refuse(rest, "it went away meanwhile")
            else:
                self._commit(rest)

    def _patiently(self, submissions: Sequence[Submission]) -> tuple[Sequence[Outcome], Exception | None]:
        """Try to commit; a store that has just gone away gets a little time to come back."""
        until, pause = time.monotonic() + (0.0 if self._away else _PATIENCE), _PAUSE
        while True:
            outcomes, error = self._attempt(submissions)
            if error is None or reason_of(error) is None or time.monotonic() + pause > until:
                return outcomes, error
            time.sleep(pause)
            pause *= 2

    def _attempt(self, submissions: Sequence[Submission]) -> tuple[Sequence[Outcome], Exception | None]:
        """Try to commit, once."""
        outcomes: Sequence[Outcome] = ()
        with _Caught() as caught, to_write(self._store.field) as connection:
            outcomes = self._record(connection, self._store, submissions)
            if len(outcomes) != len(submissions):
                raise ValueError(f"{len(submissions)} submissions were given, {len(outcomes)} outcomes came back")
        return outcomes, caught.error

    def _refuse(self, batch: list[_Waiting], reason: str) -> None:
        """Tell a batch that nothing is recorded, and those who came meanwhile, who need not wait as long to hear the same."""
        meanwhile = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        _tell([(waiting, StoreAwayError(reason)) for waiting in [*batch, *filter(None, meanwhile)]])

    def _do_what_is_due(self) -> None:
        for task in self._tasks:
            if task.due <= time.monotonic() and not self._closed.is_set():
                with _Caught() as caught:
                    task.do()
                if caught.error:
                    reason = reason_of(caught.error) or _kind(caught.error)
                    _LOG.error("what the writer does every %s s failed: %s", task.seconds, reason)
                task.due = time.monotonic() + task.seconds


def _kind(error: Exception) -> str:
    """An error without its words, which may hold answers: its kind, and the codes of what it tells."""
    codes = sorted({each.code for each in error.problems}) if isinstance(error, DataError) else []
    return " ".join([type(error).__name__, *codes])


class _Caught:
    """Keep the error of a block instead of raising it: the writer's thread outlives every one."""

    error: Exception | None = None

    def __enter__(self) -> _Caught:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


def _tell(told: Sequence[tuple[_Waiting, Outcome | Exception]]) -> None:
    """Give everyone what came of it, with one call to each event loop."""
    loops: defaultdict[asyncio.AbstractEventLoop | None, list[tuple[_Waiting, Outcome | Exception]]] = defaultdict(list)
    for waiting, what in told:
        loops[waiting.loop].append((waiting, what))
    for loop, theirs in loops.items():
        if loop is None:
            _settle(theirs)
        else:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, theirs)


def _settle(told: Sequence[tuple[_Waiting, Outcome | Exception]]) -> None:
    """Resolve futures, in the thread they belong to; whoever went away is not missed."""
    for waiting, what in told:
        if waiting.future.done():
            continue
        if isinstance(what, Exception):
            waiting.future.set_exception(what)
        else:
            waiting.future.set_result(what)
