"""Answers as SPSS (.sav): variable labels are the words that were asked, value labels the words of each code.

Reasons for not answering are user-missing values with labels.  What SPSS has no form for is given another one, and told: a
question of which several answers may be chosen is one variable of 0 and 1 a choice; the reasons for not giving a day stand
in a variable of their own; labels longer than a .sav file holds are cut.  pyreadstat writes the time into the header: it
is put back to the beginning of 1970, so that the same answers give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DataError
from symmetry.responses.exporting.describing import Coded, Described
from symmetry.responses.exporting.nouns import Table
from symmetry.responses.exporting.spss_names import cut, spss_name

__all__ = ["write_spss"]

_CREATED, _EPOCH = 92, b"01 Jan 7000:00:00"
_LABEL, _VALUE, _TITLE, _WIDEST = 255, 120, 64, 32_767
_GREGORIAN = np.datetime64("1582-10-14", "D")
_NOT_CHOSEN = {"fr": "Non choisi", "en": "Not chosen"}
_MADE_UP = {"fr": "SIMULÉ – ", "en": "SIMULATED – "}
_SIMULATED = "symmetry: simulated or rehearsed answers, which nobody gave"  # `symmetry import` knows it again
_MEASURES = {"code": "ordinal", "share": "scale", "number": "scale", "date": "scale"}


@dataclass
class _File:
    """A .sav file as it grows: its language, its cells, and what is said of each variable."""

    language: str
    cells: dict[str, pd.Series] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[int | float, str]] = field(default_factory=dict)
    missing: dict[str, list[Any]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)

    def add(self, origin: str, words: str, cells: pd.Series, form: str, measure: str) -> str:
        """Add a variable, and give its name; an origin that is no name of SPSS stands at the head of its label."""
        name = spss_name(origin, self.cells)
        said = words if name == origin else f"[{origin}] {words}"
        if name != origin:
            self.losses.append(f"`{origin}` is named `{name}`.")
        self.labels[name] = cut(said, _LABEL)
        if self.labels[name] != said:
            self.losses.append(f"The label of `{name}` is cut to {_LABEL} bytes.")
        self.cells[name], self.formats[name], self.measures[name] = cells, form, measure
        return name

    def explain(self, name: str, codes: tuple[Coded, ...]) -> None:
        """Give the codes of a variable their words, and say which of them are no answers."""
        said = {each.cell: cut(each.label, _VALUE) for each in codes}
        for each in codes:
            if said[each.cell] != each.label:
                self.losses.append(f"The words of `{each.cell}` of `{name}` are cut to {_VALUE} bytes.")
        words: dict[Any, str] = {**said}
        self.values |= {name: words} if words else {}
        missing: list[Any] = [each.cell for each in codes if each.reason]
        self.missing |= {name: missing} if missing else {}


def write_spss(table: Table, folder: Path) -> tuple[str, ...]:
    """Write the answers as .sav; returns what SPSS loses."""
    if find_spec("pyreadstat") is None:
        what = "a .sav file needs `pyreadstat`, which is not installed"
        raise DataError(what, mend="pip install 'symmetry[spss]'", code="EXT02")
    import pyreadstat

    file = _File(table.language)
    ids = table.answers["respondent"]
    file.add("respondent", "respondent", ids, f"A{_width(ids)}", "nominal")
    for column in table.columns:
        _add(file, column, table.answers[column.name])
    title = (
        f"{_MADE_UP.get(table.language, _MADE_UP['en']) if table.simulated else ''}{table.study.title[table.language]}"
    )
    path = folder / f"{table.wave}.{table.audience}.sav"
    # as categories pyreadstat takes texts four times as fast; an empty text and none are the same to SPSS
    cells = {
        name: given if pd.api.types.is_numeric_dtype(given) else given.fillna("").astype("category")
        for name, given in file.cells.items()
    }
    pyreadstat.write_sav(
        pd.DataFrame(cells),
        str(path),
        file_label=cut(title, _TITLE),
        column_labels=dict(file.labels),
        note=_SIMULATED if table.simulated else None,
        row_compress=True,
        variable_value_labels=file.values,
        missing_ranges=file.missing,
        variable_measure=file.measures,
        variable_format=file.formats,
    )
    with path.open("r+b") as made:
        made.seek(_CREATED)
        made.write(_EPOCH)
    if cut(title, _TITLE) != title:
        file.losses.append(f"The title of the study is cut to {_TITLE} bytes.")
    return tuple(file.losses)


def _add(file: _File, column: Described, given: pd.Series) -> None:
    """Add the variable, or variables, of one column."""
    kind, words = column.column.kind, column.wording or column.label
    measure = _MEASURES.get(kind, "nominal")
    if kind == "choices":
        _add_choices(file, column, given)
    elif kind == "date":
        _add_days(file, column, given)
    elif kind in ("code", "share", "number"):
        scale = column.column.scale
        decimals = 0 if kind == "code" else 2 if scale is None else scale.decimals
        cells = given.astype("Float64").astype("float64")
        form = f"F{8 + decimals}.{decimals}"
        file.explain(file.add(column.name, words, cells, form, measure), column.all_codes)
    else:
        texts = given.str.rstrip(" ") if kind == "text" else given
        lost = int((texts != given).sum() - (given.isna() & texts.isna()).sum()) if kind == "text" else 0
        if lost > 0:
            file.losses.append(f"Spaces at the end of {lost} cells of `{column.name}` are lost.")
        width = max(_width(texts), *(len(str(each.cell).encode()) for each in column.all_codes), 1)
        file.explain(file.add(column.name, words, texts, f"A{width}", measure), column.all_codes)


def _add_choices(file: _File, column: Described, given: pd.Series) -> None:
    """One variable of 0 and 1 for each choice; a reason for not answering is the same negative code in all of them."""
    reasons = {str(each.cell): -number for number, each in enumerate(column.missing, start=1)}
    coded = tuple(Coded(reasons[str(each.cell)], each.label, each.reason) for each in column.missing)
    none = _NOT_CHOSEN.get(file.language, _NOT_CHOSEN["en"])
    kinds, chosen = pd.factorize(given)
    for option in column.codes:
        found = [float(reasons.get(cell, str(option.cell) in cell.split())) for cell in chosen]
        cells = np.array([*found, np.nan])[kinds]
        words = f"{option.label} – {column.wording or column.label}"
        name = file.add(f"{column.name}.{option.cell}", words, pd.Series(cells), "F2.0", "nominal")
        file.explain(name, (Coded(0, none), Coded(1, option.label), *coded))
    told = f"The choices of `{column.name}` are one variable each, 1 where chosen"
    said = ", ".join(f"{code} is {reason}" for reason, code in reasons.items())
    file.losses.append(f"{told}, and no multiple response set{f'; {said}' if said else ''}.")


def _add_days(file: _File, column: Described, given: pd.Series) -> None:
    """Days as SPSS counts them, in seconds; reasons for not giving one stand in a variable of their own."""
    reasons = given.isin([each.cell for each in column.missing])
    days = given.mask(reasons).fillna("NaT").to_numpy(dtype="datetime64[D]")
    seconds = (days - _GREGORIAN).astype("timedelta64[s]").astype(float)
    seconds[np.isnat(days)] = np.nan
    words = column.wording or column.label
    file.add(column.name, words, pd.Series(seconds), "SDATE10", "scale")
    if column.missing:
        cells = given.where(reasons)
        name = file.add(f"{column.name}.missing", words, cells, f"A{_width(column.missing)}", "nominal")
        file.explain(name, column.missing)
        file.losses.append(f"The reasons for not answering `{column.name}` have a variable of their own, `{name}`.")


def _width(cells: pd.Series | tuple[Coded, ...]) -> int:
    """The bytes of the longest text, at least 1."""
    texts = [str(each.cell) for each in cells] if isinstance(cells, tuple) else cells.dropna().unique()
    return max((len(text.encode()) for text in texts), default=1) or 1
