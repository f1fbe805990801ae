"""Analyse: the whole flow, from a plan declared before the data to tables one may show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symmetry.analyse.collecting import collect
    from symmetry.analyse.flow import run
    from symmetry.analyse.plan import Plan, Roles, load_plan
    from symmetry.analyse.rehearsing import rehearse
    from symmetry.analyse.results import Results, replacing, write

__all__ = ["Plan", "Results", "Roles", "collect", "load_plan", "rehearse", "replacing", "run", "write"]

_HOME = {
    "Plan": "plan",
    "Results": "results",
    "Roles": "plan",
    "collect": "collecting",
    "load_plan": "plan",
    "rehearse": "rehearsing",
    "replacing": "results",
    "run": "flow",
    "write": "results",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"symmetry.analyse.{_HOME[name]}"), name)
