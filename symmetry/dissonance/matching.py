"""Both sides of every pair × domain: the levels that are needed, where each stands, and why a pair has no gap somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.design import Design, column_of
from symmetry.dissonance.nouns import Pair
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["ABOUT", "Places", "checked", "levels_of", "match", "why_alone"]

ABOUT = ("family", "mirror", "smallest", "reading", "scale")
_Asked = tuple[str, float | None, float | None, float | None]


def checked(stacked: Design, pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs that can be asked of this design at all.

    Raises
    ------
    DesignError : the design is not stacked, there is no pair, or a score or top box has no scale.
    """
    if "audience" not in stacked.data:
        raise DesignError("a gap needs a stacked design", mend="stack the audiences with design.stack")
    asked = list(pairs)
    if not asked:
        raise DesignError("no pair was given", mend="name at least one Pair")
    for pair in asked:
        without = [name for name in ("low", "high") if getattr(pair, name) is None]
        if (pair.statistic == "score" and without) or (pair.statistic == "top_box" and pair.high is None):
            raise DesignError(
                f"the {pair.statistic} of {pair.item!r} needs the ends of its scale", mend="give the pair low and high"
            )
    return asked


@dataclass(frozen=True, eq=False)
class Places:
    """Rows of levels: `rows` (S, D) of S sides × D domains, -1 where there is none; `sides` number them; keys (D) of domains."""

    rows: np.ndarray
    sides: Mapping[tuple[_Asked, str, str], int]
    keys: pd.DataFrame

    def of(self, pair: Pair, side: tuple[str, str]) -> np.ndarray:
        """Rows (D,) of one side of a pair; none where its statistic cannot be made."""
        number = self.sides.get((_asked(pair), *side)) if side in _sides(pair) else None
        return np.full(self.rows.shape[1], -1) if number is None else self.rows[number]


def levels_of(design: Design, pairs: list[Pair], by: tuple[str, ...]) -> tuple[Estimate, Places]:
    """Estimate both sides of all pairs, a call per statistic and threshold, and tell where each stands."""
    groups: dict[_Asked, list[str]] = {}
    for pair in pairs:
        columns = groups.setdefault(_asked(pair), [])
        columns.extend(column for _, column in _sides(pair) if column not in columns)
    held = {column: _answered(design, column) for columns in groups.values() for column in columns}
    parts, group = [], []
    for number, (asked, columns) in enumerate(groups.items()):
        there = [column for column in columns if held[column]]
        if there:
            statistic, at_least, low, high = asked
            found = estimate.named(
                design, there, statistic, at_least=at_least, low=low, high=high, by=["audience", *by]
            )
            parts.append(found)
            group += [number] * len(found)
    if not parts:
        raise DesignError(
            "no pair has answers on both sides: nobody answered any of them",
            mend="check the columns and audiences of the pairs",
        )
    levels = estimate.join(parts)
    return levels, _places(levels, list(groups), np.array(group), by)


def match(
    levels: Estimate, places: Places, pairs: list[Pair], by: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of pair × domain that have a gap, and those that have none with the reason: domain by domain, pairs in order.

    Both frames have statistic, item, the `by` columns, family, mirror, smallest, reading, scale, and the rows a and b of levels.
    """
    sides = [np.stack([places.of(pair, getattr(pair, side)) for pair in pairs], axis=1) for side in ("a", "b")]
    a, b = sides[0].ravel(), sides[1].ravel()
    lawful = np.tile([not pair.refused for pair in pairs], len(places.keys))
    both = (a >= 0) & (b >= 0)
    anything = (a >= 0) | (b >= 0) | (not by)
    every = _labelled(places.keys, pairs, by).assign(a=a, b=b)
    missing = np.flatnonzero(~(both & lawful) & anything)
    known = set(levels.design.data["audience"].unique())
    weightless = bool((levels.design.layout.weight == 0).any())
    notes = [
        "; ".join(
            filter(
                None,
                [
                    pairs[row % len(pairs)].refused,
                    *why_alone(pairs[row % len(pairs)], a[row], b[row], known, weightless=weightless),
                ],
            )
        )
        for row in missing
    ]
    return every[both & lawful].reset_index(drop=True), every.iloc[missing].assign(note=notes).reset_index(drop=True)


def why_alone(pair: Pair, a: int, b: int, known: set[str], *, weightless: bool) -> list[str]:
    """Say of each side that has no row (-1) whether its audience is unknown or silent."""
    out = []
    for (audience, column), row in ((pair.a, a), (pair.b, b)):
        if row < 0 and audience not in known:
            out.append(f"no audience is called {audience}")
        elif row < 0 and (audience, column) in _sides(pair):
            out.append(f"no answer {'of any weight ' if weightless else ''}from {audience}")
    return out


def _asked(pair: Pair) -> _Asked:
    """What is estimated of a pair's columns: statistic, lowest favourable code, ends of the scale; None where not needed."""
    score = pair.statistic == "score"
    return (
        pair.statistic,
        pair.at_least if pair.statistic == "favourable" else None,
        pair.low if score else None,
        pair.high if score or pair.statistic == "top_box" else None,
    )


def _sides(pair: Pair) -> tuple[tuple[str, str], ...]:
    """Sides of which the statistic can be made: on unlike scales, thresholds and ends are those of side a alone."""
    unlike = pair.scale_b not in ("", pair.scale) and pair.statistic != "mean"
    return (pair.a,) if unlike else (pair.a, pair.b)


def _answered(design: Design, column: str) -> bool:
    """Whether anybody with a weight answered."""
    answers = column_of(design, column)
    return bool((~np.isnan(answers) & (design.layout.weight != 0)).any())


def _places(levels: Estimate, asked: list[_Asked], group: np.ndarray, by: tuple[str, ...]) -> Places:
    """Number the sides and domains of levels."""
    labels = levels.labels
    named = pd.DataFrame({"group": group, "audience": labels["audience"].array, "item": labels["item"].array})
    side = named.groupby(["group", "audience", "item"], sort=False, observed=True).ngroup().to_numpy()
    first = named.iloc[np.sort(np.unique(side, return_index=True)[1])]
    sides = {(asked[g], str(audience), str(item)): k
             for k, (g, audience, item) in enumerate(first.itertuples(index=False, name=None))}  # fmt: skip
    if by:
        domain = labels.groupby(list(by), sort=False, observed=True).ngroup().to_numpy()
        keys = labels.iloc[np.sort(np.unique(domain, return_index=True)[1])][list(by)]
        order = sorted(range(len(keys)), key=list(keys.itertuples(index=False, name=None)).__getitem__)
        domain, keys = np.argsort(order)[domain], keys.iloc[order].reset_index(drop=True)
    else:
        domain, keys = np.zeros(len(labels), int), pd.DataFrame(index=range(1))
    rows = np.full((len(sides), len(keys)), -1)
    rows[side, domain] = np.arange(len(labels))
    return Places(rows, sides, keys)


def _labelled(keys: pd.DataFrame, pairs: list[Pair], by: tuple[str, ...]) -> pd.DataFrame:
    """Labels of every domain × pair, pairs innermost."""
    domain, pair = np.repeat(np.arange(len(keys)), len(pairs)), np.tile(np.arange(len(pairs)), len(keys))

    def each(name: str) -> object:
        return pd.Series([getattr(one, name) for one in pairs]).take(pair).array

    columns = {"statistic": each("statistic"), "item": each("item")}
    columns |= {name: keys[name].take(domain).array for name in by}
    columns |= {name: each(name) for name in ("family", "mirror", "smallest")}
    return pd.DataFrame(columns | {"reading": "absolute", "scale": each("scale")})
