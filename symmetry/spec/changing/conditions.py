"""When two conditions mean the same, however they are written: `6 >= recommend` is `recommend <= 6`.

Both are bound to the columns of a study and their meanings compared: the order of parts, the side on which a literal stands,
a list or its members one by one, and where a negation stands make no other condition.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from symmetry.errors import SpecError
from symmetry.spec.nouns import Item
from symmetry.spec.routed import variables_of
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import Among, And, Atom, Beside, Form, Not, Or
from symmetry.spec.routing.nouns import Order, Variable
from symmetry.spec.routing.reading import read_condition

__all__ = ["same_condition"]

_TURNED: Mapping[Order, Order] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def same_condition(old: str, new: str, items: Mapping[str, Item], audiences: Iterable[str]) -> bool:
    """Whether two conditions mean the same to every audience; not where one of them has a fault.

    Parameters
    ----------
    old, new : two conditions upon the same items.
    items : the items of the study.
    audiences : those whose answers decide.

    Examples
    --------
    >>> from symmetry.spec.nouns import Scale
    >>> nps = Item("nps", "outcome", {}, Scale("nps", "nps", 0, 10), {"customer": {"en": "Would you?"}})
    >>> same_condition("6 >= nps", "nps <= 6", {"nps": nps}, ["customers"])
    True
    >>> same_condition("6 > nps", "nps <= 6", {"nps": nps}, ["customers"])
    False
    """
    known = [variables_of(items, audience) for audience in audiences]
    pairs = [(_meaning(old, each), _meaning(new, each)) for each in known]
    return bool(pairs) and all(was is not None and was == now for was, now in pairs)


def _meaning(text: str, variables: Mapping[str, Variable]) -> Hashable:
    """What a condition means in one form; None where it has a fault."""
    try:
        return _normal(bind(read_condition(text), variables), True)
    except SpecError:
        return None


def _normal(form: Form, true: bool) -> Hashable:
    """A meaning, or its opposite, with negations at its leaves and without order or repetition."""
    if isinstance(form, Not):
        return _normal(form.part, not true)
    if not isinstance(form, And | Or):
        return true, _leaf(form)
    parts: set[Hashable] = set()
    sign = "and" if isinstance(form, And) is true else "or"
    for part in form.parts:
        made = _normal(part, true)
        parts |= made[1] if isinstance(made, tuple) and made[0] == sign else {made}
    return next(iter(parts)) if len(parts) == 1 else (sign, frozenset(parts))


def _leaf(atom: Atom) -> Hashable:
    """One question, its values without order, its columns in the order of the alphabet."""
    if isinstance(atom, Among):
        return Among, atom.column, frozenset(atom.values)
    if isinstance(atom, Beside) and atom.left > atom.right:
        return Beside(atom.right, _TURNED[atom.order], atom.left)
    return atom
