"""Which customer question answers which employee question, and when the two may be compared.

An item holds every face of one question on one scale, unless a face says that it has another, so mirrored questions differ
in their words alone, and each employee-side face says how far its words follow the customer's:

- `literal`, the same statement about the same object: a gap has a verdict;
- `parallel`, the same quality in one's own relation ("my manager respects me"): a gap has a relative verdict;
- `projection`, always for `guess`: how well employees know their customers, never a dissonance of experience;
- `loose`, related constructs: shown side by side, without a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symmetry.spec.models import AskedModel, RatedModel
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Scale, Study, column_of
from symmetry.spec.reading import Route
from symmetry.spec.validating import Faults

__all__ = ["LAWFUL", "MirroredPair", "check_faces", "check_mirrors", "pairs"]

LAWFUL = ("literal", "parallel", "projection")
_DECLARED = ("employee", "management", "cooperation")
_FACES_OF: Mapping[str, Sequence[str]] = {
    "verbatim": ("customer", "employee"),
    "demographic": ("customer", "employee"),
    "observation": ("observer",),
}


@dataclass(frozen=True)
class MirroredPair:
    """The customer face of an item and one employee-side face: a minus b is a gap.

    `lawful` says whether a gap of this pair may carry a verdict; a loose pair never does.  `one_ruler` says whether both
    faces are answered on one scale: without it there is no gap at all.
    """

    item: str
    a: str
    b: str
    mirror: str
    lawful: bool
    one_ruler: bool = True

    @property
    def columns(self) -> tuple[str, str]:
        """Names of the two data columns.

        Examples
        --------
        >>> MirroredPair("listened", "customer", "guess", "projection", True).columns
        ('listened', 'listened.guess')
        """
        return column_of(self.item, self.a), column_of(self.item, self.b)


def pairs(study: Study) -> tuple[MirroredPair, ...]:
    """Every mirrored pair of a study, in the order of its items and faces.

    Returns
    -------
    One pair for each employee-side face of an item that has a customer face; none in a study of one audience.
    """
    return tuple(
        MirroredPair(item.key, "customer", face, mirror, mirror in LAWFUL, _same_ruler(item, face))
        for item in study.items.values()
        for face, mirror in item.mirrors.items()
        if study.mirrored and "customer" in item.faces and face in item.faces
    )


def check_mirrors(
    faults: Faults,
    at: Route,
    asked: AskedModel,
    audiences: Sequence[str],
    scale: Scale | None,
    others: Mapping[str, Scale],
) -> dict[str, str]:
    """The mirror type of each employee-side face, with a problem for each that is missing, idle or unlawful."""
    raw = faults.document.at(at)
    present = [face for face in FACES if face in raw]
    for face in present:
        if AUDIENCE_OF[face] not in audiences and audiences:
            what = f"the face `{face}` is put to {AUDIENCE_OF[face]}, whom this study does not ask"
            faults.add("MIR07", (*at, face), what, "declare the audience, or delete the face", key=True)
    allowed = _FACES_OF.get(asked.role, FACES[:-1])
    for face in present:
        if face not in allowed:
            what = f"{asked.role} items have no {face} face"
            faults.add("MIR13", (*at, face), what, f"write it as {_listed(allowed)}, or delete it", key=True)
    if not present:
        faults.add("MIR09", at, f"`{at[-1]}` has no face: nobody is asked", "add `customer: {…}`", key=True)
    if "guess" in present and "customer" not in present:
        what = "a guess needs the customer's own answer to be compared with"
        faults.add("MIR03", (*at, "guess"), what, "add the `customer` face, or delete `guess`", key=True)
    if not isinstance(asked, RatedModel):
        return {}
    mirrored = {"customers", "employees"} <= set(audiences)
    if mirrored and present:
        _check_declared(faults, at, asked, present)
        _check_rulers(faults, at, asked, scale, others)
    declared = {face: str(mirror) for face, mirror in (asked.mirror or {}).items()}
    if "guess" in present:
        declared["guess"] = "projection"
    return {face: declared[face] for face in FACES if face in declared and face in present}


def check_faces(faults: Faults, items: Mapping[str, Item], drivers: Iterable[str]) -> None:
    """A driver is asked from every side, or its author says in writing why not."""
    for key in drivers:
        item = items.get(key)
        lacking = [face for face in FACES[:-1] if item and face not in item.faces]
        if item and lacking:
            what = f"the driver `{key}` has no {_listed(lacking)} face: it will be compared from fewer sides"
            mend = 'write the face, or `waive: {MIR12: "why it is meant"}`'
            faults.add("MIR12", ("items", key), what, mend, key=True, severity="warning")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _check_declared(faults: Faults, at: Route, asked: RatedModel, present: Sequence[str]) -> None:
    """In a study of two audiences, every face is mirrored or says that it is not."""
    raw = faults.document.at(at).get("mirror")
    declared = raw if isinstance(raw, dict) else {}
    faulty = raw not in (None, "none") and not (isinstance(raw, dict) and set(raw) <= set(FACES))
    paired = "customer" in present and len(present) > 1
    for face in present:
        if paired and face in _DECLARED and face not in declared and not faulty:
            what = f"the {face} face of `{at[-1]}` does not say how it mirrors the customer face"
            mend = f"add `mirror: {{{face}: literal}}`, or parallel, or loose"
            faults.add("MIR01", (*at, face), what, mend, key=True)
    if not paired and raw is None and asked.role != "engagement":
        what = f"`{at[-1]}` has no mirror and does not say so"
        mend = "add the face of the other audience, or `mirror: none` if this is meant"
        faults.add("MIR04", at, what, mend, key=True)
    for face, mirror in declared.items():
        if face in _DECLARED and face not in present:
            what = f"`{at[-1]}` has no {face} face to mirror"
            faults.add("MIR02", (*at, "mirror", face), what, f"write the `{face}` face, or delete this", key=True)
        elif face == "customer":
            what = "the customer face is the one that the others mirror"
            faults.add("MIR02", (*at, "mirror", face), what, "declare the employee-side faces", key=True)
        elif (face == "guess") != (mirror == "projection") and mirror in (*LAWFUL, "loose"):
            what = "`projection` is for `guess` alone, and a guess is nothing else"
            mend = "delete it: a guess needs no type" if face == "guess" else "declare literal, parallel or loose"
            faults.add("MIR05", (*at, "mirror", face), what, mend)
        elif face in _DECLARED and not paired:
            what = f"`{at[-1]}` has no customer face, so there is nothing to mirror"
            faults.add("MIR02", (*at, "mirror", face), what, "write `mirror: none`, or the customer face", key=True)


def _check_rulers(
    faults: Faults, at: Route, asked: RatedModel, scale: Scale | None, others: Mapping[str, Scale]
) -> None:
    """A gap needs one ruler: the kind, points and direction of the customer's scale, and words of the same polarity."""
    own = others.get("customer", scale)
    for face in FACES[1:-1]:
        ruler, mirror = others.get(face, scale), (asked.mirror or {}).get(face, "projection" if face == "guess" else "")
        unasked = asked.customer is None or getattr(asked, face) is None
        if unasked or mirror == "loose" or own is None or ruler is None:
            continue
        if _ruler(ruler) != _ruler(own):
            differ = "" if _shown(ruler) != _shown(own) else ", with other words or boxes"
            what = f"the {face} face is answered on {_shown(ruler)}, the customer face on {_shown(own)}{differ}"
            place: Route = (*at, "scales", face if face in others else "customer")
            faults.add("MIR10", place, what, "give both one scale, or declare the mirror `loose`")
        if (face in asked.negative) != ("customer" in asked.negative):
            other = face if face in asked.negative else "customer"
            what = f"the {other} face is worded the other way round: agreement with it is not agreement with its mirror"
            mend = "word both the same way, or declare the mirror `loose`"
            faults.once("MIR11", (*at, "negative", asked.negative.index(other)), what, mend)


def _same_ruler(item: Item, face: str) -> bool:
    scales = [item.scales.get(each, item.scale) for each in ("customer", face)]
    return len({_ruler(scale) for scale in scales if scale}) == 1


def _ruler(scale: Scale) -> tuple[object, ...]:
    words = tuple(sorted(scale.ends.items())), tuple(sorted(scale.labels.items()))
    return scale.kind, scale.low, scale.high, scale.reversed, scale.boxes, words


def _shown(scale: Scale) -> str:
    return f"{scale.kind} {scale.low:g}–{scale.high:g}{' reversed' if scale.reversed else ''}"
