"""One sheet of a workbook as texts: numbers as people write them, days as ISO days, nothing hidden and nothing computed here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from symmetry.errors import DataError, Place
from symmetry.spec import nearest

__all__ = ["read_sheet"]

_UNPACKED = 1_000_000_000


def read_sheet(path: Path, content: bytes, sheet: str | None) -> tuple[list[list[str]], list[int], tuple[str, ...]]:
    """Rows of one sheet, their numbers, and what was noted.

    Raises
    ------
    DataError : no sound workbook, no such sheet, several to choose from, merged cells, errors, formulas without a result
        (VEN05); the package that reads workbooks is not installed (EXT01).
    """
    try:
        import openpyxl
    except ImportError as error:
        raise DataError("openpyxl is not installed", mend="pip install 'symmetry[exchange]'", code="EXT01") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > _UNPACKED:
                raise _fault(path, "unpacks to more than a gigabyte", "export it as CSV")
        book = openpyxl.load_workbook(io.BytesIO(content))
    except DataError:
        raise
    except Exception as error:  # openpyxl raises anything on a damaged file
        raise _fault(path, f"is no sound workbook: {error}", "save it again as .xlsx, or as CSV") from error
    chosen, notes = _chosen(path, book, sheet)
    _check_merged(path, chosen)
    cells = [list(row) for row in chosen.iter_rows()]
    computed = [cell for row in cells for cell in row if cell.data_type == "f"]
    results: Any = None
    if computed:
        results = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[chosen.title]
        empty = next((cell for cell in computed if results[cell.coordinate].value is None), None)
        if empty is not None:
            what = f"holds a formula without a result in {chosen.title}!{empty.coordinate}"
            raise _fault(path, what, "open it in a spreadsheet, paste the values, and save")
        notes = (*notes, f"{len(computed)} cells hold formulas: their last results were read")
    rows, lines = [], []
    for number, row in enumerate(cells, start=1):
        read = [results[cell.coordinate] if cell.data_type == "f" else cell for cell in row]
        _check_errors(path, chosen, read)
        texts = [_text(cell) for cell in read]
        if any(texts):
            rows.append(texts)
            lines.append(number)
    if not rows:
        raise _fault(path, f"holds nothing in the sheet `{chosen.title}`", "export the answers again")
    width = max(max(n for n, text in enumerate(row, start=1) if text) for row in rows)
    return [row[:width] for row in rows], lines, notes


def _chosen(path: Path, book: Any, sheet: str | None) -> tuple[Any, tuple[str, ...]]:
    """The sheet that was named, or the only visible one that holds something."""
    sheets = list(book.worksheets)
    titles = [each.title for each in sheets]
    if sheet is not None:
        if sheet not in titles:
            raise _fault(path, f"has no sheet `{sheet}`", nearest(sheet, titles))
        return book[sheet], (f"sheet `{sheet}`",)
    seen = [each for each in sheets if each.sheet_state == "visible"]
    full = [each for each in seen if each.max_row > 1 or each["A1"].value is not None]
    names = ", ".join(f"`{each.title}`" for each in full)
    if len(full) != 1:
        what = f"has several sheets: {names}" if full else "has no visible sheet that holds something"
        raise _fault(path, what, "name the one of the answers: `--sheet NAME`")
    hidden = [f"`{each.title}`" for each in sheets if each.sheet_state != "visible"]
    notes = (f"hidden sheets were not read: {', '.join(hidden)}",) if hidden else ()
    return full[0], (f"sheet `{full[0].title}`", *notes)


def _check_merged(path: Path, sheet: Any) -> None:
    """Refuse merged cells, in which all but the first would be read as blank."""
    merged = sorted(str(each) for each in sheet.merged_cells.ranges)
    if merged:
        what = f"has merged cells in {sheet.title}: {', '.join(merged[:5])}"
        raise _fault(path, what, "unmerge them, and give every column its name and every row its cells")


def _check_errors(path: Path, sheet: Any, row: Sequence[Any]) -> None:
    """Refuse what a spreadsheet failed to compute (#DIV/0!), which is no answer."""
    wrong = next((cell for cell in row if cell.data_type == "e"), None)
    if wrong is not None:
        what = f"holds the error {wrong.value} in {sheet.title}!{wrong.coordinate}"
        raise _fault(path, what, "mend or empty the cell, and save")


def _text(cell: Any) -> str:
    """A cell as text: 5.0 is 5, a day without a time is a day."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def _fault(path: Path, what: str, mend: str) -> DataError:
    return DataError(f"{path.name} {what}", where=Place(path), mend=mend, code="VEN05")
