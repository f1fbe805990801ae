"""What a fitted model expects of given rows, with the error that its coefficients carry (the delta method)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.errors import DesignError
from symmetry.estimate.intervals import critical
from symmetry.estimate.models.generalised import Model
from symmetry.estimate.models.ordinal import Ordinal
from symmetry.estimate.models.thresholds import LINKS
from symmetry.estimate.nouns import Bounds, Estimate

__all__ = ["outcome_of", "predict"]


def predict(model: Model | Ordinal, frame: pd.DataFrame | None = None, *, kind: str = "response") -> Estimate:
    """Predict rows from a model, with their joint covariance.

    Parameters
    ----------
    model : from `glm` or `ordinal`.
    frame : m rows with every variable of the right side, in pandas or with `to_pandas()`; none for the rows of the fit.
    kind : "response", means (of ordered categories: the chance of each), or "link", linear predictors x'β.

    Returns
    -------
    Estimate of m values, told apart by `row` (the frame's index); of m × categories for chances, `category` innermost.  Intervals
    are made on the scale of the link and taken back, which keeps them in the family's range.  A row that misses a variable has no
    value.  The frame is taken as given: errors are those of the expectation, not of a new answer.

    Raises
    ------
    DesignError : an unknown kind, a frame without a variable of the model, or a category the model has not seen.

    Notes
    -----
    R twin: ``predict(model, newdata = frame, type = "response", vcov = TRUE)`` for values and covariance.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.models.generalised import glm
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=200), "psu": np.repeat(np.arange(20), 10)})
    >>> data["yes"] = (rng.random(200) < 1 / (1 + np.exp(-data["a"]))).astype(int)
    >>> model = glm(Design(data, psu="psu"), "yes ~ a", family="binomial")
    >>> predict(model, pd.DataFrame({"a": [-1.0, 0.0, 1.0]})).table()[["row", "estimate", "se", "lower", "upper"]].round(3)
       row  estimate     se  lower  upper
    0    0     0.311  0.041  0.232  0.401
    1    1     0.515  0.037  0.437  0.592
    2    2     0.714  0.055  0.587  0.815
    """
    if kind not in ("response", "link"):
        raise DesignError(f"no prediction is called {kind!r}", mend='"response" or "link"')
    if not isinstance(model, Model | Ordinal):
        raise DesignError(
            f"predictions are of a model, and a {type(model).__name__} was given", mend="give what `glm` returned"
        )
    columns, own = model.columns, model.estimate
    if frame is not None and not isinstance(frame, pd.DataFrame) and hasattr(frame, "to_pandas"):
        frame = frame.to_pandas()
    x = columns.block(slice(None)) if frame is None else columns.spec(frame)
    if np.isinf(x).any():
        raise DesignError("the frame makes an infinite column", mend="give finite numbers, or leave them missing")
    index = pd.RangeIndex(len(own.design.data))[columns.rows] if frame is None else frame.index
    p = len(columns.names)
    eta = own.values[:p] @ x
    if isinstance(model, Ordinal) and kind == "response":
        values, slopes = _chances(model, x, eta)
        labels = {
            "row": np.repeat(index.to_numpy(), len(model.levels)),
            "category": np.tile(np.array(model.levels, dtype=object), len(index)),
        }
        return _made(model, values, slopes, labels, None)
    labels = {"row": index.to_numpy()}
    if isinstance(model, Ordinal) or kind == "link":
        return _made(model, eta, np.pad(x.T, ((0, 0), (0, len(own) - p))), labels, None)
    link = model.family.link
    with np.errstate(all="ignore"):
        values, slopes = link.inverse(eta), link.slope(eta)[:, None] * x.T
    linear = _made(model, eta, x.T, labels, None)

    def bounds(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        half = critical(linear.df, (1 + level) / 2) * linear.se
        ends = link.inverse(np.array([eta - half, eta + half]))
        return ends.min(axis=0), ends.max(axis=0), ("",) * len(eta)

    return _made(model, values, slopes, labels, bounds)


def outcome_of(model: Model | Ordinal) -> str:
    """The left side of a model's formula."""
    return model.formula.partition("~")[0].strip()


def _made(
    model: Model | Ordinal, values: np.ndarray, slopes: np.ndarray, labels: dict[str, np.ndarray], bounds: Bounds | None
) -> Estimate:
    """An Estimate of values (m,) that move with the coefficients by slopes (m, q), NaN where a row misses a variable."""
    own, m = model.estimate, len(values)
    known = np.isfinite(slopes).all(axis=1)
    safe = np.where(known[:, None], slopes, 0.0)
    variance = np.einsum("mq,qr,mr->m", safe, own.covariance(), safe, optimize=True)
    return Estimate(
        design=own.design,
        labels=pd.DataFrame({"statistic": "prediction", "item": outcome_of(model), **labels}),
        values=np.where(known, values, np.nan),
        influence=own.influence.combine(sparse.csr_array(safe)),
        variance=np.where(known, variance, np.nan),
        part=np.full(m, own.part[0]),
        n=np.full(m, model.n),
        psus=np.full(m, own.psus[0]),
        df=np.full(m, own.df[0]),
        deff=np.full(m, np.nan),
        method="logit" if "category" in labels else "mean",
        note=() if known.all() else tuple(np.where(known, "", "the row misses a variable of the model")),
        reference="",
        bounds=bounds,
    )


def _chances(model: Ordinal, x: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chances of every category (m·K,) of columns (p, m), categories innermost, and their slopes by the coefficients (m·K, q)."""
    kind, (p, m) = LINKS[model.link], x.shape
    zeta = np.concatenate([[-np.inf], model.estimate.values[p:], [np.inf]])
    size = len(zeta) - 1
    known = np.isfinite(eta)
    ends = zeta - np.where(known, eta, 0.0)[:, None]
    chance, up, down, *_ = kind.between(ends[:, :-1], ends[:, 1:])
    above, below = chance * up, chance * down
    slopes = np.zeros((m, size, p + size - 1))
    slopes[:, :, :p] = -x.T[:, None, :] * (above - below)[..., None]
    place = np.arange(size - 1)
    slopes[:, place, p + place] = above[:, :-1]
    slopes[:, place + 1, p + place] -= below[:, 1:]
    return chance.ravel(), slopes.reshape(m * size, -1)
