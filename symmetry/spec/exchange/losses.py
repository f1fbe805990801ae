"""What a questionnaire loses whatever the tool it goes to, in sentences, and the characters that no format can hold.

A tool that asks questions has no place for mirrors, promises or thresholds, so these losses are the same everywhere; each
exporter adds those of its own format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.questionnaire import MISSING_WORDS, Question
from symmetry.spec.nouns import Study
from symmetry.spec.texts import Text

__all__ = ["check_characters", "common_losses", "spoken_losses"]

_UNSEEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def common_losses(study: Study, questions: Sequence[Question], tool: str) -> tuple[str, ...]:
    """What the study says of these questions, or of the wave, that a tool for asking them has no place for."""
    items = [question.item for question in questions]
    lost = {
        "the mirror type of each face": any(item.mirrors for item in items),
        "the promise and the moment of truth of each item": any(item.promise or item.moment for item in items),
        "which answers are favourable": any(question.scale.rated for question in questions),
        "samples and reminders": True,
        "contact rules": study.contact is not None,
        "owners": bool(study.owners),
        "thresholds": True,
        "weighting": bool(study.targets),
        "the analysis plan": True,
    }
    kept = "; ".join(what for what, is_there in lost.items() if is_there)
    return (f"{tool} has no place for: {kept}.", *spoken_losses(study, questions))


def spoken_losses(study: Study, questions: Iterable[Question]) -> tuple[str, ...]:
    """The languages in which the reasons for not answering are said in English, for want of words."""
    reasons = dict.fromkeys(option.reason for question in questions for option in question.missing)
    return tuple(
        f"`{reason}` has no words in `{language}`: they are English."
        for reason in reasons
        for language in study.languages
        if language not in MISSING_WORDS.get(reason, {})
    )


def check_characters(study: Study, texts: Iterable[Text]) -> None:
    """Refuse a text with a character that XML and spreadsheets cannot hold.

    Raises
    ------
    SpecError : EXP03, with the character and the words around it.
    """
    for text in texts:
        for words in text.values():
            found = _UNSEEN.search(words)
            if found:
                around = _UNSEEN.sub("�", words[max(0, found.start() - 20) : found.end() + 20])
                what = f"the unseen character U+{ord(found[0]):04X} in “{around}” cannot leave the study"
                raise SpecError(what, where=Place(study.path), mend="delete it", code="EXP03")
