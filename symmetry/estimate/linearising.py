"""From a smooth function of totals to an Estimate: value, influence, degrees of freedom and design effect, once for all.

A statistic says which columns it sums and how it is made of their totals (`Smooth`); `linearise` does the rest on any design.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from symmetry.design import Design, Totals, gather, influence, left_out, resampled
from symmetry.errors import DesignError
from symmetry.estimate.nouns import COLUMNS, Estimate

__all__ = ["Deff", "Smooth", "check_by", "check_deff", "items_of", "linearise"]

_NOTHING = 1e-14
Deff = Literal["wr", "wor"] | None


@dataclass(frozen=True)
class Smooth:
    """A statistic as a smooth function of k totals, the first that of 1, the others of `columns`; m values a domain.

    value : totals (..., k), shift (..., v) taken from the variables → (..., m).  gradient : the same → (..., k, m).
    columns : blocks of the v variables → the k - 1 columns.  simple : totals (..., k), answers n (...), shift → (..., m), the
    variance under simple random sampling with replacement, None where there is none.  centred, aside : see `design.gather`;
    `value` takes no column that stands aside.
    """

    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray, np.ndarray], np.ndarray]
    columns: Callable[[list[np.ndarray]], list[np.ndarray]] = list
    simple: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] | None = None
    centred: bool = False
    aside: int = 0


def items_of(items: str | Sequence[str]) -> list[str]:
    """Names of one or several columns, at least one."""
    names = [items] if isinstance(items, str) else list(items) if isinstance(items, Iterable) else [items]
    if not names:
        raise DesignError("no item was named", mend="name at least one column of the design's data")
    if not all(isinstance(name, str) for name in names):
        raise DesignError(f"items are named by text, not by {names[0]!r}", mend="rename the columns of the frame")
    return names


def check_deff(deff: str | None) -> None:
    """Refuse a reference of design effects that is none."""
    if deff not in ("wr", "wor", None):
        raise DesignError(f"deff={deff!r} is unknown", mend='"wr" (with replacement), "wor" (without) or None')


def check_by(by: Sequence[str], outputs: Iterable[str] = ()) -> tuple[str, ...]:
    """Columns that make domains, one name or several; refuses those that the result's own columns would hide."""
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if name in ("statistic", "item", *outputs, *COLUMNS):
            raise DesignError(
                f"the domain column `{name}` is called like a column of the result", mend="rename it in the frame"
            )
    if len(set(names)) < len(names):
        raise DesignError(f"`{'`, `'.join(names)}`: a column stands twice in `by`", mend="name it once")
    return names


def linearise(
    design: Design,
    items: Sequence[tuple[str, Sequence[str | np.ndarray]]],
    smooth: Smooth,
    *,
    by: Sequence[str],
    statistic: str,
    method: str = "mean",
    deff: Deff = "wr",
    outputs: pd.DataFrame | None = None,
) -> Estimate:
    """Estimate a smooth statistic of several items by domain; domains without answers have no value, and stand in `empty`.

    Parameters
    ----------
    items : a label and the variables (columns, or arrays (n,)) of each; a row that misses one is out.
    statistic : the name the rows carry.
    method : the interval's name.
    deff : the reference of the design effect: "wr" simple random sampling with replacement, "wor" without, None for none.
    outputs : a frame of m rows that tells the m values of a domain apart; none where m is 1.

    Raises
    ------
    DesignError : nobody answered any item; what `design.gather` refuses.
    """
    check_deff(deff)
    by = check_by(by, () if outputs is None else outputs.columns)
    totals = gather(
        design, [variables for _, variables in items], smooth.columns, by=by, centred=smooth.centred, aside=smooth.aside
    )
    held = (totals.n > 0) & (totals.sums[..., 0] != 0)
    if not held.any():
        raise DesignError(
            f"nobody answered {', '.join(name for name, _ in items)}",
            mend="check the columns and the domains asked for",
        )
    safe = np.where(held[..., None], totals.sums, 1.0)
    with np.errstate(all="ignore"):
        values = np.asarray(smooth.value(safe, totals.shift))
    m = values.shape[-1]
    kept = np.flatnonzero(np.repeat(held, m, axis=0).ravel())
    note = np.full(held.size * m, design.layout.warning, dtype=object)
    if design.layout.replicates is None:
        with np.errstate(all="ignore"):
            gradient = np.asarray(smooth.gradient(safe, totals.shift))
        gradient = np.where(held[..., None, None] & np.isfinite(gradient), gradient, 0.0)
        spread, variance = influence(totals, gradient)
        variance = np.where(np.abs(variance) <= (_NOTHING * _size(gradient, safe)) ** 2, 0.0, variance)
        note = _negative(note, variance)
    else:
        spread, variance, lost = resampled(totals, smooth.value, values)
        note = left_out(note, lost, design.layout.replicates.size)
    variance = np.where(np.isnan(values.swapaxes(1, 2).ravel()), np.nan, variance)
    spread = spread if len(kept) == held.size * m else spread.select(kept)
    n = np.repeat(totals.n, m, axis=0).ravel()[kept]
    psus, df = (np.repeat(found, m, axis=0).ravel()[kept] for found in totals.counts())
    labels = _labels([name for name, _ in items], statistic, outputs, totals.cells.domains.keys, m)
    return Estimate(
        design=design,
        labels=labels if len(kept) == len(labels) else labels.iloc[kept].reset_index(drop=True),
        values=values.swapaxes(1, 2).ravel()[kept],
        influence=spread,
        variance=variance[kept],
        part=np.tile(totals.cells.domains.part, len(items) * m)[kept],
        n=n,
        psus=psus,
        df=df,
        deff=_design_effect(smooth, totals, safe, variance, deff)[kept],
        method=method,
        note=tuple(note[kept]) if any(note) else (),
        reference=deff or "",
        by=tuple(by),
        empty=None if len(kept) == len(labels) else labels.drop(index=kept),
    )


def _negative(note: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Say where a quadratic form gave a variance below 0, which has no standard error."""
    told = "the estimated variance is below 0, which joint probabilities and two phases allow: no standard error"
    lost = np.isnan(variance)
    return np.asarray(np.where(lost, np.where(note == "", told, note + f"; {told}"), note)) if lost.any() else note


def _size(gradient: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """How large the terms are that make each statistic, Σ |∂f/∂T · T| (I·m·D,): an error far below is rounding."""
    size = np.einsum("idkm,idk->imd", np.abs(gradient), np.abs(sums[..., : gradient.shape[2]]))
    return np.asarray(size.reshape(-1))


def _labels(names: list[str], statistic: str, outputs: pd.DataFrame | None, keys: pd.DataFrame, m: int) -> pd.DataFrame:
    """One row for each item × m outputs × D domains, domains innermost."""
    size = len(keys)
    item = np.repeat(np.arange(len(names)), m * size)
    found = {"statistic": pd.Series([statistic]).take(0 * item).array, "item": pd.Series(names).take(item).array}
    if outputs is not None:
        place = np.tile(np.repeat(np.arange(m), size), len(names))
        found |= {column: outputs[column].to_numpy()[place] for column in outputs}
    domain = np.tile(np.arange(size), len(names) * m)
    return pd.DataFrame(found | {column: keys[column].take(domain).array for column in keys})


def _design_effect(smooth: Smooth, totals: Totals, safe: np.ndarray, variance: np.ndarray, deff: Deff) -> np.ndarray:
    """Variance over that of a simple random sample of as many answers, NaN where there is none."""
    if deff is None or smooth.simple is None:
        return np.full(len(variance), np.nan)
    with np.errstate(all="ignore"):
        simple = np.asarray(smooth.simple(safe, totals.n, totals.shift))
        if deff == "wor":
            simple = simple * np.maximum(1 - totals.n / safe[..., 0], 0.0)[..., None]
    simple = simple.swapaxes(1, 2).ravel()
    return np.asarray(np.divide(variance, simple, out=np.full(len(variance), np.nan), where=simple > 0))
