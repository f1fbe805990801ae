"""Which texts of a study are translated: the one table of routes, against the forms of the grammar and a walk by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from symmetry.spec import models as asked
from symmetry.spec import models_running as running
from symmetry.spec import read_yaml
from symmetry.spec.forms import GuessWords, Words
from symmetry.spec.translating.gathering import TEXTS, slots
from tests.spec.translations import copied, text_at

HOMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "StudyModel": ((),),
    "ServiceModel": (("service",),),
    "MirroredReferentialModel": (("management",), ("cooperation",)),
    "MomentModel": (
        ("management", "moments", "*"),
        ("cooperation", "moments", "*"),
        ("journeys", "*", "moments", "*"),
    ),
    "JourneyModel": (("journeys", "*"),),
    "ScaleModel": (("scales", "*"),),
    "GridModel": (("grids", "*"),),
    "InviteModel": (("waves", "*", "invite"),),
    "OwnerModel": (("owners", "*"),),
    **dict.fromkeys(
        ("AskedModel", "RatedModel", "VerbatimModel", "DemographicModel", "ObservationModel", "FrameModel"),
        (("items", "*"),),
    ),
}


def text_fields(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """The fields of a form that hold texts for people, as the ends of routes."""
    for name, hint in get_type_hints(model, include_extras=True).items():
        if model is asked.ScaleModel and hint == dict[str, list[str]]:
            hint = Words  # the ends and labels of a scale: a list in each language
        yield from ((name, *end) for end in ends(hint))


def ends(hint: Any) -> Iterator[tuple[str, ...]]:
    """Where texts stand inside a type."""
    if hint in (Words, GuessWords):
        yield ()
    elif get_origin(hint) in (list, dict):
        sign = "#" if get_origin(hint) is list else "*"
        yield from ((sign, *end) for end in ends(get_args(hint)[-1]))
    elif get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from ends(each)


def said(data: Any, languages: set[str]) -> Iterator[str]:
    """Every word for people in the data of a study: whatever stands under a language."""
    if isinstance(data, dict):
        for key, each in data.items():
            if key in languages:
                yield from each if isinstance(each, list) else [each]
            else:
                yield from said(each, languages)
    elif isinstance(data, list):
        for each in data:
            yield from said(each, languages)


def test_every_text_of_the_grammar_is_in_the_table() -> None:
    """The one table of routes holds every field of every form that is a text for people, and nothing else."""
    forms = [getattr(module, name) for module in (asked, running) for name in module.__all__]
    found = {(*home, *end) for form in forms for end in text_fields(form) for home in HOMES.get(form.__name__, ())}
    homeless = [form.__name__ for form in forms if form.__name__ not in HOMES and list(text_fields(form))]
    assert [] == homeless
    entries = {("audiences", "*"), ("promise", "*")}  # sections whose entries are texts, without a form of their own
    assert set(TEXTS) == found | entries


@pytest.mark.parametrize("name", ["full", "bank"])
def test_every_word_for_people_is_a_slot(name: str, tmp_path: Path) -> None:
    """Whatever stands under a language anywhere in a study is found, each once, under a context of its own."""
    document = read_yaml(copied(tmp_path / name, name) / "study.yaml")
    found = slots(document)
    assert sorted(said(document.data, {"fr", "en"})) == sorted(text for slot in found for text in slot.texts.values())
    assert len(found) == len({slot.context for slot in found})
    assert [text_at(document.data, slot.context, "fr") for slot in found] == [slot.texts["fr"] for slot in found]
