"""The items of a study, from the checked form of a file to frozen nouns, every reference followed.

Each role has its own form, so that an item has the keys that mean something for it and no other.  Which face answers
which is left to `mirroring`, routes and placeholders to `routed`; when and of whom items are asked to `fielding`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import get_args

from symmetry.spec.mirroring import check_mirrors
from symmetry.spec.models import (
    AskedModel,
    DemographicModel,
    FrameModel,
    ObservationModel,
    RatedModel,
    VerbatimModel,
)
from symmetry.spec.nouns import AUDIENCE_OF, FACES, RATED, Item, Role, Scale
from symmetry.spec.reading import Route
from symmetry.spec.texts import Text
from symmetry.spec.translating.guessing import TEMPLATES, WORDS
from symmetry.spec.validating import Faults, dotted, nearest
from symmetry.spec.wording import entries, entries_of, text

__all__ = ["FITTING", "OPEN", "Known", "read_items"]

OPEN = Scale("text", "text", longest=2000)
_MODELS: Mapping[str, type[AskedModel]] = {
    "verbatim": VerbatimModel,
    "demographic": DemographicModel,
    "observation": ObservationModel,
}
FITTING: Mapping[str, tuple[str, ...]] = {
    "verbatim": ("text",),
    "demographic": ("single", "multiple", "number", "date", "text"),
    "observation": ("likert", "csat", "ces", "nps", "single", "multiple", "number", "text"),
}
_ROLES = get_args(Role)


class Known:
    """What items may refer to: everything that the sections before them declared."""

    def __init__(
        self,
        languages: Sequence[str],
        audiences: Sequence[str],
        promise: Sequence[str],
        moments: Sequence[str],
        scales: Mapping[str, Scale],
    ) -> None:
        self.languages, self.audiences = languages, tuple(audiences)
        self.promise, self.moments, self.scales = tuple(promise), tuple(moments), scales


def read_items(faults: Faults, known: Known) -> dict[str, Item]:
    """The items, with every reference followed and every face mirrored or knowingly not."""
    found: dict[str, Item] = {}
    for key in entries(faults, "items"):
        at: Route = ("items", key)
        role = entries_of(faults, "items", key).get("role")
        if isinstance(role, str) and role not in _ROLES:
            role = _meant(faults, at, role)
            if role is None:
                continue
        if role == "frame":
            frame = faults.model(FrameModel, at)
            if frame is not None and _says_what_it_is(faults, at, frame):
                found[key] = _frame(faults, key, frame, known)
            continue
        asked = faults.model(_MODELS.get(str(role), RatedModel), at)
        if asked is not None:
            found[key] = _asked(faults, at, asked, known)
    return found


def _meant(faults: Faults, at: Route, role: str) -> str | None:
    """A mistyped role, told once; the role that was likely meant, in whose form the item is read."""
    faults.known(role, _ROLES, "role", (*at, "role"), code="SPEC03")
    found = get_close_matches(role, _ROLES, n=1)
    if found:
        faults.document.at(at)["role"] = found[0]
    return found[0] if found else None


def _asked(faults: Faults, at: Route, asked: AskedModel, known: Known) -> Item:
    """An item that someone answers."""
    scale, others = _scale(faults, at, asked, known), _other_scales(faults, at, asked, known)
    for name, options, kind in (
        ("promise", known.promise, "promise"),
        ("at", known.moments, "moment"),
        ("owner", entries_of(faults, "owners"), "owner"),
    ):
        word = getattr(asked, name)
        if word is not None:
            faults.known(word, options, kind, (*at, name), code="OWN01" if name == "owner" else "SPEC04")
    negative = asked.negative if isinstance(asked, RatedModel) else []
    faults.twice(negative, (*at, "negative"))
    for index, face in enumerate(negative):
        if getattr(asked, face) is None:
            what = f"`{at[-1]}` has no {face} face to be worded the other way round"
            faults.add("MIR02", (*at, "negative", index), what, f"write the `{face}` face, or delete this")
    return Item(
        key=str(at[-1]),
        role=asked.role,
        label=text(faults, asked.label, known.languages, (*at, "label")),
        scale=scale,
        faces=_faces(faults, asked, known.languages, at),
        mirrors=check_mirrors(faults, at, asked, known.audiences, scale, others),
        promise=asked.promise,
        moment=asked.at,
        values=scale.choices if scale and asked.role == "demographic" and scale.kind == "single" else None,
        numeric=bool(scale and asked.role == "demographic" and scale.kind == "number"),
        audiences=tuple(who for who in known.audiences if _asks(faults.document.at(at), who)),
        place=faults.document.place(at, key=True),
        scales=others,
        negative=tuple(negative),
        ask_if=asked.ask_if,
        owner=asked.owner,
        sense=asked.sense if isinstance(asked, ObservationModel) else None,
        waived=asked.waive,
    )


def _scale(faults: Faults, at: Route, asked: AskedModel, known: Known) -> Scale | None:
    """The scale of an item, of a kind that its role can use."""
    key: str | None = getattr(asked, "scale", None)
    if key is None:
        return OPEN
    faults.known(key, entries_of(faults, "scales"), "scale", (*at, "scale"))
    scale = known.scales.get(key)
    fitting = FITTING.get(asked.role, RATED)
    if scale and scale.kind not in fitting:
        what = f"`{at[-1]}` is a{'n' * (asked.role[0] in 'oe')} {asked.role}: a {scale.kind} scale does not fit it"
        mend = f"take a scale of type {', '.join(fitting[:-1])}{' or ' * (len(fitting) > 1)}{fitting[-1]}"
        faults.add("SCA08", (*at, "scale"), what, mend)
    return scale


def _other_scales(faults: Faults, at: Route, asked: AskedModel, known: Known) -> dict[str, Scale]:
    """The faces that stand on a scale of their own."""
    found: dict[str, Scale] = {}
    for face, key in (asked.scales if isinstance(asked, RatedModel) else {}).items():
        place: Route = (*at, "scales", face)
        if getattr(asked, face) is None:
            what = f"`{at[-1]}` has no {face} face to put on another scale"
            faults.add("MIR02", place, what, f"write the `{face}` face, or delete this", key=True)
        elif faults.known(key, entries_of(faults, "scales"), "scale", place) and key in known.scales:
            found[face] = known.scales[key]
            if not found[face].rated:
                what = f"`{at[-1]}` is rated: a {found[face].kind} scale does not fit its {face} face"
                faults.add("SCA08", place, what, f"take a scale of type {', '.join(RATED[:-1])} or {RATED[-1]}")
    return found


def _says_what_it_is(faults: Faults, at: Route, frame: FrameModel) -> bool:
    """A frame item has categories, or says that it is a number or free text."""
    if frame.values or frame.type in ("number", "text"):
        return True
    if "values" not in faults.document.at(at):
        mend = "add `values: {…}`, or `type: number`, or `type: text`"
        faults.add("SPEC02", at, f"{dotted(at)} lacks `values`", mend, key=True)
    return False


def _frame(faults: Faults, key: str, frame: FrameModel, known: Known) -> Item:
    """An item known beforehand: categories, a number, or free text."""
    at: Route = ("items", key)
    if frame.values is not None and frame.type in ("number", "text"):
        what = f"`{key}` is a {frame.type}: it has no list of values"
        faults.add("SPEC09", (*at, "values"), what, "delete `values`, or delete `type`", key=True)
    if frame.of != "both" and frame.of not in known.audiences:
        mend = nearest(frame.of, known.audiences)
        faults.add("SPEC04", (*at, "of"), f"this study has no audience `{frame.of}`", mend)
    for category in frame.values or {}:
        if not category.strip() or "×" in category:
            what = f"`{category}` cannot name a category"
            faults.add("SPEC07", (*at, "values", category), what, "use a short key without ×", key=True)
    values: dict[str, Text] = {
        category: text(faults, words, known.languages, (*at, "values", category))
        for category, words in (frame.values or {}).items()
    }
    return Item(
        key=key,
        role="frame",
        label=text(faults, frame.label, known.languages, (*at, "label")),
        values=values or None,
        numeric=frame.type == "number",
        audiences=known.audiences if frame.of == "both" else (frame.of,),
        place=faults.document.place(at, key=True),
    )


def _faces(faults: Faults, asked: AskedModel, languages: Sequence[str], at: Route) -> dict[str, Text]:
    """The texts of each face; `guess: auto` is written from the customer wording, one template per language."""
    faces: dict[str, Text] = {}
    for face in FACES:
        words: Mapping[str, str] | None = getattr(asked, face)
        if words == {"": "auto"} and face == "guess":
            customer = faces.get("customer", {})
            for language in customer:
                if language not in TEMPLATES:
                    what = f"there is no template for a guess in `{language}`"
                    faults.add("MIR08", (*at, face), what, "write the text of this face yourself")
            faces[face] = {k: TEMPLATES[k].replace(WORDS, words) for k, words in customer.items() if k in TEMPLATES}
        elif words is not None:
            for language in words if face == "guess" else ():
                if words[language] == "auto":
                    what = f"people would read the word “auto” in `{language}`"
                    faults.add("MIR08", (*at, face, language), what, "write `guess: auto`, without languages")
            faces[face] = text(faults, words, languages, (*at, face))
        elif face in faults.document.at(at):
            faces[face] = {}  # written without words, which is told with the form
    return faces


def _asks(raw: Mapping[str, object], audience: str) -> bool:
    return any(face in raw and AUDIENCE_OF[face] == audience for face in FACES)
