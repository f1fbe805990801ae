from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from symmetry.errors import DataError
from symmetry.fieldwork.asking.nouns import Outcome, Submission
from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.writing import Writer
from tests.fieldwork.submissions import record, recorded, submission

WAIT = 60


class Gate:
    """A `record` that notes the batches it gets, and waits with each until it is let through."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self, connection: Connection, store: Store, submissions: Sequence[Submission]) -> list[Outcome]:
        self.batches.append([each.token for each in submissions])
        self.entered.release()
        assert self.open.wait(WAIT)
        return record(connection, store, submissions)


@contextmanager
def writing(store: Store, how: Callable[..., Sequence[Outcome]] = record, **options: int) -> Iterator[Writer]:
    """A writer that is stopped at the end."""
    writer = Writer(store, how, **options)
    try:
        yield writer
    finally:
        writer.stop()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Store]:
    """A store in files, for what does not depend on the database."""
    store = create(tmp_path / "local")
    yield store
    close(store)


async def outcomes(writer: Writer, posted: Sequence[Submission]) -> list[Outcome | BaseException]:
    """Submit all at once, and wait for all."""
    return await asyncio.gather(*(writer.submit(each) for each in posted), return_exceptions=True)


def test_whoever_hears_of_it_finds_it_recorded(store: Store) -> None:
    """Of 600 submissions at once, each is in the database, seen from another connection, when its outcome arrives."""

    async def send(writer: Writer) -> list[bool]:
        async def one() -> bool:
            posted = submission()
            assert (await writer.submit(posted)).kind == "saved"
            return posted.token in recorded(store)

        return await asyncio.gather(*(one() for _ in range(600)))

    with writing(store) as writer:
        assert asyncio.run(send(writer)) == [True] * 600
    assert len(recorded(store)) == 600


def test_what_waits_is_committed_together(local: Store) -> None:
    """While one batch is on its way, 300 more come: they go in two batches, the first full, all in the order they came."""
    gate, posted = Gate(), [submission() for _ in range(301)]

    async def send(writer: Writer) -> list[Outcome | BaseException]:
        first = asyncio.create_task(writer.submit(posted[0]))
        await asyncio.to_thread(gate.entered.acquire)
        rest = [asyncio.create_task(writer.submit(each)) for each in posted[1:]]
        await asyncio.sleep(0)
        gate.open.set()
        return await asyncio.gather(first, *rest)

    with writing(local, gate) as writer:
        said = asyncio.run(send(writer))
    assert [len(batch) for batch in gate.batches] == [1, 256, 44]
    assert [token for batch in gate.batches for token in batch] == [each.token for each in posted]
    assert [outcome.page for outcome in said if isinstance(outcome, Outcome)] == [1, *range(1, 257), *range(1, 45)]


def test_one_bad_submission_takes_no_other_with_it(store: Store) -> None:
    """Among 100 submissions, two that no transaction can hold: only those two fail, with what was wrong with them."""
    taken = submission()
    with writing(store) as writer:
        writer.submit_now(taken)
        posted = [submission() for _ in range(100)]
        posted[37] = posted[80] = taken
        said = asyncio.run(outcomes(writer, posted))
    wrong = [place for place, what in enumerate(said) if not isinstance(what, Outcome)]
    assert wrong == [37, 80]
    assert {type(said[place]) for place in wrong} == {IntegrityError}
    assert recorded(store) == {each.token for each in posted}


def test_a_fault_of_ours_reaches_who_waits(local: Store) -> None:
    """A `record` that forgets an outcome records nothing, and says so; the writer goes on."""
    with writing(local, lambda connection, store, posted: record(connection, store, posted)[:-1]) as writer:
        with pytest.raises(ValueError, match="1 submissions were given, 0 outcomes came back"):
            writer.submit_now(submission())
        with pytest.raises(ValueError, match="0 outcomes"):
            writer.submit_now(submission())
    assert recorded(local) == set()


def test_who_goes_away_is_not_missed(local: Store) -> None:
    """A browser hangs up while its answer is on its way, a whole event loop ends: the others of the batch are told."""
    gate, posted = Gate(), [submission() for _ in range(4)]

    async def send(writer: Writer) -> Outcome:
        first = asyncio.create_task(writer.submit(posted[0]))
        await asyncio.to_thread(gate.entered.acquire)
        gone, stays = asyncio.create_task(writer.submit(posted[1])), asyncio.create_task(writer.submit(posted[2]))
        await asyncio.sleep(0)
        gone.cancel()
        gate.open.set()
        await first
        return await stays

    async def leave(writer: Writer) -> None:
        task = asyncio.create_task(writer.submit(posted[3]))
        await asyncio.to_thread(gate.entered.acquire)
        task.cancel()

    with writing(local, gate) as writer:
        assert asyncio.run(send(writer)).kind == "saved"
        gate.entered, gate.open = threading.Semaphore(0), threading.Event()
        asyncio.run(leave(writer))
        gate.open.set()
        assert writer.submit_now(submission()).kind == "saved"
    assert {each.token for each in posted} < recorded(local)


def test_too_many_are_refused_at_once(local: Store) -> None:
    """Beyond the room of the queue nobody is kept waiting; those who had room are recorded."""
    gate, posted = Gate(), [submission() for _ in range(10)]

    async def send(writer: Writer) -> list[Outcome | BaseException]:
        first = asyncio.create_task(writer.submit(posted[0]))
        await asyncio.to_thread(gate.entered.acquire)
        rest = asyncio.gather(*(writer.submit(each) for each in posted[1:]), return_exceptions=True)
        await asyncio.sleep(0)
        gate.open.set()
        return [await first, *(await rest)]

    with writing(local, gate, room=5) as writer:
        said = asyncio.run(send(writer))
    assert [isinstance(what, Outcome) for what in said] == [True] * 6 + [False] * 4
    assert {what.reason for what in said if isinstance(what, StoreAwayError)} == {
        "too many answers wait to be recorded"
    }
    assert recorded(local) == {each.token for each in posted[:6]}


def test_stopping_records_what_waits_and_takes_no_more(local: Store) -> None:
    """Everything submitted before the stop is committed; afterwards a submission is refused, and the thread is gone."""
    gate, posted = Gate(), [submission() for _ in range(20)]
    writer = Writer(local, gate, most=4)
    with ThreadPoolExecutor(21) as pool:
        told = [pool.submit(writer.submit_now, each) for each in posted]
        assert gate.entered.acquire(timeout=WAIT)
        while writer._queue.qsize() + len(gate.batches[0]) < 20:
            pass
        stopped = pool.submit(writer.stop)
        gate.open.set()
        assert {future.result(WAIT).kind for future in told} == {"saved"}
        stopped.result(WAIT)
    with pytest.raises(StoreAwayError, match="the server is stopping"):
        writer.submit_now(submission())
    assert recorded(local) == {each.token for each in posted}
    assert "symmetry writer" not in {thread.name for thread in threading.enumerate()}
    writer.stop()


def test_threads_and_loops_share_one_writer(store: Store) -> None:
    """Four event loops and four plain threads, 50 submissions each: every one recorded once and told once."""
    posted = [[submission() for _ in range(50)] for _ in range(8)]
    with writing(store) as writer, ThreadPoolExecutor(8) as pool:
        loops = [pool.submit(asyncio.run, outcomes(writer, mine)) for mine in posted[:4]]
        plain = [pool.submit(lambda mine: [writer.submit_now(each) for each in mine], mine) for mine in posted[4:]]
        said = [what for future in [*loops, *plain] for what in future.result(WAIT)]
    assert [isinstance(what, Outcome) for what in said] == [True] * 400
    assert recorded(store) == {each.token for mine in posted for each in mine}


def test_tasks_run_in_the_thread_that_writes(local: Store) -> None:
    """A task runs again and again in the writer's thread, between batches, with nobody submitting anything."""
    runs: list[str] = []
    done = threading.Event()

    def task() -> None:
        runs.append(threading.current_thread().name)
        if len(runs) == 3:
            done.set()

    with writing(local) as writer:
        writer.every(0.01, task)
        assert done.wait(WAIT)
        assert writer.submit_now(submission()).kind == "saved"
    assert set(runs) == {"symmetry writer"}


def test_a_task_that_fails_is_tried_again_and_tells_nothing(local: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Its error is logged by kind alone, since messages may name people; submissions go on meanwhile."""
    again = threading.Semaphore(0)

    def task() -> None:
        again.release()
        raise KeyError("anna.martin@example.org")

    with caplog.at_level(logging.DEBUG), writing(local) as writer:
        writer.every(0.01, task)
        assert again.acquire(timeout=WAIT)
        assert again.acquire(timeout=WAIT)
        assert writer.submit_now(submission()).kind == "saved"
    assert "what the writer does every 0.01 s failed: KeyError" in caplog.text
    assert "anna" not in caplog.text


def test_a_task_that_fails_tells_its_code(local: Store, caplog: pytest.LogCaptureFixture) -> None:
    """What is missing can be looked up by its code, and nothing of its words is told."""
    done = threading.Event()

    def task() -> None:
        done.set()
        raise DataError("the box of anna.martin@example.org", code="SEA02")

    with caplog.at_level(logging.DEBUG), writing(local) as writer:
        writer.every(0.01, task)
        assert done.wait(WAIT)
    assert "what the writer does every 0.01 s failed: DataError SEA02" in caplog.text
    assert "anna" not in caplog.text


def test_a_task_has_its_turn_under_load(local: Store) -> None:
    """While submissions never cease, a task that is due is done."""
    done = threading.Event()
    with writing(local) as writer, ThreadPoolExecutor(4) as pool:
        writer.every(0.01, done.set)

        def keep_on() -> int:
            sent = 0
            while not done.is_set():
                writer.submit_now(submission())
                sent += 1
            return sent

        sent = [pool.submit(keep_on) for _ in range(4)]
        assert done.wait(WAIT)
        assert sum(future.result(WAIT) for future in sent) == len(recorded(local))
