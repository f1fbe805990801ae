"""Looking inside units that were drawn as psus: persons become the psus, strata are unit × audience.

A domain that is one psu has an influence that sums to 0, hence an error of exactly 0 which means nothing.  What varies inside a
unit is persons; the units are then given, each a stratum of its own for each audience (one stratum for both would count the gap
between them as noise).  Weights and calibration stay; no variance is made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of, domains, names_of, replicate
from symmetry.dissonance.namesakes import taken_twice
from symmetry.errors import DesignError

__all__ = ["INSIDE", "inside", "persons_where_one_psu"]

INSIDE = "persons are psus inside a unit"
_DEEPEST = 2
Lonely = Literal["fail", "remove", "certainty", "centre", "average"]


def inside(
    stacked: Design,
    units: str | Sequence[str] = (),
    *,
    person: str | None = None,
    people: Literal["apart", "shared"] = "apart",
    fpc: str | None = None,
    lonely_psu: Lonely = "remove",
) -> Design:
    """Lay a stacked design anew for what is true in these very units: persons are psus, strata are unit × audience.

    Parameters
    ----------
    stacked : design with a column `audience`.
    units : columns whose crossed values are the units; none takes the design's psus.
    person : column that tells persons apart where one gave several answers: they stay one psu.  None takes the design's second
        stage (its second `psu` column), and rows where it has none.  Where units hold several psus of one audience, these stay.
    people : "apart": labels of two audiences are two persons; "shared": they are one (two waves of a panel), whose psu then
        serves both, in a stratum of the unit alone.
    fpc : column with the number of persons in the population of the row's unit and audience (the payroll), missing for audiences
        without.  None keeps those of the second stage.
    lonely_psu : what a unit with one person of an audience adds to a variance over several units; alone it has no error.

    Returns
    -------
    Design of the same rows and weights, which says "persons are psus inside a unit".

    Raises
    ------
    DesignError : the design has unequal probabilities, supplied replicates or a third stage; `people` is unknown; an fpc is text,
        varies in a stratum or is below its persons; a unit holds psus that both audiences share.

    Notes
    -----
    The same, made from the audiences' own frames where rows are persons: ``stack({a: Design(frame_a, weight="weight",
    stratum="unit", fpc="payroll"), …}, units="apart")``.  R twin: ``svydesign(~person, strata = ~interaction(audience, unit),
    fpc = ~payroll, weights = ~weight)``, without fpc ``Inf``.  An fpc takes silence for random within unit and audience; claims
    about causes or the next wave take none.

    Examples
    --------
    >>> from symmetry.design import stack
    >>> customers = Design(pd.DataFrame({"branch": list("ababab"), "clean": [4.0, 3, 5, 4, 5, 2]}), psu="branch")
    >>> employees = Design(pd.DataFrame({"branch": list("aabb"), "clean": [3.0, 4, 2, 3]}), psu="branch")
    >>> inside(stack({"customers": customers, "employees": employees}))
    Design: 10 rows, 10 psus in 4 strata; customers and employees
      persons are psus inside a unit
    """
    bare = _bare(stacked)
    if people not in ("apart", "shared"):
        raise DesignError(f"people={people!r} is unknown", mend='"apart" or "shared"')
    code, names = _units(bare, names_of(units))
    return _laid(bare, _people(bare, code, person, people), names, people, fpc, lonely_psu)


def persons_where_one_psu(stacked: Design, by: tuple[str, ...]) -> Design:
    """The design itself, or, where all domains of an audience lie in one psu of several rows each, persons as psus."""
    layout = stacked.layout
    supplied = layout.replicates is not None and layout.replicates.plan is None
    if not by or layout.element or layout.form is not None or supplied or len(layout.stages) > _DEEPEST:
        return stacked
    key = ("one psu", *by)
    if key not in stacked.memory:
        stacked.memory[key] = _persons_where_one_psu(stacked, by)
    found: Design = stacked.memory[key]
    return found


def _persons_where_one_psu(stacked: Design, by: tuple[str, ...]) -> Design:
    """Look for an audience whose domains are each within one psu; lay anew by its psus, and by domain for who has none."""
    layout, domain = stacked.layout, domains(stacked, by)
    there = (domain.code < domain.size) & (layout.weight != 0)
    part, parts = _audiences(stacked)
    by_part = _cells(part[there], domain.code[there], layout.psu[there]).groupby("part")
    rows = by_part["rows"].max()
    if not (~by_part["several"].any() & (rows > 1)).any():
        return stacked
    bare = _bare(stacked)
    own = (rows.reindex(range(len(parts)), fill_value=0).to_numpy() == 1)[part]
    code = np.where(own, domain.code, domain.size + 1 + layout.psu)
    names = np.empty(domain.size + 1 + len(layout.psus), object)
    names[:] = [*domain.keys.itertuples(index=False, name=None), "elsewhere", *layout.psus]
    made = _laid(bare, _people(bare, code, None, "apart"), names, "apart", None, "remove")
    return replace(made, given=replace(made.layout, notes=(*made.layout.notes, *taken_twice(bare, code, part, parts))))


def _audiences(design: Design) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number of the audience of each row (n,), and their names: those of the stack, or of the column."""
    if len(design.layout.parts) > 1:
        return design.layout.part.astype(np.int64), design.layout.parts
    code, names = pd.factorize(design.data["audience"], use_na_sentinel=False)
    return code.astype(np.int64), tuple(str(name) for name in names)


def _bare(stacked: Design) -> Design:
    """The design, if its rows can be laid anew."""
    layout = design_of(stacked).layout
    if "audience" not in stacked.data:
        raise DesignError("looking inside units needs a stacked design", mend="stack the audiences with design.stack")
    if layout.form is not None or (layout.replicates is not None and layout.replicates.plan is None):
        raise DesignError(
            "a unit of one psu has no error here: with joint probabilities, two phases or supplied replicates nobody knows "
            "how persons were drawn",
            mend="stack designs of the audiences in which persons are psus and units strata",
        )
    if len(layout.stages) > _DEEPEST:
        raise DesignError(
            "the design has more than two stages with fpc: its persons are not laid anew inside units",
            mend="stack designs of the audiences in which units are strata",
        )
    return stacked


def _units(design: Design, units: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Number (n,) and labels of the unit of each row."""
    layout = design.layout
    if not units:
        return layout.psu.astype(np.int64), np.asarray(layout.psus, object)
    found = domains(design, units)
    names = np.empty(found.size + 1, object)
    names[:] = [
        *(key[0] if len(key) == 1 else key for key in found.keys.itertuples(index=False, name=None)),
        "elsewhere",
    ]
    return found.code.astype(np.int64), names


def _cells(part: np.ndarray, unit: np.ndarray, psu: np.ndarray) -> pd.DataFrame:
    """Audience × unit × psu that hold rows: how many rows, and whether the unit holds several psus of the audience."""
    units, psus = int(unit.max(initial=0)) + 1, int(psu.max(initial=0)) + 1
    code, found = pd.factorize((part.astype(np.int64) * units + unit) * psus + psu)
    cells = pd.DataFrame({"part": found // psus // units, "unit": found // psus % units, "psu": found % psus})
    cells["rows"] = np.bincount(code, minlength=len(found))
    cells["several"] = cells.duplicated(["part", "unit"], keep=False)
    return cells


@dataclass(frozen=True, eq=False)
class _People:
    """Unit and person of each row (n,), and what the second stage knew: its stratum, -1 where it knew nothing, and population."""

    unit: np.ndarray
    person: np.ndarray
    group: np.ndarray
    population: np.ndarray


def _people(design: Design, unit: np.ndarray, person: str | None, people: str) -> _People:
    """Tell persons apart: by a column, the second stage, psus that are smaller than units, or rows."""
    layout, n = design.layout, len(design.layout.weight)
    rows, nothing = np.arange(n), np.full(n, -1)
    endless = np.full(n, np.inf)
    column = person or (names_of(design.psu)[1] if len(names_of(design.psu)) > 1 else None)
    if column is not None and column not in design.data:
        raise DesignError(f"the frame has no column `{column}` to be the person", mend="name one of its columns")
    if person is None and len(layout.stages) == 2:
        stage = layout.stages[1]
        group = stage.stratum[layout.unit]
        size = stage.population[group]
        whole = (size == 1) & (stage.share[group] == 0)  # a part of one stage: see `design.stack`
        return _People(
            unit, np.where(whole, n + rows, layout.unit), np.where(whole, -1, group), np.where(whole, np.inf, size)
        )
    if column is not None:
        label = pd.factorize(design.data[column])[0].astype(np.int64)
        return _People(unit, np.where(label < 0, n + rows, label), nothing, endless)
    part, _ = _audiences(design)
    cells = _cells(part, unit, layout.psu)
    several = cells.groupby("part")["several"].any().to_numpy()
    shared = cells[several[cells["part"]]].groupby("psu")["part"].nunique().gt(1)
    if people == "apart" and shared.any():
        raise DesignError(
            "units hold several psus that the audiences share: persons are not what varies there",
            mend='ask the gap of the stacked design itself, or say that people are "shared"',
        )
    return _People(unit, np.where(several[part], layout.psu, n + rows), nothing, endless)


def _laid(design: Design, who: _People, names: np.ndarray, people: str, fpc: str | None, lonely_psu: Lonely) -> Design:
    """The design with persons as psus in strata of unit × audience, or of the second stage's own groups."""
    layout = design.layout
    part, parts = _audiences(design)
    part = np.zeros(len(part), np.int64) if people == "shared" else part
    place = np.where(who.group >= 0, len(names) + who.group, who.unit)
    stratum, _ = pd.factorize(place * (int(part.max(initial=0)) + 1) + part)
    first = _first_rows(stratum)
    if (who.person >= len(stratum)).all():  # each row is a person
        unit = np.arange(len(stratum))
    else:
        unit = pd.factorize(stratum.astype(np.int64) * (2 * len(stratum) + len(layout.psus) + 1) + who.person)[0]
    of = stratum[_first_rows(unit)]
    labels = np.empty(len(first), object)
    labels[:] = [
        names[u] if people == "shared" else (parts[p], names[u])
        for u, p in zip(who.unit[first], part[first], strict=True)
    ]
    population = _population(design, who.population, fpc, stratum, of, labels)
    stage = replace(layout.stages[0], unit=None, stratum=of, population=population, share=np.ones(len(first)))
    kept = tuple(note for note in layout.notes if "reused across strata" not in note)
    given = replace(
        layout,
        unit=unit.astype(np.int32),
        stages=(stage,),
        psus=np.arange(len(of)).astype(object),
        strata=labels,
        notes=(*kept, INSIDE),
    )
    made = replace(design, stratum=None, psu=None, fpc=None, lonely_psu=lonely_psu, lonely_domain="keep", given=given)
    return made if layout.replicates is None else _replicated(made)


def _first_rows(code: np.ndarray) -> np.ndarray:
    """The first row of each number."""
    first = np.empty(int(code.max()) + 1, np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return first


def _population(
    design: Design, known: np.ndarray, fpc: str | None, stratum: np.ndarray, of: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Persons in the population of each stratum (H,), infinite where nobody says."""
    size = known
    if fpc is not None:
        if fpc not in design.data:
            raise DesignError(f"the frame has no column `{fpc}` to be the fpc", mend="name one of its columns")
        try:
            size = column_of(design, fpc)
        except DesignError as error:
            raise DesignError(
                f"the fpc is no number: {error.problems[0].what}",
                mend="give the persons of the row's unit and audience, missing where nobody knows",
            ) from error
        size = np.where(np.isnan(size), np.inf, size)
    low, high = np.full(len(labels), np.inf), np.full(len(labels), -np.inf)
    np.minimum.at(low, stratum, size)
    np.maximum.at(high, stratum, size)
    count = np.bincount(of, minlength=len(labels))
    for wrong, what in (
        (low != high, "has several populations"),
        (low < count, "has more persons than its population"),
    ):
        if wrong.any():
            where = labels[int(np.argmax(wrong))]
            raise DesignError(
                f"unit {where!r} {what}",
                mend=f"the fpc{f' `{fpc}`' if fpc else ''} counts the persons of the unit and audience, the same on every row",
            )
    return low


def _replicated(made: Design) -> Design:
    """The replicates again, over persons."""
    plan = None if made.layout.replicates is None else made.layout.replicates.plan
    if plan is None:
        return made
    if plan.automatic:
        return replicate(made, "jackknife" if len(made.layout.psus) <= 200 else "bootstrap")
    options = {"rho": plan.rho} if plan.method == "fay" else {"uneven": plan.uneven} if plan.method == "brr" else {}
    draws = plan.draws if plan.method == "bootstrap" else None
    return replicate(
        made,
        plan.method,
        replicates=plan.replicates,
        seed=plan.seed,
        weighting=plan.weighting,
        centre=plan.centre,
        draws=draws,
        **options,
    )
