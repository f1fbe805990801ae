"""Three verdicts on a change, and the shapes that rules have.

`cosmetic`: nobody is asked or shown anything else, and no number is made otherwise; `comparable`: what was measured before is
still measured in the same way; `breaking`: the same number no longer means the same, or is no longer there.  The sentences
that more than one rule gives as its reason stand here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "DRAWN",
    "FILED",
    "GONE",
    "INSIDE",
    "METHOD",
    "NEW",
    "PLAN",
    "PROMISED",
    "REACH",
    "READ",
    "ROUTE",
    "RULER",
    "SERVICE",
    "SHARES",
    "SHOWN",
    "WIDER",
    "Kind",
    "Rule",
    "Verdict",
    "breaking",
    "comparable",
    "cosmetic",
    "fixed",
    "free",
    "inside",
    "kept",
    "section",
    "words",
]

Kind = Literal["cosmetic", "comparable", "breaking"]
Verdict = tuple[Kind, str]

DRAWN = "the draw is made of the block's name too: each person sees another order; over all, every order is as likely"
FILED = "what was filed under the old key is found there: nothing joins the two by itself"
GONE = "what it measured ends here"
INSIDE = "nobody who answers reads it, and no number is made of it"
METHOD = "numbers are weighted in another way"
NEW = "what was there before stays as it was"
PLAN = "the plan of before answered another question"
PROMISED = "people answered on another promise"
REACH = "how many are reached, when or how may change; what they are asked does not"
READ = "respondents read these words, and other words are another question"
ROUTE = "other people are asked"
RULER = "answers stand on another ruler"
SERVICE = "what teams are asked to live changes; the questions do not"
SHOWN = "who sees results changes; the results do not"
SHARES = "a driver's share of the outcome depends on which others are there"
WIDER = "every answer of before still fits"


@dataclass(frozen=True)
class Rule:
    """What it is to change, add or remove something, with the reason; `raised` and `lowered` for what can grow.

    `name` is what people call it.  `read` says how two values are held to be the same: `text`, whatever the typography;
    `expression`, whatever the spacing; the name of a section, through the new keys of that section.  `language`: the
    members are languages, and one that only one version has is reported once for the whole study.  `ordered`: the order of
    the members is shown to people.  `endless`: none is more than any number, else less.
    `hours`: a length of time.
    """

    name: str
    changed: Verdict | None = None
    added: Verdict | None = None
    removed: Verdict | None = None
    raised: Verdict | None = None
    lowered: Verdict | None = None
    renamed: Verdict | None = None
    ordered: Verdict | None = None
    read: str = ""
    language: bool = False
    endless: bool = False
    hours: bool = False


def cosmetic(why: str) -> Verdict:
    """Nothing of it reaches people or numbers."""
    return "cosmetic", why


def comparable(why: str) -> Verdict:
    """Trends go on."""
    return "comparable", why


def breaking(why: str) -> Verdict:
    """A trend ends or changes its meaning."""
    return "breaking", why


def inside(name: str) -> Rule:
    """Words for those who run the study, in one language."""
    said = cosmetic(INSIDE)
    return Rule(name, said, said, said, read="text", language=True)


def words(name: str) -> Rule:
    """Words that respondents read, in one language."""
    return Rule(name, breaking(READ), comparable(NEW), breaking(GONE), read="text", language=True)


def free(name: str, why: str, read: str = "", hours: bool = False) -> Rule:
    """What may change, come and go while trends stay."""
    return Rule(name, comparable(why), comparable(why), comparable(why), read=read, hours=hours)


def fixed(name: str, why: str, read: str = "") -> Rule:
    """What breaks trends whatever becomes of it."""
    return Rule(name, breaking(why), breaking(why), breaking(why), read=read)


def section(name: str, why: str) -> Rule:
    """A part under a key that only those who run the study know."""
    return Rule(name, None, comparable(why), comparable(why), renamed=cosmetic("the same words under another key"))


def kept(name: str) -> Rule:
    """How long something is kept: longer is less than was promised."""
    return Rule(
        name, raised=breaking(PROMISED), lowered=comparable("more is promised than before"), endless=True, hours=True
    )
