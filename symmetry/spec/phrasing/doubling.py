"""Two questions in one: "quick and friendly?" cannot be answered by someone who found us quick and unfriendly.

A rule of thumb on words, not a parser.  Every "and", "or", "as well as", "et", "ou", "ainsi que"… joins two things asked,
unless there is a reason to think otherwise: a fixed phrase ("terms and conditions", "allées et venues"), people close to
one ("a friend or colleague"), numbers, "between … and", two who act together ("my manager and I"), a subordinate clause
("when I call and ask"), a list of examples ("such as"), a name.  An "or" is doubted more than an "and": it mostly offers a
choice, and counts only between two qualities or two things to be satisfied with.

The words of each language are in `doubling_words`.
"""

from __future__ import annotations

import re
from itertools import islice

from symmetry.spec.phrasing.doubling_words import Reasons, reasons
from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.sentences import clauses, unquoted

__all__ = ["find_double"]

_JOINTS = 8  # more conjunctions than that in one clause are not looked at
_SHORT_QUOTE = 24  # longer quotes are questions themselves
_LISTED = 2  # with so few words since the last comma, a conjunction still belongs to the list before it


def find_double(text: str, language: str, original: str = "") -> list[Finding]:
    """WRD01 where a text asks two things at once.

    Parameters
    ----------
    text : a plain text (see `sentences.plain`).
    language : "en" or "fr".
    original : the text as its author wrote it, whose capitals show names.

    Examples
    --------
    >>> find_double("the staff are quick and friendly.", "en")[0].offset
    20
    >>> find_double("the terms and conditions are clear.", "en")
    []
    """
    known = reasons(language)
    for start, clause in clauses(unquoted(text, at_most=_SHORT_QUOTE)):
        for found in islice(known.pattern["joint"].finditer(clause), _JOINTS):
            joint = found[0].strip()
            offset = start + found.start() + found[0].index(joint)
            named = _is_name(original[:offset].rstrip(), original[offset + len(joint) :].lstrip())
            if not named and _joins_two(clause, found, joint, known):
                what = f"this asks two things at once, joined by `{joint}`"
                return [Finding("WRD01", what, "make two questions of it, or keep what matters more", offset)]
    return []


def _joins_two(clause: str, found: re.Match[str], joint: str, known: Reasons) -> bool:
    """Whether this conjunction joins two things that are asked."""
    left, right = clause[: found.start()].rstrip(), clause[found.end() :].lstrip()
    before, after = known.pattern["word"].findall(left), known.pattern["word"].findall(right)
    if not before or not after:
        return False
    around = f"{left} ¦{joint}¦ {right}"
    if joint in known.words["corrections"]:
        return known.pattern["two_qualities"].search(around) is not None
    if (
        _is_fixed(before, after, known)
        or known.pattern["idle"].search(around)
        or known.pattern["together"].search(around)
    ):
        return False
    if _is_hidden(left, right, known):
        return False
    if joint in known.words["choices"]:
        alternatives = {before[-1], after[0]} & known.words["kinds"]
        return not alternatives and known.pattern["choice_of_two"].search(around) is not None
    return True


def _is_fixed(before: list[str], after: list[str], known: Reasons) -> bool:
    """Whether the words on both sides are a known pair, one word twice, two numbers, or two kinds of people close to one."""
    last = before[-1]
    first = next((word for word in after if word not in known.words["little"]), after[0])
    pair = frozenset((_stem(last), _stem(first)))
    if (len(pair) == 1 and last not in known.words["subjects"]) or pair in known.pairs or pair <= known.words["people"]:
        return True
    return _is_number(last, known) and any(_is_number(word, known) for word in (first, after[0]))


def _is_hidden(left: str, right: str, known: Reasons) -> bool:
    """Whether the conjunction stands in a subordinate clause or in a list of examples, about which nobody is asked."""
    opened, kind = -1, ""
    tokens = known.pattern["token"].findall(left)
    if len(tokens) == 1:
        return False
    for index, part in enumerate(tokens):
        if part == ",":
            listed = "," in right if opened == 0 else 0 < len(tokens) - index - 1 <= _LISTED
            if kind not in ("", "list") and not listed:
                opened, kind = -1, ""
        elif kind == "relative":
            inner = tokens[opened + 1 : index]
            if part in known.words["auxiliaries"] and inner and inner[0] not in known.words["subjects"]:
                opened, kind = -1, ""
        elif not kind:
            kind = _opening(tokens, index, known)
            opened = index if kind else -1
    if kind == "around":
        next_word = known.pattern["word"].match(right)
        return next_word is None or next_word[0] not in known.words["auxiliaries"]
    return bool(kind)


def _opening(tokens: list[str], index: int, known: Reasons) -> str:
    """What kind of subordinate part a word opens, "" for none."""
    token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else ""
    if token in known.listing and (not known.listing[token] or following == known.listing[token]) and index:
        return "list"
    if index == 0 and (token in known.words["asking"] or following in known.words["auxiliaries"] or "-" in following):
        return ""
    if token in known.words["clausal"]:
        return "clause"
    if token in known.words["around"]:
        return "around"
    if token in known.words["relative"] and index:
        previous = tokens[index - 1]
        if token in known.words["complement"] and (
            previous in known.words["opinion"] or tokens[max(index - 2, 0)] in known.words["opinion"]
        ):
            return ""
        return "relative"
    return ""


def _is_name(left: str, right: str) -> bool:
    """Whether capitals on both sides, not at the start of a sentence, make a name of it: "Marks and Spencer"."""
    words = left.split()
    return (
        len(words) > 1
        and words[-1][:1].isupper()
        and words[-2][-1] not in ".?!:"
        and right[:1].isupper()
        and right[:2] != "I "
    )


def _is_number(word: str, known: Reasons) -> bool:
    return word.isdigit() or word in known.words["numbers"]


def _stem(word: str) -> str:
    return word.rstrip("s")
