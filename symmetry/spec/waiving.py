"""Warnings that the author answers for: `waive: {CODE: "reason"}`, at an item or for the whole study.

A waiver leaves out one kind of warning at one place, and its reason is printed with the questionnaire.  Errors cannot be
waived, a reason is written out, and a waiver that waives nothing is reported, so that none outlives its cause.
"""

from __future__ import annotations

from symmetry.spec.reading import Route
from symmetry.spec.validating import Faults
from symmetry.spec.wording import entries_of

__all__ = ["check_waivers", "read_waivers"]

REASON = 10


def read_waivers(faults: Faults) -> None:
    """Note every waiver of the study in `faults`, with a problem for each without a reason."""
    homes: list[Route] = [(), *(("items", key) for key in entries_of(faults, "items"))]
    for home in homes:
        raw = faults.document.at((*home, "waive"))
        for code, reason in (raw if isinstance(raw, dict) else {}).items():
            at: Route = (*home, "waive", code)
            if not isinstance(reason, str):
                continue  # the form of the item or of the head says so
            faults.waivers[at] = reason
            if len(reason.strip()) < REASON:
                what = f"`{code}` is waived without a reason that others can weigh"
                faults.add("WVR02", at, what, "say in a sentence why it is meant")


def check_waivers(faults: Faults) -> None:
    """A problem for each waiver of an error, and, in a study without errors, for each that waives nothing."""
    errors = [problem for problem in faults.problems if problem.severity == "error"]
    broken = {problem.code for problem in errors}
    for at in faults.waivers:
        if at in faults.waived:
            continue
        if at[-1] in broken:
            what = f"`{at[-1]}` is an error: only warnings can be waived"
            faults.add("WVR03", at, what, "mend what it reports, and delete the waiver", key=True)
        elif not errors:
            what = f"there is no `{at[-1]}` to waive here"
            faults.add("WVR01", at, what, "delete the waiver", key=True, severity="warning")
