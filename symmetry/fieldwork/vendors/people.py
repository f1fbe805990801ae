"""Who answered: one text a row, from the column that a mapping names, from the tool's own, or the number of the row."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.vendors.nouns import VendorTable
from symmetry.spec import nearest

__all__ = ["People", "people_of", "with_people"]


@dataclass(frozen=True)
class People:
    """The id of each row, the file column it is from ("" where a row is one person), and what is to be noted."""

    column: str
    ids: tuple[str, ...]
    notes: tuple[str, ...] = ()


def people_of(table: VendorTable, named: str | None, *, anonymous: bool) -> People:
    """Find the ids of the respondents.

    Parameters
    ----------
    table : the file.
    named : the column that a mapping names.
    anonymous : whether what says who a person is must not be used; a tool's token is then left unused.

    Raises
    ------
    DataError : no such column (VEN11), or rows without an id in it (VEN12).
    """
    names = [column.name for column in table.columns]
    if named is not None and named not in names:
        what = f"the file of answers has no column `{named}` (`respondent:`)"
        raise DataError(what, where=Place(table.path), mend=nearest(named, names), code="VEN11")
    column = named or ("respondent" if "respondent" in names else _own(table, anonymous=anonymous))
    if not column:
        width = len(str(len(table.lines)))
        ids = tuple(f"row {row + 1:0{width}d}" for row in range(len(table.lines)))
        return People("", ids, ("no column of ids: each row is one person",))
    texts = table.cells[column]
    blank = [int(row) for row in np.flatnonzero(texts == "") if int(row) not in table.asides]
    if blank:
        more = f" (and {len(blank) - 1} other rows)" if len(blank) > 1 else ""
        mend = "give every row its id, or name another column in a mapping: `respondent: NAME`"
        where = Place(table.path, table.lines[blank[0]])
        raise DataError([Problem(where, f"the row has no `{column}`{more}", mend, "VEN12")])
    return People(column, tuple(map(str, texts)), (f"respondents are told apart by `{column}`",))


def _own(table: VendorTable, *, anonymous: bool) -> str:
    """The tool's own column of ids: the token where every row has one, else the id of the response; "" without."""
    token, response = table.with_role("token"), table.with_role("response id")
    if token is not None and not anonymous and (table.cells[token.name] != "").all():
        return token.name
    return response.name if response is not None else ""


def with_people(table: VendorTable, people: People) -> VendorTable:
    """The table in which the column of the ids feeds nothing else."""
    columns = tuple(replace(c, role="respondent") if c.name == people.column else c for c in table.columns)
    return replace(table, columns=columns)
