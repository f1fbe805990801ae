"""What an export hands over and what an import hands over: the content, and in plain words all that was lost or lacks.

No format says all that a study says, and no foreign questionnaire says all that a study needs: both nouns therefore
carry their own list of losses, so that nothing is dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Draft", "Exported", "Gap"]


@dataclass(frozen=True)
class Exported:
    """A questionnaire in the format of another tool.

    `name` is the suggested name of the file, `content` its bytes (the same study gives the same bytes), and `losses` one
    sentence for each thing the format cannot carry.
    """

    name: str
    content: bytes
    losses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """One thing of a foreign questionnaire that the draft does not hold, or holds by a guess.

    `where` is the place in the foreign file ("survey:12", "QID4"), `what` the sentence, and `item` the key of the drafted
    item it belongs to, if any.

    Examples
    --------
    >>> print(Gap("survey:12", "type geopoint is not a scale of ours", "home"))
    survey:12: type geopoint is not a scale of ours
    """

    where: str
    what: str
    item: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


@dataclass(frozen=True)
class Draft:
    """A first draft of a study: the text of its study.yaml, and all that was not carried over.

    Every gap also stands in the text as a comment `# gap:`, above the item it belongs to.
    """

    text: str
    gaps: tuple[Gap, ...] = ()
