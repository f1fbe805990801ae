"""P-values adjusted in hundreds of families at once, as a banner table has them: a matrix a table, not a call a family.

The same numbers as `adjust` family by family (which calls statsmodels, at 50 ms a call): tests hold them together.
"""

from __future__ import annotations

import numpy as np

from symmetry.errors import DesignError

__all__ = ["adjust_families", "check_method"]

_METHODS = ("bh", "bonferroni", "by", "hochberg", "holm", "sidak")


def check_method(method: str | None) -> None:
    """Refuse an unknown adjustment."""
    if method is not None and method not in _METHODS:
        raise DesignError(
            f"no adjustment is called {method!r}", mend=f"one of {', '.join(map(repr, _METHODS))}, or None for none"
        )


def adjust_families(p: np.ndarray, family: np.ndarray, *, method: str | None) -> np.ndarray:
    """Adjust p-values inside their families.

    Parameters
    ----------
    p : p-values (G,); missing ones stay missing and do not count.
    family : number of the family of each (G,), whole and not below 0.
    method : as `adjust`; None leaves them as they are.

    Returns
    -------
    Adjusted p-values (G,), none below its own.

    Notes
    -----
    With p in order inside a family of m, r their ranks: Holm [1]_ takes the largest over s ≤ r of (m - s + 1) p_s, Hochberg the
    least of the same over s ≥ r; Benjamini–Hochberg the least over s ≥ r of m p_s / s, Benjamini–Yekutieli that times Σ 1/i;
    Bonferroni m p; Šidák 1 - (1 - p)^m.

    References
    ----------
    .. [1] Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> adjust_families(np.array([0.01, 0.02, 0.03, 0.04]), np.array([0, 0, 0, 1]), method="holm").round(3)
    array([0.03, 0.04, 0.04, 0.04])
    """
    check_method(method)
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    if method is None or not len(known):
        out[known] = p[known]
        return out
    known = known[np.lexsort((p[known], family[known]))]
    _, first, row, count = np.unique(family[known], return_index=True, return_inverse=True, return_counts=True)
    rank = np.arange(len(known)) - first[row]
    table = np.full((len(first), int(count.max())), np.inf)
    table[row, rank] = p[known]
    out[known] = np.minimum(_adjusted(table, count[:, None], method)[row, rank], 1.0)
    return out


def _adjusted(p: np.ndarray, m: np.ndarray, method: str) -> np.ndarray:
    """Rows of p-values in order, infinite where a family has no more, adjusted for m each."""
    rank = np.arange(1, p.shape[1] + 1)
    if method == "bonferroni":
        return np.asarray(p * m)
    if method == "sidak":
        return np.asarray(-np.expm1(m * np.log1p(-np.minimum(p, 1 - 1e-16))))
    if method == "holm":
        return np.maximum.accumulate(p * np.maximum(m - rank + 1, 1), axis=1)
    factor = np.maximum(m - rank + 1, 1) if method == "hochberg" else m / rank
    if method == "by":
        factor = factor * np.cumsum(1 / rank)[m - 1]
    return np.minimum.accumulate((p * factor)[:, ::-1], axis=1)[:, ::-1]
