"""When items are asked, for whom answers stand, what may be shown and what is analysed: the second half of a study.

Works on the items that `asking` made.  A reference to an item whose own form is at fault is not reported a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from symmetry.spec.mirroring import LAWFUL
from symmetry.spec.models import ALL, ComparisonModel, PlanModel, PrivacyModel, WaveModel, WeightingModel
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Comparison, Item, Margin, Privacy, Registered, Target, Wave
from symmetry.spec.reading import Route
from symmetry.spec.targets import read_target
from symmetry.spec.validating import Faults
from symmetry.spec.wording import entries, entries_of

__all__ = ["FLOOR", "check_units", "read_privacy", "read_registered", "read_waves", "read_weights", "units_of"]

FLOOR = 5
HOT_QUESTIONS = 5
HOT_HOURS = 48


def read_waves(faults: Faults, audiences: Sequence[str], items: Mapping[str, Item]) -> dict[str, Wave]:
    """The waves, each with the items it really asks, in the order of the questionnaire."""
    found: dict[str, Wave] = {}
    asked = {key: item for key, item in items.items() if item.role != "frame"}
    names = [key for key in entries_of(faults, "items") if key in asked or key not in items]
    for key in entries(faults, "waves"):
        at: Route = ("waves", key)
        model = faults.model(WaveModel, at)
        if model is None:
            continue
        for index, audience in enumerate(model.audiences):
            faults.known(audience, audiences, "audience", (*at, "audiences", index))
        for audience in model.sample:
            faults.known(audience, model.audiences, "audience of this wave", (*at, "sample", audience), key=True)
        chosen = tuple(asked) if model.items == [ALL] else tuple(model.items)
        for index, item in enumerate(chosen):
            place: Route = (*at, "items") if model.items == [ALL] else (*at, "items", index)
            if item in items and items[item].role == "frame":
                faults.add("WAV04", place, f"`{item}` is a frame item: it is known, never asked", "leave it out")
            elif faults.known(item, names, "item", place) and item in asked and model.items != [ALL]:
                _check_face(faults, place, asked[item], model.audiences)
        if model.items == [ALL]:
            chosen = tuple(item for item in chosen if set(asked[item].audiences) & set(model.audiences))
        _check_kind(faults, at, model, chosen, asked)
        found[key] = Wave(
            key, model.kind, tuple(model.audiences), chosen, model.after, model.delay, model.window, dict(model.sample)
        )
    return found


def _check_face(faults: Faults, at: Route, item: Item, audiences: Sequence[str]) -> None:
    """An item that a wave names is put to someone there."""
    known = set(audiences) <= set(AUDIENCE_OF.values())
    if item.faces and known and not set(item.audiences) & set(audiences):
        what = f"`{item.key}` has no face for {' nor '.join(audiences)}"
        faults.add("WAV05", at, what, "write the face, or leave it out")


def _check_kind(faults: Faults, at: Route, model: WaveModel, chosen: Sequence[str], asked: Mapping[str, Item]) -> None:
    """What a hot wave needs and a cold one must not have."""
    raw = faults.document.at(at)
    if model.kind == "cold":
        for name in ("after", "delay"):
            if name in raw:
                faults.add(
                    "WAV03",
                    (*at, name),
                    f"a cold wave follows no event: it has no `{name}`",
                    "delete it, or write `kind: hot`",
                    key=True,
                )
        return
    for name in ("after", "delay"):
        if name not in raw:
            faults.add("WAV03", at, f"a hot wave follows an event: it lacks `{name}`", f"add `{name}: …`", key=True)
    if "window" in raw:
        faults.add("WAV03", (*at, "window"), "a hot wave follows an event, not a calendar", "delete it", key=True)
    if model.delay is not None and model.delay > HOT_HOURS:
        faults.add(
            "WAV02",
            (*at, "delay"),
            f"{model.delay:g} hours after the event, memory has cooled",
            "ask within 48 hours",
            severity="warning",
        )
    for audience in model.audiences:
        faces = [(key, face) for key in chosen if key in asked for face in asked[key].faces]
        count = sum(AUDIENCE_OF[face] == audience for _, face in faces)
        if count > HOT_QUESTIONS:
            faults.add(
                "WAV01",
                (*at, "items"),
                f"{count} questions to {audience} in a hot survey: five is the most people answer on the spot",
                "keep five",
                severity="warning",
            )


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
    return Privacy(model.min_cell)


def read_weights(
    faults: Faults, folder: Path, audiences: Sequence[str], items: Mapping[str, Item]
) -> tuple[dict[str, tuple[Target, ...]], tuple[Path, ...]]:
    """The targets of each audience, and the files they came from."""
    found: dict[str, tuple[Target, ...]] = {}
    files: list[Path] = []
    for audience in entries(faults, "weights"):
        at: Route = ("weights", audience)
        faults.known(audience, audiences, "audience", at, key=True)
        model = faults.model(WeightingModel, at)
        for variable, name in (model.rake if model else {}).items():
            place: Route = (*at, "rake", variable)
            if not faults.known(variable, _framed(faults, items, audience), "frame item with values", place, key=True):
                continue
            if variable not in items:
                continue
            file = folder / name
            target, problems = read_target(file, variable, tuple(items[variable].values or ()))
            if not file.is_file():
                what = f"there is no targets file `{name}` beside the study"
                faults.add("TAR01", place, what, "write it, with its source and date")
                continue
            faults.problems.extend(problem for problem in problems if problem not in faults.problems)
            if target is not None:
                files.append(file)
                found[audience] = (*found.get(audience, ()), target)
    return found, tuple(dict.fromkeys(files))


def _framed(faults: Faults, items: Mapping[str, Item], audience: str | None = None) -> list[str]:
    """Frame items with categories (of an audience), and items too faulty to tell."""
    return [
        key
        for key in entries_of(faults, "items")
        if key not in items or (items[key].values and (audience is None or audience in items[key].audiences))
    ]


def read_registered(faults: Faults, items: Mapping[str, Item], audiences: Sequence[str]) -> Registered:
    """The analysis plan: outcome, drivers, segments, comparisons."""
    model = faults.model(PlanModel, ("plan",)) if isinstance(faults.document.at(("plan",)), dict) else None
    if model is None:
        return Registered("", ())
    names = list(entries_of(faults, "items"))
    role = {key: items[key].role if key in items else "" for key in names}
    faults.known(model.outcome, [key for key in names if role[key] in ("outcome", "")], "outcome", ("plan", "outcome"))
    drivers = [key for key in names if role[key] in ("driver", "")]
    if model.drivers != [ALL]:
        for index, key in enumerate(model.drivers):
            faults.known(key, drivers, "driver", ("plan", "drivers", index))
    for index, key in enumerate(model.segments):
        faults.known(key, _framed(faults, items), "segment", ("plan", "segments", index))
    comparisons = [
        comparison
        for index in range(len(model.dissonance))
        if (comparison := _comparison(faults, items, audiences, ("plan", "dissonance", index))) is not None
    ]
    chosen = [key for key in drivers if role[key]] if model.drivers == [ALL] else model.drivers
    return Registered(model.outcome, tuple(chosen), tuple(model.segments), tuple(comparisons))


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
    if not paired and len(items) == len(entries_of(faults, "items")):
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
    check_units(faults, (*at, "smallest"), model.smallest, paired)
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
    return {"nps": ("nps",), "percent": ("pct",), "": ()}.get(kind, ("points", "pct"))
