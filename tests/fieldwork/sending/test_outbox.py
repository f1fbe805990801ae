"""What is due is sent once at most, looked at again first; what cannot be sent is tried later, given up or left."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from symmetry.errors import DataError
from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.sending.outbox import send_due
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import close_wave
from symmetry.fieldwork.store.tables import ADDRESSES, INVITATIONS, LINKS, OUTBOX, QUOTAS
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.fieldwork.timing import moment, stamp
from tests.fieldwork.sending.mailserver import Server, serving
from tests.fieldwork.sending.outboxes import NOON, id_of, opened, plan, row_of, settings_for, stands, token

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

IN_FILES = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # what has nothing to do with the database


def _send(store: Store, server: Server | None, at: datetime = NOON, **values: Any) -> Counter[str]:
    """One turn of one sender."""
    return send_due(store, settings_for(server), at=lambda: at, sender="a", **values)


def _set(store: Store, table: Any, where: Any, **values: object) -> None:
    with to_write(store.field) as connection:
        connection.execute(update(table).where(where).values(**values))


def test_what_is_due_is_sent_once(store: Store, tmp_path: Path) -> None:
    """In the person's language if the study has it, with the id of the row as Message-ID; a second turn sends nothing."""
    opened(store, tmp_path)
    for number, language in enumerate(("en", "fr", None, "de")):
        plan(store, f"c-{number:03d}", email=f"c{number}@example.org", language=language)
    plan(store, "c-004", email="c4@example.org", due="2027-03-04T11:00:01Z")
    with serving() as server:
        assert Counter(sent=4) == _send(store, server)
        assert Counter() == _send(store, server)
        subjects = {to: str(message["Subject"])[:4] for to, message in server.taken}
        ids = sorted(server.ids)
    assert {
        "c0@example.org": "Your",
        "c1@example.org": "Votr",
        "c2@example.org": "Votr",
        "c3@example.org": "Votr",
    } == subjects
    assert sorted(f"<{id_of(f'c-{n:03d}').hex()}@banque.example>" for n in range(4)) == ids
    row = row_of(store, id_of("c-000"))
    assert ("sent", "", 1, stamp(NOON)) == (row["state"], row["reason"], row["tries"], row["sent"])
    assert "planned" == row_of(store, id_of("c-004"))["state"]


def test_the_links_of_a_message_are_known_to_the_store_by_marks(store: Store, tmp_path: Path) -> None:
    """Two a person, however many messages; neither the letters of a link nor the token can be read in the database."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org")
    plan(store, "c-000", step=1, due="2027-03-08T08:00:00Z")
    with serving() as server:
        _send(store, server)
        _send(store, server, moment("2027-03-08T11:00:00Z"))
        outs = {str(message["List-Unsubscribe"]) for _, message in server.taken}
    assert 1 == len(outs)
    with store.field.connect() as connection:
        rows = connection.execute(select(LINKS)).all()
    assert [("out", hash_of(token(store, "c-000"))), ("short", hash_of(token(store, "c-000")))] == sorted(
        (row.kind, bytes(row.token)) for row in rows
    )
    (out,) = outs
    assert not any(out[-12:-1].encode() in bytes(row.mark) for row in rows)


@IN_FILES
def test_nothing_leaves_outside_the_hours(store: Store, tmp_path: Path) -> None:
    """Before nine and from half past seven in the evening, by the clock of Paris, what is due waits; then it goes."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org", due="2027-03-03T08:00:00Z")
    with serving() as server:
        for at in ("2027-03-04T07:59:59Z", "2027-03-03T18:30:00Z", "2027-03-03T23:00:00Z"):
            assert Counter() == _send(store, server, moment(at))
        assert "planned" == row_of(store, id_of("c-000"))["state"]
        assert Counter(sent=1) == _send(store, server, moment("2027-03-04T08:00:00Z"))


def test_each_message_is_looked_at_again(store: Store, tmp_path: Path) -> None:
    """Whoever answered, refused, opted out, was erased or has no address any more gets none; so do full cells and late ones.

    An employee gets the invitation all the same: who had none would be known to have answered before.
    """
    opened(store, tmp_path, 12)
    for number in range(10):
        plan(
            store,
            f"c-{number:03d}",
            email=f"c{number}@example.org",
            expires="2027-03-04T11:00:00Z" if number == 4 else "2027-03-10T23:00:00Z",
        )
    plan(store, "e-000")
    plan(store, "e-001", email="e1@example.org")
    _set(store, INVITATIONS, INVITATIONS.c.token == hash_of(token(store, "e-001")), state="complete")
    for number, state in enumerate(("complete", "refused", "over quota")):
        _set(store, INVITATIONS, INVITATIONS.c.token == hash_of(token(store, f"c-{number:03d}")), state=state)
    _set(store, INVITATIONS, INVITATIONS.c.token == hash_of(token(store, "c-005")), person="~" + "0" * 32)
    _set(store, ADDRESSES, ADDRESSES.c.contact == "c-006", bad="email sms")
    with to_write(store.field) as connection:
        opt_out(connection, ledger_key(store.folder), ["c-003"], NOON, "page")
        full = {"wave": "cold", "audience": "customers", "quota": "2 per site per wave", "period": "wave", "most": 2}
        connection.execute(QUOTAS.insert().values(**full, cell='["south"]', taken=2))
    with serving() as server:
        assert Counter(sent=2, dropped=10) == _send(store, server)
        assert {"c8@example.org", "e1@example.org"} == {to for to, _ in server.taken}
    reasons = (
        "answered",
        "refused",
        "over quota",
        "opted out",
        "expired",
        "erased",
        "bounced",
        "over quota",
        "",
        "over quota",
    )
    assert {f"c-{n:03d}/0": ("dropped" if each else "sent", each) for n, each in enumerate(reasons)} | {
        "e-000/0": ("dropped", "no address"),
        "e-001/0": ("sent", ""),
    } == stands(store)


@IN_FILES
def test_a_closed_wave_sends_nothing(store: Store, tmp_path: Path) -> None:
    """Once its last day is over, or it was closed, everything planned is dropped."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org", expires="2027-04-21T23:00:00Z")
    plan(store, "c-001", email="c1@example.org", expires="2027-04-21T23:00:00Z", due="2027-04-20T23:00:00Z")
    with serving() as server:
        assert Counter(dropped=2) == _send(store, server, moment("2027-03-22T11:00:00Z"))
        assert {("dropped", "wave closed")} == set(stands(store).values())
        close_wave(store, "cold", now=NOON)
        _set(store, OUTBOX, OUTBOX.c.contact == "c-000", state="planned", reason="")
        assert Counter(dropped=1) == _send(store, server)
        assert 0 == server.tries


@IN_FILES
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"state": "sent", "sent": "2027-03-01T09:00:00Z"}, ("sent", "", None)),
        ({"state": "uncertain", "claimed": "2027-03-01T09:00:00Z"}, ("sent", "", None)),
        ({"state": "bounced"}, ("dropped", "not invited", None)),
        ({"state": "dropped", "reason": "no address"}, ("dropped", "not invited", None)),
        ({"state": "planned", "due": "2027-03-05T09:00:00Z"}, ("planned", "", "2027-03-05T11:00:00Z")),
        ({"state": "sent", "sent": "2027-03-03T18:00:00Z"}, ("planned", "", "2027-03-04T18:00:00Z")),
        ({"state": "sent", "sent": "2027-03-04T10:59:00Z"}, ("planned", "", "2027-03-05T10:59:00Z")),
    ],
)
def test_a_reminder_follows_an_invitation_and_by_a_day_at_least(
    store: Store, tmp_path: Path, first: dict[str, str], then: tuple[str, str, str | None]
) -> None:
    """Not without an invitation that went out; and not in a heap, where the server was away for days."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org", **first)
    plan(store, "c-000", step=1)
    with serving() as server:
        _send(store, server)
    row = row_of(store, id_of("c-000", 1))
    assert then == (row["state"], row["reason"], row["due"] if row["state"] == "planned" else None)


@IN_FILES
def test_a_bad_address_is_remembered(store: Store, tmp_path: Path) -> None:
    """So that nobody writes to it again in another wave; the reason does not hold it."""
    opened(store, tmp_path)
    plan(store, "c-000", email="bounce-x@example.org")
    plan(store, "c-001", email="policy-x@example.org")
    plan(store, "c-002", email="a b@example.org")
    with serving() as server:
        assert Counter(bounced=3) == _send(store, server)
    assert {
        "c-000/0": ("bounced", "550 5.1.1 no such address"),
        "c-001/0": ("bounced", "550 5.7.1 refused by a rule of the server"),
        "c-002/0": ("bounced", "malformed address"),
    } == stands(store)
    with store.field.connect() as connection:
        bad = {row.contact: row.bad for row in connection.execute(select(ADDRESSES))}
    assert {"c-000": "email", "c-001": "", "c-002": "email"} == bad


@IN_FILES
def test_a_sender_that_stopped_leaves_doubt_and_no_double(store: Store, tmp_path: Path) -> None:
    """A claim is left alone for a quarter of an hour, then uncertain for good; a reminder repairs it."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org", state="sending", sender="b", claimed="2027-03-04T10:50:00Z")
    plan(store, "c-000", step=1, due="2027-03-08T08:00:00Z")
    with serving() as server:
        assert Counter() == _send(store, server)
        assert Counter(uncertain=1) == _send(store, server, moment("2027-03-04T11:05:00Z"))
        assert Counter() == _send(store, server, moment("2027-03-05T11:00:00Z"))
        assert Counter(sent=1) == _send(store, server, moment("2027-03-08T11:00:00Z"))
    assert {"c-000/0": ("uncertain", "the sender stopped"), "c-000/1": ("sent", "")} == stands(store)


@IN_FILES
def test_a_server_that_cannot_be_used_leaves_everything_planned(store: Store, tmp_path: Path) -> None:
    """Nothing is claimed before there is a connection; a sender that is refused gives its claim back."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org")
    with serving() as server:
        server.sender_refused = True
        with pytest.raises(DataError, match="SND06"):
            _send(store, server)
    with pytest.raises(DataError, match="SND05"):
        _send(store, server)
    row = row_of(store, id_of("c-000"))
    assert ("planned", 0, None, None) == tuple(row[each] for each in ("state", "tries", "sender", "claimed"))


@IN_FILES
def test_what_cannot_even_be_written_is_given_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault before anything left costs nobody their message; the others go first the next time."""
    from symmetry.fieldwork.sending import outbox

    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org")
    plan(store, "c-001", email="c1@example.org", due="2027-03-04T09:00:00Z")
    with serving() as server:
        with monkeypatch.context() as broken:
            broken.setattr(outbox, "mail_of", lambda _: {}["nothing"])
            with pytest.raises(KeyError):
                _send(store, server)
        assert Counter(sent=1) == _send(store, server)
    row = row_of(store, id_of("c-000"))
    assert ("planned", 0, None, "2027-03-04T12:00:00Z") == tuple(
        row[each] for each in ("state", "tries", "claimed", "due")
    )
    assert "sent" == row_of(store, id_of("c-001"))["state"]


@IN_FILES
def test_what_no_settings_speak_of_waits(store: Store, tmp_path: Path) -> None:
    """Mail without a server, and text messages without a gateway, stay planned and are counted."""
    opened(store, tmp_path)
    plan(store, "c-000", email="c0@example.org")
    plan(store, "c-001", phone="+33612345678", channel="sms")
    said: list[str] = []
    assert Counter(waiting=2) == _send(store, None, tell=said.append)
    assert [
        "1 messages wait: sending.yaml says nothing of email",
        "1 messages wait: sending.yaml says nothing of sms",
    ] == said


@IN_FILES
def test_no_more_than_wanted_are_sent_and_no_faster(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`most` ends the turn; `a_minute` spreads messages evenly."""
    from symmetry.fieldwork.sending import outbox

    opened(store, tmp_path)
    for number in range(5):
        plan(store, f"c-{number:03d}", email=f"c{number}@example.org")
    clock, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(outbox.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(outbox.time, "sleep", sleep)
    with serving() as server:
        settings = settings_for(server)
        assert settings.email is not None
        slow = replace(settings, email=replace(settings.email, a_minute=30))
        assert Counter(sent=3) == send_due(store, slow, at=lambda: NOON, sender="a", most=3)
    assert [2.0, 2.0] == slept
