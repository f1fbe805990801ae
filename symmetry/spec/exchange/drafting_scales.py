"""Scales out of lists of choices: what kind of answer a foreign list holds, guessed by rules that are said each time.

A list of 0 to 10 is a recommendation score, a list of 1 to n with words of degree a Likert scale, and everything else a choice;
"don't know" and its like are reasons for not answering, kept apart.  A form that we exported ourselves says its kinds, and
then nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from symmetry.spec.exchange.questionnaire import MISSING_WORDS
from symmetry.spec.nouns import Scale, ScaleKind
from symmetry.spec.texts import Text

__all__ = ["Choice", "Listed", "Scales", "Told", "free", "key_from", "listed"]

_RESERVED = ("all", "audience", "face", "item", "respondent", "wave", "na", "dk", "refused")
_REASONS: Mapping[str, str] = {
    "na": "n/a|na|not applicable|does not apply|doesn't apply|no basis for evaluation|sans objet|non applicable|non concerne"
    "|non concernee|ne s'applique pas|no aplica|nao se aplica|entfallt|nicht zutreffend",
    "dk": "dk|don't know|dont know|do not know|i don't know|don't know / not sure|not sure|unsure|no opinion|nsp|ne sait pas"
    "|ne sais pas|sans opinion|no sabe|no se|nao sabe|weiss nicht",
    "refused": "refused|refuse to answer|refuses to answer|prefer not to say|prefer not to answer|would rather not say"
    "|rather not say|decline to answer|refus|refuse de repondre|ne souhaite pas repondre|ne se prononce pas"
    "|prefere ne pas repondre|prefiero no responder|prefiere no responder|prefiro nao responder|keine angabe",
}
_DEGREES = re.compile(
    r"\b(dis)?agree|\b(dis|un)?satisf|\b(un)?likely|\b(very|extremely|completely|totally|strongly|slightly|somewhat|moderately)\b"
    r"|\b(always|never|often|rarely|sometimes|excellent|poor|worse|better)\b|\b(not at all|a great deal|a little)\b"
    r"|d'accord|\btres |\bplutot |\btout a fait|\bpas du tout|\bjamais|\btoujours|\bsouvent|\brarement|\bparfois|insatisf"
    r"|de acuerdo|\bmuy |\bnunca|\bsiempre|concordo|\bmuito |\bsehr |\bzufrieden|stimme|\bmolto |\bzeer "
)


@dataclass(frozen=True)
class Choice:
    """One choice of a foreign list: its code and its words."""

    code: str
    label: Text


@dataclass(frozen=True)
class Told:
    """What a form of ours says of a scale beside its choices."""

    kind: ScaleKind
    boxes: int = 2
    reversed: bool = False
    missing: Mapping[str, int] | None = None
    unit: Text | None = None


@dataclass(frozen=True)
class Listed:
    """A scale made of a list, our code of each of its choices, and what was guessed or changed, in sentences."""

    scale: Scale
    codes: Mapping[str, float | str]
    notes: tuple[str, ...] = ()


class Scales:
    """The scales of a draft: one that is there already is used again, a key that is taken gets a number."""

    def __init__(self) -> None:
        self.kept: dict[str, Scale] = {}

    def add(self, scale: Scale, *, share: bool = False) -> str:
        """Keep a scale and give its key; with `share`, one of any key that says the same will do."""
        for key, other in self.kept.items():
            if (share or key == scale.key) and replace(other, key=scale.key) == scale:
                return key
        key = free(scale.key, self.kept)
        self.kept[key] = replace(scale, key=key)
        return key


def listed(
    key: str, choices: Sequence[Choice], *, several: bool, alone: Iterable[str] = (), told: Told | None = None
) -> Listed:
    """Make a scale of a list of choices.

    Parameters
    ----------
    key : of the scale.
    choices : in the order in which they are shown.
    several : whether more than one may be chosen.
    alone : the codes of choices that stand alone among several.
    told : what a form of ours says of the scale; nothing is guessed then.

    Examples
    --------
    >>> made = listed("q", [Choice(str(n), {"en": w}) for n, w in enumerate(["Disagree", "Neither", "Agree"], 1)], several=False)
    >>> made.scale.kind, made.scale.labels, made.codes
    ('likert', {'en': ('Disagree', 'Neither', 'Agree')}, {'1': 1.0, '2': 2.0, '3': 3.0})
    """
    missing, notes = _reasons(choices, told)
    rest = [choice for choice in choices if choice.code not in missing]
    reasons = dict(missing.values())
    codes: dict[str, float | str] = {code: float(number) for code, (_, number) in missing.items()}
    kind = told.kind if told and _fits(rest, told.kind) else _kind(rest, several, notes)
    if kind in ("likert", "csat", "ces", "nps"):
        ranked = sorted(rest, key=lambda choice: int(choice.code))
        codes |= {choice.code: float(choice.code) for choice in rest}
        low, high = (0, 10) if kind == "nps" else (1, len(ranked))
        boxes = told.boxes if told else min(2, high - 1)
        ends, labels = _worded(ranked)
        turned = told.reversed if told else False
        if ranked != rest:
            notes.append("its choices are shown from the lowest code to the highest, whatever their order was")
        scale = Scale(key, kind, low, high, boxes, turned, reasons, ends, labels)
        return Listed(scale, codes, tuple(notes))
    keys = _keys(rest, notes)
    codes = {**{code: str(number) for code, (_, number) in missing.items()}, **keys}
    barred = tuple(keys[code] for code in alone if code in keys)
    texts = {keys[choice.code]: choice.label for choice in rest}
    scale = Scale(key, "multiple" if several else "single", missing=reasons, choices=texts, exclusive=barred)
    return Listed(scale, codes, tuple(notes))


def key_from(name: str, *, prefix: str = "q") -> str:
    """A key of ours from any name: small letters without accents, digits and _, beginning with a letter.

    Examples
    --------
    >>> key_from("Âge (years)"), key_from("12"), key_from("-2"), key_from("item")
    ('age_years', 'q12', 'minus_2', 'item_q')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"^-(?=[0-9])", "minus_", plain)
    key = re.sub(r"[^a-z0-9_]+", "_", plain).strip("_") if re.search(r"[^a-z0-9_]", plain) else plain
    key = key if key[:1].isalpha() else f"{prefix}{key}"
    return f"{key}_{prefix}" if key in _RESERVED else key


def free(key: str, taken: Iterable[str]) -> str:
    """A key that is not taken: the same, or with a number."""
    used = set(taken)
    return key if key not in used else next(f"{key}_{n}" for n in range(2, len(used) + 3) if f"{key}_{n}" not in used)


def _plain(words: str) -> str:
    """Words for comparison: small letters, no accents, straight apostrophes, no stop at the end."""
    text = unicodedata.normalize("NFKD", words.replace("’", "'").lower()).encode("ascii", "ignore").decode()
    return " ".join(text.split()).strip(" .()")


def _reasons(choices: Sequence[Choice], told: Told | None) -> tuple[dict[str, tuple[str, int]], list[str]]:
    """The choices that are reasons for not answering: code → reason and number; and what was guessed."""
    if told is not None:
        numbers = {str(number): (reason, number) for reason, number in (told.missing or {}).items()}
        return {choice.code: numbers[choice.code] for choice in choices if choice.code in numbers}, []
    found: dict[str, tuple[str, int]] = {}
    notes: list[str] = []
    for choice in choices:
        reason = _reason(choice)
        if reason is None or reason in [each for each, _ in found.values()] or len(choices) - len(found) < 3:
            continue
        number = _whole(choice.code)
        taken = [each for _, each in found.values()] + [each for c in choices if (each := _whole(c.code)) is not None]
        if number is None:
            number = next(-n for n in range(1, 99) if -n not in taken)
        found[choice.code] = (reason, number)
        said = " / ".join(choice.label.values())
        kept = "" if str(number) == choice.code else f", with the code {number}"
        notes.append(f"the choice `{choice.code}` (“{said}”) is taken as the reason `{reason}` for not answering{kept}")
        house = MISSING_WORDS[reason]
        ours = [house.get(language, house["en"]) for language in choice.label]
        if ours != list(choice.label.values()):
            notes[-1] += f"; the words of the house stand for its own (“{' / '.join(ours)}”)"
    return found, notes


def _reason(choice: Choice) -> str | None:
    """The reason that the words of a choice give for not answering."""
    said = {_plain(words) for words in choice.label.values()}
    for reason, words in _REASONS.items():
        if said & {*words.split("|"), *(_plain(each) for each in MISSING_WORDS[reason].values())}:
            return reason
    return None


def _fits(choices: Sequence[Choice], kind: str) -> bool:
    """Whether the choices still have the codes that a kind of scale wants: someone may have deleted one."""
    first = {"likert": 1, "csat": 1, "ces": 1, "nps": 0}.get(kind)
    numbers = sorted(number for choice in choices if (number := _whole(choice.code)) is not None)
    wanted = 11 if kind == "nps" else len(choices)
    return first is None or (len(choices) > 1 and numbers == list(range(first, first + wanted)))


def _kind(choices: Sequence[Choice], several: bool, notes: list[str]) -> ScaleKind:
    """Likert, score, or choice: by the codes, and by words of degree."""
    numbers = [_whole(choice.code) for choice in choices]
    if several or None in numbers or len(set(numbers)) < len(numbers):
        return "multiple" if several else "single"
    ordered = sorted(number for number in numbers if number is not None)
    if ordered == list(range(11)):
        notes.append("codes 0 to 10 are taken as a recommendation score (nps)")
        return "nps"
    graded = any(_DEGREES.search(_plain(words)) for choice in choices for words in choice.label.values())
    numbered = all(_plain(words) == choice.code for choice in choices[1:-1] for words in choice.label.values())
    if 3 <= len(ordered) <= 11 and ordered == list(range(1, len(ordered) + 1)) and (graded or numbered):
        notes.append(
            f"codes 1 to {len(ordered)} are taken as a Likert scale, the highest the best: else write `reversed: true`"
        )
        return "likert"
    return "single"


def _keys(choices: Sequence[Choice], notes: list[str]) -> dict[str, str]:
    """A key for each choice, and what became of codes that are no keys."""
    keys: dict[str, str] = {}
    for choice in choices:
        keys[choice.code] = free(key_from(choice.code, prefix="c"), keys.values())
    changed = [f"`{code}` → `{key}`" for code, key in keys.items() if code != key]
    if changed:
        notes.append(f"codes that cannot name a choice have changed: {', '.join(changed)}")
    return keys


def _worded(ranked: Sequence[Choice]) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, ...]]]:
    """The words of a scale of codes, as ends and as labels: ends where those between are numbers, none where all are."""
    languages = ranked[0].label if ranked else {}
    words = {language: tuple(choice.label.get(language, choice.code) for choice in ranked) for language in languages}
    codes = tuple(choice.code for choice in ranked)
    if all(said == codes for said in words.values()):
        return {}, {}
    if all(said[1:-1] == codes[1:-1] for said in words.values()):
        return {language: (said[0], said[-1]) for language, said in words.items()}, {}
    return {}, words


def _whole(code: str) -> int | None:
    return int(code) if re.fullmatch(r"-?[0-9]{1,9}", code) else None
