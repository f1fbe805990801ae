"""A study of twelve questions on one page, put to customers and employees: what the load and kill runs ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symmetry.fieldwork.nouns import Sample
    from symmetry.spec import Study

TOPICS = {
    "welcomed": ("m'accueille avec chaleur", "welcomes me warmly"),
    "listened": ("m'écoute", "listens to me"),
    "respected": ("me traite avec respect", "treats me with respect"),
    "informed": ("me prévient à temps", "tells me in time"),
    "trusted": ("me fait confiance", "trusts me"),
    "helped": ("m'aide en cas de souci", "helps me in need"),
    "fair": ("est juste avec moi", "is fair to me"),
    "quick": ("me répond vite", "answers me quickly"),
    "simple": ("simplifie mes démarches", "makes things simple for me"),
    "kept_word": ("tient parole envers moi", "keeps its word to me"),
}
HEAD = """\
symmetry: 1
study: twelve
title: {fr: Douze questions, en: Twelve questions}
languages: [fr, en]
audiences:
  customers: {fr: Clients, en: Customers}
  employees: {fr: Salariés, en: Employees}
promise:
  near: {fr: Proches, en: Near}
scales:
  agree5:
    type: likert
    points: 5
    boxes: 2
    missing: {na: 0}
    ends: {fr: [Pas du tout d'accord, Tout à fait d'accord], en: [Strongly disagree, Strongly agree]}
  nps:
    type: nps
    ends: {fr: [Certainement pas, Certainement], en: [Not at all likely, Extremely likely]}
items:
  recommend:
    role: outcome
    scale: nps
    label: {fr: Recommandation, en: Recommendation}
    customer: {fr: Recommanderiez-vous notre entreprise à un proche ?, en: Would you recommend our company to a friend?}
    employee: {fr: Recommanderiez-vous notre entreprise à un proche ?, en: Would you recommend our company to a friend?}
    mirror: {employee: literal}
"""
TOPIC = """\
  {key}:
    role: driver
    promise: near
    scale: agree5
    label: {{fr: {key}, en: {key}}}
    customer: {{fr: "L'entreprise {fr}.", en: The company {en}.}}
    employee: {{fr: "L'entreprise {fr}.", en: The company {en}.}}
    mirror: {{employee: parallel}}
"""
TAIL = """\
  why:
    role: verbatim
    label: {fr: Pourquoi, en: Why}
    customer: {fr: Qu'est-ce qui explique votre note ?, en: What explains your score?}
    employee: {fr: Qu'est-ce qui explique votre note ?, en: What explains your score?}
  site:
    role: frame
    label: {fr: Site, en: Site}
    values: {north: {fr: Nord, en: North}, south: {fr: Sud, en: South}}
waves:
  cold:
    kind: cold
    window: 2027-03-01..2027-03-21
    audiences: [customers, employees]
    items: all
    sample: {customers: census, employees: census}
privacy: {min_cell: 10, employees: anonymous}
plan:
  outcome: recommend
  drivers: [welcomed, listened]
"""
WORDS = "Écouté, servi, conseillé : merci à l'équipe du guichet."


def write_study(folder: Path) -> Study:
    """Write the study into a folder of its name and load it."""
    from symmetry import spec

    home = folder / "twelve"
    home.mkdir(parents=True)
    topics = "".join(TOPIC.format(key=key, fr=fr, en=en) for key, (fr, en) in TOPICS.items())
    (home / "study.yaml").write_text(f"{HEAD}{topics}{TAIL}", encoding="utf-8")
    return spec.load(home)


def sample_of(study: Study, audience: str, people: int) -> Sample:
    """Everybody of a frame that is made up: p-0, p-1…, one half at each site."""
    import pandas as pd

    from symmetry.fieldwork.nouns import Sample

    persons = [f"{audience[0]}-{number:07d}" for number in range(people)]
    units = pd.DataFrame(
        {
            "person": persons,
            "contact": persons,
            "stratum": "",
            "psu": "",
            "probability": 1.0,
            "given": 1.0,
            "drawn": True,
            "reason": "",
            "site": ["north", "south"] * (people // 2) + ["north"] * (people % 2),
        }
    )
    return Sample(study.key, "cold", audience, units, {"frame": "made up", "study": {"digest": study.digest}})


def posted(number: int) -> dict[str, str]:
    """The answers of one person: another mark and another topic left out for each, and their number in the verbatim."""
    marks = {key: str(1 + (number + place) % 5) for place, key in enumerate(TOPICS) if (number + place) % 9}
    return {"recommend": str(number % 11), **marks, "why": f"{number}: {WORDS}"}
