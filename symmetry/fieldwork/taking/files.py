"""A file taken: whole or not at all, and again without harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.taking.addresses import COUNTRIES
from symmetry.fieldwork.taking.aside import set_aside
from symmetry.fieldwork.taking.interactions import check_rows, ignored_in, take_rows
from symmetry.fieldwork.taking.nouns import KINDS, Taken
from symmetry.fieldwork.taking.reading import read_taken
from symmetry.fieldwork.taking.turning import turn
from symmetry.fieldwork.taking.whom import ROWS, Taking, Write

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["take_file"]

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "addresses": ("contact", "email", "phone", "language"),
    "bounced": ("contact", "message_id", "channel", "day", "reason"),
    "opted-out": ("contact", "email"),
    "contacted": ("contact", "day"),
}


def take_file(
    store: Store, kind: str, path: Path, *, at: datetime, encoding: str = "utf-8", country: str | None = None
) -> Taken:
    """Take a file.

    Parameters
    ----------
    store : the field.
    kind : what its rows are: "addresses" (contact and email, phone or language), "interactions" (interaction, contact,
        touchpoint or event, at, channel, frame items by key and, if known, email, phone, language), "bounced" (contact or
        message_id, channel, day, reason), "opted-out" (contact or email) or "contacted" (contact, day).
    path : a CSV file, separated by commas, semicolons or tabulators, or a Parquet file.
    at : now.
    encoding : of a CSV file.
    country : of telephone numbers that begin with one 0, such as "FR"; without, those are set aside.

    Returns
    -------
    Taken, once it is committed.  Rows that were set aside are written to `aside/` of the store, with their line and reason.

    Raises
    ------
    DataError : TAK00, no such kind or country; TAK01 to TAK04, DATA10 to DATA16 or FRM01, the file is refused.
    StoreAwayError : the database cannot be written to; nothing is taken.
    """
    found = next((each for each in KINDS if each == kind), None)
    if found is None:
        raise DataError(f"there is no kind `{kind}`", mend=f"name one of: {', '.join(KINDS)}", code="TAK00")
    if country is not None and country not in COUNTRIES:
        what = f"it is not known how numbers of `{country}` are dialled from abroad"
        raise DataError(what, mend=f"write them with +, or name one of: {', '.join(COUNTRIES)}", code="TAK00")
    _refuse_name(path, kind)
    raw = read_taken(path, found, encoding=encoding)
    rows = [dict(zip(raw.names, cells, strict=True)) for cells in zip(*(raw.cells[n] for n in raw.names), strict=True)]
    numbers = [raw.line_of(row) for row in range(raw.rows)]
    with plainly():
        if kind == "interactions":
            checked = check_rows(store, rows, numbers, at=at, country=country)
            write: Write = partial(take_rows, store=store, checked=checked, at=at)
            ignored = ignored_in(raw.names, checked.points)
        else:
            write = ROWS[kind](Taking(store, at, country), rows, numbers)
            ignored = tuple(name for name in raw.names if name not in _COLUMNS[kind])
        with to_write(store.field) as connection:
            turn(connection, long=True)
            said = write(connection)
            aside = set_aside(store, raw, said)  # before the end: what cannot be told of is not taken
    return Taken(found, raw.path.name, tuple(said), ignored, aside)


def _refuse_name(path: Path, kind: str) -> None:
    """Refuse a file whose name says that it is of another kind."""
    other = next((each for each in KINDS if path.name.lower().startswith(each)), kind)
    if other != kind:
        what = f"{path.name} is named as a file of {other}, not of {kind}"
        raise DataError(what, where=Place(path), mend=f"take it as {other}, or name it otherwise", code="TAK04")
