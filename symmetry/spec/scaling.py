"""How items are answered: the scales of a study, their codes, their words, and what counts as favourable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.spec.models import ScaleModel
from symmetry.spec.nouns import Scale
from symmetry.spec.reading import Route
from symmetry.spec.validating import Faults
from symmetry.spec.wording import entries, text

__all__ = ["read_scales"]


def read_scales(faults: Faults, languages: Sequence[str]) -> dict[str, Scale]:
    """The scales, each with its codes and what counts as favourable."""
    found: dict[str, Scale] = {}
    for key in entries(faults, "scales"):
        at: Route = ("scales", key)
        model = faults.model(ScaleModel, at)
        if model is None:
            continue
        low, high = {"nps": (0, 10), "percent": (0, 100)}.get(model.type, (1, model.points or 0))
        steps = model.type in ("likert", "csat", "ces")
        if steps and model.points is None and "points" not in faults.document.at(at):
            faults.add(
                "SCA01",
                at,
                f"the {model.type} scale `{key}` does not say how many points it has",
                "add `points: 5`",
                key=True,
            )
        for name in ("points", "boxes", "reversed"):
            if not steps and name in faults.document.at(at):
                faults.add(
                    "SCA02",
                    (*at, name),
                    f"a scale of type {model.type} has no `{name}`: it always runs "
                    f"{low} to {high}, the highest the best",
                    f"delete `{name}`",
                    key=True,
                )
        boxes = 2 if model.boxes is None else model.boxes
        if steps and model.points and boxes >= model.points:
            faults.add(
                "SCA03",
                (*at, "boxes"),
                f"{boxes} favourable codes out of {model.points} points leave nothing that is not favourable",
                "lower `boxes`",
            )
        for name, code in model.missing.items():
            if low <= code <= high:
                faults.add(
                    "SCA04",
                    (*at, "missing", name),
                    f"the code {code} of `{name}` is an answer of the scale {low} to {high}",
                    "take a code outside the scale",
                )
        ends = _ends(faults, model.ends, languages, (*at, "ends"))
        found[key] = Scale(
            key,
            model.type,
            low,
            high,
            boxes,
            steps and model.reversed,
            {str(name): code for name, code in model.missing.items()},
            ends,
        )
    return found


def _ends(
    faults: Faults, ends: Mapping[str, list[str]], languages: Sequence[str], at: Route
) -> dict[str, tuple[str, str]]:
    """The words at the two ends of a scale."""
    text(faults, dict.fromkeys(ends, "…"), languages if ends else (), at)
    for language, words in ends.items():
        if len(words) != 2:
            faults.add(
                "SCA05",
                (*at, language),
                f"a scale has two ends, not {len(words)}",
                "a comma inside a text cuts it: quote the text",
            )
    return {language: (words[0], words[1]) for language, words in ends.items() if len(words) == 2}
