"""Between the study's words and the statistics wing's arrays: roles, pairs and breakdowns in, house tables out.

Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from symmetry import design, estimate, spec, weights
from symmetry.analyse.plan import Plan
from symmetry.analyse.results import Results, describe_run, words
from symmetry.design import Design
from symmetry.dissonance import Gap, Mirror, Pair, Statistic
from symmetry.estimate import COLUMNS, Estimate
from symmetry.responses import Responses
from symmetry.spec import AUDIENCE_OF, FACES, Item, column_of

__all__ = [
    "audiences",
    "both_have",
    "breakdowns",
    "cuts",
    "driver_columns",
    "drivers_table",
    "fieldwork_table",
    "gaps_table",
    "least_n_eff",
    "levels",
    "pairs",
    "recipe",
    "results",
    "roles",
    "stacked",
    "steps",
    "weights_table",
    "within_units",
]

_KEYS = ["statistic", "item", "by", "domain", *COLUMNS]
TABLES: Mapping[str, list[str]] = {
    "levels": [*_KEYS, "audience", "face", "wave"],
    "gaps": [
        *_KEYS,
        *("mirror", "smallest", "p", "p_adjusted", "verdict", "comparability", "a", "b", "reading", "grade"),
        *("p_aligned", "p_aligned_adjusted", "n_a", "n_b", "n_to_settle", "quadrant", "wave", "general"),
    ],
    "drivers": [*_KEYS, "audience", "outcome", "r2", "rank", "share_of_r2", "wave"],
}
_PER_UNIT: Mapping[str, Statistic] = {"points": "mean", "pct": "favourable", "nps": "nps"}


def audiences(plan: Plan, wave: str) -> list[str]:
    """Audiences that a wave asks, customers first."""
    return [key for key in ("customers", "employees") if key in plan.study.waves[wave].audiences]


def recipe(plan: Plan, audience: str) -> weights.Recipe:
    """The weighting of an audience: the plan's starting weight, raked to the study's targets and trimmed to its cap, if any."""
    targets = plan.study.targets.get(audience, ())
    margins = {target.variable: target.shares for target in targets}
    steps: list[tuple[str, dict[str, Any]]] = [("rake", {"targets": margins})] if margins else []
    if audience in plan.study.trims:
        steps.append(("trim", {"upper": plan.study.trims[audience], "relative_to": "median"}))
    return weights.Recipe(steps, weight=plan.roles[audience].weight)


def roles(plan: Plan, audience: str) -> dict[str, Any]:
    """Keyword arguments of the audience's Design."""
    declared = plan.roles[audience]
    names = {role: getattr(declared, role) for role in ("stratum", "psu", "fpc")}
    return {"weight": "weight", "lonely_psu": plan.lonely_psu, **names}


def within_units(plan: Plan, standing: Mapping[str, pd.DataFrame]) -> Design | None:
    """The design for looking inside units that are psus themselves: persons are psus, strata are units, nothing is shared.

    None when units are larger than psus, or there is no unit: then the plan's own design serves.
    """
    if plan.unit is None or not any(plan.roles[audience].psu == plan.unit for audience in standing):
        return None
    inside = {
        audience: Design(frame, weight="weight", stratum=plan.unit, lonely_psu="remove")
        for audience, frame in standing.items()
    }
    return design.stack(inside, units="apart")


def breakdowns(plan: Plan, wave: str) -> list[list[str]]:
    """All together, by each segment, by unit; only variables that some audience of the wave has."""
    asked = [name for name in dict.fromkeys([*plan.segments, plan.unit]) if name is not None]
    items = {name: plan.study.items[name] for name in asked}
    there = {name for name, item in items.items() if item.role == "frame" or name in plan.study.waves[wave].items}
    held = {name for name in there if set(items[name].audiences) & set(audiences(plan, wave))}
    return [[], *([name] for name in asked if name in held)]


def steps(plan: Plan) -> int:
    """How many steps `run` tells of, for a progress bar."""
    return sum(1 + len(breakdowns(plan, wave)) for wave in plan.waves) + 2


def both_have(scored: Mapping[str, pd.DataFrame], by: Sequence[str]) -> bool:
    """Whether both audiences are there and have every variable of a breakdown."""
    return len(scored) > 1 and all(name in frame for frame in scored.values() for name in by)


def least_n_eff(plan: Plan, by: Sequence[str]) -> float:
    """Effective answers below which a verdict stays undetermined: 30, and 10 inside a unit."""
    return 10.0 if list(by) == [plan.unit] else 30.0


def columns(plan: Plan, wave: str) -> list[tuple[Item, str]]:
    """Every scaled item and face that a wave asks, in the study's order."""
    asked = plan.study.waves[wave]
    return [
        (plan.study.items[key], face)
        for key in asked.items
        for face in FACES
        if plan.study.items[key].rated and face in plan.study.items[key].faces and AUDIENCE_OF[face] in asked.audiences
    ]


def levels(plan: Plan, wave: str, ground: Design, by: Sequence[str]) -> pd.DataFrame:
    """Means, favourable shares and NPS of every item and face of a wave, by audience and a breakdown."""
    groups: dict[tuple[Statistic, float | None], list[str]] = {}
    meaning: dict[tuple[str, str], tuple[str, str]] = {}
    for item, face in columns(plan, wave):
        column = column_of(item.key, face)
        meaning[AUDIENCE_OF[face], column] = (item.key, face)
        for statistic, at_least in statistics(item, face):
            names = groups.setdefault((statistic, at_least), [])
            names.extend([column] if column not in names else [])
    tables = []
    for (statistic, at_least), names in groups.items():
        found = estimate.named(ground, names, statistic, at_least=at_least, by=["audience", *by])
        tables.append(found.table(level=plan.level).query("n > 0"))
    table = pd.concat(tables, ignore_index=True)
    known = [(a, column) in meaning for a, column in zip(table["audience"], table["item"], strict=True)]
    table = table[known].reset_index(drop=True)
    meant = [meaning[key] for key in zip(table["audience"], table["item"], strict=True)]
    table["item"], table["face"] = [item for item, _ in meant], [face for _, face in meant]
    return _housed(table, by, TABLES["levels"], wave=wave)


def statistics(item: Item, face: str = "customer") -> list[tuple[Statistic, float | None]]:
    """Statistics that the scale of an item's face calls for, each with the lowest favourable code where one is needed."""
    scale = item.scale_of(face)
    if scale is None or not scale.rated:
        return []
    if scale.kind == "nps":
        return [("nps", None)]
    if scale.kind == "percent":
        return [("favourable", None)]
    return [("mean", None), ("favourable", scale.high - scale.boxes + 1)]


def pairs(plan: Plan) -> list[Pair]:
    """The mirrored pairs of the plan's comparisons, each with the first smallest gap its scale can be held to."""
    found = []
    asked = set(plan.study.waves[plan.waves[0]].items)
    for comparison in plan.comparisons:
        for mirrored in spec.pairs(plan.study):
            if (mirrored.a, mirrored.b) != (comparison.a, comparison.b) or mirrored.item not in asked:
                continue
            if not mirrored.one_ruler:
                continue
            possible = dict(statistics(plan.study.items[mirrored.item]))
            margins = [margin for margin in comparison.smallest if _PER_UNIT[margin.unit] in possible]
            if not margins:
                continue
            statistic = _PER_UNIT[margins[0].unit]
            found.append(
                Pair(
                    item=mirrored.item,
                    a=(AUDIENCE_OF[mirrored.a], column_of(mirrored.item, mirrored.a)),
                    b=(AUDIENCE_OF[mirrored.b], column_of(mirrored.item, mirrored.b)),
                    family=f"{mirrored.a} - {mirrored.b}",
                    mirror=cast(Mirror, mirrored.mirror),
                    statistic=statistic,
                    scale=str(scale.key)
                    if statistic == "mean" and (scale := plan.study.items[mirrored.item].scale)
                    else "",
                    smallest=margins[0].value / (100 if margins[0].unit == "pct" else 1),
                    at_least=possible[statistic],
                )
            )
    return found


def gaps_table(plan: Plan, gap: Gap, found: pd.DataFrame, wave: str, by: Sequence[str]) -> pd.DataFrame:
    """Verdicts in the house's columns; of published figures n counts units, which no further answer would add to."""
    if plan.published:
        found = found.assign(n=gap.estimate.psus, n_to_settle=np.nan)
    loose = found["mirror"] == "loose"  # two levels side by side; their difference is a gap in nothing
    drawn = ["estimate", "se", "lower", "upper", "df", "deff", "p", "p_adjusted", "p_aligned", "p_aligned_adjusted"]
    found = found.assign(**{name: found[name].mask(loose) for name in drawn if name in found})
    faces = found["family"].str.split(" - ", expand=True)
    return _housed(found.assign(a=faces[0], b=faces[1]), by, TABLES["gaps"], wave=wave)


def driver_columns(plan: Plan, audience: str) -> list[str]:
    """The drivers an audience was asked in its own face; none when the outcome was not asked of it."""
    face = "customer" if audience == "customers" else "employee"
    items = plan.study.items
    if face not in items[plan.outcome].faces:
        return []
    asked = set(plan.study.waves[plan.waves[0]].items)
    return [key for key in plan.drivers if face in items[key].faces and key in asked]


def drivers_table(plan: Plan, wave: str, audience: str, found: Estimate) -> pd.DataFrame:
    """Driver shares in the house's columns, largest first; a share's interval stops at 0."""
    table = found.table(level=plan.level)
    table["lower"] = table["lower"].clip(lower=0.0)
    r2 = float(found.values[0])
    rank = table["estimate"].where(table["statistic"] == "lmg").rank(ascending=False, method="first")
    table = table.assign(r2=r2, rank=rank, share_of_r2=table["estimate"] / r2, audience=audience, outcome=plan.outcome)
    table = table.sort_values("rank", na_position="first", kind="stable")
    return _housed(table, [], TABLES["drivers"], wave=wave)


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


def cuts(plan: Plan) -> dict[str, tuple[float, ...]]:
    """Column → lowest codes of the classes in which its answers are published, for every scaled item and face."""
    found: dict[str, tuple[float, ...]] = {}
    for item in plan.study.items.values():
        for face in item.faces if item.rated else ():
            for statistic, at_least in statistics(item, face):
                if statistic == "nps":
                    found[column_of(item.key, face)] = (7.0, 9.0)
                elif at_least is not None:
                    found[column_of(item.key, face)] = (at_least,)
    return found


def _housed(table: pd.DataFrame, by: Sequence[str], order: list[str], **constant: str) -> pd.DataFrame:
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
    plan: Plan, answers: Responses, shown: tuple[pd.DataFrame, ...], weighted: Sequence[pd.DataFrame]
) -> Results:
    """Gather the tables of a run and the facts that made them."""
    levels_, gaps, drivers = shown
    tables = {
        "levels": levels_,
        "gaps": gaps,
        "drivers": drivers,
        "weights": pd.concat(list(weighted), ignore_index=True),
        "fieldwork": fieldwork_table(plan, answers),
    }
    if answers.simulated:
        for name, table in tables.items():
            told = table["note"].fillna("")
            tables[name] = table.assign(note=told.where(told.str.startswith("simulated"), _marked(told)))
    return Results(tables=tables, facts=describe_run(plan, answers), words=words(plan.study))
