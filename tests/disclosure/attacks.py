"""An attacker who has every published figure, with no code of ours.

Exact elimination over the smallest groups, in fractions; every filling of a small table with whole people; and a linear programme
over all thinkable crossings, written out in full.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

__all__ = ["Key", "cells", "fillings", "groups_given_away", "published_rows", "solve", "widths"]

Key = tuple[str, str]
Row = list[Fraction]


def cells(
    people: pd.DataFrame, tables: Sequence[Sequence[str]]
) -> tuple[list[str], dict[str, int], dict[Key, set[str]]]:
    """The smallest groups, how many people each has, and the groups that make each cell of the tables."""
    variables = sorted({name for table in tables for name in table})
    label = people[variables].astype(object).where(people[variables].notna(), "?").agg("|".join, axis=1)
    count = {str(name): int(n) for name, n in label.value_counts().items()}
    made: dict[Key, set[str]] = {}
    for table in tables:
        for row, group in zip(people[list(table)].itertuples(index=False), label, strict=True):
            if not any(pd.isna(value) for value in row):
                made.setdefault((" × ".join(table), " × ".join(str(value) for value in row)), set()).add(str(group))
    return sorted(count), count, made


def solve(rows: Sequence[Row]) -> list[Row]:
    """Gauss-Jordan elimination: the reduced rows that span the same space."""
    left, done = [list(row) for row in rows], []
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left if row[column] != 0), None)
        if pivot is None:
            continue
        left = [row for row in left if row is not pivot]
        pivot = [value / pivot[column] for value in pivot]
        left = [_cleared(row, pivot, column) for row in left]
        done = [*(_cleared(row, pivot, column) for row in done), pivot]
    return done


def _cleared(row: Row, pivot: Row, column: int) -> Row:
    """The row less as much of the pivot as empties a column."""
    return [a - row[column] * b for a, b in zip(row, pivot, strict=True)]


def in_span(basis: list[Row], target: Row) -> bool:
    """Whether the published rows add and subtract up to a target."""
    left = list(target)
    for row in basis:
        lead = next(k for k, value in enumerate(row) if value != 0)
        left = [a - left[lead] * b for a, b in zip(left, row, strict=True)]
    return not any(left)


def published_rows(
    people: pd.DataFrame, tables: Sequence[Sequence[str]], hidden: Collection[Key]
) -> tuple[list[Row], list[Key]]:
    """Reduced rows of everything published, and the hidden cells that follow from them."""
    names, _, made = cells(people, tables)
    indicator = {key: [Fraction(name in groups) for name in names] for key, groups in made.items()}
    basis = solve([row for key, row in indicator.items() if key not in hidden])
    return basis, [key for key in hidden if in_span(basis, indicator[key])]


def groups_given_away(
    people: pd.DataFrame, tables: Sequence[Sequence[str]], hidden: Collection[Key], minimum: int
) -> list[tuple[str, ...]]:
    """Every union of smallest groups with fewer people than the minimum that published figures add and subtract up to."""
    names, count, _ = cells(people, tables)
    basis, _ = published_rows(people, tables, hidden)
    small = [name for name in names if count[name] < minimum]
    return [
        group
        for size in range(1, min(minimum, len(small) + 1))
        for group in combinations(small, size)
        if sum(count[name] for name in group) < minimum and in_span(basis, [Fraction(name in group) for name in names])
    ]


def fillings(
    people: pd.DataFrame, tables: Sequence[Sequence[str]], hidden: Collection[Key], answers: Sequence[int]
) -> Iterator[dict[str, tuple[int, ...]]]:
    """Every way to fill the smallest groups with people and answers, whole numbers, that agrees with all published figures.

    Published of a shown cell: its count and the sum of its answers.  A group in no shown cell is left at what it holds.
    """
    names, _, made = cells(people, tables)
    variables = sorted({name for table in tables for name in table})
    label = people[variables].astype(object).where(people[variables].notna(), "?").agg("|".join, axis=1).astype(str)
    true = {name: tuple(int(((label == name) & (people["x"] == code)).sum()) for code in answers) for name in names}
    shown = [groups for key, groups in made.items() if key not in hidden]
    loose = [name for name in names if any(name in groups for groups in shown)]
    counts = [sum(sum(true[name]) for name in groups) for groups in shown]
    sums = [sum(k * m for name in groups for k, m in zip(answers, true[name], strict=True)) for groups in shown]

    def fill(place: int, left: list[int], worth: list[int]) -> Iterator[dict[str, tuple[int, ...]]]:
        if place == len(loose):
            if not any(left) and not any(worth):
                yield {}
            return
        name = loose[place]
        here = [row for row, groups in enumerate(shown) if name in groups]
        most = min(left[row] for row in here)
        for many in product(range(most + 1), repeat=len(answers)):
            value = sum(k * m for k, m in zip(answers, many, strict=True))
            if sum(many) > most or any(value > worth[row] for row in here):
                continue
            less = [n - sum(many) if row in here else n for row, n in enumerate(left)]
            lower = [w - value if row in here else w for row, w in enumerate(worth)]
            done = {row for row in here if not any(other in shown[row] for other in loose[place + 1 :])}
            if any(less[row] or lower[row] for row in done):
                continue
            for rest in fill(place + 1, less, lower):
                yield {name: many, **rest}

    for found in fill(0, counts, sums):
        yield {**{name: true[name] for name in names if name not in loose}, **found}


def widths(
    people: pd.DataFrame, tables: Sequence[Sequence[str]], hidden: Collection[Key], target: Key
) -> tuple[float, float]:
    """How far the count of a hidden cell, and its mean to one who is told the count, may still vary: a programme of our own.

    Unknown: how many people of every thinkable crossing gave every answer.  Left out are crossings nobody is in where five would
    be expected by the sizes of two categories, and of a category inside another.
    """
    variables = sorted({name for table in tables for name in table})
    plain = people[variables].astype(object).where(people[variables].notna(), "?")
    there = {tuple(row) for row in plain.itertuples(index=False)}
    possible = [
        row
        for row in product(*(sorted(set(plain[name])) for name in variables))
        if row in there or all(_thinkable(plain, row, a, b) for a, b in combinations(range(len(variables)), 2))
    ]
    codes = np.unique(people["x"])
    columns = [(row, code) for row in possible for code in codes]

    def inside(key: Key) -> np.ndarray:
        names = key[0].split(" × ") if key[0] else []
        return np.array(
            [not names or " × ".join(row[variables.index(name)] for name in names) == key[1] for row, _ in columns],
            float,
        )

    value, rows, right = np.array([code for _, code in columns]), [], []
    for key in cells(people, tables)[2]:
        if key in hidden:
            continue
        names = key[0].split(" × ") if key[0] else []
        mine = (plain[names].agg(" × ".join, axis=1) == key[1]) if names else pd.Series(True, index=people.index)
        for power in (0, 1, 2):
            rows.append(inside(key) * value**power)
            right.append(float((people.loc[mine, "x"] ** power).sum()))
    names = target[0].split(" × ") if target[0] else []
    own = (plain[names].agg(" × ".join, axis=1) == target[1]) if names else pd.Series(True, index=people.index)
    if not rows:
        return math.inf, float(np.ptp(codes))
    aim = inside(target)
    ends = [linprog(sign * aim, A_eq=np.array(rows), b_eq=right, method="highs-ds") for sign in (1, -1)]
    count = math.inf if ends[1].status == 3 else -ends[1].fun - ends[0].fun
    told = [linprog(sign * aim * value, A_eq=np.array([*rows, aim]), b_eq=[*right, own.sum()]) for sign in (1, -1)]
    return count, (-told[1].fun - told[0].fun) / own.sum()


def _thinkable(plain: pd.DataFrame, row: tuple[str, ...], a: int, b: int) -> bool:
    """Whether somebody might be in two categories at once, for all one knows of their sizes."""
    one, other = plain.iloc[:, a], plain.iloc[:, b]
    if "?" in (row[a], row[b]) or ((one == row[a]) & (other == row[b])).any():
        return True
    nested = any(
        all(set(x[y == value]) != {"?"} and len(set(x[y == value])) == 1 for value in set(y) - {"?"})
        for x, y in ((one, other), (other, one))
    )
    return not nested and (one == row[a]).sum() * (other == row[b]).sum() / len(plain) < 5
