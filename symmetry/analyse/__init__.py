"""Analyse: the whole flow, from a plan declared before the data to tables one may show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symmetry.analyse.collecting import collect, frozen, read_answers, take_in, take_in_counts, write_answers
    from symmetry.analyse.flow import run
    from symmetry.analyse.framing import steps
    from symmetry.analyse.plan import Plan, Roles, load_plan
    from symmetry.analyse.planner import Outlook, outlook
    from symmetry.analyse.rehearsing import Rehearsal, rehearse
    from symmetry.analyse.results import Results, write

__all__ = [
    "Outlook",
    "Plan",
    "Rehearsal",
    "Results",
    "Roles",
    "collect",
    "frozen",
    "load_plan",
    "outlook",
    "read_answers",
    "rehearse",
    "run",
    "steps",
    "take_in",
    "take_in_counts",
    "write",
    "write_answers",
]

_HOME = {
    "Outlook": "planner",
    "Plan": "plan",
    "Rehearsal": "rehearsing",
    "Results": "results",
    "Roles": "plan",
    "collect": "collecting",
    "frozen": "collecting",
    "load_plan": "plan",
    "outlook": "planner",
    "read_answers": "collecting",
    "rehearse": "rehearsing",
    "run": "flow",
    "steps": "framing",
    "take_in": "collecting",
    "take_in_counts": "collecting",
    "write": "results",
    "write_answers": "collecting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"symmetry.analyse.{_HOME[name]}"), name)
