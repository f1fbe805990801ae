"""Refusals: tried later and later, and no longer once they come in a row, so that a wrong setting costs nobody their message."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from symmetry.errors import DataError
from symmetry.fieldwork.sending.outbox import send_due
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.tables import ADDRESSES, OUTBOX
from symmetry.fieldwork.timing import moment, stamp
from tests.fieldwork.sending.mailserver import Server, serving
from tests.fieldwork.sending.outboxes import NOON, id_of, opened, plan, row_of, settings_for, stands

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def _send(store: Store, server: Server, at: datetime = NOON) -> Counter[str]:
    """One turn of one sender."""
    return send_due(store, settings_for(server), at=lambda: at, sender="a")


def _set(store: Store, where: Any, **values: object) -> None:
    with to_write(store.field) as connection:
        connection.execute(update(OUTBOX).where(where).values(**values))


def test_what_the_server_does_not_take_now_is_tried_later_and_later(store: Store, tmp_path: Path) -> None:
    """After a quarter of an hour, half an hour, one, two, four and four again, until it expires; the address stays good."""
    opened(store, tmp_path)
    plan(store, "c-000", email="later-x@example.org", expires="2027-03-05T10:00:00Z")
    at, waits = NOON, []
    with serving() as server:
        for _ in range(6):
            assert Counter(again=1) == _send(store, server, at)
            row = row_of(store, id_of("c-000"))
            assert ("planned", "451 4.7.1", None, None) == tuple(
                row[each] for each in ("state", "reason", "sender", "claimed")
            )
            waits.append((moment(row["due"]) - at) / timedelta(minutes=15))
            _set(store, OUTBOX.c.step == 0, due=stamp(NOON))
        assert Counter(dropped=1) == _send(store, server, moment("2027-03-05T10:00:00Z"))
    assert [1, 2, 4, 8, 16, 16] == waits
    assert {"c-000/0": ("dropped", "expired")} == stands(store)
    assert {""} == _bad(store)


def _bad(store: Store) -> set[str]:
    """What is held to be bad of all addresses."""
    with store.field.connect() as connection:
        return set(connection.execute(select(ADDRESSES.c.bad)).scalars())


@pytest.mark.parametrize("kind", ["policy", "bounce", "later"])
def test_refusals_in_a_row_stop_the_sending_and_cost_nobody_anything(store: Store, tmp_path: Path, kind: str) -> None:
    """Ten, of whatever sort, in one turn or in several: everybody is planned again, no address is bad, and why is told."""
    opened(store, tmp_path, 12)
    for number in range(12):
        plan(store, f"c-{number:03d}", email=f"{kind}-{number}@example.org")
    with serving() as server:
        if kind == "bounce":
            assert Counter(bounced=3) == _send_three(store, server)
        with pytest.raises(DataError, match=r"SND08 .*[45]5[01] [45]\.[71]\.1"):
            _send(store, server)
        assert 10 == server.tries
        assert {"planned"} == {state for state, _ in stands(store).values()}
        assert {""} == _bad(store)
        refused = [row_of(store, id_of(f"c-{number:03d}"))["due"] for number in range(12)]
        assert 10 == sum(due > stamp(NOON) for due in refused)


def _send_three(store: Store, server: Server) -> Counter[str]:
    """A turn in which no more than three messages are due."""
    later = OUTBOX.c.contact > "c-002"
    _set(store, later, due=stamp(NOON + timedelta(minutes=1)))
    found = _send(store, server)
    _set(store, later, due=stamp(NOON))
    return found


def test_a_message_that_is_taken_begins_a_new_count(store: Store, tmp_path: Path) -> None:
    """Many bad addresses among good ones are only that."""
    opened(store, tmp_path, 30)
    for number in range(30):
        kind = "ok" if number % 10 == 9 else "bounce"
        plan(store, f"c-{number:03d}", email=f"{kind}-{number}@example.org", due=f"2027-03-04T08:{number:02d}:00Z")
    with serving() as server:
        assert Counter(bounced=27, sent=3) == _send(store, server)
    assert {"", "email"} == _bad(store)


def test_doubts_in_a_row_stop_the_sending(store: Store, tmp_path: Path) -> None:
    """A line that breaks each time after the content leaves five people in doubt and not a thousand."""
    opened(store, tmp_path, 8)
    for number in range(8):
        plan(store, f"c-{number:03d}", email=f"cut-{number}@example.org")
    with serving() as server, pytest.raises(DataError, match="SND08"):
        _send(store, server)
    assert Counter(uncertain=5, planned=3) == Counter(state for state, _ in stands(store).values())


def test_a_channel_that_fails_does_not_stop_the_others(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full, then no mail server: text messages leave all the same; the first error is told, with the counts."""
    from symmetry.fieldwork.sending import outbox, printing

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    opened(store, tmp_path)
    plan(store, "c-000", channel="qr")
    plan(store, "c-001", email="c1@example.org")
    plan(store, "c-002", phone="+33612345678", channel="sms")
    monkeypatch.setattr(printing, "replace_file", full)
    monkeypatch.setattr(outbox, "check_gateway", lambda _: None)
    monkeypatch.setattr(outbox, "send_text", lambda *_: Outcome("sent"))
    done: Counter[str] = Counter()
    with pytest.raises(OSError, match="No space"):
        send_due(store, settings_for(Server(port=1), sms="x"), at=lambda: NOON, sender="a", done=done)
    assert Counter(sent=1) == +done
    assert ["planned", "planned", "sent"] == [stands(store)[f"c-00{number}/0"][0] for number in range(3)]
