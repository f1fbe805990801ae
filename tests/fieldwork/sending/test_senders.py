"""Two senders at once share the work, and send nothing twice."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.fieldwork.sending.outbox import send_due
from symmetry.fieldwork.store.addressing import VARIABLES
from symmetry.fieldwork.store.tables import OUTBOX
from tests.fieldwork.sending.mailserver import Server, serving
from tests.fieldwork.sending.outboxes import NOON, opened, plan, settings_for, stands, urls_of

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store


def _sender(folder: Path, urls: tuple[str, str] | None, port: int, name: str) -> None:
    """A sender in a process of its own."""
    os.environ.update(zip(VARIABLES, urls, strict=True) if urls else ())
    from symmetry.fieldwork.store.opening import close, open_store

    store = open_store(folder)
    send_due(store, settings_for(Server(port=port)), at=lambda: NOON, sender=name)
    close(store)


def test_two_senders_share_the_work_and_send_nothing_twice(new_store: Callable[[], Store], tmp_path: Path) -> None:
    """Two processes at once: each message by one of them, and both of them at work."""
    store = new_store()
    opened(store, tmp_path, 60)
    for number in range(60):
        plan(store, f"c-{number:03d}", email=f"c{number}@example.org")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["symmetry.fieldwork.sending.outbox", "tests.fieldwork.sending.outboxes"])
    with serving() as server:
        senders = [
            context.Process(target=_sender, args=(store.folder, urls_of(store), server.port, name))
            for name in ("a", "b")
        ]
        for each in senders:
            each.start()
        for each in senders:
            each.join()
        assert 60 == len(server.ids) == len(set(server.ids))
    assert [0, 0] == [each.exitcode for each in senders]
    with store.field.connect() as connection:
        assert {"a", "b"} >= set(connection.execute(select(OUTBOX.c.sender)).scalars())
    assert {("sent", "")} == set(stands(store).values())
