"""Gaps between mirrored items: customers minus employees, in one stacked design, so that what they share is not counted twice.

Two readings: the *absolute* gap says who is higher; the *relative* gap, the absolute one minus the mean gap of its family, says
what is unusual once one audience's general severity is removed.  The third, of ranks, is in `ranking`.  Where no gap is lawful
or a side is missing there is a row with a note; how both are matched is in `matching`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design
from symmetry.dissonance.inside import INSIDE, persons_where_one_psu
from symmetry.dissonance.matching import ABOUT, checked, levels_of, match
from symmetry.dissonance.namesakes import taken_for_two
from symmetry.dissonance.nouns import Gap, Pair
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["gap", "notes_of"]

_ALONE = "one psu holds all answers here: see dissonance.inside"
_ONE_ALONE = "one psu holds all answers of {} here: see dissonance.inside"


def gap(stacked: Design, pairs: Iterable[Pair], *, by: Sequence[str] = ()) -> Gap:
    """Gaps of mirrored pairs in a stacked design.

    Parameters
    ----------
    stacked : design with a column `audience` (see `design.stack`); its audiences are what pairs name: customers and employees,
        or the same people in two waves.
    pairs : what is compared; pairs of one family are read together.
    by : columns whose crossed values make domains.  Where every domain of an audience lies in one psu (branch by branch, branches
        being psus), persons become the psus, and each row says so: see `inside`.

    Returns
    -------
    Gap with one value per pair × domain for the absolute reading, then, for families of three or more lawful pairs on the same
    statistic and scale, one for the relative reading (of two, each would be half their difference).  Values are in the
    statistic's unit (points, points of 100, share, NPS points).  Loose mirrors, unlike scales and domains with one side alone
    have no value: they are in `missing`, each with its reason, and last in the table.

    Raises
    ------
    DesignError : the design is not stacked, a column is absent, a domain column is called like one of a table of this room, two
        pairs of one item and family compare unlike columns or one statistic twice, answers lie outside a pair's scale, or no pair
        at all has both sides (it says what is missing).

    Notes
    -----
    A difference of two ratios of weighted totals, linearised in one design, so that units both sides share bring their
    covariance; df by Satterthwaite over the sides, never above psus minus strata (see `estimate.contrast`).
    R twin: ``svycontrast(svyby(~x, ~audience, stacked, svymean, covmat = TRUE), c(customers = 1, employees = -1))``

    Examples
    --------
    >>> from symmetry.design import stack
    >>> customers = Design(pd.DataFrame({"branch": [1, 2, 3], "clean": [4.0, 3.0, 5.0]}), psu="branch")
    >>> employees = Design(pd.DataFrame({"branch": [1, 2, 3], "clean": [3.0, 3.0, 4.0]}), psu="branch")
    >>> clean = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
    >>> gap(stack({"customers": customers, "employees": employees}), [clean]).table()[["item", "estimate", "se"]].round(4)
        item  estimate      se
    0  clean    0.6667  0.3333
    """
    asked, by = checked(stacked, pairs, by)
    ground = persons_where_one_psu(stacked, by)
    levels, places = levels_of(ground, asked, by)
    rows, missing = match(levels, places, asked, by)
    if rows.empty and not ((missing["a"] >= 0) & (missing["b"] >= 0)).any():
        why = "; ".join(dict.fromkeys(missing["note"])) or "nobody answered any of them"
        raise DesignError(
            f"no pair has answers on both sides: {why}", mend="check the columns and audiences of the pairs"
        )
    at = np.arange(len(rows))
    signs = np.repeat([1.0, -1.0], len(rows))
    sides = np.concatenate([rows["a"], rows["b"]])
    absolute = sparse.csr_array((signs, (np.tile(at, 2), sides)), shape=(len(rows), len(levels)))
    centring, kept = _relative(rows, by)
    found = estimate.contrast(levels, sparse.vstack([absolute, centring @ absolute], format="csr"))
    every = pd.concat([rows.assign(reading="absolute"), rows.iloc[kept].assign(reading="relative")], ignore_index=True)
    found = replace(
        found,
        labels=every[["statistic", "item", *by, *ABOUT]],
        n=levels.n[every["a"]] + levels.n[every["b"]],
        deff=np.full(len(every), np.nan),
    )
    return Gap(
        estimate=found.noted(notes_of(found, levels, every)),
        levels=levels,
        sides=every[["a", "b"]],
        by=by,
        pairs={(pair.item, pair.family, pair.statistic): pair for pair in asked},
        missing=missing,
    )


def _relative(rows: pd.DataFrame, by: tuple[str, ...]) -> tuple[sparse.csr_array, np.ndarray]:
    """Take from each gap the mean of its family and domain: the centring matrix, and the rows of gaps it keeps."""
    keys = ["family", "statistic", "scale", *by]
    group = rows.groupby(keys, sort=False, observed=True).ngroup()
    kept = np.flatnonzero(group.map(group.value_counts()) > 2)
    group = group.to_numpy()[kept]
    every = np.arange(len(kept))
    member = sparse.csr_array((np.ones(len(kept)), (group, every)), shape=(group.max(initial=-1) + 1, len(kept)))
    size = np.asarray(member.sum(axis=1))
    mean = member.T @ sparse.diags_array(1 / np.maximum(size, 1)) @ member
    pick = sparse.csr_array((np.ones(len(kept)), (every, kept)), shape=(len(kept), len(rows)))
    return sparse.csr_array((sparse.eye_array(len(kept)) - mean) @ pick), kept


def notes_of(found: Estimate, levels: Estimate, every: pd.DataFrame) -> list[str]:
    """What must be known of each gap: what its levels say, sides without spread, errors of 0, and whether persons are psus."""
    told = [[INSIDE if INSIDE in levels.design.layout.notes else ""] * len(every)]
    sides = [every[side].to_numpy() for side in ("a", "b")]
    if levels.note:
        told += [[levels.note[row] for row in side] for side in sides]
    flat = [(levels.variance == 0)[side] & (levels.df > 0)[side] & np.isnan(levels.deff[side]) for side in sides]
    known, exact = found.df > 0, (found.variance == 0) & (found.df > 0)
    nothing = flat[0] & flat[1]
    told.append(np.where(nothing & exact, "no spread: every answer equal", "").tolist())
    audience = levels.labels["audience"].astype(str).to_numpy()
    for side, equal in zip(sides, flat, strict=True):
        if (equal & ~nothing).any():
            who = audience[side]
            told.append(
                [
                    f"every answer of {name} equal" if one else ""
                    for name, one in zip(who, equal & ~nothing, strict=True)
                ]
            )
    if (exact & ~nothing).any():
        first = levels.design.layout.stages[0]
        census = bool((first.count == first.population).any())
        reason = "census, no sampling error" if census else "no error: the psus do not differ"
        told.append([reason if one else "" for one in exact & ~nothing])
    alone = [~known & (levels.psus == 1)[side] & (levels.n > 1)[side] for side in sides]
    pairwise = zip(*alone, audience[sides[0]], audience[sides[1]], strict=True)
    told.append([_ALONE if one and other else _ONE_ALONE.format(a) if one else _ONE_ALONE.format(b) if other else ""
                 for one, other, a, b in pairwise])  # fmt: skip
    if told[0][:1] == [INSIDE]:
        told.append(taken_for_two(levels.design, audience[sides[0]], audience[sides[1]]))
    return ["; ".join(dict.fromkeys(filter(None, notes))) for notes in zip(*told, strict=True)]
