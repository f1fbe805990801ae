"""Errors and degrees of freedom for few psus, or for values that rest on few of them.

The count of psus minus strata is right where all psus weigh alike.  Where a domain, a contrast or a coefficient rests on three of
fifteen, the linearised error is too small and its df too many: Bell and McCaffrey's error and degrees of freedom mend both.  The
algebra is in `bias_reduction.py`; this file finds the rows and columns behind an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from symmetry.design import Design, column_of, domains
from symmetry.errors import DesignError
from symmetry.estimate.comparing.bias_reduction import Piece, Strata, together
from symmetry.estimate.contrasts import coefficients, contrast
from symmetry.estimate.models.columns import columns_of
from symmetry.estimate.models.generalised import Model
from symmetry.estimate.nouns import Estimate, estimate_of

__all__ = ["METHODS", "check_design", "mean_piece", "reduced", "small_sample"]

METHODS = ("bell_mccaffrey", "imbens_kolesar", "satterthwaite")


def small_sample(
    est: Estimate | Model, contrasts: Mapping[str, Any] | None = None, *, method: str = "bell_mccaffrey"
) -> Estimate:
    """Standard errors and degrees of freedom that hold with few psus.

    Parameters
    ----------
    est : means or shares, by domain or not, or a fitted model; of a design of one stage (or whose later stages have no fpc).
    contrasts : as `contrast` takes them; none for the values themselves.  Contrasts are made here, from the rows, and not from
        a small-sample estimate: their degrees of freedom are their own.
    method : "bell_mccaffrey": the error is unbiased if errors of respondents are alike and independent, and df are
        Satterthwaite's under that model [1]_ [2]_; "imbens_kolesar": the same error, df under a model in which errors within a
        psu are correlated as they are here [3]_; "satterthwaite": the linearised error as it stands, with its df under the
        first model.

    Returns
    -------
    The estimate (or its contrasts) with `variance` and `df` replaced, and a note that says by how much.  Covariances keep their
    correlations.

    Raises
    ------
    DesignError : replicates, two phases, unequal probabilities, several stages with fpc; another statistic; an unknown method.

    Notes
    -----
    Without strata these are ``clubSandwich::coef_test(lm(y ~ x, weights = w), "CR2", cluster = psu)`` times √(1 - f); with
    strata, scores are centred in them and each stratum's factor n / (n - 1) gives way to the one that makes it unbiased.
    ``svyglm(std.errors = "Bell-McCaffrey", degf = TRUE)`` of R `survey` 4.5 is near it (not run; see the methods page).
    Calibrated weights: the ratio of the two errors and df are those of the weights as if given.

    References
    ----------
    .. [1] Bell, McCaffrey (2002). Bias reduction in standard errors for linear regression with multi-stage samples. Survey
       Methodology 28, 169-181.
    .. [2] Pustejovsky, Tipton (2018). Small-sample methods for cluster-robust variance estimation and hypothesis testing in fixed
       effects models. J. Business & Economic Statistics 36, 672-683.
    .. [3] Imbens, Kolesár (2016). Robust standard errors in small samples. Review of Economics and Statistics 98, 701-712.

    Examples
    --------
    >>> from symmetry.estimate.means import mean
    >>> answers = pd.DataFrame({"branch": [1] * 6 + [2, 2, 3, 3, 4, 4], "trust": [5, 4, 5, 4, 4, 5, 3, 2, 4, 1, 5, 2]})
    >>> trust = mean(Design(answers, psu="branch"), "trust")
    >>> trust.table()[["estimate", "se", "df"]].round(3)
       estimate     se   df
    0     3.667  0.577  3.0
    >>> small_sample(trust).table()[["estimate", "se", "df", "note"]].round(3)
       estimate     se     df                                     note
    0     3.667  0.662  2.273  bell_mccaffrey: se × 1.147, df 3 → 2.27
    """
    found = estimate_of(est)
    _check(found, method)
    base = found if contrasts is None else contrast(found, contrasts)
    matrix = sparse.csr_array(sparse.eye_array(len(found))) if contrasts is None else coefficients(found, contrasts)[0]
    pieces = [_model_piece(est)] if isinstance(est, Model) else list(_mean_pieces(found))
    return reduced(base, pieces, matrix, method=method)


def reduced(base: Estimate, pieces: Sequence[Piece], matrix: sparse.csr_array, *, method: str) -> Estimate:
    """Replace variance and df of G values, combinations (G, D) of the D coefficients of all pieces one after the other."""
    strata = Strata.of(base.design, pieces)
    starts = np.cumsum([0, *(piece.x.shape[1] for piece in pieces)])
    owner = np.repeat(np.arange(len(pieces)), np.diff(starts))
    plain, clustered = _spreads(pieces, correlated=False), _spreads(pieces, correlated=method == "imbens_kolesar")
    ratio, df = np.ones(len(base)), np.zeros(len(base))
    for row in range(len(base)):
        used = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = np.zeros(matrix.shape[1])
        terms[matrix.indices[used]] = matrix.data[used]
        held = np.unique(owner[matrix.indices[used]])
        own = [(pieces[piece], terms[starts[piece] : starts[piece + 1]]) for piece in held]
        before = together([piece.scores(term, reduced=False) for piece, term in own], plain)
        if method == "satterthwaite":
            df[row] = strata.freedom(before, plain, strata.usual())
            continue
        parts = [piece.scores(term, reduced=True) for piece, term in own]
        after = together(parts, plain)
        factor = strata.unbiased(after, plain)
        usual, mended = strata.variance(before, strata.usual()), strata.variance(after, factor)
        ratio[row] = np.sqrt(mended / usual) if usual > 0 else 1.0
        df[row] = strata.freedom(together(parts, clustered), clustered, factor)
    df = np.where(base.df > 0, np.where((df == 0) & (base.variance == 0), base.df, df), 0.0)  # a census keeps its count
    told = base.scaled(ratio)
    note = [_note(method, more, old, new) for more, old, new in zip(ratio, base.df, df, strict=True)]
    return replace(told, values=base.values, df=df, deff=base.deff * ratio**2).noted(note)


def mean_piece(design: Design, item: int, y: np.ndarray, rows: np.ndarray) -> Piece:
    """The mean of a variable (n,) over some rows (a mask), those that have no answer left out, as a fit of one column."""
    w = design.layout.weight
    kept = np.flatnonzero(rows & np.isfinite(y) & (w != 0))
    e = y[kept] - np.average(y[kept], weights=w[kept])
    return Piece(item, design.layout.psu[kept], np.ones((len(kept), 1)), e, w[kept], len(design.layout.stratum))


def _check(found: Estimate, method: str) -> None:
    """Refuse methods that do not exist and designs for which nothing is worked out."""
    if method not in METHODS:
        raise DesignError(
            f"no small-sample method is called {method!r}", mend=f"one of {', '.join(repr(name) for name in METHODS)}"
        )
    if found.imputed:
        raise DesignError(
            "small-sample errors are worked out from the rows of one data set, not of several imputations",
            mend="combine first and last: its degrees of freedom are Barnard and Rubin's",
        )
    check_design(found.design)


def check_design(design: Design) -> None:
    """Refuse designs for which small samples are not worked out.

    Raises
    ------
    DesignError : replicates, a quadratic form, several stages with fpc, a lonely-psu rule at work.
    """
    layout = design.layout
    if layout.replicates is not None:
        raise DesignError(
            "small-sample degrees of freedom are worked out from rows, not from replicates",
            mend="use the design that was replicated",
        )
    if layout.form is not None or any(stage.scale.any() for stage in layout.stages[1:]):
        raise DesignError(
            "small-sample errors are worked out for one stage of sampling, not for unequal probabilities without "
            "replacement, two phases or several stages with fpc",
            mend="describe the design by the psus and fpc of its first stage",
        )
    if layout.stages[0].lonely.any() and design.lonely_psu in ("centre", "average"):
        raise DesignError(
            f"small-sample errors do not know lonely_psu={design.lonely_psu!r}",
            mend='merge lonely strata, or choose "remove" or "certainty"',
        )


def _model_piece(model: Model) -> Piece:
    """The fit of a model, errors and columns divided by the root of the variance that its family gives them."""
    design, family, beta = model.estimate.design, model.family, model.estimate.values
    made = columns_of(design, model.formula)
    x = made.block(slice(0, len(made))).T
    eta = x @ beta
    mu = family.link.inverse(eta)
    root = np.sqrt(family.variance(mu))
    x = x * (family.link.slope(eta) / root)[:, None]
    layout = design.layout
    return Piece(0, layout.psu[made.rows], x, (made.y - mu) / root, layout.weight[made.rows], len(layout.stratum))


def _mean_pieces(found: Estimate) -> Iterator[Piece]:
    """A piece for each value of means or shares; refuses values that are no weighted mean of their column."""
    design = found.design
    held = domains(design, found.by)
    number = {tuple(row): code for code, row in enumerate(held.keys.itertuples(index=False, name=None))}
    items = {item: code for code, item in enumerate(dict.fromkeys(found.labels["item"]))}
    for row, value in enumerate(found.values):
        labels = found.labels.iloc[row]
        item, place = labels["item"], number.get(tuple(labels[list(found.by)]))
        known = item in design.data and place is not None
        if known and "category" in labels:
            column = design.data[item]
            y = np.where(column.isna(), np.nan, (column == labels["category"]).to_numpy(float))
        elif known:
            y = column_of(design, item)
        piece = mean_piece(design, items[item], y, held.code == place) if known else None
        if piece is None or not len(piece.e) or not _same(y, piece, held.code == place, design, value):
            raise DesignError(
                f"`{item}` ({labels['statistic']}) is no mean or share of a column",
                mend="score the answers into a column and take its mean; give contrasts to small_sample itself",
            )
        yield piece


def _same(y: np.ndarray, piece: Piece, rows: np.ndarray, design: Design, value: float) -> bool:
    """Whether a value is the weighted mean that a piece is about."""
    kept = rows & np.isfinite(y) & (design.layout.weight != 0)
    mean = float(np.average(y[kept], weights=piece.w))
    return abs(mean - value) <= 1e-9 * max(1.0, float(np.abs(y[kept]).max()))


def _spreads(pieces: Sequence[Piece], *, correlated: bool) -> dict[int, tuple[float, float]]:
    """Variance of the errors of each item beyond their psu's, and their covariance within a psu, both over their mean square."""
    found = {}
    for item in {piece.item for piece in pieces}:
        own = [piece for piece in pieces if piece.item == item]
        e = np.concatenate([piece.e for piece in own])
        whole = float(e @ e) / len(e)
        if not correlated or whole == 0:
            found[item] = (whole or 1.0, 0.0)
            continue
        psu, size = np.concatenate([piece.psu for piece in own]), own[0].size
        sums, squares = (np.bincount(psu, weights=power, minlength=size) for power in (e, e**2))
        count = np.bincount(psu, minlength=size).astype(float)
        pairs = float((count * (count - 1)).sum())
        rho = max(float((sums**2 - squares).sum()) / pairs, 0.0) if pairs else 0.0
        found[item] = (max(whole - rho, 0.0), rho)
    return found


def _note(method: str, ratio: float, old: float, new: float) -> str:
    """What the method changed."""
    if not new > 0:
        return f"{method}: no degrees of freedom"
    error = "" if method == "satterthwaite" else f"se × {ratio:.3f}, "
    return f"{method}: {error}df {old:.3g} → {new:.3g}"
