"""Every page that a respondent may see, with made-up people: for the browser to judge and for us to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from symmetry.fieldwork.asking.nouns import Answer, Asked, Fault, Standing
from symmetry.fieldwork.asking.paging import asked_of, pages_of
from symmetry.fieldwork.asking.reading import read_page
from symmetry.fieldwork.asking.routes import visible
from symmetry.fieldwork.web.messages import opted_out, opting_out
from symmetry.fieldwork.web.rendering import MESSAGES, message, page, refusal, resend, thanks
from symmetry.spec import Study, load

__all__ = [
    "FIRST",
    "FORM",
    "TOKEN",
    "all_asked",
    "asked_in",
    "every_page",
    "faulty_pages",
    "kinds",
    "other_pages",
    "standing_of",
]

ROOT = Path(__file__).resolve().parents[3]
STUDIES = (
    *sorted((ROOT / "survey_specs").iterdir()),
    ROOT / "tests" / "spec" / "full",
    Path(__file__).parent / "kinds",
)
TOKEN = "abcdefghij234567abcd"
FORM = "0123456789abcdef0123456789abcdef"
FIRST = date(2027, 3, 1)
_ANSWERS: dict[str, Answer] = {"recommend": 3, "trip": "family"}
_TYPED: dict[str, tuple[str, ...]] = {
    "recommend": ("6", "7"),
    "why": ("Trop long. " * 200,),
    "welcomed": ("9",),
    "obstacles": ("noise", "none"),
    "nights": ("0",),
    "spent": ("12,345",),
    "left": ("31/02/2027",),
    "nickname": ("<b>Calme & doux</b>, " * 9,),
    "swam": ("7",),
}


@cache
def _study(folder: Path) -> Study:
    return load(folder)


@cache
def asked_in(folder: Path, wave: str, audience: str) -> Asked:
    """A questionnaire that opens on `FIRST`."""
    return asked_of(_study(folder), wave, audience, first=FIRST, last=date(2027, 3, 21))


def kinds() -> Asked:
    """The one with every kind of question."""
    return asked_in(STUDIES[-1], "summer", "customers")


def all_asked() -> list[Asked]:
    """Every audience of every wave of every study."""
    return [
        asked_in(folder, wave.key, audience)
        for folder in STUDIES
        for wave in _study(folder).waves.values()
        for audience in wave.audiences
    ]


def standing_of(asked: Asked, answers: dict[str, Answer] | None = None) -> Standing:
    """Somebody who is asked."""
    return Standing("asked", asked, "person 1", {"region": "north", "channel": "branch"}, answers or {})


def every_page(asked: Asked, language: str) -> Iterator[tuple[str, str]]:
    """Each page of a questionnaire, as it is met first; where routes hide questions, also with answers that show them."""
    about = f"{asked.study.key} {asked.wave.key} {asked.audience} {language}"
    given = {name: answer for name, answer in _ANSWERS.items() if name in asked.columns}
    routed = any(
        item.ask_if or "{" in text
        for item in asked.study.items.values()
        for face in item.faces.values()
        for text in face.values()
    )
    for kept in [{}, given] if routed else [{}]:
        standing = standing_of(asked, kept)
        for number, questions in enumerate(pages_of(asked, standing.person), 1):
            if visible(asked, questions, standing.known, kept):
                text = page(standing, number, language=language, token=TOKEN, form=FORM)
                yield f"{about} page {number}{' answered' if kept else ''}", text


def faulty_pages(language: str) -> Iterator[tuple[str, str]]:
    """Pages sent with something wrong in every question that can go wrong, and one that could not be recorded."""
    asked = kinds()
    standing = standing_of(asked, _ANSWERS)
    pages = pages_of(asked, standing.person)
    for number, questions in enumerate(pages, 1):
        faults = read_page(asked, questions, _TYPED)[1]
        text = page(standing, number, language=language, token=TOKEN, form=FORM, faults=faults, posted=_TYPED)
        yield f"kinds faulty {language} page {number}", text
    nothing = (Fault("", "nothing answered"),)
    last = page(standing_of(asked), len(pages), language=language, token=TOKEN, form=FORM, faults=nothing, posted={})
    yield f"kinds empty {language}", last
    rehearsed = replace(standing, asked=replace(asked, rehearsal=FIRST))
    away = page(rehearsed, len(pages), language=language, token=TOKEN, form=FORM, posted=_TYPED, notice="away")
    yield f"kinds away rehearsal {language}", away


def other_pages(language: str) -> Iterator[tuple[str, str]]:
    """Thanks, the way out, and every message, to a customer, to an employee and to nobody we know."""
    bank = ROOT / "survey_specs" / "everyday_bank"
    people = {
        "customer": standing_of(asked_in(bank, "hot", "customers")),
        "employee": standing_of(asked_in(bank, "cold-2027", "employees")),
    }
    for who, standing in people.items():
        yield f"thanks {who} {language}", thanks(standing, language=language)
        yield f"refusal {who} {language}", refusal(standing, language=language, token=TOKEN, form=FORM)
        for kind in ("complete", "closed", "early", "over quota", "refused", "stray"):
            yield f"{kind} {who} {language}", message(kind, language=language, standing=standing, token=TOKEN)
    yield f"resend nobody {language}", resend("/s/x/1", {"form": (FORM,), "recommend": ("9",)}, language=language)
    yield f"opting out {language}", opting_out(language=language, action=f"/o/{TOKEN}", form=FORM)
    yield f"opted out {language}", opted_out(language=language)
    for kind in MESSAGES:
        yield f"{kind} nobody {language}", message(kind, language=language)
