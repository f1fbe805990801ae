"""Levels and the spread inside units, from counts of answers: one row an audience and item.

Counts are weights of rows here, and a unit is a primary unit: totals of units, which is all that a linearised error looks at, are
the same as if every answer had a row of its own, so the errors are exact and no answer is made up.  What a design would read off
the number of rows (the effect of the design, the effective number of answers) is worked out from the counts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from symmetry import estimate, measurement
from symmetry.analyse.plan import Plan
from symmetry.analyse.plan_tabulated import Tabulation
from symmetry.design import Design
from symmetry.fieldwork import Tabulated

__all__ = ["COLUMNS", "table"]

_KEYS = ("wave", "audience", "item", "unit", "options")
_SPREAD = ("icc1", "icc1_lower", "icc1_upper", "icc2", "k", "rwg", "rwg_low", "ad")
_LEVEL = ("estimate", "se", "lower", "upper", "df", "deff")
_SHARE = ("share", "share_se", "share_lower", "share_upper")
COLUMNS = (
    *_KEYS,
    *("units", "n", "left_out", *_LEVEL, "n_eff", *_SHARE, "sd_within", *_SPREAD),
    *("suppressed", "note"),
)
_LIST = "a list of options, or of an order that nobody declared: no mean, no spread"
_SILENT = "nobody answered: every count is of an option that is no answer"
_ALIKE = "all answers are the same"
_ALONE = "answers of one unit alone: no error"


def table(plan: Plan, counts: Tabulated) -> pd.DataFrame:
    """Describe every item of tabulated answers.

    Parameters
    ----------
    plan : with its `tabulated` rules: which options are no answer, which are favourable, which items are lists.
    counts : of `fieldwork.read_tabulated`.

    Returns
    -------
    A row an audience and item, with `COLUMNS`: unit (the variable), options (the highest seen), units and n (answers, without
    the `left_out` that were no answer); `estimate`, the mean number of the option chosen, and `share`, the part of the favourable
    options, with errors of units as primary units; sd_within, the standard deviation of answers inside units; icc1, icc2, the
    mean answers a unit k, and the median unit's rwg and AD as `measurement.agreement` gives them.  An item of fewer than
    `min_cell` answers, or whose answers are all in one class, is hidden; of figures that are public it is noted.

    Notes
    -----
    With counts n_uo of option o in unit u, ȳ = Σ n_uo o / Σ n_uo and V(ȳ) = m/(m-1) Σ_u (Σ_o n_uo (o - ȳ))² / n², over the m
    units of the file: R's ``svymean(~option, svydesign(~unit, weights = ~n))``.
    """
    rules = plan.tabulated
    if rules is None:
        return pd.DataFrame(columns=list(COLUMNS))
    frame = _coded(counts.frame, rules)
    rows = _described(frame, rules)
    used = frame[frame["answer"].notna()].reset_index(drop=True)
    if len(used):
        levels = _levels(used, level=plan.level)
        rows = rows.join(levels).join(_spread(used, rows, level=plan.level))
    rows = rows.reindex(columns=[*rows.columns, *(name for name in COLUMNS if name not in rows)])
    rows = rows.assign(wave=rules.wave, unit=rules.unit, note=_notes(rows), suppressed=False)
    shown = _shown(rows, plan.min_cell, public=bool(plan.published))
    return shown[list(COLUMNS)].reset_index(drop=True)


def _coded(counts: pd.DataFrame, rules: Tabulation) -> pd.DataFrame:
    """Counts with the number of their item, `key`, its `options`, and what each row says: `answer`, NaN where none, and `hit`."""
    key = counts.groupby(["audience", "item"], observed=True, sort=False).ngroup()
    options = counts["option"].groupby(key).max().reindex(key).to_numpy()
    option = counts["option"].to_numpy()
    lost, hit = np.isin(options, list(rules.lists)), option == 1
    left_out = np.zeros(len(counts), dtype=bool)
    for many, chosen in rules.missing.items():
        left_out |= (options == many) & np.isin(option, chosen)
    for many, chosen in rules.favourable.items():
        hit = np.where(options == many, np.isin(option, chosen), hit)
    answer = np.where(lost | left_out, np.nan, option.astype(float))
    return counts.assign(key=key, options=options, left_out=left_out, listed=lost, answer=answer, hit=hit.astype(float))


def _described(frame: pd.DataFrame, rules: Tabulation) -> pd.DataFrame:
    """What each item is, by its key: audience, item, options, units, n, left_out, whether it is a list, and its answers' ends."""
    kept = frame[~frame["left_out"]]
    found = frame.groupby("key").agg(
        audience=("audience", "first"), item=("item", "first"), options=("options", "first"), listed=("listed", "first")
    )
    found["left_out"] = frame["n"].where(frame["left_out"], 0).groupby(frame["key"]).sum()
    held = kept.groupby("key")
    found["units"], found["n"] = held["unit"].nunique(), held["n"].sum()
    found["least"], found["most"] = held["answer"].min(), held["answer"].max()
    found["low"], found["high"] = [[ends[at] for ends in map(rules.ends, found["options"])] for at in (0, 1)]
    counted = ["units", "n"]
    found[counted] = found[counted].fillna(0).astype(int)
    return found.astype({"audience": str, "item": str})


def _levels(used: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Mean option and favourable share of each item, with errors, by its key."""
    ground = Design(used, weight="n", psu="unit", lonely_psu="remove")
    mean = estimate.mean(ground, "answer", by=["key"]).table(level=level).set_index("key")
    share = estimate.favourable(ground, "hit", at_least=1, by=["key"]).table(level=level).set_index("key")
    own = _moments(used)
    found = mean[["estimate", "se", "lower", "upper", "df"]].copy()
    found[list(_SHARE)] = share[["estimate", "se", "lower", "upper"]].to_numpy()
    alone = own["units"] < 2
    found.loc[alone, ["se", "lower", "upper", "df", "share_se", "share_lower", "share_upper"]] = np.nan
    simple = own["variance"] / own["n"]
    found["deff"] = (found["se"] ** 2 / simple).where(simple > 0)
    found["n_eff"] = own["n"] / found["deff"]
    found["sd_within"] = np.sqrt(own["within"])
    return found


def _moments(used: pd.DataFrame) -> pd.DataFrame:
    """Of each item: n, units, the variance of its answers, and the variance inside units."""
    n, y = used["n"].to_numpy(float), used["answer"].to_numpy(float)
    cells = pd.DataFrame({"key": used["key"], "unit": used["unit"], "n": n, "sum": n * y})
    by_unit = cells.groupby(["key", "unit"], observed=True, sort=False).sum()
    centre = (by_unit["sum"] / by_unit["n"]).rename("centre")
    whole = cells.groupby("key")[["n", "sum"]].sum()
    found = pd.DataFrame({"n": whole["n"], "units": by_unit.groupby("key").size()})
    middle = (whole["sum"] / whole["n"]).reindex(used["key"]).to_numpy()
    near = cells.join(centre, on=["key", "unit"])["centre"].to_numpy()
    for name, around, lost in (("variance", middle, 1), ("within", near, found["units"])):
        scatter = pd.Series(n * (y - around) ** 2).groupby(used["key"].to_numpy()).sum()
        free = found["n"] - lost
        found[name] = (scatter / free).where(free > 0)
    return found


def _spread(used: pd.DataFrame, rows: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """How alike the people of a unit answer each item, by its key; items of one possible answer are left out."""
    able = used[(rows["low"] < rows["high"]).reindex(used["key"]).to_numpy()]
    found = []
    for _, part in able.groupby("audience", observed=True, sort=False):
        ends = rows.loc[part["key"].unique(), ["low", "high"]].rename(index=str).to_dict()
        named = part.assign(key=part["key"].astype(str))
        told = measurement.agreement(named, "answer", unit="unit", **ends, count="n", item="key", level=level).table()
        found.append(told.set_index(told["item"].astype(int))[[*_SPREAD, "note"]])
    if not found:
        return pd.DataFrame(columns=[*_SPREAD, "note"]).rename(columns={"note": "spread_note"})
    return pd.concat(found).rename(columns={"note": "spread_note"})


def _notes(rows: pd.DataFrame) -> list[str]:
    """Why a row lacks numbers, and what else is to be known of it."""
    told = pd.DataFrame({
        "alone": np.where(rows["units"] < 2, _ALONE, ""),
        "alike": np.where(rows["least"] == rows["most"], _ALIKE, ""),
        "spread": rows["spread_note"].fillna("") if "spread_note" in rows else "",
    }, index=rows.index)  # fmt: skip
    joined = ["; ".join(part for part in parts if part) for parts in told.itertuples(index=False, name=None)]
    silent = np.where(rows["n"] == 0, _SILENT, joined)
    return [str(note) for note in np.where(rows["listed"], _LIST, silent)]


def _shown(rows: pd.DataFrame, minimum: int, *, public: bool) -> pd.DataFrame:
    """Rows as they may be shown: what tells of few people, or of all of them, is hidden, or noted where it is public already."""
    few = (rows["n"] > 0) & (rows["n"] < minimum)
    told = rows["share"].isin([0.0, 1.0])
    if public:
        note = f"fewer than {minimum} answers; shown because these figures are already public"
        return rows.assign(note=_appended(rows["note"], few, note))
    hidden = few | told
    note = f"fewer than {minimum} answers, or all of one class"
    numbers = [name for name in COLUMNS if name not in (*_KEYS, "suppressed", "note")]
    blanked = rows.astype(dict.fromkeys(numbers, float))
    blanked.loc[hidden, numbers] = np.nan
    return blanked.assign(suppressed=hidden, note=rows["note"].where(~hidden, note))


def _appended(notes: pd.Series, where: pd.Series, words: str) -> Sequence[str]:
    return [f"{note}; {words}".removeprefix("; ") if here else note for note, here in zip(notes, where, strict=True)]
