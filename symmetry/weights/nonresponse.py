"""Nonresponse: those who answered also stand for those like them who did not.

Alike by classes (the inverse of the weighted response rate of each), or by a response propensity: a weighted logistic
regression, whose inverse multiplies the weight of a respondent, or whose quantiles make the classes (Little 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.calibration import remember
from symmetry.weights.cells import summed
from symmetry.weights.coding import as_frame, codes_of, column_of, first_row, joint, numbers, starting
from symmetry.weights.recipe import Step

__all__ = ["adjust_nonresponse", "adjusted"]


def adjust_nonresponse(
    frame: pd.DataFrame,
    respondent: str,
    *,
    classes: str | Sequence[str] = (),
    covariates: str | Sequence[str] = (),
    quantiles: int | None = None,
    weight: str | None = None,
    name: str = "weight",
) -> pd.DataFrame:
    """Give the weight of those who did not answer to those like them who did.

    Parameters
    ----------
    frame : one row a person drawn, respondent or not.
    respondent : column that tells who answered: True or 1, False or 0.
    classes : columns whose crossed values make classes known for everybody; none (and no covariates) is one class.
    covariates : columns, numeric or categorical, of a logistic regression of answering, weighted by the starting weights.
    quantiles : with covariates, how many classes the estimated propensities make; none uses each person's own propensity.
    weight : column of starting weights; none means 1 for everybody.
    name : column that receives the weights; the starting ones are kept in `<name>.starting`.

    Returns
    -------
    A copy of the frame with both columns: nonrespondents keep their row, with weight 0.  Classes keep their total exactly,
    propensities on average.

    Raises
    ------
    DataError : `respondent` is neither 0 nor 1 somewhere, a class or covariate is missing, classes and covariates together,
        `name` is a column of answers.
    ConvergenceError : a class in which nobody answered; covariates that tell for certain who answers.

    Notes
    -----
    R twin: ``weights / ave(weights * responded) * ave(weights)`` by class;
    ``weights / fitted(svyglm(responded ~ x, design, family = quasibinomial()))`` with propensities.

    References
    ----------
    .. [1] Little (1986). Survey nonresponse adjustments for estimates of means. Int. Stat. Review 54, 139-157.

    Examples
    --------
    >>> drawn = pd.DataFrame({"region": ["n", "n", "s", "s"], "answered": [1, 0, 1, 1]})
    >>> adjust_nonresponse(drawn, "answered", classes="region")["weight"].tolist()
    [2.0, 0.0, 1.0, 1.0]
    """
    frame = as_frame(frame)
    start = starting(frame, weight)
    options: dict[str, Any] = {"respondent": respondent, "classes": _names(classes), "covariates": _names(covariates)}
    options["quantiles"] = quantiles
    fitted, told = adjusted(frame, start, **options)
    return remember(frame, weight, name, start, fitted, Step("adjust_nonresponse", options), (told,))


def adjusted(
    frame: pd.DataFrame,
    start: np.ndarray,
    *,
    respondent: str,
    classes: str | Sequence[str] = (),
    covariates: str | Sequence[str] = (),
    quantiles: int | None = None,
) -> tuple[np.ndarray, str]:
    """Give adjusted weights, (n,) or (n, R) as the starting ones are, and what there is to tell."""
    answered = _answered(frame, respondent, start)
    if covariates and classes:
        raise DataError(
            "nonresponse takes classes or covariates, not both", mend="put the classes among the covariates"
        )
    if quantiles is not None and not covariates:
        raise DataError(
            f"quantiles={quantiles!r} needs covariates: it cuts the propensities they give into classes",
            mend="leave `quantiles` out (`classes` are classes already), or give `covariates=` in the place of classes",
        )
    if quantiles is not None and not (isinstance(quantiles, Integral) and quantiles >= 1):
        raise DataError(f"quantiles={quantiles!r} is no number of classes", mend="a whole number, such as quantiles=5")
    if not covariates:
        names = _names(classes)
        group, found = (
            joint(frame, names, "the nonresponse adjustment", mend="name columns of the frame in `classes`")
            if names
            else (np.zeros(len(frame), np.intp), None)
        )
        _refuse_missing(group, names, start)
        group = np.where(group < 0, 0, group)
        fitted, size = _by_class(group, answered, start, found)
        return fitted, f"nonresponse: {int(answered.sum())} of {len(frame)} answered, in {size} classes"
    design = _covariates(frame, _names(covariates), start)
    if start.ndim == 1:
        fitted = _by_propensity(design, answered, start, quantiles)
    else:
        columns = [_by_propensity(design, answered, one, quantiles) for one in np.ascontiguousarray(start.T)]
        fitted = np.column_stack(columns)
    way = f"in {quantiles} classes of propensity" if quantiles else "by their propensities"
    return fitted, f"nonresponse: {int(answered.sum())} of {len(frame)} answered, {way}"


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _answered(frame: pd.DataFrame, respondent: str, start: np.ndarray) -> np.ndarray:
    """Who answered (n,), a bool."""
    values = numbers(frame, respondent, "who answered", mend="name the column that tells who answered and who did not")
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        raise DataError(
            f"who answered `{respondent}` is {values[wrong][0]:g} on row {first_row(wrong)}",
            mend="1 or True for who answered, 0 or False for who did not",
        )
    if not (values == 1).any():
        raise ConvergenceError(
            f"nobody answered: `{respondent}` is 0 on every row", mend="is the column the right one?"
        )
    return np.asarray(values == 1)


def _refuse_missing(group: np.ndarray, names: Sequence[str], start: np.ndarray) -> None:
    """Refuse people with a weight and no class."""
    lost = (group < 0) & (start.reshape(len(start), -1) > 0).any(axis=1)
    if lost.any():
        raise DataError(
            f"the class `{' × '.join(names)}` is missing for {int(lost.sum())} people (first row {first_row(lost)})",
            mend="classes are known for everybody drawn: give them a category of their own",
        )


def _by_class(
    group: np.ndarray, answered: np.ndarray, start: np.ndarray, found: pd.DataFrame | None
) -> tuple[np.ndarray, int]:
    """Multiply the respondents' weights by all over respondents in their class."""
    size = int(group.max()) + 1
    mine = start * (answered if start.ndim == 1 else answered[:, None])
    everybody, those = summed(group, start, size), summed(group, mine, size)
    silent = (those == 0) & (everybody > 0)
    if silent.any():
        at = int(np.flatnonzero(silent.reshape(size, -1).any(axis=1))[0])
        label = " × ".join(str(part) for part in found.iloc[at]) if found is not None else "number " + str(at + 1)
        raise ConvergenceError(
            f"nobody answered in the class {label} ({int((group == at).sum())} people; {int(silent.sum())} such classes)",
            mend="merge the class with one like it",
        )
    factor = np.divide(everybody, those, out=np.zeros_like(those), where=those > 0)
    return np.asarray(mine * factor[group]), size


def _by_propensity(design: np.ndarray, answered: np.ndarray, start: np.ndarray, quantiles: int | None) -> np.ndarray:
    """Multiply the respondents' weights by the inverse of their propensity, or by that of their class of propensity."""
    chance = _propensity(design, answered, start)
    if quantiles is None:
        return np.asarray(start * answered / chance)
    held = start > 0
    cuts = np.quantile(chance[held], np.arange(1, quantiles) / quantiles)
    return _by_class(np.searchsorted(cuts, chance, side="right"), answered, start, None)[0]


def _covariates(frame: pd.DataFrame, names: Sequence[str], start: np.ndarray) -> np.ndarray:
    """The regression's columns (n, q): 1, standardised numbers, and indicators of all categories but the first found."""
    columns = [np.ones(len(frame))]
    heed = np.asarray((start.reshape(len(start), -1) > 0).any(axis=1))
    for name in names:
        column = column_of(frame, name, "the propensity", "name columns of the frame in `covariates`")
        if pd.api.types.is_numeric_dtype(column.dtype):
            values = numbers(frame, name, "the covariate", heed=heed)
            spread = values.std()
            columns.append((values - values.mean()) / (spread if spread > 0 else 1.0))
            continue
        codes, labels = codes_of(column)
        lost = (codes < 0) & heed
        if lost.any():
            raise DataError(
                f"the covariate `{name}` is missing for {int(lost.sum())} people (first row {first_row(lost)})",
                mend="covariates are known for everybody drawn: give the missing a category of their own",
            )
        used = [number for number in range(len(labels)) if (codes == number).any()]
        columns += [(codes == number).astype(float) for number in used[1:]]
    return np.column_stack(columns)


def _propensity(design: np.ndarray, answered: np.ndarray, start: np.ndarray, *, steps: int = 50) -> np.ndarray:
    """Probability of answering (n,) by a weighted logistic regression, fitted by Newton steps to 1e-12.

    Parameters
    ----------
    design : (n, q) columns; they may depend on each other.
    answered : (n,) whether each person answered.
    start : (n,) weights of the score equations.
    """
    slope = np.zeros(design.shape[1])
    heavy = start / start.sum()
    loss = np.inf
    for _ in range(steps):
        line = design @ slope
        chance = 1 / (1 + np.exp(-np.clip(line, -700, 700)))
        before, loss = loss, float(heavy @ np.logaddexp(0, np.where(answered, -line, line)))
        score = design.T @ (heavy * (answered - chance))
        square = design.T @ (design * (heavy * chance * (1 - chance))[:, None])
        if abs(score).max() < 1e-13 or (before - loss <= 1e-15 and abs(score).max() < 1e-11):
            break
        slope = slope + np.linalg.lstsq(square, score, rcond=1e-12)[0]
        if np.abs(design @ slope)[start > 0].max() > 30:
            raise ConvergenceError(
                "the covariates tell for certain who answers: the propensities end at 0 or 1",
                mend="drop the covariate that separates them, merge rare categories, or adjust by classes",
            )
    else:
        raise ConvergenceError(
            f"the propensities have not settled after {steps} steps (score {abs(score).max():.2g})",
            mend="drop covariates that hardly vary, or adjust by classes",
        )
    return np.asarray(chance)
