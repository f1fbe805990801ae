"""What weighting did: Kish's design effect and effective size, spread, and margins before and after beside their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DataError
from symmetry.weights.calibration import Calibration, Replay, memory_of
from symmetry.weights.coding import as_frame, column_of, joint, numbers
from symmetry.weights.margins import place, read
from symmetry.weights.refusing import refuse_shape

__all__ = ["describe", "targets_of"]

_COLUMNS = ["measure", "variable", "category", "value", "target", "note"]
_MET = 1e-6  # a share farther than this from its target is not met


def describe(
    frame: pd.DataFrame, *, weight: str = "weight", targets: Mapping[Any, Mapping[Any, float]] | None = None
) -> pd.DataFrame:
    """Describe a column of weights.

    Parameters
    ----------
    frame : one row a respondent.
    weight : the column of weights.
    targets : variable → category → population share or count, to set beside the sample's margins before and after weighting;
        none takes those the weights were fitted to, if the frame remembers them.

    Returns
    -------
    Frame with columns measure, variable, category, value, target, note.  First n, kish_deff, n_eff, cv, min, max; then
    `n_zero` and `n_negative` if there are any; then two rows (`margin_before`, `margin_after`: shares between 0 and 1) for each
    category of each target, the second with the note "not met" where it is farther than 1e-6 from its target; then, for each
    numeric total the weights were fitted to, `total_before` and `total_after`; last one row `note` for each thing that the
    weighting has to tell (weights trimmed, classes left out), in the column note.

    Raises
    ------
    DataError : a weight is missing or no number, or all are 0; fitted weights, or what they were fitted to, were changed since.

    Notes
    -----
    Kish: deff = n Σw² / (Σw)², n_eff = n / deff = (Σw)² / Σw² [1]_; cv² = deff - 1.  All over the n rows whose weight is not 0.

    R twin: none.

    References
    ----------
    .. [1] Kish (1965). Survey Sampling. Wiley, section 11.7.

    Examples
    --------
    >>> describe(pd.DataFrame({"weight": [1.0, 1.0, 2.0]})).set_index("measure")["value"].round(3).to_dict()
    {'n': 3.0, 'kish_deff': 1.125, 'n_eff': 2.667, 'cv': 0.354, 'min': 1.0, 'max': 2.0}
    """
    frame = as_frame(frame)
    w = numbers(frame, weight, "the weight", mend="name the column of weights with `weight=`")
    if targets is not None:
        refuse_shape("the targets to describe", targets, "give {variable: {category: share or count}}")
    memory = memory_of(frame, weight)
    parts = [pd.DataFrame(_spread(w, weight))]
    before = numbers(frame, memory.starting, "the starting weight") if memory else np.ones(len(w))
    for variable, wanted in (targets if targets is not None else targets_of(memory)).items():
        parts.append(_margin(frame, variable, wanted, before, w))
    rows: list[dict[str, Any]] = []
    for name, total in _numeric(memory).items():
        values = numbers(frame, name, "the auxiliary", missing=0.0, heed=w != 0)
        for measure, weights in (("total_before", before), ("total_after", w)):
            rows.append(_row(measure, float(weights @ values), variable=name, target=total))
    rows += [_row("note", np.nan, note=note) for note in (memory.notes if memory else ())]
    parts += [pd.DataFrame(rows)] if rows else []
    return pd.concat([part.astype({"category": object}) for part in parts], ignore_index=True)


def targets_of(memory: Calibration | Replay | None) -> dict[Any, Any]:
    """Categorical targets of every step that made the weights, the last word for each variable."""
    found: dict[Any, Any] = {}
    for step in memory.recipe.steps if memory else ():
        if step.verb == "poststratify":
            by = tuple(step.options["by"])
            found[by[0] if len(by) == 1 else by] = step.options["targets"]
        elif step.verb in ("rake", "calibrate"):
            wanted = step.options.get("targets", step.options.get("totals", {}))
            found |= {name: value for name, value in wanted.items() if isinstance(value, Mapping | pd.Series)}
    return found


def _numeric(memory: Calibration | Replay | None) -> dict[str, float]:
    """Totals of numeric columns that the weights were fitted to."""
    steps = memory.recipe.steps if memory else ()
    wanted = [step.options["totals"] for step in steps if step.verb == "calibrate"]
    return {
        name: value for totals in wanted for name, value in totals.items() if not isinstance(value, Mapping | pd.Series)
    }


def _spread(w: np.ndarray, weight: str) -> list[dict[str, Any]]:
    """Rows on the weights alone."""
    held = w[w != 0]
    if not len(held) or not held.sum() > 0:
        raise DataError(f"the weight `{weight}` has no positive sum", mend="give somebody a weight above 0")
    deff = len(held) * (held**2).sum() / held.sum() ** 2
    facts = {
        "n": len(held),
        "kish_deff": deff,
        "n_eff": len(held) / deff,
        "cv": np.sqrt(max(deff - 1, 0.0)),
        "min": held.min(),
        "max": held.max(),
    }
    rows = [_row(key, float(value)) for key, value in facts.items()]
    if len(held) < len(w):
        rows.append(_row("n_zero", float(len(w) - len(held)), note="rows with weight 0 count in no other measure"))
    if (held < 0).any():
        rows.append(_row("n_negative", float((held < 0).sum()), note="linear calibration allows it; bounds prevent it"))
    return rows


def _margin(
    frame: pd.DataFrame, variable: str | tuple[str, ...], wanted: Any, before: np.ndarray, after: np.ndarray
) -> pd.DataFrame:
    """Rows of one margin: each category before and after, as shares."""
    margin = read(variable, wanted)
    for name in margin.columns:
        column_of(frame, name, "describing a margin")
    cell, found = joint(frame, margin.columns)
    labels = [pd.Index(found[name]) for name in margin.columns]
    where = place(margin, [np.arange(len(found))] * len(labels), labels)
    category = np.append(where, -1)[cell]
    inside, size = category >= 0, len(margin.values)
    shares = [np.bincount(category[inside], weights=w[inside], minlength=size) / w.sum() for w in (before, after)]
    targets = margin.values / margin.values.sum() if margin.values.sum() > 1.5 else margin.values
    labels_ = margin.labels if margin.labels.nlevels == 1 else [margin.label(at) for at in range(size)]
    table = pd.DataFrame({"variable": margin.name, "category": list(labels_), "target": targets})
    both = pd.concat(
        [table.assign(measure="margin_before", value=shares[0]), table.assign(measure="margin_after", value=shares[1])]
    )
    missed = (both["measure"] == "margin_after") & ((both["value"] - both["target"]).abs() > _MET)
    both["note"] = np.where(missed, "not met", "")
    return both.sort_index(kind="stable")[_COLUMNS]


def _row(
    measure: str, value: float, variable: str = "", category: Any = "", target: float = np.nan, note: str = ""
) -> dict[str, Any]:
    return {
        "measure": measure,
        "variable": variable,
        "category": category,
        "value": value,
        "target": target,
        "note": note,
    }
