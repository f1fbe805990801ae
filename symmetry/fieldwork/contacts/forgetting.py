"""Names become pseudonyms: of one person who asked for it, and of everybody once the time to keep names is over.

What a rule of contact needs stays: that somebody was written to, on which day, and whether they opted out.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from symmetry.fieldwork.contacts.counting import KEPT, SEALED, among
from symmetry.fieldwork.contacts.marking import mark, pseudonym
from symmetry.fieldwork.store.tables import CONTACTED, EVENTS, INVITATIONS, LINKS, OUTBOX, PLANNED, WAVES

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table, Update

__all__ = ["forget_outbox", "is_name", "rename"]


def is_name(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a name was not replaced yet."""
    return column.not_like("~%")


def forget_outbox(field: Connection, wave: str) -> dict[str, int]:
    """Take a closed wave's messages off: none goes any more, and of anonymous employees none tells who answered.

    Parameters
    ----------
    field : to the field database, in a transaction begun with the turn to write.
    wave : that is being closed.

    Returns
    -------
    "dropped" messages that were planned, and employees' reminders "forgotten"; called again, none.

    Notes
    -----
    A reminder goes to who has not answered, so where employees were promised anonymity, none is left to be seen.  Of their
    invitations, those that a rule or a missing address stopped say so; all others say the same.  Every row is written at once,
    since on PostgreSQL the transaction that wrote a row last can be told.
    """
    mine = OUTBOX.c.wave == wave
    planned = update(OUTBOX).where(mine, PLANNED)
    done = {"dropped": field.execute(planned.values(state="dropped", reason="wave closed")).rowcount, "forgotten": 0}
    tokens = select(INVITATIONS.c.token).where(INVITATIONS.c.wave == wave)
    field.execute(delete(LINKS).where(LINKS.c.kind == "short", LINKS.c.token.in_(tokens)))
    compiled = field.execute(select(WAVES.c.compiled).where(WAVES.c.wave == wave)).scalar_one()
    if json.loads(compiled)["study"]["privacy"]["employees"] == "anonymous":
        theirs = and_(mine, OUTBOX.c.audience == SEALED)
        done["forgotten"] = field.execute(delete(OUTBOX).where(theirs, OUTBOX.c.step > 0)).rowcount
        stopped = OUTBOX.c.reason.in_(KEPT)
        alike = {
            "reason": case((stopped, OUTBOX.c.reason), else_=""),
            "state": case((stopped, OUTBOX.c.state), else_="sent"),
            "sent": case((stopped, null()), else_=OUTBOX.c.due),
            "claimed": null(),
            "sender": null(),
            "tries": 0,
        }
        field.execute(update(OUTBOX).where(theirs).values(alike))
    return done


def rename(field: Connection, key: bytes, contacts: Collection[str], waves: Collection[str] | None = None) -> int:
    """Put pseudonyms in the place of contacts, persons and events, wherever they stand.

    A message gets another id too: whoever has the frame could work the old one out of wave, audience and person.

    Parameters
    ----------
    field : to the field database, in a transaction begun with the turn to write.
    key : of the ledger.
    contacts : whose names.
    waves : given, only in their invitations, messages and events; what others sent, and events without a wave, stay.

    Returns
    -------
    How many invitations were renamed.
    """
    names = {contact: pseudonym(key, contact) for contact in contacts}
    invitations = _rows(field, INVITATIONS, names, waves, "token", "person", "contact")
    _write(
        field,
        update(INVITATIONS)
        .where(INVITATIONS.c.token == bindparam("of"))
        .values(contact=bindparam("name"), person=bindparam("unit")),
        [
            {"of": token, "name": names[contact], "unit": f"~{mark(key, 'person', person).hex()}"}
            for token, person, contact in invitations
        ],
    )
    messages = _rows(field, OUTBOX, names, waves, "id", "contact")
    _write(
        field,
        update(OUTBOX).where(OUTBOX.c.id == bindparam("of")).values(contact=bindparam("name"), id=bindparam("fresh")),
        [{"of": number, "name": names[contact], "fresh": secrets.token_bytes(16)} for number, contact in messages],
    )
    happened = _rows(field, EVENTS, names, waves, "event", "contact")
    _write(
        field,
        update(EVENTS)
        .where(EVENTS.c.event == bindparam("of"))
        .values(event=bindparam("unit"), contact=bindparam("name"), known="{}", sha256=""),
        [
            {"of": event, "name": names[contact], "unit": f"~{mark(key, 'event', event).hex()}"}
            for event, contact in happened
        ],
    )
    if waves is None:
        _rename_contacted(field, names)
    return len(invitations)


def _rows(
    field: Connection, table: Table, names: Mapping[str, str], waves: Collection[str] | None, *columns: str
) -> list[Any]:
    """Rows of a table that hold one of some names, which stands in their last column."""
    mine = [] if waves is None else [table.c.wave.in_(waves)]
    rows = field.execute(select(*table.c[columns]).where(among(table.c.contact, names), *mine)).all()
    return [row for row in rows if row[-1] in names]


def _write(field: Connection, statement: Update, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        field.execute(statement, rows)


def _rename_contacted(field: Connection, names: Mapping[str, str]) -> None:
    """The days of what others sent stay, under the pseudonym, each once."""
    rows = _rows(field, CONTACTED, names, None, "day", "contact")
    if rows:
        made = (postgresql if field.dialect.name == "postgresql" else sqlite).insert(CONTACTED).on_conflict_do_nothing()
        field.execute(made, [{"contact": names[contact], "day": day} for day, contact in rows])
        theirs = delete(CONTACTED).where(CONTACTED.c.contact == bindparam("of"))
        field.execute(theirs, [{"of": contact} for contact in {row[-1] for row in rows}])
