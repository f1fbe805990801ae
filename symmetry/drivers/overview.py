"""All that is told of drivers side by side: shares with intervals, what tells them from noise, ranks, tiers and collinearity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.drivers.importance import asked_of, shares_of
from symmetry.drivers.nouns import Missing
from symmetry.drivers.outcomes.outcomes import Outcome
from symmetry.drivers.ranking.noise import Presence, bounded, presence
from symmetry.drivers.ranking.ranking import Ranks, ranks
from symmetry.drivers.sharing.collinearity import Collinearity, collinearity_of
from symmetry.estimate import Estimate

__all__ = ["Overview", "overview"]

_FEW = "fewer than ten answers for each driver: R² is too large, and ranks mean little"


@dataclass(frozen=True, eq=False)
class Overview:
    """What is told of P drivers of an outcome.

    shares : R² and LMG shares, intervals within 0 and 1.  ranks, presence : of the P players.  collinearity : of the columns.
    columns : player → the columns it holds.  asked : respondents with a weight.  level : of intervals, ranks and tests.
    """

    shares: Estimate
    ranks: Ranks
    presence: Presence
    collinearity: Collinearity
    columns: Mapping[str, tuple[str, ...]]
    asked: int
    level: float

    def table(self) -> pd.DataFrame:
        """R², then a row a driver, largest first.

        Beside the house's columns: share_of_r2, rank, rank_lower, rank_upper, tier, top1, top3, present, p_slope, floor, vif (of
        a group the largest), and on the first row halo and condition.
        """
        whole = self.shares.table(level=self.level)
        table = whole[whole["statistic"] != "always"].reset_index(drop=True)
        drivers = table.index[1:]
        told = self.ranks.table().drop(columns=["statistic", "item", "estimate", "n", "note"])
        seen = self.presence.table()[["floor", "p_slope", "present"]]
        table = table.join(pd.concat([told, seen], axis=1).set_axis(drivers))
        inflated = dict(zip(self.collinearity.names, self.collinearity.vif, strict=True))
        vif = [max(inflated[column] for column in self.columns[name]) for name in table["item"][drivers]]
        r2 = table["estimate"].iloc[0]
        table = table.assign(
            present=table["present"].fillna(""),
            share_of_r2=table["estimate"] / r2 if r2 > 0 else np.nan,
            vif=[np.nan, *vif],
            halo=[self.collinearity.halo, *[np.nan] * len(drivers)],
            condition=[self.collinearity.condition, *[np.nan] * len(drivers)],
        )
        more = zip(self.ranks.note, self.presence.note, strict=True)
        few = _FEW if self.shares.n[0] < 10 * sum(map(len, self.columns.values())) else ""
        own = [[few, self.collinearity.note], *([*rank.split("; "), *there.split("; ")] for rank, there in more)]
        said = [note.split("; ") for note in table["note"]]
        table["note"] = ["; ".join(dict.fromkeys(filter(None, [*a, *b]))) for a, b in zip(said, own, strict=True)]
        return table.sort_values("rank", na_position="first", kind="stable").reset_index(drop=True)


def overview(
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
    level: float = 0.95,
    seed: int = 0,
) -> Overview:
    """LMG shares with all that keeps a reader from seeing too much in them.

    Parameters
    ----------
    design, outcome, predictors, groups, always, statistic, at_least, missing, reasons : as in `importance`.
    level : of intervals, of the bounds of ranks, and 1 - level the risk of the tests.
    seed : of the draws behind ranks.

    Returns
    -------
    Overview; `.table()` has a row for R² and one a driver.

    Raises
    ------
    DesignError : as `importance`.

    Notes
    -----
    It is `importance`, `ranks`, `presence` and `collinearity` of the same moments.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 3))
    >>> data = pd.DataFrame(x, columns=["kept", "listened", "idle"]).assign(y=x @ [1.0, 0.6, 0.0] + rng.normal(size=400))
    >>> found = overview(Design(data), "y", ["idle", "listened", "kept"]).table()
    >>> found[["item", "estimate", "rank_lower", "rank_upper", "tier", "present"]].round(2)
           item  estimate  rank_lower  rank_upper  tier              present
    0         y      0.52         NaN         NaN   NaN
    1      kept      0.34         1.0         1.0   1.0              present
    2  listened      0.18         2.0         2.0   2.0              present
    3      idle      0.00         3.0         3.0   3.0  not told from noise
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
    moments, players = asked.moments, asked.players
    shares = shares_of(moments, players)
    columns = {
        name: tuple(moments.names[column] for column in held)
        for name, held in zip(players.names, players.columns, strict=True)
    }
    return Overview(
        shares=bounded(shares),
        ranks=ranks(shares, level=level, seed=seed),
        presence=presence(
            asked.design,
            outcome,
            [name for name in moments.predictors if name not in asked.controls],
            groups=columns,
            always=asked.controls,
            level=level,
            seed=seed,
            shares=shares,
            moments=replace(moments, design=asked.design),
        ),
        collinearity=collinearity_of(moments, players),
        columns=columns,
        asked=int((asked.design.layout.weight > 0).sum()),
        level=level,
    )
