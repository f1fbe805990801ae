"""How long a questionnaire takes to answer: an estimate that an approver can check by hand.

Words are read at four a second, the 238 a minute of silent reading in English [1]_; to that come 3 seconds to tick a code, 5
to choose from a list or to count, and 30 to write a few words.  The seconds of answering are a convention of the house, for
orders of magnitude: a survey that is said to take two minutes does not take ten.

References
----------
.. [1] Brysbaert (2019). How many words do we read per minute? A review and meta-analysis of reading rate. Journal of Memory
   and Language 109, 104047.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symmetry.spec.nouns import AUDIENCE_OF, Item, Scale, Study

__all__ = ["WORDS_A_SECOND", "faces_asked", "seconds_of"]

WORDS_A_SECOND = 4
_CHOOSE = {"single": 5, "multiple": 5, "number": 5, "date": 5, "text": 30}
_TICK = 3


def faces_asked(study: Study, wave: str, audience: str) -> tuple[tuple[Item, str], ...]:
    """The faces that one audience reads in a wave, in order."""
    items = [study.items[key] for key in study.waves[wave].items if key in study.items]
    return tuple((item, face) for item in items for face in item.faces if AUDIENCE_OF[face] == audience)


def seconds_of(faces: Iterable[tuple[Item, str]], language: str) -> int:
    """Seconds to read and answer these faces, everybody being asked each.

    Parameters
    ----------
    faces : items with the face that is read.
    language : of the questionnaire.

    Examples
    --------
    >>> agree = Scale("agree5", "likert", 1, 5)
    >>> item = Item("heard", "driver", {}, agree, {"customer": {"en": "My adviser listens to what I say."}})
    >>> seconds_of([(item, "customer")] * 4, "en")
    19
    """
    total = 0.0
    for item, face in faces:
        words = len(item.faces[face].get(language, "").split())
        scale = item.scale_of(face)
        total += (words + _read(scale, language)) / WORDS_A_SECOND + _CHOOSE.get(scale.kind if scale else "text", _TICK)
    return round(total)


def _read(scale: Scale | None, language: str) -> int:
    """Words of a list of choices, which are read each time; those of a scale soon are not."""
    choices: Mapping[str, Mapping[str, str]] = scale.choices if scale else {}
    return sum(len(words.get(language, "").split()) for words in choices.values())
