"""A sketch made to agree with itself before it is written: a form that people have edited says things that no longer fit.

Whatever is changed here is said as a gap.  The rules are those of the checker: a role has scales that fit it, every face of
a rated item says how it mirrors the customer's, and what is worded the other way round mirrors loosely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symmetry.spec.asking import FITTING
from symmetry.spec.exchange.drafting_texts import role_of
from symmetry.spec.nouns import AUDIENCE_OF, FACES, RATED, Scale

if TYPE_CHECKING:
    from symmetry.spec.exchange.drafting import Drafted, Sketch

__all__ = ["settle"]


def settle(sketch: Sketch) -> None:
    """Make every item of a sketch agree with its scales, its faces and the audiences; say what was changed."""
    both = {"customers", "employees"} <= set(sketch.audiences)
    for item in sketch.items.values():
        if item.role == "frame" or item.scale is None:
            continue
        item.faces = {face: item.faces[face] for face in FACES if face in item.faces}
        _role(sketch, item)
        rated = item.role not in FITTING
        if item.role != "observation":
            item.more.pop("sense", None)
        own = item.more.get("scales", {})
        kept = {face: key for face, key in own.items() if rated and face in item.faces and key != item.scale}
        item.more["scales"] = {face: key for face, key in kept.items() if sketch.scales[key].kind in RATED}
        for face in kept.keys() - item.more["scales"].keys():
            sketch.gap(
                item.key, f"the {face} face is not rated as the item is: it stands on the item's own scale", item.key
            )
        item.more["negative"] = [face for face in item.more.get("negative", ()) if rated and face in item.faces]
        if both and "guess" in item.faces and "customer" in item.faces and _turned(sketch, item, "guess"):
            sketch.gap(
                item.key, "a guess is answered as the customers' own question is: here on the item's scale", item.key
            )
            item.more["scales"].pop("guess", None)
            item.more["negative"] = []
        if rated:
            _mirror(sketch, item, both=both)
        else:
            item.more.pop("mirror", None)


def _role(sketch: Sketch, item: Drafted) -> None:
    """A role that the scale of an item fits."""
    scale = sketch.scales[str(item.scale)]
    if scale.kind in FITTING.get(item.role, RATED):
        return
    audience = AUDIENCE_OF[next(iter(item.faces), "customer")]
    role = role_of(scale, audience)
    sketch.gap(item.key, f"the role `{item.role}` does not fit a {scale.kind} scale: it is `{role}` here", item.key)
    item.role = role


def _mirror(sketch: Sketch, item: Drafted, *, both: bool) -> None:
    """How each face mirrors the customer's, where the draft asks both."""
    faces = [face for face in item.faces if face not in ("customer", "guess", "observer")]
    told = item.more.pop("mirror", None)
    if not both:
        return
    if "customer" not in item.faces or not (faces or "guess" in item.faces):
        item.more["mirror"] = "none"
        if item.more["negative"] and "customer" not in item.faces:
            sketch.gap(
                item.key, "a face is worded the other way round, and no customer face stands beside it", item.key
            )
            item.more["negative"] = []
        return
    said = dict(told) if isinstance(told, dict) else {}
    lawful = ("literal", "parallel", "loose")
    mirrors = {face: said[face] for face in faces if said.get(face) in lawful}
    for face in faces:
        if face not in mirrors:
            sketch.gap(
                item.key, f"how the {face} face mirrors the customer's is not said: `loose` stands for it", item.key
            )
            mirrors[face] = "loose"
        elif mirrors[face] != "loose" and _turned(sketch, item, face):
            sketch.gap(
                item.key, f"the {face} face stands on another scale, or is turned: its mirror is `loose` here", item.key
            )
            mirrors[face] = "loose"
    if mirrors:
        item.more["mirror"] = {face: mirrors[face] for face in faces}


def _turned(sketch: Sketch, item: Drafted, face: str) -> bool:
    """Whether a face is answered otherwise than the customer's."""
    own, negative = item.more["scales"], item.more["negative"]
    rulers = [_ruler(sketch.scales[own.get(each, str(item.scale))]) for each in (face, "customer")]
    return rulers[0] != rulers[1] or (face in negative) != ("customer" in negative)


def _ruler(scale: Scale) -> tuple[object, ...]:
    return scale.kind, scale.low, scale.high, scale.reversed
