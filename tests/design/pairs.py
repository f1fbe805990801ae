"""Horvitz and Thompson's variance as a sum over all pairs of rows, their joint probabilities worked out stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["counted", "written_out"]


def pair_probability(stages: Sequence[tuple[tuple[object, object], float, float]], other: Sequence[tuple]) -> float:
    """π_kl of two rows from their stages, ((stratum, unit), n, N) each: the product over stages as long as they share units."""
    chance, together = 1.0, True
    for ((h, unit), n, size), ((k, with_it), m, other_size) in zip(stages, other, strict=True):
        if together and h == k:
            if unit == with_it:
                chance *= n / size
                continue
            chance *= n * (n - 1) / (size * (size - 1))
        else:
            chance *= n / size * m / other_size
        together = False
    return chance


def written_out(frame: pd.DataFrame, phases: Sequence[Sequence[tuple[str, str, str, str]]], z: np.ndarray) -> float:
    """Horvitz-Thompson variance over all pairs of rows; each phase is stages of columns (stratum, unit, n, N)."""
    rows = frame.to_dict("records")
    variance = 0.0
    for i, one in enumerate(rows):
        for j, two in enumerate(rows):
            pair, single = 1.0, 1.0
            for phase in phases:
                first, second = (
                    [((row[stratum], row[unit]), row[n], row[size]) for stratum, unit, n, size in phase]
                    for row in (one, two)
                )
                pair *= pair_probability(first, second)
                single *= pair_probability(first, first) * pair_probability(second, second)
            variance += (1 - single / pair) * z[i] * z[j]
    return variance


def counted(frame: pd.DataFrame, stratum: list[str], unit: str) -> pd.Series:
    """Units in each stratum, on every row."""
    return frame.groupby(stratum)[unit].transform("nunique")
