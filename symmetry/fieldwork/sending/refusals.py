"""Refusals in a row: a wrong setting, a blocked account or a full disk of the server must not cost anybody their invitation.

Nobody can tell from one refusal whether it is about the address or about us.  Ten in a row, with nothing taken in between, are
about us: whoever was refused for good among them is planned again, and none of their addresses is held to be bad.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from symmetry.fieldwork.contacts.opting import bounced
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.tables import ADDRESSES, OUTBOX
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from symmetry.fieldwork.sending.claiming import Claimed
    from symmetry.fieldwork.sending.outcomes import Outcome
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["Refusals"]

_MOST_REFUSED, _MOST_IN_DOUBT = 10, 5
_LATER = timedelta(hours=1)


class Refusals:
    """What was refused since a message was taken, by one channel; also in the turns before this one.

    Parameters
    ----------
    store : of the field.
    channel : of the messages.
    """

    def __init__(self, store: Store, channel: str) -> None:
        self._store = store
        self._channel = channel
        self._asked = False
        self._bounced: set[bytes] = set()
        self._bad: set[str] = set()
        self._again = self._doubts = 0

    def add(self, claimed: Claimed, outcome: Outcome, at: datetime) -> int | None:
        """Count one message.

        Parameters
        ----------
        claimed, outcome : the message, and what came of it, which is written down.
        at : now.

        Returns
        -------
        None where the sending goes on; where it should stop, how many that were bounced are planned again.
        """
        if outcome.kind == "sent":
            self.keep(at)
            self._bounced.clear()
            self._again = self._doubts = 0
            self._asked = True
            return None
        if outcome.address_bad:
            self._bad.add(claimed.contact)
        if outcome.refused:
            self._bounced |= {claimed.id} | (set() if self._asked else self._before())
            self._asked = True
        self._again += outcome.kind == "again"
        self._doubts += outcome.kind == "uncertain"
        if self._doubts >= _MOST_IN_DOUBT:
            return 0
        return self._given_back(at) if len(self._bounced) + self._again >= _MOST_REFUSED else None

    def keep(self, at: datetime) -> None:
        """Hold the addresses to be bad that were refused as such."""
        if self._bad:
            with to_write(self._store.field) as connection:
                bounced(connection, sorted(self._bad), self._channel, at)
            self._bad.clear()

    def _before(self) -> set[bytes]:
        """Messages that were refused in earlier turns, since one was taken."""
        mine = OUTBOX.c.channel == self._channel
        last = select(func.coalesce(func.max(OUTBOX.c.sent), "")).where(mine).scalar_subquery()
        refused = select(OUTBOX.c.id).where(
            mine, OUTBOX.c.state == "bounced", OUTBOX.c.reason.like("5%"), OUTBOX.c.claimed > last
        )
        with self._store.field.connect() as connection:
            return {bytes(each) for each in connection.execute(refused).scalars()}

    def _given_back(self, at: datetime) -> int:
        """Plan again what was refused for good, for later."""
        again = {"state": "planned", "due": stamp(at + _LATER), "sender": None, "claimed": None}
        with to_write(self._store.field) as connection:
            for each in sorted(self._bounced):
                refused = update(OUTBOX).where(OUTBOX.c.id == each, OUTBOX.c.state == "bounced")
                contact = connection.scalar(refused.values(**again).returning(OUTBOX.c.contact))
                held = connection.scalar(select(ADDRESSES.c.bad).where(ADDRESSES.c.contact == contact))
                good = " ".join(channel for channel in (held or "").split() if channel != self._channel)
                connection.execute(update(ADDRESSES).where(ADDRESSES.c.contact == contact).values(bad=good))
        self._bad.clear()
        return len(self._bounced)
