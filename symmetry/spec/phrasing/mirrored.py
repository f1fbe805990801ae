"""Two faces of one item side by side: a mirror that is declared literal keeps the customer's words.

Who speaks may differ ("my adviser", "our advisers"; "For a customer, …"), so openings that name the audience, articles,
possessives and pronouns are put aside and words are compared by how they begin.  Three words in five must then be common, in
the same order, or four letters in five ("les bonnes heures", "les bons horaires").
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache
from unicodedata import combining, normalize

from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.sentences import READ, plain

__all__ = ["alikeness", "literal_distance"]

ALIKE = 0.6
ALIKE_IN_LETTERS = 0.8
_STEM = 4
_LETTERS = 200
_LITTLE = """
    a an the my our your his her their its this these i me we us you he she it they them to of for in at on is are was were
    be been am do does did have has how customer customers employee employees un une le la les l d de du des mon ma mes notre
    nos votre vos son sa ses leur leurs ce cette ces cet je j me m nous vous il elle on ils elles se s y en à au aux que qu est
    sont a ont ai suis êtes été client clients cliente clientes salarié salariée salariés collaborateur
    collaborateurs"""


def literal_distance(customer: str, employee: str) -> list[Finding]:
    """WRD09 where a face declared a literal mirror is worded unlike the customer face.

    Parameters
    ----------
    customer, employee : two faces of one item, in one language.

    Examples
    --------
    >>> literal_distance("The branch is clean.", "For a customer, the branch is clean.")
    []
    >>> [each.code for each in literal_distance("The branch is clean.", "I have the time to do my work well.")]
    ['WRD09']
    """
    if customer == employee:
        return []
    one, two = _stems(customer), _stems(employee)
    alike = alikeness(one, two)
    if alike >= ALIKE or alikeness(" ".join(one)[:_LETTERS], " ".join(two)[:_LETTERS]) >= ALIKE_IN_LETTERS:
        return []
    what = f"this face is declared `literal`, but shares {alike:.0%} of its words with the customer face"
    return [Finding("WRD09", what, "put the same statement in the same words, or declare it `parallel` or `loose`")]


def alikeness(one: list[str] | str, two: list[str] | str) -> float:
    """Share of two rows (of words, or of letters) that they have in common in the same order, from 0 to 1.

    Examples
    --------
    >>> alikeness(["bran", "clea"], ["bran", "quie"])
    0.5
    """
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def _stems(text: str) -> list[str]:
    """How the words of a face begin, without accents; those that only say who speaks are left out."""
    opening, word, little = _patterns()
    found = word.findall(opening.sub("", plain(text[:READ])))
    told = [each for each in found if each not in little] or found
    return ["".join(letter for letter in normalize("NFD", each[:_STEM]) if not combining(letter)) for each in told]


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """An opening that names the audience, up to its comma; a word; words that only say who speaks."""
    opening = re.compile(r"^(?:for|as|pour|en tant que|comme)\b[^,]{1,40},\s*")
    return opening, re.compile(r"[^\W_]+"), frozenset(_LITTLE.split())
