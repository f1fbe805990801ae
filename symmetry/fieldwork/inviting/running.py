"""One run of the field, as a clock starts it: everything that is due is done, in an order in which each step finds what it needs.

It may be run as often as one likes, and stopped anywhere: each step finishes what is left and does nothing twice.  A step that
fails says so and does not keep the others from their work.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
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


@dataclass(frozen=True)
class Ran:
    """What a run did.

    Attributes
    ----------
    done : step → what was done there → how often.
    failed : step → the error that stopped it.
    """

    done: Mapping[str, Mapping[str, Any]]
    failed: Mapping[str, SymmetryError]


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
    """Do everything that is due: take what was dropped, decide, plan, send, mind the cases, release, forget.

    Parameters
    ----------
    store : the field.
    at : now, with its time zone.
    plan : whether anything but sending is done; several may send at once, one alone may plan (`alone`).
    send : whether messages are sent, and owners of cases told.
    tell : hears in words what was done and what needs somebody.
    sender : name under which messages are claimed.
    clock : gives the moment while messages are sent; without it `at` is now all along.

    Returns
    -------
    Ran; what failed is there, and the other steps were done.
    """
    now = clock or (lambda: at)
    settings, failed = _settings(store, tell) if send else (None, {})
    steps: dict[str, Callable[[], Mapping[str, Any]]] = {}
    if plan:
        steps["taken"] = lambda: _taken(store, at, tell)
        steps["events"] = lambda: decide_events(store, at)
        steps["planned"] = lambda: plan_invitations(store, at, tell)
    if settings is not None:
        steps["sent"] = lambda: _sent(store, settings, now, sender, tell)
    if plan:
        steps["cases"] = lambda: _minded(store, at, settings)
        steps["released"] = lambda: _released(store, at)
        steps["forgotten"] = lambda: _forgotten(store, at)
    done: dict[str, Mapping[str, Any]] = {}
    for name, step in steps.items():
        try:
            with plainly():
                counts = {what: count for what, count in step().items() if count}
        except SymmetryError as error:
            failed[name] = error
            continue
        except OSError as error:
            what = f"a file of the field cannot be read or written: {error.strerror or error}"
            failed[name] = DataError(what, where=Place(error.filename or store.folder), mend="", code="INV05")
            continue
        done[name] = counts
        if counts:
            tell(f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items()))
    if plan:
        _tell_over(store, at, tell)
    return Ran(done, failed)


@contextmanager
def alone(store: Store) -> Iterator[bool]:
    """Whether nobody else runs this field now; the others wait for their next turn.

    Notes
    -----
    The lock is the kernel's and goes with the process, however that ends.
    """
    handle = os.open(store.folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
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
    try:
        return settings_of(store.folder), {}
    except SymmetryError as error:
        return None, {"sent": error}


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


def _sent(store: Store, settings: Settings, now: Callable[[], datetime], sender: str, tell: Tell) -> Mapping[str, int]:
    """Send what is due."""
    from symmetry.fieldwork.sending.outbox import send_due

    return send_due(store, settings, at=now, sender=sender, tell=tell)


def _minded(store: Store, at: datetime, settings: Settings | None) -> Mapping[str, int]:
    """Tell owners of their cases, and escalate those whose time runs out."""
    from symmetry.fieldwork.cases.minding import mind_cases
    from symmetry.fieldwork.sending.texting import alert

    return mind_cases(store, at, partial(alert, settings) if settings is not None else lambda *_: False)


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
