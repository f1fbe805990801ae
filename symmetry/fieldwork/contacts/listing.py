"""The ledger as a file of contacts made elsewhere, for draws that the store did not see: `symmetry draw --contacted`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from symmetry.fieldwork.contacts.counting import INVITED, SEALED, WHEN
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import CONTACTED, FIRST, OUTBOX, WAVES
from symmetry.fieldwork.timing import day_of, moment
from symmetry.spec import study_in

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["contacted"]


def contacted(store: Store) -> tuple[str, int]:
    """Who was invited on which day, by the field or by others.

    Parameters
    ----------
    store : the field.

    Returns
    -------
    CSV with the columns `contact` and `day`, sorted, each pair once; and how many invitations were left out, since their people
    have a pseudonym alone.

    Raises
    ------
    StoreAwayError : the database cannot be reached.

    Notes
    -----
    Invitations that were sent, or may have been; days are those of their wave's time zone.  Employees' by the day on which they
    are due, whatever became of them, since this depends on who answered.
    """
    left = and_(FIRST, OUTBOX.c.state.in_(("sent", "uncertain")), OUTBOX.c.audience != SEALED)
    gone = select(OUTBOX.c.wave, OUTBOX.c.contact, WHEN).where(or_(left, and_(INVITED, OUTBOX.c.audience == SEALED)))
    with plainly(), store.field.connect() as field:
        compiled = field.execute(select(WAVES.c.wave, WAVES.c.compiled)).all()
        rules = {wave: study_in(json.loads(each), Path(f"{wave}.json")).contact for wave, each in compiled}
        rows = [(contact, day_of(moment(when), rules[wave]).isoformat()) for wave, contact, when in field.execute(gone)]
        rows += [tuple(row) for row in field.execute(select(CONTACTED.c.contact, CONTACTED.c.day))]
    named = [row for row in rows if not row[0].startswith("~")]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("contact", "day"), *sorted(set(named))])
    return text.getvalue(), len(rows) - len(named)
