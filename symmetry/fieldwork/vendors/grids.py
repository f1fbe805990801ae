"""The rows of a CSV, TSV or XLSX file as texts, strictly: an encoding is declared or known by its mark, never guessed."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from pathlib import Path

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.vendors.nouns import Grid
from symmetry.fieldwork.vendors.workbooks import read_sheet

__all__ = ["read_bytes", "read_grid"]

_MOST = 20
_LARGEST = 500_000_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SINGLE = ("cp125", "iso8859", "latin", "mac")
_DOUBLY = re.compile(rb"[\xc3\xc2][\x80-\xbf]")
_CONTROL = re.compile(r"[\x80-\x9f]")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabulators", "|": "bars"}


def read_bytes(path: Path) -> bytes:
    """The content of a file that must be there, hold something, and be of a size that fits the memory."""
    try:
        size = path.stat().st_size
        content = b"" if size > _LARGEST else path.read_bytes()
    except OSError as error:
        what = f"{path.name} cannot be read: {error.strerror}"
        raise DataError(what, where=Place(path), mend="check the path and its rights", code="VEN01") from error
    if size > _LARGEST:
        what = f"{path.name} has {size:,} bytes, more than the {_LARGEST:,} that are read at once"
        raise DataError(what, where=Place(path), mend="export it in parts", code="VEN01")
    if not content.strip():
        raise DataError(f"{path.name} is empty", where=Place(path), mend="export the answers again", code="VEN01")
    return content


def read_grid(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> Grid:
    """Every row of a text file or of a sheet.

    Parameters
    ----------
    path : a .csv, .tsv, .txt (each also .gz) or .xlsx file.
    encoding : of a text file; without, what its byte order mark says, else UTF-8.
    sheet : of a workbook; without, the only visible one that holds something.

    Returns
    -------
    Grid of outer-stripped texts; no row is left out but those that hold nothing at all.

    Raises
    ------
    DataError : missing, empty or too large (VEN01), a byte of another encoding (VEN03), rows of unequal length (VEN04), a
        workbook with merged cells, formulas without a result, or several sheets (VEN05).
    """
    content = read_bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(path, content)
    if content.startswith(b"PK"):
        rows, lines, notes = read_sheet(path, content, sheet)
        return Grid(path, rows, lines, sha256, notes=notes)
    if content.startswith(b"PAR1"):
        what, mend = f"{path.name} is Parquet, which import does not read", "write it as CSV: `--to csv` of `export`"
        raise DataError(what, where=Place(path), mend=mend, code="VEN01")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        what = f"{path.name} is an old workbook (.xls)"
        raise DataError(what, where=Place(path), mend="save it as .xlsx, or as CSV in UTF-8", code="VEN05")
    text, known = _decoded(path, content, encoding)
    separator = _separator(text)
    rows, lines, bare = _rows(path, text, separator)
    said = [f"{known}, separated by {_SEPARATORS[separator]}"]
    said += [f"{bare} rows without any cell were left out"] if bare else []
    twice = re.search(r"[ÃÂ][\x80-\xbf\u2018-\u201e\u2020-\u2026\u20ac]\w*", text)
    said += [f"“{twice[0]}” looks like UTF-8 that was encoded twice"] if twice else []
    return Grid(path, rows, lines, sha256, french=separator in ";\t", notes=tuple(said))


def _unpacked(path: Path, content: bytes) -> bytes:
    """The content of a gzip file."""
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            found = packed.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        what, mend = f"{path.name} is not a whole gzip file: {error}", "fetch it again"
        raise DataError(what, where=Place(path), mend=mend, code="VEN01") from error
    if len(found) > _LARGEST or not found.strip():
        what = f"{path.name} unpacks to {'too much' if found else 'nothing'}"
        raise DataError(what, where=Place(path), mend="export the answers again, or in parts", code="VEN01")
    return found


def _decoded(path: Path, content: bytes, encoding: str | None) -> tuple[str, str]:
    """The text of a file, and its encoding."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if marked is None and encoding is None and _is_wide(content):
        marked = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    name = encoding or marked or "utf-8"
    try:
        text = content.decode(name)
    except LookupError as error:
        what, mend = f"`{name}` is no known encoding", "write for example `--encoding cp1252`"
        raise DataError(what, where=Place(path), mend=mend, code="VEN03") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        mixed = any(byte > 127 for byte in content[: error.start])
        what = f"byte {error.start + 1} of {path.name} (0x{content[error.start]:02x}) is not {name}"
        what += ", though others before it are: the file mixes encodings" if mixed and name.startswith("utf-8") else ""
        mend = "export it again in UTF-8" if mixed else "give the file's own, for example `--encoding cp1252`"
        raise DataError(what, where=Place(path, line), mend=mend, code="VEN03") from error
    _check_other(path, content, text, name)
    return text.removeprefix("\ufeff"), name.removesuffix("-sig")


def _check_other(path: Path, content: bytes, text: str, name: str) -> None:
    """Refuse text that was decoded by the wrong encoding without an error, as UTF-8 under cp1252 is."""
    if "\0" in text:
        what = f"{path.name} holds zero bytes, so it is no {name} text"
        raise DataError(what, where=Place(path), mend="give its own: `--encoding utf-16`", code="VEN03")
    if not codecs.lookup(name).name.startswith(_SINGLE) or content.isascii():
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        for number, line in enumerate(content.splitlines(), start=1):
            if _DOUBLY.search(line):
                what = f"{path.name} mixes encodings: here letters stand as UTF-8 writes them, elsewhere not"
                raise DataError(
                    what, where=Place(path, number), mend="export it in one encoding", code="VEN03"
                ) from None
        strange = _CONTROL.search(text)
        if strange:
            what = f"{path.name} is no {name}: read so, it holds the control character {strange[0]!a}"
            line_no = text.count("\n", 0, strange.start()) + 1
            mend = "give its own, for example `--encoding cp1252`"
            raise DataError(what, where=Place(path, line_no), mend=mend, code="VEN03") from None
        return
    what = f"{path.name} is UTF-8, not {name}"
    raise DataError(what, where=Place(path), mend="leave `--encoding` out", code="VEN03")


def _is_wide(content: bytes) -> bool:
    """Whether a text without a mark is UTF-16, as every second byte of plain letters is then zero."""
    start = content[:400]
    return len(start) > 3 and max(start[0::2].count(0), start[1::2].count(0)) > len(start) // 4


def _separator(text: str) -> str:
    """The sign that makes most cells of the first line that holds something."""
    counts = {}
    for sign in _SEPARATORS:
        try:
            first = next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if any(row)), [])
        except csv.Error:  # a cell without an end is none by this sign; the reader of the rows says so by any
            first = []
        counts[sign] = len(first)
    return max(counts, key=lambda sign: counts[sign])


def _rows(path: Path, text: str, separator: str) -> tuple[list[list[str]], list[int], int]:
    """The rows, the lines on which they begin, and how many held nothing; every row has as many cells as most have."""
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = bare = 0
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append(cells)
                lines.append(before + 1)
            bare += bool(row) and not any(cells)
            before = reader.line_num
    except csv.Error as error:
        what = f"{path.name} is not a sound text table: {error}"
        raise DataError(what, where=Place(path, before + 1), mend="export it again", code="VEN04") from error
    width = Counter(map(len, rows)).most_common(1)[0][0] if len(rows) > 2 else len(rows[0])
    wrong = [number for number, row in enumerate(rows) if len(row) != width]
    if wrong:
        mend = "quote texts that hold the separator; export the file again"
        problems = [
            Problem(Place(path, lines[n]), f"the row has {len(rows[n])} cells, others {width}", mend, "VEN04")
            for n in wrong[:_MOST]
        ]
        more = len(wrong) - _MOST
        problems += [Problem(Place(path), f"and {more} more rows like these", mend, "VEN04")] if more > 0 else []
        raise DataError(problems)
    return rows, lines, bare
