"""What moves the outcome, as house tables: shares, penalties and rewards, what-ifs, and the priorities of two audiences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from symmetry import drivers, responses
from symmetry.analyse import framing
from symmetry.analyse.housing import TABLES, housed
from symmetry.analyse.plan import Plan
from symmetry.design import Design
from symmetry.errors import ConvergenceError, DesignError
from symmetry.responses import Responses
from symmetry.spec import Scale

__all__ = ["cuts_of", "driven"]


def driven(
    plan: Plan, designs: Mapping[str, Design], answers: Responses, remark: Callable[[str], None]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables of each audience of the main wave that was asked the outcome and two drivers, and of both audiences together.

    Figures of whole units have no boxes: neither penalties nor what-ifs are told of them.  What these answers do not bear is a
    row without numbers, and a remark for the analyst alone, since it may tell what everybody answered.
    """
    asked = {audience: framing.driver_columns(plan, audience) for audience in designs}
    for audience, names in asked.items():
        if len(names) == 1:
            remark(f"no drivers of {audience}: `{names[0]}` alone shares nothing out; name two or more in `drivers:`")
    asked = {audience: names for audience, names in asked.items() if len(names) > 1}
    made: list[tuple[str, Sequence[str], Callable[[], pd.DataFrame]]] = []
    for audience, names in asked.items():
        given = (plan, audience, designs[audience], names)
        made.append(("drivers", (audience,), partial(_shares, *given, answers)))
        if not plan.published:
            made.append(("penalties", (audience,), partial(_penalties, *given)))
            made.append(("whatif", (audience,), partial(_moves, *given)))
    shared = [name for name in next(iter(asked.values()), ()) if _mirrored(plan, name, asked)]
    both = {audience: designs[audience] for audience in asked}
    if len(asked) == 2 and len(shared) > 1:
        made.append(("priorities", (*asked,), partial(_priorities, plan, both, shared)))
    elif len(asked) == 1:
        (audience,) = asked
        made.append(("priorities", (audience,), partial(_alone, plan, audience, both[audience], asked[audience])))
    for table, audiences, make in made:
        try:
            yield table, make()
        except (DesignError, ConvergenceError) as error:
            for problem in error.problems:
                remark(f"no {table} of {' and '.join(audiences)}: {problem.what}; {problem.mend}")
            yield table, _untold(plan, table, audiences)


_FIRST = {"drivers": "r2", "penalties": "reward_minus_penalty", "whatif": "direct", "priorities": "total_variation"}


def _untold(plan: Plan, name: str, audiences: Sequence[str]) -> pd.DataFrame:
    """A row of the outcome without numbers."""
    a, b = (*audiences, "")[:2]
    keys = {"statistic": _FIRST[name], "item": plan.outcome, "audience": a, "a": a, "b": b, "outcome": plan.outcome}
    words = {
        **keys,
        "present": "",
        "kind": "",
        "test": "",
        "missing": plan.missing,
        "note": "these answers do not bear it",
    }
    columns = [column for column in TABLES[name] if column not in ("by", "domain", "wave")]
    row = {column: words.get(column, np.nan) for column in columns} | {"n": 0, "suppressed": False}
    return housed(pd.DataFrame([row]), [], TABLES[name], wave=plan.waves[0])


def _mirrored(plan: Plan, name: str, asked: Mapping[str, Sequence[str]]) -> bool:
    """Whether both audiences were asked a driver in faces that may be compared: a loose mirror is another question."""
    return all(name in names for names in asked.values()) and plan.study.items[name].mirrors.get("employee") != "loose"


def _shares(plan: Plan, audience: str, design: Design, names: Sequence[str], answers: Responses) -> pd.DataFrame:
    """Driver shares, largest first, with ranks and what tells them from noise."""
    why = responses.reasons(answers, plan.waves[0], audience, plan.study)
    found = drivers.overview(
        design, plan.outcome, names, missing=plan.missing, reasons=why, level=plan.level, seed=plan.seed or 0
    )
    table = found.table().assign(r2=found.shares.values[0], asked=found.asked, missing=plan.missing)
    return _housed(plan, table, "drivers", audience)


def _penalties(plan: Plan, audience: str, design: Design, names: Sequence[str]) -> pd.DataFrame:
    """What low ratings cost and high ones bring."""
    scales = _scales(plan, audience, names)
    cuts = {name: cuts_of(scale) for name, scale in scales.items() if scale.points > 2}  # yes or no has no middle
    found = drivers.penalty_reward(
        design,
        plan.outcome,
        list(cuts),
        low={name: low for name, (low, _) in cuts.items()},
        high={name: high for name, (_, high) in cuts.items()},
        level=plan.level,
    )
    return _housed(plan, found.table(), "penalties", audience)


def _moves(plan: Plan, audience: str, design: Design, names: Sequence[str]) -> pd.DataFrame:
    """How far the outcome's mean would follow if a tenth of the respondents answered one box higher."""
    scales = _ends(plan, audience, [*names, plan.outcome])
    found = drivers.what_if(design, plan.outcome, names, scales=scales)
    return _housed(plan, found.table(level=plan.level, language=plan.language), "whatif", audience)


def _priorities(plan: Plan, designs: Mapping[str, Design], names: Sequence[str]) -> pd.DataFrame:
    """Whether both audiences have the same priorities, and how each driver stands with either."""
    found = drivers.compare_priorities(
        designs,
        plan.outcome,
        names,
        unit=framing.unit_of_priorities(plan),
        units="shared" if plan.units == "shared" else "apart",
        scales={audience: _ends(plan, audience, names) for audience in designs},
        seed=plan.seed or 0,
        level=plan.level,
    )
    return housed(found.table(), [], TABLES["priorities"], wave=plan.waves[0])


def _alone(plan: Plan, audience: str, design: Design, names: Sequence[str]) -> pd.DataFrame:
    """How each driver of the only audience counts and is rated: half a map, and nothing to compare."""
    scales = _ends(plan, audience, names)
    found = drivers.importance_map(design, plan.outcome, names, scales=scales, level=plan.level)
    ends = ("", "_lower", "_upper")
    own = {f"{what}{end}": f"{what}_a{end}" for what in ("importance", "level") for end in ends}
    told = found.rename(columns=own).assign(statistic="share_gap", suppressed=False, a=audience, b="", n_a=found["n"])
    told = told.assign(outcome=plan.outcome, test="").reindex(columns=TABLES["priorities"])
    return housed(told, [], TABLES["priorities"], wave=plan.waves[0])


def _ends(plan: Plan, audience: str, names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Lowest and highest score of each item in an audience's own face."""
    face = "customer" if audience == "customers" else "employee"
    low, high = framing.ends(plan, {name: (plan.study.items[name], face) for name in names})
    return {name: (low[name], high[name]) for name in low}


def _scales(plan: Plan, audience: str, names: Sequence[str]) -> dict[str, Scale]:
    """The scale of each item in an audience's own face."""
    face = "customer" if audience == "customers" else "employee"
    scales = {name: plan.study.items[name].scale_of(face) for name in names}
    return {name: scale for name, scale in scales.items() if scale is not None}


def cuts_of(scale: Scale) -> tuple[float, float]:
    """The highest low rating and the lowest high one: 2 and 5 of five points, 6 and 9 of 0 to 10; two fifths and one, else."""
    if scale.kind == "nps":
        return 6.0, 9.0
    high = scale.high - max(1, scale.points // 5) + 1
    return min(scale.low + -(-2 * scale.points // 5) - 1, high - 2), high


def _housed(plan: Plan, table: pd.DataFrame, name: str, audience: str) -> pd.DataFrame:
    """A table of one audience in the house's columns."""
    told = table.assign(audience=audience, outcome=plan.outcome)
    return housed(told, [], TABLES[name], wave=plan.waves[0])
