"""The words that invite people to each wave, as the page shows them: in every language, before anybody is written to."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from symmetry.spec.nouns import Study
from symmetry.spec.showing.setting import Setter
from symmetry.spec.texts import Text

__all__ = ["invites_of"]


def invites_of(study: Study, setter: Setter) -> list[dict[str, Any]]:
    """Each wave that has words of its own: the subject, the text and the SMS."""
    return [
        {
            "wave": wave.key,
            "parts": [
                (setter.speaker.say(f"invites.{part}"), _paragraphs(words, setter))
                for part, words in (
                    ("subject", wave.invite.subject),
                    ("text", wave.invite.text),
                    ("sms", wave.invite.sms),
                )
                if words
            ],
        }
        for wave in study.waves.values()
        if wave.invite
    ]


def _paragraphs(words: Text, setter: Setter) -> Markup:
    """A text in each language, its paragraphs apart."""
    return Markup("").join(
        setter.lines({language: paragraph.strip()})
        for language, said in words.items()
        for paragraph in said.strip().split("\n\n")
    )
