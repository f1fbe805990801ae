"""Rank tests under a design: whether groups differ in distribution, whatever the unit of the answers.

The estimated share of the population below an answer, half of those at it counted (r / N), is turned into a score g(r / N); the
test compares the mean scores of groups.  Where the groups do not differ, that the ranks are themselves estimated adds nothing to
the error of first order, so scores are taken as answers like any other (Lumley, Scott 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse, special

from symmetry.design import Design, degrees_of_freedom, gather, influence, left_out, replicates_of, variances
from symmetry.errors import DesignError
from symmetry.estimate.comparing.groups import Groups, group_means, groups_of, item_values
from symmetry.estimate.contrasts import contrast
from symmetry.estimate.functions import spread_of
from symmetry.estimate.linearising import items_of
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.tails import f_tail, t_tail

__all__ = ["rank_test"]

Score = Callable[[np.ndarray, float], np.ndarray]
_SCORES: dict[str, tuple[str, str, Score]] = {
    "wilcoxon": ("Wilcoxon", "Kruskal-Wallis", lambda r, total: r / total),
    "normal": ("van der Waerden", "van der Waerden", lambda r, total: special.ndtri(r / total)),
    "median": ("median", "median", lambda r, total: (r > total / 2 * (1 + 1e-12)).astype(float)),
}


def rank_test(
    design: Design,
    items: str | Sequence[str],
    *,
    by: str,
    groups: Sequence[object] | None = None,
    scores: str | Score = "wilcoxon",
    ranks: str = "held",
) -> pd.DataFrame:
    """Test whether two or more groups answer alike, by the ranks of the answers.

    Parameters
    ----------
    items : numeric columns, or arithmetic of columns ("after - before"); a row of the result each.
    by : the column of groups.
    groups : which of its values, in order; none takes all.  Ranks are among the groups compared.
    scores : "wilcoxon" (of several groups, Kruskal and Wallis' test), "normal" (van der Waerden's), "median", or a function of
        ranks (n,) and their total N that returns scores (n,).
    ranks : "held" takes the ranks as they are for the error, which is right where groups do not differ; "again" ranks and
        compares anew in every replicate, an error that holds where they do differ too.

    Returns
    -------
    Frame with a row an item: test, item, contrast, estimate, se, statistic, distribution, df, df2, p, n, note.  Two groups: the
    difference of mean scores (second minus first) and its t on df degrees; for "wilcoxon" it is the chance that somebody of the
    second group answers higher than somebody of the first, ties counted half, less one half.  More groups: F on df and df2.
    df are psus minus strata of those who answered less the number of groups minus 1.  What cannot be tested is NaN and says why.

    Raises
    ------
    DesignError : fewer than two groups, a column that is absent or not numeric, scores that are none, nobody answered.

    Notes
    -----
    R twin: ``svyranktest(x ~ g, design, test = "wilcoxon")``.  R's ranks of tied answers depend on the order of rows where
    weights differ (it averages without weights); here all have the middle of the weight they share.  With replicates R stops
    at three groups.

    References
    ----------
    .. [1] Lumley, Scott (2013). Two-sample rank tests under complex sampling. Biometrika 100, 831-842.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3, 4, 4], "side": list("ceceecec"), "trust": [5, 4, 3, 2, 1, 4, 2, 5]})
    >>> told = rank_test(Design(answers, psu="branch"), "trust", by="side")
    >>> told[["test", "contrast", "estimate", "statistic", "df", "p"]].round(4)
           test contrast  estimate  statistic   df       p
    0  Wilcoxon    e - c   -0.4062    -3.7017  2.0  0.0659
    """
    short, long, score = _score(scores)
    if ranks not in ("held", "again"):
        raise DesignError(f"ranks={ranks!r} is unknown", mend='"held", or "again" with replicates')
    if ranks == "again":
        replicates_of(design)
    whole = groups_of(design, by, groups)
    rows = []
    for label in items_of(items):
        values = item_values(design, label)
        code = np.where(np.isfinite(values), whole.code, -1)
        held = np.flatnonzero(np.bincount(code[code >= 0], minlength=len(whole.values)))
        lost = [repr(value) for number, value in enumerate(whole.values) if number not in held]
        place = np.full(len(whole.values) + 1, -1)
        place[held] = np.arange(len(held))
        some = Groups(by, [whole.values[number] for number in held], place[code])
        found = _tested(design, label, values, some, score, again=ranks == "again")
        note = f"nobody answered in {', '.join(lost)}" if lost else ""
        found["note"] = "; ".join(filter(None, (note, str(found["note"]))))
        rows.append({"test": short if len(some.values) <= 2 else long, "item": label} | found)
    if not any(row["n"] for row in rows):
        raise DesignError(f"nobody answered in two groups of `{by}`", mend="check the columns and the groups")
    return pd.DataFrame(rows)


def _score(scores: str | Score) -> tuple[str, str, Score]:
    """Names of a test of two groups and of more, and its scores."""
    if isinstance(scores, str) and scores in _SCORES:
        return _SCORES[scores]
    if isinstance(scores, str) or not callable(scores):
        known = ", ".join(repr(name) for name in _SCORES)
        raise DesignError(f"no scores are called {scores!r}", mend=f"one of {known}, or a function of ranks and total")
    name = getattr(scores, "__name__", "scores").strip("<>")
    return name, name, scores


def _tested(
    design: Design, label: str, values: np.ndarray, groups: Groups, score: Score, *, again: bool
) -> dict[str, object]:
    """What is told of an item."""
    k = len(groups.values)
    name = groups.contrast if k == 2 else ""
    told: dict[str, object] = {"contrast": name} | dict.fromkeys(("estimate", "se", "statistic"), np.nan)
    told |= {"distribution": "t" if k == 2 else "F", "df": np.nan, "df2": np.nan, "p": np.nan, "n": 0, "note": ""}
    if k < 2:
        return told | {"distribution": ""}
    rows = np.flatnonzero(groups.code >= 0)
    ranking = _Ranking(values[rows], score)
    scored = np.full(len(values), np.nan)
    scored[rows] = ranking.scores(design.layout.weight[rows])
    means = group_means(design, label, scored, groups)
    if design.layout.replicates is not None:
        means = _again(design, means, groups, rows, ranking) if again else _held(design, means, scored, groups)
    gaps = contrast(means, sparse.csr_array(np.column_stack([-np.ones(k - 1), np.eye(k - 1)])))
    free = _free(means, gaps) if (means.df > 0).all() else 0.0
    note = "; ".join(dict.fromkeys(text for text in means.note if text))
    told |= {"n": len(rows), "note": note}
    if not free > 0:
        return told | _freedom(k, 0.0) | {"note": "; ".join(filter(None, (note, "no degrees of freedom")))}
    return told | _freedom(k, free) | _statistic(gaps, free, note)


def _free(means: Estimate, gaps: Estimate) -> float:
    """Psus minus strata of all groups together, less k - 1; across audiences, the fewest of Satterthwaite's."""
    k = len(means)
    if (gaps.part < 0).any():
        return float(gaps.df.min())
    everybody = means.influence.combine(sparse.csr_array(np.ones((1, k)))).presence
    return max(float(degrees_of_freedom(means.design, everybody)[0]) - (k - 1), 0.0)


def _freedom(k: int, free: float) -> dict[str, object]:
    """Degrees of freedom of t, or of F."""
    return {"df": free} if k == 2 else {"df": float(k - 1), "df2": free}


def _statistic(gaps: Estimate, free: float, note: str) -> dict[str, object]:
    """Statistic and p of differences of mean scores."""
    if len(gaps) == 1:
        value, se = float(gaps.values[0]), float(gaps.se[0])
        if not se > 0:
            flat = "; ".join(filter(None, (note, "the scores have no error: answers do not vary within the groups")))
            return {"estimate": value, "se": se, "note": flat}
        return {"estimate": value, "se": se, "statistic": value / se, "p": t_tail(value / se, free)}
    covariance = gaps.covariance()
    size = gaps.se
    if not (size > 0).all() or np.linalg.eigvalsh(covariance / size / size[:, None])[0] < 1e-10:
        flat = "; ".join(
            filter(None, (note, "the differences of mean scores have no error, or follow from each other"))
        )
        return {"note": flat}
    f = float(gaps.values @ np.linalg.solve(covariance, gaps.values)) / len(gaps)
    return {"statistic": f, "p": f_tail(f, len(gaps), free)}


class _Ranking:
    """Answers (m,) put in order once, and ranked under any weights."""

    def __init__(self, values: np.ndarray, score: Score) -> None:
        self.size, self.place = np.unique(values, return_inverse=True)
        self.score = score

    def scores(self, w: np.ndarray) -> np.ndarray:
        """Scores (m,) of the answers under weights (m,): tied answers have the middle of their weight as rank.

        Raises
        ------
        DesignError : the function gives no finite number for each.
        """
        sums = np.bincount(self.place, weights=w, minlength=len(self.size))
        ranks = (np.cumsum(sums) - sums / 2)[self.place]
        total = float(sums.sum())
        found = np.asarray(self.score(ranks, total), dtype=float)
        if found.shape != ranks.shape or not np.isfinite(found[w != 0]).all():
            raise DesignError(
                "the scores of ranks are not a finite number each",
                mend="give a function of ranks (between 0 and N) and their total N that returns as many numbers",
            )
        return np.where(w != 0, found, 0.0)


def _held(design: Design, means: Estimate, scored: np.ndarray, groups: Groups) -> Estimate:
    """The same means with the error of their linearised totals in the replicates, ranks held."""
    w = design.layout.weight
    parts = []
    for number, value in enumerate(means.values):
        inside = groups.code == number
        parts.append(np.where(inside, (scored - value) / w[inside].sum(), np.nan))
    totals = gather(design, [[part] for part in parts])
    gradient = np.broadcast_to(np.array([0.0, 1.0])[:, None], (len(parts), 1, 2, 1)).copy()
    spread, variance = influence(totals, gradient)
    return replace(means, influence=spread, variance=variance)


def _again(design: Design, means: Estimate, groups: Groups, rows: np.ndarray, ranking: _Ranking) -> Estimate:
    """The same means with the error of ranking and averaging anew in every replicate."""
    made, code = replicates_of(design), groups.code[rows]
    thetas = np.empty((made.size, len(means)))
    for block in made.blocks():
        for number, w in enumerate(made.weights(block)[rows].T, block.start):
            with np.errstate(all="ignore"):
                sums = np.bincount(code, weights=w * ranking.scores(w), minlength=len(means))
                thetas[number] = sums / np.bincount(code, weights=w, minlength=len(means))
    spread, lost = spread_of(design, thetas, means.values, rows)
    note = left_out(np.array(means.note or [""] * len(means), dtype=object), lost, made.size)
    return replace(means, influence=spread, variance=variances(design, spread), note=tuple(note) if any(note) else ())
