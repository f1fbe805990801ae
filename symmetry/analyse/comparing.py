"""What two audiences, or two waves, say of one breakdown: gaps with verdicts, effects, ranks and units, as house tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry import design, dissonance, measurement
from symmetry.analyse import framing
from symmetry.analyse.housing import TABLES, housed
from symmetry.analyse.plan import Plan
from symmetry.design import Design
from symmetry.dissonance import Gap
from symmetry.spec import AUDIENCE_OF, column_of

__all__ = ["agreement", "compared", "trends"]


def compared(plan: Plan, both: Design, wave: str, by: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Tables that a breakdown of the main wave gives: gaps; ranks and effects overall and by segment; units by unit."""
    pairs = framing.pairs(plan)
    gap = dissonance.gap(both, pairs, by=by)
    found = _detected(plan, gap, by)
    if plan.published:  # figures of whole units: n counts units, which no further answer would add to
        psus = np.append(gap.estimate.psus, np.zeros(len(found) - len(gap.estimate)))
        found = found.assign(n=psus.astype(int), n_to_settle=np.nan)
    tables = {"gaps": _faced(found, by, "gaps", wave)}
    if list(by) == [plan.unit]:
        units = dissonance.shrink(gap).table()
        return tables | {"units": _faced(units, by, "units", wave)}
    ranks = dissonance.ranks(gap, seed=plan.seed or 0, level=plan.level)
    tables["ranks"] = _faced(ranks, by, "ranks", wave)
    if not plan.published:  # of figures of units there are no answers to draw two of
        effects = dissonance.effects(both, pairs, by=by)
        tables["effects"] = _faced(effects.table(level=plan.level), by, "effects", wave)
    return tables


def trends(plan: Plan, audience: str, designs: Mapping[str, Design], other: str) -> pd.DataFrame:
    """Gaps of each face of an audience between the main wave and another: those of the main one minus the others."""
    main = plan.waves[0]
    pairs = framing.wave_pairs(plan, audience, other)
    if not pairs:
        return pd.DataFrame(columns=TABLES["trends"])
    both = design.stack(
        {main: designs[main], other: designs[other]}, units="shared" if plan.roles[audience].psu else "apart"
    )
    found = _detected(plan, dissonance.gap(both, pairs), ())
    return housed(found.assign(face=found["family"], earlier=other), [], TABLES["trends"], wave=main)


def agreement(plan: Plan, wave: str, standing: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """May the answers of a unit's people be read as the unit's own, and where do answers differ: agreement and partition."""
    parts: dict[str, list[pd.DataFrame]] = {"agreement": [], "partition": []}
    asked = framing.columns(plan, wave)
    for audience, frame in standing.items():
        names = {column_of(item.key, face): (item, face) for item, face in asked if AUDIENCE_OF[face] == audience}
        names = {name: who for name, who in names.items() if name in frame and frame[name].notna().any()}
        if plan.unit is None or plan.unit not in frame or not names:
            continue
        low, high = framing.ends(plan, names)
        found = measurement.agreement(frame, list(names), unit=plan.unit, low=low, high=high, weight="weight")
        split = measurement.partition(frame, list(names), levels=framing.nested(plan, frame), weight="weight")
        for name, table in (("agreement", found.table()), ("partition", split.table())):
            told = table.assign(
                face=[names[column][1] for column in table["item"]],
                item=[names[column][0].key for column in table["item"]],
                suppressed=False,
                audience=audience,
                wave=wave,
            )
            parts[name].append(told[TABLES[name]])
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items() if found}


def _detected(plan: Plan, gap: Gap, by: Sequence[str]) -> pd.DataFrame:
    """Verdicts as the plan wants them."""
    return dissonance.detect(gap, adjust=plan.adjust, level=plan.level, n_eff=framing.least_n_eff(plan, by))


def _faced(table: pd.DataFrame, by: Sequence[str], name: str, wave: str) -> pd.DataFrame:
    """A table of pairs in the house's columns, its family told as two faces."""
    faces = table["family"].str.split(" - ", expand=True)
    return housed(table.assign(a=faces[0], b=faces[1]), by, TABLES[name], wave=wave)
