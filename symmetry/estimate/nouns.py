"""Estimate: one or many numbers, each with its influence, so that errors, differences and domains need no other memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import pandas as pd

from symmetry.design import Design, covariance, variances
from symmetry.estimate.intervals import interval

__all__ = ["COLUMNS", "Estimate", "join"]

COLUMNS = ("estimate", "se", "lower", "upper", "df", "deff", "n", "n_eff", "suppressed", "note")


@dataclass(frozen=True, eq=False)
class Estimate:
    """D numbers with their influence.

    design : where they come from.  labels : D rows: statistic, item, and one column a `by` variable.  values (D,).
    influence (P, D) of each psu.  present (P, D) whether a psu holds answers.  part (D,) number of the audience a value belongs
    to in a stacked design, -1 if it mixes them.  n (D,) answers.  df (D,).  deff (D,) design effect against simple random
    sampling with replacement of n, NaN where there is none.  method : name of the interval (see `estimate.interval`).
    note : D texts.
    """

    design: Design
    labels: pd.DataFrame
    values: np.ndarray
    influence: np.ndarray
    present: np.ndarray
    part: np.ndarray
    n: np.ndarray
    df: np.ndarray
    deff: np.ndarray
    method: str = "mean"
    note: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def __add__(self, other: object) -> NoReturn:
        raise TypeError(
            "estimates are not added or subtracted bare: use estimate.contrast, which knows their covariance"
        )

    __sub__ = __mul__ = __truediv__ = __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __add__

    @property
    def se(self) -> np.ndarray:
        """Standard errors (D,)."""
        return np.asarray(np.sqrt(variances(self.design, self.influence)))

    @property
    def n_eff(self) -> np.ndarray:
        """Effective sample sizes (D,): n / deff; NaN where there is no design effect, n where it is 0 (a census)."""
        out = np.where(np.isnan(self.deff), np.nan, self.n.astype(float))
        return np.asarray(np.divide(self.n, self.deff, out=out, where=self.deff > 0))

    def covariance(self) -> np.ndarray:
        """Covariance of all values, (D, D)."""
        return covariance(self.design, self.influence)

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """One row a value with the house's columns; intervals at `level`, by the estimate's method.

        Where there are no degrees of freedom (a domain that is one psu) there is a value and no error.
        """
        lower, upper, notes = interval(self, method=self.method, level=level)
        own = self.note or ("",) * len(self)
        known = self.df > 0
        facts = {
            "estimate": self.values,
            "se": np.where(known, self.se, np.nan),
            "lower": lower,
            "upper": upper,
            "df": self.df,
            "deff": np.where(known, self.deff, np.nan),
            "n": self.n,
            "n_eff": np.where(known, self.n_eff, np.nan),
            "suppressed": False,
            "note": ["; ".join(filter(None, pair)) for pair in zip(own, notes, strict=True)],
        }
        return self.labels.reset_index(drop=True).assign(**facts)

    def select(self, rows: Sequence[int] | np.ndarray) -> Estimate:
        """Keep some values, in the order given (numbers from 0, or a mask)."""
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, int)
        return replace(
            self,
            labels=self.labels.iloc[rows].reset_index(drop=True),
            values=self.values[rows],
            influence=self.influence[:, rows],
            present=self.present[:, rows],
            part=self.part[rows],
            n=self.n[rows],
            df=self.df[rows],
            deff=self.deff[rows],
            note=tuple(self.note[row] for row in rows) if self.note else (),
        )


def join(parts: Sequence[Estimate]) -> Estimate:
    """Set estimates of one design side by side (their interval method is the first's)."""
    first = parts[0]
    return replace(
        first,
        labels=pd.concat([part.labels for part in parts], ignore_index=True),
        values=np.concatenate([part.values for part in parts]),
        influence=np.hstack([part.influence for part in parts]),
        present=np.hstack([part.present for part in parts]),
        part=np.concatenate([part.part for part in parts]),
        n=np.concatenate([part.n for part in parts]),
        df=np.concatenate([part.df for part in parts]),
        deff=np.concatenate([part.deff for part in parts]),
        note=tuple(text for part in parts for text in (part.note or ("",) * len(part))),
    )
