"""The workbook under an XLSForm: rows by column name in, rows by column name out, each with its row number.

Writing is by xlsxwriter, whose files are the same bytes for the same cells; reading is by openpyxl, so that a narrow space
of French typography comes back as it went, and by pyxform's own reader for the old .xls.  What a row means is left to
`xlsform` and `xlsform_import`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.exchange.leaving import units
from symmetry.spec.validating import nearest

__all__ = ["CELL", "Row", "Workbook", "read_bytes", "read_workbook", "write_workbook"]

SHEETS = ("survey", "choices", "settings", "external_choices", "_symmetry")
CELL = 32_767
LARGEST, UNPACKED, ROWS, COLUMNS = 20_000_000, 100_000_000, 20_000, 400
_XLS = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Row:
    """One row of a sheet: its cells by column name, empty ones left out, and its number in the spreadsheet."""

    number: int
    cells: Mapping[str, str]

    def get(self, *names: str) -> str:
        """The first of some columns that holds something."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


@dataclass(frozen=True)
class Workbook:
    """The sheets of an XLSForm that we know, by name; `others` are the rest of them."""

    path: Path
    sheets: Mapping[str, tuple[Row, ...]]
    columns: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = field(default=())

    def rows(self, sheet: str) -> tuple[Row, ...]:
        """The rows of a sheet, none where there is no such sheet."""
        return self.sheets.get(sheet, ())


def write_workbook(
    sheets: Mapping[str, Sequence[Mapping[str, str]]], columns: Mapping[str, Sequence[str]], source: Place | None = None
) -> bytes:
    """Write sheets of text cells; a column that no row fills is left out, the same cells give the same bytes.

    Raises
    ------
    SpecError : cells that hold more than a cell can (EXP05), at `source`; or the package xlsxwriter is not installed (XCH09).
    """
    check_cells(sheets, source)
    try:
        import xlsxwriter
    except ImportError as error:
        raise _lacks("xlsxwriter") from error
    from datetime import datetime

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"author": "symmetry", "created": datetime(2000, 1, 1)})
        head = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            used = [column for column in columns[name] if any(row.get(column) for row in rows)]
            for place, column in enumerate(used):
                sheet.write_string(0, place, column, head)
                widest = max([len(column), *(len(row.get(column, "")) for row in rows)])
                sheet.set_column(place, place, min(60, widest + 2))
                for number, row in enumerate(rows, start=1):
                    if row.get(column):
                        sheet.write_string(number, place, row[column])
    return made.getvalue()


def check_cells(sheets: Mapping[str, Sequence[Mapping[str, str]]], source: Place | None) -> None:
    """Refuse cells that a spreadsheet would cut: a route or a text can grow on its way into a form."""
    problems = [
        Problem(
            source,
            f"`{column}` of `{row.get('name') or row.get('key')}` has {units(words):,} characters as a form "
            f"writes it, and one cell of a workbook holds {CELL:,}",
            "shorten it",
            "EXP05",
        )
        for rows in sheets.values()
        for row in rows
        for column, words in row.items()
        if units(words) > CELL
    ]
    if problems:
        raise SpecError(problems)


def read_workbook(path: Path) -> Workbook:
    """Read the sheets of an XLSForm.

    Raises
    ------
    SpecError : no such file (XCH01), not a workbook (XCH02), too large (XCH04), no sheet `survey` (XCH03), or a survey
        without the columns `type` and `name` (XCH05).
    """
    raw = read_bytes(path)
    found, others = _old(path, raw) if raw[:4] == _XLS else _new(path, raw)
    if "survey" not in found:
        mend = nearest("survey", others) if others else "an XLSForm has the sheets `survey` and `choices`"
        raise SpecError("this workbook has no sheet `survey`", where=Place(path), mend=mend, code="XCH03")
    columns = {name: header for name, (header, _) in found.items()}
    for needed in (("type", "command"), ("name", "value", "tag")):
        if not set(needed) & set(columns["survey"]):
            what = f"the sheet `survey` has no column `{needed[0]}`"
            where = Place(f"{path}:survey", 1)
            raise SpecError(what, where=where, mend=nearest(needed[0], columns["survey"]), code="XCH05")
    return Workbook(path, {name: rows for name, (_, rows) in found.items()}, columns, others)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that is there and not too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            what = f"the file has {size:,} bytes, and {LARGEST:,} is the most a questionnaire needs"
            raise SpecError(what, where=Place(path), mend="take pictures and data out of it", code="XCH04")
        return path.read_bytes()
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise SpecError(what, where=Place(path), mend="check the path", code="XCH01") from error


_Sheets = dict[str, tuple[tuple[str, ...], tuple[Row, ...]]]


def _new(path: Path, raw: bytes) -> tuple[_Sheets, tuple[str, ...]]:
    """The sheets of an .xlsx, its size unpacked known before it is unpacked."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise _lacks("openpyxl") from error
    import warnings

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if size > UNPACKED:
            what = f"the workbook unpacks to {size:,} bytes, and {UNPACKED:,} is the most a questionnaire needs"
            raise SpecError(what, where=Place(path), mend="take pictures and data out of it", code="XCH04")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            found: _Sheets = {}
            for name in book.sheetnames:
                if name.lower() in SHEETS and name.lower() not in found:
                    sheet = book[name]
                    sheet.reset_dimensions()
                    found[name.lower()] = _sheet(path, name, sheet.iter_rows(values_only=True, max_col=COLUMNS))
            book.close()
    except SpecError:
        raise
    except Exception as error:  # openpyxl lets many kinds through: of zip, of XML, of its own
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        what = f"this is no Excel workbook that can be read: {reason}"
        raise SpecError(
            what, where=Place(path), mend="open it in a spreadsheet and save it as .xlsx", code="XCH02"
        ) from error
    return found, tuple(name for name in book.sheetnames if name.lower() not in SHEETS)


def _old(path: Path, raw: bytes) -> tuple[_Sheets, tuple[str, ...]]:
    """The sheets of an .xls, or of a workbook behind a password, which begins in the same way."""
    try:
        from pyxform.xls2json_backends import xls_to_dict
    except ImportError as error:
        raise _lacks("pyxform") from error
    try:
        read = xls_to_dict(io.BytesIO(raw))
    except Exception as error:  # xlrd lets many kinds through: of the compound file, of the book, of its own
        what = "this is no Excel workbook that can be read: an old or a locked one"
        raise SpecError(what, where=Place(path), mend="unlock it, and save it as .xlsx", code="XCH02") from error
    found: _Sheets = {}
    for name in SHEETS:
        if name in read:
            header = tuple(_column(key) for each in read[f"{name}_header"] for key in each)
            cells = ({_column(key): str(value) for key, value in row.items() if value} for row in read[name])
            found[name] = header, tuple(Row(number, each) for number, each in enumerate(cells, start=2) if each)
    return found, tuple(name for name in read["sheet_names"] if name.lower() not in SHEETS)


def _sheet(path: Path, name: str, lines: Iterable[Sequence[Any]]) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The header and the rows of one sheet."""
    header: list[str] = []
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if number > ROWS:
            what = f"the sheet `{name}` has more than {ROWS:,} rows"
            mend = "keep long lists of choices in a file of their own"
            raise SpecError(what, where=Place(f"{path}:{name}", ROWS), mend=mend, code="XCH04")
        if number == 1:
            header = [_column(_text(value)) for value in line]
            continue
        cells: dict[str, str] = {}
        for column, value in zip(header, line, strict=False):
            text = _text(value)
            if column and text and column not in cells:
                cells[column] = text
        if cells:
            rows.append(Row(number, cells))
    return tuple(column for column in header if column), tuple(rows)


def _column(name: str) -> str:
    """The name of a column without the liberties that spreadsheets take: `Label : English (en)` is `label::English (en)`."""
    first, *rest = re.split(r"\s*::?\s*", name.strip(), maxsplit=1)
    return (
        "::".join([re.sub(r"[ -]+", "_", first.lower()), *rest])
        if first not in ("jr", "bind", "body")
        else name.strip()
    )


def _text(value: Any) -> str:
    """A cell as text: a whole number without its decimals, a truth value as XLSForm writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip(" \t\r\n")


def _lacks(package: str) -> SpecError:
    mend = "pip install 'symmetry[exchange]'"
    return SpecError(f"reading and writing XLSForms needs the package `{package}`", mend=mend, code="XCH09")
