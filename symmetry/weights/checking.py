"""Whether weights still are what a step made them: nothing that they depend on was changed since.

Sums in no order tell that weights were edited; totals that are no longer met tell that a column they were fitted to was.  Both
are cheap beside what follows: a million rows take half a millisecond for the weights, and five for each margin, once coded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DataError
from symmetry.weights.coding import numbers
from symmetry.weights.margins import place, read
from symmetry.weights.recipe import Step

__all__ = ["Sums", "refuse_edited", "refuse_margin", "refuse_number", "sums_of"]

Sums = tuple[float, float]
_EDITED = 1e-9  # what rounding in another order does not explain
_MISSED = 1e-8  # relative to the population: what the fit does not leave
_MOST = 10_000  # categories of a margin beyond which it is not looked at


def sums_of(weights: np.ndarray) -> Sums:
    """Σw and Σw²: they stay when rows are sorted."""
    return float(weights.sum()), float(weights @ weights)


def refuse_edited(frame: pd.DataFrame, column: str, sums: Sums, weight: str) -> None:
    """Refuse a column of weights whose sums are no longer those that were remembered."""
    values = numbers(frame, column, "the weight")
    now = sums_of(values)
    size = np.sqrt(len(values) * sums[1])  # at least |Σw|, and not near 0 where weights of both signs cancel
    if abs(now[0] - sums[0]) > _EDITED * size or abs(now[1] - sums[1]) > _EDITED * sums[1]:
        raise DataError(
            f"the weights in `{column}` were changed after the weighting",
            mend=f'`trim` caps weights and is remembered; `forget(frame, "{weight}")` takes them as given',
        )


def refuse_margin(
    weight: str, step: Step, term: str | tuple[str, ...], cell: np.ndarray, keys: pd.DataFrame, weights: np.ndarray
) -> None:
    """Refuse a margin that the weights were fitted to and do not meet.

    Parameters
    ----------
    weight : what the column of weights is called.
    step : what fitted them; term, which of its margins.
    cell, keys : the margin's categories as `joint` finds them, (n,) and one row a category.
    weights : (n,).
    """
    options = step.options
    wanted = options["targets"] if step.verb == "poststratify" else options[_option(step)][term]
    if len(wanted) > _MOST:
        return
    margin = read(term, wanted)
    whole = float(margin.values.sum())
    aims = margin.values if step.verb == "calibrate" else margin.values * (options["total"] / whole)
    held = np.bincount(cell + 1, weights=weights, minlength=len(keys) + 1)
    where = np.append(-1, place(margin, [np.arange(len(keys))] * len(margin.columns), _labels(margin.columns, keys)))
    now = np.bincount(where + 1, weights=held, minlength=len(aims) + 1)
    left_out = (now[1:] == 0) & (options.get("absent") == "ignore")
    aims = np.append(0.0, np.where(left_out, 0.0, aims))
    gap = np.abs(now - aims)
    if gap.max() > _tolerance(step) * aims.sum():
        at = int(gap[1:].argmax())
        _refuse(weight, margin.name, f"of `{margin.name}` = {margin.label(at)}", now[at + 1], aims[at + 1])


def refuse_number(weight: str, step: Step, name: str, values: np.ndarray, weights: np.ndarray) -> None:
    """Refuse a numeric column (n,) whose total the weights (n,) were fitted to and do not meet."""
    aim, parts = float(step.options["totals"][name]), weights * values
    if abs(parts.sum() - aim) > _tolerance(step) * max(abs(aim), float(np.abs(parts).sum())):
        _refuse(weight, name, f"of `{name}`", float(parts.sum()), aim)


def _option(step: Step) -> str:
    return "targets" if step.verb == "rake" else "totals"


def _labels(columns: tuple[str, ...], keys: pd.DataFrame) -> list[pd.Index]:
    return [pd.Index(keys[name]) for name in columns]


def _tolerance(step: Step) -> float:
    """How far a total may be from its aim: the fit's own tolerance, and what rounding adds."""
    return _MISSED + 2 * float(step.options.get("tolerance", 0.0))


def _refuse(weight: str, columns: str, what: str, now: Any, aim: Any) -> None:
    raise DataError(
        f"`{columns}` was changed after the weighting: the total {what} is {now:.10g}, and `{weight}` was fitted to {aim:.10g}",
        mend=f'weight the changed frame anew, keep what was changed in a column of its own, or `forget(frame, "{weight}")`',
    )
