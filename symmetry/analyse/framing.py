"""From the study's words to the statistics wing's arguments: roles, columns, pairs and breakdowns.

Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pandas as pd

from symmetry import spec, weights
from symmetry.analyse.plan import Plan
from symmetry.design import Design, stack
from symmetry.dissonance import Mirror, Pair, Statistic
from symmetry.spec import AUDIENCE_OF, FACES, Item, Margin, column_of

__all__ = [
    "audiences",
    "both_have",
    "breakdowns",
    "columns",
    "cuts",
    "driver_columns",
    "ends",
    "in_time",
    "least_n_eff",
    "nested",
    "pairs",
    "recipe",
    "roles",
    "stacked",
    "statistics",
    "steps",
    "told",
    "unit_of_priorities",
    "wave_pairs",
    "waves_alike",
    "with_psus",
]

_MASKED = "psu, small ones as one"

_PER_UNIT: Mapping[str, Statistic] = {
    "points": "mean",
    "pct": "favourable",
    "nps": "nps",
    "score": "score",
    "top": "top_box",
}


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


def with_psus(plan: Plan, audience: str, frame: pd.DataFrame, *, source: str) -> pd.DataFrame:
    """The frame with a psu for everybody.

    The field withholds the names of units too small to be named with an employee's answers (see `fieldwork`); their people then
    count as one psu of their stratum, as masked psus of public files do: fewer degrees of freedom for a variance that stays what
    it was on average.  Of any other source, a missing psu stays missing, and the design refuses it.
    """
    psu = plan.roles[audience].psu
    if psu is None or not source.startswith("field store") or not frame[psu].isna().any():
        return frame
    stratum = plan.roles[audience].stratum
    withheld = "withheld" if stratum is None else "withheld in " + frame[stratum].astype(str)
    return frame.assign(**{_MASKED: frame[psu].astype(object).where(frame[psu].notna(), withheld)})


def roles(plan: Plan, audience: str, frame: pd.DataFrame) -> dict[str, Any]:
    """Keyword arguments of the audience's Design; where every unit was surveyed, units are strata and persons psus."""
    declared = plan.roles[audience]
    names = {role: getattr(declared, role) for role in ("stratum", "psu", "fpc")}
    if _MASKED in frame:
        names["psu"] = _MASKED
    if plan.units == "surveyed":
        names |= {"stratum": names["psu"], "psu": None}
    return {"weight": "weight", "lonely_psu": plan.lonely_psu, **names}


def stacked(plan: Plan, designs: Mapping[str, Design]) -> Design:
    """Both audiences in one design, sharing their psus as the plan says."""
    return stack(dict(designs), units="shared" if plan.units == "shared" else "apart")


def nested(plan: Plan, frame: pd.DataFrame) -> list[str]:
    """What lies around a unit, the widest first, and the unit: segments and strata that hold whole units."""
    if plan.unit is None:
        return []
    asked = dict.fromkeys([*plan.segments, *(role.stratum for role in plan.roles.values())])
    around = [name for name in asked if name is not None and name != plan.unit and name in frame]
    most = {name: frame.groupby(plan.unit, observed=True)[name].nunique().max() for name in around}
    whole = [name for name, values in most.items() if values == 1]
    return [*sorted(whole, key=lambda name: frame[name].nunique())[:1], plan.unit]


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


def statistics(item: Item, face: str = "customer") -> list[tuple[Statistic, float | None]]:
    """Statistics that the scale of an item's face allows, each with the lowest code it counts where it counts some."""
    scale = item.scale_of(face)
    if scale is None or not scale.rated:
        return []
    if scale.kind == "nps":
        return [("nps", None)]
    if scale.kind == "percent":
        return [("favourable", None)]
    if scale.kind == "score":
        return [("mean", None)]
    return [("mean", None), ("favourable", scale.high - scale.boxes + 1), ("score", None), ("top_box", scale.high)]


def told(plan: Plan, item: Item, face: str = "customer") -> list[tuple[Statistic, float | None]]:
    """The same as far as results tell them: scores and top boxes where the plan compares by them."""
    asked = {_PER_UNIT[margin.unit] for comparison in plan.comparisons for margin in comparison.smallest}
    return [one for one in statistics(item, face) if one[0] not in ("score", "top_box") or one[0] in asked]


def pairs(plan: Plan) -> list[Pair]:
    """The mirrored pairs of the plan's comparisons, each with the first smallest gap its scale can be held to."""
    asked = set(plan.study.waves[plan.waves[0]].items)
    found = []
    for comparison in plan.comparisons:
        for mirrored in spec.pairs(plan.study):
            if (mirrored.a, mirrored.b) == (comparison.a, comparison.b) and mirrored.item in asked:
                found += _pair(plan.study.items[mirrored.item], mirrored, comparison.smallest)
    return found


def _pair(item: Item, mirrored: spec.MirroredPair, smallest: Sequence[Margin]) -> list[Pair]:
    """The pair of an item, or nothing where no smallest gap is in a unit of its scale."""
    possible = dict(statistics(item))
    margin = next((margin for margin in smallest if _PER_UNIT[margin.unit] in possible), None)
    scale, other = item.scale_of(mirrored.a), item.scale_of(mirrored.b)
    if margin is None or scale is None or other is None:
        return []
    statistic = _PER_UNIT[margin.unit]
    return [
        Pair(
            item=item.key,
            a=(AUDIENCE_OF[mirrored.a], column_of(item.key, mirrored.a)),
            b=(AUDIENCE_OF[mirrored.b], column_of(item.key, mirrored.b)),
            family=f"{mirrored.a} - {mirrored.b}",
            mirror=cast(Mirror, mirrored.mirror),
            statistic=statistic,
            smallest=margin.value / (100 if margin.unit in ("pct", "top") else 1),
            at_least=possible[statistic],
            scale=scale.key if statistic == "mean" else "",
            scale_b="" if mirrored.one_ruler else other.key,
            low=scale.low,
            high=scale.high,
        )
    ]


def waves_alike(plan: Plan) -> list[str]:
    """Other waves of the plan that sample as the main one does: hot waves sample interactions and cold ones persons."""
    waves = plan.study.waves
    return [wave for wave in plan.waves[1:] if waves[wave].kind == waves[plan.waves[0]].kind]


def in_time(plan: Plan, other: str) -> tuple[str, str]:
    """The main wave and another, the later one first, by the first days of their windows; the main one where there are none."""
    main = plan.waves[0]
    starts = [window[0] if (window := plan.study.waves[wave].window) else "" for wave in (main, other)]
    return (other, main) if all(starts) and starts[1] > starts[0] else (main, other)


def wave_pairs(plan: Plan, audience: str, later: str, earlier: str) -> list[Pair]:
    """Each face of an audience in one wave against itself in another, by the smallest gap it is compared with elsewhere."""
    found: list[Pair] = []
    both = set(plan.study.waves[later].items) & set(plan.study.waves[earlier].items)
    for item, face in columns(plan, later):
        known = [margin for each in plan.comparisons if face in (each.a, each.b) for margin in each.smallest]
        if AUDIENCE_OF[face] == audience and item.key in both and known:
            mirrored = spec.MirroredPair(item.key, face, face, "literal", True)
            found += [
                replace(pair, a=(later, pair.a[1]), b=(earlier, pair.b[1]), family=face)
                for pair in _pair(item, mirrored, known)
            ]
    return found


def driver_columns(plan: Plan, audience: str) -> list[str]:
    """The drivers an audience was asked in its own face; none when the outcome was not asked of it."""
    face = "customer" if audience == "customers" else "employee"
    items = plan.study.items
    if face not in items[plan.outcome].faces:
        return []
    asked = set(plan.study.waves[plan.waves[0]].items)
    return [key for key in plan.drivers if face in items[key].faces and key in asked]


def unit_of_priorities(plan: Plan) -> str | None:
    """What labels are swapped in when priorities are compared: the unit of the plan; of published figures, what each is of."""
    if plan.units == "apart":
        return None
    held = {roles.psu for roles in plan.roles.values()}
    return held.pop() if plan.published and len(held) == 1 else plan.unit


def cuts(plan: Plan) -> dict[str, tuple[float, ...]]:
    """Column → lowest codes of the classes in which its answers are published, for every scaled item and face."""
    found: dict[str, tuple[float, ...]] = {}
    for item in plan.study.items.values():
        for face in item.faces if item.rated else ():
            column, classes = column_of(item.key, face), dict(told(plan, item, face))
            starts = sorted({start for start in classes.values() if start is not None})
            if starts or "nps" in classes:
                found[column] = (7.0, 9.0) if "nps" in classes else tuple(starts)
    return found


def ends(plan: Plan, names: Mapping[str, tuple[Item, str]]) -> tuple[dict[str, float], dict[str, float]]:
    """Lowest and highest score of the scale behind each column, shares being between 0 and 1."""
    scales = {name: item.scale_of(face) for name, (item, face) in names.items()}
    known = {
        name: (scale, 100 if scale.kind == "percent" else 1) for name, scale in scales.items() if scale is not None
    }
    return {name: scale.low / of for name, (scale, of) in known.items()}, {
        name: scale.high / of for name, (scale, of) in known.items()
    }
