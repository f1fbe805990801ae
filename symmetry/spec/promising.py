"""What is promised: audiences, attitudes, the three referentials, moments of truth and observation grids.

Each function reads one section, entry by entry, notes every problem in `Faults`, and returns the nouns it could make.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from symmetry.spec.models import GridModel, JourneyModel, MirroredReferentialModel, MomentModel, ServiceModel
from symmetry.spec.nouns import AUDIENCES, Audience, Item
from symmetry.spec.reading import Route
from symmetry.spec.referential import SENSES, Grid, Moment, Referential
from symmetry.spec.texts import Text
from symmetry.spec.validating import Faults, nearest
from symmetry.spec.wording import check_key, entries, entries_of, label_of, text, texts

__all__ = ["read_audiences", "read_grids", "read_journeys", "read_mirrored", "read_promise", "read_service"]

ATTITUDES = 3
MOMENTS_PER_CHANNEL = 5
_RELATIONS = {"management": "manager to employee", "cooperation": "team to team"}


def read_audiences(faults: Faults, languages: Sequence[str]) -> dict[str, Audience]:
    """The audiences a study declares, under the name it gives them."""
    found: dict[str, Audience] = {}
    for key in list(entries(faults, "audiences")):
        if key not in AUDIENCES:
            faults.add("SPEC04", ("audiences", key), f"there is no audience `{key}`", nearest(key, AUDIENCES), key=True)
            close = get_close_matches(key, AUDIENCES, n=1)
            if not close or close[0] in entries_of(faults, "audiences"):
                continue
            faults.mended(("audiences",), key, close[0])
            key = close[0]
        if key in AUDIENCES:
            found[key] = Audience(key, label_of(faults, ("audiences", key), languages))
    return found


def read_promise(faults: Faults, languages: Sequence[str]) -> dict[str, Text]:
    """The service attitudes, by key."""
    return {key: label_of(faults, ("promise", key), languages) for key in entries(faults, "promise")}


def read_journeys(faults: Faults, languages: Sequence[str]) -> tuple[dict[str, Text], dict[str, Moment]]:
    """The journeys, and the moments of truth of all, as "journey.moment"; at most five per channel."""
    journeys: dict[str, Text] = {}
    found: dict[str, Moment] = {}
    channels: Counter[str] = Counter()
    for key in entries(faults, "journeys"):
        model = faults.model(JourneyModel, ("journeys", key))
        if model is None or not isinstance(entries_of(faults, "journeys", key).get("moments"), dict):
            faults.unread.add(key)
        if model is None:
            continue
        journeys[key] = text(faults, model.name, languages, ("journeys", key, "name"))
        for name in model.moments:
            at: Route = ("journeys", key, "moments", name)
            check_key(faults, at)
            moment = _moment(faults, at, languages, channel=True)
            found[f"{key}.{name}"] = moment or Moment({})
            if moment is None:
                continue
            channels[moment.channel] += 1
            if channels[moment.channel] == MOMENTS_PER_CHANNEL + 1:
                what = f"`{name}` is the sixth moment of truth on the channel `{moment.channel}`: five is the most"
                faults.add("MOT05", at, what, "keep the five that customers remember", key=True)
    return journeys, found


def _moment(faults: Faults, at: Route, languages: Sequence[str], *, channel: bool) -> Moment | None:
    """One moment of truth; that of a journey is lived on a channel."""
    model = faults.model(MomentModel, at)
    if model is None:
        return None
    raw = faults.document.at(at)
    if channel and "channel" not in raw:
        what = f"the moment `{at[-1]}` does not say on which channel it is lived"
        faults.add("SPEC02", at, what, "add `channel: …`", key=True)
    if faults.document.at(("service",)) is not None:
        lacking = [part for part in ("emotion", "rituals", "cues") if not raw.get(part)]
        if lacking:
            what = f"the moment of truth `{at[-1]}` does not tell its {' nor its '.join(lacking)}"
            mend = "say what the person should feel, what is done each time, and what is there to be seen"
            faults.add("REF04", at, what, mend, key=True, severity="warning")
    return Moment(
        text(faults, model.name, languages, (*at, "name")),
        model.channel or "",
        text(faults, model.emotion, languages, (*at, "emotion")),
        texts(faults, model.rituals, languages, (*at, "rituals")),
        texts(faults, model.cues, languages, (*at, "cues")),
    )


def read_service(
    faults: Faults, languages: Sequence[str], promise: Mapping[str, Text], moments: Mapping[str, Moment]
) -> Referential | None:
    """The service referential: three attitudes among what is promised, one of which is respect."""
    if faults.document.at(("service",)) is None:
        return None
    model = faults.model(ServiceModel, ("service",))
    if model is None:
        return None
    at: Route = ("service", "attitudes")
    for index, key in enumerate(model.attitudes):
        faults.known(key, promise, "promise", (*at, index))
    faults.twice(model.attitudes, at)
    if len(model.attitudes) != ATTITUDES:
        what = f"a service referential has {ATTITUDES} attitudes, not {len(model.attitudes)}"
        faults.add("REF01", at, what, "keep the three that every relation shows, respect among them")
    if model.respect not in model.attitudes:
        what = f"`{model.respect}` is not one of the attitudes: respect is the one that no relation does without"
        faults.add("REF02", ("service", "respect"), what, f"name one of: {', '.join(model.attitudes)}")
    attitudes = {key: promise[key] for key in model.attitudes if key in promise}
    return Referential(
        text(faults, model.promise, languages, ("service", "promise")), attitudes, model.respect, dict(moments)
    )


def read_mirrored(
    faults: Faults, section: str, languages: Sequence[str], service: Referential | None
) -> Referential | None:
    """The management or the cooperation referential: the attitudes of the service referential, turned inwards."""
    if faults.document.at((section,)) is None:
        return None
    model = faults.model(MirroredReferentialModel, (section,))
    if faults.document.at(("service",)) is None:
        what = f"there is no service referential for `{section}` to mirror"
        faults.add("REF03", (section,), what, f"write `service: …`, or delete `{section}`", key=True)
    if model is None:
        return None
    words = {key: text(faults, said, languages, (section, "attitudes", key)) for key, said in model.attitudes.items()}
    for key in service.attitudes if service else ():
        if key not in words:
            what = f"the attitude `{key}` is promised to customers and not from {_RELATIONS[section]}"
            faults.add("REF03", (section, "attitudes"), what, f"add `{key}: …`", key=True)
    for key in words if service else ():
        faults.known(key, service.attitudes if service else (), "attitude", (section, "attitudes", key), key=True)
    moments: dict[str, Moment] = {}
    for index, name in enumerate(model.moments):
        at: Route = (section, "moments", name)
        check_key(faults, at)
        moments[name] = _moment(faults, at, languages, channel=False) or Moment({})
        if index == MOMENTS_PER_CHANNEL:
            what = f"`{name}` is the sixth moment of truth from {_RELATIONS[section]}: five is the most"
            faults.add("MOT05", at, what, "keep the five that people remember", key=True)
    said = text(faults, model.promise, languages, (section, "promise"))
    return Referential(said, words, service.respect if service else "", moments)


def read_grids(faults: Faults, languages: Sequence[str], items: Mapping[str, Item]) -> dict[str, Grid]:
    """The observation grids: a sensory walk asks all four senses, a skills grid practises what is promised."""
    found: dict[str, Grid] = {}
    names = [key for key in entries_of(faults, "items") if key not in items or items[key].role == "observation"]
    frames = [key for key in entries_of(faults, "items") if key not in items or items[key].role == "frame"]
    for key in entries(faults, "grids"):
        at: Route = ("grids", key)
        model = faults.model(GridModel, at)
        if model is None:
            continue
        faults.twice(model.items, (*at, "items"))
        for index, name in enumerate(model.items):
            if faults.known(name, names, "observation", (*at, "items", index)) and name in items:
                _check_observation(faults, (*at, "items", index), model.kind, items[name])
        if model.unit is not None:
            faults.known(model.unit, frames, "frame item", (*at, "unit"))
        held = [items[name] for name in model.items if name in items]
        missing = [sense for sense in SENSES if sense not in [item.sense for item in held]]
        if model.kind == "walk" and missing and len(held) == len(model.items):
            what = f"the sensory walk `{key}` asks nothing of {' nor of '.join(missing)}"
            faults.add("GRD01", (*at, "items"), what, "add an observation with that `sense`", severity="warning")
        title = text(faults, model.title, languages, (*at, "title"))
        found[key] = Grid(key, model.kind, title, tuple(model.items), model.unit)
    return found


def _check_observation(faults: Faults, at: Route, kind: str, item: Item) -> None:
    """What an observation needs in this kind of grid."""
    if kind == "walk" and item.sense is None:
        what = f"`{item.key}` does not say by which sense it is observed"
        faults.add("GRD02", at, what, f"give the item a `sense:` {', '.join(SENSES)}")
    elif kind == "skills" and item.promise is None and item.moment is None:
        what = f"`{item.key}` is a skill without a promise or a moment that it serves"
        faults.add("GRD02", at, what, "give the item a `promise:` or an `at:`")
