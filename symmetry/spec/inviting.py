"""The waits that are drawn at random in a hot wave, and the words that invite: what a wave says beside whom it asks.

A wait drawn at random is worth something only where the analysis knows which one a person had, so it asks for a frame item
that holds it.  The link, the way out and the sender of an invitation are added by whoever sends it: words that already hold
a link would show two, one of them the same for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from symmetry.spec.models_running import InviteModel, WaveModel
from symmetry.spec.nouns import Item
from symmetry.spec.phrasing.texting import find_costly, sms_parts
from symmetry.spec.reading import Route
from symmetry.spec.running import Invite
from symmetry.spec.texts import Text
from symmetry.spec.validating import Faults
from symmetry.spec.wording import text

__all__ = ["check_arms", "read_invite"]

DELAY = "delay"
_LINK = re.compile(r"(?i)\b(?:https?://|www\.|mailto:)")
_ROOM = 95
"""Characters of an SMS that the link and the way out take: the address of a house twice, ten letters and twenty."""


def check_arms(faults: Faults, at: Route, model: WaveModel, items: Mapping[str, Item]) -> None:
    """Other waits are other waits, leave something to `delay`, and reach the analysis."""
    written = faults.document.at((*at, "arms"))
    if not model.arms or model.kind == "cold":
        return
    shares = sum(model.arms.values())
    if shares >= 1 - 1e-9:
        what = f"the arms have {shares:g} of the events together, and leave none to `delay`"
        faults.add("WAV15", (*at, "arms"), what, "lower the shares: together below 1", key=True)
    if len(model.arms) < len(written):
        what = "two arms have the same wait, written otherwise"
        faults.add("WAV15", (*at, "arms"), what, "keep one", key=True)
    if model.delay in model.arms:
        what = f"an arm has the wait of everybody else, {model.delay:g} h: nothing is drawn"
        faults.add("WAV15", (*at, "arms"), what, "give it another wait, or delete it", key=True)
    known = items.get(DELAY)
    lacking = [each for each in model.audiences if known is None or each not in known.audiences]
    if (known is None or known.role != "frame" or not known.numeric or lacking) and not faults.unreadable("item"):
        of = model.audiences[0] if len(model.audiences) == 1 else "both"
        label = ", ".join(f"{language}: {_LABELS.get(language, '…')}" for language in _languages(faults))
        what = f"nothing says in the data which wait was drawn: there is no number `{DELAY}` known of {of}"
        mend = f"add to `items:` the line `{DELAY}: {{role: frame, type: number, of: {of}, label: {{{label}}}}}`"
        faults.add("WAV16", (*at, "arms"), what, mend, key=True)


_LABELS = {"fr": "Attente en heures", "en": "Hours waited"}


def _languages(faults: Faults) -> list[str]:
    listed = faults.document.at(("languages",))
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def read_invite(faults: Faults, at: Route, languages: tuple[str, ...]) -> Invite | None:
    """The words of an invitation, in every language of the study; None where the house's own are sent."""
    if not isinstance(faults.document.at(at), dict):
        return None
    model = faults.model(InviteModel, at)
    if model is None:
        return None
    told: dict[str, Text] = {}
    for part, words in (("subject", model.subject), ("text", model.text), ("sms", model.sms)):
        if words is not None:
            told[part] = text(faults, words, languages, (*at, part))
            for language, said in told[part].items():
                _check_words(faults, _place(faults, (*at, part), language), part, said)
    return Invite(told["subject"], told["text"], told.get("sms"))


def _place(faults: Faults, at: Route, language: str) -> Route:
    """Where a text stands: under its language, or by itself in a study of one."""
    return (*at, language) if isinstance(faults.document.at(at), dict) else at


def _check_words(faults: Faults, at: Route, part: str, said: str) -> None:
    """No link and no gap in the words, a subject of one line, and an SMS that costs what it seems to."""
    link = _LINK.search(said)
    if link:
        what = "an invitation holds no link of its own: each person's own is added when it is sent"
        faults.add("WAV17", at, what, "leave the link out", offset=link.start())
    if "{" in said:
        what = "an invitation has no gaps to fill: name, link and way out are added when it is sent"
        faults.add("WAV17", at, what, "write it without `{`", offset=said.index("{"))
    if part == "subject" and "\n" in said.strip():
        faults.add("WAV17", at, "the subject of a mail is one line", "write the rest under `text`")
    if part != "sms":
        return
    for each in find_costly(said):
        faults.add(each.code, at, each.what, each.mend, severity="warning", offset=each.offset)
    _, length, parts, _ = sms_parts(f"{said}{' ' * _ROOM}")
    if parts > 1:
        what = f"with link and way out this SMS is some {length} characters long, and is sent and paid as {parts}"
        faults.add("SMS02", at, what, "say less", severity="warning")
