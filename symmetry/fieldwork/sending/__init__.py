"""Messages to people: from a row of the outbox to a mail, a text message or a printed letter, each sent once at most."""

from __future__ import annotations

__all__ = ()
