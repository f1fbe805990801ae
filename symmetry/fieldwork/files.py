"""Files of answers as text, column by column: CSV, gzipped CSV and Parquet, read strictly and without a guess.

Every cell comes back as text, blanks as "", outer spaces removed; what a cell means is for `importing`.  Nothing is
repaired: a byte that is not of the declared encoding, a row with a cell too many, a name given twice stop the import.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from symmetry.errors import DataError, Place, Problem

__all__ = ["RawTable", "read_raw"]

Texts = npt.NDArray[np.object_]
_MOST = 20


@dataclass(frozen=True)
class RawTable:
    """The text of a file: names of all its columns, cells of the wanted ones, the way back to a line."""

    path: Path
    names: tuple[str, ...]
    cells: Mapping[str, Texts]
    rows: int
    sha256: str
    line_of: Callable[[int], int]


def read_raw(path: Path, wanted: Collection[str], *, encoding: str = "utf-8") -> RawTable:
    """Read the wanted columns of a file as text.

    Parameters
    ----------
    path : a file ending in .csv, .csv.gz (also .gz) or .parquet.
    wanted : names of the columns to read; those the file lacks are left out, for the caller to report.
    encoding : of a CSV file.

    Returns
    -------
    RawTable with n rows and one array of n texts for each wanted column the file has.

    Raises
    ------
    DataError : the file is missing, empty, damaged, of another encoding or another separator, or its rows have unequal
        numbers of cells.
    """
    content = _bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet(path, content, wanted, sha256)
    if suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise _fault(path, f"is not a whole gzip file: {error}", "fetch it again", "DATA12") from error
    return _csv(path, _decoded(path, content, encoding), wanted, sha256)


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise _fault(path, "does not exist", "mend `file:` in the plan, or put the file there", "DATA10") from error
    except OSError as error:
        raise _fault(path, f"cannot be read: {error.strerror}", "check the path and its rights", "DATA10") from error
    if not content.strip():
        raise _fault(path, "is empty", "export the answers again", "DATA11")
    return content


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise _fault(
            path, f"`{encoding}` is no known encoding", "write for example `encoding: cp1252`", "DATA13"
        ) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = f"is not {encoding}: byte 0x{content[error.start]:02x} cannot be read"
        raise _fault(path, what, "give the file's own, for example `encoding: cp1252`", "DATA13", line) from error
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _fault(path, "is empty", "export the answers again", "DATA11")
    if "\0" in text:
        what = f"holds zero bytes, so it is no {encoding} text"
        raise _fault(path, what, "give the file's own, for example `encoding: utf-16`", "DATA13")
    return text


def _csv(path: Path, text: str, wanted: Collection[str], sha256: str) -> RawTable:
    import pyarrow
    import pyarrow.csv

    names = tuple(name.strip() for name in next(row for row in csv.reader(io.StringIO(text, newline="")) if row))
    _check_header(path, text, names, wanted)
    ragged: list[Any] = []

    def skip(row: Any) -> str:
        ragged.append(row)
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pyarrow.csv.ReadOptions(column_names=list(names), skip_rows=0),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=[name for name in names if name in wanted] or [names[0]],
                column_types=dict.fromkeys(names, pyarrow.string()),
                strings_can_be_null=False,
            ),
        )
    except pyarrow.ArrowInvalid as error:
        raise _fault(path, f"is not a sound CSV file: {error}", "export it again", "DATA14") from error
    if ragged:
        raise DataError(_ragged(path, text, len(names)))
    cells = {name: _texts(table.column(name))[1:] for name in table.column_names}
    if table.num_rows <= 1:
        raise _fault(path, "has a header and no row", "export the answers again", "DATA11", 1)
    return RawTable(path, names, cells, table.num_rows - 1, sha256, lambda row: _line_of(text, row))


def _check_header(path: Path, text: str, names: tuple[str, ...], wanted: Collection[str]) -> None:
    """Refuse a header with another separator, or with a name twice."""
    header = next(line for line in text.splitlines() if line)
    if not set(wanted) <= set(names):
        for separator, name in ((";", "a semicolon"), ("\t", "a tabulator"), ("|", "a bar")):
            if len(next(csv.reader([header], delimiter=separator))) > len(names):
                what = f"is separated by {name}, not by a comma"
                raise _fault(path, what, "export it with commas (and decimal points)", "DATA15", 1)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _fault(path, f"names a column twice: {', '.join(twice)}", "rename one of them", "DATA16", 1)


def _ragged(path: Path, text: str, expected: int) -> list[Problem]:
    """Name the rows whose number of cells is not the header's."""
    reader = csv.reader(io.StringIO(text, newline=""))
    wrong = [(reader.line_num, len(row)) for row in reader if row and len(row) != expected]
    mend = "quote texts that hold a comma; export the file again"
    problems = [
        Problem(Place(path, line), f"the row has {cells} cells, the header {expected}", mend, "DATA14")
        for line, cells in wrong[:_MOST]
    ]
    rest = len(wrong) - _MOST
    return problems + ([Problem(Place(path), f"and {rest} more rows like these", "", "DATA14")] if rest > 0 else [])


def _line_of(text: str, row: int) -> int:
    """Line of the file on which a row begins (from 0, without header and blank lines), lines inside quotes counted."""
    reader = csv.reader(io.StringIO(text, newline=""))
    seen, before = -2, 0
    for cells in reader:
        seen += 1 if cells else 0
        if seen == row:
            break
        before = reader.line_num
    return before + 1


def _parquet(path: Path, content: bytes, wanted: Collection[str], sha256: str) -> RawTable:
    import pyarrow
    import pyarrow.parquet

    try:
        source = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        names = tuple(source.schema_arrow.names)
        table = source.read(columns=[name for name in names if name in wanted])
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise _fault(path, f"is not a whole Parquet file: {error}", "fetch it again", "DATA12") from error
    if not source.metadata.num_rows:
        raise _fault(path, "has no row", "export the answers again", "DATA11")
    cells = {name: _texts(table.column(name)) for name in table.column_names}
    return RawTable(path, names, cells, source.metadata.num_rows, sha256, lambda row: row + 1)


def _texts(column: Any) -> Texts:
    """Cells of an Arrow column as stripped text, an absent one as ""; numbers as Python writes them."""
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not pyarrow.types.is_string(column.type) and not pyarrow.types.is_large_string(column.type):
        values = ["" if value is None else str(value) for value in column.to_pylist()]
        return np.array(["" if value == "nan" else value for value in values], dtype=object)
    texts: Texts = pyarrow.compute.utf8_trim_whitespace(column.fill_null("")).to_numpy(zero_copy_only=False)
    return texts


def _fault(path: Path, what: str, mend: str, code: str, line: int = 0) -> DataError:
    return DataError(f"{path.name} {what}", where=Place(path, line), mend=mend, code=code)
