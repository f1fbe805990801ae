"""Tables of weighted counts with their covariance: what every test of a table starts from.

One pass gives the weighted count of each crossing of categories, in every domain and audience; shares are counts over their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Counts, Design, Totals, covariance, design_of, gather, left_out, resampled, series_of
from symmetry.errors import DesignError
from symmetry.estimate.linearising import check_by

__all__ = ["Audience", "Crossed", "crossed"]

_MOST_CELLS = 2500
_AUDIENCE = "audience"
_OUTPUTS = ("test", "df2", "p", "pearson")
Covariances = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Audience:
    """What one audience of a stack adds to the covariance of the shares (K, K), and its degrees of freedom."""

    spread: np.ndarray
    df: float


@dataclass(frozen=True, eq=False)
class Crossed:
    """A table of one domain, K cells in all, levels of the first column outermost.

    domain : values of `by`.  levels : of each column, those that somebody of some weight holds.  counts (K,) weighted;
    covariance (K, K) of them; spread (K, K) of the shares.  audiences : one a part of a stacked design, none elsewhere.  n :
    answers.  df : psus minus strata among those that hold them.  note : what a reader must know.
    """

    domain: tuple[Any, ...]
    levels: tuple[list[Any], ...]
    counts: np.ndarray
    covariance: np.ndarray
    spread: np.ndarray
    audiences: tuple[Audience, ...]
    n: int
    df: float
    note: str

    @property
    def shares(self) -> np.ndarray:
        """Shares of the cells (K,)."""
        return np.asarray(self.counts / self.counts.sum())


def crossed(design: Design, columns: Sequence[str], *, by: Sequence[str] = ()) -> list[Crossed]:
    """Cross one or several columns of categories: a table a domain, in one pass.

    Parameters
    ----------
    columns : columns of categories; who misses one is out of the table, psus and strata stay.
    by : columns whose crossed values make domains.

    Raises
    ------
    DesignError : a column is absent or named twice, nobody answered, or there are more than 2,500 cells.
    """
    design, by, columns = design_of(design), check_by(by, _OUTPUTS), tuple(columns)
    _check(design, columns, by)
    parts = (_AUDIENCE,) if len(design.layout.parts) > 1 else ()
    totals = gather(design, [[np.ones(len(design.data))]], _alone, by=tuple(dict.fromkeys((*by, *columns, *parts))))
    keys, held = totals.cells.domains.keys, totals.sums[0, :, 0] != 0
    if not held.any():
        raise DesignError(f"nobody of some weight answered {_listed(columns)}", mend="check the weights")
    domain = keys.groupby(list(by), sort=False).ngroup().to_numpy() if by else np.zeros(len(keys), int)
    made = _Pass(totals, Counts(totals), *_covariances(totals, domain))
    rows = [np.flatnonzero((domain == number) & held) for number in range(domain.max() + 1)]
    return [_table(made, chosen, columns, by) for chosen in rows if len(chosen)]


@dataclass(frozen=True, eq=False)
class _Pass:
    """What one pass gave of the D crossings found.

    of_shares : what makes the covariance of the shares of some of them, where replicates give it.  lost (D,) : replicates
    left out.
    """

    totals: Totals
    counts: Counts
    of_shares: Covariances | None
    lost: np.ndarray


def _table(made: _Pass, chosen: np.ndarray, columns: tuple[str, ...], by: tuple[str, ...]) -> Crossed:
    """The table of one domain, from the numbers of its crossings (d,)."""
    totals, design = made.totals, made.totals.design
    here, layout = totals.cells.domains.keys.iloc[chosen], design.layout
    levels, member = _laid_out(here, columns)
    counts, among = member @ totals.sums[0, chosen, 0], made.counts.covariance(chosen)
    slope = (np.eye(len(counts)) - (counts / counts.sum())[:, None]) / counts.sum()
    audiences = []
    for part in here[_AUDIENCE].unique() if len(layout.parts) > 1 else ():
        inside = (here[_AUDIENCE] == part).to_numpy()
        moved = slope @ (member * inside)
        audiences.append(Audience(moved @ among @ moved.T, made.counts.df(chosen[inside])))
    shares = slope @ member @ among @ member.T @ slope.T
    if made.of_shares is not None:
        shares = member @ made.of_shares(chosen) @ member.T
    size = 0 if layout.replicates is None else layout.replicates.size
    note = left_out(np.array([layout.warning], dtype=object), made.lost[chosen].max(keepdims=True), size)
    return Crossed(
        domain=tuple(here[name].iloc[0] for name in by),
        levels=levels,
        counts=counts,
        covariance=member @ among @ member.T,
        spread=shares,
        audiences=tuple(audiences),
        n=int(totals.n[0, chosen].sum()),
        df=made.counts.df(chosen),
        note="; ".join(filter(None, [note[0], *_empty(design, totals.cells.domains.keys, columns, levels)])),
    )


def _check(design: Design, columns: tuple[str, ...], by: tuple[str, ...]) -> None:
    """Refuse columns that are absent, named twice or missing everywhere."""
    for name in (*columns, *by):
        series_of(design, name)
    named = (*columns, *by)
    twice = [name for place, name in enumerate(named) if name in named[:place]]
    if twice:
        raise DesignError(f"`{twice[0]}` is named twice: a column is not crossed with itself", mend="name another")
    if design.data[list(columns)].isna().any(axis=1).all():
        raise DesignError(
            f"nobody answered {_listed(columns)}", mend="check the columns: answers are missing everywhere"
        )


def _alone(parts: list[np.ndarray]) -> list[np.ndarray]:
    """Sum nothing but the weights."""
    return []


def _listed(columns: Sequence[str]) -> str:
    """Columns in a message."""
    return " and ".join(f"`{name}`" for name in columns)


def _covariances(totals: Totals, domain: np.ndarray) -> tuple[Covariances | None, np.ndarray]:
    """What makes covariances of shares where replicates give them, and how many of these were left out (D,)."""
    if totals.design.layout.replicates is None:
        return None, np.zeros(len(domain), int)
    member = (domain == np.arange(domain.max() + 1)[:, None]).astype(float)

    def shares(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
        counts = sums[..., 0]
        return np.asarray(counts / ((counts @ member.T) @ member))[..., None]

    with np.errstate(all="ignore"):
        values = shares(totals.sums, totals.shift)
    spread, _, lost = resampled(totals, shares, values)
    return lambda chosen: covariance(totals.design, spread.select(chosen)), lost


def _laid_out(here: pd.DataFrame, columns: Sequence[str]) -> tuple[tuple[list[Any], ...], np.ndarray]:
    """Levels of each column, and ones (K, d) where a crossing found belongs to a cell of the table."""
    place, size, levels = np.zeros(len(here), int), 1, []
    for name in columns:
        code, labels = pd.factorize(here[name])
        place, size = place * len(labels) + code, size * len(labels)
        levels.append(list(labels))
    if size > _MOST_CELLS:
        told = " × ".join(str(len(one)) for one in levels)
        raise DesignError(
            f"a table of {_listed(columns)} has {told} cells: more than {_MOST_CELLS:,}",
            mend="merge categories, or cut a number into classes",
        )
    return tuple(levels), (place == np.arange(size)[:, None]).astype(float)


def _empty(design: Design, keys: pd.DataFrame, columns: Sequence[str], levels: tuple[list[Any], ...]) -> list[str]:
    """Say which categories nobody holds, and are out of the table."""
    told = []
    for name, held in zip(columns, levels, strict=True):
        column = design.data[name]
        known = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else keys[name].unique()
        lost = [repr(level) for level in known if level not in set(held)]
        if lost:
            told.append(f"nobody answers {', '.join(lost[:5])}{' …' if len(lost) > 5 else ''} of `{name}`: left out")
    return told
