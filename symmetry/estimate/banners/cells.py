"""The cells of a banner table: heads of columns, bases, and one call a head for all items that ask the same.

Answers and segments are numbered once and ride on the design's own layout, so that every head finds the cells and score cubes of
the design ready: nothing is worked out cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DesignError
from symmetry.estimate.banners.asking import Asked, Line, answers_of, found_by
from symmetry.estimate.banners.coded import Coded, Words, crossed
from symmetry.estimate.banners.phrases import say
from symmetry.estimate.linearising import items_of
from symmetry.estimate.nouns import COLUMNS, Estimate

__all__ = ["Part", "cells_of_banner", "columns_of", "heads_of", "parts_of"]

_SEGMENT = "segment {} of the banner"


@dataclass(frozen=True, eq=False)
class Part:
    """One estimate of a head: the line and the column (from 0, in the whole table) of each of its rows."""

    est: Estimate
    lines: list[Line]
    column: np.ndarray


def heads_of(
    design: Design,
    segments: str | Sequence[str | Sequence[str]],
    titles: Mapping[str, str],
    words: Mapping[str, Words],
    lang: str,
) -> list[Coded]:
    """The heads of a banner, all respondents first."""
    wanted = [segments] if isinstance(segments, str) else list(segments or ())
    if not wanted:
        raise DesignError("no segment makes a head", mend='name at least one column, ["region"]')
    total = say(lang, "total")
    every = Coded("", total, np.zeros(len(design.data), np.int64), ("",), (total,))
    heads = [every]
    for segment in wanted:
        names = items_of(segment)
        told = " × ".join(titles.get(name, name) for name in names)
        head = crossed(design, names, title=told, words=words, lang=lang)
        if head.name in [other.name for other in heads]:
            raise DesignError(f"the segment `{head.name}` is named twice", mend="name it once")
        if len(set(names)) < len(names):
            raise DesignError(f"the segment `{head.name}` crosses a column with itself", mend="name it once")
        if head.title in [other.title for other in heads]:
            raise DesignError(f"two heads have the title {head.title!r}", mend="give each a title of its own")
        if len(head) > len(ascii_uppercase):
            raise DesignError(
                f"the segment `{head.name}` has {len(head)} columns, and there are {len(ascii_uppercase)} letters",
                mend="group its values, or estimate them by `by` and look at the gaps you care about",
            )
        heads.append(head)
    return heads


def columns_of(design: Design, heads: Sequence[Coded]) -> pd.DataFrame:
    """Head, segment, column, letter, respondents of some weight and sum of weights of each column."""
    weight, parts = design.layout.weight, []
    for number, head in enumerate(heads):
        n, weighted = _sums(head, weight, np.ones(len(weight), bool))
        letters = list(ascii_uppercase[: len(head)]) if number else [""]
        told = {"head": head.title, "segment": head.name, "column": head.texts, "letter": letters}
        parts.append(pd.DataFrame({**told, "n": n, "weighted": weighted}))
    return pd.concat(parts, ignore_index=True)


def parts_of(
    design: Design, asked: Sequence[Asked], heads: Sequence[Coded]
) -> tuple[list[list[Part]], np.ndarray, np.ndarray]:
    """Estimates of every head, and the bases of each item and column, counted and weighted (I, C)."""
    codes = {_SEGMENT.format(k): np.where(head.code < 0, np.nan, head.code) for k, head in enumerate(heads)}
    inner = replace(design, data=design.data.assign(**answers_of(asked), **codes), given=design.layout)
    weight = design.layout.weight
    sums = [[_sums(head, weight, one.answered) for head in heads] for one in asked]
    n = np.array([np.concatenate([counted for counted, _ in row]) for row in sums])
    weighted = np.array([np.concatenate([heavy for _, heavy in row]) for row in sums])
    starts = np.cumsum([0, *(len(head) for head in heads)])
    parts = []
    for k, head in enumerate(heads):
        by = [_SEGMENT.format(k)] if k else []
        present = np.asarray(n[:, starts[k] : starts[k] + len(head)].any(axis=1))
        if not k and not present.all():
            name = asked[int(np.argmin(present))].name
            raise DesignError(f"nobody with a weight answered `{name}`", mend="leave it out, or check the column")
        parts.append(list(_parts(inner, asked, present, by, starts[k])))
    return parts, n, weighted


def cells_of_banner(
    asked: Sequence[Asked],
    parts: Sequence[Sequence[Part]],
    bases: tuple[np.ndarray, np.ndarray],
    columns: pd.DataFrame,
    *,
    level: float,
    base_at_least: int,
) -> tuple[pd.DataFrame, list[Line]]:
    """The cells of the table, lines outermost, and its lines."""
    order = {line: place for place, line in enumerate(dict.fromkeys(line for part in parts[0] for line in part.lines))}
    lines = sorted(order, key=lambda line: (line.item, line.wish, order[line]))
    number, wide = {line: place for place, line in enumerate(lines)}, len(columns)
    tables = []
    for part in (part for head in parts for part in head):
        told = part.est.table(level=level)[: len(part.est)]
        told.index = pd.Index(
            [number[line] * wide + column for line, column in zip(part.lines, part.column, strict=True)]
        )
        tables.append(told[list(COLUMNS)])
    facts = pd.concat(tables).reindex(range(len(lines) * wide))
    unknown = facts["n"].isna()
    facts = facts.assign(n=facts["n"].fillna(0).astype(int), suppressed=False)
    facts["note"] = facts["note"].where(~unknown, "nobody answered")
    item = np.array([line.item for line in lines])
    n, weighted = (base[item].ravel() for base in bases)
    effective = _effective(lines, facts, wide)[item].ravel()
    small = (n > 0) & (np.fmin(n, effective) < base_at_least)
    told = f"base of fewer than {base_at_least} answers, counted or effective"
    facts["note"] = [_with(note, told) if few else note for note, few in zip(facts["note"], small, strict=True)]
    heads = {
        "statistic": np.repeat([line.statistic for line in lines], wide),
        "item": np.repeat([asked[line.item].name for line in lines], wide),
        "category": np.repeat(np.array([line.category for line in lines] + [None], object)[:-1], wide),
        **{name: np.tile(columns[name].to_numpy(object), len(lines)) for name in ("head", "column", "letter")},
    }
    rest = {
        "base": n,
        "base_weighted": weighted,
        "base_effective": effective,
        "small": small,
        "title": np.repeat([asked[line.item].title for line in lines], wide),
        "line": np.repeat([line.text for line in lines], wide),
        "unit": np.repeat([line.unit for line in lines], wide),
    }
    return pd.DataFrame({**heads, **{name: facts[name].to_numpy() for name in COLUMNS}, **rest}), lines


def _parts(design: Design, asked: Sequence[Asked], present: np.ndarray, by: list[str], start: int) -> Iterator[Part]:
    """The estimates of one head."""
    for est, lines in found_by(design, asked, present, by):
        own = est.labels[by[0]].to_numpy(int) if by else np.zeros(len(est), int)
        yield Part(est, lines, own + start)


def _sums(head: Coded, weight: np.ndarray, answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers of some weight and their sum of weights in each column of a head."""
    column = np.where(answered & (weight != 0), head.code, -1) + 1
    size = len(head) + 1
    return np.bincount(column, minlength=size)[1:], np.bincount(column, weights=weight, minlength=size)[1:]


def _effective(lines: Sequence[Line], facts: pd.DataFrame, wide: int) -> np.ndarray:
    """Effective bases (I, C): of shares n over the mean design effect, else the fewest of the item's lines; NaN if unknown."""
    p, deff, n, alone = (facts[name].to_numpy(float).reshape(-1, wide) for name in ("estimate", "deff", "n", "n_eff"))
    item = np.array([line.item for line in lines])
    share = np.array([line.statistic == "share" for line in lines])
    out = np.full((item.max() + 1, wide), np.nan)
    for number in np.unique(item):
        own = (item == number) & share
        if own.any():
            told = np.where((p[own] > 0) & np.isfinite(deff[own]), (1 - p[own]) * deff[own], 0.0).sum(axis=0)
            more = (p[own] > 0).sum(axis=0) - 1
            answers = n[own].max(axis=0)
            mean = np.divide(told, more, out=np.full(wide, np.nan), where=more > 0)
            out[number] = np.divide(answers, mean, out=np.where(mean == 0, answers, np.nan), where=mean > 0)
        else:
            out[number] = np.fmin.reduce(alone[item == number], axis=0)
    return out


def _with(note: str, more: str) -> str:
    """A note with more said."""
    return f"{note}; {more}" if note else more
