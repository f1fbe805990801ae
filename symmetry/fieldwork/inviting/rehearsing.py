"""The day of a rehearsal: it stands still until somebody moves it on, and never goes back."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from symmetry.errors import DataError, Place
from symmetry.fieldwork.contacts.retaining import clock_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import WAVES
from symmetry.fieldwork.timing import NOON, day_of, local_moment

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["is_rehearsal", "moment_in", "move"]


def is_rehearsal(store: Store) -> bool:
    """Whether the waves of a field are rehearsed; all of them are, or none is."""
    with plainly(), store.field.connect() as field:
        return field.execute(select(WAVES.c.wave).where(WAVES.c.rehearsal.is_not(None)).limit(1)).first() is not None


def moment_in(store: Store, text: str) -> datetime:
    """A moment as somebody wrote it, by the clock of the study whose waves are open, or were; of a day alone its noon.

    Raises
    ------
    DataError : INV03, it cannot be read; INV04, no wave was opened.
    """
    last = select(WAVES.c.compiled).order_by(WAVES.c.state != "open", WAVES.c.first.desc(), WAVES.c.wave).limit(1)
    with plainly(), store.field.connect() as field:
        compiled = field.execute(last).scalar_one_or_none()
    if compiled is None:
        raise DataError("no wave was opened in this field", where=Place(store.folder), mend="open one", code="INV04")
    try:
        if len(text) == len("2027-03-04"):
            text = f"{date.fromisoformat(text)}T{NOON}"
        return local_moment(text, clock_of(compiled).tz)
    except ValueError as error:
        mend = "write a day, 2027-03-04, or a moment, 2027-03-04T18:00"
        raise DataError(f"`{text}`: {error}", where=Place(store.folder), mend=mend, code="INV03") from error


def move(store: Store, at: datetime) -> None:
    """Move a rehearsal on: the day of a moment stands for today from now on, also in a server that runs.

    Where no wave is open any more it goes on in those that are closed, since what they keep, they keep for a time.

    Parameters
    ----------
    store : of rehearsals.
    at : the moment, by the clock of each study.

    Raises
    ------
    DataError : INV01, the field is none of rehearsals; INV02, the rehearsal is further on already, and never goes back.
    """
    with plainly(), to_write(store.field) as field:
        every = select(*WAVES.c["wave", "state", "rehearsal", "compiled"]).order_by(WAVES.c.wave)
        there = field.execute(every.with_for_update()).all()
        rows = [row for row in there if row.state == "open"] or there
        days = {row.wave: day_of(at, clock_of(row.compiled)).isoformat() for row in rows}
        for row in rows:
            if row.rehearsal is None:
                mend = "leave --at out: now is now; a rehearsal takes a folder of its own (field open --rehearse-on)"
                what = f"wave `{row.wave}` is in earnest, and its day cannot be chosen"
                raise DataError(what, where=Place(store.folder), mend=mend, code="INV01")
            if days[row.wave] < row.rehearsal:
                what = f"the rehearsal of `{row.wave}` has come to {row.rehearsal}; it does not go back to {days[row.wave]}"
                mend = "go on from that day, or begin another rehearsal in a new folder"
                raise DataError(what, where=Place(store.folder), mend=mend, code="INV02")
        for row in rows:
            if days[row.wave] != row.rehearsal:
                field.execute(update(WAVES).where(WAVES.c.wave == row.wave).values(rehearsal=days[row.wave]))
