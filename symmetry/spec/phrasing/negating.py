"""Negations in a question: one is easily overread, two leave nobody sure of what "I agree" means.

A rule of thumb on words, not a parser.  What looks like a negation and is none is put aside first: "whether or not", "not
only", "no later than", "ne … que" (only), "avant qu'il ne parte", "n'importe quel", answers such as "yes or no".  A second
negation counts as doubling the first where they share a clause, and so does a word that holds one ("not unusual", "pas
mécontent", "never without", "ne manque jamais").  Leading questions ("Don't you think…") are left to `leading`: their "not"
denies nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from symmetry.spec.phrasing.denials import Denial, denials, inside, may_deny
from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.leading import without_lures
from symmetry.spec.phrasing.sentences import READ, base_language, clauses, plain, unquoted

__all__ = ["compare_polarity", "find_negations", "is_negated"]

_SHORT_QUOTE = 24  # "not at all" in quotes is the end of a scale, not a denial


def find_negations(text: str, language: str) -> list[Finding]:
    """WRD02 where a plain text (see `sentences.plain`) holds a negation, WRD03 instead where it holds a double one.

    Examples
    --------
    >>> [(each.code, each.offset) for each in find_negations("il n'est pas rare d'attendre.", "fr")]
    [('WRD03', 3)]
    >>> find_negations("il n'y a que deux guichets.", "fr")
    []
    """
    single: Finding | None = None
    for start, clause, found in _looked(text, language):
        for denial in found:
            if denial.doubled:
                what = f"this is denied twice, by `{clause[denial.start : denial.end]}` and by `{denial.doubled}`"
                mend = "say it without a negation: nobody can tell what agreeing with it means"
                return [Finding("WRD03", what, mend, start + denial.start)]
        if found and single is None:
            first = found[0]
            what = f"this is worded in the negative: `{clause[first.start : first.end]}`"
            single = Finding("WRD02", what, "turn it round: a negation is easily overread", start + first.start)
    return [single] if single else []


@lru_cache(maxsize=4096)
@lru_cache(maxsize=512)  # the customer face is held against each of its mirrors
def is_negated(text: str, language: str) -> bool:
    """Whether a wording says no: an odd number of negations, those inside words ("unfair") among them.

    Examples
    --------
    >>> [is_negated(each, "en") for each in ("Prices are unfair.", "Prices are not unfair.", "Prices are fair.")]
    [True, False, False]
    """
    small, count = plain(text[:READ]), 0
    if not may_deny(small, language):
        return False
    for _, clause, found in _looked(small, language):
        count += len(found) + sum(denial.doubled in ("without", "sans") for denial in found)
        count += len(inside(language).findall(clause))
    return count % 2 == 1


def compare_polarity(customer: str, other: str, language: str) -> list[Finding]:
    """WRD08 where one face of an item says no and the other does not: agreeing would mean opposite things.

    Parameters
    ----------
    customer, other : two faces of one item in one language; the finding is about the other one.
    language : "en" or "fr"; nothing is found in another language.

    Examples
    --------
    >>> compare_polarity("My adviser listens to me.", "My manager does not listen to me.", "en")[0].code
    'WRD08'
    >>> compare_polarity("Les prix sont justes.", "Les prix sont justes.", "fr")
    []
    """
    base = base_language(language)
    if base not in ("en", "fr") or customer == other:
        return []
    first, second = is_negated(customer, base), is_negated(other, base)
    if first == second:
        return []
    what = "the customer face is worded in the negative, this face is not"
    if second:
        what = "this face is worded in the negative, the customer face is not"
    return [Finding("WRD08", what, "word both the same way round, or declare the mirror `loose`")]


def _looked(text: str, language: str) -> Iterator[tuple[int, str, list[Denial]]]:
    """Each clause with its denials."""
    text = without_lures(unquoted(text, at_most=_SHORT_QUOTE), language)
    for start, clause in clauses(text):
        yield start, clause, denials(clause, language)
