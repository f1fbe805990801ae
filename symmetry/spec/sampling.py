"""Whom a wave invites and how they are drawn: what a `sample:` says, and whether all of it means something together.

A method is checked against what it needs: a measure for chances in proportion to it, an order for every so many, people for
each category of the strata, units before the people in them.  What would be without effect is refused, since its author
believes in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from symmetry.spec.forms import PERIODS
from symmetry.spec.models_running import SampledUnitsModel, SampleModel, WaveModel
from symmetry.spec.nouns import Item
from symmetry.spec.reading import Route
from symmetry.spec.running import SampledUnits, Sampling
from symmetry.spec.validating import Faults, nearest
from symmetry.spec.wording import entries_of

__all__ = ["framed", "read_sampling"]


def read_sampling(faults: Faults, at: Route, model: WaveModel, items: Mapping[str, Item]) -> dict[str, Sampling]:
    """Whom a wave invites and how they are drawn, per audience."""
    found: dict[str, Sampling] = {}
    for audience in model.sample:
        place: Route = (*at, "sample", audience)
        faults.known(audience, model.audiences, "audience of this wave", place, key=True)
        written = faults.document.at(place)
        sample = faults.model(SampleModel, place) if isinstance(written, dict) else SampleModel(size=written)
        if sample is None:
            continue
        strata = framed(faults, items, audience)
        faults.twice(sample.by, (*place, "by"))
        for index, name in enumerate(sample.by):
            faults.known(name, strata, "frame item with values", (*place, "by", index))
        _check_quotas(faults, place, sample, strata)
        _check_rate(faults, place, sample, model.kind)
        units = _units(faults, place, sample, items, audience)
        _check_method(faults, place, sample, units, items, audience)
        _check_allocation(faults, place, sample, units, items)
        found[audience] = Sampling(
            size=sample.size,
            rate=sample.rate,
            by=tuple(sample.by),
            quotas=tuple(sample.quotas),
            method=sample.method,
            measure=sample.measure,
            order=tuple(sample.order),
            allocation=sample.allocation,
            units=units,
        )
    return found


def framed(faults: Faults, items: Mapping[str, Item], audience: str | None = None) -> list[str]:
    """Items with categories known beforehand (of an audience), and items too faulty to tell."""
    return _frames(faults, items, audience, lambda item: bool(item.values))


def _frames(faults: Faults, items: Mapping[str, Item], audience: str | None, fits: Callable[[Item], bool]) -> list[str]:
    """Frame items of an audience that fit, and items too faulty to tell."""
    return [
        key
        for key in entries_of(faults, "items")
        if key not in items
        or (items[key].role == "frame" and fits(items[key]) and (audience is None or audience in items[key].audiences))
    ]


def _check_quotas(faults: Faults, place: Route, sample: SampleModel, strata: list[str]) -> None:
    """A quota is by what is known, and can be reached."""
    for index, quota in enumerate(sample.quotas):
        at = (*place, "quotas", index)
        unknown = [name for name in quota.by if name not in strata and not faults.unreadable("item")]
        if unknown:
            what = f"`{quota}`: there is no frame item with values `{unknown[0]}`"
            mend = nearest(unknown[0], [*strata, "day", "week", "month"])
            mend = "the period comes last: `400 per region per month`" if unknown[0] in PERIODS else mend
            faults.add("QTA01", at, what, mend)
        elif isinstance(sample.size, int) and quota.count > sample.size:
            what = f"`{quota}`: {sample.size} people are invited, so that {quota.count} can never answer"
            faults.add("QTA02", at, what, "count answers, not invitations", severity="warning")


def _check_rate(faults: Faults, place: Route, sample: SampleModel, kind: str) -> None:
    """A rate is of events, and no size beside it."""
    if sample.size is not None and sample.rate is not None:
        what = "a sample has a size or a rate, not both"
        faults.add("WAV07", (*place, "rate"), what, "delete one of them", key=True)
    elif sample.rate is not None and kind == "cold":
        what = "a rate is a share of the events as they come: a cold wave has none"
        faults.add("WAV07", (*place, "rate"), what, "write `size: …`, or `kind: hot`", key=True)


def _units(
    faults: Faults, place: Route, sample: SampleModel, items: Mapping[str, Item], audience: str
) -> SampledUnits | None:
    """The units that are drawn first."""
    at: Route = (*place, "units")
    model = faults.model(SampledUnitsModel, at) if isinstance(faults.document.at(at), dict) else None
    if model is None:
        return None
    some = _frames(faults, items, audience, lambda item: not item.numeric)
    faults.known(model.of, some, "frame item with values or text", (*at, "of"))
    if model.measure is not None and model.method != "pps":
        what = "units of a stratum have the same chance where the method is `stratified`: a measure changes nothing"
        faults.add("WAV11", (*at, "measure"), what, "write `method: pps`, or delete it", key=True)
    elif model.measure is not None:
        _check_measure(faults, (*at, "measure"), model.measure, items, audience)
    held = items.get(model.of)
    if held is not None and held.values and model.size > len(held.values):
        what = f"{model.size} units cannot be drawn: `{model.of}` has {len(held.values)}"
        faults.add("WAV14", (*at, "size"), what, f"at most {len(held.values)}")
    elif isinstance(sample.size, int) and model.size > sample.size:
        what = f"{sample.size} people are too few for {model.size} units, each of which needs one at least"
        faults.add("WAV14", (*at, "size"), what, "draw fewer units, or more people")
    return SampledUnits(model.of, model.size, model.method, model.measure)


def _check_measure(faults: Faults, at: Route, measure: str, items: Mapping[str, Item], audience: str) -> None:
    """A measure is a number that is known of everybody."""
    faults.known(measure, _frames(faults, items, audience, lambda item: item.numeric), "frame item of type number", at)


def _check_method(
    faults: Faults,
    place: Route,
    sample: SampleModel,
    units: SampledUnits | None,
    items: Mapping[str, Item],
    audience: str,
) -> None:
    """A method has what it needs, and nothing that is without effect."""
    method, at = sample.method, (*place, "method")
    for index, name in enumerate(sample.order):
        some = _frames(faults, items, audience, lambda item: True)
        faults.known(name, some, "frame item", (*place, "order", index))
    faults.twice(sample.order, (*place, "order"))
    if method != "stratified" and not isinstance(sample.size, int):
        faults.add("WAV12", at, f"`{method}` draws a number of people, and {_lack(sample)}", "write `size: 600`")
        return
    if method == "pps" and units is not None:
        what = "the people of a drawn unit have the same chance: `pps` is how units are drawn"
        faults.add("WAV12", at, what, "write it under `units:`")
        return
    if method == "pps" and sample.measure is None:
        what = "`pps` gives chances in proportion to a measure, and there is none"
        faults.add("WAV11", at, what, "add `measure: …`, a frame item of type number")
    if sample.measure is not None and method != "pps":
        what = f"a measure is for `pps`: with `{method}` it changes nothing"
        faults.add("WAV11", (*place, "measure"), what, "write `method: pps`, or delete it", key=True)
    elif sample.measure is not None:
        _check_measure(faults, (*place, "measure"), sample.measure, items, audience)
    if sample.order and method == "stratified":
        what = "people are drawn at random in each stratum: an order changes nothing"
        faults.add("WAV12", (*place, "order"), what, "write `method: systematic`, or delete it", key=True)
    if units is not None and sample.size is None:
        what = f"units are drawn for a number of people or for all of them, and {_lack(sample)}"
        faults.add("WAV12", (*place, "units"), what, "write `size: 600` or `size: census`", key=True)


def _lack(sample: SampleModel) -> str:
    """What a sample without a number of people is."""
    return "everybody is asked" if sample.size else "this one is a rate" if sample.rate else "this sample has no size"


def _check_allocation(
    faults: Faults, place: Route, sample: SampleModel, units: SampledUnits | None, items: Mapping[str, Item]
) -> None:
    """The people of a sample are shared over strata that there are, and all of them."""
    at, shared = (*place, "allocation"), sample.allocation
    if shared == "proportional":
        return
    mapping = isinstance(shared, dict)
    if not isinstance(sample.size, int):
        total = f"size: {sum(shared.values())}" if mapping else "size: 600"
        faults.add("WAV13", at, f"an allocation shares a number of people, and {_lack(sample)}", f"write `{total}`")
    elif mapping and units is not None:
        what = "people are shared over the drawn units, which nobody knows yet"
        faults.add("WAV13", at, what, "write `proportional` or `equal`")
    elif not sample.by and units is None:
        faults.add("WAV13", at, "an allocation shares people over strata, and there are none", "add `by: […]`")
    elif mapping and all(items[name].values if name in items else False for name in sample.by):
        _check_shares(faults, at, shared, sample, [list(items[name].values or {}) for name in sample.by])


def _check_shares(
    faults: Faults, at: Route, shared: Mapping[str, int], sample: SampleModel, categories: list[list[str]]
) -> None:
    """Every stratum has its people, no other does, and all of them are the sample.

    A crossing of several items may hold nobody, and goes without.
    """
    strata = {" × ".join(each) for each in product(*categories)}
    named = " × ".join(sample.by)
    for stratum in shared:
        if stratum not in strata:
            what = f"`{stratum}` is no category of `{named}`"
            faults.add("WAV13", (*at, stratum), what, nearest(stratum, sorted(strata)), key=True)
            return
    missing = [category for category in categories[0] if category not in shared] if len(categories) == 1 else []
    if missing:
        what = f"nobody is drawn in `{missing[0]}`, a category of `{named}`"
        faults.add("WAV13", at, what, f"add `{missing[0]}: …`", key=True)
    elif sum(shared.values()) != sample.size:
        what = f"the strata have {sum(shared.values())} people together, and the sample {sample.size}"
        faults.add("WAV13", at, what, f"write `size: {sum(shared.values())}`, or share {sample.size}", key=True)
