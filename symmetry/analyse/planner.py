"""Before launch: which verdicts a study can ever reach with the answers it expects, and the cheapest sample that reaches them.

The verdicts are those of `dissonance.detect`; their chances and the samples come from `symmetry.design.power` and
`sample_size`, and nothing is computed in another way here.  What a study expects stands in its `plan: expect:`, or comes with
the call; what nobody says is assumed, and the assumptions are part of what is told.

A pair on the relative reading (parallel mirrors) is planned as if it were judged on the absolute one: what persons give to all
items alike then drops out, so its error is usually smaller than told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from symmetry.analyse.planner_capacity import Load, capacity
from symmetry.analyse.planner_chances import Cell, all_answering, chances, error, found_from, sample, why_none
from symmetry.analyse.planner_cheapest import Need, cheapest, cost_of
from symmetry.analyse.planner_facts import Facts, facts_of
from symmetry.analyse.planner_scope import Compared, cells, compared
from symmetry.errors import SpecError
from symmetry.spec import Study, Text

__all__ = ["COLUMNS", "DIGITS", "GAPS", "NEEDS", "Outlook", "outlook"]

GAPS = (0.0, 1.0, 1.5, 2.0)
DIGITS = 6
COLUMNS = [
    *("a", "b", "unit", "smallest", "by", "domain", "pairs", "family", "strict"),
    *("customers", "employees", "units", "n_eff_customers", "n_eff_employees", "se", "df", "gap"),
    *("dissonant", "material", "aligned", "undetermined"),
    *("dissonant_strict", "material_strict", "aligned_strict", "undetermined_strict"),
    *("found_from", "found_from_strict", "aligned_ever", "ever", "note"),
]
NEEDS = [
    *("a", "b", "unit", "smallest", "claim", "gap", "within", "family", "units", "customers", "employees", "cost"),
    *("planned_cost", "planned_chance", "note"),
]
_CLAIMS = (("dissonant", 1.5), ("aligned", 0.0))


@dataclass(frozen=True)
class Outlook:
    """What a study can say with the sample it expects.

    table : a row for each comparison, unit of margin, place (everybody, a category of a segment, inside one unit) and true gap;
        the columns `COLUMNS`.  `…_strict` is the hardest case of a family of pairs, where no other one is clear; without the
        suffix a pair alone, which is also the kindest case.
    needs : the cheapest sample for each claim, alone and strict; the columns `NEEDS`; NaN where no sample there can be does.
    left : segments whose sizes nobody told.
    loads : what alerts of hot waves ask of those who call back; nothing where the study says nothing of it.
    """

    study: str
    title: Text
    audiences: Mapping[str, Text]
    words: Mapping[str, Any]
    facts: Facts
    chance: float
    table: pd.DataFrame
    needs: pd.DataFrame
    compared: tuple[Compared, ...]
    cells: tuple[Cell, ...]
    min_cell: int
    left: tuple[str, ...]
    loads: tuple[Load, ...] = ()


def outlook(
    study: Study,
    *,
    gaps: Sequence[float] = GAPS,
    chance: float = 0.8,
    changed: Mapping[str, Any] | None = None,
    samples: bool = True,
) -> Outlook:
    """Say which verdicts a study can reach, and what it would take.

    Parameters
    ----------
    study : with comparisons in its `plan: dissonance:` and, unless `changed` says it all, `plan: expect:`.
    gaps : true gaps to look at, in times the smallest gap of interest.
    chance : how often a claim is to be made where it is true: 0.8, eight times in ten.
    changed : facts to take instead of the study's, as in `symmetry.analyse.planner_facts.facts_of`.
    samples : whether the cheapest samples are searched, which takes most of the time.

    Returns
    -------
    Outlook.

    Raises
    ------
    SpecError : the plan compares nothing, nobody says how many answer, more is expected than there is, or a number cannot be.
    DesignError : more would answer in a unit than it holds.

    Notes
    -----
    Errors are those of `symmetry.design.power`: units that both audiences answer from are the psus of both, and inside one unit
    persons are.  There is no finite population correction unless `finite: true` is expected.  A category of a segment has its
    share of the answers, by the study's targets, and of the units the employees' share.

    Examples
    --------
    >>> from symmetry import spec
    >>> study, changed = spec.load("survey_specs/everyday_bank"), {"customers": 400, "employees": 60, "units": 10}
    >>> found = outlook(study, changed=changed, samples=False)
    >>> row = found.table.query("unit == 'points' and by == '' and b == 'employee' and gap == 0").iloc[0]
    >>> round(float(row["aligned"]), 2), row["ever"]
    (0.16, 'employees')
    """
    chosen = compared(study)
    if not 0 < chance < 1 or not gaps or min(gaps) < 0:
        raise SpecError("gaps are 0 or more, and a chance is between 0 and 1", mend="as --gaps 0,1,1.5,2 --chance 0.8")
    spans = [one.span for one in chosen if one.unit in ("points", "score")]
    facts = facts_of(study, changed or {}, span=max(spans, default=None))
    places, left = cells(study, facts)
    maker = _Maker(facts, chance, study.privacy.min_cell)
    rows = [row for each in chosen for cell in places for row in maker.rows(each, cell, gaps)]
    needs = [row for each in chosen for row in maker.needs(each, places[0])] if samples else []
    return Outlook(
        study=study.key,
        title=study.title,
        audiences={key: audience.name for key, audience in study.audiences.items()},
        words=_words(study, places),
        facts=facts,
        chance=chance,
        table=pd.DataFrame(rows, columns=COLUMNS),
        needs=pd.DataFrame(needs, columns=NEEDS),
        compared=chosen,
        cells=places,
        min_cell=study.privacy.min_cell,
        left=left,
        loads=capacity(study),
    )


def _words(study: Study, places: Sequence[Cell]) -> dict[str, Any]:
    """The study's own words for its segments and their categories."""
    names = dict.fromkeys(cell.by for cell in places if cell.by in study.items)
    return {
        name: {
            "label": dict(study.items[name].label),
            "values": {category: dict(label) for category, label in (study.items[name].values or {}).items()},
        }
        for name in names
    }


class _Maker:
    """Makes rows, and remembers what several of them have in common."""

    def __init__(self, facts: Facts, chance: float, least: int) -> None:
        self.facts, self.chance, self.least = facts, chance, least
        self.known: dict[Any, Any] = {}

    def rows(self, one: Compared, cell: Cell, gaps: Sequence[float]) -> list[dict[str, Any]]:
        """A row for each true gap."""
        same = self._place(one, cell)
        made = sample(cell, self.facts, self._spread(one))
        found = []
        for times in gaps:
            row = dict(same, gap=times * one.smallest)
            for suffix, strict in (("", 1.0), ("_strict", same["strict"])):
                key = (one.unit, one.smallest, one.span, cell, times, strict)
                if key not in self.known and not same["note"]:
                    self.known[key] = chances(made, one.smallest, times * one.smallest, strict=strict)
                for name in ("dissonant", "material", "aligned", "undetermined"):
                    none = float(name == "undetermined")
                    row[f"{name}{suffix}"] = none if same["note"] else getattr(self.known[key], name)
            found.append(row)
        return found

    def _spread(self, one: Compared) -> dict[str, float]:
        return {side.name: side.spread(one.unit, one.span) for side in self.facts.sides}

    def _place(self, one: Compared, cell: Cell) -> dict[str, Any]:
        """What the rows of one place have in common."""
        spread = self._spread(one)
        made = sample(cell, self.facts, spread)
        told = error(made)
        note, strict = why_none(told, cell, self.least), one.strict(cell.times)
        ends = [math.nan, math.nan]
        if not note:
            ends = [self._found_from(one, cell, made, each) for each in (1.0, strict)]
        ever, best = self._ever(one, cell, spread, note)
        return {
            "a": one.a,
            "b": one.b,
            "unit": one.unit,
            "smallest": one.smallest,
            "by": cell.by,
            "domain": cell.domain,
            "pairs": one.pairs,
            "family": one.family * cell.times,
            "strict": strict,
            "customers": cell.customers,
            "employees": cell.employees,
            "units": cell.units,
            "n_eff_customers": told["n_eff"].iloc[0],
            "n_eff_employees": told["n_eff"].iloc[1],
            "se": told["se"].iloc[2],
            "df": told["df"].iloc[2],
            "found_from": ends[0],
            "found_from_strict": ends[1],
            "aligned_ever": best,
            "ever": ever,
            "note": note,
        }

    def _found_from(self, one: Compared, cell: Cell, made: Mapping[str, Any], strict: float) -> float:
        key = (one.unit, one.smallest, one.span, cell, "found", strict)
        if key not in self.known:
            widest = {"points": one.span, "nps": 200.0}.get(one.unit, 100.0)
            found = found_from(made, one.smallest, chance=self.chance, strict=strict, widest=widest)
            self.known[key] = found
        return float(self.known[key])

    def _ever(self, one: Compared, cell: Cell, spread: Mapping[str, float], note: str) -> tuple[str, float]:
        """Whether "aligned" can be reached: as planned ("yes"), with every employee ("employees"), or not ("never")."""

        def aligned(place: Cell) -> float:
            made = sample(place, self.facts, spread)
            if why_none(error(made), place, self.least):
                return 0.0
            return chances(made, one.smallest, 0.0).aligned

        key = (one.unit, one.smallest, one.span, cell, "ever")
        if key not in self.known:
            self.known[key] = (0.0 if note else aligned(cell)), aligned(all_answering(cell, self.facts))
        planned, best = self.known[key]
        word = "yes" if planned >= self.chance else "employees" if best >= self.chance else "never"
        return word, best

    def needs(self, one: Compared, everybody: Cell) -> list[dict[str, Any]]:
        """The cheapest samples of one comparison and margin, of everybody."""
        facts, spread = self.facts, self._spread(one)
        planned = cost_of(facts, facts.units, facts.customers.answers, facts.employees.answers)
        note = self._place(one, everybody)["note"]
        found = []
        for claim, times in _CLAIMS:
            for within, strict in (("alone", 1.0), ("strict", one.strict(1))):
                chance = 0.0
                if not note:
                    verdicts = chances(
                        sample(everybody, facts, spread), one.smallest, times * one.smallest, strict=strict
                    )
                    chance = getattr(verdicts, claim)
                need = self._cheapest(one, claim, times, strict, everybody.floor)
                found.append(
                    {
                        "a": one.a,
                        "b": one.b,
                        "unit": one.unit,
                        "smallest": one.smallest,
                        "claim": claim,
                        "gap": times * one.smallest,
                        "within": within,
                        "family": one.family if strict > 1 else 1,
                        "units": need.units if need else None,
                        "customers": need.customers if need else math.nan,
                        "employees": need.employees if need else math.nan,
                        "cost": need.cost if need else math.nan,
                        "planned_cost": planned,
                        "planned_chance": chance,
                        "note": "" if need else "no sample there can be",
                    }
                )
        return found

    def _cheapest(self, one: Compared, claim: str, times: float, strict: float, floor: float) -> Need | None:
        key = (one.unit, one.smallest, one.span, claim, times, strict)
        if key not in self.known and strict > 1 and self._cheapest(one, claim, times, 1.0, floor) is None:
            self.known[key] = None  # what no sample does for a pair alone, none does in a family
        if key not in self.known:
            asked: dict[str, Any] = {"level": 1 - 0.05 / strict}
            if claim == "dissonant":
                asked |= {"difference": times * one.smallest, "smallest": one.smallest}
            else:
                asked |= {"equivalence": one.smallest}
            self.known[key] = cheapest(
                self.facts, self._spread(one), asked, chance=self.chance, floor=floor, least=self.least
            )
        found: Need | None = self.known[key]
        return found
