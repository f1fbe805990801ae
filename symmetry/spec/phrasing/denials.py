"""Where a clause denies something, in English and in French, and what denies it a second time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice

__all__ = ["HINTS", "Denial", "denials", "inside", "may_deny"]

HINTS = {
    "en": frozenset(
        (
            "not",
            "no",
            "never",
            "nobody",
            "nothing",
            "nowhere",
            "none",
            "neither",
            "hardly",
            "scarcely",
            "barely",
            "cannot",
            "t",
        )
    ),
    "fr": frozenset(("ne", "n", "pas")),
}
"""Words without which nothing is denied ("t" is what remains of "n't")."""
_SEVERAL = 8
_BEGIN = ("un", "dis", "in", "im", "ir", "il", "fail", "mal", "méc", "déf", "déç", "dés")
_WORD = re.compile(r"\w+")

_ENGLISH_INSIDE = r"""(?:un(?:able|acceptable|available|aware|certain|clear|comfortable|common|convinced|easy|equal|fair
    |familiar|friendly|happy|helpful|important|interest(?:ed|ing)|just|justified|kind|likely|necessary|pleasant|prepared
    |professional|reasonable|reliable|safe|satisf(?:ied|actory|ying)|suitable|sure|tidy|true|usual|welcome|willing)
    |dis(?:satisf(?:ied|ying)|pleased|honest|agreeable|appoint(?:ed|ing)|respectful|loyal|trust)|(?<!or\ )disagree
    |im(?:possible|polite|patient|practical|precise)|ir(?:regular|relevant|responsible)|il(?:legal|legible|logical)
    |in(?:accessible|accurate|adequate|appropriate|capable|competent|complete|comprehensible|convenient|correct|efficient
    |flexible|secure|sufficient|tolerable))"""
_FRENCH_INSIDE = r"""(?:in(?:accessible|acceptable|adapté|admissible|capable|certain|cohérent|compétent|complet|complète
    |compréhensible|confortable|correct|efficace|exact|habituel|intéressant|juste|justifié|satisfait|satisfaisant|suffisant
    |supportable|tolérable|utile|vraisemblable)|im(?:possible|patient|poli|précis)|ir(?:régulier|respectueu[xs]|responsable)
    |il(?:légal|lisible|logique)|mécontent|malhonnête|malheureu[xs]|défavorable|déçu|désagréable)(?:e?s|e|les?)?"""


@dataclass(frozen=True, slots=True)
class Denial:
    """A negation from `start` to `end` of its clause, and the word that denies it again, if any."""

    start: int
    end: int
    doubled: str = ""


def inside(language: str) -> re.Pattern[str]:
    """Words that hold a negation: "unfair", "injuste"; and "fails to"."""
    return _patterns(language)["inside"]


def may_deny(text: str, language: str) -> bool:
    """Whether a plain text holds a word that denies, or one that may hold a negation: most hold neither.

    Examples
    --------
    >>> may_deny("the bank listens to me.", "en"), may_deny("prices are unfair.", "en")
    (False, True)
    """
    told = _WORD.findall(text)
    return not HINTS[language].isdisjoint(told) or any(len(word) > 3 and word.startswith(_BEGIN) for word in told)


def denials(clause: str, language: str) -> list[Denial]:
    """The negations of one plain clause, in order.

    Examples
    --------
    >>> denials("i did not wait.", "en")
    [Denial(start=6, end=9, doubled='')]
    >>> denials("je ne crois pas qu'il n'écoute pas.", "fr")[0].doubled
    "n'écoute pas"
    """
    patterns = _patterns(language)
    spans = _french(clause, patterns) if language == "fr" else _english(clause, patterns)
    found = []
    spans = [span for span in spans[:_SEVERAL] if not patterns["aside"].search(clause, 0, span[0])]
    for index, (start, end) in enumerate(spans):
        tail = clause[end:]
        again = patterns["near"].match(tail) or patterns["said"].match(tail) or patterns["later"].match(tail)
        doubled = again["word"] if again else ""
        if index + 1 < len(spans) and not patterns["apart"].search(clause[end : spans[index + 1][0]]):
            doubled = clause[slice(*spans[index + 1])]
        if not doubled and language == "fr" and patterns["lacking"].match(clause, start):
            doubled = "manquer"
        found.append(Denial(start, end, doubled))
    return found


def _english(clause: str, patterns: Mapping[str, re.Pattern[str]]) -> list[tuple[int, int]]:
    clause = patterns["idle"].sub(lambda found: " " * len(found[0]), clause)
    return [found.span() for found in patterns["negation"].finditer(clause)]


def _french(clause: str, patterns: Mapping[str, re.Pattern[str]]) -> list[tuple[int, int]]:
    """A "ne" denies with its companion ("pas", "jamais", "personne"…), on either side; alone it is only style."""
    clause = patterns["idle"].sub(lambda found: " " * len(found[0]), clause)
    spans: list[tuple[int, int]] = []
    for ne in islice(patterns["ne"].finditer(clause), _SEVERAL):
        start, end = ne.span()
        right = clause[end:].split(",")[0]
        subject = patterns["subject"].search(clause, 0, start)
        only, companion = patterns["only"].search(right), patterns["companion"].search(right)
        if subject:
            spans.append((subject.start(), end - 1 if clause[end - 1] == " " else end))
        elif companion and (only is None or companion.start() < only.start()):
            more = companion[0] == "plus"
            if more and (patterns["only"].match(right, companion.end()) or patterns["style"].search(clause, 0, start)):
                continue
            if not patterns["not_only"].match(right, companion.start()):
                spans.append((start, end + companion.end()))
        elif patterns["literary"].match(right):
            spans.append((start, end + len(right.split(" ")[0])))
    if not spans:
        spans = [found.span() for found in patterns["spoken"].finditer(clause)]
    return spans


@cache
def _patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    sources = _FRENCH if language == "fr" else _ENGLISH if language == "en" else _NONE
    return {name: re.compile(source, re.VERBOSE) for name, source in sources.items()}


_NONE = dict.fromkeys(("idle", "negation", "near", "said", "later", "apart", "aside", "inside"), r"(?P<word>(?!))")
_ENGLISH = {
    "negation": r"""\b\w+n't\b | \b(?:not|never|nobody|no\ one|no\ longer|nothing|nowhere|none|neither|hardly|scarcely|barely
        |cannot|no)\b""",
    "idle": r"""\bwhether\ or\ not\b | \bor\ (?:not|never|no)\b | \bnot\ (?:only|just|merely|least)\b | \bif\ not\b
        | \byes(?:\ or|\ and|\ /|/|,)\ ?no\b | \bno\ or\ yes\b | \b(?:answer|choose|say|select|tick|mark|put)\ no\b
        | ^no[,.!] | \bno\ (?:later|more|less|fewer|sooner|earlier)\ than\b | \bnot\ later\ than\b | \bno\ (?:matter|doubt)\b
        | \bno\.?\ ?\d | \bin\ no\ time\b | \bnot-?\ ?for-?\ ?profit\b | \bdo'?s\ and\ don'?t'?s\b | \bnothing\ but\b
        | \bnot\ to\ mention\b | \bnone\ other\b | \bnever-ending\b | \bno-(?:nonsense|show)\b | \bwhy\ not\b | \bnon-\w+
        | \bnone\ of\ the(?:se|\ above)\b""",
    "near": rf"(?:\s+[\w'-]+){{0,2}}?\s+(?P<word>{_ENGLISH_INSIDE}|fail(?:s|ed|ing)?)\b",
    "said": rf"\s+(?:say|think|believe|feel|find|claim|agree)\b[^,]*?\b(?P<word>{_ENGLISH_INSIDE})\b",
    "later": r"[^,]*?\b(?P<word>without|unless)\b",
    "apart": r",|\b(?:and|or|nor|but)\b",
    "aside": r"\b(?:when|whenever|if|because|while|although|though|whether|until|where)\b[^,]*$",
    "inside": rf"\b(?:{_ENGLISH_INSIDE}|fail(?:s|ed|ing)?\ to)\b",
}
_FRENCH = {
    "ne": r"(?<![\w'-])(?:ne\ |n')(?!importe\b)",
    "idle": r"\boui\ (?:ou|et)\ non\b | \bn'est-ce\ pas\b | \bque\ (?:vous\ soyez|ce\ soit)[^,]*?\bou\ (?:non|pas)\b",
    "companion": r"""\b(?:pas|jamais|guère|nulle\ part|aucune?|ni|plus|rien|nul(?:le)?
        |(?<!\ble\ )(?<!\bce\ )(?<!\bau\ )(?<!\bun\ )(?<!\bde\ )point
        |(?<!\bune\ )(?<!\bla\ )(?<!cette\ )(?<!chaque\ )(?<!\bpar\ )(?<!autre\ )personne)\b""",
    "subject": r"""\b(?:(?:personne|rien|nul(?:le)?|jamais)(?:\ [\w']+){0,4}?|(?:aucune?|pas\ une?)(?:[\ '][\w-]+){1,7}?)\ $""",
    "only": r"\s*\bqu(?:e\b|')",
    "not_only": r"pas\ (?:seulement|uniquement|simplement)\b",
    "style": r"""\b(?:avant|moins|peur|crainte|sans|évite[rz]?|empêche[rz]?|plus|mieux|pire|autre|autrement)\ (?:)
        (?:[\w']+\ ){0,5}?qu[e'][^,]*$""",
    "literary": r"(?:peu[xt]|peuvent|pouvez|pouvons|puis|sai[st]|savent|saurai[st]?|osent?|oses|oserais)\b",
    "spoken": r"""\b(?:c'est|est|suis|sont|ai|j'ai|a|ont|était|étaient|avait|peut|peux|sais|sait|va|vais|fait|dit|veut|veux)
        \ pas\b""",
    "near": rf"(?:[\s'][\w-]+){{0,2}}?[\s'](?P<word>{_FRENCH_INSIDE}|rares?)\b",
    "said": rf"[^,]{{0,3}}\b(?:que|qu')[^,]*?\b(?P<word>{_FRENCH_INSIDE})\b",
    "later": r"[^,]*?\b(?P<word>sans|à\ moins)\b",
    "lacking": r"(?:ne\ |n'|jamais[^,]*?\ ne\ )manqu",
    "apart": r",|\b(?:et|ou|ni|mais)\b",
    "aside": r"\b(?:quand|lorsqu[e']|si|s'il|s'ils|parce|puisqu[e']|bien\ qu[e'])[^,]*$",
    "inside": rf"\b(?:{_FRENCH_INSIDE})\b",
}
