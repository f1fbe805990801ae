"""What is asked: audiences, promise, journeys and items, from the checked form of a file to frozen nouns.

Each function reads one section, entry by entry, notes every problem in `Faults`, and returns the nouns it could make.
Which face answers which is left to `mirroring`; when and of whom items are asked to `planning`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from symmetry.spec.mirroring import check_mirrors
from symmetry.spec.models import AskedModel, FrameModel, JourneyModel, MomentModel
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Audience, Item, Scale, Text
from symmetry.spec.reading import Route
from symmetry.spec.validating import Faults, dotted, nearest
from symmetry.spec.wording import entries, entries_of, text

__all__ = ["read_audiences", "read_items", "read_moments", "read_promise"]

_ASKED_FOR = {
    "fr": "À votre avis, que répondraient nos clients ? « {words} »",
    "en": "In your opinion, what would our customers answer? “{words}”",
}
MOMENTS_PER_CHANNEL = 5


def read_audiences(faults: Faults, languages: Sequence[str]) -> dict[str, Audience]:
    """The audiences a study declares, under the name it gives them."""
    found: dict[str, Audience] = {}
    for key in entries(faults, "audiences"):
        if faults.known(key, ("customers", "employees"), "audience", ("audiences", key), key=True):
            found[key] = Audience(key, _label(faults, ("audiences", key), languages))
    return found


def read_promise(faults: Faults, languages: Sequence[str]) -> dict[str, Text]:
    """The service attitudes, by key."""
    return {key: _label(faults, ("promise", key), languages) for key in entries(faults, "promise")}


def read_moments(faults: Faults, languages: Sequence[str]) -> dict[str, Text]:
    """The moments of truth of all journeys, as "journey.moment" → name; at most five per channel."""
    found: dict[str, Text] = {}
    channels: Counter[str] = Counter()
    for key in entries(faults, "journeys"):
        journey = faults.model(JourneyModel, ("journeys", key))
        if journey is None:
            continue
        text(faults, journey.name, languages, ("journeys", key, "name"))
        for name in journey.moments:
            at: Route = ("journeys", key, "moments", name)
            moment = faults.model(MomentModel, at)
            found[f"{key}.{name}"] = {}
            if moment is None:
                continue
            found[f"{key}.{name}"] = text(faults, moment.name, languages, (*at, "name"))
            channels[moment.channel] += 1
            if channels[moment.channel] == MOMENTS_PER_CHANNEL + 1:
                what = f"`{name}` is the sixth moment of truth on the channel `{moment.channel}`: five is the most"
                faults.add("MOT05", at, what, "keep the five that customers remember", key=True)
    return found


def read_items(
    faults: Faults,
    languages: Sequence[str],
    audiences: Sequence[str],
    promise: Sequence[str],
    moments: Sequence[str],
    scales: Mapping[str, Scale],
) -> dict[str, Item]:
    """The items, with every reference followed and every face mirrored or knowingly not."""
    found: dict[str, Item] = {}
    declared_scales = entries_of(faults, "scales")
    for key in entries(faults, "items"):
        at: Route = ("items", key)
        if entries_of(faults, "items", key).get("role") == "frame":
            frame = faults.model(FrameModel, at)
            if frame is not None and _says_what_it_is(faults, at, frame):
                found[key] = _frame(faults, key, frame, languages, audiences)
            continue
        asked = faults.model(AskedModel, at)
        if asked is None:
            continue
        faults.known(asked.scale, declared_scales, "scale", (*at, "scale"))
        if asked.promise is not None:
            faults.known(asked.promise, promise, "promise", (*at, "promise"))
        if asked.at is not None:
            faults.known(asked.at, moments, "moment", (*at, "at"))
        found[key] = Item(
            key=key,
            role=asked.role,
            label=text(faults, asked.label, languages, (*at, "label")),
            scale=scales.get(asked.scale),
            faces=_faces(faults, asked, languages, at),
            mirrors=check_mirrors(faults, at, asked, audiences),
            promise=asked.promise,
            moment=asked.at,
            audiences=tuple(who for who in audiences if _asks(asked, who)),
            place=faults.document.place(at, key=True),
        )
    return found


def _label(faults: Faults, at: Route, languages: Sequence[str]) -> Text:
    """A section whose entries are texts."""
    raw = faults.document.at(at)
    if isinstance(raw, str):
        return text(faults, {"": raw}, languages, at)
    if isinstance(raw, dict) and raw and all(isinstance(words, str) for words in raw.values()):
        return text(faults, raw, languages, at)
    faults.add("SPEC03", at, f"`{'.'.join(map(str, at))}` must be a text, or {{language: text}}", "write the text")
    return {}


def _says_what_it_is(faults: Faults, at: Route, frame: FrameModel) -> bool:
    """A frame item has categories, or says that it is a number or free text."""
    if frame.values or frame.type in ("number", "text"):
        return True
    if "values" not in faults.document.at(at):
        mend = "add `values: {…}`, or `type: number`, or `type: text`"
        faults.add("SPEC02", at, f"{dotted(at)} lacks `values`", mend, key=True)
    return False


def _frame(faults: Faults, key: str, frame: FrameModel, languages: Sequence[str], audiences: Sequence[str]) -> Item:
    """An item known beforehand: categories, a number, or free text."""
    at: Route = ("items", key)
    if frame.values is not None and frame.type in ("number", "text"):
        faults.add(
            "SPEC09",
            (*at, "values"),
            f"`{key}` is a {frame.type}: it has no list of values",
            "delete `values`, or delete `type`",
            key=True,
        )
    if frame.of != "both" and frame.of not in audiences:
        faults.add("SPEC04", (*at, "of"), f"this study has no audience `{frame.of}`", nearest(frame.of, audiences))
    for category in frame.values or {}:
        if not category.strip() or "×" in category:
            faults.add(
                "SPEC07",
                (*at, "values", category),
                f"`{category}` cannot name a category",
                "use a short key without ×",
                key=True,
            )
    values: dict[str, Text] = {
        category: text(faults, words, languages, (*at, "values", category))
        for category, words in (frame.values or {}).items()
    }
    return Item(
        key=key,
        role="frame",
        label=text(faults, frame.label, languages, (*at, "label")),
        values=values or None,
        numeric=frame.type == "number",
        audiences=tuple(audiences) if frame.of == "both" else (frame.of,),
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
                if language not in _ASKED_FOR:
                    faults.add(
                        "MIR08",
                        (*at, face),
                        f"there is no template for a guess in `{language}`",
                        "write the text of this face yourself",
                    )
            faces[face] = {k: _ASKED_FOR[k].format(words=words) for k, words in customer.items() if k in _ASKED_FOR}
        elif words is not None:
            faces[face] = text(faults, words, languages, (*at, face))
    return faces


def _asks(asked: AskedModel, audience: str) -> bool:
    return any(getattr(asked, face) is not None and AUDIENCE_OF[face] == audience for face in FACES)
