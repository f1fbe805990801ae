"""From a formula to columns, a block of rows at a time.

Where a formula names numeric columns and their products, blocks are read from the frame and no matrix of all rows is made; what
else Wilkinson's language can say (categories, functions, splines) is made once by the package formulaic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from symmetry.design import Design, refuse_infinite
from symmetry.errors import DesignError, SymmetryError
from symmetry.estimate.models.formulas import (
    UNREADABLE,
    Spec,
    read_formula,
    refuse_absent,
    refuse_kinds,
    refuse_values,
    texts_of,
    unread,
)

__all__ = ["Columns", "columns_of"]

Part = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Columns:
    """Outcome y (m,) and p columns of m rows, which are those numbered `rows` of the design's data.

    parts : for each column the arrays (m,) it is the product of, none for 1s.  names (p,).  spec : how another frame becomes
    the same columns, one after the other (p, rows), NaN where a variable is missing.  variables : names it needs.  empty :
    categories that are declared and that nobody used has, as told to a reader.
    """

    y: np.ndarray
    parts: list[Part]
    names: list[str]
    rows: np.ndarray
    spec: Callable[[pd.DataFrame], np.ndarray]
    variables: frozenset[str]
    empty: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def block(self, rows: slice | np.ndarray) -> np.ndarray:
        """Columns of some rows, one after the other (p, r)."""
        r = len(range(*rows.indices(len(self)))) if isinstance(rows, slice) else len(rows)
        out = np.empty((len(self.parts), r))
        for row, part in zip(out, self.parts, strict=True):
            if not part:
                row[:] = 1.0
            elif isinstance(rows, slice) or part[0].dtype != float:
                row[:] = part[0][rows]
            else:
                np.take(part[0], rows, out=row, mode="clip")
            for factor in part[1:]:
                row *= factor[rows]
        return out

    def explained(self, fault: SymmetryError) -> SymmetryError:
        """A fault of the fit, with the empty categories that are behind it, if columns are tied or 0 because of some."""
        if not self.empty or not isinstance(fault, DesignError):
            return fault
        return DesignError(
            f"nobody used has {', '.join(self.empty)}: {fault.problems[0].what}",
            mend="drop empty levels, frame[column].cat.remove_unused_categories(), or merge them",
        )

    def take(self, places: np.ndarray) -> Columns:
        """Keep some of the rows, by their places among the m."""
        return replace(
            self,
            y=self.y[places],
            parts=[tuple(factor[places] for factor in part) for part in self.parts],
            rows=self.rows[places],
        )

    def without(self, name: str) -> Columns:
        """Leave a column out, if it is there; what another frame gives leaves it out too."""
        kept = np.array([own != name for own in self.names])
        if kept.all():
            return self
        return replace(
            self,
            parts=[part for part, keep in zip(self.parts, kept, strict=True) if keep],
            names=[own for own in self.names if own != name],
            spec=lambda frame: self.spec(frame)[kept],
        )


def columns_of(design: Design, formula: str, *, data: pd.DataFrame | None = None) -> Columns:
    """Make the columns of a formula from the rows that have a weight and every variable.

    data : to read instead of the design's, row for row.

    Raises
    ------
    DesignError : no such column, no formula, no outcome, or no row left.
    """
    data = design.data if data is None else data
    plain = _plain(formula, data)
    weighted = np.flatnonzero(design.layout.weight)
    if plain is not None:
        made = _lookup(data, *plain)
    elif len(weighted) == len(data):
        made = _formulaic(formula, data)
    else:  # categories that only people without a weight have make no columns
        made = _formulaic(formula, data.iloc[weighted])
        made = replace(made, rows=weighted[made.rows])
    kept = design.layout.weight[made.rows] != 0
    if not kept.any():
        raise DesignError(
            f"nobody has every variable of {formula!r}", mend="check for a column that is missing everywhere"
        )
    return made if kept.all() else made.take(np.flatnonzero(kept))


def _plain(formula: str, data: pd.DataFrame) -> tuple[str, list[tuple[str, ...]]] | None:
    """The outcome and the names each column is the product of, where all are numeric columns of the frame; else None."""
    found = read_formula(formula, data)
    terms: list[tuple[str, ...]] = []
    for term in (*found.lhs, *found.rhs):
        methods = {factor.eval_method.value for factor in term.factors}
        names = tuple(str(factor.expr) for factor in term.factors)
        if names == ("1",):
            terms.append(())
        elif methods == {"lookup"} and all(name in data and _numeric(data[name]) for name in names):
            terms.append(names)
        else:
            return None
    return (terms[0][0], terms[1:]) if len(found.lhs) == 1 and len(terms[0]) == 1 else None


def _numeric(column: pd.Series) -> bool:
    """Whether a column is numpy's integers or floats."""
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"


def _lookup(data: pd.DataFrame, outcome: str, terms: list[tuple[str, ...]]) -> Columns:
    """Columns that are there already."""
    used = {
        name: data[name].to_numpy() for name in dict.fromkeys([outcome, *(name for term in terms for name in term)])
    }
    whole = [name for name, values in used.items() if values.dtype.kind != "f" or np.isfinite(values.sum())]
    missing = np.zeros(len(data), bool)
    for name in used.keys() - set(whole):
        missing |= np.isnan(used[name])
        refuse_infinite(used[name], f"column `{name}`")

    needed = frozenset(name for term in terms for name in term)

    def spec(frame: pd.DataFrame) -> np.ndarray:
        refuse_absent(frame, [name for term in terms for name in term])
        ones = np.ones(len(frame))
        try:
            own = {name: frame[name].to_numpy(float, na_value=np.nan) for name in needed}
        except (TypeError, ValueError) as error:
            raise DesignError(
                "the frame holds something that is no number where the model wants one",
                mend=f"give numbers for {', '.join(f'`{name}`' for name in sorted(needed))}",
            ) from error
        return np.array([np.prod([own[name] for name in term] or [ones], axis=0) for term in terms])

    names = [":".join(term) or "Intercept" for term in terms]
    parts = [tuple(used[name] for name in term) for term in terms]
    made = Columns(used[outcome], parts, names, np.arange(len(data)), spec, needed)
    return made.take(np.flatnonzero(~missing)) if missing.any() else made


def _formulaic(formula: str, data: pd.DataFrame) -> Columns:
    """Columns as formulaic makes them."""
    from formulaic.errors import FormulaicError

    parsed = read_formula(formula, data)
    frame = texts_of(data, sorted(map(str, parsed.required_variables))).reset_index(drop=True)
    refuse_kinds(formula, parsed, frame)
    try:
        with np.errstate(all="ignore"):
            made = parsed.get_model_matrix(frame, na_action="drop", ensure_full_rank=True)
    except (FormulaicError, *UNREADABLE) as error:
        raise unread(formula, data, error) from error
    left, right = made.lhs, made.rhs
    refuse_values(formula, frame, left, right)
    if left.shape[1] != 1:
        raise DesignError(
            f"the outcome of {formula!r} makes {left.shape[1]} columns",
            mend="give one numeric column, 0 and 1 for a yes or no",
        )
    parts: list[Part] = [(np.asarray(right[name], float),) for name in right.columns]
    needed = frozenset(str(name) for name in right.model_spec.required_variables if name in data)
    rows = np.asarray(right.index, int)
    empty = [
        f"`{name}` = {level!r}"
        for name in sorted(needed)
        if isinstance(frame[name].dtype, pd.CategoricalDtype)
        for level in frame[name].cat.categories.difference(frame[name].iloc[rows].unique())
    ]
    y = np.asarray(left, float)[:, 0]
    return Columns(y, parts, list(right.columns), rows, Spec(right, needed), needed, tuple(empty))
