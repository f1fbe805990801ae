"""Both sides of every pair × domain: the levels that are needed, where each stands, and why a pair has no gap somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.design import Design, column_of, design_of
from symmetry.dissonance.nouns import Pair
from symmetry.errors import DesignError
from symmetry.estimate import COLUMNS, Estimate

__all__ = ["ABOUT", "Places", "checked", "levels_of", "match", "why_alone"]

ABOUT = ("family", "mirror", "smallest", "reading", "scale")
_COLUMNS_OF_TABLES = """
    statistic item audience family mirror smallest reading scale a b level_a level_b n_a n_b n_eff_a n_eff_b
    p p_adjusted p_aligned p_aligned_adjusted p_material p_material_adjusted verdict grade comparability general n_to_settle
    quadrant quadrant_chance size rank rank_a rank_b rank_lower rank_upper chance_first chance_last units
    direct direct_se own between chance_dissonant chance_aligned target funnel funnel_se funnel_z
    z z_adjusted phi tau2 wide outside kind n_known
"""
_TAKEN = frozenset(_COLUMNS_OF_TABLES.split()) | set(COLUMNS)
_LIMIT = re.compile(r"(lower|upper)_\d+")
_Asked = tuple[str, float | None, float | None, float | None]


def checked(stacked: Design, pairs: Iterable[Pair], by: Sequence[str] = ()) -> tuple[list[Pair], tuple[str, ...]]:
    """Pairs that can be asked of this design at all, and the columns that make domains.

    Raises
    ------
    DesignError : what is no stacked design, no pair, or no column; a domain column that is called like one of a table; two pairs
        of one item and family that compare unlike columns, or one statistic twice; a score or top box without a scale.
    """
    if "audience" not in design_of(stacked).data:
        raise DesignError("a gap needs a stacked design", mend="stack the audiences with design.stack")
    if isinstance(pairs, Pair | str | Mapping) or not isinstance(pairs, Iterable):
        raise DesignError(
            f"pairs are given in a list, and a {type(pairs).__name__} was given",
            mend="put it in brackets: [pair]" if isinstance(pairs, Pair) else "[Pair(…), Pair(…)]",
        )
    asked = list(pairs)
    if not asked:
        raise DesignError("no pair was given", mend="name at least one Pair")
    for pair in asked:
        if not isinstance(pair, Pair):
            raise DesignError(
                f"{pair!r} is a {type(pair).__name__}, not a Pair", mend="Pair(item, a, b, family, mirror, …)"
            )
        without = [name for name in ("low", "high") if getattr(pair, name) is None]
        if (pair.statistic == "score" and without) or (pair.statistic == "top_box" and pair.high is None):
            raise DesignError(
                f"the {pair.statistic} of {pair.item!r} needs the ends of its scale", mend="give the pair low and high"
            )
    _refuse_namesakes(asked)
    return asked, _domains_of(by)


def _refuse_namesakes(pairs: list[Pair]) -> None:
    """Refuse pairs of one item and family that compare unlike columns, or that tell one statistic twice."""
    first: dict[tuple[str, str], Pair] = {}
    statistics: set[tuple[str, str, str]] = set()
    for pair in pairs:
        other = first.setdefault((pair.item, pair.family), pair)
        if (other.a, other.b) != (pair.a, pair.b):
            told, again = (" with ".join(f"`{c}` of {name}" for name, c in (one.a, one.b)) for one in (other, pair))
            raise DesignError(
                f"two pairs are called {pair.item!r} in {pair.family!r}: one compares {told}, the other {again}",
                mend="give one of them another item, or another family",
            )
        if (pair.item, pair.family, pair.statistic) in statistics:
            raise DesignError(
                f"the {pair.statistic} of {pair.item!r} in {pair.family!r} stands twice among the pairs",
                mend="leave one out, or give it another item",
            )
        statistics.add((pair.item, pair.family, pair.statistic))


def _domains_of(by: Sequence[str]) -> tuple[str, ...]:
    """Columns that make domains, if no table of gaps would hide them."""
    names = (by,) if isinstance(by, str) or not isinstance(by, Iterable) else tuple(by)
    for name in names:
        if not isinstance(name, str):
            raise DesignError(f"domains are named by text, not by {name!r}", mend='by=["branch"]')
        if name in _TAKEN or _LIMIT.fullmatch(name):
            raise DesignError(
                f"the domain column `{name}` is called like a column of the tables of gaps, effects, ranks or units",
                mend=f'rename it in the frames of the audiences, such as "the_{name}"',
            )
    return names


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
    _refuse_outside(design, pairs)
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


def _refuse_outside(design: Design, pairs: list[Pair]) -> None:
    """Refuse answers outside the scale of a top box, and codes where a favourable share without threshold is averaged."""
    ends: dict[str, tuple[float, float]] = {}
    for pair in pairs:
        share = pair.statistic == "favourable" and pair.at_least is None
        if not share and pair.statistic != "top_box":
            continue
        low, high = (
            (0.0, 1.0)
            if share
            else (
                -np.inf if pair.low is None else pair.low,
                np.inf if pair.high is None else pair.high,
            )
        )
        for audience, column in _sides(pair):
            answers = column_of(design, column)
            if column not in ends:
                known = answers[~np.isnan(answers)]
                ends[column] = (float(known.min(initial=np.inf)), float(known.max(initial=-np.inf)))
            if ends[column][0] >= low and ends[column][1] <= high:
                continue
            wrong = ((answers < low) | (answers > high)) & (design.data["audience"] == audience).to_numpy()
            if not wrong.any():
                continue
            if share:
                raise DesignError(
                    f"`{column}` of {audience} holds {answers[wrong][0]:g}, which is no share between 0 and 1",
                    mend=f"give the pair {pair.item!r} at_least, its lowest favourable code, or score the answers first",
                )
            raise DesignError(
                f"`{column}` of {audience} holds {answers[wrong][0]:g}, outside the scale of {pair.item!r}, "
                f"{low:g} to {high:g}",
                mend="give the pair the ends of the scale the item was asked on (low, high)",
            )


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
        order = _in_order(list(keys.itertuples(index=False, name=None)))
        domain, keys = np.argsort(order)[domain], keys.iloc[order].reset_index(drop=True)
    else:
        domain, keys = np.zeros(len(labels), int), pd.DataFrame(index=range(1))
    rows = np.full((len(sides), len(keys)), -1)
    rows[side, domain] = np.arange(len(labels))
    return Places(rows, sides, keys)


def _in_order(keys: list[tuple[object, ...]]) -> list[int]:
    """Places of crossed values in sorted order; where kinds are mixed, numbers come before texts."""
    try:
        return sorted(range(len(keys)), key=keys.__getitem__)
    except TypeError:
        apart = [[("", one) if isinstance(one, Real) else (type(one).__name__, one) for one in key] for key in keys]
        return sorted(range(len(keys)), key=apart.__getitem__)


def _labelled(keys: pd.DataFrame, pairs: list[Pair], by: tuple[str, ...]) -> pd.DataFrame:
    """Labels of every domain × pair, pairs innermost."""
    domain, pair = np.repeat(np.arange(len(keys)), len(pairs)), np.tile(np.arange(len(pairs)), len(keys))

    def each(name: str) -> object:
        return pd.Series([getattr(one, name) for one in pairs]).take(pair).array

    columns = {"statistic": each("statistic"), "item": each("item")}
    columns |= {name: keys[name].take(domain).array for name in by}
    columns |= {name: each(name) for name in ("family", "mirror", "smallest")}
    return pd.DataFrame(columns | {"reading": "absolute", "scale": each("scale")})
