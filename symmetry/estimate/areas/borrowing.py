"""Who may borrow from whom: the families of an estimate by domain, and what is known of its domains from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from symmetry.errors import DataError, DesignError
from symmetry.estimate.nouns import Estimate

__all__ = ["columns_by_domain", "domain_columns", "families", "of_full_rank"]


def domain_columns(est: Estimate) -> list[str]:
    """Columns that tell the domains apart: those of `by`; of contrasts, their names."""
    if not isinstance(est, Estimate):
        raise DesignError(
            f"this wants an Estimate, and a {type(est).__name__} was given", mend="give an estimate by domain"
        )
    if est.by:
        return list(est.by)
    if (est.labels["statistic"] == "contrast").all():
        return ["item"]
    raise DesignError(
        "an estimate without domains has nothing to borrow from", mend='estimate by domain: by=["branch"]'
    )


def families(est: Estimate, within: Sequence[str] = ()) -> list[np.ndarray]:
    """Rows that are shrunk together: one statistic, item, category and audience, and one value of the columns `within`."""
    by = domain_columns(est)
    absent = [name for name in within if name not in by]
    if absent:
        raise DesignError(f"`{absent[0]}` is no column of the domains", mend=f"one of {by}")
    apart = [name for name in est.labels if name not in by or name == "audience" or name in within]
    if not apart:
        return [np.arange(len(est))]
    codes = est.labels[apart].astype(str).agg("\x1f".join, axis=1)
    return [np.flatnonzero(codes == code) for code in codes.drop_duplicates()]


def columns_by_domain(est: Estimate, covariates: pd.DataFrame | None) -> tuple[np.ndarray, list[str]]:
    """Columns (D, p) of the model, the constant first, and their names; a category is a column for each value but the first."""
    constant = np.ones((len(est), 1))
    if covariates is None:
        return constant, ["constant"]
    if not isinstance(covariates, pd.DataFrame) and hasattr(covariates, "to_pandas"):
        covariates = covariates.to_pandas()
    if not isinstance(covariates, pd.DataFrame):
        raise DataError(f"covariates are a {type(covariates).__name__}", mend="give a frame, one row a domain")
    keys = [name for name in domain_columns(est) if name in covariates.columns]
    if not keys or len(keys) == len(covariates.columns):
        raise DataError(
            f"covariates have the columns {list(covariates.columns)}, domains {domain_columns(est)}",
            mend="a frame with the columns of `by`, and a column for each thing known of the domains",
        )
    known = pd.MultiIndex.from_frame(covariates[keys].astype(object))
    if known.has_duplicates:
        raise DataError(
            f"a domain has two rows of covariates: {_text(known, known.duplicated())}", mend="one row a domain"
        )
    asked = pd.MultiIndex.from_frame(est.labels[keys].astype(object))
    where = known.get_indexer(asked)
    if (where < 0).any():
        raise DataError(f"a domain has no covariates: {_text(asked, where < 0)}", mend="one row a domain")
    parts, names = [constant], ["constant"]
    for name in covariates.columns.difference(keys, sort=False):
        column = covariates[name].iloc[where].reset_index(drop=True)
        if column.isna().any():
            raise DataError(
                f"the covariate `{name}` is missing for {_text(asked, column.isna().to_numpy())}",
                mend="fill it, or leave it out",
            )
        if pd.api.types.is_float_dtype(column) and np.isinf(column.to_numpy(float)).any():
            these = np.isinf(column.to_numpy(float))
            raise DataError(f"the covariate `{name}` is infinite for {_text(asked, these)}", mend="give a number")
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        made = column.astype(float).to_frame(str(name)) if numeric else pd.get_dummies(
            column.astype(str), prefix=str(name), prefix_sep=": ", drop_first=True, dtype=float
        )  # fmt: skip
        parts.append(made.to_numpy())
        names += list(made.columns)
    return np.hstack(parts), names


def of_full_rank(x: np.ndarray, names: Sequence[str], size: int) -> np.ndarray:
    """Columns that are not all 0 in a family; where there are domains enough to fit them, none may follow from the others.

    These are then made orthogonal to each other, so that a covariate far from 0 costs no digits: what domains borrow depends on
    the space that the columns span alone.
    """
    kept = np.flatnonzero((x != 0).any(axis=0))
    x = x[:, kept]
    if size < x.shape[1] + 3 or x.shape[1] < 2:
        return x
    made = np.empty(x.shape)
    for place in range(x.shape[1]):
        centred = _apart(x[:, place], made[:, : min(place, 1)])
        rest = _apart(centred, made[:, :place])
        length = np.linalg.norm(rest)
        flat = np.linalg.norm(centred) <= 1e-13 * np.linalg.norm(x[:, place])
        if flat or length <= 1e-9 * np.linalg.norm(centred):
            raise DesignError(
                f"the covariate `{names[kept[place]]}` follows from those before it", mend="leave one of them out"
            )
        made[:, place] = rest / length
    return np.asarray(made * np.sqrt(size))


def _apart(column: np.ndarray, others: np.ndarray) -> np.ndarray:
    """What is left of a column (D,) beside others of length 1 that are orthogonal, (D, p): twice, for the last digits."""
    once = column - others @ (others.T @ column)
    return np.asarray(once - others @ (others.T @ once))


def _text(index: pd.MultiIndex, these: np.ndarray) -> str:
    """The first of some domains in words."""
    return " × ".join(str(part) for part in index[np.flatnonzero(these)[0]])
