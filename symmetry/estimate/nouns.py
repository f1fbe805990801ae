"""Estimate: one or many numbers, each with its influence, so that errors, differences and domains need no other memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, Protocol, Self

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Design, Influence, covariance, sparse_covariance
from symmetry.errors import DesignError
from symmetry.estimate.intervals import interval
from symmetry.estimate.missing.pooling import total_covariance

__all__ = ["COLUMNS", "Estimate", "Fitted", "estimate_of", "join", "join_in_order"]

Bounds = Callable[[float], tuple[np.ndarray, np.ndarray, tuple[str, ...]]]
COLUMNS = ("estimate", "se", "lower", "upper", "df", "deff", "n", "n_eff", "suppressed", "note")


@dataclass(frozen=True, eq=False)
class Estimate:
    """D numbers with their influence.

    design : where they come from.  labels : D rows: statistic, item, and one column a `by` variable.  values (D,).
    influence : of each unit of variance on each value, made when it is needed.  variance (D,).  part (D,) number of the audience
    a value belongs to in a stacked design, -1 if it mixes them.  n (D,) answers.  psus (D,) that hold them.  df (D,).
    deff (D,) design effect, NaN where there is none; reference : what it is an effect against, "wr" simple random sampling with
    replacement of n, "wor" without.  by : the columns whose values made the domains.  method : name of the interval (see
    `estimate.interval`).  note : D texts.  bounds : level → lower, upper, notes, of statistics whose interval is not made of
    value and error (quantiles); None for all others.  empty : labels of the domains in which nobody answered, which the table
    tells after the others (with a column `note`, what it tells of them).  imputed : of an estimate combined over imputations, the
    same values from each; its variances and covariances are theirs and that between them, its influence their average.
    by_part : of contrasts, the variance (A, D) that the terms of each audience alone would have, audiences in the order of their
    numbers; None elsewhere.
    """

    design: Design
    labels: pd.DataFrame
    values: np.ndarray
    influence: Influence
    variance: np.ndarray
    part: np.ndarray
    n: np.ndarray
    psus: np.ndarray
    df: np.ndarray
    deff: np.ndarray
    method: str = "mean"
    note: tuple[str, ...] = ()
    reference: str = "wr"
    by: tuple[str, ...] = ()
    bounds: Bounds | None = None
    empty: pd.DataFrame | None = None
    imputed: tuple[Estimate, ...] = ()
    by_part: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __add__(self, other: object) -> NoReturn:
        raise TypeError(
            "estimates are not added or subtracted bare: use estimate.contrast, which knows their covariance"
        )

    __sub__ = __mul__ = __truediv__ = __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __add__

    @property
    def names(self) -> list[str]:
        """A name for each value: what tells it from the others, item, category and domain ("trust: north × phone")."""
        labels = self.labels.drop(columns="statistic", errors="ignore")
        told = [column for column in labels if column != "item" and len(labels[column].drop_duplicates()) > 1]
        rest = [""] * len(labels)
        for column in told:
            texts = labels[column].astype(str).tolist()
            rest = [f"{before} × {text}" if before else text for before, text in zip(rest, texts, strict=True)]
        if len(labels["item"].drop_duplicates()) == 1 and told:
            return rest
        return [
            f"{item}: {domain}" if domain else str(item)
            for item, domain in zip(labels["item"].tolist(), rest, strict=True)
        ]

    @property
    def se(self) -> np.ndarray:
        """Standard errors (D,)."""
        return np.asarray(np.sqrt(np.maximum(self.variance, 0.0)))

    @property
    def n_eff(self) -> np.ndarray:
        """Effective sample sizes (D,): n / deff; NaN where there is no design effect, n where it is 0 (a census)."""
        out = np.where(np.isnan(self.deff), np.nan, self.n.astype(float))
        return np.asarray(np.divide(self.n, self.deff, out=out, where=self.deff > 0))

    def covariance(self) -> np.ndarray:
        """Covariance of all values, (D, D)."""
        if self.imputed:
            return total_covariance([one.values for one in self.imputed], [one.covariance() for one in self.imputed])
        return covariance(self.design, self.influence)

    def sparse_covariance(self) -> sparse.csr_array:
        """Covariance of all values as a sparse array (D, D): of thousands of domains, few share a stratum."""
        if self.imputed:
            return sparse.csr_array(self.covariance())
        return sparse_covariance(self.design, self.influence)

    def table(self, *, level: float = 0.95, method: str | None = None) -> pd.DataFrame:
        """One row a value with the house's columns; intervals at `level`, by the estimate's method or another.

        Where there are no degrees of freedom (a domain that is one psu) there is a value and no error.  Domains in which nobody
        answered come last, without value; they are no rows of the estimate itself.
        """
        lower, upper, notes = interval(self, method=method, level=level)
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
            "note": _together(own, notes),
        }
        told = pd.DataFrame({**{name: self.labels[name].array for name in self.labels}, **facts})
        if self.empty is None or self.empty.empty:
            return told
        nobody = {name: [np.nan] * len(self.empty) for name in facts} | {
            "n": 0,
            "suppressed": False,
            "note": _reasons(self.empty),
        }
        rest = pd.DataFrame({**{name: self.empty[name].array for name in self.labels}, **nobody})
        return pd.concat([told, rest.astype({"n": told["n"].dtype})], ignore_index=True)

    def scaled(self, factor: np.ndarray) -> Self:
        """Every value times a factor that is no random quantity (D,)."""
        return replace(
            self,
            values=self.values * factor,
            influence=self.influence.combine(sparse.csr_array(sparse.diags_array(factor))),
            variance=self.variance * factor**2,
            bounds=None,
            imputed=tuple(one.scaled(factor) for one in self.imputed),
            by_part=None if self.by_part is None else self.by_part * factor**2,
        )

    def noted(self, told: Sequence[str]) -> Self:
        """The same with more said of each value (D texts, "" for nothing)."""
        return replace(self, note=_together(self.note or ("",) * len(self), told))

    def select(self, rows: Sequence[int] | np.ndarray) -> Self:
        """Keep some values, in the order given (numbers from 0, or a mask)."""
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, int)
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(self)):
            raise DesignError(f"an estimate of {len(self)} rows has no row {rows.max()}", mend="rows count from 0")
        return replace(
            self,
            labels=self.labels.iloc[rows].reset_index(drop=True),
            empty=None,
            values=self.values[rows],
            influence=self.influence.select(rows),
            variance=self.variance[rows],
            part=self.part[rows],
            n=self.n[rows],
            psus=self.psus[rows],
            df=self.df[rows],
            deff=self.deff[rows],
            note=tuple(self.note[row] for row in rows) if self.note else (),
            bounds=None if self.bounds is None else _selected(self.bounds, rows),
            imputed=tuple(one.select(rows) for one in self.imputed),
            by_part=None if self.by_part is None else self.by_part[:, rows],
        )


class Fitted(Protocol):
    """What was fitted and has its coefficients as an Estimate: a model."""

    @property
    def estimate(self) -> Estimate:
        """The coefficients."""


def estimate_of(given: Estimate | Fitted) -> Estimate:
    """Take an estimate, or that of a model; refuse what is neither."""
    found = given if isinstance(given, Estimate) else getattr(given, "estimate", None)
    if not isinstance(found, Estimate):
        raise DesignError(
            f"this wants an Estimate or a model, and a {type(given).__name__} was given",
            mend='make one first: mean(design, "…"), glm(design, "…")',
        )
    return found


def join(parts: Sequence[Estimate]) -> Estimate:
    """Set estimates of one design side by side (their interval method is the first's, unless they have bounds of their own)."""
    first = parts[0]
    if len(parts) == 1:
        return first
    imputed = _imputations(parts)
    empty = [part.empty for part in parts if part.empty is not None]
    return replace(
        first,
        labels=pd.concat([part.labels for part in parts], ignore_index=True),
        values=np.concatenate([part.values for part in parts]),
        influence=Influence.join([part.influence for part in parts]),
        variance=np.concatenate([part.variance for part in parts]),
        part=np.concatenate([part.part for part in parts]),
        n=np.concatenate([part.n for part in parts]),
        psus=np.concatenate([part.psus for part in parts]),
        df=np.concatenate([part.df for part in parts]),
        deff=np.concatenate([part.deff for part in parts]),
        note=_notes(parts),
        empty=pd.concat(empty) if empty else None,
        bounds=None if all(part.bounds is None for part in parts) else _joined(tuple(parts)),
        imputed=tuple(join(some) for some in imputed),
        by_part=None,
    )


def join_in_order(parts: Sequence[Estimate], names: Sequence[str]) -> Estimate:
    """Set estimates of several items side by side, items in the order of their names."""
    together = join(parts)
    place = {name: number for number, name in enumerate(names)}
    order = together.labels["item"].map(place).to_numpy()
    return together if (np.diff(order) >= 0).all() else together.select(np.argsort(order, kind="stable"))


def _notes(parts: Sequence[Estimate]) -> tuple[str, ...]:
    """Notes of several estimates one after the other, none where all are silent."""
    if not any(part.note for part in parts):
        return ()
    return tuple(text for part in parts for text in (part.note or ("",) * len(part)))


def _imputations(parts: Sequence[Estimate]) -> list[list[Estimate]]:
    """What stands side by side in each imputation; an estimate that is not combined stands in all."""
    sizes = {len(part.imputed) for part in parts if part.imputed}
    if len(sizes) > 1:
        raise DesignError(
            f"estimates of {' and '.join(map(str, sorted(sizes)))} imputations do not stand side by side",
            mend="combine each over the same imputed designs",
        )
    return [[part.imputed[i] if part.imputed else part for part in parts] for i in range(max(sizes, default=0))]


def _selected(bounds: Bounds, rows: np.ndarray) -> Bounds:
    """Bounds of some of the values."""

    def at(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        lower, upper, notes = bounds(level)
        return lower[rows], upper[rows], tuple(notes[row] for row in rows)

    return at


def _joined(parts: tuple[Estimate, ...]) -> Bounds:
    """Bounds of several estimates one after the other, each by its own method."""

    def at(level: float) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        lower, upper, notes = zip(*(interval(part, level=level) for part in parts), strict=True)
        return np.concatenate(lower), np.concatenate(upper), tuple(note for some in notes for note in some)

    return at


def _reasons(empty: pd.DataFrame) -> list[str]:
    """Why each of these domains has no value."""
    told = empty["note"] if "note" in empty else [""] * len(empty)
    return [note if isinstance(note, str) and note else "nobody answered" for note in told]


def _together(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Two notes of each value in one, what says nothing left out."""
    for silent, told in ((one, other), (other, one)):
        if not any(silent):
            return tuple(told)
    return tuple("; ".join(filter(None, pair)) for pair in zip(one, other, strict=True))
