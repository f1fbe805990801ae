"""Tabulated answers: how many people of a unit chose each option of each item, as a publisher counts them.

Millions of answers are a few hundred thousand counts, and they stay counts: means, shares and the spread inside units follow
from them exactly, so no person is ever made up.  The file is read as strictly as answers are: a bad row is named with its
line, all in one message, and nothing is half read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.errors import DataError, Place, Problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from symmetry.fieldwork.files import RawTable, Texts

__all__ = ["PARTS", "Tabulated", "TabulatedSource", "read_tabulated"]

PARTS = ("unit", "audience", "item", "option", "n")
_KEYS = ("unit", "audience", "item", "option")
_MOST = 20
_COUNT = re.compile(r"\+?(\d+)(?:\.0*)?")


@dataclass(frozen=True)
class TabulatedSource:
    """A file of counts, one row a unit, audience, item and option.

    Attributes
    ----------
    file : path of a .csv, .csv.gz or .parquet file.
    columns : "unit", "audience", "item", "option" and "n" → the file's column.
    audiences : text in the file → audience; any other text is a fault.
    encoding : of a CSV file.
    """

    file: Path
    columns: Mapping[str, str]
    audiences: Mapping[str, str]
    encoding: str = "utf-8"


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Counts of answers, checked, and never blown up to persons.

    Attributes
    ----------
    frame : one row a unit × audience × item × option that somebody chose: `unit`, `audience`, `item` (categories), `option` (a
        whole number from 1) and `n` (how many answers, above 0).
    source : file name and SHA-256.
    sha256 : of the file.
    log : `measure, audience, n`: rows read and rows of no answer, then units, items and answers of each audience.
    """

    frame: pd.DataFrame
    source: str
    sha256: str
    log: pd.DataFrame = field(repr=False)


def read_tabulated(source: TabulatedSource, *, units: Sequence[str] | None = None) -> Tabulated:
    r"""Read counts of answers, every row checked.

    Parameters
    ----------
    source : the file, and which of its columns holds what.
    units : the units there are; a row of any other is a fault.  None takes every unit.

    Returns
    -------
    Tabulated, in the order of the file; rows whose count is 0 are left out and told in the log.

    Raises
    ------
    DataError : the file cannot be read as declared (see `read_raw`), lacks a column or an audience; or, all in one: a blank
        cell, an option that is no whole number from 1, a count that is negative or no whole number, an audience or a unit
        that nobody declared, the same unit, audience, item and option twice.  At most 20 are named, the rest counted.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "counts.csv"
    ...     _ = path.write_text("school,who,q,opt,n\nA,parent,q1,1,7\nA,parent,q1,2,3\n")
    ...     columns = {"unit": "school", "audience": "who", "item": "q", "option": "opt", "n": "n"}
    ...     read_tabulated(TabulatedSource(path, columns, {"parent": "customers"})).frame["n"].tolist()
    [7, 3]
    """
    from symmetry.fieldwork.files import read_raw

    raw = read_raw(source.file, set(source.columns.values()), encoding=source.encoding)
    problems = _Problems(raw)
    for part in PARTS:
        if source.columns[part] not in raw.names:
            mend = f"the file has: {', '.join(raw.names[:_MOST])}"
            problems.add(f"has no column `{source.columns[part]}` (`columns: {part}`)", mend, "DATA23")
    problems.stop()
    frame = _frame(source, raw, units, problems)
    problems.stop()
    kept = frame[frame["n"] > 0].reset_index(drop=True)
    _check_audiences(source, kept, problems)
    problems.stop()
    return Tabulated(kept, f"{raw.path.name}, sha256 {raw.sha256}", raw.sha256, _log(frame, kept))


@dataclass
class _Problems:
    """Every problem found so far, each with its line, the first ones in words."""

    raw: RawTable
    found: list[Problem] = field(default_factory=list)

    def add(self, what: str, mend: str, code: str, row: int | None = None) -> None:
        """Note a problem of the file, or of one row (from 0)."""
        line = self.raw.line_of(row) if row is not None and len(self.found) < _MOST else 0
        words = what if row is not None else f"{self.raw.path.name} {what}"
        self.found.append(Problem(Place(self.raw.path, line), words, mend, code))

    def rows(self, bad: npt.NDArray[np.bool_], words: Texts, what: str, mend: str, code: str) -> None:
        """Note one problem for each distinct text of bad cells; `{text}` and `{more}` stand in its sentence."""
        import numpy as np

        places = np.flatnonzero(bad)
        seen: dict[str, list[int]] = {}
        for row in places.tolist():
            seen.setdefault(str(words[row]), []).append(row)
        for text, held in seen.items():
            more = f" (and {len(held) - 1} more {'row' if len(held) == 2 else 'rows'})" if len(held) > 1 else ""
            self.add(what.format(text=text, more=more), mend, code, held[0])

    def stop(self) -> None:
        """Raise when there is any problem: the first 20, and how many more."""
        rest = len(self.found) - _MOST
        if rest > 0:
            mend = "mend these first, then read again"
            more = Problem(Place(self.raw.path), f"and {rest} more problems", mend, "DATA20")
            raise DataError([*self.found[:_MOST], more])
        if self.found:
            raise DataError(self.found)


def _frame(source: TabulatedSource, raw: RawTable, units: Sequence[str] | None, problems: _Problems) -> pd.DataFrame:
    """All rows of the file, each cell given its meaning; what has none is noted."""
    import numpy as np
    import pandas as pd

    cells = {part: raw.cells[source.columns[part]] for part in PARTS}
    found = {part: pd.factorize(texts) for part, texts in cells.items()}
    whole = {}
    for part, texts in cells.items():
        column = f"`{source.columns[part]}`"
        codes, names = found[part]
        blank = (names == "")[codes]
        problems.rows(blank, texts, f"{column} is blank{{more}}", "every row needs its five cells", "DATA40")
        if part in ("option", "n"):
            least = 1 if part == "option" else 0
            numbers = np.array([_whole(str(name), least) for name in names])
            wanted = f"a whole number from {least} is expected"
            problems.rows((numbers < 0)[codes] & ~blank, texts, f"{column} holds “{{text}}”{{more}}", wanted, "DATA41")
            whole[part] = numbers[codes]
    declared = {"audience": tuple(source.audiences)} | ({} if units is None else {"unit": tuple(units)})
    for part, known in declared.items():
        codes, names = found[part]
        strange = ~np.isin(names.astype(str), known) & (names != "")
        mend = (
            "name it in `audiences:` or `others:`" if part == "audience" else "the answers have no such unit: mend one"
        )
        what = f"`{source.columns[part]}` holds “{{text}}”, which nobody declared{{more}}"
        problems.rows(strange[codes], cells[part], what, mend, "DATA42")
    frame = pd.DataFrame({part: pd.Categorical.from_codes(*found[part]) for part in ("unit", "audience", "item")})
    frame = frame.assign(**whole)[list(PARTS)]
    whole_keys = (frame["option"] > 0) & (frame[["unit", "audience", "item"]] != "").all(axis=1)
    twice = (frame.duplicated(list(_KEYS), keep="first") & whole_keys).to_numpy()
    for row in np.flatnonzero(twice):
        same = ", ".join(str(frame[key].iloc[row]) for key in _KEYS)
        problems.add(f"{same}: the same unit, audience, item and option a second time", "keep one", "DATA43", int(row))
    named = {text: source.audiences.get(str(text), text) for text in frame["audience"].cat.categories}
    return frame if problems.found else frame.assign(audience=frame["audience"].cat.rename_categories(named))


def _whole(text: str, least: int) -> int:
    """A whole number from `least` on, −1 for anything else."""
    match = _COUNT.fullmatch(text)
    number = int(match[1]) if match and len(match[1]) <= 15 else -1
    return number if number >= least else -1


def _check_audiences(source: TabulatedSource, kept: pd.DataFrame, problems: _Problems) -> None:
    """Every audience that is declared has answers."""
    there = set(kept["audience"].unique())
    for text, audience in source.audiences.items():
        if audience not in there:
            what = f"holds no answer of “{text}” ({audience})"
            problems.add(what, f"fetch the whole file, or take {text} out of the plan", "DATA44")


def _log(frame: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """What became of the rows, and how much each audience said."""
    import pandas as pd

    rows: list[tuple[str, str, int]] = [("read", "", len(frame)), ("no answer", "", len(frame) - len(kept))]
    for audience, held in kept.groupby("audience", observed=True, sort=False):
        rows += [(part + "s", str(audience), int(held[part].nunique())) for part in ("unit", "item")]
        rows.append(("answers", str(audience), int(held["n"].sum())))
    return pd.DataFrame(rows, columns=["measure", "audience", "n"])
