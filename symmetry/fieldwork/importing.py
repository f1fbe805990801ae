"""Vendor files to answers: every cell fits the study or is named, and nothing is half imported.

Cells are text until here.  Each column is read once by its distinct texts, so the cost follows the number of different
values rather than of rows: part of the text (`characters`), recode (`values`), then meaning (a code of the scale, a
share, a category, a number, or text).  "5.0" is the whole number 5; a blank is "not asked or not answered".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.columns import Column, cell_counts, columns_of
from symmetry.fieldwork.files import RawTable, Texts, read_raw
from symmetry.fieldwork.nouns import Intake
from symmetry.fieldwork.sources import ColumnRule, Source
from symmetry.spec import Scale, Study, is_day

__all__ = ["import_answers"]

_MOST = 20
_WHOLE = re.compile(r"([+-]?\d+)\.0*")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
Rows = npt.NDArray[np.intp]


def import_answers(study: Study, wave: str, audience: str, source: Source) -> Intake:
    """Bring in the answers of one audience in one wave from a file.

    Parameters
    ----------
    study, wave, audience : what was asked, when, of whom.
    source : the file, and which of its columns holds which column of the study.

    Returns
    -------
    Intake in the order of the file.  Rows that `where` leaves out and rows without any answer are set aside and
    counted in the log; without a `respondent` column a row's number stands for the person.

    Raises
    ------
    DataError : the file cannot be read as declared (see `read_raw`); or, all in one: columns missing, unmapped or not
        listed, values outside their scale or categories, respondents twice.  At most 20 are named, the rest counted.
    """
    expected = columns_of(study, wave, audience)
    wanted = {rule.column for rule in source.columns.values()} | set(source.where)
    wanted |= {source.respondent} if source.respondent else set()
    raw = read_raw(source.file, wanted, encoding=source.encoding)
    faults = _Faults(raw)
    _check_columns(expected, source, raw, faults)
    rows = _kept(source, raw, faults)
    read = {
        column.name: _column(column, source.columns[column.name], raw, rows, faults)
        for column in expected
        if column.name in source.columns and source.columns[column.name].column in raw.cells
    }
    people = _respondents(source, raw, rows, faults)
    faults.stop()
    frame = pd.DataFrame({"respondent": people} | read)
    asked = [column.name for column in expected if column.asked]
    silent = frame[asked].isna().all(axis=1).to_numpy() if asked else np.zeros(len(frame), dtype=bool)
    if silent.all():
        raise DataError(f"{raw.path.name} holds no answer at all", where=Place(raw.path), code="DATA11")
    answers = frame.loc[~silent].reset_index(drop=True)
    log = _log(cell_counts(study, audience, expected, answers), answers, source, raw.rows, len(rows), int(silent.sum()))
    return Intake(wave, audience, answers, False, f"{raw.path.name}, sha256 {raw.sha256}", log)


@dataclass
class _Faults:
    """Every problem found so far, with the place of each."""

    raw: RawTable
    found: list[Problem] = field(default_factory=list)

    def add(self, what: str, mend: str, code: str, row: int | None = None) -> None:
        """Note a problem; `row` counts from 0 and becomes a line of the file only for those that will be shown."""
        shown = row is not None and len(self.found) < _MOST
        line = self.raw.line_of(row) if row is not None and shown else 0
        self.found.append(Problem(Place(self.raw.path, line), what, mend, code))

    def stop(self) -> None:
        """Raise when there is any problem: the first 20, and how many more."""
        rest = len(self.found) - _MOST
        if rest > 0:
            more = Problem(
                Place(self.raw.path), f"and {rest} more problems", "mend these first, then import again", "DATA20"
            )
            raise DataError([*self.found[:_MOST], more])
        if self.found:
            raise DataError(self.found)


def _check_columns(expected: tuple[Column, ...], source: Source, raw: RawTable, faults: _Faults) -> None:
    """Compare three lists: what the study holds, what the plan maps, what the file has."""
    known = {column.name for column in expected}
    unmapped = [column.name for column in expected if column.name not in source.columns]
    if unmapped:
        what = f"no file column is named for {_names(unmapped)}, which the study has for this audience in this wave"
        faults.add(what, "add to `columns:` of the plan, or take out of the wave's items", "DATA21")
    for name in source.columns:
        if name not in known:
            mend = f"the columns are: {', '.join(sorted(known))}"
            faults.add(f"the plan maps `{name}`, which the study does not have here", mend, "DATA22")
    named = {rule.column: f"`columns: {name}`" for name, rule in source.columns.items()}
    named |= dict.fromkeys(source.where, "`where:`")
    named |= {source.respondent: "`respondent:`"} if source.respondent else {}
    for column, place in named.items():
        if column not in raw.names:
            faults.add(f"{raw.path.name} has no column `{column}` ({place})", _like(column, raw.names), "DATA23")
    if source.ignore is not None:
        unlisted = [name for name in raw.names if name not in named and name not in source.ignore]
        if unlisted:
            what = f"{raw.path.name} holds columns that the plan neither maps nor ignores: {_names(unlisted)}"
            faults.add(what, "map them, list them in `ignore:`, or write `ignore: others`", "DATA24")


def _kept(source: Source, raw: RawTable, faults: _Faults) -> Rows:
    """Rows (from 0) whose cells are as `where` demands."""
    keep = np.ones(raw.rows, dtype=bool)
    for column, value in source.where.items():
        if column not in raw.cells:
            continue
        codes, texts = _factorised(raw.cells[column])
        same = np.array([_whole(text) == _whole(value) for text in texts], dtype=bool)
        if not same.any():
            seen = ", ".join(sorted(set(texts))[:10])
            faults.add(f"no row has {column} = {value}", f"the file has: {seen}", "DATA25")
            faults.stop()
        keep &= same[codes]
    rows: Rows = np.flatnonzero(keep)
    if not len(rows):
        faults.add("no row is left by `where:`", "loosen its conditions", "DATA25")
        faults.stop()
    return rows


def _column(column: Column, rule: ColumnRule, raw: RawTable, rows: Rows, faults: _Faults) -> Any:
    """Read one column: n cells as Int64, float or str, absent where blank."""
    codes, texts = _factorised(raw.cells[rule.column][rows])
    values: list[Any] = []
    for number, text in enumerate(texts):
        try:
            values.append(_meaning(column, rule, text))
        except ValueError as error:
            where = np.flatnonzero(codes == number)
            more = f" (and {len(where) - 1} other rows)" if len(where) > 1 else ""
            what = f"column `{rule.column}` holds “{text}” for `{column.name}`{more}"
            faults.add(what, str(error), "DATA26", int(rows[where[0]]))
            values.append(None)
    if column.kind == "code":
        absent = np.array([value is None for value in values], dtype=bool)
        whole = np.array([0 if value is None else value for value in values], dtype=np.int64)
        return pd.arrays.IntegerArray(whole[codes], absent[codes])
    if column.kind in ("share", "number"):
        return np.array([np.nan if value is None else value for value in values], dtype=float)[codes]
    return pd.array(np.array(values, dtype=object)[codes], dtype="str")


def _meaning(column: Column, rule: ColumnRule, text: str) -> int | float | str | None:
    """Give one text its meaning, none for a blank; ValueError says what is allowed."""
    cell = text
    if rule.characters and text:
        first, last = rule.characters
        cell = text[first - 1 : last].strip()
        if not cell:
            raise ValueError(f"it has no characters {first} to {last}")
    if rule.values is not None:
        cell = _recoded(cell, rule.values)
    if not cell:
        return None
    if column.kind == "text":
        return cell
    if column.kind == "category":
        return _category(column, cell)
    scale = column.scale
    if scale is not None and column.kind == "code":
        return _code(scale, cell)
    whole = _whole(cell) if column.kind in ("share", "number") else cell
    if scale is not None and whole in (*scale.missing, *map(str, scale.missing.values())):
        return _reason(column, whole)
    if column.kind == "choices":
        return " ".join(_category(column, part) for part in cell.split())
    if column.kind == "date":
        return _day(column, cell)
    if not _NUMBER.fullmatch(cell) or not np.isfinite(float(cell)):
        raise ValueError("a number is expected, with a decimal point")
    if scale is not None and not scale.low <= float(cell) <= scale.high:
        what = "share" if column.kind == "share" else "number"
        raise ValueError(f"a {what} between {scale.low:g} and {scale.high:g} is expected")
    return float(cell)


def _code(scale: Scale, cell: str) -> int:
    """Read a code of a scale, or one of its missing codes by number or by name."""
    if cell in scale.missing:
        return scale.missing[cell]
    whole = _whole(cell)
    if re.fullmatch(r"[+-]?\d+", whole):
        code = int(whole)
        if scale.low <= code <= scale.high or code in scale.missing.values():
            return code
    missing = "".join(f", or {code} ({reason})" for reason, code in scale.missing.items())
    raise ValueError(f"allowed are the whole numbers {scale.low:g} to {scale.high:g}{missing}; recode with `values:`")


def _reason(column: Column, cell: str) -> int | str:
    """Read a missing code, by its number or by its name, as a cell of this column says it."""
    codes = column.scale.missing if column.scale else {}
    return column.missing[cell if cell in codes else {str(code): reason for reason, code in codes.items()}[cell]]


def _category(column: Column, cell: str) -> str:
    """Read one category, or the reason why there is none."""
    for name in (cell, _whole(cell)):
        if name in column.categories:
            return name
        if column.scale is not None and name in (*column.missing, *map(str, column.scale.missing.values())):
            return str(_reason(column, name))
    raise ValueError(f"its categories are: {', '.join(column.categories)}; recode with `values:`")


def _day(column: Column, cell: str) -> str:
    """Read a day, between those that the scale allows."""
    scale = column.scale
    if not is_day(cell):
        raise ValueError("a day is expected, as 2027-03-01")
    if scale and not (scale.earliest or cell) <= cell <= (scale.latest or cell):
        raise ValueError(f"a day from {scale.earliest or 'the beginning'} to {scale.latest or 'the end'} is expected")
    return cell


def _recoded(cell: str, values: Mapping[str, str]) -> str:
    for name in (cell, _whole(cell)):
        if name in values:
            return str(values[name])
    if cell:
        raise ValueError(f"`values:` of the plan names {', '.join(values)}")
    return cell


def _respondents(source: Source, raw: RawTable, rows: Rows, faults: _Faults) -> Any:
    """Ids of the people, each once; without a column of ids the row's number, padded to sort as text."""
    if source.respondent is None:
        width = len(str(raw.rows))
        return pd.array([f"row {row + 1:0{width}d}" for row in rows], dtype="str")
    if source.respondent not in raw.cells:
        return pd.array([""] * len(rows), dtype="str")
    ids = raw.cells[source.respondent][rows]
    codes, texts = _factorised(ids)
    counts = np.bincount(codes, minlength=len(texts))
    for number in np.flatnonzero((counts > 1) | (texts == "")):
        row = int(rows[np.flatnonzero(codes == number)[0]])
        if texts[number] == "":
            what = f"`{source.respondent}` is blank in {counts[number]} {'row' if counts[number] == 1 else 'rows'}"
        else:
            what = f"respondent {texts[number]} stands in {counts[number]} rows"
        faults.add(what, "keep one row a person, or name another `respondent:` column", "DATA27", row)
    return pd.array(ids, dtype="str")


def _log(
    counts: list[tuple[str, str, int, str]], answers: pd.DataFrame, source: Source, read: int, kept: int, silent: int
) -> pd.DataFrame:
    """Count what became of every row and of every cell."""
    rows: list[tuple[str, str, int, str]] = [("read", "", read, source.file.name)]
    if source.where:
        rule = " and ".join(f"{column} = {value}" for column, value in source.where.items())
        rows.append(("set aside", "", read - kept, f"not {rule}"))
    rows += [("set aside", "", silent, "no answer at all"), ("kept", "", len(answers), "")]
    return pd.DataFrame(rows + counts, columns=["measure", "item", "n", "note"])


def _factorised(cells: Texts) -> tuple[Rows, Texts]:
    """Distinct texts in order of first appearance, and for each cell the number of its text."""
    codes, texts = pd.factorize(cells)
    return codes, np.asarray(texts, dtype=object)


def _whole(text: str) -> str:
    """Write a whole number without its empty decimals; leave any other text as it is."""
    match = _WHOLE.fullmatch(text)
    return match[1] if match else text


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_MOST]) + (
        f" and {len(names) - _MOST} more" if names[_MOST:] else ""
    )


def _like(name: str, names: tuple[str, ...]) -> str:
    near = get_close_matches(name, names, 1)
    return f"did you mean `{near[0]}`?" if near else f"the file has: {', '.join(names[:_MOST])}"
