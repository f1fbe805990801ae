"""The whole flow on one page: answers in, tables one may show out.  Start reading here."""

from __future__ import annotations

from collections.abc import Callable

from symmetry import design, disclosure, dissonance, drivers, responses, weights
from symmetry.analyse import framing
from symmetry.analyse.plan import Plan
from symmetry.analyse.results import Results
from symmetry.design import Design
from symmetry.responses import Responses

__all__ = ["run"]


def run(plan: Plan, answers: Responses, *, tell: Callable[[str], None] | None = None) -> Results:
    """Analyse frozen answers by a plan.

    Parameters
    ----------
    plan : the declared analysis, with its study.
    answers : frozen responses of the plan's waves and audiences.
    tell : called with the name of each step as it starts; none means silence.

    Returns
    -------
    Results: the tables `levels`, `gaps`, `drivers`, `weights`, `fieldwork`, small cells hidden, and what made them.

    Raises
    ------
    SymmetryError : answers that do not fit the study, margins that cannot be raked, a design that cannot bear an estimate.

    Notes
    -----
    All waves give levels; the plan's first wave gives gaps and drivers too.
    """
    study, main = plan.study, plan.waves[0]
    tell = tell or (lambda step: None)
    levels, gaps, ranks, weighted, people = [], [], [], [], {}
    for wave in plan.waves:
        tell(f"weighting {wave}")
        scored = {a: responses.score(answers, wave, a, study) for a in framing.audiences(plan, wave)}
        standing = {a: weights.apply(framing.recipe(plan, a), frame) for a, frame in scored.items()}
        people.update({(wave, a): frame[frame["weight"] > 0] for a, frame in standing.items()})
        weighted.append(framing.weights_table(plan, wave, standing))
        designs = {a: Design(frame, **framing.roles(plan, a)) for a, frame in standing.items()}
        both = design.stack(designs, units=plan.units)
        inside = framing.within_units(plan, standing)
        for by in framing.breakdowns(plan, wave):
            tell(f"estimating {wave} {' × '.join(by)}".rstrip())
            ground = inside if by == [plan.unit] and inside is not None else both
            levels.append(framing.levels(plan, wave, ground, by))
            if wave == main and study.mirrored and framing.both_have(scored, by):
                gap = dissonance.gap(ground, framing.pairs(plan), by=by)
                found = dissonance.detect(
                    gap, adjust=plan.adjust, level=plan.level, n_eff=framing.least_n_eff(plan, by)
                )
                gaps.append(framing.gaps_table(plan, gap, found, wave, by))
        if wave == main:
            tell(f"drivers of {plan.outcome}")
            ranks = [
                framing.drivers_table(plan, wave, a, drivers.importance(one, plan.outcome, names))
                for a, one in designs.items()
                if len(names := framing.driver_columns(plan, a)) > 1
            ]
    tell("hiding small cells")
    shown = disclosure.suppress(
        framing.stacked(levels, "levels"),
        framing.stacked(gaps, "gaps"),
        framing.stacked(ranks, "drivers"),
        people=people,
        cuts=framing.cuts(plan),
        minimum=plan.min_cell,
        published=bool(plan.published),
    )
    return framing.results(plan, answers, shown, weighted)
