"""Dominance analysis: which driver beats another on average, at every size of model, or in every single model.

From the one table of R² of all 2^P subsets (`lattice`):

    general      average gain over all orders of entry: the LMG share
    conditional  average gain among the subsets of each size that lack the driver
    complete     of two drivers, which adds more to each of the 2^(P-2) subsets that lack both (Budescu 1993; Azen, Budescu 2003)

Complete dominance implies conditional, conditional implies general; none implies a cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from symmetry.design import Design, replicates_of
from symmetry.drivers.importance import asked_of, shares_of
from symmetry.drivers.nouns import Missing, Moments
from symmetry.drivers.outcomes.outcomes import Outcome
from symmetry.drivers.sharing.lattice import Players, explained_by_subset, members
from symmetry.estimate import Estimate

__all__ = ["Dominance", "complete_dominance", "conditional_dominance", "dominance", "dominance_of"]

_TIE = 1e-12
_COMPARISONS = 1 << 28


@dataclass(frozen=True, eq=False)
class Dominance:
    """How drivers beat each other.

    general : R², LMG shares (general dominance) and what controls explain, with errors.
    conditional : a row a player: item, then at_1 … at_P, its average gain when it enters as the first … the last of P.
    complete : a row a pair: item, other, complete ("dominates", "dominated", "none": of item over other), share (of comparisons
    that item wins, ties half), strongest (the strongest sort of dominance between them: "complete", "conditional", "general",
    "none"), comparisons, and of a design with bootstrap replicates `reproduced`, the share of replicates with the same verdict.
    """

    general: Estimate
    conditional: pd.DataFrame
    complete: pd.DataFrame

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """General dominance in the house's columns, a row a player, and its conditional dominance to the right."""
        shares = self.general.table(level=level)
        shares = shares[shares["statistic"] == "lmg"].reset_index(drop=True)
        return pd.concat([shares, self.conditional.drop(columns="item")], axis=1)


def dominance(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
    statistic: Outcome = "mean",
    at_least: float | None = None,
    missing: Missing = "listwise",
    reasons: pd.DataFrame | None = None,
) -> Dominance:
    """General, conditional and complete dominance of drivers.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : numeric column.
    predictors : p numeric columns, 2 to 20 players; their order does not matter.
    groups : name → drivers that enter together (the items of a dimension); drivers of no group stand alone.
    always : controls, in every regression before any driver enters.
    statistic, at_least, missing, reasons : how the outcome is read and what becomes of missing answers, see `importance`.

    Raises
    ------
    DesignError : as `importance`.

    Notes
    -----
    Two R² that differ by less than 1e-12 tie; who never loses and wins at least once dominates.  `reproduced` is the share of
    bootstrap replicates that give the pair the same verdict [2]; it is worked out up to 2²⁸ comparisons in all (13 drivers with
    1,000 replicates), and left out beyond.  R twin: ``domir::domir()``, ``dominanceanalysis::dominanceAnalysis()``.

    References
    ----------
    .. [1] Budescu (1993). Dominance analysis. Psychological Bulletin 114(3).
    .. [2] Azen, Budescu (2003). The dominance analysis approach for comparing predictors in multiple regression. Psychological
       Methods 8(2).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 2))
    >>> data = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x @ [2.0, 1.0] + rng.normal(size=200)})
    >>> found = dominance(Design(data), "y", ["a", "b"])
    >>> found.conditional.round(3)
      item   at_1   at_2
    0    a  0.608  0.703
    1    b  0.077  0.173
    >>> found.complete[["item", "other", "complete", "share", "strongest"]]
      item other   complete  share strongest
    0    a     b  dominates    1.0  complete
    """
    asked = asked_of(
        design,
        outcome,
        predictors,
        groups=groups,
        always=always,
        statistic=statistic,
        at_least=at_least,
        missing=missing,
        reasons=reasons,
    )
    return dominance_of(asked.moments, asked.players)


def dominance_of(moments: Moments, players: Players) -> Dominance:
    """The same of any moments."""
    general = shares_of(moments, players)
    worth = explained_by_subset(moments.correlation, players)
    gains = conditional_dominance(worth)
    ahead, behind = complete_dominance(worth)
    count = len(players)
    pairs = list(combinations(range(count), 2))
    each = 1 << (count - 2)
    verdict = _verdicts(ahead, behind)
    frame = pd.DataFrame(
        {
            "item": [players.names[i] for i, _ in pairs],
            "other": [players.names[j] for _, j in pairs],
            "complete": [("dominated", "none", "dominates")[one + 1] for one in verdict],
            "share": 0.5 + (ahead - behind) / (2 * each),
            "strongest": [_strongest(gains[i] - gains[j], one) for (i, j), one in zip(pairs, verdict, strict=True)],
            "comparisons": each,
        }
    )
    again = _reproduced(moments, players, verdict)
    conditional = pd.DataFrame(gains, columns=[f"at_{size}" for size in range(1, count + 1)])
    conditional.insert(0, "item", list(players.names))
    return Dominance(general, conditional, frame if again is None else frame.assign(reproduced=again))


def conditional_dominance(worth: np.ndarray) -> np.ndarray:
    """Average gain of each of P players when it enters at each size, from what 2^P subsets are worth → (P, P).

    Examples
    --------
    >>> conditional_dominance(np.array([0.0, 0.36, 0.25, 0.4133])).round(4)
    array([[0.36  , 0.1633],
           [0.25  , 0.0533]])
    """
    count = len(worth).bit_length() - 1
    size = members(count)
    every = np.bincount(size, worth, count + 1)
    found = np.empty((count, count))
    ways = np.array([comb(count - 1, before) for before in range(count)])
    for player in range(count):
        with_it = (slice(None), 1)
        sizes, worths = size.reshape(-1, 2, 1 << player)[with_it], worth.reshape(-1, 2, 1 << player)[with_it]
        inside = np.bincount(sizes.ravel(), worths.ravel(), count + 1)
        found[player] = (inside[1:] - (every - inside)[:-1]) / ways
    return found


def complete_dominance(worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each pair of P players, in how many subsets that lack both the first adds more, and in how many the second.

    Parameters
    ----------
    worth : what subsets are worth (2^P, ...).

    Returns
    -------
    Two counts (P(P-1)/2, ...), pairs in the order (0, 1), (0, 2) … (1, 2) …

    Examples
    --------
    >>> complete_dominance(np.array([0.0, 0.36, 0.25, 0.4133]))
    (array([1]), array([0]))
    """
    count, lead = len(worth).bit_length() - 1, worth.shape[1:]
    ahead, behind = [], []
    low = (
        count - 1
    ) // 2  # bits below it would be read in tiny steps, so they are turned to the top of a second layout
    for i in range(count - 1):
        cube = worth.reshape(-1, 2, 1 << i, *lead)
        lacks, holds = (np.ascontiguousarray(cube[:, side]).reshape(-1, *lead) for side in (0, 1))
        turned = [_turned(half, low) for half in (lacks, holds)]
        for bit in range(i, count - 1):
            without, within = (lacks, holds) if bit >= low else turned
            shape = (-1, 2, 1 << (bit if bit >= low else bit + count - 1 - low), *lead)
            more = within.reshape(shape)[:, 0] - without.reshape(shape)[:, 1]
            ahead.append(_counted(more > _TIE, lead))
            behind.append(_counted(more < -_TIE, lead))
    return np.array(ahead), np.array(behind)


def _turned(half: np.ndarray, low: int) -> np.ndarray:
    """The same by other numbers: the lowest bits of a subset's number become the highest."""
    return np.ascontiguousarray(half.reshape(-1, 1 << low, *half.shape[1:]).swapaxes(0, 1)).reshape(half.shape)


def _counted(told: np.ndarray, lead: tuple[int, ...]) -> np.ndarray:
    """How many are true, over all but the last axes `lead`."""
    return np.asarray(told.sum(axis=(0, 1)) if lead else np.count_nonzero(told))


def _verdicts(ahead: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """1 where the first dominates the second completely, -1 where it is dominated, else 0."""
    return np.asarray(((ahead > 0) & (behind == 0)).astype(int) - ((behind > 0) & (ahead == 0)))


def _strongest(apart: np.ndarray, verdict: int) -> str:
    """The strongest dominance between two players, from their conditional gains apart and the verdict on the complete."""
    if verdict:
        return "complete"
    if (apart > _TIE).all() or (apart < -_TIE).all():
        return "conditional"
    return "general" if abs(apart.mean()) > _TIE else "none"


def _reproduced(moments: Moments, players: Players, verdict: np.ndarray) -> np.ndarray | None:
    """Share of bootstrap replicates with the same verdict on each pair; None without draws, or where it would take long."""
    if moments.again is None:
        return None
    made, count = replicates_of(moments.design), len(players)
    if not made.random or made.size * len(verdict) << (count - 2) > _COMPARISONS:
        return None
    seen: list[np.ndarray] = []

    def value(covariance: np.ndarray, /) -> np.ndarray:
        worth = explained_by_subset(covariance, players)
        found = np.where(np.isfinite(worth).all(axis=0), _verdicts(*complete_dominance(worth)), np.nan)
        seen.append(found.reshape(len(verdict), -1).T)
        return np.moveaxis(found, 0, -1)

    moments.again(value, verdict.astype(float))
    drawn = np.concatenate(seen)
    if len(drawn) != made.size:
        return None
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    return np.asarray((drawn == verdict).mean(axis=0)) if len(drawn) else None
