"""Which gaps matter: dissonant, aligned or undetermined, from a smallest gap of interest fixed before the field.

Inside a family, with m the smallest gap of interest, g the gap and t on its df:

- *dissonant*: |g| ≥ m and the adjusted p of g = 0 is below 0.05.  p is set to 1 where |g| < m before adjusting, since filtering
  afterwards would break the false discovery rate.  Grade *material*: the adjusted p of |g| ≤ m is below 0.025.
- *aligned*: the adjusted p of |g| ≥ m (two one-sided tests; Schuirmann 1987) is below 0.05.
- *undetermined*: the rest, with the number of answers that would settle it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from symmetry.dissonance.nouns import Gap
from symmetry.errors import DesignError

__all__ = ["detect"]

_WORDS = {"projection": {"dissonant": "misjudged", "aligned": "accurate", "undetermined": "undetermined"}}
_NOTES = {
    "loose": "loose mirror: unlike questions, no verdict",
    "parallel": "parallel mirror: each speaks of its own relation; the verdict is on the relative gap",
    "alone": "parallel mirror without a family to compare with: no verdict",
}


def detect(
    gap: Gap,
    *,
    smallest: Mapping[str, float] | None = None,
    adjust: Literal["bh", "by", "holm"] = "bh",
    level: float = 0.95,
    n_eff: float = 30,
) -> pd.DataFrame:
    """Give each gap its verdict.

    Parameters
    ----------
    gap : gaps by domain.
    smallest : item → smallest gap of interest, in the statistic's unit, instead of the pair's own.
    adjust : how p-values are adjusted inside a family: "bh" Benjamini-Hochberg [1]_, and Benjamini-Yekutieli [2]_ for relative
        gaps, which depend on each other negatively since they sum to 0; "by" Benjamini-Yekutieli; "holm" Holm.
    level : of the printed intervals (not adjusted).
    n_eff : effective answers below which, on either side, a verdict stays undetermined.

    Returns
    -------
    The gap's table with p, p_adjusted, verdict, comparability, grade, p_aligned, p_aligned_adjusted, n_to_settle, quadrant, and
    `general`: the mean gap that a relative one is counted from.
    A literal or projection pair has its verdict on the absolute reading, a parallel pair on the relative one, a loose pair none.
    For a projection the words are misjudged, accurate, undetermined: it measures perception, not experience.  `n_to_settle` is
    the least number of answers on the smaller side that would settle the gap were it what it seems, eight times in ten, both
    sides and their psus growing alike.
    Families are comparison × reading, all items and all values of `by` together.

    Raises
    ------
    DesignError : a smallest gap of interest is not positive, or the adjustment is unknown.

    Notes
    -----
    A single pair of items cannot be tested for comparability: the column says "untestable", never "passed".

    References
    ----------
    .. [1] Benjamini, Hochberg (1995). Controlling the false discovery rate. JRSS B 57, 289-300.
    .. [2] Benjamini, Yekutieli (2001). The control of the false discovery rate in multiple testing under dependency.
       Annals of Statistics 29, 1165-1188.
    """
    table = gap.table(level=level)
    if smallest:
        table["smallest"] = [
            smallest.get(item, own) for item, own in zip(table["item"], table["smallest"], strict=True)
        ]
    if not (table["smallest"] > 0).all():
        item = table.loc[~(table["smallest"] > 0), "item"].iloc[0]
        raise DesignError(f"the smallest gap of interest of {item!r} is not positive", mend="fix it before the field")
    table = table.assign(**_p_values(table))
    lawful = _lawful(table)
    for name in ("p", "p_aligned", "p_material"):
        table[f"{name}_adjusted"] = np.nan
    table["p_tested"] = np.where(table["estimate"].abs() >= table["smallest"], table["p"], 1.0)
    for (_, reading), family in table[lawful].groupby(["family", "reading"], sort=False):
        method = "by" if adjust == "bh" and reading == "relative" else adjust
        for name, tested in (("p", "p_tested"), ("p_aligned", "p_aligned"), ("p_material", "p_material")):
            table.loc[family.index, f"{name}_adjusted"] = _adjusted(family[tested], method)
    known = np.where(np.isnan(gap.levels.n_eff), gap.levels.n, gap.levels.n_eff)
    few = np.minimum(known[gap.sides["a"]], known[gap.sides["b"]]) < n_eff
    table["verdict"] = _verdicts(table, lawful, few)
    table["comparability"] = np.where(table["mirror"] == "loose", "not comparable", "untestable")
    table["grade"] = np.where(
        table["verdict"].isin(["dissonant", "misjudged"]) & (table["p_material_adjusted"] < 0.025), "material", ""
    )
    table["general"] = _general(gap, table)
    table["n_to_settle"] = _needed(table)
    table["quadrant"] = _quadrants(gap, table)
    table["note"] = _notes(table, lawful, few, n_eff)
    return table.drop(columns=["p_tested", "p_material", "p_material_adjusted"])


def _p_values(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Give p of a zero gap, of a gap beyond the margin (TOST), and of one within it: 0 or 1 where the standard error is 0.

    Without degrees of freedom there is none: a domain that is one psu looks exact and is not.
    """
    g, m, se = (table[name].to_numpy(float) for name in ("estimate", "smallest", "se"))
    df = np.where(table["df"] > 0, table["df"], np.nan).astype(float)
    size = np.abs(g)
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = np.where(se > 0, 2 * stats.t.sf(size / se, df), np.where(size > 0, 0.0, 1.0))
        beyond = np.where(se > 0, stats.t.sf((m - size) / se, df), np.where(size < m, 0.0, 1.0))
        within = np.where(se > 0, stats.t.sf((size - m) / se, df), np.where(size > m, 0.0, 1.0))
    found = {"p": zero, "p_aligned": beyond, "p_material": within}
    return {name: np.where(np.isnan(df), np.nan, p) for name, p in found.items()}


def _lawful(table: pd.DataFrame) -> pd.Series:
    """Rows whose reading may carry a verdict, by mirror type."""
    reading = np.where(table["mirror"] == "parallel", "relative", "absolute")
    return (table["mirror"] != "loose") & (table["reading"] == reading) & table["p"].notna()


def _adjusted(p: pd.Series, method: str) -> np.ndarray:
    """Adjust a family of p-values."""
    from statsmodels.stats.multitest import multipletests

    names = {"bh": "fdr_bh", "by": "fdr_by", "holm": "holm"}
    if method not in names:
        raise DesignError(f"no adjustment is called {method!r}", mend="bh, by or holm")
    return np.asarray(multipletests(p.to_numpy(float), method=names[method])[1])


def _verdicts(table: pd.DataFrame, lawful: pd.Series, few: np.ndarray) -> list[str]:
    """Choose each row's word."""
    words = np.where(
        (table["p_adjusted"] < 0.05) & ~few,
        "dissonant",
        np.where((table["p_aligned_adjusted"] < 0.05) & ~few, "aligned", "undetermined"),
    )
    return [
        _WORDS.get(mirror, {}).get(word, word) if ok else ""
        for word, mirror, ok in zip(words, table["mirror"], lawful, strict=True)
    ]


def _general(gap: Gap, table: pd.DataFrame) -> np.ndarray:
    """Give the mean gap that each relative gap was counted from; NaN for absolute gaps."""
    absolute = gap.levels.values[gap.sides["a"]] - gap.levels.values[gap.sides["b"]]
    return np.where(table["reading"] == "relative", absolute - table["estimate"], np.nan)


def _needed(table: pd.DataFrame) -> np.ndarray:
    """Answers on the smaller side that would settle an undetermined gap, two significant digits; NaN elsewhere.

    With power .8, the standard error must fall to |g| / (z(.975) + z(.8)) to call a gap of at least m, or to
    (m - |g|) / (z(.95) + z(.8)) to call the rest aligned.
    """
    size, m = table["estimate"].abs(), table["smallest"]
    zero, margin, power = stats.norm.ppf([0.975, 0.95, 0.8])
    wanted = np.where(size >= m, size / (zero + power), (m - size) / (margin + power))
    smaller = table[["n_a", "n_b"]].min(axis=1).to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = smaller * (table["se"].to_numpy(float) / wanted) ** 2
    n = np.where((table["verdict"] == "undetermined") & np.isfinite(n) & (n > smaller), n, np.nan)
    digits = 10 ** np.floor(np.log10(np.where(np.isfinite(n), n, 1.0)) - 1)
    return np.asarray(np.ceil(n / digits) * digits)


def _quadrants(gap: Gap, table: pd.DataFrame) -> list[str]:
    """Say where a settled pair stands: both above or both below their audience's mean item, or which side sees it better."""
    values = gap.levels.values
    a, b = values[gap.sides["a"]], values[gap.sides["b"]]
    keys = [table[name] for name in ("family", "statistic", "scale", "reading", *gap.by)]
    centre = pd.DataFrame({"a": a, "b": b}).groupby([key.to_numpy() for key in keys]).transform("mean")
    out = []
    for row, verdict in enumerate(table["verdict"]):
        above, below = a[row] >= centre["a"][row], b[row] >= centre["b"][row]
        if verdict in ("dissonant", "misjudged"):
            out.append("over" if table["estimate"].iloc[row] < 0 else "under")
        elif verdict in ("aligned", "accurate") and above == below:
            out.append("strength" if above else "weakness")
        else:
            out.append("")
    return out


def _notes(table: pd.DataFrame, lawful: pd.Series, few: np.ndarray, n_eff: float) -> list[str]:
    """Write why a row has no verdict, or a cautious one."""
    relative = set(table.loc[table["reading"] == "relative", "item"])
    notes = []
    for row, (own, mirror, reading, item) in enumerate(
        zip(table["note"], table["mirror"], table["reading"], table["item"], strict=True)
    ):
        why = ""
        if mirror == "loose":
            why = _NOTES["loose"]
        elif mirror == "parallel" and reading == "absolute":
            why = _NOTES["parallel" if item in relative else "alone"]
        elif lawful.iloc[row] and few[row]:
            why = f"fewer than {n_eff:g} effective answers on one side"
        notes.append("; ".join(filter(None, (own, why))))
    return notes
