"""An attacker who has every published figure: exact elimination over the smallest groups, in fractions, with no code of ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import combinations

import pandas as pd

__all__ = ["Key", "cells", "groups_given_away", "published_rows", "solve"]

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
