"""Design: answers with the facts inference needs, weight, stratum, psu and fpc.

What variances use (integer codes, population counts, calibration columns) is worked out once, at birth, in `Layout`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.errors import DesignError
from symmetry.weights import calibration_of

__all__ = ["Design", "Layout", "LonelyPsu"]

LonelyPsu = Literal["fail", "remove", "certainty", "centre", "average"]


@dataclass(frozen=True, eq=False)
class Layout:
    """Arrays behind a design of n rows, P psus and H strata.

    weight (n,); psu (n,) number of each row's psu; stratum (P,) number of each psu's stratum; psus (P,) and strata (H,) labels;
    population (H,) psus in the population, infinite without fpc; part (n,) number of the audience a row belongs to, `parts` its
    names; calibration (n, q) indicators the weights were fitted to and starting (n,) the weights before, or None.
    """

    weight: np.ndarray
    psu: np.ndarray
    stratum: np.ndarray
    psus: np.ndarray
    strata: np.ndarray
    population: np.ndarray
    part: np.ndarray
    parts: tuple[str, ...]
    calibration: np.ndarray | None = None
    starting: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """A sample ready for inference.

    Parameters
    ----------
    data : one row a respondent.
    weight : column of weights, none missing or negative; without it they follow from `fpc` (population over sample psus of the
        stratum), and without that they are 1.
    stratum : column of strata; none means one stratum.
    psu : column of primary sampling units; none means that each row is one.  A label used in two strata is two psus.
    fpc : column with the number of psus in the population of the row's stratum.
    lonely_psu : what a stratum with one psu adds to a variance: "fail" refuses, "remove" and "certainty" nothing, "centre" its
        squared distance to the mean of all psu totals, "average" the mean of the other strata.

    Raises
    ------
    DesignError : a column is absent, a weight is missing, negative or not a number, a role is missing on a row, an fpc varies
        inside a stratum or is smaller than the sample.

    Notes
    -----
    R twin: ``svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~fpc, data = data, nest = TRUE)``

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2], "weight": [2.0, 1.0, 1.0, 1.0], "trust": [5, 4, 3, 2]})
    >>> Design(answers, weight="weight", psu="branch")
    Design: 4 rows, 2 psus in 1 stratum; weight `weight`, psu `branch`
    """

    data: pd.DataFrame
    weight: str | None = field(default=None, kw_only=True)
    stratum: str | None = field(default=None, kw_only=True)
    psu: str | None = field(default=None, kw_only=True)
    fpc: str | None = field(default=None, kw_only=True)
    lonely_psu: LonelyPsu = field(default="fail", kw_only=True)
    given: Layout | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.lonely_psu not in get_args(LonelyPsu):
            raise DesignError(f"lonely_psu={self.lonely_psu!r} is unknown", mend=f"one of {get_args(LonelyPsu)}")
        len(self.layout.weight)

    @cached_property
    def layout(self) -> Layout:
        """The arrays behind the design, worked out once (a stacked design is given them)."""
        return self.given or _lay_out(self)

    def __repr__(self) -> str:
        layout = self.layout
        roles = [f"{role} `{name}`" for role in ("weight", "stratum", "psu", "fpc") if (name := getattr(self, role))]
        strata = f"{len(layout.strata)} strat{'um' if len(layout.strata) == 1 else 'a'}"
        audiences = f"; {' and '.join(layout.parts)}" if len(layout.parts) > 1 else ""
        return f"Design: {len(self.data)} rows, {len(layout.psus)} psus in {strata}; {', '.join(roles)}{audiences}"


def _lay_out(design: Design) -> Layout:
    """Code the roles of a design; every fault of its columns is found here."""
    data, n = design.data, len(design.data)
    for role in ("weight", "stratum", "psu", "fpc"):
        name = getattr(design, role)
        if name is not None and name not in data:
            raise DesignError(
                f"the frame has no column `{name}` to be the {role}", mend=f"it has {_some(data.columns)}"
            )
    if not n:
        raise DesignError("the frame has no rows", mend="a design needs at least one respondent")
    strata_of_row, strata = _codes(data, design.stratum, "stratum")
    if design.psu is None:
        psu, stratum, psus = np.arange(n), strata_of_row, np.arange(n).astype(object)
    else:
        within, labels = _codes(data, design.psu, "psu")
        pairs, psu = np.unique(np.column_stack([strata_of_row, within]), axis=0, return_inverse=True)
        psu, stratum, psus = psu.ravel(), pairs[:, 0], labels[pairs[:, 1]]
    population = _population(design, strata_of_row, strata, np.bincount(stratum, minlength=len(strata)))
    weight = _weights(design, strata_of_row, population, np.bincount(stratum, minlength=len(strata)))
    fitted = calibration_of(data, design.weight)
    return Layout(
        weight=weight,
        psu=psu,
        stratum=stratum,
        psus=psus,
        strata=strata,
        population=population,
        part=np.zeros(n, int),
        parts=("",),
        calibration=fitted.columns(data) if fitted else None,
        starting=data[fitted.starting].to_numpy(float) if fitted else None,
    )


def _codes(data: pd.DataFrame, name: str | None, role: str) -> tuple[np.ndarray, np.ndarray]:
    """Number the values of a role (n,) in sorted order, and give the labels."""
    if name is None:
        return np.zeros(len(data), int), np.array(["all"], dtype=object)
    codes, labels = pd.factorize(data[name], sort=True)
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0]) + 1
        raise DesignError(
            f"the {role} `{name}` is missing on {int((codes < 0).sum())} rows (first: row {row})",
            mend=f"give every respondent a {role}, or leave these rows out of the frame",
        )
    return codes, np.asarray(labels, dtype=object)


def _population(design: Design, row: np.ndarray, strata: np.ndarray, sampled: np.ndarray) -> np.ndarray:
    """Give the number of psus in the population of each stratum (H,), infinite without fpc."""
    if design.fpc is None:
        return np.full(len(strata), np.inf)
    values = _numbers(design.data[design.fpc], f"the fpc `{design.fpc}`")
    low, high = (np.full(len(strata), fill) for fill in (np.inf, -np.inf))
    np.minimum.at(low, row, values)
    np.maximum.at(high, row, values)
    if (low != high).any():
        raise DesignError(
            f"the fpc `{design.fpc}` varies inside stratum {strata[np.argmax(low != high)]!r}",
            mend="give the number of psus in the population, the same on every row of a stratum",
        )
    if (low < sampled).any():
        worst = int(np.argmax(low < sampled))
        raise DesignError(
            f"stratum {strata[worst]!r} has {sampled[worst]} psus in the sample and {low[worst]:g} in its population",
            mend="the fpc is a count of psus in the population (not a fraction)",
        )
    return low


def _weights(design: Design, row: np.ndarray, population: np.ndarray, sampled: np.ndarray) -> np.ndarray:
    """Give the weights (n,): the column, or population over sample, or 1."""
    if design.weight is None:
        return np.ones(len(row)) if design.fpc is None else (population / sampled)[row]
    weight = _numbers(design.data[design.weight], f"the weight `{design.weight}`")
    if (weight < 0).any():
        raise DesignError(
            f"the weight `{design.weight}` is negative on row {int(np.argmax(weight < 0)) + 1}",
            mend="weights are not negative; 0 leaves a respondent out",
        )
    if not weight.any():
        raise DesignError(f"the weight `{design.weight}` is 0 on every row", mend="give somebody a weight")
    return weight


def _numbers(column: pd.Series, what: str) -> np.ndarray:
    """Turn a column into finite floats or say which row is not one."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    if not np.isfinite(values).all():
        row = int(np.argmax(~np.isfinite(values)))
        raise DesignError(f"{what} is {str(column.iloc[row])!r} on row {row + 1}", mend="it must be a finite number")
    return np.asarray(values)


def _some(names: pd.Index) -> str:
    """List a few column names for a message."""
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return shown + (" …" if len(names) > 12 else "")
