"""Whether the store knows a contact, under its name or its pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.errors import DataError, Place
from symmetry.fieldwork.contacts.marking import mark_of, pseudonym
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, EVENTS, INVITATIONS, OPT_OUTS, OUTBOX

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["is_known", "refuse_unknown"]

_WHERE = (INVITATIONS, OUTBOX, EVENTS, ADDRESSES, CONTACTED)


def is_known(field: Connection, key: bytes, contact: str) -> bool:
    """Whether a contact stands anywhere in the field database."""
    if field.execute(select(OPT_OUTS.c.mark).where(OPT_OUTS.c.mark == mark_of(key, contact))).first() is not None:
        return True
    forms = (contact, pseudonym(key, contact))
    looks = (select(table.c.contact).where(table.c.contact.in_(forms)).limit(1) for table in _WHERE)
    return any(field.execute(look).first() is not None for look in looks)


def refuse_unknown(store: Store, field: Connection, key: bytes, contact: str) -> None:
    """Refuse a contact that the store does not know; which ones it does know is not told.

    Raises
    ------
    DataError : LED01.
    """
    if not is_known(field, key, contact):
        raise DataError(
            f"this field knows no contact `{contact}`",
            where=Place(store.folder),
            mend="write the identifier as the frame, or the file of addresses, has it",
            code="LED01",
        )
