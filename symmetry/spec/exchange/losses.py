"""What a questionnaire loses whatever the tool it goes to, in sentences.

A tool that asks questions has no place for mirrors, promises or thresholds, so these losses are the same everywhere; each
exporter adds those of its own format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symmetry.spec.exchange.questionnaire import MISSING_WORDS, Question
from symmetry.spec.nouns import Study

__all__ = ["common_losses", "spoken_losses"]


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
