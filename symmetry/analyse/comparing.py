"""What two audiences, or two waves, say of one breakdown: gaps with verdicts, effects, ranks and units, as house tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from symmetry import design, dissonance, measurement
from symmetry.analyse import framing
from symmetry.analyse.housing import TABLES, housed
from symmetry.analyse.plan import Plan
from symmetry.design import Design
from symmetry.dissonance import Gap
from symmetry.spec import AUDIENCE_OF, column_of

__all__ = ["agreement", "by_unit", "compared", "trends"]


def compared(plan: Plan, both: Design, wave: str, by: Sequence[str]) -> tuple[dict[str, pd.DataFrame], Gap]:
    """Tables that a breakdown of the main wave gives (gaps, ranks, effects), and the gaps themselves."""
    pairs = framing.pairs(plan)
    gap = dissonance.gap(both, pairs, by=by)
    found = _detected(plan, gap, by)
    if plan.published:  # figures of whole units: n counts units, which no further answer would add to
        n = np.append(gap.estimate.psus, found[["n_a", "n_b"]].max(axis=1)[len(gap.estimate) :])
        found = found.assign(n=n.astype(int), n_to_settle=np.nan)
    tables = {"gaps": _faced(found, by, "gaps", wave)}
    ranks = dissonance.ranks(gap, seed=plan.seed or 0, level=plan.level)
    tables["ranks"] = _counted(_faced(ranks, by, "ranks", wave), tables["gaps"].query("reading == 'absolute'"), [])
    if not plan.published:  # of figures of units there are no answers to draw two of
        effects = dissonance.effects(both, pairs, by=by)
        tables["effects"] = _faced(effects.table(level=plan.level), by, "effects", wave)
    return tables, gap


def by_unit(plan: Plan, gap: Gap | None, gaps: pd.DataFrame) -> pd.DataFrame:
    """The gaps by unit that are shown, read together: what is hidden takes no part in what the others lean on.

    gap : by unit; none where there are no units.  gaps : the table of gaps after small cells were hidden.
    """
    unit = [name for name in [plan.unit] if name is not None]
    rows = gaps[gaps["by"] == plan.unit].reset_index(drop=True)
    if gap is None or rows.empty:
        return pd.DataFrame(columns=TABLES["units"])
    shown = np.flatnonzero(~rows["suppressed"].to_numpy(bool)[: len(gap.estimate)])
    hidden = rows[rows["suppressed"].astype(bool)].reindex(columns=TABLES["units"])
    hidden = hidden.assign(verdict="", funnel="")
    if not len(shown):
        return hidden
    some = replace(
        gap,
        estimate=gap.estimate.select(shown),
        sides=gap.sides.iloc[shown].reset_index(drop=True),
        missing=gap.missing.iloc[:0],
    )
    units = _counted(_faced(dissonance.shrink(some).table(), unit, "units", plan.waves[0]), rows, ["reading"])
    kinds = {
        name: "float64" if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) else kind
        for name, kind in units.dtypes.items()
    }
    return pd.concat([units.astype(kinds), hidden.astype(kinds)], ignore_index=True)


def _counted(table: pd.DataFrame, gaps: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    """The same with the n that the gaps beside it tell."""
    keys = ["statistic", "item", "by", "domain", "a", "b", *more]
    n = gaps.set_index(keys)["n"]
    return table.assign(n=n.reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy())


def trends(plan: Plan, audience: str, designs: Mapping[str, Design], other: str) -> pd.DataFrame:
    """Gaps of each face of an audience between the main wave and another: the later one minus the earlier."""
    later, earlier = framing.in_time(plan, other)
    pairs = framing.wave_pairs(plan, audience, later, earlier)
    if not pairs:
        return pd.DataFrame(columns=TABLES["trends"])
    stacked = {wave: designs[wave] for wave in (later, earlier)}
    both = design.stack(stacked, units="shared" if plan.roles[audience].psu else "apart")
    found = _detected(plan, dissonance.gap(both, pairs), ())
    return housed(found.assign(face=found["family"], earlier=earlier), [], TABLES["trends"], wave=later)


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
            told = (_of_figures(plan, audience, table) if plan.published else _rounded(table)).assign(
                face=[names[column][1] for column in table["item"]],
                item=[names[column][0].key for column in table["item"]],
                suppressed=False,
                audience=audience,
                wave=wave,
            )
            parts[name].append(told[TABLES[name]])
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items() if found}


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Four digits after the point: who knows all answers but one has no seventeen digits to find that one with."""
    return table.assign(**{name: table[name].round(4) for name in table if pd.api.types.is_float_dtype(table[name])})


def _of_figures(plan: Plan, audience: str, table: pd.DataFrame) -> pd.DataFrame:
    """The same of figures of whole units, which are no answers of persons: nobody agrees or disagrees in them."""
    if "level" in table:
        return table.assign(level=table["level"].replace("person", plan.roles[audience].psu or "unit"))
    note = "figures of whole units: their agreement is that of nobody"
    said = table["note"].where(table["note"] == "", table["note"] + "; ") + note
    return table.assign(rwg=np.nan, rwg_low=np.nan, ad=np.nan, note=said)


def _detected(plan: Plan, gap: Gap, by: Sequence[str]) -> pd.DataFrame:
    """Verdicts as the plan wants them."""
    return dissonance.detect(gap, adjust=plan.adjust, level=plan.level, n_eff=framing.least_n_eff(plan, by))


def _faced(table: pd.DataFrame, by: Sequence[str], name: str, wave: str) -> pd.DataFrame:
    """A table of pairs in the house's columns, its family told as two faces."""
    faces = table["family"].str.split(" - ", expand=True)
    return housed(table.assign(a=faces[0], b=faces[1]), by, TABLES[name], wave=wave)
