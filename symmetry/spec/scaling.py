"""How items are answered: the scales of a study, their codes, their words, and what counts as favourable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from symmetry.spec.models import ScaleModel
from symmetry.spec.nouns import Scale
from symmetry.spec.reading import Route
from symmetry.spec.texts import Text
from symmetry.spec.validating import Faults
from symmetry.spec.wording import check_characters, check_key, entries, text

__all__ = ["OWN_KEYS", "read_scales"]

_STEPS = ("likert", "csat", "ces")
_CHOSEN = ("single", "multiple")
OWN_KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_STEPS, ("points", "boxes", "reversed", "ends", "labels")),
    "nps": ("ends", "labels"),
    "percent": ("ends",),
    "score": ("min", "max", "decimals", "unit", "ends"),
    "single": ("choices",),
    "multiple": ("choices", "exclusive"),
    "number": ("min", "max", "decimals", "unit"),
    "date": ("min", "max"),
    "text": ("max",),
}
_MARKS = (0, 10)  # of published scores, where nothing is said
_RANGES = {
    "nps": "it always runs 0 to 10, the highest the best",
    "percent": "it always runs 0 to 100, the highest the best",
}


def read_scales(faults: Faults, languages: Sequence[str]) -> dict[str, Scale]:
    """The scales, each with its codes and what counts as favourable."""
    found: dict[str, Scale] = {}
    for key in entries(faults, "scales"):
        at: Route = ("scales", key)
        model = faults.model(ScaleModel, at)
        if model is not None:
            _check_keys(faults, at, model)
            found[key] = _scale(faults, at, model, languages)
    return found


def _scale(faults: Faults, at: Route, model: ScaleModel, languages: Sequence[str]) -> Scale:
    """One scale as a noun, its parts checked."""
    steps = model.type in _STEPS
    low, high = _range(faults, at, model)
    boxes = 2 if model.boxes is None else model.boxes
    faults.twice(model.exclusive, (*at, "exclusive"))
    if steps and model.points and boxes >= model.points:
        what = f"{boxes} favourable codes out of {model.points} points leave nothing that is not favourable"
        faults.add("SCA03", (*at, "boxes"), what, "lower `boxes`")
    for name, code in model.missing.items():
        if low <= code <= high and model.type not in (*_CHOSEN, "date", "text"):
            what = f"the code {code} of `{name}` is an answer of the scale {low:g} to {high:g}"
            faults.add("SCA04", (*at, "missing", name), what, "take a code outside the scale")
        elif code in list(model.missing.values())[: list(model.missing).index(name)]:
            what = f"the code {code} of `{name}` is taken by another reason"
            faults.add("SCA04", (*at, "missing", name), what, "give each reason a code of its own")
    dates = model.type == "date"
    return Scale(
        key=str(at[-1]),
        kind=model.type,
        low=low,
        high=high,
        boxes=boxes,
        reversed=steps and model.reversed,
        missing={str(name): code for name, code in model.missing.items()},
        ends=_ends(faults, model.ends, languages, (*at, "ends")),
        labels=_labels(
            faults, model, languages, (*at, "labels"), int(high - low) + 1 if steps or model.type == "nps" else 0
        ),
        choices=_choices(faults, at, model, languages),
        exclusive=tuple(model.exclusive),
        decimals=model.decimals or 0,
        unit=text(faults, model.unit, languages, (*at, "unit")),
        earliest=model.min if dates else None,
        latest=model.max if dates else None,
        longest=int(model.max or 2000) if model.type == "text" else None,
    )


def _check_keys(faults: Faults, at: Route, model: ScaleModel) -> None:
    """Each type has keys of its own, and some that it cannot do without."""
    raw = faults.document.at(at)
    if model.type in _STEPS and model.points is None and "points" not in raw:
        what = f"the {model.type} scale `{at[-1]}` does not say how many points it has"
        faults.add("SCA01", at, what, "add `points: 5`", key=True)
    if model.type in _CHOSEN and not model.choices and "choices" not in raw:
        what = f"the {model.type} choice `{at[-1]}` does not say between what"
        faults.add("SCA01", at, what, "add `choices: {key: text, …}`", key=True)
    for name in raw:
        if name not in (*OWN_KEYS[model.type], "type", "missing") and name in ScaleModel.model_fields:
            why = _RANGES.get(model.type) or f"it has {', '.join(OWN_KEYS[model.type])}"
            what = f"a scale of type {model.type} has no `{name}`: {why}"
            faults.add("SCA02", (*at, name), what, f"delete `{name}`", key=True)


def _range(faults: Faults, at: Route, model: ScaleModel) -> tuple[float, float]:
    """The lowest and highest answer of a scale of numbers, and the bounds of the others in order."""
    for name in ("min", "max"):
        bound = getattr(model, name)
        if bound is not None and isinstance(bound, str) != (model.type == "date"):
            wanted = "a day: `2027-03-01`" if model.type == "date" else "a number"
            faults.add("SPEC03", (*at, name), f"`{name}` of a scale of type {model.type} must be {wanted}", "mend it")
            return _MARKS if model.type == "score" else (0, 0)
    if model.type == "text" and model.max is not None and (model.max < 1 or model.max != int(model.max)):
        faults.add(
            "SPEC03", (*at, "max"), f"`max` of a text is a number of characters, not {model.max:g}", "write `2000`"
        )
    least, most = (
        usual if bound is None and model.type == "score" else bound
        for bound, usual in zip((model.min, model.max), _MARKS, strict=True)
    )
    if least is not None and most is not None and least >= most:
        what = f"the scale begins at {least} and ends at {most}"
        faults.add("SCA09", (*at, "min" if model.max is None else "max"), what, "write the lower bound as `min`")
        least, most = _MARKS if model.type == "score" else (least, most)
    if model.type in ("number", "score"):
        return (-inf if least is None else least), (inf if most is None else most)
    if model.type in _STEPS:
        return 1, model.points or 0
    return {"nps": (0, 10), "percent": (0, 100)}.get(model.type, (0, 0))


def _choices(faults: Faults, at: Route, model: ScaleModel, languages: Sequence[str]) -> dict[str, Text]:
    """What there is to choose from."""
    found: dict[str, Text] = {}
    for key, words in model.choices.items():
        place: Route = (*at, "choices", key)
        check_key(faults, place)
        found[key] = text(faults, words, languages, place)
        if key in ("na", "dk", "refused"):
            what = f"`{key}` is no choice: it is a reason why there is no answer"
            faults.add("SPEC07", place, what, f"write `missing: {{{key}: -1}}`", key=True)
    if len(found) == 1:
        faults.add("SCA07", (*at, "choices"), "a choice between one thing is none", "add another, or delete the scale")
    for index, key in enumerate(model.exclusive if found else ()):
        faults.known(key, found, "choice", (*at, "exclusive", index))
    return found


def _ends(
    faults: Faults, ends: Mapping[str, list[str]], languages: Sequence[str], at: Route
) -> dict[str, tuple[str, str]]:
    """The words at the two ends of a scale."""
    text(faults, dict.fromkeys(ends, "…"), languages if ends else (), at)
    for language, words in ends.items():
        if len(words) != 2:
            what = f"a scale has two ends, not {len(words)}"
            faults.add("SCA05", (*at, language), what, "a comma inside a text cuts it: quote the text")
        _check_words(faults, words, (*at, language))
    return {language: (words[0], words[1]) for language, words in ends.items() if len(words) == 2}


def _check_words(faults: Faults, words: Sequence[str], at: Route) -> None:
    for index, word in enumerate(words):
        if not word.strip():
            faults.add("SPEC08", (*at, index), f"an answer without words in `{at[-1]}`", "write the word")
        check_characters(faults, word, (*at, index))


def _labels(
    faults: Faults, model: ScaleModel, languages: Sequence[str], at: Route, points: int
) -> dict[str, tuple[str, ...]]:
    """One word for each code, in the order of the codes."""
    text(faults, dict.fromkeys(model.labels, "…"), languages if model.labels else (), at)
    for language, words in model.labels.items():
        if points and len(words) != points:
            what = f"{len(words)} labels for a scale of {points} codes"
            faults.add("SCA05", (*at, language), what, "a comma inside a text cuts it: quote the text")
        _check_words(faults, words, (*at, language))
    if model.labels and model.ends:
        faults.add("SCA10", at, "labels name the ends already", "delete `ends`, or delete `labels`", key=True)
    return {language: tuple(words) for language, words in model.labels.items() if len(words) == points}
