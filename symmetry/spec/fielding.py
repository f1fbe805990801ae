"""When and how people are asked: waves, reminders, contact rules and the rotation of blocks.

Works on the items that `asking` made.  A reference to an item whose own form is at fault is not reported a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from symmetry.spec.forms import ALL
from symmetry.spec.inviting import check_arms, read_invite
from symmetry.spec.models_running import ContactModel, RotationModel, WaveModel
from symmetry.spec.nouns import AUDIENCE_OF, Item
from symmetry.spec.reading import Route
from symmetry.spec.running import Contact, Rotation, Wave
from symmetry.spec.sampling import read_sampling
from symmetry.spec.validating import Faults, nearest
from symmetry.spec.wording import entries, entries_of

__all__ = ["read_contact", "read_rotation", "read_waves"]

HOT_QUESTIONS = 5
HOT_HOURS = 48


def read_waves(
    faults: Faults, languages: tuple[str, ...], audiences: Sequence[str], items: Mapping[str, Item]
) -> dict[str, Wave]:
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
        faults.twice(model.audiences, (*at, "audiences"))
        chosen = tuple(asked) if model.items == [ALL] else tuple(model.items)
        if not chosen and asked:
            faults.add(
                "WAV09", (*at, "items"), f"the wave `{key}` asks nothing", "list its items, or write `items: all`"
            )
        for index, item in enumerate(chosen):
            place: Route = (*at, "items") if model.items == [ALL] else (*at, "items", index)
            if item in items and items[item].role == "frame":
                faults.add("WAV04", place, f"`{item}` is a frame item: it is known, never asked", "leave it out")
            elif faults.known(item, names, "item", place) and item in asked and model.items != [ALL]:
                _check_face(faults, place, asked[item], model.audiences)
                if item in chosen[:index]:
                    faults.add("WAV06", place, f"`{item}` is asked twice in this wave", "delete one")
        if model.items == [ALL]:
            chosen = tuple(item for item in chosen if set(asked[item].audiences) & set(model.audiences))
        _check_kind(faults, at, model, chosen, asked)
        check_arms(faults, at, model, items)
        sampling = read_sampling(faults, at, model, items)
        found[key] = Wave(
            key=key,
            kind=model.kind,
            audiences=tuple(model.audiences),
            items=chosen,
            after=model.after,
            delay=model.delay,
            window=model.window,
            sample={audience: sample.size for audience, sample in sampling.items() if sample.size is not None},
            sampling=sampling,
            open_for=model.open_for,
            reminders=tuple(model.reminders),
            arms=tuple(sorted(model.arms.items())) if model.kind == "hot" else (),
            invite=read_invite(faults, (*at, "invite"), languages),
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
    last = model.open_for or _length(model.window)
    for index, wait in enumerate(model.reminders):
        if index and wait <= model.reminders[index - 1]:
            faults.add("WAV08", (*at, "reminders", index), "reminders follow each other in time", "write them in order")
        elif last is not None and wait >= last:
            what = "this reminder comes after the survey has closed"
            faults.add("WAV08", (*at, "reminders", index), what, "remind earlier, or raise `open_for`")
    if model.kind == "cold":
        for name in ("after", "delay", "arms"):
            if name in raw:
                what = f"a cold wave follows no event: it has no `{name}`"
                faults.add("WAV03", (*at, name), what, "delete it, or write `kind: hot`", key=True)
        return
    for name in ("after", "delay"):
        if name not in raw:
            faults.add("WAV03", at, f"a hot wave follows an event: it lacks `{name}`", f"add `{name}: …`", key=True)
    if "window" in raw:
        faults.add("WAV03", (*at, "window"), "a hot wave follows an event, not a calendar", "delete it", key=True)
    if model.delay is not None and model.delay > HOT_HOURS:
        what = f"{model.delay:g} hours after the event, memory has cooled"
        faults.add("WAV02", (*at, "delay"), what, "ask within 48 hours", severity="warning")
    for audience in model.audiences:
        faces = [(key, face) for key in chosen if key in asked for face in asked[key].faces]
        count = sum(AUDIENCE_OF[face] == audience for _, face in faces)
        if count > HOT_QUESTIONS:
            what = f"{count} questions to {audience} in a hot survey: five is the most people answer on the spot"
            faults.add("WAV01", (*at, "items"), what, "keep five", severity="warning")


def _length(window: tuple[str, str] | None) -> float | None:
    """Hours from the first to the last day of a window, both whole."""
    if window is None:
        return None
    first, last = map(date.fromisoformat, window)
    return 24.0 * ((last - first).days + 1)


def read_contact(faults: Faults) -> Contact | None:
    """The rules by which people may be asked."""
    if faults.document.at(("contact",)) is None:
        return None
    model = faults.model(ContactModel, ("contact",))
    if model is None:
        return None
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(model.tz)
    except (KeyError, ValueError, OSError):
        what = f"there is no time zone `{model.tz}`"
        faults.add("CON01", ("contact", "tz"), what, nearest(model.tz, sorted(available_timezones()), brief=True))
    if model.hours and _minutes(model.hours[1]) - _minutes(model.hours[0]) < 60:
        what = f"people can be written to in {_minutes(model.hours[1]) - _minutes(model.hours[0])} minutes a day alone"
        mend = "open longer, as `09:00-19:30`: what is not sent by then waits for the next day"
        faults.add("CON02", ("contact", "hours"), what, mend, severity="warning")
    channels = tuple(model.channels)
    return Contact(model.quarantine, model.max_per_year, model.hours, model.tz, channels, model.cold_first)


def _minutes(time: str) -> int:
    """Minutes since midnight."""
    return int(time[:2]) * 60 + int(time[3:])


def read_rotation(faults: Faults) -> Rotation | None:
    """The blocks whose order is drawn; what they may hold is left to `rotating`."""
    if faults.document.at(("rotation",)) is None:
        return None
    model = faults.model(RotationModel, ("rotation",))
    return None if model is None else Rotation(model.seed, {key: tuple(block) for key, block in model.blocks.items()})
