"""What came of a message that was handed over: the noun that mail, text messages and the outbox share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What came of one message.

    Attributes
    ----------
    kind : "sent" (taken over by the server), "bounced" (refused for good), "again" (not taken now; another try may succeed),
        "uncertain" (nobody knows, so that it is never sent again).
    reason : why, without the address.
    address_bad : whether nothing will ever reach that address.
    """

    kind: Literal["sent", "bounced", "again", "uncertain"]
    reason: str = ""
    address_bad: bool = False

    @property
    def refused(self) -> bool:
        """Whether a server refused it for good; not one that was never offered to a server."""
        return self.kind == "bounced" and self.reason.startswith("5")
