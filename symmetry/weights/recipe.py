"""A weighting as data: the ordered steps a study declares, applied to a frame and replayed on every replicate.

A step is the name of a verb of this room and its options, all of them plain values: a recipe can be written in a spec, kept
beside the results and run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from symmetry.errors import DataError
from symmetry.weights.refusing import refuse_shape

__all__ = ["CALIBRATIONS", "VERBS", "Recipe", "Step"]

CALIBRATIONS = ("calibrate", "poststratify", "rake")
VERBS: Mapping[str, tuple[str, ...]] = {
    "adjust_nonresponse": ("respondent", "classes", "covariates", "quantiles"),
    "calibrate": ("totals", "method", "bounds", "total", "tolerance", "steps"),
    "poststratify": ("targets", "by", "total", "targets_in", "absent"),
    "rake": ("targets", "total", "targets_in", "tolerance", "steps"),
    "trim": ("upper", "lower", "relative_to", "by", "spread"),
}
_NEEDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "adjust_nonresponse": (("respondent",), '{"respondent": "answered", "classes": ["region"]}'),
    "calibrate": (("totals",), '{"totals": {"region": {"n": 400, "s": 600}, "age": 41000}}'),
    "poststratify": (("targets", "by"), '{"targets": {"n": 400, "s": 600}, "by": "region"}'),
    "rake": (("targets",), '{"targets": {"region": {"n": 0.4, "s": 0.6}}}'),
    "trim": ((), '{"upper": 5, "relative_to": "median"}'),
}
_LIST = 'such as [("rake", {"targets": {…}}), ("trim", {"upper": 5})]'


@dataclass(frozen=True)
class Step:
    """One step: a verb of this room and its options (all but the frame, `weight` and `name`).

    Raises
    ------
    DataError : the verb or an option is unknown, or an option it needs is not given.
    """

    verb: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        verb, options = self.verb, self.options
        if not isinstance(verb, str) or verb not in VERBS:
            raise DataError(f"a recipe cannot `{verb}`", mend=f"its steps are {', '.join(VERBS)}")
        needed, example = _NEEDED[verb]
        if not isinstance(options, Mapping):
            raise DataError(
                f"the options of the step `{verb}` are a {type(options).__name__}, not a mapping",
                mend=f"such as {example}",
            )
        unknown = [name for name in options if name not in VERBS[verb]]
        if unknown:
            raise DataError(
                f"the step `{verb}` has no option `{unknown[0]}`", mend=f"its options are {', '.join(VERBS[verb])}"
            )
        lost = [name for name in needed if options.get(name) is None]
        if lost:
            raise DataError(f"the step `{verb}` does not say its `{lost[0]}`", mend=f"such as {example}")
        if verb == "trim" and options.get("upper") is None and options.get("lower") is None:
            raise DataError("the step `trim` has neither `upper` nor `lower`", mend=f"such as {example}")
        if verb in ("calibrate", "rake"):
            refuse_shape(f"the {needed[0]} of the step `{verb}`", options[needed[0]], f"such as {example}")
        own = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
        object.__setattr__(self, "options", own)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the frame the step needs."""
        keys: list[Any] = []
        for option in ("targets", "totals") if self.verb in ("rake", "calibrate") else ():
            keys += list(self.options.get(option, ()))
        for option in ("respondent", "classes", "covariates", "by"):
            keys += _several(self.options.get(option))
        return tuple(dict.fromkeys(name for key in keys for name in _several(key)))


@dataclass(frozen=True, init=False)
class Recipe:
    """Start from the weights in `weight` (none: everybody alike), then take each step in its order.

    `balance` is no step: its totals are the moments of another sample, which a recipe cannot hold.  The calibration that it makes
    is one, and the frame remembers it with these totals worked out.

    Parameters
    ----------
    steps : each a `Step`, a pair (verb, options) or a mapping {verb: options}; the verbs are adjust_nonresponse, calibrate,
        poststratify, rake and trim.
    weight : column of starting weights.

    Raises
    ------
    DataError : the steps are no list, one of them is no verb with its options, or `weight` is no name.

    Notes
    -----
    R twin: none; a script that calls ``postStratify``, ``calibrate`` and ``trimWeights`` on a replicate design.

    Examples
    --------
    >>> recipe = Recipe([("rake", {"targets": {"region": {"n": 0.5, "s": 0.5}}}), ("trim", {"upper": 5})], weight="w")
    >>> recipe.to_dict()
    {'weight': 'w', 'steps': [{'rake': {'targets': {'region': {'n': 0.5, 's': 0.5}}}}, {'trim': {'upper': 5}}]}
    >>> Recipe.from_dict(recipe.to_dict()) == recipe
    True
    """

    steps: tuple[Step, ...]
    weight: str | None

    def __init__(
        self,
        steps: Iterable[Step | tuple[str, Mapping[str, Any]] | Mapping[str, Any]] = (),
        *,
        weight: str | None = None,
    ) -> None:
        if not isinstance(weight, str | None):
            raise DataError(
                f"the starting weight of the recipe is {weight!r}, not the name of a column",
                mend='give weight="…", or leave it out: everybody then starts alike',
            )
        object.__setattr__(self, "steps", _listed(steps))
        object.__setattr__(self, "weight", weight)

    def to_dict(self) -> dict[str, Any]:
        """The recipe in values that YAML and JSON can write; crossed columns and categories become lists."""
        steps = [{step.verb: {key: _plain(value) for key, value in step.options.items()}} for step in self.steps]
        return {"weight": self.weight, "steps": steps}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Recipe:
        """A recipe from what `to_dict` wrote, or from a spec.

        Raises
        ------
        DataError : a key, a verb or an option is unknown, or something is not written as `to_dict` writes it.
        """
        if not isinstance(told, Mapping):
            raise DataError(
                f"a recipe is read from a mapping, not from a {type(told).__name__}",
                mend='give {"weight": "w", "steps": [{"rake": {…}}]}',
            )
        unknown = sorted({*map(str, told)} - {"weight", "steps"})
        if unknown:
            raise DataError(f"a recipe has no `{unknown[0]}`", mend="it has `weight` and `steps`")
        steps = told.get("steps")
        return cls(_listed(() if steps is None else steps, rebuilt=True), weight=told.get("weight"))


def _listed(steps: Any, *, rebuilt: bool = False) -> tuple[Step, ...]:
    """Take steps in any of their forms; `rebuilt` reads their options as `_plain` wrote them."""
    if isinstance(steps, Mapping | str | bytes | Step) or not isinstance(steps, Iterable):
        raise DataError("the steps of a recipe are not a list", mend=_LIST)
    return tuple(_step(number, step, rebuilt) for number, step in enumerate(steps, 1))


def _step(number: int, step: Any, rebuilt: bool) -> Step:
    """One step: as it is, a pair of a verb and its options, or a mapping of the one to the other."""
    if isinstance(step, Step):
        return step
    pairs = list(step.items()) if isinstance(step, Mapping) else [step]
    if len(pairs) != 1 or not isinstance(pairs[0], tuple | list) or len(pairs[0]) != 2:
        told = f" (`{step}`)" if isinstance(step, str) else ""
        raise DataError(
            f"step {number} of the recipe is not a verb with its options{told}",
            mend='write ("rake", {…}) or {"rake": {…}}; in YAML `- rake: {…}`',
        )
    ((verb, options),) = pairs
    if rebuilt and isinstance(options, Mapping):
        options = {key: _rebuilt(value) for key, value in options.items()}
    return Step(verb, {} if options is None and rebuilt else options)


def _several(value: Any) -> list[Any]:
    """A name or several, as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) or not isinstance(value, Sequence) else list(value)


def _plain(value: Any) -> Any:
    """Write a value plainly; a mapping with tuples for keys becomes a list of [keys, value]."""
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if isinstance(value, Mapping):
        if any(isinstance(key, tuple) for key in value):
            return {
                "crossed": [
                    [list(key) if isinstance(key, tuple) else key, _plain(inner)] for key, inner in value.items()
                ]
            }
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value


def _rebuilt(value: Any) -> Any:
    """Read what `_plain` wrote."""
    if isinstance(value, Mapping):
        if set(value) == {"crossed"} and isinstance(value["crossed"], list):
            try:
                return {
                    tuple(key) if isinstance(key, list) else key: _rebuilt(inner) for key, inner in value["crossed"]
                }
            except (TypeError, ValueError):
                raise DataError(
                    "the crossed targets of the recipe are not pairs of categories and a number",
                    mend='write {"crossed": [[["n", "old"], 0.2], …]}',
                ) from None
        return {key: _rebuilt(inner) for key, inner in value.items()}
    return tuple(value) if isinstance(value, list) else value
