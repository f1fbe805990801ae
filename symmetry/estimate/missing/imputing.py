"""Missing answers filled in several times: designs that differ only where somebody gave no answer.

A hot deck gives a respondent the answers of another of the same class (Andridge and Little 2010).  So that Rubin's rules hold,
the donors are a bootstrap of their own in every imputation (the approximate Bayesian bootstrap of Rubin and Schenker 1986, its
units the psus, one fewer than there are, as Rao and Wu 1988), and one is drawn by its weight.  Chained equations are in
`symmetry.estimate.missing.chaining`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of, names_of, series_of
from symmetry.errors import DesignError
from symmetry.estimate.linearising import items_of
from symmetry.estimate.missing.chaining import chains

__all__ = ["impute"]

Filling = Callable[[np.random.Generator], dict[str, pd.Series]]


def impute(
    design: Design,
    items: str | Sequence[str],
    *,
    method: Literal["hot_deck", "chained"] = "hot_deck",
    by: str | Sequence[str] = (),
    predictors: str | Sequence[str] = (),
    asked: str | np.ndarray | None = None,
    imputations: int = 20,
    at_least: int = 5,
    seed: int = 0,
) -> list[Design]:
    """Fill in missing answers several times, so that estimates know what they do not know.

    Parameters
    ----------
    design : of any kind; a stacked design is imputed audience by audience, and an item an audience never answered stays missing.
    items : columns to fill in.
    method : "hot_deck": a row takes all it lacks of the items from one donor of its class, who answered all of them and is drawn
        by weight.  "chained": every numeric item in turn is predicted from the others by a weighted regression, and its missing
        answers taken from respondents with a like prediction, so that codes stay codes.
    by : classes, from the widest to the narrowest; for "chained" their effects.  With clusters whose members answer alike, the
        psu belongs here.
    predictors : for "chained": further columns, numbers or categories, that tell something of the items or of who answers them.
    asked : column or array (n,), true where an answer was due; elsewhere a missing answer means "does not apply" and stays.
    imputations : how many, at least 2.
    at_least : donors a class must hold; a smaller one is widened by leaving out the last of `by`. The designs' notes tell, also
        where all donors together are fewer.
    seed : the same seed, the same answers.

    Returns
    -------
    Designs, one an imputation: the data with the items filled in and a column `<item>_imputed`, true where one was. Make the
    estimate on each and hand them to `combine`.  Rows of weight 0 are left as they are.

    Raises
    ------
    DesignError : a column is absent, nobody answered an item, fewer than two imputations, an item that is not numeric where
        equations are chained.

    Notes
    -----
    What depends on missing answers in an estimate must be in `by` or `predictors`: domains, clusters, the other side of a
    correlation (Meng 1994).  R twins: ``mice::mice(method = "pmm")`` in spirit; seeds and draws are our own.

    References
    ----------
    .. [1] Andridge, Little (2010). A review of hot deck imputation for survey non-response. International Statistical Review 78,
       40-64.
    .. [2] Rubin, Schenker (1986). Multiple imputation for interval estimation from simple random samples with ignorable
       nonresponse. JASA 81, 366-374.

    Examples
    --------
    >>> from symmetry.estimate.missing.combining import combine
    >>> from symmetry.estimate.means import mean
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame({"side": np.repeat(["c", "e"], 100), "trust": rng.integers(1, 6, 200).astype(float)})
    >>> answers.loc[rng.random(200) < 0.3, "trust"] = np.nan
    >>> filled = impute(Design(answers), "trust", by="side")
    >>> print(filled[0])
    Design: 200 rows, 200 psus in 1 stratum
      `trust`: 66 of 200 answers imputed (hot deck within `side`, imputation 1 of 20, seed 0)
    >>> combine([mean(one, "trust") for one in filled]).table()[["item", "estimate", "se", "df", "n", "n_eff"]].round(3)
        item  estimate     se      df    n    n_eff
    0  trust     3.046  0.132  49.032  200  108.429
    """
    names, classes, used = items_of(items), names_of(by), names_of(predictors)
    data, layout = design_of(design).data, design.layout
    _check(design, (*names, *classes, *used), method, imputations, at_least, seed)
    if used and method == "hot_deck":
        raise DesignError("a hot deck takes classes and no predictors", mend='name them in by=, or method="chained"')
    lacking = _lacking(design, names, asked)
    apart = bool(set(classes) & {*names_of(design.psu)})
    if method == "chained":
        fill, told = chains(design, lacking, classes, used, apart=apart), ""
    else:
        fill, told = _hot_deck(design, lacking, classes, at_least)
    if len(layout.psus) < len(data) and not apart:
        told += "; psus are no classes: errors too small where members of a psu answer alike"
    way = {"hot_deck": "hot deck", "chained": "chained equations"}[method]
    way += f" within {', '.join(f'`{name}`' for name in classes)}" if classes and method == "hot_deck" else ""
    for name in names:
        if f"{name}_imputed" in data:
            raise DesignError(f"`{name}` is imputed already", mend="impute the design these data come from")
    marks = {f"{name}_imputed": lacking[name].to_numpy() for name in names}
    made = []
    for number in range(imputations):
        filled = fill(np.random.default_rng([seed, number]))
        notes = tuple(
            f"`{name}`: {lacking[name].sum()} of {lacking[name].sum() + data[name].notna().sum()} answers imputed "
            f"({way}, imputation {number + 1} of {imputations}, seed {seed}{told})"
            for name in names
        )
        noted = replace(layout, notes=(*layout.notes, *notes))
        made.append(replace(design, data=data.assign(**filled, **marks), given=noted))
    return made


def _check(design: Design, names: Sequence[str], method: str, imputations: int, at_least: int, seed: int) -> None:
    """Refuse what cannot be asked."""
    for name in names:
        series_of(design, name)
    if len(set(names)) < len(names):
        raise DesignError("a column is named twice among items, classes and predictors", mend="name each once")
    if method not in ("hot_deck", "chained"):
        raise DesignError(f"no way to impute is called {method!r}", mend='"hot_deck" or "chained"')
    for value, least, what in ((imputations, 2, "imputations"), (at_least, 1, "at_least"), (seed, 0, "seed")):
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            mend = "20 are usual: what they differ by needs two" if what == "imputations" else "give a whole number"
            raise DesignError(f"{what}={value!r} is fewer than {least} or no whole number", mend=mend)


def _lacking(design: Design, names: Sequence[str], asked: str | np.ndarray | None) -> pd.DataFrame:
    """Which rows lack which items and are to be given an answer (n, k)."""
    layout, data = design.layout, design.data
    heed = layout.weight != 0
    if asked is not None:
        given = data[asked] if isinstance(asked, str) and asked in data else np.asarray(asked)
        if pd.api.types.infer_dtype(np.ravel(given), skipna=False) != "boolean" or np.shape(given) != heed.shape:
            raise DesignError(
                "`asked` says of every row whether an answer was due", mend="a column or array of true and false"
            )
        heed = heed & np.asarray(given, bool)
    found = {}
    for name in names:
        absent = data[name].isna().to_numpy()
        answered = np.bincount(layout.part[heed & ~absent], minlength=len(layout.parts)) > 0
        if not answered.any():
            raise DesignError(f"nobody answered `{name}`", mend="an item that is missing everywhere cannot be imputed")
        found[name] = absent & heed & answered[layout.part]
    return pd.DataFrame(found, index=data.index)


def _hot_deck(design: Design, lacking: pd.DataFrame, by: tuple[str, ...], at_least: int) -> tuple[Filling, str]:
    """What fills the items in, and how many rows found too few donors in their class."""
    layout, data = design.layout, design.data
    needy, part = lacking.to_numpy().any(axis=1), layout.part.astype(np.int64)
    answered = data[lacking.columns].notna().to_numpy()
    due = np.array([np.bincount(part, column, len(layout.parts)) > 0 for column in answered.T]).T
    donors = (answered | ~due[part]).all(axis=1) & (layout.weight > 0) & due[part].any(axis=1)
    groups = [part]
    for name in by:
        code = pd.factorize(data[name], use_na_sentinel=False)[0]
        groups.append(np.unique(groups[-1] * (code.max() + 1) + code, return_inverse=True)[1])
    left, decks, wider, few = needy.copy(), [], 0, 0
    for depth, group in reversed(list(enumerate(groups))):
        held = np.bincount(group[donors], minlength=group.max() + 1)[group]
        here = left & (held >= (at_least if depth else 1))
        few += int((here & (held < at_least)).sum())
        if here.any():
            decks.append(_Deck.of(np.flatnonzero(here), np.flatnonzero(donors), group, layout.psu, layout.weight))
            wider += int(here.sum()) * (depth < len(by))
        left &= ~here
    if left.any():
        raise DesignError(
            f"nobody answered all of {', '.join(f'`{name}`' for name in lacking)}",
            mend='impute items that are answered together in one call and others apart, or method="chained"',
        )

    def fill(rng: np.random.Generator) -> dict[str, pd.Series]:
        source = np.arange(len(data))
        for deck in decks:
            source[deck.needy] = deck.draw(rng)
        return {
            name: data[name].iloc[np.where(lacking[name], source, np.arange(len(data)))].set_axis(data.index)
            for name in lacking
        }

    told = f", {wider} of {int(needy.sum())} rows from a wider class" if wider else ""
    return fill, told + (f", {few} rows from fewer than {at_least} donors: errors too small" if few else "")


@dataclass(frozen=True)
class _Deck:
    """Donors of the rows that find theirs at one depth of the classes.

    needy (r,) rows; start, stop (r,) places of each one's donors among `donors` (d,), whose weights are `weight` (d,) and whose
    units, numbered within their classes in order, are `unit` (d,); first, count (U,) units of the class of each unit.
    """

    needy: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    donors: np.ndarray
    weight: np.ndarray
    unit: np.ndarray
    first: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, needy: np.ndarray, donors: np.ndarray, group: np.ndarray, psu: np.ndarray, weight: np.ndarray) -> _Deck:
        """Lay the donors out by class and unit: the psu, or, in a class of one psu, the respondent."""
        donors = donors[np.isin(group[donors], group[needy])]
        donors = donors[np.lexsort((psu[donors], group[donors]))]
        own = group[donors]
        fresh = np.r_[True, own[1:] != own[:-1]]
        code = np.cumsum(fresh) - 1
        other = np.r_[True, psu[donors][1:] != psu[donors][:-1]] | fresh
        alone = np.bincount(code, other) == 1
        unit = np.cumsum(other | alone[code]) - 1
        of_unit = np.zeros(unit[-1] + 1, int)
        of_unit[unit] = code
        count = np.bincount(of_unit)
        first = np.cumsum(count) - count
        edges = np.r_[np.flatnonzero(fresh), len(donors)]
        place = np.searchsorted(own[fresh], group[needy])
        return cls(needy, edges[place], edges[place + 1], donors, weight[donors], unit, first[of_unit], count[of_unit])

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A donor for each needy row (r,), from a bootstrap of the donors' units."""
        drawn = self.first + np.floor(rng.random(len(self.first)) * self.count).astype(int)
        kept = (np.arange(len(drawn)) != self.first) | (self.count == 1)  # one fewer draw than units
        copies = np.bincount(drawn[kept], minlength=len(drawn))
        reach = np.r_[0.0, np.cumsum(self.weight * copies[self.unit])]
        low, high = reach[self.start], reach[self.stop]
        place = np.searchsorted(reach, low + rng.random(len(low)) * (high - low), side="right") - 1
        return np.asarray(self.donors[np.clip(place, self.start, self.stop - 1)])
