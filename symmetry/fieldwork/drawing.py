"""From a frame to a sample: who is drawn for a wave, and with what chance each unit of the frame could have been.

The probability of a unit is the product of what led to it, each exact for the draw at hand (`given`): its unit drawn, its
interaction chosen among the contact's, itself drawn in its stratum; times the chance that contact rules left it free (see
`resting`).  Strata are sized on the frame, whoever rests, so that rest moves nobody's share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import DataError, Place
from symmetry.fieldwork.chances import Floats, Mask, Wholes, Words, words
from symmetry.fieldwork.drawing_facts import OTHER, manifest_of
from symmetry.fieldwork.drawing_stages import Stages, in_units, of_people
from symmetry.fieldwork.frames import Frame, of_event
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.resting import Contacted, Rest, Rules, in_order, rest_of
from symmetry.spec import Sampling, Study

__all__ = ["draw", "sampling_of"]


def draw(
    study: Study,
    wave: str,
    audience: str,
    frame: Frame,
    *,
    seed: int,
    on: date,
    history: Sequence[Sample] = (),
    contacted: Contacted | None = None,
) -> Sample:
    """Draw the sample of one audience in one wave.

    Parameters
    ----------
    study, wave, audience : whose `sample` says how many, and how.
    frame : of that audience, as `read_frame` checked it for that wave.
    seed : of every random number; the same frame and seed give the same sample, whatever the order of rows.
    on : day of the draw, from which rests are counted.
    history : earlier samples of the same audience, and all that those were drawn after.
    contacted : contacts made elsewhere.

    Returns
    -------
    Sample with a row for each unit of the frame.  `given` is the chance in this draw of whoever is free, told of those at rest
    too; `probability` is that over the chance of the earlier draws as well, so that it sums to the expected size; 0 for those
    whom a known contact or another event keeps out.  A frame item `weight`, a number that the frame does not hold, is
    1/probability.  Rows of another event are in no stratum.

    Raises
    ------
    DataError : the wave says nothing of a sample; more people are wanted than a stratum holds, or than are free in it; strata
        are unknown, or would have no chance; earlier samples do not fit (`in_order`), or one was drawn with this seed from the
        same people.

    Notes
    -----
    Horvitz-Thompson weights are 1/probability.  Systematic draws take every one in so many: pairs may have no joint chance.
    """
    sampling = sampling_of(study, wave, audience)
    past = in_order(history, study.key, audience, on)
    _refuse_same_seed(past, wave, seed, frame)
    contact = study.contact
    rules = Rules(contact.quarantine, contact.max_per_year) if contact is not None else Rules()
    rows = frame.rows
    contacts, of_contact = _contacts(rows["contact"])
    rest = rest_of(contacts, rules, on, past, contacted)
    stream = _Stream(seed, study, wave, audience)
    scope = _in_scope(frame, study.waves[wave].after)
    chosen, share = _choice(frame, scope, of_contact, stream)
    reason = _reasons(scope, chosen, rest, of_contact)
    stages = _stages(sampling, frame, scope, chosen, reason == "", stream)
    given = np.where(scope & (rest.elsewhere[of_contact] >= 0), stages.given * share, 0.0)
    probability = given * rest.chance[of_contact]
    own: dict[str, object] = {
        "person": rows["person"],
        "contact": rows["contact"],
        "stratum": stages.stratum,
        "psu": stages.psu,
        "probability": probability,
        "given": given,
        "drawn": stages.drawn,
        "reason": np.where(stages.drawn, "", reason).astype(object),
        "elsewhere": rest.elsewhere[of_contact],
    }
    own |= {name: rows[name] for name in rows.columns if name not in ("person", "contact", "event")}
    item = study.items.get("weight")
    if item is not None and "weight" in frame.absent and item.numeric:
        own["weight"] = np.divide(1.0, probability, out=np.full(len(rows), np.nan), where=probability > 0)
    texts = dict.fromkeys(("person", "contact", "stratum", "psu", "reason"), "str")
    units = pd.DataFrame(own).astype(texts)
    facts = manifest_of(study, wave, audience, frame, sampling, units, seed=seed, on=on, rules=rules)
    facts["after"] = [str(sample.manifest["content"]) for sample in past]
    facts["contacted"] = None if contacted is None else contacted.facts(contacts)
    return Sample(study.key, wave, audience, units, facts)


@dataclass(frozen=True)
class _Stream:
    """Where a draw's random words come from."""

    seed: int
    study: Study
    wave: str
    audience: str

    def __call__(self, stage: str, persons: Sequence[str]) -> Words:
        return words(persons, seed=self.seed, study=self.study, wave=self.wave, audience=self.audience, stage=stage)


def sampling_of(study: Study, wave: str, audience: str) -> Sampling:
    """What a wave says of its sample."""
    if wave not in study.waves:
        mend = f"its waves: {', '.join(study.waves)}"
        raise DataError(f"the study has no wave `{wave}`", where=Place(study.path), mend=mend, code="DRW01")
    if audience not in study.waves[wave].audiences:
        mend = f"it asks {', '.join(study.waves[wave].audiences)}"
        raise DataError(f"wave `{wave}` does not ask {audience}", where=Place(study.path), mend=mend, code="DRW01")
    sampling = study.waves[wave].sampling.get(audience)
    if sampling is None or (sampling.size is None and sampling.rate is None):
        what = f"wave `{wave}` does not say how many {audience} to draw"
        mend = f"write `sample: {{{audience}: …}}` into the wave: a number, a rate or `census`"
        raise DataError(what, where=Place(study.path), mend=mend, code="DRW02")
    return sampling


def _refuse_same_seed(past: Sequence[Sample], wave: str, seed: int, frame: Frame) -> None:
    """The same wave drawn twice with one seed would give people the same luck twice."""
    for sample in past:
        same = sample.wave == wave and sample.manifest["seed"] == seed
        if same and sample.units["person"].isin(frame.rows["person"]).any():
            what = (
                f"wave `{wave}` was drawn on {sample.manifest['on']} with the seed {seed} from some of the same people"
            )
            mend = "take another seed: with this one the luck of both draws would be the same"
            raise DataError(what, where=Place(frame.path), mend=mend, code="DRW03")


def _contacts(cells: pd.Series) -> tuple[pd.Series, Wholes]:
    """The contacts, each once, and which of them each row is."""
    numbers, contacts = pd.factorize(cells)
    return pd.Series(contacts), numbers.astype(np.int64)


def _in_scope(frame: Frame, event: str | None) -> Mask:
    """Rows of the event that the wave follows."""
    events = frame.rows["event"].to_numpy(dtype=object)
    scope = of_event(events, event)
    if not scope.any():
        what = f"no interaction is of the event `{event}` that the wave follows"
        mend = f"the frame has: {', '.join(sorted(set(events))[:10])}"
        raise DataError(what, where=Place(frame.path), mend=mend, code="DRW04")
    return scope


def _choice(frame: Frame, scope: Mask, of_contact: Wholes, stream: _Stream) -> tuple[Mask, Floats]:
    """One interaction of each contact, by the least word, and the chance that it was this one: one over how many he has."""
    share = np.ones(len(scope))
    if frame.kind == "people":
        return scope.copy(), share
    rows = np.flatnonzero(scope)
    order = rows[np.lexsort((stream("choice", frame.rows["person"].iloc[rows].tolist()), of_contact[rows]))]
    first = np.append(True, np.diff(of_contact[order]) != 0)
    chosen = np.zeros(len(scope), dtype=bool)
    chosen[order[first]] = True
    counts = np.bincount(of_contact[rows], minlength=int(of_contact.max()) + 1)
    share[rows] = 1.0 / counts[of_contact[rows]]
    return chosen, share


def _reasons(scope: Mask, chosen: Mask, rest: Rest, of_contact: Wholes) -> npt.NDArray[np.object_]:
    """Why each row may not be drawn, "" where it may."""
    reason = rest.reason[of_contact]
    reason = np.where((reason == "") & ~chosen, "another interaction", reason)
    return np.where(scope, reason, OTHER).astype(object)


def _stages(sampling: Sampling, frame: Frame, scope: Mask, chosen: Mask, could: Mask, stream: _Stream) -> Stages:
    """Draw, in one stage or in two, or by a rate, from the rows in scope; the others are in no stratum and have no chance."""
    inside = frame if scope.all() else replace(frame, rows=frame.rows[scope].reset_index(drop=True))
    if sampling.units is not None:
        found = in_units(sampling, sampling.units, inside, chosen[scope], could[scope], stream)
    else:
        found = of_people(sampling, inside, chosen[scope], could[scope], stream)
    nobody = np.full(len(scope), "", dtype=object)
    whole = Stages(nobody, nobody.copy(), np.zeros(len(scope)), np.zeros(len(scope), dtype=bool))
    whole.stratum[scope], whole.psu[scope] = found.stratum, found.psu
    whole.given[scope], whole.drawn[scope] = found.given, found.drawn
    return whole
