"""What a fielded wave no longer allows: the current study held against every wave that was sealed.

Words, scales, routes and order, thresholds, margins, the registered plan and how answers are weighted stay as they were, or
its answers would stand under questions that nobody was asked.  Everything else may change or grow: labels, owners, moments,
population shares, windows and samples; new items, faces, languages and waves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.changing.compiling import compile_wave, cut_to, hash_of, on_one_form
from symmetry.spec.changing.holding import HELD
from symmetry.spec.changing.sealing import Seal, fielded_in, read_seal, sealed_in
from symmetry.spec.changing.telling import Difference
from symmetry.spec.changing.walking import differences
from symmetry.spec.nouns import AUDIENCE_OF, Study
from symmetry.spec.reading import Document, Route
from symmetry.spec.validating import nearest

__all__ = ["Held", "check_fielded", "fielded_problems"]

_ALWAYS = ("Rotation.seed", "Rotation.blocks.*", "Privacy.min_cell")
_ASKED = ("Study.items.*", "Item.faces.*", "Wave.items.*", "Wave.audiences.*")
_PLANNED = ("Registered.comparisons.*", "Registered.segments.*", "Registered.alerts.*")


@dataclass(frozen=True)
class Held:
    """One thing that a fielded wave does not allow: its code, its route in the study (`key`: at the key), fault, remedy."""

    code: str
    at: Route
    key: bool
    what: str
    mend: str
    severity: Literal["error", "warning"]
    waves: tuple[str, ...]

    @property
    def said(self) -> str:
        """The fault with the waves that hold it."""
        some = ", ".join(f"`{wave}`" for wave in self.waves)
        return f"{some} {'was' if len(self.waves) == 1 else 'were'} fielded otherwise: {self.what}"


def check_fielded(study: Study, document: Document) -> list[Problem]:
    """Every way in which a study no longer is what was fielded, each at its place in the study file.

    Parameters
    ----------
    study : the study as it is now.
    document : its file, for the places.

    Returns
    -------
    FLD01 other words; FLD02 another scale, route or order; FLD03 another threshold, margin, plan or weighting (a warning for
    what is new in the plan); FLD04 a sealed file that cannot be trusted; FLD06 what was asked is gone; FLD07 a fielded wave
    that now asks more (a warning); FLD09 a sealed file of another study, or under another name.
    """
    problems, held = fielded_problems(study)
    places = [document.place(each.at, each.key) for each in held]
    return problems + [
        Problem(place, each.said, each.mend, each.code, each.severity) for place, each in zip(places, held, strict=True)
    ]


def fielded_problems(study: Study) -> tuple[list[Problem], list[Held]]:
    """Problems of the sealed files themselves, and what the waves in them do not allow.

    The same fault held by several waves is told once, with all of them.
    """
    problems: list[Problem] = []
    found: dict[Held, list[str]] = {}
    for path in fielded_in(study.path.parent):
        try:
            if _same(path, study):
                continue
            sealed = read_seal(path)
        except SpecError as error:
            problems += error.problems
            continue
        if sealed.path.stem != sealed.wave:
            what, mend = f"this file holds the wave `{sealed.wave}`", f"name it `{sealed.wave}.json` again"
            problems.append(Problem(Place(path, 1, 1), what, mend, "FLD09"))
            continue
        for each in _against(sealed, study):
            found.setdefault(replace(each, waves=()), []).append(sealed.wave)
    return problems, [replace(each, waves=tuple(waves)) for each, waves in found.items()]


def _same(path: Path, study: Study) -> bool:
    """Whether a wave is what was sealed to the last sign, which is soon seen."""
    body = sealed_in(path)
    wave = body["wave"].get("wave")
    return wave == path.stem and wave in study.waves and hash_of(compile_wave(study, wave)) == body["sha256"]


def _against(sealed: Seal, study: Study) -> Iterator[Held]:
    """What one fielded wave does not allow of the study as it is."""
    if sealed.study.key != study.key:
        what = f"the key of the study: `{sealed.study.key}` → `{study.key}`"
        mend = "a copied study is a new one: delete its folder `fielded`, or give the study its old key back"
        yield Held("FLD09", ("study",), False, what, mend, "error", ())
        return
    if sealed.wave not in study.waves:
        what = f"the wave `{sealed.wave}` is no longer in the study"
        mend = f"bring it back from history ({nearest(sealed.wave, study.waves)})"
        yield Held("FLD06", ("waves",), True, what, mend, "error", ())
        return
    was, now = on_one_form(sealed.study, cut_to(study, sealed.wave))
    for each in differences(was, now):
        code = HELD.get(each.pattern)
        if code is None or _told_elsewhere(each, sealed, study, now):
            continue
        if each.how == "added" and each.pattern in _ASKED:
            if not (each.pattern == "Study.items.*" and each.new.role == "frame"):
                yield _grown(each, study, sealed.wave)
        elif each.kind == "breaking" or each.how == "moved" or each.pattern in _ALWAYS:
            yield _held("FLD02" if each.how == "moved" else code, each, study, sealed.wave)
        elif each.how == "added" and each.pattern in _PLANNED:
            mend = "results of that wave will say that it was not registered; a new study can register it"
            yield Held(code, each.new_at or (), False, each.what, mend, "warning", ())


def _told_elsewhere(each: Difference, sealed: Seal, study: Study, now: Study) -> bool:
    """Whether a difference only follows from another one: an audience or an item that left or joined the wave."""
    was, present = sealed.study.waves[sealed.wave].audiences, study.waves[sealed.wave].audiences
    at = each.new_at or each.old_at or ()
    if each.pattern == "Item.faces.*" and not {AUDIENCE_OF[str(at[-1])]} <= set(was) & set(present):
        return True
    if each.pattern == "Study.items.*" and each.how in ("added", "removed"):
        item, others = (each.new, was) if each.how == "added" else (each.old, present)
        return not set(item.audiences) & set(others)
    if each.pattern == "Item.audiences.*":
        return str(each.new or each.old) not in set(was) & set(present)
    if each.pattern == "Registered.drivers.*":
        return (each.old or each.new) not in now.items or (each.old or each.new) not in sealed.study.items
    if each.how == "removed" and each.pattern == "Registered.alerts.*":
        return each.old.key in study.registered.alerts
    if each.how == "removed" and each.pattern == "Registered.segments.*":
        return each.old in study.registered.segments
    if each.how == "removed" and each.pattern == "Registered.comparisons.*":
        return (each.old.a, each.old.b) in [(one.a, one.b) for one in study.registered.comparisons]
    return False


def _held(code: str, each: Difference, study: Study, wave: str) -> Held:
    """What must be put back."""
    at, key = each.new_at or each.old_at or (), each.how in ("added", "removed", "renamed")
    what = each.what
    if each.pattern == "Study.items.*" and each.how == "removed" and each.old.key in study.items:
        at, key, what = ("waves", wave, "items"), False, f"the item `{each.old.key}` left the wave"
    mend = _mend(code, at, study)
    if each.pattern == "Privacy.min_cell" and each.new > each.old:
        mend = f"put it back; an analysis plan may raise it for its own results: `min_cell: {each.new}`"
    if each.pattern == "Item.values.*.*":
        mend = f"put it back: questions show these words (`{{{at[1]}}}`); new words take a new key"
    return Held(code, at, key, what, mend, "error", ())


def _grown(each: Difference, study: Study, wave: str) -> Held:
    """A fielded wave that now asks what nobody was asked."""
    if each.pattern == "Item.faces.*":
        mend = "give the new face an item of its own: that wave has no answers to it"
        return Held("FLD07", each.new_at or (), True, each.what, mend, "warning", ())
    mend = f"write under `waves.{wave}` what it really asked, and let a new wave ask the new"
    at = each.new_at or ()
    if each.pattern == "Study.items.*":
        at = ("waves", wave, "items", study.waves[wave].items.index(each.new.key))
    return Held("FLD07", at, False, each.what, mend, "warning", ())


def _mend(code: str, at: Route, study: Study) -> str:
    """The remedy: what to put back, and how to go on with the new."""
    section, key = (str(part) for part in (*at, "", "")[:2])
    if code == "FLD06":
        return "bring it back from history; what is no longer asked is left out of the items of the next wave"
    if code == "FLD03":
        return "put it back: what was promised and registered before the field stays; a new study can do otherwise"
    taken = {"items": study.items, "scales": study.scales, "waves": study.waves}.get(section)
    if taken is None or key not in taken:
        return "put it back: people were asked in that way; a new study can do otherwise"
    number = next(number for number in range(2, len(taken) + 3) if f"{key}_{number}" not in taken)
    new = {
        "items": "new words take a new key",
        "scales": "another scale takes a new key",
        "waves": "another wave takes a new key",
    }[section]
    if code == "FLD02" and section == "items":
        new = "what is asked otherwise takes a new key"
    return f"put it back; once fielded, {new}: `{key}_{number}`"
