"""The wordings of a study, looked at one by one and mirror against mirror: what a reader of questionnaires would remark.

The rules of thumb are those of `phrasing`; all are warnings, which an author may waive with a reason.  A face that repeats
another word for word is looked at once, and a guess made by template not at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from symmetry.spec.nouns import AUDIENCE_OF, Item
from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.looking import look
from symmetry.spec.phrasing.measuring import look_together
from symmetry.spec.phrasing.mirrored import literal_distance
from symmetry.spec.phrasing.negating import compare_polarity
from symmetry.spec.reading import Route
from symmetry.spec.running import Contact, Wave
from symmetry.spec.validating import Faults

__all__ = ["check_wordings"]


def check_wordings(
    faults: Faults, items: Mapping[str, Item], waves: Mapping[str, Wave], contact: Contact | None
) -> None:
    """A warning for each wording likely to be misread, each mirror whose words drift apart, each hard questionnaire."""
    texted = _texted(waves, contact)
    read: dict[tuple[str, str], list[str]] = {}
    for item in items.values():
        said: set[tuple[str, str]] = set()
        for face, words in item.faces.items():
            for language, text in words.items():
                read.setdefault((AUDIENCE_OF[face], language), []).append(text)
                at = _written(faults, item.key, face, language)
                if at is None:
                    continue
                if (language, text) not in said:
                    said.add((language, text))
                    _report(faults, at, look(text, language, sms=face == "customer" and item.key in texted))
                if face != "customer" and item.rated and language in item.faces.get("customer", {}):
                    _report(faults, at, _beside(item, face, language))
    for (audience, language), texts in read.items():
        for each in look_together(texts, language):
            what = f"the questions to {audience} in `{language}`: {each.what}"
            faults.add(each.code, ("items",), what, each.mend, key=True, severity="warning")


def _written(faults: Faults, item: str, face: str, language: str) -> Route | None:
    """Where the words of a face stand; nowhere if they are made by template."""
    at: Route = ("items", item, face)
    if (*at, language) in faults.document.values:
        return (*at, language)
    bare = faults.document.at(at)  # in a study of one language
    return at if isinstance(bare, str) and bare != "auto" else None


def _texted(waves: Mapping[str, Wave], contact: Contact | None) -> set[str]:
    """The questions that open a hot survey where people are asked by SMS: the message carries them."""
    by_sms = contact is not None and "sms" in contact.channels
    return {wave.items[0] for wave in waves.values() if by_sms and wave.kind == "hot" and wave.items}


def _beside(item: Item, face: str, language: str) -> list[Finding]:
    """What is remarkable about one face beside the customer face."""
    customer, other, mirror = item.faces["customer"][language], item.faces[face][language], item.mirrors.get(face)
    found = literal_distance(customer, other) if mirror == "literal" else []
    turned = ("customer" in item.negative) != (face in item.negative)
    if mirror in ("literal", "parallel") and not turned:
        found = [*found, *compare_polarity(customer, other, language)]
    return found


def _report(faults: Faults, at: Route, findings: list[Finding]) -> None:
    for each in findings:
        faults.add(each.code, at, each.what, each.mend, severity="warning", offset=each.offset)
