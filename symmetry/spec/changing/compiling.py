"""What a wave puts to people and promises them, and nothing else: a study cut down to one wave.

A wave that is opened is compiled first, so that what was fielded can be known for ever: the faces of its items in every
language, scales with their codes, routes, rotation with its seed, the sample, what was promised (the smallest cell, how long
what is kept), the plan registered for it, and by which variables and with what trim its answers are weighted.  Labels,
promises, moments, owners and population shares are left out: they may change while a wave is in the field, and no answer
changes with them.

The result is a study again, so every verb works on it, and plain data, so that it can be stored and hashed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from symmetry.errors import SpecError
from symmetry.spec.changing.packing import Unreadable, pack, unpack
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Study, column_of
from symmetry.spec.rotating import asks, names_in
from symmetry.spec.running import Registered, Rotation, Target, Wave
from symmetry.spec.validating import nearest

__all__ = ["FORM", "compile_wave", "cut_to", "hash_of", "on_one_form", "study_in"]

FORM = 1


def compile_wave(study: Study, wave: str) -> dict[str, Any]:
    """Everything that one wave puts to people and promises them, as plain data.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.

    Returns
    -------
    `symmetry`, the form of the data; `wave`, its key; `study`, the nouns (see `study_in`); `questionnaires`, for each
    audience the questions in the order of the wave, each with its item, face and data column, before any rotation.

    Raises
    ------
    SpecError : the study has no such wave.

    Examples
    --------
    >>> from symmetry.spec.checking import load
    >>> made = compile_wave(load("survey_specs/everyday_bank"), "hot")
    >>> made["wave"], made["questionnaires"]["customers"][0]
    ('hot', {'item': 'recommend', 'face': 'customer', 'column': 'recommend'})
    """
    if wave not in study.waves:
        what = f"study `{study.key}` has no wave `{wave}`"
        raise SpecError(what, mend=nearest(wave, study.waves), code="SPEC04")
    cut = cut_to(study, wave)
    asked = {audience: _questions(cut, wave, audience) for audience in cut.waves[wave].audiences}
    return {"symmetry": FORM, "wave": wave, "study": pack(cut), "questionnaires": asked}


def hash_of(compiled: Mapping[str, Any]) -> str:
    """The identity of a compiled wave: SHA-256 of its JSON with sorted keys and no spaces, as 64 hexadecimal digits."""
    said = json.dumps(compiled, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(said.encode()).hexdigest()


def study_in(compiled: Mapping[str, Any], path: Path) -> Study:
    """The study inside a compiled wave.

    Parameters
    ----------
    compiled : as `compile_wave` gives it.
    path : the file it is stored in.

    Raises
    ------
    Unreadable : it is not what this version, or an earlier one, would have compiled.
    """
    if compiled.get("symmetry") != FORM:
        raise Unreadable(f"its form is {compiled.get('symmetry')!r}, and this version reads {FORM}")
    made = unpack(Study, compiled.get("study"), path=path, digest="")
    if not isinstance(made, Study) or compiled.get("wave") not in made.waves:
        raise Unreadable("it does not hold the wave it names")
    return made


def cut_to(study: Study, wave: str) -> Study:
    """A study cut down to what one of its waves puts to people and promises them."""
    asked = study.waves[wave]
    items = {
        key: _cut_item(item, asked)
        for key, item in study.items.items()
        if (key in asked.items and _asked(item, asked)) or (item.role == "frame" and _asked(item, asked))
    }
    order = tuple(key for key in asked.items if key in items)
    used = {scale.key for item in items.values() for scale in (item.scale, *item.scales.values()) if scale}
    return replace(
        study,
        audiences={key: each for key, each in study.audiences.items() if key in asked.audiences},
        promise={},
        moments={},
        journeys={},
        scales={key: scale for key, scale in study.scales.items() if key in used},
        items=items,
        waves={wave: replace(asked, items=order)},
        registered=_cut_plan(study, items),
        targets={audience: _variables(study.targets.get(audience, ())) for audience in asked.audiences},
        trims={audience: trim for audience, trim in study.trims.items() if audience in asked.audiences},
        source={},
        service=None,
        management=None,
        cooperation=None,
        grids={key: grid for key, grid in study.grids.items() if set(grid.items) & set(order)},
        rotation=_cut_rotation(study.rotation, order),
        owners={},
        waived={},
        digest="",
    )


def on_one_form(one: Study, other: Study) -> tuple[Study, Study]:
    """Two studies cut to a wave, without what one of them cannot say: a file of the first days does not hold its weighting.

    What is cut today names every audience of its wave under `targets`, be it without a variable.
    """
    if one.targets and other.targets:
        return one, other
    return replace(one, targets={}, trims={}), replace(other, targets={}, trims={})


def _variables(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """What answers are weighted by, without the shares, which may become newer."""
    return tuple(Target(each.variable, {}, "", "") for each in targets)


def _asked(item: Item, wave: Wave) -> bool:
    return any(asks(item, audience) for audience in wave.audiences)


def _cut_item(item: Item, wave: Wave) -> Item:
    """An item with the faces that the wave shows, and without what only the house reads."""
    faces = {face: text for face, text in item.faces.items() if AUDIENCE_OF[face] in wave.audiences}
    return replace(
        item,
        label=item.label if item.role == "frame" else {},
        faces=faces,
        mirrors={face: mirror for face, mirror in item.mirrors.items() if face in faces},
        promise=None,
        moment=None,
        audiences=tuple(audience for audience in item.audiences if audience in wave.audiences),
        place=None,
        scales={face: scale for face, scale in item.scales.items() if face in faces},
        negative=tuple(face for face in item.negative if face in faces),
        owner=None,
        sense=None,
        waived={},
    )


def _cut_plan(study: Study, items: Mapping[str, Item]) -> Registered:
    """The plan as far as it is about what the wave asks."""
    plan, absent = study.registered, set(study.items) - set(items)
    return replace(
        plan,
        drivers=tuple(key for key in plan.drivers if key in items),
        segments=tuple(key for key in plan.segments if key in items),
        comparisons=tuple(
            each for each in plan.comparisons if any({each.a, each.b} <= set(item.faces) for item in items.values())
        ),
        alerts={key: alert for key, alert in plan.alerts.items() if not names_in(alert.when) & absent},
    )


def _cut_rotation(rotation: Rotation | None, order: tuple[str, ...]) -> Rotation | None:
    """The blocks as far as the wave asks them."""
    if rotation is None:
        return None
    blocks = {block: tuple(key for key in members if key in order) for block, members in rotation.blocks.items()}
    return replace(rotation, blocks={block: members for block, members in blocks.items() if members})


def _questions(cut: Study, wave: str, audience: str) -> list[dict[str, str | None]]:
    """The questions of one audience, in the order of the wave, the faces of an item one after the other."""
    found: list[dict[str, str | None]] = []
    for key in cut.waves[wave].items:
        faces = cut.items[key].faces
        shown = [face for face in FACES if face in faces and AUDIENCE_OF[face] == audience]
        found += [{"item": key, "face": face, "column": column_of(key, face)} for face in shown]
        if not faces and asks(cut.items[key], audience):
            found.append({"item": key, "face": None, "column": key})
    return found
