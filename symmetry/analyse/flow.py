"""The whole flow on one page: answers in, tables one may show out.  Start reading here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from symmetry import disclosure, dissonance, responses, weights
from symmetry.analyse import comparing, driving, framing, housing
from symmetry.analyse.collecting import take_in_counts
from symmetry.analyse.plan import Plan
from symmetry.analyse.results import Results
from symmetry.design import Design
from symmetry.disclosure import Ledger
from symmetry.dissonance import Gap
from symmetry.responses import Responses

__all__ = ["run"]


def run(
    plan: Plan, answers: Responses, *, ledger: Ledger | None = None, tell: Callable[[str], None] | None = None
) -> Results:
    """Analyse frozen answers by a plan.

    Parameters
    ----------
    plan : the declared analysis, with its study.
    answers : frozen responses of the plan's waves and audiences.
    ledger : what was published of this study before, with which these tables must not be subtracted; none means nothing.
    tell : called with the name of each step as it starts; none means silence.

    Returns
    -------
    Results: the tables `levels`, `gaps`, `effects`, `ranks`, `units`, `trends`, `agreement`, `partition`, `drivers`,
    `priorities`, `penalties`, `whatif`, `weights`, `fieldwork`, small cells hidden, and what made them.

    Raises
    ------
    SymmetryError : answers that do not fit the study, margins that cannot be raked, a design that cannot bear an estimate.

    Notes
    -----
    All waves give levels; the plan's first wave gives gaps and all of drivers too, and trends against waves of its kind.
    """
    main = plan.waves[0]
    tell = tell or (lambda step: None)
    found: dict[str, list[pd.DataFrame]] = defaultdict(list)
    weighted, people, designs = [], {}, dict[tuple[str, str], Design]()
    by_unit: Gap | None = None
    for wave in plan.waves:
        tell(f"weighting {wave}")
        scored = {a: responses.score(answers, wave, a, plan.study) for a in framing.audiences(plan, wave)}
        standing = {a: weights.apply(framing.recipe(plan, a), frame) for a, frame in scored.items()}
        standing = {a: framing.with_psus(plan, a, f, source=answers.source(wave, a)) for a, f in standing.items()}
        people.update({(wave, a): frame[frame["weight"] > 0] for a, frame in standing.items()})
        weighted.append(housing.weights_table(plan, wave, standing))
        own = {a: Design(frame, **framing.roles(plan, a, frame)) for a, frame in standing.items()}
        designs.update({(wave, a): one for a, one in own.items()})
        both = framing.stacked(plan, own)
        for by in framing.breakdowns(plan, wave):
            tell(f"estimating {wave} {' × '.join(by)}".rstrip())
            found["levels"].append(housing.levels(plan, wave, dissonance.persons_where_one_psu(both, tuple(by)), by))
            if wave == main and plan.study.mirrored and framing.both_have(scored, by):
                tables, gap = comparing.compared(plan, both, wave, by)
                by_unit = gap if by == [plan.unit] else by_unit
                for name, table in tables.items():
                    found[name].append(table)
        for name, table in comparing.agreement(plan, wave, standing).items():
            found[name].append(table)
    for wave in framing.waves_alike(plan):
        for a in framing.audiences(plan, main):
            if (wave, a) in designs:
                found["trends"].append(comparing.trends(plan, a, {w: designs[w, a] for w in (main, wave)}, wave))
    tell(f"drivers of {plan.outcome}")
    remarks: list[str] = []
    own = {a: designs[main, a] for a in framing.audiences(plan, main)}
    for name, table in driving.driven(plan, own, answers, remarks.append):
        found[name].append(table)
    tell("hiding small cells")
    shown = disclosure.suppress(
        {name: housing.stacked(found[name], name) for name in housing.TABLES},
        people=people,
        cuts=framing.cuts(plan),
        minimum=plan.min_cell,
        published=bool(plan.published),
        ledger=ledger,
        study=plan.study.key,
        data=answers.contents,
    )
    shown["units"] = comparing.by_unit(plan, by_unit, shown["gaps"])
    told = housing.results(plan, answers, shown, weighted, take_in_counts(plan, answers.answers), ledger)
    return replace(told, remarks=tuple(remarks))
