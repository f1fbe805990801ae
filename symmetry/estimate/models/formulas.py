"""Formulas in Wilkinson's language, read by the package formulaic, and what is wrong with them in words of the field."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DesignError

__all__ = ["UNREADABLE", "Spec", "read_formula", "refuse_absent", "refuse_kinds", "refuse_values", "texts_of", "unread"]

_NAMELESS = re.compile(r"NameError: (?:name )?[`'](.+?)[`'] is not")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m|[⧛⧚]")
UNREADABLE = (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError)


@lru_cache(maxsize=256)
def _parsed(formula: str) -> Any:
    """The formula as formulaic reads it."""
    from formulaic import Formula

    return Formula(formula)


def read_formula(formula: str, data: pd.DataFrame) -> Any:
    """The formula, or what is wrong with it."""
    from formulaic import SimpleFormula
    from formulaic.errors import FormulaicError

    if not isinstance(formula, str):
        raise DesignError(f"{formula!r} is no formula", mend='write one as text, "outcome ~ columns"')
    try:
        found = _parsed(formula)
    except (FormulaicError, *UNREADABLE) as error:
        raise unread(formula, data, error) from error
    if not hasattr(found, "lhs"):
        raise DesignError(f"{formula!r} has no outcome", mend='write it as "outcome ~ columns"')
    if not isinstance(found.lhs, SimpleFormula) or not isinstance(found.rhs, SimpleFormula):
        raise DesignError(f"{formula!r} has several parts", mend='write it as "outcome ~ columns", without |')
    if not len(found.rhs):
        raise DesignError(f"{formula!r} has no column at all", mend='the smallest model is "outcome ~ 1"')
    return found


def unread(formula: str, data: pd.DataFrame, error: Exception) -> DesignError:
    """Say that a formula cannot be read, and which columns there are."""
    known = ", ".join(str(name) for name in data.columns[:12]) + (", …" if len(data.columns) > 12 else "")
    text = " ".join(_COLOURS.sub("", str(error)).split())
    absent = _NAMELESS.search(text)
    why = f"names `{absent[1]}`, and there is no such column" if absent else f"cannot be read: {text.rstrip('.')}"
    return DesignError(f"{formula!r} {why}", mend=f"name columns of the frame: {known}")


def refuse_kinds(formula: str, parsed: Any, frame: pd.DataFrame) -> None:
    """Refuse columns of dates and the like."""
    for factor in (factor for term in (*parsed.lhs, *parsed.rhs) for factor in term.factors):
        name = str(factor.expr)
        if factor.eval_method.value == "lookup" and name in frame and getattr(frame[name].dtype, "kind", "O") in "mMc":
            raise DesignError(
                f"`{name}` of {formula!r} is no column of numbers", mend="score it first, say as days since a date"
            )


def texts_of(frame: pd.DataFrame, needed: Iterable[str]) -> pd.DataFrame:
    """The needed columns, text of nullable kinds as plain objects, which is what formulaic takes for categories."""
    out = frame[[name for name in dict.fromkeys(needed) if name in frame]]
    kinds = [name for name in out if isinstance(out[name].dtype, pd.api.extensions.ExtensionDtype)]
    kinds = [name for name in kinds if out[name].dtype.na_value is pd.NA and pd.api.types.is_string_dtype(out[name])]
    return out.assign(**{name: out[name].astype(object) for name in kinds}) if kinds else out


def refuse_values(formula: str, frame: pd.DataFrame, left: Any, right: Any) -> None:
    """Refuse columns that are no numbers, or none where their variables are known."""
    for name, column in ((name, side[name]) for side in (left, right) for name in side.columns):
        if np.isinf(np.asarray(column, float)).any():
            raise DesignError(f"`{name}` is infinite on some rows", mend="give a number, or leave it missing")
    used = [name for side in (left, right) for name in map(str, side.model_spec.required_variables) if name in frame]
    lost = int(frame[used].notna().all(axis=1).sum()) - len(right)
    if lost > 0:
        raise DesignError(
            f"{formula!r} makes no number for {lost} respondents who have every variable",
            mend="mend what a function cannot take (the logarithm of a negative number), or make it missing in the frame",
        )


@dataclass(frozen=True, eq=False)
class Spec:
    """How another frame becomes the columns of a fitted formula."""

    fitted: Any
    needed: frozenset[str]

    def __call__(self, frame: pd.DataFrame) -> np.ndarray:
        """Columns (p, rows) of a frame, NaN where a variable is missing."""
        from formulaic.errors import DataMismatchWarning, FormulaicError

        refuse_absent(frame, sorted(self.needed))
        whole = np.flatnonzero(frame[sorted(self.needed)].notna().all(axis=1))
        out = np.full((len(self.fitted.columns), len(frame)), np.nan)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", DataMismatchWarning)
            try:
                inside = texts_of(frame.iloc[whole].reset_index(drop=True), self.needed)
                found = self.fitted.model_spec.get_model_matrix(inside, na_action="drop")
            except DataMismatchWarning as error:
                new = str(error).partition("{")[2].partition("}")[0]
                raise DesignError(
                    f"the model has not seen the category {new}", mend="give categories that the fitted rows have"
                ) from error
            except (FormulaicError, *UNREADABLE) as error:
                raise DesignError(
                    "the frame's values do not make the columns of the model",
                    mend="give numbers where the fitted rows have numbers, and categories where they have these",
                ) from error
        out[:, whole[np.asarray(found.index, int)]] = np.asarray(found, float).T
        return out


def refuse_absent(frame: pd.DataFrame, needed: list[str]) -> None:
    """Refuse a frame that is none, or lacks a variable."""
    if not isinstance(frame, pd.DataFrame):
        raise DesignError(
            f"rows are predicted from a frame, and a {type(frame).__name__} was given", mend="give a pandas frame"
        )
    absent = [name for name in needed if name not in frame]
    if absent:
        raise DesignError(f"the frame has no column `{absent[0]}`", mend="give every variable of the model")
