"""Questionnaires for every export: all that we ship, the full grammar, and one study with all that is hard to carry."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from symmetry.spec import Item, Scale, Study, load
from symmetry.spec.exchange.questionnaire import Question
from symmetry.spec.routed import variables_of
from symmetry.spec.routing.nouns import Variable

__all__ = [
    "CASES",
    "ROUTES",
    "all_routed",
    "answers_to",
    "cells_of",
    "hard_study",
    "labels_of",
    "people",
    "routed",
    "routed_by",
    "study_of",
    "with_items",
    "with_label",
]

ROOT = Path(__file__).parents[3]
FOLDERS = {
    **{path.parent.name: path.parent for path in sorted((ROOT / "survey_specs").glob("*/study.yaml"))},
    "full": ROOT / "tests" / "spec" / "full",
}
NASTY = "Tom & Jérôme's \"<b>5 > 3</b>\" — 50 % d'œufs\u202f? \\ {{x}} 😀"
ROUTES = (
    "recommend <= 6",
    "recommend == 0",
    "recommend != 0",
    "not recommend > 3",
    "3 < recommend <= 8",
    "recommend in [1, 2, 10]",
    "recommend not in [1, 2, 10]",
    "recommend is None",
    "recommend is not None and satisfied is None",
    "recommend < satisfied",
    "recommend != satisfied",
    "not (recommend == satisfied or respected >= 4)",
    "respected == 'na'",
    "respected != 'dk'",
    "respected < 3",
    "respected in [1, 5]",
    "respected is not None",
    "not respected <= 2",
    "region == 'north'",
    "region != 'north' and channel in ['app', 'branch']",
    "region not in ['south']",
    "balance < 1000.5",
    "balance >= -20",
    "balance is None",
    "branch == 'Lyon'",
    "branch != 'L\\'Isle-d\\'Abeau'",
    "'price' in obstacles",
    "'price' not in obstacles",
    "'none' in obstacles or 'delay' in obstacles",
    "obstacles is None",
    "waited > 12.5",
    "waited <= 0",
    "last_visit < '2026-07-01'",
    "last_visit == '2026-01-01'",
    "last_visit >= '2027-01-31' or last_visit is None",
    "habit == 'often'",
    "habit != 'never_at_all_really'",
    "habit == 'dk'",
    "habit not in ['often', 'dk']",
    "delay == 'dk'",
    "delay != 'dk'",
    "delay > 5 or delay == 'refused'",
    "delay is None",
    "delay < waited",
    "'cost' in worries",
    "'cost' not in worries",
    "worries == 'refused'",
    "worries is None",
    "since < '2026-06-01' and since != 'dk'",
    "since == 'dk'",
    "since is not None",
    "since > last_visit",
    "recommend <= 6 and channel != 'app' and not (waited < 3 or 'price' in obstacles)",
)


@cache
def study_of(name: str) -> Study:
    """A study by the name of its folder, or the hard one."""
    return hard_study() if name == "hard" else load(FOLDERS[name])


@cache
def hard_study() -> Study:
    """The full grammar, with reasons for not answering on every kind of scale, hard texts, and a block that is torn."""
    study = study_of("full")
    nasty = {"fr": f"{NASTY} fr", "en": f"{NASTY} en"}
    words = {"fr": "Mots\nsur deux lignes", "en": "Words\non two lines"}
    long = {"often": nasty, "never_at_all_really": words, "never_at_all_but_once": {"fr": "Une fois", "en": "Once"}}
    missing = {"dk": -1, "refused": -2}
    added = [
        ("habit", Scale("habit", "single", choices=long, missing=missing)),
        ("delay", Scale("delay", "number", 0, 90, decimals=2, unit=words, missing=missing)),
        ("worries", Scale("worries", "multiple", choices={"cost": nasty, **long}, missing={"refused": -9})),
        ("since", Scale("since", "date", earliest="2026-01-01", missing=missing)),
        ("comment", Scale("comment", "text", longest=300, missing=missing)),
        ("share_of", Scale("share_of", "percent", 0, 100)),
        ("free", Scale("free", "number", float("-inf"), float("inf"))),
    ]
    items = {
        key: Item(key, "demographic", nasty, scale, {"customer": nasty}, audiences=("customers",))
        for key, scale in added
    }
    order = ("recommend", "respected", "word", "listened", "answered")
    rest = tuple(key for key in study.waves["cold-2027"].items if key not in order)
    wave = replace(study.waves["cold-2027"], items=(*order, *rest, *items))
    return replace(
        study, title=nasty, items={**study.items, **items}, waves={**study.waves, "cold-2027": wave}, digest="0" * 64
    )


def _cases() -> Iterator[tuple[str, str, str]]:
    for name in (*FOLDERS, "hard"):
        for wave in study_of(name).waves.values():
            for audience in wave.audiences:
                yield name, wave.key, audience


CASES = tuple(_cases())


def routed(study: Study, route: str) -> Study:
    """The hard study with one of its last questions under a route."""
    items = {**study.items, "share_of": replace(study.items["share_of"], ask_if=route)}
    return replace(study, items=items)


@cache
def all_routed() -> Study:
    """The hard study with one more question a route, `r0` and so on, after all others."""
    study = hard_study()
    wave = study.waves["cold-2027"]
    last = study.items["share_of"]
    items = {f"r{number}": replace(last, key=f"r{number}", ask_if=route) for number, route in enumerate(ROUTES)}
    asked = replace(wave, items=(*wave.items, *items))
    return replace(study, items={**study.items, **items}, waves={**study.waves, "cold-2027": asked})


@cache
def people() -> tuple[dict[str, Any], ...]:
    """Three hundred customers of the hard study, as the data hold their answers."""
    variables = variables_of(hard_study().items, "customers")
    rng = random.Random("people of the hard study")
    return tuple(answers_to(variables, rng) for _ in range(300))


def labels_of(question: Question) -> dict[str, dict[str, str]]:
    """Every code of a question, reasons for not answering after answers, with its words by language."""
    return {str(option.code): dict(option.label) for option in (*question.codes, *question.missing)}


def cells_of(question: Question) -> dict[str, dict[str, str]]:
    """The same, by what a cell of the data holds."""
    return {str(option.stored): dict(option.label) for option in (*question.codes, *question.missing)}


def answers_to(variables: Mapping[str, Variable], rng: random.Random) -> dict[str, Any]:
    """One person's answers as the data hold them: about one in three absent, missing codes among the others."""
    drawn: dict[str, Any] = {}
    for name, variable in variables.items():
        if rng.random() < 0.3:
            continue
        if variable.missing and rng.random() < 0.3:
            drawn[name] = rng.choice(list(variable.missing.values()))
        elif variable.kind == "number":
            low = -30 if variable.low is None else int(variable.low)
            high = 2000 if variable.high is None else int(variable.high)
            drawn[name] = rng.choice([low, high, rng.randint(low, high), *([] if variable.whole else [low + 12.5])])
        elif variable.kind == "category":
            drawn[name] = rng.choice(variable.values)
        elif variable.kind == "set":
            drawn[name] = rng.sample(variable.values, rng.randint(1, len(variable.values)))
        elif variable.kind == "date":
            drawn[name] = rng.choice(["2026-01-01", "2026-06-30", "2026-07-01", "2027-01-31", "2027-12-31"])
        else:
            drawn[name] = rng.choice(["Lyon", "Paris", "L'Isle-d'Abeau", "12"])
    return drawn


def with_items(study: Study, items: Mapping[str, Item]) -> Study:
    """The study with other items."""
    return replace(study, items=items)


def routed_by(study: Study, key: str, route: str) -> Item:
    """One item under a route."""
    return replace(study.items[key], ask_if=route)


def with_label(study: Study, key: str, words: str) -> Item:
    """One item whose customer face says something else."""
    return replace(study.items[key], faces={"customer": dict.fromkeys(study.languages, words)})
