"""Answers of people in units: rows of a frame, of a Design (with its weights), or tabulated (unit, answer, how many gave it).

All three become the same few sums for each unit, and nothing after that depends on the number of answers.  What cannot be read is
told here: a column that is absent, an answer that is no number, a count that counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from numbers import Real

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, domains, refuse_infinite, series_of
from symmetry.errors import DataError, DesignError

__all__ = ["Answers", "Column", "check_cutoff", "check_level", "read_answers", "together"]


@dataclass(frozen=True, eq=False)
class Column:
    """The answers to one item that can be used, n of them (rows, where `count` says that one stands for several).

    item; code (n,) number of each one's unit, below `size`; values (n,); weight (n,) or None where all are equal; count (n,) or
    None where each row is one answer; homeless : answers left out because their unit is missing.
    """

    item: str
    code: np.ndarray
    size: int
    values: np.ndarray
    weight: np.ndarray | None
    count: np.ndarray | None
    homeless: int

    @property
    def mass(self) -> np.ndarray | None:
        """What each row weighs: its weight times its count; None where each is 1."""
        if self.weight is None or self.count is None:
            return self.count if self.weight is None else self.weight
        return np.asarray(self.weight * self.count)


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers to some items, with the units of those who gave them.

    design; items, names; place (n,) number of the row's unit, -1 where it is missing; keys, a frame of G rows with the columns
    that name the units; weight, count (n,) or None; item : number of the item of each row (n,), where rows are long by item.
    """

    design: Design
    items: list[str]
    place: np.ndarray
    keys: pd.DataFrame
    weight: np.ndarray | None
    count: np.ndarray | None
    item: np.ndarray | None
    answer: str

    def columns(self) -> Iterator[Column]:
        """Each item's usable answers in turn."""
        for number, item in enumerate(self.items):
            yield self.column(number, item)

    def complete(self) -> list[Column]:
        """Each item's answers, of the people who gave all of them."""
        values = np.array([column_of(self.design, name) for name in self.items])
        place = np.where(np.isfinite(values).all(axis=0), self.place, -1)
        return list(replace(self, place=place).columns())

    def column(self, number: int, item: str) -> Column:
        """One item's usable answers: given, in a unit, and of a weight (and a count) above 0."""
        values = column_of(self.design, item if self.item is None else self.answer)
        refuse_infinite(values, f"column `{item}`")
        given = ~np.isnan(values)
        for mass in (self.weight, self.count):
            if mass is not None:
                given &= mass > 0
        if self.item is not None:
            given &= self.item == number
        homed = given & (self.place >= 0)
        lost = given & (self.place < 0)
        homeless = int(lost.sum() if self.count is None else self.count[lost].sum())
        if homed.all():
            return Column(item, self.place, len(self.keys), values, self.weight, self.count, homeless)
        kept = [None if mass is None else mass[homed] for mass in (self.weight, self.count)]
        return Column(item, self.place[homed], len(self.keys), values[homed], kept[0], kept[1], homeless)


def read_answers(
    data: Design | pd.DataFrame,
    items: str | Sequence[str],
    units: Sequence[str],
    *,
    weight: str | None = None,
    count: str | None = None,
    item: str | None = None,
) -> Answers:
    """Take a frame or a design apart into items, units, weights and counts.

    Parameters
    ----------
    units : columns whose crossed values make the units.
    weight : column of a frame; a design has its own.
    count : column of tabulated answers: how many people a row stands for.
    item : column of tabulated answers that names the item of each row; `items` is then the one column of answers.

    Raises
    ------
    DataError : a column is absent or named twice, or a count is missing, negative or not whole.
    DesignError : the data are no frame, a weight is missing or negative (a design's calibrated ones too), an answer is no number.
    """
    if not isinstance(items, Iterable):
        raise DataError(f"items={items!r} are no names of columns", mend='items=["listened", "kept"]')
    names = [items] if isinstance(items, str) else list(items)
    if not names or len(set(names)) < len(names):
        raise DataError("items are named once each, and one at least", mend='items=["listened", "kept"]')
    ready = hasattr(data, "layout") and hasattr(data, "data")
    columns = data.data.columns if ready else getattr(data, "columns", None)
    if columns is None:
        Design(data)  # which refuses what is no frame
        columns = []
    for name in (*names, *units, *(extra for extra in (weight, count, item) if extra is not None)):
        _refuse_absent(name, [str(column) for column in columns])
    if ready and weight is not None:
        raise DataError("a design has its own weights", mend="leave out weight=, or hand in the plain frame")
    design = data if isinstance(data, Design) else Design(data, weight=weight)
    place, keys = _numbered_units(design, units)
    own = design.layout.weight if design.weight is not None or ready else None
    if own is not None and len(own) and own.min() == own.max() > 0:
        own = None
    _refuse_negative(own)
    counts = None if count is None else _counts(design, count)
    if item is None:
        return Answers(design, names, place, keys, own, counts, None, "")
    if len(names) > 1:
        raise DataError("answers that are long by item have one column of answers", mend='items="answer", item="item"')
    number, found = pd.factorize(series_of(design, item))
    if not len(found):
        raise DataError(f"`{item}` names no item on any row", mend="name the column that says which item a row answers")
    return Answers(design, [str(name) for name in found], place, keys, own, counts, number, names[0])


def check_level(level: float) -> None:
    """Refuse a confidence level that is none."""
    if isinstance(level, bool) or not isinstance(level, Real) or not 0 < float(level) < 1:
        raise DataError(f"level={level!r} is no confidence level", mend="give a number between 0 and 1, such as .95")


def check_cutoff(cutoff: float) -> None:
    """Refuse a bar that is no number."""
    if isinstance(cutoff, bool) or not isinstance(cutoff, Real) or not np.isfinite(float(cutoff)):
        raise DataError(f"cutoff={cutoff!r} is no bar", mend="give a number, customarily .70")


def together(*notes: str) -> str:
    """Several notes as one."""
    return "; ".join(note for note in notes if note)


def _numbered_units(design: Design, units: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the crossed values of some columns in sorted order (n,), -1 where one is missing, and give them."""
    if len(design.data) == 0 or any(series_of(design, name).isna().all() for name in units):
        return np.full(len(design.data), -1), pd.DataFrame({name: [] for name in units})
    found = domains(design, units)
    return np.where(found.code >= found.size, -1, found.code), found.keys


def _refuse_negative(weight: np.ndarray | None) -> None:
    """Refuse weights below 0, as calibration may leave them: no number of answers is as good as a negative one."""
    below = 0 if weight is None else int((weight < 0).sum())
    if below:
        raise DesignError(
            f"{below} of {len(weight if weight is not None else ())} weights are below 0",
            mend="calibrate within bounds or by raking, which keep weights above 0, or hand in the plain frame",
        )


def _counts(design: Design, name: str) -> np.ndarray:
    """How many people each row stands for (n,)."""
    found = column_of(design, name)
    wrong = ~np.isfinite(found) | (found < 0) | (found != np.floor(found))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"the count `{name}` is {found[row]:g} on row {row + 1}", mend="a count is a whole number, 0 or more"
        )
    return found


def _refuse_absent(name: str, known: Sequence[str]) -> None:
    """Refuse a column that is not there, naming the nearest."""
    if name not in known:
        near = get_close_matches(str(name), known, n=1)
        raise DataError(
            f"the data have no column `{name}`",
            mend=f"did you mean `{near[0]}`?" if near else "name one of their columns",
        )
