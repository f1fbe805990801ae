"""Answers every tool is timed on: seeded, and written once a size as plain binary columns that all of them read exactly.

Twenty items from 0 to 10 with effects of PSU and unit, lognormal weights, 50 strata of 40 PSUs, 200 units nested in strata
and crossing PSUs, four margins with 2,800 joint cells, two numeric columns to calibrate on, a continuous answer; rows in random
order.  A folder holds a file a column (`q1.f8`, `psu.i4`), `targets.json`, and Rao-Wu factors (`factors.f8`, PSU after PSU within
a replicate) for the check that gives every tool the same replicates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

__all__ = ["BOUNDS", "ITEMS", "LEVELS", "NUMERIC", "PSUS", "STRATA", "UNITS", "columns", "prepare", "read", "targets"]

ITEMS = tuple(f"q{number}" for number in range(1, 21))
STRATA, PSUS, UNITS = 50, 2000, 200
LEVELS = {"m1": 10, "m2": 8, "m3": 7, "m4": 5}
NUMERIC = ("x1", "x2")
BOUNDS = (0.5, 2.0)
REPLICATES = 500
EDITION = "1"  # a new one where the recipe below changes: old folders are made again


def prepare(folder: Path, size: int) -> Path:
    """Write the answers of one size, unless they are there; the folder."""
    home = folder / f"answers-{size}-{EDITION}"
    if (home / "targets.json").is_file():
        return home
    home.mkdir(parents=True, exist_ok=True)
    written: dict[str, np.ndarray] = {}
    for name, column in _columns(size, np.random.default_rng([3, size])):
        column.tofile(home / f"{name}.{column.dtype.kind}{column.itemsize}")
        if name in ("weight", *LEVELS, *NUMERIC):
            written[name] = column
    _factors(np.random.default_rng(4)).tofile(home / "factors.f8")
    (home / "targets.json").write_text(json.dumps(_targets(written)), encoding="utf-8")
    return home


def read(home: Path, names: tuple[str, ...], rows: int | None = None) -> dict[str, np.ndarray]:
    """Columns as arrays, all rows or the first ones."""
    found = {}
    for name in names:
        path = next(home.glob(f"{name}.[fi][48]"))
        found[name] = np.fromfile(path, dtype=np.dtype(path.suffix[1:]), count=-1 if rows is None else rows)
    return found


def columns(kind: str) -> tuple[str, ...]:
    """Columns a task needs beside the design's: its data are loaded, and nothing more."""
    return {
        "items": ITEMS,
        "item": ITEMS[:1],
        "continuous": ("y",),
        "model": ITEMS[:11],
        "margins": (*LEVELS, *ITEMS[:1]),
        "calibration": (*LEVELS, *NUMERIC, *ITEMS[:1]),
    }[kind]


def targets(home: Path) -> dict[str, dict[str, list[float]]]:
    """What weights are fitted to: `margins` (a count a level) and `totals` (of the numeric columns)."""
    found: dict[str, dict[str, list[float]]] = json.loads((home / "targets.json").read_text(encoding="utf-8"))
    return found


def _columns(size: int, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Every column with its name, one after the other, so that ten million rows need little memory."""
    psu = np.concatenate([np.tile(np.arange(PSUS), 2), rng.integers(0, PSUS, max(size - 2 * PSUS, 0))])[:size]
    psu = rng.permutation(psu).astype(np.int32)
    stratum = (psu // (PSUS // STRATA)).astype(np.int32)
    each = UNITS // STRATA
    unit = (stratum * each + rng.integers(0, each, size)).astype(np.int32)
    yield "psu", psu
    yield "stratum", stratum
    yield "unit", unit
    yield "audience", (rng.random(size) < 0.2).astype(np.int32)
    yield "weight", rng.lognormal(3.0, 0.5, size)
    of_psu, of_unit = rng.normal(0, 0.6, PSUS), rng.normal(0, 0.7, UNITS)
    person = rng.normal(0, 1.2, size)
    common = 6.3 + of_psu[psu] + of_unit[unit] + person
    for name in ITEMS:
        latent = common + rng.normal(0, 0.8) + rng.normal(0, 1.5, size)
        yield name, np.clip(np.rint(latent), 0, 10)
    yield "y", np.exp(0.2 * common + rng.normal(0, 0.5, size))
    for name, levels in LEVELS.items():
        shares = rng.dirichlet(np.full(levels, 8.0))
        yield name, rng.choice(levels, size, p=shares).astype(np.int32)
    yield "x1", rng.uniform(18, 90, size)
    yield "x2", rng.lognormal(0.5, 0.4, size) + 0.1 * person


def _factors(rng: np.random.Generator) -> np.ndarray:
    """Rao-Wu factors (REPLICATES, PSUS): n - 1 of a stratum's n PSUs drawn with replacement, times n / (n - 1)."""
    n = PSUS // STRATA
    drawn = rng.multinomial(n - 1, np.full(n, 1 / n), size=(REPLICATES, STRATA))
    return (drawn * (n / (n - 1))).reshape(REPLICATES, PSUS)


def _targets(found: dict[str, np.ndarray]) -> dict[str, dict[str, list[float]]]:
    """Margins some per cent away from the weighted sample's, of one total; numeric totals one or two per cent away."""
    weight, rng = found["weight"], np.random.default_rng(5)
    total = float(np.round(weight.sum() * 1.01))
    margins = {}
    for name, levels in LEVELS.items():
        now = np.bincount(found[name], weights=weight, minlength=levels) * rng.uniform(0.92, 1.08, levels)
        margins[name] = (now / now.sum() * total).tolist()
    away = {"x1": 1.02, "x2": 1.03}
    return {
        "margins": margins,
        "totals": {name: [float(weight @ found[name]) * factor] for name, factor in away.items()},
    }
