"""Of which tool a file is: by its own marks, told with the answer, and never by a guess between two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from symmetry.errors import DataError, Place
from symmetry.fieldwork.vendors.google import google_mark, google_table, plain_table
from symmetry.fieldwork.vendors.grids import read_bytes, read_grid
from symmetry.fieldwork.vendors.limesurvey import limesurvey_mark, limesurvey_table
from symmetry.fieldwork.vendors.nouns import VENDORS, Grid, VendorTable
from symmetry.fieldwork.vendors.qualtrics import qualtrics_mark, qualtrics_table
from symmetry.fieldwork.vendors.spss import is_sav, spss_table
from symmetry.spec import nearest

__all__ = ["read_table"]

_MARKS: Mapping[str, Callable[[Grid], str]] = {
    "limesurvey": limesurvey_mark,
    "qualtrics": qualtrics_mark,
    "google": google_mark,
}
_TABLES: Mapping[str, Callable[[Grid, str], VendorTable]] = {
    "limesurvey": limesurvey_table,
    "qualtrics": qualtrics_table,
    "google": google_table,
    "plain": plain_table,
}


def read_table(path: Path, *, vendor: str | None, encoding: str | None, sheet: str | None) -> VendorTable:
    """Read a file as the tool that wrote it meant it.

    Parameters
    ----------
    path : the file.
    vendor : one of `VENDORS`; without, the one whose marks the file bears, "plain" where it bears none.
    encoding, sheet : as for `read_grid`.

    Raises
    ------
    DataError : no such tool, marks of several (VEN02), headings without rows (VEN01), or a file that cannot be read.
    """
    if vendor is not None and vendor not in VENDORS:
        raise DataError(f"there is no tool `{vendor}`", mend=nearest(vendor, VENDORS), code="VEN02")
    content = read_bytes(path)
    if is_sav(content) or vendor == "spss":
        if not is_sav(content) or vendor not in (None, "spss"):
            what = f"{path.name} is {'an' if is_sav(content) else 'no'} SPSS file"
            raise DataError(what, where=Place(path), mend="leave `--vendor` out", code="VEN02")
        return spss_table(path, content, encoding)
    grid = read_grid(path, encoding=encoding, sheet=sheet)
    marks = {name: mark for name, find in _MARKS.items() if (mark := find(grid))}
    if vendor is None and len(marks) > 1:
        said = "; ".join(f"{name} by {mark}" for name, mark in marks.items())
        raise DataError(
            f"{path.name} could be of several tools: {said}",
            where=Place(path),
            mend="say which: `--vendor NAME`",
            code="VEN02",
        )
    name = vendor or next(iter(marks), "plain")
    said = marks.get(name) or ("your word" if vendor else "no marks of a tool")
    table = _TABLES[name](grid, said)
    if not table.lines:
        what, mend = f"{path.name} has headings and no row", "export the answers again"
        raise DataError(what, where=Place(path, 1), mend=mend, code="VEN01")
    return table
