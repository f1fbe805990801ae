"""Opting out, for good: by contact and by each known address, so that nobody comes back under another name.

There is no opting in: who changed their mind writes to the people who keep the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from symmetry.fieldwork.contacts.counting import among
from symmetry.fieldwork.contacts.ledger import addresses_of, opted
from symmetry.fieldwork.contacts.marking import mark_of, marks_of
from symmetry.fieldwork.store.tables import ADDRESSES, OPT_OUTS

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["bounced", "keep_out", "opt_out", "opted_out"]


def opt_out(connection: Connection, key: bytes, contacts: Sequence[str], at: datetime, how: str) -> int:
    """Write to these people no more, in no wave and by no channel.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write.
    key : of the ledger.
    contacts : who; a pseudonym is one too.
    at : the moment; its day is kept.
    how : "one click", "page", "file" or "erased".

    Returns
    -------
    How many of them had not opted out before.  Called again it changes nothing: the first day and way stay.

    Notes
    -----
    The contact is kept as a keyed hash, and so is each address known today: somebody who comes in again later, under
    another identifier but with one of these addresses, has still opted out.
    """
    rows = addresses_of(connection, contacts)
    marks = {}
    for contact in contacts:
        row = rows.get(contact)
        marks[contact] = marks_of(key, contact, row.email if row else None, row.phone if row else None)
    new = keep_out(connection, [mark for each in marks.values() for mark in each], at, how)
    return sum(each[0] in new for each in marks.values())


def keep_out(connection: Connection, marks: Sequence[bytes], at: datetime, how: str) -> set[bytes]:
    """Keep the marks of people or addresses (`ledger.mark`) that no message may go to; those that were not there before.

    Parameters
    ----------
    connection, at, how : as for `opt_out`.
    marks : of contacts ("contact"), e-mail addresses ("email") or telephone numbers ("phone").
    """
    held = connection.execute(select(OPT_OUTS.c.mark).where(among(OPT_OUTS.c.mark, marks)))
    new = set(marks) - {bytes(mark) for mark in held.scalars()}
    if new:
        made = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(OPT_OUTS)
        day = at.date().isoformat()
        rows = [{"mark": mark, "day": day, "how": how} for mark in sorted(new)]
        connection.execute(made.on_conflict_do_nothing(), rows)
    return new


def opted_out(connection: Connection, key: bytes, contacts: Sequence[str]) -> set[str]:
    """Those of some contacts who opted out, by themselves or by an address that is theirs now.

    Parameters
    ----------
    connection : to the field database.
    key : of the ledger.
    contacts : who; a pseudonym is one too.
    """
    marks = {contact: mark_of(key, contact) for contact in contacts}
    return opted(connection, key, marks, addresses_of(connection, contacts))


def bounced(connection: Connection, contacts: Sequence[str], channel: str, at: datetime) -> int:
    """Remember that a channel does not reach some people, until another address of theirs comes in.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write.
    contacts : whose.
    channel : "email" or "sms".
    at : the moment; its day is kept.

    Returns
    -------
    How many addresses were good before; the others stay as they are, and so does who has none.
    """
    if channel not in ("email", "sms"):
        raise ValueError(f"{channel!r} has no address that could be bad")
    rows = addresses_of(connection, contacts).values()
    changed = [
        (row.contact, " ".join(sorted({*row.bad.split(), channel}))) for row in rows if channel not in row.bad.split()
    ]
    for contact, bad in changed:
        mine = update(ADDRESSES).where(ADDRESSES.c.contact == contact)
        connection.execute(mine.values(bad=bad, day=at.date().isoformat()))
    return len(changed)
