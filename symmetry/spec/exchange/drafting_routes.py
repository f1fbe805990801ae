"""The meaning of a foreign condition in the words of our own: what an importer understood becomes an `ask_if`.

The compilers of `routing` turn words into meaning; this file goes the other way, so that `x != "a"` comes back as such and
not as the three questions it is made of.  The foreign rule about missing codes is kept exactly: where a form lets -1 pass
for "at most 6", the words say `x <= 6 or x == "dk"`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from symmetry.errors import SpecError
from symmetry.spec.exchange.drafting_forms import flat, holds, probes
from symmetry.spec.nouns import Scale
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.checking import check_condition
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Picks, Than, truth
from symmetry.spec.routing.nouns import Variable
from symmetry.spec.routing.reading import read_condition

__all__ = ["Untranslatable", "route_of", "variable_of", "words_of"]


class Untranslatable(ValueError):
    """A foreign condition asks something that our conditions cannot."""


def variable_of(name: str, scale: Scale) -> Variable:
    """A question as conditions see it.

    Examples
    --------
    >>> variable_of("effort", Scale("e", "ces", 1, 7, missing={"na": 0})).codes
    (0.0,)
    """
    missing = dict(scale.missing)
    if scale.kind in ("single", "multiple"):
        return Variable(name, "category" if scale.kind == "single" else "set", tuple(scale.choices), missing=missing)
    if scale.kind == "date":
        return Variable(name, "date", low=scale.earliest, high=scale.latest, missing=missing)
    if scale.kind == "text":
        return Variable(name, "text", missing=missing)
    low, high = (None if abs(bound) == float("inf") else bound for bound in (scale.low, scale.high))
    whole = not scale.published and scale.decimals == 0
    return Variable(name, "number", low=low, high=high, whole=whole, missing=missing)


def route_of(form: Form, variables: Mapping[str, Variable], routes: Mapping[str, str] | None = None) -> str:
    """The words of a condition that means exactly this, and that a study may hold.

    Parameters
    ----------
    form : what the condition means.
    variables : every column that may be named, as `ask_if` of this question may see it.
    routes : the conditions under which those columns are asked themselves, by name.

    Raises
    ------
    Untranslatable : there are no such words, or nobody could ever be asked; the message says why.

    Examples
    --------
    >>> nps = Variable("nps", "number", low=0, high=10, whole=True, missing={"na": 99})
    >>> route_of(And((Has("nps"), Not(Among("nps", (10.0, 99.0))))), {"nps": nps})
    'nps != 10'
    """
    words = words_of(form, variables)
    given = {column: read_condition(text) for column, text in (routes or {}).items()}
    faults = [each for each in check_condition(read_condition(words), variables, given) if each.severity == "error"]
    if faults:
        raise Untranslatable(faults[0].what)
    return words


def words_of(form: Form, variables: Mapping[str, Variable]) -> str:
    """The words of a condition that means exactly this, whether it can ever be met or not."""
    return _said(flat(form), variables, loosest=True)


def _said(form: Form, variables: Mapping[str, Variable], *, loosest: bool = False) -> str:
    """The words of one part, in parentheses unless it stands alone or is one comparison."""
    if isinstance(form, (And, Or)):
        parts = form.parts
        said = _all(parts, variables) if isinstance(form, And) else [_said(part, variables) for part in parts]
        word = " and " if isinstance(form, And) else " or "
        return word.join(said) if loosest or len(said) == 1 else f"({word.join(said)})"
    column = _column(form)
    if column is not None:
        said = _about(_known(column, variables), [form])
        return said[0]
    if isinstance(form, Beside):
        return _beside(form, (), variables)
    return f"not {_said(form.part, variables)}" if isinstance(form, Not) else ""


def _all(parts: Sequence[Form], variables: Mapping[str, Variable]) -> list[str]:
    """Parts that are all true, those about one column said together."""
    words: list[str] = []
    told: set[str] = set()
    pairs = [part for part in parts if isinstance(part, Beside)]
    paired = {name for pair in pairs for name in (pair.left, pair.right)}
    for part in parts:
        column = _column(part)
        if isinstance(part, Beside):
            words.append(_beside(part, parts, variables))
        elif column is None:
            words.append(_said(part, variables))
        elif column not in told:
            told.add(column)
            variable = _known(column, variables)
            about = [each for each in parts if _column(each) == column]
            if column in paired:  # what `_beside` says of both already
                about = [part for each in about for part in _beyond(each, variable.codes)]
            words += _about(variable, about) if about else []
    return words


def _beside(pair: Beside, parts: Sequence[Form], variables: Mapping[str, Variable]) -> str:
    """Two answers compared, which in our words are never missing codes; a foreign form must have said so too."""
    left, right = _known(pair.left, variables), _known(pair.right, variables)
    for variable in (left, right):
        if variable.codes and not any(_column(each) == variable.name and _bars(each, variable.codes) for each in parts):
            raise Untranslatable(f"two answers are compared, and that of `{variable.name}` may be a missing code")
    return f"{left.name} {pair.order} {right.name}"


def _bars(part: Form, codes: Sequence[float | str]) -> bool:
    """Whether a part refuses some codes, all of them."""
    return isinstance(part, Not) and isinstance(part.part, Among) and set(codes) <= set(part.part.values)


def _beyond(part: Form, codes: Sequence[float | str]) -> tuple[Form, ...]:
    """What a part says beside refusing some codes."""
    if not isinstance(part, Not) or not isinstance(part.part, Among):
        return (part,)
    values = tuple(value for value in part.part.values if value not in codes)
    return (Not(Among(part.part.column, values)),) if values else ()


def _column(part: Form) -> str | None:
    """The one column that a simple part is about."""
    inner = part.part if isinstance(part, Not) else part
    return inner.column if isinstance(inner, (Has, Among, Than, Picks)) else None


def _about(variable: Variable, parts: Sequence[Form]) -> list[str]:
    """Everything that is asked of one column: in short words where they mean the same, part by part else."""
    short = [_part(variable, part, exact=False) for part in parts if not isinstance(part, Has)]
    merged = [value for part in parts if isinstance(part, Not) for value in _values(part.part)]
    real = [value for value in merged if value not in variable.codes]
    for barred in ([], real, merged):
        spoken = [*(words for words in short if words), *([_among(variable, barred, inside=False)] if barred else ())]
        if spoken and _same(And(tuple(parts)), " and ".join(spoken), variable):
            return spoken
    return [_part(variable, part, exact=True) for part in parts]


def _part(variable: Variable, part: Form, *, exact: bool) -> str:
    """One part about one column; the short form leaves refused values to be said together, and codes to the rule."""
    inner, refused = (part.part, True) if isinstance(part, Not) else (part, False)
    if isinstance(inner, Has):
        return f"{variable.name} is {'' if refused else 'not '}None"
    if isinstance(inner, Among):
        if refused:
            return f"not {_among(variable, inner.values)}" if exact else ""
        return _among(variable, inner.values)
    if isinstance(inner, Picks) and refused and not exact:
        return f"{_literal(inner.choice)} not in {variable.name}"
    if not isinstance(inner, (Than, Picks)):
        raise Untranslatable("conditions of this form cannot be written")
    if isinstance(inner, Than):
        plain = f"{variable.name} {inner.order} {_literal(inner.value)}"
    else:
        plain = f"{_literal(inner.choice)} in {variable.name}"
    passing = [code for code in variable.codes if truth(inner, {variable.name: code}.get)]
    if exact and passing:
        plain = f"({plain} or {_among(variable, passing)})"
    return f"not {plain}" if refused else plain


def _same(form: Form, words: str, variable: Variable) -> bool:
    """Whether words mean this of every answer that could tell the two apart."""
    try:
        said = bind(read_condition(words), {variable.name: variable})
    except SpecError:
        return False
    return all(
        holds(form, variable.name, probe) == holds(said, variable.name, probe) for probe in probes(form, variable)
    )


def _values(part: Form) -> Iterable[float | str]:
    return part.values if isinstance(part, Among) else ()


def _among(variable: Variable, values: Sequence[float | str], *, inside: bool = True) -> str:
    """`x == v` or `x in […]`, or that it is not."""
    words = {code: reason for reason, code in zip(variable.missing, variable.codes, strict=True)}
    said = [_literal(words.get(value, value)) for value in dict.fromkeys(values)]
    if len(said) == 1:
        return f"{variable.name} {'==' if inside else '!='} {said[0]}"
    return f"{variable.name} {'in' if inside else 'not in'} [{', '.join(said)}]"


def _literal(value: float | str) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(int(value)) if float(value).is_integer() else repr(value)


def _known(column: str, variables: Mapping[str, Variable]) -> Variable:
    if column not in variables:
        raise Untranslatable(f"`{column}` is no question that is asked before this one")
    return variables[column]
