"""How often verdicts err where the truth is known: error rates of rehearsals, with the error that counting them has.

What a verdict promises is in `detecting`; here rehearsals are counted, whoever made them up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.errors import DataError

__all__ = ["error_rates"]

_NEEDED = ("rehearsal", "family", "truth", "lower", "upper", "verdict", "grade", "smallest")
_WORDS = {"misjudged": "dissonant", "accurate": "aligned"}
_PROMISES = {"dissonant": 0.05, "aligned": 0.05, "material": 0.025}
_AT = {"dissonant": "dissonant_at_zero", "aligned": "aligned_at_margin", "material": "material_within_margin"}
_TOLERANCE = 1e-9
_FEWEST = 30


def error_rates(
    rows: pd.DataFrame, *, level: float = 0.95, zero: float = _TOLERANCE, within: str | None = None
) -> pd.DataFrame:
    """Say how often verdicts and intervals erred in rehearsals.

    Parameters
    ----------
    rows : one row a rehearsal and gap, with rehearsal (its number), family (comparison and reading: what is adjusted together),
        truth, lower, upper, verdict, grade, smallest.
    level : of the intervals.
    zero : a truth up to this share of its smallest gap of interest counts as no gap.
    within : column of the items of two-stage families; then `fdr_*` is the mean, over the items in which something was found,
        of the false share there.  None counts the whole family.

    Returns
    -------
    Frame with one row a family (and "" for all of them) and statistic: family, statistic, estimate, se (Monte Carlo, rehearsals
    being the psus), promise, kept, n (gaps counted, over all rehearsals), rehearsals, note.

    - ``covered``: intervals that hold the truth; promised within 0.02 of `level`;
    - ``dissonant_at_zero``, ``aligned_at_margin``, ``material_within_margin``: shares of gaps called so among those of which it
      is false: true gap 0, at least m, at most m; promised 0.05, 0.05, 0.025 at most;
    - ``fdr_dissonant``, ``fdr_aligned``, ``fdr_material``: false share of what is called so, a rehearsal without any counting 0;
      the same promises;
    - ``dissonant_beyond``, ``aligned_within``: shares called so where it is true (at least m; less than m); ``undetermined``:
      share of all.  Nothing is promised of these.

    `kept` is whether the promise was met but for two Monte Carlo errors: "yes" or "no", "" without promise or from fewer than 30
    rehearsals.  Where nothing was there to be counted there is no row.

    Raises
    ------
    DataError : a column is missing, or no row has a verdict.

    Examples
    --------
    >>> rows = pd.DataFrame({"rehearsal": [1, 2, 3, 4], "family": "f", "truth": 0.0, "lower": [-0.1, -0.2, 0.1, -0.1],
    ...     "upper": [0.2, 0.1, 0.6, 0.1], "verdict": ["undetermined", "aligned", "dissonant", "aligned"], "grade": "",
    ...     "smallest": 0.3})
    >>> error_rates(rows).query("family == 'f'")[["statistic", "estimate", "se", "promise"]].iloc[:2].round(4)
               statistic  estimate    se  promise
    0            covered      0.75  0.25     0.95
    1  dissonant_at_zero      0.25  0.25     0.05
    """
    lacking = [name for name in (*_NEEDED, *filter(None, [within])) if name not in rows]
    if lacking:
        raise DataError(
            f"rehearsals lack the column `{lacking[0]}`", mend="one row a rehearsal and gap, see error_rates"
        )
    known = rows[(rows["verdict"] != "") & rows["truth"].notna() & rows["lower"].notna()]
    if known.empty:
        raise DataError("no rehearsal has a verdict", mend="rehearse gaps that may carry one")
    facts = _facts(known, zero, within)
    families = [(family, part) for family, part in facts.groupby("family", sort=False)]
    every = [_family(str(family), part, level) for family, part in [*families, ("", facts)]]
    return pd.concat(every, ignore_index=True)


def _facts(rows: pd.DataFrame, zero: float, within: str | None) -> pd.DataFrame:
    """What is true of each row and what was said of it."""
    verdict = rows["verdict"].replace(_WORDS)
    size, m = rows["truth"].abs(), rows["smallest"]
    item = rows["family"] if within is None else rows[within]
    return pd.DataFrame(
        {
            "rehearsal": rows["rehearsal"].to_numpy(),
            "family": rows["family"].to_numpy(),
            "item": item.to_numpy(),
            "covered": ((rows["lower"] <= rows["truth"]) & (rows["truth"] <= rows["upper"])).to_numpy(),
            "dissonant": (verdict == "dissonant").to_numpy(),
            "aligned": (verdict == "aligned").to_numpy(),
            "material": (rows["grade"] == "material").to_numpy(),
            "undetermined": (verdict == "undetermined").to_numpy(),
            "not_dissonant": (size <= zero * m).to_numpy(),
            "not_aligned": (size >= m * (1 - _TOLERANCE)).to_numpy(),
            "not_material": (size <= m * (1 + _TOLERANCE)).to_numpy(),
        }
    )


def _family(family: str, facts: pd.DataFrame, level: float) -> pd.DataFrame:
    """All rates of one family."""
    every = np.ones(len(facts), bool)
    told = [_rate("covered", facts, facts["covered"], every, level)]
    for claim, promise in _PROMISES.items():
        told.append(_rate(_AT[claim], facts, facts[claim], facts[f"not_{claim}"], promise))
    for claim, promise in _PROMISES.items():
        told.append(_discoveries(claim, facts, promise))
    for claim, name in (("dissonant", "dissonant_beyond"), ("aligned", "aligned_within")):
        large = facts["not_aligned"]
        told.append(_rate(name, facts, facts[claim], large if claim == "dissonant" else ~large))
    told.append(_rate("undetermined", facts, facts["undetermined"], every))
    found = pd.DataFrame([row for row in told if row["n"]]).assign(family=family, note="")
    found["rehearsals"] = facts["rehearsal"].nunique()
    found["kept"] = _kept(found)
    found.loc[found["rehearsals"] < _FEWEST, "note"] = f"fewer than {_FEWEST} rehearsals: nothing is judged"
    return found[["family", "statistic", "estimate", "se", "promise", "kept", "n", "rehearsals", "note"]]


def _rate(
    name: str, facts: pd.DataFrame, said: pd.Series, counted: pd.Series | np.ndarray, promise: float = np.nan
) -> dict[str, object]:
    """Share of the counted rows of which something was said, its error over rehearsals."""
    numbers, kinds = pd.factorize(facts["rehearsal"])
    below = np.bincount(numbers, np.asarray(counted, float), minlength=len(kinds))
    above = np.bincount(numbers, np.asarray(said & counted, float), minlength=len(kinds))
    return _ratio(name, above, below, promise)


def _discoveries(claim: str, facts: pd.DataFrame, promise: float) -> dict[str, object]:
    """False share of what is called so: by family and item where any is, averaged over these in each rehearsal."""
    numbers, kinds = pd.factorize(facts["rehearsal"])
    unit = facts.groupby(["rehearsal", "family", "item"], sort=False).ngroup().to_numpy()
    called = np.bincount(unit, facts[claim])
    wrong = np.bincount(unit, facts[claim] & facts[f"not_{claim}"])
    home = np.zeros(len(called), int)
    home[unit] = numbers
    share = np.divide(wrong, called, out=np.zeros(len(called)), where=called > 0)
    selected = (
        facts["item"].ne(facts["family"]).any()
    )  # items: their mean over those chosen; families: a silent one counts 0
    below = np.bincount(home, called > 0 if selected else None, minlength=len(kinds))
    mean = np.bincount(home, share, minlength=len(kinds)) / np.maximum(below, 1)
    told = _ratio(f"fdr_{claim}", mean, np.ones(len(kinds)), promise)
    return told | {"n": int(called.sum())}


def _ratio(name: str, above: np.ndarray, below: np.ndarray, promise: float) -> dict[str, object]:
    """A ratio of sums over rehearsals, linearised."""
    total, times = below.sum(), len(below)
    rate = above.sum() / total if total else np.nan
    error = (
        np.sqrt(times / (times - 1) * ((above - rate * below) ** 2).sum()) / total if total and times > 1 else np.nan
    )
    return {"statistic": name, "estimate": rate, "se": error, "promise": promise, "n": int(total)}


def _kept(found: pd.DataFrame) -> np.ndarray:
    """Whether each promise was met but for two Monte Carlo errors, which few rehearsals do not tell."""
    spare = 2 * found["se"].fillna(0.0)
    covered = (found["estimate"] - found["promise"]).abs() <= 0.02 + spare
    met = np.where(found["statistic"] == "covered", covered, found["estimate"] <= found["promise"] + spare)
    untold = found["promise"].isna() | (found["rehearsals"] < _FEWEST)
    return np.where(untold, "", np.where(met, "yes", "no"))
