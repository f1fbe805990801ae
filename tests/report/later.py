"""The tables that newer results add to the fabricated bank, for tests only: nothing here was estimated from answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.report import sample

__all__ = ["FUNNEL", "network", "unit_row"]

FUNNEL = {"b02": ("above 99.8", 4.1), "b07": ("below 99.8", -3.6), "b09": ("above 95", 2.4), "b20": ("below 95", -2.2)}
_WAVE = "cold-2027"


def network(folder: Path, *, branches: int = 24) -> Path:
    """The bank with every later table: 24 branches, of which two hidden, one without a number, four outside the funnel."""
    sample.bank(folder, branches=branches)
    gaps = pd.read_parquet(folder / "gaps.parquet")
    gaps["quadrant_chance"] = np.where(
        gaps["quadrant"] != "", np.where(gaps["quadrant"] == "weakness", 0.62, 0.991), np.nan
    )
    gaps.to_parquet(folder / "gaps.parquet", index=False)
    rng = np.random.default_rng(2028)
    rows = [unit_row(f"b{place:02d}", rng) for place in range(1, branches + 1)]
    for name, table in {"units": rows, **_inside(), **_pairwise()}.items():
        frame = pd.DataFrame(table)
        frame["suppressed"] = frame.get("suppressed", pd.Series(False, index=frame.index)).fillna(False).astype(bool)
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def unit_row(domain: str, rng: np.random.Generator, *, item: str = "promise") -> dict[str, Any]:
    """One branch: a drawn gap half-way between its own and −0.5; its place in the funnel as `FUNNEL` says."""
    place = int(domain[1:])
    error = float(rng.uniform(0.08, 0.3))
    wide = float(np.hypot(error, 0.05))
    funnel, distance = FUNNEL.get(domain, ("", float(rng.uniform(-1.8, 1.8))))
    direct = -0.5 + distance * wide
    row: dict[str, Any] = {
        "statistic": "mean",
        "item": item,
        "by": "branch",
        "domain": domain,
        "wave": _WAVE,
        "note": "",
        "suppressed": domain in ("b04", "b12"),
        "a": "customer",
        "b": "employee",
        "mirror": "literal",
        "reading": "absolute",
        "smallest": 0.3,
        "n_a": 210.0,
        "n_b": 31.0,
        "n": 241.0,
        "verdict": ("dissonant", "undetermined", "aligned")[place % 3],
        "funnel": funnel,
        "direct": direct,
        "direct_se": error,
        "target": -0.5,
        "funnel_se": wide,
        "estimate": (direct - 0.5) / 2,
        "lower": (direct - 0.5) / 2 - 0.1,
        "upper": (direct - 0.5) / 2 + 0.1,
        "own": 0.5,
        "chance_dissonant": 0.97,
        "chance_aligned": 0.996,
    }
    if domain == "b15":
        bare = dict.fromkeys(("estimate", "lower", "upper", "direct", "direct_se", "target", "funnel_se", "own"))
        return row | bare | {"verdict": "", "funnel": "", "note": "one side only"}
    return row


def _inside() -> dict[str, Sequence[dict[str, Any]]]:
    """Agreement and parts of the variance for three items on either side, and two tabulated items."""
    agreement: list[dict[str, Any]] = []
    partition: list[dict[str, Any]] = []
    for audience, face in (("customers", "customer"), ("employees", "employee")):
        for item, icc2 in (("welcomed", 0.82), ("listened", 0.61), ("clear", 0.21)):
            who = {"wave": _WAVE, "audience": audience, "item": item, "face": face, "note": ""}
            numbers = {
                "icc1": 0.11,
                "icc1_lower": 0.05,
                "icc1_upper": 0.19,
                "icc2": icc2,
                "rwg": 0.74,
                "rwg_low": 0.25,
                "ad": 0.7,
            }
            if (audience, item) == ("employees", "clear"):
                numbers, who = dict.fromkeys(numbers), who | {"suppressed": True}
            agreement.append({**who, "unit": "branch", "units": 24.0, "n": 5180.0, "k": 14.2, **numbers})
            for level, share in (("region", 0.03), ("branch", 0.11), ("person", 0.86)):
                ends = {"lower": share - 0.02, "upper": share + 0.02}
                partition.append({**who, "suppressed": False, "level": level, "share": share, "groups": 4.0, **ends})
    counts = {"wave": _WAVE, "note": "", "units": 511.0, "n": 40120.0, "estimate": 3.12, "lower": 3.1, "upper": 3.14}
    spread = {"sd_within": 0.83, "icc1": 0.1, "icc2": 0.9, "rwg": 0.61, "ad": 0.6}
    tabulated = [{"audience": a, "item": "waiting", **counts, **spread} for a in ("customers", "employees")]
    return {"agreement": agreement, "partition": partition, "tabulated": tabulated}


def _pairwise() -> dict[str, Sequence[dict[str, Any]]]:
    """Effect sizes and ranks of three pairs; employees stand above customers on promises kept."""
    effects: list[dict[str, Any]] = []
    ranks: list[dict[str, Any]] = []
    for place, (item, above) in enumerate((("promise", 0.36), ("welcomed", 0.51), ("fair", 0.5)), start=1):
        who = {
            "item": item,
            "by": "",
            "domain": "",
            "a": "customer",
            "b": "employee",
            "mirror": "literal",
            "wave": _WAVE,
            "note": "",
        }
        sizes = {"hedges_g": 2.9 * (above - 0.5), "cliff_delta": 2 * above - 1, "superiority": above}
        for statistic, value in sizes.items():
            ends = {"estimate": value, "lower": value - 0.03, "upper": value + 0.03}
            effects.append({**who, "statistic": statistic, "size": "small" if place == 1 else "negligible", **ends})
        ends = {"estimate": 2.0, "lower": 0.0, "upper": 3.5}
        ranks.append({**who, "statistic": "mean", "rank_a": place + 2.0, "rank_b": float(place), **ends})
    return {"effects": effects, "ranks": ranks}
