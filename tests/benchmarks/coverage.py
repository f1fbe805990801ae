"""How often 95 % intervals hold the truth, over a grid of samples, written to docs/coverage.md.

Samples are drawn from a population without end: a psu has its own share, beta around p with the intraclass correlation asked; its
20 respondents answer by it; weights, where asked, are lognormal and say nothing of the answer.  The design effect is that of
clusters times that of weights.  `python tests/benchmarks/coverage.py [--times 1000]` (about ten minutes on two cores); 1 when a
cell whose samples are large enough leaves 93-97 %, or any cell falls under 93 %.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track

from symmetry import estimate
from symmetry.design import Design, stack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
METHODS = ("logit", "wilson", "beta", "likelihood", "mean")
ROWS = 20


@dataclass(frozen=True)
class Cell:
    """A kind of sample: psus of 20 respondents, share p, intraclass correlation, Kish's design effect of the weights."""

    psus: int
    p: float
    icc: float
    kish: float

    @property
    def deff(self) -> float:
        """Design effect expected of clusters and weights."""
        return (1 + (ROWS - 1) * self.icc) * self.kish

    @property
    def large(self) -> bool:
        """Whether intervals are held to 93-97 %: n_eff p (1 - p) ≥ 5 and df ≥ 8."""
        return self.psus * ROWS / self.deff * self.p * (1 - self.p) >= 5 and self.psus > 8


def main() -> int:
    """Run the grid, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1000, help="samples of each cell (default 1000)")
    times = parser.parse_args().times
    grid = [
        Cell(psus, p, icc, kish)
        for psus in (5, 10, 20, 50, 200)
        for p in (0.01, 0.05, 0.2, 0.5, 0.9, 0.99)
        for icc in (0.0, 0.05, 0.2)
        for kish in (1.0, 1.5)
    ]
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(shares, cell, times, seed) for seed, cell in enumerate(grid)]
        jobs += [pool.submit(gaps, kind, times, 10_000 + seed) for seed, kind in enumerate(GAPS)]
        found = [job.result() for job in track(jobs, description="coverage")]
    table, compared = (
        pd.DataFrame(found[: len(grid)], index=pd.Index(grid)),
        pd.DataFrame(found[len(grid) :], index=list(GAPS)),
    )
    slack = 2.6 * np.sqrt(0.95 * 0.05 / times)
    misses = [
        cell
        for cell, row in table.iterrows()
        if row["logit"] < 0.93 - slack or (cell.large and row["logit"] > 0.97 + slack)
    ]
    PAGE.write_text(page(table, compared, misses, times, slack), encoding="utf-8")
    print(f"{PAGE.name}: {len(misses)} of {len(grid)} cells outside the promise")
    return 1 if misses else 0


def shares(cell: Cell, times: int, seed: int) -> dict[str, float]:
    """How often each interval of a share holds p."""
    rng = np.random.default_rng(seed)
    held = dict.fromkeys(METHODS, 0)
    for _ in range(times):
        frame = sample(rng, cell.psus, cell.p, cell.icc, cell.kish)
        est = estimate.mean(Design(frame, weight="w", psu="psu"), "y", statistic="share")
        for method in METHODS:
            lower, upper, _ = estimate.interval(est, method=method)
            held[method] += bool(lower[0] <= cell.p <= upper[0])
    return {method: count / times for method, count in held.items()}


GAPS = {
    "15 psus against 200, apart": (15, 200, False),
    "8 psus against 60, apart": (8, 60, False),
    "30 psus shared by both": (30, 30, True),
    "10 psus shared by both": (10, 10, True),
}


def gaps(kind: str, times: int, seed: int) -> dict[str, float]:
    """How often the interval of a difference of means (answers 1 to 5) and of NPS holds the truth, which is 0."""
    rng = np.random.default_rng(seed)
    one, other, shared = GAPS[kind]
    held = {"mean": 0, "nps": 0}
    for _ in range(times):
        quality = rng.normal(0, 0.3, max(one, other))
        sides = {}
        for name, psus in (("customers", one), ("employees", other)):
            own = quality[:psus] if shared else rng.normal(0, 0.3, psus)
            unit = np.repeat(np.arange(psus), ROWS)
            latent = own[unit] + rng.normal(0, 1, len(unit))
            codes = {"x": np.clip(np.round(3.4 + latent), 1, 5), "likely": np.clip(np.round(7.5 + 2 * latent), 0, 10)}
            weight = rng.lognormal(0, 0.5, len(unit))
            sides[name] = Design(pd.DataFrame({"unit": unit, "w": weight, **codes}), weight="w", psu="unit")
        both = stack(sides, units="shared" if shared else "apart")
        levels = {
            "mean": estimate.mean(both, "x", by=["audience"]),
            "nps": estimate.nps(both, "likely", by=["audience"]),
        }
        for name, est in levels.items():
            gap = estimate.contrast(est, {"gap": {0: 1, 1: -1}})
            lower, upper, _ = estimate.interval(gap)
            held[name] += bool(lower[0] <= 0 <= upper[0])
    return {name: count / times for name, count in held.items()}


def sample(rng: np.random.Generator, psus: int, p: float, icc: float, kish: float) -> pd.DataFrame:
    """One sample: psu, answer and weight of each respondent."""
    if icc:
        size = (1 - icc) / icc
        own = rng.beta(p * size, (1 - p) * size, psus)
    else:
        own = np.full(psus, p)
    unit = np.repeat(np.arange(psus), ROWS)
    weight = rng.lognormal(0, np.sqrt(np.log(kish)), len(unit)) if kish > 1 else np.ones(len(unit))
    return pd.DataFrame({"psu": unit, "y": (rng.random(len(unit)) < own[unit]).astype(float), "w": weight})


def page(table: pd.DataFrame, compared: pd.DataFrame, misses: Sequence[Cell], times: int, slack: float) -> str:
    """The page, in Markdown."""
    lines = [
        "# Coverage of intervals",
        "",
        f"Generated by `python tests/benchmarks/coverage.py` ({times} samples a row: 95 % reads ± {100 * slack:.1f} points).",
        f"Psus of {ROWS} respondents from a population without end. *Held to 93–97 %*: rows whose effective sample holds at",
        "least 5 answers of either kind (n_eff·p(1 − p) ≥ 5) and 8 degrees of freedom; the others may be conservative, never",
        "under 93 %. The promise is that of the default, `logit`; the other intervals stand beside it for comparison.",
        "",
        f"**{len(misses)} of {len(table)} rows miss the promise**" + (": marked ✗." if misses else "."),
        "",
        "## Shares",
        "",
        "| psus | share | icc | Kish | deff | held to | logit | wilson | beta | likelihood | mean |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for cell, row in table.iterrows():
        told = " | ".join(f"{100 * row[method]:.1f}" for method in METHODS)
        mark = " ✗" if cell in misses else ""
        held = "93–97" if cell.large else "≥ 93"
        lines.append(
            f"| {cell.psus} | {cell.p:g} | {cell.icc:g} | {cell.kish:g} | {cell.deff:.2g} | {held}{mark} | {told} |"
        )
    lines += [
        "",
        "## Gaps between two audiences",
        "",
        "Satterthwaite degrees of freedom, value ± t·se; the truth is 0.",
        "",
    ]
    lines += ["| design | mean of 1–5 | NPS |", "|---|---|---|"]
    lines += [f"| {kind} | {100 * row['mean']:.1f} | {100 * row['nps']:.1f} |" for kind, row in compared.iterrows()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
