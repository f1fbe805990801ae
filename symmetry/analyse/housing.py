"""House tables of a run: what was estimated, in the columns that results carry, and the rows that no estimator makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry import design, estimate, weights
from symmetry.analyse import tabulating
from symmetry.analyse.framing import columns, told
from symmetry.analyse.plan import Plan
from symmetry.analyse.results import Results, describe_run, words
from symmetry.design import Design
from symmetry.disclosure import HELD_BACK, Ledger
from symmetry.dissonance import Statistic
from symmetry.estimate import COLUMNS
from symmetry.fieldwork import Tabulated
from symmetry.responses import Responses
from symmetry.spec import AUDIENCE_OF, column_of

__all__ = ["TABLES", "fieldwork_table", "housed", "levels", "results", "stacked", "weights_table"]

_KEYS = ["statistic", "item", "by", "domain", *COLUMNS]
_GAPS = [
    *_KEYS,
    *("mirror", "smallest", "p", "p_adjusted", "verdict", "comparability", "a", "b", "reading", "grade"),
    *("p_aligned", "p_aligned_adjusted", "n_a", "n_b", "n_to_settle", "quadrant", "quadrant_chance", "wave", "general"),
]
TABLES: Mapping[str, list[str]] = {
    "levels": [*_KEYS, "audience", "face", "wave"],
    "gaps": _GAPS,
    "trends": [*(name for name in _GAPS if name not in ("a", "b", "quadrant", "quadrant_chance")), "face", "earlier"],
    "effects": [*_KEYS, "mirror", "size", "a", "b", "wave"],
    "ranks": [
        *(
            "statistic",
            "item",
            "by",
            "domain",
            "estimate",
            "lower",
            "upper",
            "rank_a",
            "rank_b",
            "n",
            "suppressed",
            "note",
        ),
        *("mirror", "a", "b", "wave"),
    ],
    "units": [
        *_KEYS,
        *("mirror", "smallest", "a", "b", "reading", "direct", "direct_se", "own", "between", "chance_dissonant"),
        *("chance_aligned", "verdict", "target", "funnel_se", "funnel_z", "funnel", "n_a", "n_b", "wave"),
    ],
    "agreement": [
        *(
            "wave",
            "audience",
            "item",
            "face",
            "unit",
            "units",
            "n",
            "icc1",
            "icc1_lower",
            "icc1_upper",
            "icc2",
            "k",
            "rwg",
        ),
        *("rwg_low", "ad", "suppressed", "note"),
    ],
    "partition": [
        *(
            "wave",
            "audience",
            "item",
            "face",
            "level",
            "variance",
            "share",
            "lower",
            "upper",
            "groups",
            "suppressed",
            "note",
        )
    ],
    "drivers": [
        *(*_KEYS, "audience", "outcome", "r2", "rank", "share_of_r2", "wave", "present", "p_slope", "floor", "tier"),
        *("rank_lower", "rank_upper", "top3", "vif", "halo", "asked", "missing"),
    ],
    "priorities": [
        *(*_KEYS, "a", "b", "importance_a", "importance_a_lower", "importance_a_upper", "importance_b"),
        *("importance_b_lower", "importance_b_upper", "level_a", "level_a_lower", "level_a_upper", "level_b"),
        *("level_b_lower", "level_b_upper", "p", "null", "test", "units", "n_a", "n_b", "outcome", "wave"),
    ],
    "penalties": [
        *(*_KEYS, "penalty", "penalty_lower", "penalty_upper", "reward", "reward_lower", "reward_upper", "asymmetry"),
        *(
            "asymmetry_lower",
            "asymmetry_upper",
            "kind",
            "n_low",
            "n_middle",
            "n_high",
            "p",
            "p_adjusted",
            "audience",
            "outcome",
            "wave",
        ),
    ],
    "whatif": [*_KEYS, "moved", "top", "n_top", "audience", "outcome", "wave"],
}


def levels(plan: Plan, wave: str, ground: Design, by: Sequence[str]) -> pd.DataFrame:
    """Means, favourable shares, NPS and what the plan compares, of every item and face of a wave by audience and a breakdown."""
    groups: dict[tuple[Statistic, float | None, float, float], list[str]] = {}
    meaning: dict[tuple[str, str], tuple[str, str]] = {}
    for item, face in columns(plan, wave):
        column = column_of(item.key, face)
        meaning[AUDIENCE_OF[face], column] = (item.key, face)
        scale = item.scale_of(face)
        for statistic, at_least in told(plan, item, face) if scale else ():
            low, high = (scale.low, scale.high) if scale and statistic in ("score", "top_box") else (0.0, 0.0)
            names = groups.setdefault((statistic, at_least, low, high), [])
            names.extend([column] if column not in names else [])
    tables = []
    for (statistic, at_least, low, high), names in groups.items():
        found = estimate.named(ground, names, statistic, at_least=at_least, low=low, high=high, by=["audience", *by])
        tables.append(found.table(level=plan.level).query("n > 0"))
    table = pd.concat(tables, ignore_index=True)
    known = [(a, column) in meaning for a, column in zip(table["audience"], table["item"], strict=True)]
    table = table[known].reset_index(drop=True)
    meant = [meaning[key] for key in zip(table["audience"], table["item"], strict=True)]
    table["item"], table["face"] = [item for item, _ in meant], [face for _, face in meant]
    return housed(table, by, TABLES["levels"], wave=wave)


def weights_table(plan: Plan, wave: str, standing: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What weighting did to each audience, one row a fact.

    Where a category of a margin has fewer people than the minimum, the margin before weighting and the extreme weights, which
    would tell how few, are left empty.
    """
    parts = []
    for audience, frame in standing.items():
        targets = {target.variable: target.shares for target in plan.study.targets.get(audience, ())}
        told = weights.describe(frame, targets=targets).assign(audience=audience, wave=wave, note="")
        few = [name for name in targets if (frame[name].value_counts() < plan.min_cell).any()]
        hidden = told["variable"].isin(few) & (told["measure"] == "margin_before")
        hidden |= told["measure"].isin(["min", "max"]) if few else False
        told.loc[hidden, "value"] = np.nan
        told.loc[hidden, "note"] = f"a category holds fewer than {plan.min_cell} people"
        parts.append(told)
    order = ["audience", "wave", "measure", "variable", "category", "value", "target", "note"]
    return pd.concat(parts, ignore_index=True)[order]


def fieldwork_table(plan: Plan, answers: Responses) -> pd.DataFrame:
    """What became of rows and cells; an item's missing answers are not split by reason where a reason has too few people."""
    logs = answers.logs
    logs = logs[logs["wave"].isin(plan.waves)].reset_index(drop=True)
    split = (logs["item"] != "") & (logs["measure"] != "answered")
    few = split & (logs["n"] > 0) & (logs["n"] < plan.min_cell)
    item = logs.groupby(["wave", "audience", "item"], sort=False).ngroup()
    hidden = split & item.isin(item[few])
    note = f"not split by reason: one has fewer than {plan.min_cell} people"
    return logs.assign(n=logs["n"].astype("Int64").mask(hidden), note=logs["note"].mask(hidden, note))


def _held_back(levels: pd.DataFrame) -> set[tuple[str, str]]:
    """Waves and audiences of which a figure over all is held back because of an earlier release."""
    rows = levels[(levels["note"] == HELD_BACK) & (levels["by"] == "")]
    return set(rows[["wave", "audience"]].itertuples(index=False, name=None))


def _without(table: pd.DataFrame, back: set[tuple[str, str]], column: str, told: str = "") -> pd.DataFrame:
    """A table without numbers of these waves and audiences, in which who came since the earlier release would be seen.

    told : rows that say nothing of this stay.
    """
    here = pd.Series(
        [key in back for key in zip(table["wave"], table["audience"], strict=True)], index=table.index, dtype=bool
    )
    if told:
        here &= table[told] != ""
    return table.assign(**{column: table[column].mask(here), "note": table["note"].mask(here, HELD_BACK)})


def housed(table: pd.DataFrame, by: Sequence[str], order: list[str], **constant: str) -> pd.DataFrame:
    """Put a table in the house's columns: the `by` columns become the texts `by` and `domain`."""
    domain = design.domain_names(table[list(by)]) if by else ""
    return table.assign(by=" × ".join(by), domain=domain, **constant)[order].reset_index(drop=True)


def _marked(notes: pd.Series) -> pd.Series:
    """Open every note with the word that no table of made-up answers may lack."""
    return notes.map(lambda note: f"simulated; {note}" if note else "simulated")


def stacked(parts: Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    """One table of several, with its columns even when there are none."""
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=TABLES[name])


def results(
    plan: Plan,
    answers: Responses,
    shown: Mapping[str, pd.DataFrame],
    weighted: Sequence[pd.DataFrame],
    counts: Tabulated | None,
    ledger: Ledger | None,
) -> Results:
    """Gather the tables of a run and the facts that made them."""
    back = _held_back(shown["levels"])
    tables = {
        **shown,
        **({} if counts is None else {"tabulated": tabulating.table(plan, counts)}),
        "weights": _without(pd.concat(list(weighted), ignore_index=True), back, "value"),
        "fieldwork": _without(fieldwork_table(plan, answers), back, "n", "item"),
    }
    if answers.simulated:
        for name, table in tables.items():
            told = table["note"].fillna("")
            tables[name] = table.assign(note=told.where(told.str.startswith("simulated"), _marked(told)))
    return Results(tables=tables, facts=describe_run(plan, answers, counts, ledger), words=words(plan.study))
