"""Opting out, for good: by contact and by each known address, so that nobody comes back under another name.

There is no opting in: who changed their mind writes to the people who keep the store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from symmetry.fieldwork.contacts.counting import among
from symmetry.fieldwork.contacts.ledger import addresses_of, opted
from symmetry.fieldwork.contacts.marking import mark_of, marks, marks_of
from symmetry.fieldwork.inviting.messages import many
from symmetry.fieldwork.store.tables import ADDRESSES, OPT_OUTS, WAVES
from symmetry.fieldwork.timing import day_of
from symmetry.spec import Contact

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["bounced", "holders", "keep_out", "opt_out", "opted_out", "stay_out"]


def opt_out(connection: Connection, key: bytes, contacts: Sequence[str], at: datetime, how: str) -> int:
    """Write to these people no more, in no wave and by no channel.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write.
    key : of the ledger.
    contacts : who; a pseudonym is one too.
    at : the moment; its day by the clock of the study is kept.
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
    own = {}
    for contact in contacts:
        row = rows.get(contact)
        own[contact] = marks_of(key, contact, row.email if row else None, row.phone if row else None)
    new = keep_out(connection, [mark for each in own.values() for mark in each], at, how)
    return sum(each[0] in new for each in own.values())


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
        day = _day_of(connection, at)
        _keep(connection, [{"mark": mark, "day": day, "how": how} for mark in sorted(new)])
    return new


def stay_out(
    connection: Connection, key: bytes, had: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> set[str]:
    """Keep people out whose address changes: who opted out by an address has opted out with the next one as well.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write, before the new addresses are written.
    key : of the ledger.
    had : contact → "email" and "phone" as they are known ("" for none).
    new : contact → those that take their place; every contact that is asked about, also one of whom nothing changes.

    Returns
    -------
    Those who opted out, by themselves or by an address, the old or the new one.  Each of them is kept out by name and by all of
    these addresses from now on, with the first day and way.
    """
    pairs = list(zip(marks(key, "contact", new), new, strict=True))
    for kind in ("email", "phone"):
        texts = {
            (contact, known[contact][kind]) for known in (had, new) for contact in new if _has(known, contact, kind)
        }
        pairs += zip(marks(key, kind, (text for _, text in texts)), (contact for contact, _ in texts), strict=True)
    found = select(*OPT_OUTS.c["mark", "day", "how"]).where(among(OPT_OUTS.c.mark, [each for each, _ in pairs]))
    held = {bytes(row[0]): (row[1], row[2]) for row in connection.execute(found)}
    first: dict[str, tuple[str, str]] = {}
    for each, contact in pairs:
        if each in held:
            first[contact] = min(held[each], first.get(contact, held[each]))
    missing = {each: first[contact] for each, contact in pairs if contact in first and each not in held}
    _keep(connection, [{"mark": each, "day": day, "how": how} for each, (day, how) in sorted(missing.items())])
    return set(first)


def holders(connection: Connection, emails: Sequence[str]) -> list[str]:
    """The contacts who are known by one of some e-mail addresses, in any case of its letters."""
    wanted = {email.lower() for email in emails}
    if not wanted:
        return []
    rows = connection.execute(select(*ADDRESSES.c["contact", "email"]).where(ADDRESSES.c.email.is_not(None))).all()
    return [contact for contact, email in rows if email.lower() in wanted]


def _has(known: Mapping[str, Mapping[str, str]], contact: str, kind: str) -> bool:
    return contact in known and bool(known[contact].get(kind))


def _keep(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Write marks, unless they are there."""
    made = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(OPT_OUTS)
    many(connection, made.on_conflict_do_nothing(), rows)


def _day_of(connection: Connection, at: datetime) -> str:
    """The day of a moment by the clock of the study whose wave was opened last."""
    latest = select(WAVES.c.compiled).order_by(WAVES.c.opened.desc(), WAVES.c.wave).limit(1)
    compiled = connection.execute(latest).scalar_one_or_none()
    told = json.loads(compiled)["study"].get("contact") if compiled else None
    return day_of(at, Contact(tz=(told or {}).get("tz", "UTC"))).isoformat()


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
