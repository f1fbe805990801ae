"""An outlook as files: its tables, and what its pictures are drawn from."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from symmetry.analyse.planner import DIGITS, Outlook
from symmetry.analyse.planner_capacity import LOADS
from symmetry.analyse.planner_chances import chances, error, sample, why_none
from symmetry.analyse.planner_facts import Facts, Returns
from symmetry.analyse.planner_saying import Group, deciding
from symmetry.analyse.results import write_json

__all__ = ["curves", "ground", "loads_of", "write_outlook"]

_STEPS, _FARTHEST = 40, 2.5
_TIMES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)


def write_outlook(found: Outlook, folder: Path) -> Mapping[str, pd.DataFrame]:
    """Write `outlook.csv`, `needs.csv`, `curves.csv`, `ground.csv`, `loads.csv` where there are some, and a manifest.

    The same outlook gives the same bytes.

    Returns
    -------
    The tables of the pictures: `curves` and `ground`.
    """
    drawn = {"curves": curves(found), "ground": ground(found)}
    hashes = {}
    tables = {"outlook": found.table, "needs": found.needs, **drawn}
    if found.loads:
        tables["loads"] = loads_of(found)
    for name, table in tables.items():
        table.round(DIGITS).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        hashes[name] = hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest()
    assumed = [{"name": each.name, "audience": each.audience, "value": each.value} for each in found.facts.assumed]
    facts = {"study": found.study, "chance": found.chance, "assumed": assumed, "tables": hashes}
    write_json(folder / "manifest.json", {"symmetry": version("symmetry"), "holds": "outlook", **facts})
    return drawn


def loads_of(found: Outlook) -> pd.DataFrame:
    """What alerts ask of those who call back: the columns `LOADS`, a row for each hot wave and owner."""
    rows = [{name: getattr(each, name) for name in LOADS} | {"lacking": " ".join(each.lacking)} for each in found.loads]
    return pd.DataFrame(rows, columns=LOADS)


def curves(found: Outlook) -> pd.DataFrame:
    """Chances of each verdict for a pair alone, everybody together, along the true gap: unit, smallest, span, gap, verdicts."""
    rows = []
    for group in deciding(found):
        span, everybody = group.compared[0].span, found.cells[0]
        made = sample(everybody, found.facts, _spread(found.facts, group))
        if why_none(error(made), everybody, found.min_cell):
            continue
        for gap in np.linspace(0, _FARTHEST * group.smallest, _STEPS + 1):
            verdicts = chances(made, group.smallest, float(gap))
            told = {name: getattr(verdicts, name) for name in ("dissonant", "material", "aligned", "undetermined")}
            rows.append({"unit": group.unit, "smallest": group.smallest, "span": span, "gap": float(gap), **told})
    names = ["unit", "smallest", "span", "gap", "dissonant", "material", "aligned", "undetermined"]
    return pd.DataFrame(rows, columns=names)


def ground(found: Outlook) -> pd.DataFrame:
    """Chance of "aligned" without a gap, a pair alone, by customers' and employees' answers around the planned ones."""
    facts, rows = found.facts, []
    for group in deciding(found):
        for customers in _around(facts.customers, facts):
            for employees in _around(facts.employees, facts):
                cell = replace(found.cells[0], customers=customers, employees=employees)
                made = sample(cell, facts, _spread(facts, group))
                none = why_none(error(made), cell, found.min_cell)
                chance = 0.0 if none else chances(made, group.smallest, 0.0).aligned
                rows.append(
                    {
                        "unit": group.unit,
                        "smallest": group.smallest,
                        "span": group.compared[0].span,
                        "customers": customers,
                        "employees": employees,
                        "aligned": chance,
                        "note": none,
                    }
                )
    return pd.DataFrame(rows, columns=["unit", "smallest", "span", "customers", "employees", "aligned", "note"])


def _spread(facts: Facts, group: Group) -> dict[str, float]:
    return {side.name: side.spread(group.unit, group.compared[0].span) for side in facts.sides}


def _around(side: Returns, facts: Facts) -> list[int]:
    """Numbers of answers around the planned one, up to all there are in the units drawn."""
    part = facts.units / facts.all_units if facts.units is not None and math.isfinite(facts.all_units) else 1.0
    every = max(math.floor(side.population * part), side.answers) if math.isfinite(side.population) else math.inf
    numbers = {side.answers} | {max(2, _rounded(side.answers * times)) for times in _TIMES if times != 1}
    return sorted({int(min(number, every)) for number in numbers})


def _rounded(number: float) -> int:
    """Two digits that matter."""
    power = 10 ** max(math.floor(math.log10(number)) - 1, 0) if number > 0 else 1
    return int(round(number / power) * power)
