"""Sending what is due, each message once at most: claimed alone, committed, handed over, marked.

Where a sender stops between the claim and the mark, nobody knows whether the message left; it is "uncertain" from a quarter of an
hour later on and never sent again.  Any number of senders may work at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, select, update

from symmetry.errors import DataError
from symmetry.fieldwork.sending.claiming import Claimed, claim, waves_now
from symmetry.fieldwork.sending.composing import Envelope
from symmetry.fieldwork.sending.letters import mail_of, text_of
from symmetry.fieldwork.sending.mailing import Mailer
from symmetry.fieldwork.sending.outcomes import Outcome
from symmetry.fieldwork.sending.printing import print_due
from symmetry.fieldwork.sending.refusals import Refusals
from symmetry.fieldwork.sending.texting import check_gateway, send_text
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError, plainly
from symmetry.fieldwork.store.tables import OUTBOX, PLANNED
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.sending.settings import Settings
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["send_due"]

STALE = timedelta(minutes=15)
_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = 4  # doublings: four hours
_NOT_NOW = timedelta(hours=1)  # for a message that nobody could even write
_TOLD = 500
_PATIENCE = 15  # tries to write, each of which may wait for its turn for seconds

Clock = Callable[[], datetime]
Tell = Callable[[str], object]
Made = TypeVar("Made")


def send_due(
    store: Store,
    settings: Settings,
    *,
    at: Clock,
    sender: str,
    most: int | None = None,
    tell: Tell | None = None,
    done: Counter[str] | None = None,
) -> Counter[str]:
    """Send what is due, in the hours in which people may be written to.

    Parameters
    ----------
    store : the field.
    settings : how messages leave.
    at : what time it is, with its time zone.
    sender : a name that no other sender has now.
    most : messages to hand over at most.
    tell : is told what was done, a line a time.
    done : where to count, so that the counts are there when an error is raised.

    Returns
    -------
    Of messages: "sent", "bounced", "again" (to be tried later), "uncertain" (also those that another sender left), "dropped", and
    "waiting" (due, but `sending.yaml` does not say how).

    Raises
    ------
    DataError : SND05 or SND06, the mail server cannot be used; SND07, words do not fit into a text message; SND08, the server or
        the gateway takes none of ten messages in a row, or five in a row are in doubt; SND09, SND10, LED, OPN and EXT03, a
        gateway is not known, or a key or a package is missing.  What was not sent stays planned; each channel is tried before
        the first error is raised.
    OSError : letters cannot be written.
    StoreAwayError : the database cannot be reached or written to.
    """
    done = Counter() if done is None else done
    turn = _Turn(store, settings, at, sender, tell, done)
    failed: list[DataError | OSError] = []
    with plainly():
        _tidy(store, at(), done)
        for channel in ("qr", "email", "sms"):
            try:
                _by(turn, channel, most)
            except StoreAwayError:
                raise
            except (DataError, OSError) as error:
                failed.append(error)
    del done["more"]
    if failed:
        raise failed[0]
    return +done


@dataclass(frozen=True)
class _Turn:
    """One turn of one sender."""

    store: Store
    settings: Settings
    at: Clock
    sender: str
    tell: Tell | None
    done: Counter[str]


def _by(turn: _Turn, channel: str, most: int | None) -> None:
    """Send what is due by one channel, if the settings say how."""
    settings, there = turn.settings, {"qr": True, "email": turn.settings.email, "sms": turn.settings.sms}[channel]
    due_now = _due(turn.store, channel, turn.at()) if channel != "qr" else 0
    if channel == "qr":
        print_due(turn.store, settings, at=turn.at, sender=turn.sender, done=turn.done, tell=turn.tell)
    elif due_now and not there:
        turn.done["waiting"] += due_now
        _say(turn.tell, f"{due_now} messages wait: sending.yaml says nothing of {channel}")
    elif due_now:
        _send_all(turn, channel, most)


def _send_all(turn: _Turn, channel: str, most: int | None) -> None:
    """Send one message after the other by one channel; stop where one after the other is refused."""
    store, settings, done, handed = turn.store, turn.settings, turn.done, 0
    refusals = Refusals(store, channel)
    with ExitStack() as stack:
        mailer = stack.enter_context(Mailer(settings.email)) if channel == "email" and settings.email else None
        pace = _Pace(settings.email.a_minute if mailer is not None and settings.email else 0)
        while most is None or done["sent"] + done["uncertain"] < most:
            pace.wait()
            if mailer is not None:
                mailer.ready()
            claimed, dropped, more = _claimed(store, settings, channel, turn.at, turn.sender)
            done["dropped"] += dropped
            if claimed is None:
                if more:
                    continue
                break
            outcome = _handed_over(turn, claimed, mailer)
            _mark(store, claimed, turn.sender, outcome, turn.at())
            done[outcome.kind] += 1
            handed += 1
            if handed % _TOLD == 0:
                _say(turn.tell, f"{channel}: {handed} messages handed over")
            back = refusals.add(claimed, outcome, turn.at())
            if back is not None:
                done["bounced"] -= back
                done["again"] += back
                what = f"the {'mail server' if mailer else 'gateway'} takes none of many messages in a row"
                mend = (
                    "ask whoever runs it why; is the sender known and paid for, its domain signed (SPF, DKIM, DMARC)?"
                )
                raise DataError(f"{what}: {outcome.reason}", mend=mend, code="SND08")
        refusals.keep(turn.at())
    if handed:
        _say(turn.tell, f"{channel}: {handed} messages handed over in all")


def _claimed(
    store: Store, settings: Settings, channel: str, at: Clock, sender: str
) -> tuple[Claimed | None, int, bool]:
    """Claim the next message: with it, how many were dropped on the way, and whether there may be more to look at."""

    def take(connection: Connection) -> tuple[Claimed | None, int, bool]:
        seen: Counter[str] = Counter()
        found = claim(connection, store, settings, channel, at(), sender, seen)
        return found, seen["dropped"], bool(seen["more"])

    return _written(store, take)


def _handed_over(turn: _Turn, claimed: Claimed, mailer: Mailer | None) -> Outcome:
    """Hand a message over; whatever is raised before it leaves, it is planned again."""
    settings, message = turn.settings, claimed.message
    text = ""
    offered: Outcome | bytes = b""
    try:
        if mailer is None:
            text = text_of(message)
            check_gateway(settings)
        else:
            envelope = Envelope(claimed.id, claimed.address, message.links.out, turn.at())
            offered = mailer.offer(mail_of(message), envelope)
    except BaseException as error:
        values: dict[str, object] = {"state": "planned", "sender": None, "claimed": None}
        if not isinstance(error, DataError):  # or it would stand in the way of all the others for ever
            values["due"] = stamp(turn.at() + _NOT_NOW)
        mine = update(OUTBOX).where(OUTBOX.c.id == claimed.id, OUTBOX.c.sender == turn.sender)
        _written(turn.store, lambda connection: connection.execute(mine.values(**values)))
        raise
    if mailer is None:
        return send_text(settings, claimed.address, text)
    return mailer.hand_over(offered) if isinstance(offered, bytes) else offered


def _mark(store: Store, claimed: Claimed, sender: str, outcome: Outcome, at: datetime) -> None:
    """Write down what came of a message, also where others gave it up as uncertain meanwhile: now it is known."""
    values: dict[str, object] = {"state": outcome.kind, "reason": outcome.reason, "tries": claimed.tries + 1}
    if outcome.kind == "sent":
        values["sent"] = stamp(at)
    if outcome.kind == "again":
        later = at + _WAIT * 2 ** min(claimed.tries, _LONGEST_WAIT)
        values |= {"state": "planned", "due": stamp(later), "sender": None, "claimed": None}
    mine = OUTBOX.c.id == claimed.id, OUTBOX.c.sender == sender, OUTBOX.c.state.in_(("sending", "uncertain"))
    _written(store, lambda connection: connection.execute(update(OUTBOX).where(*mine).values(**values)))


def _written(store: Store, work: Callable[[Connection], Made]) -> Made:
    """Write in a transaction of its own, and be patient: a mark that is not written leaves a message in doubt."""
    for left in reversed(range(_PATIENCE)):
        try:
            with plainly(), to_write(store.field) as connection:
                return work(connection)
        except StoreAwayError:
            if not left:
                raise
            time.sleep(0.1)
    raise AssertionError("the last try returns or raises")


def _tidy(store: Store, at: datetime, done: Counter[str]) -> None:
    """Give up what other senders left, and drop what comes too late."""
    planned = PLANNED
    left = (OUTBOX.c.state == "sending", OUTBOX.c.channel != "qr", OUTBOX.c.claimed <= stamp(at - STALE))
    with to_write(store.field) as connection:
        _, over = waves_now(connection, at, hours=False)
        reason = "the sender stopped"
        given_up = connection.execute(update(OUTBOX).where(*left).values(state="uncertain", reason=reason))
        closed = connection.execute(
            update(OUTBOX).where(planned, OUTBOX.c.wave.in_(over)).values(state="dropped", reason="wave closed")
        )
        late = connection.execute(
            update(OUTBOX).where(planned, OUTBOX.c.expires <= stamp(at)).values(state="dropped", reason="expired")
        )
    done["uncertain"] += given_up.rowcount
    done["dropped"] += closed.rowcount + late.rowcount


def _due(store: Store, channel: str, at: datetime) -> int:
    """How many messages are due by a channel, and may leave at this hour."""
    with store.field.connect() as connection:
        may, _ = waves_now(connection, at, hours=True)
        wanted = (PLANNED, OUTBOX.c.channel == channel, OUTBOX.c.due <= stamp(at))
        number = select(func.count()).select_from(OUTBOX).where(*wanted, OUTBOX.c.wave.in_(may))
        return int(connection.execute(number).scalar_one())


def _say(tell: Tell | None, line: str) -> None:
    if tell is not None:
        tell(line)


class _Pace:
    """So many a minute at most, evenly; none counted where it is 0."""

    def __init__(self, a_minute: int) -> None:
        self._apart = 60 / a_minute if a_minute else 0.0
        self._next = time.monotonic()

    def wait(self) -> None:
        """Wait until the next one may go."""
        rest = self._next - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._next = max(self._next, time.monotonic()) + self._apart
