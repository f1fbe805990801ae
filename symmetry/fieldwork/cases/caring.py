"""Cases cared for: somebody has called back, or closed one.  What was marked once stays; no clock is turned back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from symmetry.errors import DataError
from symmetry.fieldwork.cases.nouns import Case
from symmetry.fieldwork.cases.reading import case_in, unknown_case
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import CASES
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["mark_called", "mark_closed"]


def mark_called(store: Store, name: str, at: datetime, *, by: str | None = None) -> tuple[Case, bool]:
    """Note that the person was called back.

    Parameters
    ----------
    store : the field.
    name : of the case.
    at : when.
    by : who called; the first name given stays.

    Returns
    -------
    The case, and whether this call changed anything: a case that was called back before keeps its moment.

    Raises
    ------
    DataError : CAS02, there is no such case; CAS03, it was closed without a call.
    """
    with plainly(), to_write(store.field) as connection:
        case = _case(connection, name)
        if case.called_back is not None:
            return case, False
        if case.closed is not None:
            what = f"case `{name}` was closed on {stamp(case.closed)} without a call"
            raise DataError(what, mend="a closed case stays as it is", code="CAS03")
        return _marked(connection, case, "called_back", at, by), True


def mark_closed(store: Store, name: str, at: datetime, *, by: str | None = None) -> tuple[Case, bool]:
    """Close a case, also without a call: some are settled otherwise.

    Parameters
    ----------
    store : the field.
    name : of the case.
    at : when.
    by : who closes it; the first name given stays.

    Returns
    -------
    The case, and whether this call changed anything.

    Raises
    ------
    DataError : CAS02, there is no such case.
    """
    with plainly(), to_write(store.field) as connection:
        case = _case(connection, name)
        if case.closed is not None:
            return case, False
        return _marked(connection, case, "closed", at, by), True


def _case(connection: Connection, name: str) -> Case:
    """The case, which nobody else marks meanwhile."""
    row = connection.execute(select(CASES).where(CASES.c.case == name).with_for_update()).one_or_none()
    if row is None:
        raise unknown_case(name)
    return case_in(row)


def _marked(connection: Connection, case: Case, column: str, at: datetime, by: str | None) -> Case:
    """Mark a step; never before the one it follows."""
    when = max(filter(None, (at, case.opened, case.called_back)))
    mine = update(CASES).where(CASES.c.case == case.case)
    values = {CASES.c[column]: stamp(when), CASES.c.by: func.coalesce(CASES.c.by, by)}
    connection.execute(mine.values(values))
    return case_in(connection.execute(select(CASES).where(CASES.c.case == case.case)).one())
