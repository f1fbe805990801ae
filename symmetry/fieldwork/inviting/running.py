"""One run of the field, as a clock starts it: everything that is due is done, in an order in which each step finds what it needs.

It may be run as often as one likes, and stopped anywhere: each step finishes what is left and does nothing twice.  A step that
fails, however, says so and does not keep the others from their work.  Sending comes last and by itself, since it may take hours:
meanwhile others run, and do everything else.
"""

from __future__ import annotations

import fcntl
import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.errors import DataError, Place, SymmetryError
from symmetry.fieldwork.inviting.planning import open_questionnaires, plan_invitations
from symmetry.fieldwork.inviting.triggering import decide_events
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.releasing import release
from symmetry.fieldwork.timing import day_of

if TYPE_CHECKING:
    from symmetry.fieldwork.sending.settings import Settings
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Ran", "alone", "run"]

Tell = Callable[[str], None]
Step = Callable[["Counter[str]"], Mapping[str, Any]]


@dataclass(frozen=True)
class Ran:
    """What a run did.

    Attributes
    ----------
    done : step → what was done there → how often.
    failed : step → the error that stopped it.
    """

    done: dict[str, Mapping[str, Any]]
    failed: dict[str, SymmetryError]


def run(
    store: Store,
    at: datetime,
    *,
    plan: bool = True,
    send: bool = True,
    tell: Tell,
    sender: str = "run",
    clock: Callable[[], datetime] | None = None,
) -> Ran:
    """Do everything that is due: take what was dropped, decide, plan, mind the cases, release, forget; then send.

    Parameters
    ----------
    store : the field.
    at : now, with its time zone.
    plan : whether anything but sending is done, by one run at a time; and one of those at a time sends.  Without it, several may
        send at once.
    send : whether messages are sent, and owners of cases told.
    tell : hears in words what was done and what needs somebody.
    sender : name under which messages are claimed.
    clock : gives the moment while messages are sent; without it `at` is now all along.

    Returns
    -------
    Ran; what failed is there, and the other steps were done.  Nothing where another run does all this now.
    """
    now = clock or (lambda: at)
    settings, failed = _settings(store, tell) if send else (None, {})
    steps: dict[str, Step] = {}
    if plan:
        steps["taken"] = lambda _: _taken(store, at, tell)
        steps["events"] = lambda _: decide_events(store, at, tell)
        steps["planned"] = lambda _: plan_invitations(store, at, tell)
        steps["cases"] = lambda _: _minded(store, at, settings, tell)
        steps["released"] = lambda _: _released(store, at)
        steps["forgotten"] = lambda _: _forgotten(store, at)
    ran = Ran({}, failed)
    with alone(store) if plan else nullcontext(True) as mine:
        if not mine:
            tell("another run is under way here, and does what is due; this one does nothing")
            return ran
        for name, step in steps.items():
            _do(store, name, step, ran, tell)
        if plan:
            _tell_over(store, at, tell)
    if settings is not None:
        with alone(store, "send") if plan else nullcontext(True) as mine:
            if mine:
                _do(store, "sent", lambda done: _sent(store, settings, now, sender, tell, done), ran, tell)
            else:
                tell("another run is sending what is due")
    return ran


def _do(store: Store, name: str, step: Step, ran: Ran, tell: Tell) -> None:
    """Do one step; whatever stops it is kept under its name, with what it had counted until then."""
    counts: Counter[str] = Counter()
    found: Mapping[str, Any] = {}
    with _Kept() as kept, plainly():
        found = step(counts)
    if kept.fault is not None:
        ran.failed[name] = _told_of(store, kept.fault)
        found = counts
        if not +counts:
            return
    ran.done[name] = {what: count for what, count in found.items() if count}
    if ran.done[name]:
        tell(f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in ran.done[name].items()))


def _told_of(store: Store, fault: Exception) -> SymmetryError:
    """Words for what stopped a step; never those of a fault of ours, which may hold anything."""
    if isinstance(fault, SymmetryError):
        return fault
    if isinstance(fault, OSError):
        what = f"a file of the field cannot be read or written: {fault.strerror or fault}"
        return DataError(what, where=Place(fault.filename or store.folder), mend="", code="INV05")
    last = traceback.extract_tb(fault.__traceback__)[-1]
    what = (
        f"a fault of ours stopped this step: {type(fault).__name__} in {Path(last.filename).name}, line {last.lineno}"
    )
    return DataError(what, mend="please tell us; the next run tries again", code="INV06")


class _Kept:
    """Keep the fault of a block instead of raising it: one step that fails takes no other with it."""

    fault: Exception | None = None

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> bool:
        self.fault = fault if isinstance(fault, Exception) else None
        return self.fault is not None


@contextmanager
def alone(store: Store, what: str = "run") -> Iterator[bool]:
    """Whether nobody else does this with the field now; the others wait for their next turn.

    Parameters
    ----------
    store : the field.
    what : "run" (everything but sending), "send" or "print".

    Notes
    -----
    The lock is the kernel's and goes with the process, however that ends.
    """
    handle = os.open(store.folder / f"{what}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _settings(store: Store, tell: Tell) -> tuple[Settings | None, dict[str, SymmetryError]]:
    """How to send; None where nobody said, or said it wrongly."""
    from symmetry.fieldwork.sending.settings import settings_of

    if not (store.folder / "sending.yaml").exists():
        tell(f"no sending.yaml in {store.folder}: nothing is sent")
        return None, {}
    settings = None
    with _Kept() as kept:
        settings = settings_of(store.folder)
    return settings, {} if kept.fault is None else {"sent": _told_of(store, kept.fault)}


def _taken(store: Store, at: datetime, tell: Tell) -> Mapping[str, int]:
    """Take the files that were dropped."""
    from symmetry.fieldwork.taking.dropping import take_drop

    found = take_drop(store, at, tell=tell)
    for each in found:
        tell(str(each))
    return {
        "files": len(found),
        "taken": sum(each.taken for each in found),
        "known": sum(each.known for each in found),
        "set aside": sum(len(each.set_aside) for each in found),
    }


def _sent(
    store: Store, settings: Settings, now: Callable[[], datetime], sender: str, tell: Tell, done: Counter[str]
) -> Mapping[str, int]:
    """Send what is due."""
    from symmetry.fieldwork.sending.outbox import send_due

    return send_due(store, settings, at=now, sender=sender, tell=tell, done=done)


def _minded(store: Store, at: datetime, settings: Settings | None, tell: Tell) -> Mapping[str, int]:
    """Tell owners of their cases, and escalate those whose time runs out."""
    from symmetry.fieldwork.cases.minding import mind_cases
    from symmetry.fieldwork.sending.texting import alert

    if settings is None:
        return mind_cases(store, at, lambda *_: False, say=tell)
    return mind_cases(store, at, partial(alert, settings, say=tell), named=settings.alerts, say=tell)


def _released(store: Store, at: datetime) -> Mapping[str, int]:
    """Let employees' answers go to the sealed store."""
    return {wave: each.left for wave, each in release(store, now=at).items()}


def _forgotten(store: Store, at: datetime) -> Mapping[str, int]:
    """Forget who people are, where that was promised."""
    from symmetry.fieldwork.contacts.erasing import retain

    return retain(store, at)


def _tell_over(store: Store, at: datetime, tell: Tell) -> None:
    """Name the waves whose last day is over: closing is for good, and somebody's to decide."""
    over = {
        asked.wave.key: asked.last
        for asked in open_questionnaires(store)
        if asked.last is not None and day_of(at, asked.study.contact) > asked.last
    }
    for wave, last in over.items():
        tell(f"{wave} is over since {last}: symmetry field close {wave} --store {store.folder}")
