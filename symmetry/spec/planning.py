"""For whom answers stand, what may be shown and to whom, and what is analysed: the second half of a study.

Works on the items that `asking` made.  A reference to an item whose own form is at fault is not reported a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from symmetry.spec.expecting import read_expected
from symmetry.spec.forms import ALL
from symmetry.spec.mirroring import LAWFUL
from symmetry.spec.models_running import (
    AlertModel,
    ComparisonModel,
    OwnerModel,
    PlanModel,
    PrivacyModel,
    WeightingModel,
)
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item
from symmetry.spec.reading import Route
from symmetry.spec.running import Alert, Comparison, Margin, Owner, Privacy, Registered, Target
from symmetry.spec.sampling import framed
from symmetry.spec.targets import read_target
from symmetry.spec.validating import Faults
from symmetry.spec.wording import check_key, entries, entries_of, text

__all__ = ["FLOOR", "check_units", "read_owners", "read_privacy", "read_registered", "read_weights", "units_of"]

FLOOR = 5
_WIDEST = {"pct": 100, "nps": 200, "score": 100, "top": 100}


def read_privacy(faults: Faults) -> Privacy:
    """What may be shown."""
    if not entries_of(faults, "privacy"):
        return Privacy()
    model = faults.model(PrivacyModel, ("privacy",))
    if model is None:
        return Privacy()
    if model.min_cell < FLOOR:
        faults.add(
            "PRV01",
            ("privacy", "min_cell"),
            f"cells of {model.min_cell} answers would be shown: below {FLOOR}, people can be recognised",
            f"write {FLOOR} or more; 10 is the custom",
        )
    return Privacy(model.min_cell, model.employees, model.keep_verbatim, model.keep_identity)


def read_owners(
    faults: Faults, languages: Sequence[str], items: Mapping[str, Item], audiences: Sequence[str]
) -> dict[str, Owner]:
    """Who answers for results, and what each may see."""
    found: dict[str, Owner] = {}
    for key in entries(faults, "owners"):
        at: Route = ("owners", key)
        model = faults.model(OwnerModel, at)
        if model is None:
            continue
        for index, audience in enumerate(model.of):
            faults.known(audience, audiences, "audience", (*at, "of", index))
        of = tuple(model.of) or tuple(audiences)
        if model.within is not None:
            names = [name for name in entries_of(faults, "items") if name not in items or items[name].role == "frame"]
            faults.known(model.within, names, "frame item", (*at, "within"))
            if "verbatims" in model.sees and "employees" in of:
                what = f"`{key}` would read what the employees of one {model.within} wrote, and could tell who"
                mend = "leave `verbatims` out, write `of: [customers]`, or lift `within`"
                faults.add("OWN02", (*at, "sees", model.sees.index("verbatims")), what, mend)
        name = text(faults, model.name, languages, (*at, "name"))
        found[key] = Owner(key, name, tuple(model.sees), of, model.within, model.hours)
    return found


def read_weights(
    faults: Faults, folder: Path, audiences: Sequence[str], items: Mapping[str, Item]
) -> tuple[dict[str, tuple[Target, ...]], dict[str, float], tuple[Path, ...]]:
    """The targets of each audience, the caps of its weights, and the files they came from."""
    found: dict[str, tuple[Target, ...]] = {}
    trims: dict[str, float] = {}
    files: list[Path] = []
    for audience in entries(faults, "weights"):
        at: Route = ("weights", audience)
        faults.known(audience, audiences, "audience", at, key=True)
        model = faults.model(WeightingModel, at)
        if model and model.trim is not None:
            trims[audience] = model.trim
        for variable, name in (model.rake if model else {}).items():
            place: Route = (*at, "rake", variable)
            if not faults.known(variable, framed(faults, items, audience), "frame item with values", place, key=True):
                continue
            if variable not in items:
                continue
            file = folder / name
            if not _beside(file, folder):
                what = f"there is no targets file `{name}` beside the study"
                faults.add("TAR01", place, what, "write it there, with its source and date")
                continue
            target, problems = read_target(file, variable, tuple(items[variable].values or ()))
            faults.problems.extend(problem for problem in problems if problem not in faults.problems)
            if target is not None:
                files.append(file)
                found[audience] = (*found.get(audience, ()), target)
    return found, trims, tuple(dict.fromkeys(files))


def _beside(file: Path, folder: Path) -> bool:
    """Whether a file is there, in the folder of the study or below it."""
    try:
        return file.is_file() and file.resolve().is_relative_to(folder.resolve())
    except OSError:
        return False


def read_registered(faults: Faults, items: Mapping[str, Item], audiences: Sequence[str]) -> Registered:
    """The analysis plan: outcome, drivers, segments, comparisons."""
    model = faults.model(PlanModel, ("plan",)) if isinstance(faults.document.at(("plan",)), dict) else None
    if model is None:
        return Registered("", ())
    names = list(entries_of(faults, "items"))
    role = {key: items[key].role if key in items else "" for key in names}
    faults.known(model.outcome, [key for key in names if role[key] in ("outcome", "")], "outcome", ("plan", "outcome"))
    faults.twice(model.segments, ("plan", "segments"))
    faults.twice([] if model.drivers == [ALL] else model.drivers, ("plan", "drivers"))
    drivers = [key for key in names if role[key] in ("driver", "")]
    if model.drivers != [ALL]:
        for index, key in enumerate(model.drivers):
            faults.known(key, drivers, "driver", ("plan", "drivers", index))
    segments = [*framed(faults, items), *(key for key in names if role[key] == "demographic" and items[key].values)]
    for index, key in enumerate(model.segments):
        faults.known(key, segments, "segment", ("plan", "segments", index))
    comparisons = [
        comparison
        for index in range(len(model.dissonance))
        if (comparison := _comparison(faults, items, audiences, ("plan", "dissonance", index))) is not None
    ]
    for index, each in enumerate(comparisons):
        if (each.a, each.b) in [(other.a, other.b) for other in comparisons[:index]]:
            what = f"{each.a} and {each.b} are compared twice"
            faults.add(
                "SPEC10", ("plan", "dissonance"), what, "keep one comparison, with one margin per unit", key=True
            )
    chosen = [key for key in drivers if role[key]] if model.drivers == [ALL] else model.drivers
    alerts = {key: alert for key in model.alerts if (alert := _alert(faults, ("plan", "alerts", key))) is not None}
    expected = read_expected(faults, audiences, items) if model.expect else None
    return Registered(model.outcome, tuple(chosen), tuple(model.segments), tuple(comparisons), alerts, expected)


def _alert(faults: Faults, at: Route) -> Alert | None:
    """An answer that calls for an answer, by an owner, in time; when it does is left to `routed`."""
    check_key(faults, at)
    model = faults.model(AlertModel, at)
    if model is None:
        return None
    owners = entries_of(faults, "owners")
    faults.known(model.owner, owners, "owner", (*at, "owner"), code="OWN01")
    if model.escalate is not None:
        faults.known(model.escalate, owners, "owner", (*at, "escalate"), code="OWN01")
    if model.escalate == model.owner:
        what = f"a case that `{model.owner}` leaves waiting is told to `{model.owner}` again"
        faults.add("ALT02", (*at, "escalate"), what, "name somebody else, or delete `escalate`")
    if model.close < model.call_back:
        what = "a case cannot be closed before the person is called back"
        faults.add("ALT01", (*at, "close"), what, "close later than you call back")
    timing = (model.call_back, model.close, model.minutes)
    return Alert(str(at[-1]), model.when, model.owner, *timing, model.escalate)


def _comparison(faults: Faults, items: Mapping[str, Item], audiences: Sequence[str], at: Route) -> Comparison | None:
    """Two faces that some item has both, and margins in units that those items use."""
    model = faults.model(ComparisonModel, at)
    if model is None:
        return None
    if model.a != "customer" or model.b == "customer":
        faults.add(
            "CMP01",
            (*at, "a"),
            f"{model.a} and {model.b}: a gap is customers minus employees",
            "write `a: customer` and an employee-side face for `b`",
        )
        return None
    for side, face in (("a", model.a), ("b", model.b)):
        if AUDIENCE_OF[face] not in audiences:
            faults.add(
                "CMP02",
                (*at, side),
                f"the face `{face}` is put to {AUDIENCE_OF[face]}, whom this study does not ask",
                "delete this comparison",
            )
            return None
    paired = [item for item in items.values() if {model.a, model.b} <= set(item.faces)]
    if not paired and len(items) == len(entries_of(faults, "items")) and not faults.unreadable("item"):
        faults.add(
            "CMP02",
            (*at, "b"),
            f"no item has both a {model.a} and a {model.b} face",
            f"write the face, or one of: {', '.join(FACES[1:])}",
        )
        return None
    if paired and not any(item.mirrors.get(model.b) in LAWFUL for item in paired):
        faults.add(
            "CMP03",
            (*at, "b"),
            f"every {model.b} face is a loose mirror: no gap could have a verdict",
            "delete this comparison",
            severity="warning",
        )
    whole = len(items) == len(entries_of(faults, "items"))
    check_units(faults, (*at, "smallest"), model.smallest, paired if whole else ())
    return Comparison(model.a, model.b, tuple(model.smallest))


def check_units(faults: Faults, at: Route, margins: Sequence[Margin], paired: Sequence[Item]) -> None:
    """Each margin above 0, one per unit, in a unit that some paired item is measured in."""
    used = {unit for item in paired for unit in units_of(item)}
    several = isinstance(faults.document.at(at), list)
    for index, margin in enumerate(margins):
        place: Route = (*at, index) if several else at
        if margin.value <= 0:
            faults.add("MAR03", place, f"a smallest gap of {margin} would call any gap a dissonance", "raise it")
        if margin.unit in [each.unit for each in margins[:index]]:
            faults.add("MAR03", place, f"a second margin in {margin.unit}", "keep one margin per unit")
        widest = _WIDEST.get(margin.unit) or max(
            (each.scale.high - each.scale.low for each in paired if each.scale), default=0
        )
        if paired and margin.unit in used and margin.value >= widest:
            what = f"no gap on these scales can reach {margin}: the widest is {widest:g}"
            faults.add("MAR03", place, what, "lower it")
        if paired and all(item.scale for item in paired) and margin.unit not in used:
            faults.add(
                "MAR02",
                place,
                f"no compared item is measured in {margin.unit}",
                f"use {' or '.join(sorted(used))}, or delete it",
            )


def units_of(item: Item) -> tuple[str, ...]:
    """The units in which a gap of this item can be measured, the main one first."""
    kind = item.scale.kind if item.scale else ""
    return {"nps": ("nps",), "percent": ("pct",), "score": ("points",), "": ()}.get(
        kind, ("points", "pct", "score", "top")
    )
