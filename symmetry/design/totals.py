"""The one pass: answers → weighted totals per psu × domain.

A statistic is a smooth function of totals of a few columns.  `gather` sums w·column for every psu and domain (one sparse
product); `influence` applies the gradient of the statistic to these totals, takes out what calibration explains, and gives
each psu's influence.  After the pass nothing depends on the number of respondents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design.nouns import Design
from symmetry.errors import DesignError

__all__ = ["Totals", "domain_names", "domains", "gather", "influence"]


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over the answers.

    psu (P, D, k) of w·column; sums (D, k) over all psus; n (D,) rows with a weight and an answer; and, for calibrated weights,
    cross (q, D, k) of starting weight × calibration column × column.
    """

    psu: np.ndarray
    sums: np.ndarray
    n: np.ndarray
    cross: np.ndarray | None


def domains(design: Design, by: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the crossed values of some columns.

    Parameters
    ----------
    by : columns of the design's data; none means one domain for all.

    Returns
    -------
    Codes (n,), -1 where a value is missing, and a frame of D rows with the values of each domain in sorted order.

    Raises
    ------
    DesignError : a column is absent.
    """
    absent = [name for name in by if name not in design.data]
    if absent:
        raise DesignError(f"no column `{absent[0]}` to make domains of", mend="name a column of the design's data")
    if not by:
        return np.zeros(len(design.data), int), pd.DataFrame(index=range(1))
    keys = design.data[list(by)]
    codes = keys.groupby(list(by), sort=True, observed=True).ngroup().to_numpy()
    codes = np.where(keys.isna().any(axis=1).to_numpy(), -1, codes).astype(int)
    found = keys.assign(code=codes)[codes >= 0].drop_duplicates("code").sort_values("code")
    return codes, found[list(by)].reset_index(drop=True)


def domain_names(keys: pd.DataFrame) -> pd.Series:
    """Write crossed values as stored tables do, "north × phone"; missing where any of them is.

    Examples
    --------
    >>> domain_names(pd.DataFrame({"region": ["north", "south"], "channel": ["phone", None]})).tolist()
    ['north × phone', nan]
    """
    texts = [keys[name].astype(str).where(keys[name].notna()) for name in keys]
    return texts[0].str.cat(texts[1:], sep=" × ") if len(texts) > 1 else texts[0]


def gather(design: Design, columns: np.ndarray, code: np.ndarray, size: int) -> Totals:
    """Sum weighted columns by psu and domain, in one sparse product.

    Parameters
    ----------
    columns : (n, k); a row with a missing value in any column is out of the domain (its psu and stratum stay).
    code : (n,) domain of each row, -1 for none.
    size : number of domains D.
    """
    layout = design.layout
    inside = (code >= 0) & (layout.weight > 0) & np.isfinite(columns).all(axis=1)
    rows, values = np.flatnonzero(inside), columns[inside]
    shape = (len(layout.psus) * size, len(rows))
    cell = layout.psu[rows] * size + code[rows]
    member = sparse.csr_array((layout.weight[rows], (cell, np.arange(len(rows)))), shape=shape)
    psu = (member @ values).reshape(len(layout.psus), size, columns.shape[1])
    cross = None
    if layout.calibration is not None and layout.starting is not None:
        place = sparse.csr_array((layout.starting[rows], (code[rows], np.arange(len(rows)))), shape=(size, len(rows)))
        fitted = layout.calibration[rows]
        cross = np.stack([place @ (values * fitted[:, [q]]) for q in range(fitted.shape[1])])
    counts = np.bincount(code[rows], minlength=size)
    return Totals(psu, psu.sum(axis=0), counts, cross)


def influence(design: Design, sums: Totals, gradient: np.ndarray) -> np.ndarray:
    """Give each psu's influence on statistics that are smooth functions of totals.

    Parameters
    ----------
    gradient : (D, k) derivative of domain d's statistic with respect to its k totals, or (D, k, m) for m statistics each.

    Returns
    -------
    (P, D) or (P, D, m): the linearised variable summed over each psu.  With calibrated weights it is the residual of its
    regression on the calibration columns, by the starting weights, times the final weights [1]_.

    References
    ----------
    .. [1] Deville, Särndal (1992). Calibration estimators in survey sampling. JASA 87, 376-382.
    """
    formula = "pdk,dkm->pdm" if gradient.ndim == 3 else "pdk,dk->pd"
    found = np.einsum(formula, sums.psu, gradient, optimize=True)
    layout = design.layout
    if sums.cross is None or layout.calibration is None or layout.starting is None:
        return np.asarray(found)
    fitted = layout.calibration
    crossed = np.einsum(formula.replace("p", "q"), sums.cross, gradient, optimize=True)
    square = fitted.T @ (layout.starting[:, None] * fitted)
    slope = np.linalg.pinv(square, hermitian=True) @ crossed.reshape(len(square), -1)
    sum_of = sparse.csr_array(
        (layout.weight, (layout.psu, np.arange(len(layout.psu)))), shape=(len(layout.psus), len(layout.psu))
    )
    explained = (sum_of @ fitted) @ slope
    return np.asarray(found - explained.reshape(found.shape))
