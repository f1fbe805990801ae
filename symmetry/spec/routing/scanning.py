"""The characters of a condition, before it is parsed: what would break or fool the parser, and what authors mistype.

`ast` is quick and exact, but a bomb of brackets stops it, a comment silently eats the rest of a text, and its words for a curly
quote or a single `=` differ from one Python to the next.  So size and characters are looked at first, with texts in quotes
blanked out, and the mistakes that people make have words of our own.
"""

from __future__ import annotations

import re
import unicodedata
from keyword import iskeyword

from symmetry.spec.routing.nouns import Finding

__all__ = ["CHARACTERS", "DEPTH", "QUOTED", "bare", "misspelt", "refusals"]

CHARACTERS = 4000
DEPTH = 20
QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'")
_TRIPLE = re.compile(r"\"\"\"|'''")
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[^\\'\"abfnrtv0-7xNuU]")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_SPACES = "\t\n\r"

_MISTYPED: tuple[tuple[str, str, str], ...] = (
    (r"[\u201c\u201d\u2018\u2019\u00ab\u00bb\u201e\u2039\u203a]", "a typographic quote", 'write "straight" quotes'),
    (r"[\u00a0\u202f\u2000-\u200b\ufeff]", "a special space (no-break, thin or empty)", "replace it by a plain space"),
    (r"\u2264|=<", "`<=` written otherwise", "write `<=`"),
    (r"\u2265|=>", "`>=` written otherwise", "write `>=`"),
    (r"\u2260|<>|=!", "`!=` written otherwise", "write `!=`"),
    (r"&&", "`and` written otherwise", "write `and`"),
    (r"\|\|", "`or` written otherwise", "write `or`"),
    (r"===|!==", "a comparison of another language", "write `==` or `!=`"),
    (r":=", "an assignment", "compare with `==`"),
    (r"(?<![=!<>:])=(?!=)", "a single `=`", "compare with `==`"),
    (r"!(?!=)", "`not` written otherwise", "write `not`"),
    (r"\b(?:AND|OR|NOT|IN|IS)\b", "a joining word in capitals", "write and, or, not, in, is in small letters"),
    (r"(?<![\w.])\d+,\d+(?![\w.])", "a comma inside a number", "write a decimal point"),
)
_WORDS = ("and", "or", "not", "in", "is", "None", "True", "False")


def bare(text: str) -> str:
    """The text with everything in quotes blanked out by `•`, at the same length.

    Examples
    --------
    >>> bare('region == "north" and x')
    'region == ••••••• and x'
    """
    return QUOTED.sub(lambda found: "•" * len(found[0]), text)


def refusals(text: str) -> list[Finding]:
    """What forbids to parse a text at all; at most one finding, the first that stands in the way."""
    if len(text) > CHARACTERS:
        what = f"the condition has {len(text)} characters; {CHARACTERS} is the most"
        return [Finding("RTE08", CHARACTERS + 1, what, "split the item, or keep what decides")]
    if not text.strip():
        return [
            Finding("RTE02", 1, "the condition is empty", "write a comparison, such as `nps <= 8`, or delete the key")
        ]
    outside = bare(text)
    for at, sign in enumerate(text):
        unseen = unicodedata.category(sign) in ("Cc", "Cs")
        if unseen and not (sign in _SPACES and outside[at] == sign):
            return [Finding("RTE02", at + 1, f"the unseen character U+{ord(sign):04X}", "delete it")]
    triple = next((found for found in _TRIPLE.finditer(text) if _opens(text, found.start())), None)
    if triple:
        return [Finding("RTE03", triple.start() + 1, "a text in triple quotes", "write it in one pair of quotes")]
    if "#" in outside:
        what = "a comment inside a condition, which would swallow what follows it"
        return [Finding("RTE03", outside.index("#") + 1, what, "put the comment outside the text of the condition")]
    unclosed = re.search("[\"']", outside)
    if unclosed:
        return [
            Finding("RTE02", unclosed.start() + 1, "a text in quotes that is not closed", "close it on the same line")
        ]
    return _nested(outside)


def misspelt(text: str, column: int) -> Finding:
    """A text that does not parse: in words of our own where the mistake is a known one, else at the parser's column."""
    outside = bare(text)
    known = [
        (found.start(), what, mend) for sign, what, mend in _MISTYPED if (found := re.search(sign, outside)) is not None
    ]
    known += [
        (word.start(), f"`{word[0]}` is a word of the language itself", f"an item called `{word[0]}` needs another key")
        for word in re.finditer(r"[A-Za-z_]+", outside)
        if iskeyword(word[0]) and word[0] not in _WORDS
    ]
    if escape := _ESCAPE.search(" ".join(QUOTED.findall(text))):
        known += [(text.index(escape[0]), "a backslash that stands for nothing", "write it twice")]
    if known:
        at, what, mend = min(known)
        return Finding("RTE02", at + 1, what, mend)
    at = min(max(column, 1), len(text) + 1)
    what = "the condition ends too early" if at > len(text.rstrip()) else "the condition cannot be read from here"
    return Finding("RTE02", at, what, 'write comparisons joined by and, or, not: `nps <= 8 and region == "north"`')


def _opens(text: str, at: int) -> bool:
    """Whether quotes at this place open a text, rather than stand inside one."""
    return all(not found.start() < at < found.end() for found in QUOTED.finditer(text))


def _nested(outside: str) -> list[Finding]:
    """Brackets that do not pair, or stand within brackets beyond what anyone reads."""
    signs = re.search(rf"(?:[-+~]\s*){{{DEPTH + 1}}}", outside)
    if signs:
        return [
            Finding("RTE08", signs.start() + 1, f"more than {DEPTH} signs before a number", "write one minus at most")
        ]
    opened: list[int] = []
    for at, sign in enumerate(outside):
        if sign in "([{":
            opened.append(at)
            if len(opened) > DEPTH:
                what = f"brackets within brackets, more than {DEPTH} deep"
                return [Finding("RTE08", at + 1, what, "write it flatter")]
        elif sign in ")]}" and (not opened or _PAIRS[outside[opened.pop()]] != sign):
            return [Finding("RTE02", at + 1, f"`{sign}` closes a bracket that was not opened", "delete it, or open it")]
    if opened:
        at = opened[-1]
        return [
            Finding("RTE02", at + 1, f"`{outside[at]}` is not closed", f"write `{_PAIRS[outside[at]]}` where it ends")
        ]
    return []
