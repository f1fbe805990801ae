"""Files that other systems leave: read whole and strictly, with whatever separator they have, or refused whole.

A file is refused where it is not what it says it is: another header, another encoding, cells moved to the wrong columns.  Then
nothing of it is taken; what is wrong with single rows is for others to say.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.errors import DataError, Place
from symmetry.fieldwork.frame_reading import read_listed
from symmetry.spec import nearest

if TYPE_CHECKING:
    from symmetry.fieldwork.files import RawTable
    from symmetry.fieldwork.taking.nouns import Kind

__all__ = ["read_taken"]

_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "addresses": (("contact",), ("email", "phone", "language")),
    "interactions": (("interaction",), ("contact",), ("touchpoint", "event"), ("at",)),
    "bounced": (("contact", "message_id"), ("channel",), ("day",)),
    "opted-out": (("contact", "email"),),
    "contacted": (("contact",), ("day",)),
}
"""Of each kind, the columns that it needs, one of each group."""

_FOREIGN: Mapping[str, tuple[str, ...]] = {
    "addresses": ("interaction", "message_id"),
    "interactions": ("message_id",),
    "bounced": ("interaction",),
    "opted-out": ("interaction", "message_id"),
    "contacted": ("interaction", "message_id", "reason"),
}
"""Columns that only files of another kind have."""

_IDS = ("contact", "interaction")
_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tabulator"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "at": re.compile(r"\d{4}-?\d\d-?\d\d"),
    "day": _DAY,
    "email": re.compile(r"[^@]+@[^@]+"),
    "phone": re.compile(r"[+(0-9]"),
    "language": re.compile(r"[A-Za-z]{2,3}\b"),
    "contact": re.compile(rf"(?!{_MOMENT.pattern})"),
    "interaction": re.compile(rf"(?!{_MOMENT.pattern})"),
    "touchpoint": re.compile(r"[^@+0-9]"),
    "event": re.compile(r"[^@+0-9]"),
    "channel": re.compile(r"[^@+]*\Z"),
}
"""How a cell of a column begins, in a file whose columns stand where its header says."""

_SUCH = {"at": "moment, such as 2027-03-04T09:00", "day": "day, such as 2027-03-04"}
_FEW = 3
_DOUBLY = re.compile(rb"[\xc3\xc2][\x80-\xbf]")


def read_taken(path: Path, kind: Kind, *, encoding: str = "utf-8") -> RawTable:
    """Read a file of a kind, all of its columns.

    Parameters
    ----------
    path : a CSV file (separated by commas, semicolons or tabulators; also one packed by gzip) or a Parquet file.
    kind : what it should hold.
    encoding : of a CSV file; one that begins with the mark of UTF-16 is read as that.

    Raises
    ------
    DataError : TAK01, a column lacks, or belongs to a file of another kind; TAK02, it holds two encodings; TAK03, most cells of a
        column cannot be what its header says; else as `frame_reading.read_listed`, with every row that has too many cells.
    """
    if path.suffix.lower() == ".parquet" or not path.is_file():
        raw = read_listed(path, _names_of(path), _IDS, encoding=encoding, what=kind)
    else:
        raw = _csv(path, kind, encoding)
    _check_header(path, raw.names, kind)
    _check_columns(raw)
    return raw


def _names_of(path: Path) -> Collection[str]:
    """The columns of a Parquet file; what cannot be read is reported by who reads it."""
    import pyarrow
    import pyarrow.parquet

    try:
        return tuple(pyarrow.parquet.read_schema(path).names)
    except (pyarrow.ArrowInvalid, OSError):
        return ()


def _csv(path: Path, kind: Kind, encoding: str) -> RawTable:
    """A CSV file; one that is packed, or has another separator, is written again with commas first, and read from there."""
    content, packed = path.read_bytes(), path.suffix.lower() == ".gz"
    try:
        content = gzip.decompress(content) if packed else content
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _is_utf8(encoding):
            encoding = "utf-16"
        text = content.decode(encoding).removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError, OSError, EOFError, zlib.error):
        return read_listed(path, (), _IDS, encoding=encoding, what=kind)  # which says it, with the line
    if not _is_utf8(encoding) and encoding.lower().replace("_", "-") not in ("utf-16", "utf16"):
        _refuse_both(path, content, encoding)
    header = next((line for line in text.splitlines() if line.strip()), "")
    split = {sign: next(_rows(path, header, sign), (1, []))[1] for sign in _SEPARATORS}
    separator = max(split, key=lambda sign: len(split[sign]))
    names = tuple(name.strip() for name in split[separator])
    lines = [line for line, _ in _rows(path, text, separator)][1:]
    if separator == "," and not packed:
        raw = read_listed(path, names, _IDS, encoding=encoding, what=kind)
        return replace(raw, line_of=lines.__getitem__)
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder) / (path.name[:-3] if packed else path.name)
        aside.write_text(_with_commas(path, text, separator), encoding="utf-8", newline="")
        try:
            raw = read_listed(aside, names, _IDS, encoding="utf-8", what=kind)
        except DataError as error:
            moved = [replace(each, where=Place(path, each.where.line if each.where else 0)) for each in error.problems]
            raise DataError(moved) from error
    return replace(raw, path=path, line_of=lines.__getitem__)


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")


def _rows(path: Path, text: str, separator: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Each row that has cells, and the line on which it begins, lines inside quotes counted."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    before = 0
    try:
        for cells in reader:
            if cells:
                yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        what = f"{path.name} is not a sound CSV file: {error}"
        mend = "export it again; a quote that nobody closes makes one cell of all that follows"
        raise DataError(what, where=Place(path, before + 1), mend=mend, code="DATA14") from error


def _with_commas(path: Path, text: str, separator: str) -> str:
    """A table with another separator as one with commas."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(cells for _, cells in _rows(path, text, separator, strict=True))
    return out.getvalue()


def _refuse_both(path: Path, content: bytes, encoding: str) -> None:
    """Refuse a file said to be of one encoding in which letters stand as UTF-8 writes them."""
    for number, line in enumerate(content.splitlines(), 1):
        if _DOUBLY.search(line):
            what = f"{path.name} is said to be {encoding}, and holds letters as UTF-8 writes them"
            mend = "export it in one encoding, or leave --encoding out"
            raise DataError(what, where=Place(path, number), mend=mend, code="TAK02")


def _check_header(path: Path, names: tuple[str, ...], kind: Kind) -> None:
    """Refuse a file of another kind."""
    for group in _NEEDED[kind]:
        if not set(group) & set(names):
            wanted = " or ".join(f"`{name}`" for name in group)
            what = f"{path.name} is no file of {kind}: there is no column {wanted}"
            mend = f"rename the column that holds it: {nearest(group[0], names)}"
            raise DataError(what, where=Place(path, 1), mend=mend, code="TAK01")
    foreign = [name for name in _FOREIGN[kind] if name in names]
    if foreign:
        what = f"{path.name} is no file of {kind}: those have no column `{foreign[0]}`"
        mend = "name the kind it is of, or leave the column out"
        raise DataError(what, where=Place(path, 1), mend=mend, code="TAK01")


def _check_columns(raw: RawTable) -> None:
    """Refuse a file in which most cells of a column are what another column should hold."""
    for name, form in _FORMS.items():
        cells = raw.cells.get(name)
        if cells is None:
            continue
        filled = wrong = 0
        first = -1
        for row, cell in enumerate(cells):
            if cell:
                filled += 1
                if not form.match(cell):
                    wrong += 1
                    first = row if first < 0 else first
        if wrong >= _FEW and 2 * wrong > filled:
            what = f"{wrong} of {filled} cells of `{name}` cannot be what the header says: columns are shifted"
            mend = "export the file again, each cell under its own name"
            if name in _SUCH and not any(_holds_days(raw, other) for other in raw.names if other != name):
                what = f"{wrong} of {filled} cells of `{name}` are no {_SUCH[name]}"
                mend = "export days as year, month, day"
            raise DataError(what, where=Place(raw.path, raw.line_of(first)), mend=mend, code="TAK03")


def _holds_days(raw: RawTable, name: str) -> bool:
    """Whether most cells of a column are days or moments."""
    filled = [cell for cell in raw.cells[name] if cell]
    return 2 * sum(bool(_DAY.match(cell)) for cell in filled) > len(filled)
