"""The nouns of asking: a questionnaire in the field, where one person stands in it, what they post and what comes of it.

Frozen, with no input or output: `store` fills and `web` shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from symmetry.fieldwork.columns import Column
from symmetry.spec import Study, Wave

__all__ = ["Answer", "Asked", "Fault", "Outcome", "OutcomeKind", "Standing", "StandingKind", "Submission"]

Answer = int | float | str
StandingKind = Literal["asked", "complete", "refused", "over quota", "early", "closed", "unknown"]
OutcomeKind = Literal[
    "saved", "invalid", "complete", "used", "refused", "over quota", "early", "closed", "unknown", "stray"
]


@dataclass(frozen=True)
class Asked:
    """The questionnaire of one audience of one fielded wave.

    Attributes
    ----------
    study : the study cut to the wave, as it was sealed when the wave was opened.
    wave, audience : which part of it is asked.
    columns : data column → what it holds, for every question put to this audience, in the order of the wave.
    languages : those in which it can be read, the study's first one first.
    sealed : whether answers go to the sealed store, without a tie to who gave them (employees).
    first, last : days on which it opens and closes, both whole, in the wave's time zone; `last` is None while a hot wave runs.
    rehearsal : the day that stands for today, when the wave is only rehearsed; None in earnest.
    """

    study: Study
    wave: Wave
    audience: str
    columns: Mapping[str, Column]
    languages: tuple[str, ...]
    sealed: bool
    first: date
    last: date | None = None
    rehearsal: date | None = None


@dataclass(frozen=True)
class Standing:
    """Where one invitation stands: what a page needs to be shown.

    Attributes
    ----------
    kind : "asked" while it can be answered; else why not.
    asked : the questionnaire; None only for an unknown token.
    person : identifier of the unit in the sample: it decides the order of rotated items, and is never shown.
    known : frame item → what is known of the person beforehand.
    answers : data column → what was saved so far, as it stands in a table of answers (see `fieldwork.columns`).
    page : the page to go on with, from 1.
    language : the one in which the person answered last; None before that.
    """

    kind: StandingKind
    asked: Asked | None = None
    person: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    page: int = 1
    language: str | None = None


@dataclass(frozen=True)
class Fault:
    """One answer that cannot be taken: its column ("" for the whole page), a key of the page's words, and the facts in it."""

    column: str
    what: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """One posted page.

    Attributes
    ----------
    token : what the store knows of the token (see `store.tokens`).
    secret : key of the person's draft, made from the token and kept nowhere; used where answers are sealed.
    page : its number, from 1.
    language : in which it was read.
    fields : posted name → values, in the order posted.
    action : "next" saves the page and goes on; "keep" saves what is sound on it and stays, for whoever turns back or changes the
        language; "refuse" says that the person will not answer.
    at : when it came in, with its time zone.
    seconds : between the showing of the page and its sending, as the browser told; None where nobody knows.
    """

    token: bytes
    secret: bytes
    page: int
    language: str
    fields: Mapping[str, tuple[str, ...]]
    action: Literal["next", "keep", "refuse"]
    at: datetime
    seconds: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a submission, true once its transaction is committed.

    Attributes
    ----------
    kind : "saved" (go on with `page`), "complete", "refused", "over quota", or why nothing was recorded: "used" (the person
        was done before, and this says something else), "invalid" (see `faults`), "stray" (a field or a page that this person
        is not asked), "early", "closed", "unknown".
    page : the page to show next, from 1.
    faults : of an invalid page, in its order.
    standing : where the invitation stands after it.
    """

    kind: OutcomeKind
    page: int = 1
    faults: tuple[Fault, ...] = ()
    standing: Standing = field(default_factory=lambda: Standing("unknown"))
