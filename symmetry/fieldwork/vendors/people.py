"""Who answered: one text a row, from the column that a mapping names, from the tool's own, or the number of the row.

What says who an anonymous employee is (an address, a token, a number of the payroll) may tell doubles, and is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.nouns import VendorTable
from symmetry.spec import nearest

__all__ = ["People", "people_of", "with_people"]

_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
_SUMS = {
    *("total", "totals", "grand total", "totaux", "total général", "sum", "somme", "mean", "average", "moyenne"),
    *("base", "median", "médiane", "summe", "mittelwert"),
}


@dataclass(frozen=True)
class People:
    """The id of each row, the file column it is from ("" where a row is one person), and what is to be noted.

    `kept` are the ids that go with the answers; `asides` rows that are nobody: a total under the last answer.
    """

    column: str
    ids: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...] = ()
    asides: Mapping[int, str] = field(default_factory=dict)


def people_of(table: VendorTable, named: str | None, *, anonymous: bool) -> People:
    """Find the ids of the respondents.

    Parameters
    ----------
    table : the file.
    named : the column that a mapping names.
    anonymous : whether what says who a person is must not be kept: a tool's token is then left unused, and a column that is
        named only tells doubles.

    Raises
    ------
    DataError : no such column (VEN11), or rows without an id in it, or with one that a spreadsheet rounded (VEN12).
    """
    names = [column.name for column in table.columns]
    if named is not None and named not in names:
        what = f"the file of answers has no column `{named}` (`respondent:`)"
        raise DataError(what, where=Place(table.path), mend=nearest(named, names), code="VEN11")
    column = named or ("respondent" if "respondent" in names else _own(table, anonymous=anonymous))
    width = len(str(len(table.lines)))
    numbered = tuple(f"row {row + 1:0{width}d}" for row in range(len(table.lines)))
    if not column:
        return People("", numbered, numbered, ("no column of ids: each row is one person",))
    texts = table.cells[column]
    _refuse_rounded(table, column)
    blank = [int(row) for row in np.flatnonzero(texts == "") if int(row) not in table.asides]
    if blank:
        more = f" (and {len(blank) - 1} other rows)" if len(blank) > 1 else ""
        mend = "give every row its id, or name another column in a mapping: `respondent: NAME`"
        where = Place(table.path, table.lines[blank[0]])
        raise DataError([Problem(where, f"the row has no `{column}`{more}", mend, "VEN12")])
    ids = tuple(map(str, texts))
    response = table.with_role("response id")
    if anonymous and (response is None or response.name != column):
        note = f"respondents are told apart by `{column}`, which is not kept: employees of this study are anonymous"
        return People(column, ids, numbered, (note,), _totals(ids))
    return People(column, ids, ids, (f"respondents are told apart by `{column}`",), _totals(ids))


def _refuse_rounded(table: VendorTable, column: str) -> None:
    """Refuse ids that a spreadsheet wrote as 1.23457E+12: many people have become one."""
    found = [row for row, text in enumerate(table.cells[column]) if _ROUNDED.fullmatch(text)]
    if found:
        what = f"`{column}` holds “{table.cells[column][found[0]]}”: a spreadsheet has rounded the ids"
        mend = "export the answers again, and do not save them in a spreadsheet"
        raise DataError(what, where=Place(table.path, table.lines[found[0]]), mend=mend, code="VEN12")


def _totals(ids: Sequence[str]) -> dict[int, str]:
    """The rows at the end that are totals and no people."""
    found = {}
    for row in range(len(ids) - 1, -1, -1):
        if plain(ids[row]) not in _SUMS:
            break
        found[row] = "a total, and no answer"
    return found


def _own(table: VendorTable, *, anonymous: bool) -> str:
    """The tool's own column of ids: the token where every row has one, else the id of the response; "" without."""
    token, response = table.with_role("token"), table.with_role("response id")
    if token is not None and not anonymous and (table.cells[token.name] != "").all():
        return token.name
    return response.name if response is not None else ""


def with_people(table: VendorTable, people: People) -> VendorTable:
    """The table in which the column of the ids feeds nothing else, and totals are set aside."""
    columns = tuple(replace(c, role="respondent") if c.name == people.column else c for c in table.columns)
    return replace(table, columns=columns, asides={**people.asides, **table.asides})
