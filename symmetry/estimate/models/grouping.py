"""Rows of many domains in one pass: blocks, each in the order of their domains, and products of their columns by domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symmetry.estimate.models.columns import Columns

__all__ = ["Groups"]

_BLOCK, _WIDE, _EACH = 1 << 13, 1 << 15, 512
_PRODUCT = 1 << 18  # multiplications that one core does sooner alone
Order = tuple[slice | np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Block:
    """Rows in the order of their domains: their places, columns (p, r), the domains there are and where each ends."""

    rows: slice | np.ndarray
    x: np.ndarray
    domains: np.ndarray
    ends: np.ndarray

    def linear(self, beta: np.ndarray) -> np.ndarray:
        """Linear predictors (r,) by the coefficients of each domain (D, p)."""
        if len(self.domains) == 1:
            return np.asarray(beta[self.domains[0]] @ self.x)
        return np.concatenate(
            [beta[d] @ self.x[:, a:b] for d, a, b in zip(self.domains, self.ends, self.ends[1:], strict=False)]
        )

    def products(self, weighted: np.ndarray, right: np.ndarray, cross: np.ndarray, sums: np.ndarray) -> None:
        """Add weighted x x' to (D, p, p), and x · right (r,) to (D, p), by domain."""
        step = max(64, _PRODUCT // len(self.x) ** 2)
        for domain, start, end in zip(self.domains, self.ends, self.ends[1:], strict=False):
            for first in range(start, end, step):
                part = slice(first, min(first + step, end))
                cross[domain] += weighted[:, part] @ self.x[:, part].T
                sums[domain] += self.x[:, part] @ right[part]


@dataclass(frozen=True, eq=False)
class Groups:
    """Domains of m rows: code (m,) of each, one of `size`; None where all rows are in one."""

    code: np.ndarray | None
    size: int
    m: int

    @staticmethod
    def one(m: int) -> Groups:
        """All rows in one domain."""
        return Groups(None, 1, m)

    @cached_property
    def count(self) -> np.ndarray:
        """Rows of each domain (D,)."""
        return np.array([self.m]) if self.code is None else np.bincount(self.code, minlength=self.size)

    def rows(self, domain: int) -> np.ndarray:
        """Places of the rows of a domain."""
        return np.arange(self.m) if self.code is None else np.flatnonzero(self.code == domain)

    def linear(self, x: np.ndarray, beta: np.ndarray, rows: slice) -> np.ndarray:
        """Linear predictors (r,) of rows as they come, from columns (p, r) and the coefficients of each domain (D, p)."""
        if self.code is None:
            return np.asarray(beta[0] @ x)
        code, out, term = self.code[rows].astype(np.intp), np.zeros(x.shape[1]), np.empty(x.shape[1])
        for values, own in zip(x, np.ascontiguousarray(beta.T), strict=True):
            np.take(own, code, out=term, mode="clip")
            term *= values
            out += term
        return out

    def blocks(self, columns: Columns, open_: np.ndarray) -> Iterator[Block]:
        """All rows of the domains that are open, in blocks."""
        for rows, domains, ends in self._orders if open_.all() else self._ordered(open_):
            if len(domains):
                yield Block(rows, columns.block(rows), domains, ends)

    @cached_property
    def _orders(self) -> list[Order]:
        """Rows of all domains, in blocks."""
        return list(self._ordered(np.ones(self.size, bool)))

    def _ordered(self, open_: np.ndarray) -> Iterator[Order]:
        """Rows in blocks, each in the order of the domains that are open."""
        if self.code is None:
            for start in range(0, self.m, _BLOCK):
                stop = min(start + _BLOCK, self.m)
                yield slice(start, stop), np.zeros(1, int), np.array([0, stop - start])
            return
        step = min(max(_BLOCK, _EACH * self.size), _WIDE)
        small = np.int16 if self.size < 1 << 15 else np.int64
        for start in range(0, self.m, step):
            code = self.code[start : start + step].astype(small)
            order = np.argsort(code, kind="stable")
            if not open_.all():
                order = order[open_[code[order]]]
            count = np.bincount(code[order], minlength=self.size)
            found = np.flatnonzero(count)
            yield order + start, found, np.append(0, np.cumsum(count[found]))
