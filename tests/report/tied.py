"""The tables and columns that newer results say of the drivers, for tests only: nothing here was estimated from answers.

What is drawn can be checked by hand: intervals are a fixed width, tiers follow the ranks, and what each audience says is planted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.report import sample

__all__ = ["add", "airport", "bank", "penalties", "priorities", "standing", "whatif", "write"]

_HALF = 0.035  # half an interval of a share


def bank(folder: Path) -> Path:
    """The bank with everything that newer results say of the drivers."""
    return add(sample.bank(folder))


def airport(folder: Path) -> Path:
    """One audience: a map with one dot an item, no other side to compare it with."""
    return add(sample.airport(folder))


def add(folder: Path) -> Path:
    """Give a results folder the later columns of `drivers`, and the tables `priorities`, `penalties` and `whatif`."""
    drivers = standing(pd.read_parquet(folder / "drivers.parquet"))
    write(folder, "drivers", drivers)
    levels = pd.read_parquet(folder / "levels.parquet")
    shares = drivers[(drivers["statistic"] == "lmg") & (drivers["by"].fillna("") == "")]
    for name, rows in (
        ("priorities", priorities(shares, levels)),
        ("penalties", penalties(shares)),
        ("whatif", whatif(shares)),
    ):
        write(folder, name, pd.DataFrame(rows))
    return folder


def write(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Store a table as `analyse` does."""
    if "suppressed" in frame:
        frame["suppressed"] = frame["suppressed"].fillna(False).astype(bool)
    frame.to_parquet(folder / f"{name}.parquet", index=False)


def standing(drivers: pd.DataFrame) -> pd.DataFrame:
    """Tiers of one, three and the rest; ranks uncertain by two places; the last two noise, the one before borrowed."""
    frame = drivers.copy()
    own = frame["statistic"] == "lmg"
    rank = frame["rank"].where(own)
    last = frame[own].groupby("audience")["rank"].max()
    most = frame["audience"].map(last)
    frame["tier"] = np.select([rank == 1, rank <= 4, rank > 4], [1.0, 2.0, 3.0], default=np.nan)
    frame["rank_lower"] = (rank - 2).clip(lower=1)
    frame["rank_upper"] = np.minimum(rank + 2, most)
    frame["top3"] = np.select([rank <= 2, rank == 3, rank == 4, rank > 4], [0.999, 0.7, 0.3, 0.001], default=np.nan)
    noise = own & (rank > most - 2)
    lent = own & (rank == most - 2)
    frame["present"] = np.select([noise, lent, own], ["not told from noise", "borrowed", "present"], "")
    frame["p_slope"] = np.where(noise, 0.41, np.where(own, 0.0, np.nan))
    frame["floor"] = np.where(own, 0.004, np.nan)
    frame["vif"] = np.where(own, 1.8, np.nan)
    frame["halo"] = np.where(~own, np.where(frame["audience"] == "employees", 0.64, 0.48), np.nan)
    frame["asked"], frame["missing"] = (frame["n"] * 1.25).round(), "listwise"
    counted = frame["n"].astype("Int64").astype(str)
    asked = (frame["n"] * 1.25).round().astype("Int64").astype(str)
    frame["note"] = (
        frame["note"].astype(str) + "; " + counted + " of " + asked + " respondents answered every item used"
    )
    return frame


def priorities(shares: pd.DataFrame, levels: pd.DataFrame, *, p: float = 0.002) -> list[dict[str, Any]]:
    """The shares of R² on either side; an item differs (p = .01) where they are ten points apart; one audience has no b."""
    sides = [key for key in ("customers", "employees") if (shares["audience"] == key).any()]
    outcome, wave = str(shares["outcome"].iloc[0]), str(shares["wave"].iloc[0])
    a, b = sides[0], sides[1] if len(sides) > 1 else ""
    house = {"by": "", "domain": "", "suppressed": False, "note": "", "outcome": outcome, "wave": wave, "a": a, "b": b}
    common: dict[str, Any] = house | {
        "units": None,
        "n_a": 5021.0,
        "n_b": 790.0 if b else None,
        "test": "equal shares: joint draws, max-T",
    }
    common["null"] = None
    rows: list[dict[str, Any]] = []
    for item in dict.fromkeys(shares["item"]):
        row: dict[str, Any] = {**common, "statistic": "share_gap", "item": item, "estimate": None, "p": None}
        for side, audience in (("a", a), ("b", b)):
            found = shares[(shares["item"] == item) & (shares["audience"] == audience)]
            share = float(found["share_of_r2"].iloc[0]) if len(found) else None
            level = _level(levels, item, audience, wave)
            row |= _around(f"importance_{side}", share, _HALF, 0.0) | _around(f"level_{side}", level, 3.0, 0.0)
        if row["importance_a"] is not None and row["importance_b"] is not None:
            gap = row["importance_a"] - row["importance_b"]
            row |= {"estimate": gap, "lower": gap - 2 * _HALF, "upper": gap + 2 * _HALF}
            row |= {"p": 0.01 if abs(gap) > 0.1 else 0.4}
        rows.append(row)
    if b:
        tv = sum(abs(row["estimate"]) for row in rows if row["estimate"] is not None) / 2
        rows.append({**common, "statistic": "total_variation", "item": outcome, "estimate": tv, "null": 0.14, "p": p})
        ends = {"estimate": 0.21, "lower": -0.28, "upper": 0.61}
        rows.append({**common, "statistic": "rank_correlation", "item": "spearman", **ends})
        rows += _on_units(rows, common, outcome)
    return rows


def _on_units(rows: list[dict[str, Any]], common: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    """The same items compared over 24 units, where no item is told apart."""
    common = common | {"units": 24.0, "test": "labels swapped in 24 units: equal priorities at equal noise"}
    kept = ("item", "estimate", "importance_a", "importance_b")
    made = [
        common | {name: row[name] for name in kept} | {"statistic": "unit_share_gap", "p": 0.5}
        for row in rows
        if row["statistic"] == "share_gap"
    ]
    whole = {"statistic": "unit_total_variation", "item": outcome, "estimate": 0.33, "null": 0.29, "p": 0.26}
    return [*made, common | whole]


def penalties(shares: pd.DataFrame) -> list[dict[str, Any]]:
    """A must-have, a delight, items that count both ways, an undetermined one, and a hidden one."""
    planted = [("basic", -1.2, 0.3), ("excitement", -0.2, 0.9), ("performance", -0.6, 0.6), ("undetermined", -0.2, 0.1)]
    rows: list[dict[str, Any]] = []
    for place, (_, share) in enumerate(shares.iterrows()):
        kind, penalty, reward = planted[min(int(share["rank"]) - 1, 3)]
        ends = _around("penalty", penalty, 0.3) | _around("reward", reward, 0.25)
        net = reward + penalty
        asymmetry = net / (reward - penalty)
        rows.append(
            {
                **_of(share),
                **ends,
                "statistic": "reward_minus_penalty",
                "estimate": net,
                "lower": net - 0.4,
                "upper": net + 0.4,
                "asymmetry": asymmetry,
                "asymmetry_lower": -1.0 if kind == "undetermined" else asymmetry - 0.2,
                "asymmetry_upper": 1.0 if kind == "undetermined" else asymmetry + 0.2,
                "kind": kind,
                "n_low": 412.0 - place,
                "n_high": 1310.0 + place,
                "suppressed": place == 3,
            }
        )
    return rows


def whatif(shares: pd.DataFrame) -> list[dict[str, Any]]:
    """A tenth of the respondents one box up: the better the rank, the wider the move; in total twice the direct one."""
    rows: list[dict[str, Any]] = []
    for _, share in shares.iterrows():
        direct = 0.06 / float(share["rank"])
        for statistic, move in (("direct", direct), ("total", 2 * direct)):
            ends = {"estimate": move, "lower": move - 0.02, "upper": move + 0.02}
            rows.append({**_of(share), **ends, "statistic": statistic, "moved": 0.1, "top": 0.27, "suppressed": False})
    return rows


def _of(share: pd.Series) -> dict[str, Any]:
    names = ("item", "audience", "outcome", "wave", "n")
    return {"by": "", "domain": "", "note": "", **{name: share[name] for name in names}}


def _around(name: str, value: float | None, half: float, floor: float = -9e9) -> dict[str, float | None]:
    if value is None:
        return dict.fromkeys((name, f"{name}_lower", f"{name}_upper"))
    return {name: value, f"{name}_lower": max(floor, value - half), f"{name}_upper": value + half}


def _level(levels: pd.DataFrame, item: str, audience: str, wave: str) -> float | None:
    """A mean on a scale of 1 to 5, brought to 0–100; whatever face the audience speaks by."""
    rows = levels[(levels["item"] == item) & (levels["audience"] == audience) & (levels["statistic"] == "mean")]
    rows = rows[(rows["by"].fillna("") == "") & (rows["wave"] == wave) & (rows["face"] != "guess")]
    return 25.0 * (float(rows["estimate"].iloc[0]) - 1.0) if len(rows) else None
