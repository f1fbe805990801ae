"""The tables of the two stores.  `migrations` makes them; this is what the code speaks to.

*field*: waves, who is invited, what customers and observers answered, employees' drafts (locked with a key the store has not)
and employees' finished answers on their way, each in a box that only the sealed store can open; then whom it may write to
(addresses, opt-outs, contacts made elsewhere), what happened to whom (events), what is sent when (outbox), and what answers
call for (cases).  *sealed*: employees' answers, with no token, no person, no day and no order, and the keys of the boxes still on
their way.

Rows stand by random keys, never by arrival.  What people answer has no time finer than a day, but where a customer's answer opens
a case; times of events, messages and cases are UTC, as `2027-03-04T08:00:00Z`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, literal_column

__all__ = [
    "ADDRESSES",
    "ANSWERS",
    "CALLERS",
    "CASES",
    "CONTACTED",
    "DRAFTS",
    "EVENTS",
    "FIELD",
    "FIRST",
    "HOLDING",
    "INVITATIONS",
    "KEYS",
    "LINKS",
    "OPT_OUTS",
    "OUTBOX",
    "PLANNED",
    "QUOTAS",
    "RESPONSES",
    "SEALED",
    "WAVES",
]

FIELD = MetaData()
SEALED = MetaData()
_RANDOM: dict[str, Any] = {"sqlite_with_rowid": False}

WAVES = Table(
    "waves",
    FIELD,
    Column("wave", Text, primary_key=True),
    Column("study", Text, nullable=False),  # key of the study
    Column("compiled", Text, nullable=False),  # JSON of spec.compile_wave: what is asked and promised
    Column("sha256", Text, nullable=False),  # its hash, that of the sealed file beside the study
    Column("state", Text, nullable=False),  # "open", "closing" until nothing deleted is left in the files, "closed"
    Column("opened", Text, nullable=False),  # ISO days
    Column("first", Text, nullable=False),
    Column("last", Text),
    Column("closed", Text),
    Column("rehearsal", Text),  # the day that stands for today, when it is no real wave
    Column("seal", Integer),  # number of the key that boxes are locked with now (employees)
    Column("public", LargeBinary),  # and its public half
)

INVITATIONS = Table(
    "invitations",
    FIELD,
    Column("token", LargeBinary, primary_key=True),  # tokens.hash_of
    Column("wave", Text, nullable=False, index=True),
    Column("audience", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("psu", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("known", Text, nullable=False),  # JSON: frame item → value
    # "invited", "started" (a page was saved), "complete", "refused", "over quota"; for every employee "asked", once a wave that
    # promised anonymity is closed
    Column("state", Text, nullable=False),
    Column("day", Text),  # last day on which the state changed
    Column("expires", Text),  # moment after which it cannot be answered; none: the wave's last day alone
    **_RANDOM,
)

RESPONSES = Table(
    "responses",
    FIELD,
    Column("token", LargeBinary, primary_key=True),
    Column("key", LargeBinary, nullable=False, unique=True),  # the respondent, in frozen answers
    Column("language", Text, nullable=False),
    Column("answers", Text, nullable=False),  # JSON: column → answer
    Column("page", Integer, nullable=False),  # the page to go on with
    Column("complete", Boolean, nullable=False),
    Column("seconds", Integer),  # spent on the pages that were sent, breaks left out; none where a browser did not say
    **_RANDOM,
)

DRAFTS = Table(
    "drafts",
    FIELD,
    Column("token", LargeBinary, primary_key=True),
    Column("box", LargeBinary, nullable=False),  # answers, page and language, locked with tokens.secret_of
    **_RANDOM,
)

HOLDING = Table(
    "holding",
    FIELD,
    Column("key", LargeBinary, primary_key=True),  # 16 random bytes; the respondent's own key is inside the box
    Column("wave", Text, nullable=False),
    Column("cell", Text, nullable=False),  # JSON: the frame items that will stay with the answers
    Column("seal", Integer, nullable=False),  # number of the key that locks the box
    Column("box", LargeBinary, nullable=False),
    **_RANDOM,
)

QUOTAS = Table(
    "quotas",
    FIELD,
    Column("wave", Text, primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("quota", Text, primary_key=True),  # as the study writes it
    Column("cell", Text, primary_key=True),  # JSON list of the categories
    Column("period", Text, primary_key=True),  # "2027-03-04", "2027-W09", "2027-03", or "wave"
    Column("taken", Integer, nullable=False),
    Column("most", Integer, nullable=False),
)

ADDRESSES = Table(
    "addresses",
    FIELD,
    Column("contact", Text, primary_key=True),
    Column("email", Text),
    Column("phone", Text),  # as +33612345678
    Column("language", Text),  # the one to write in, where it is known
    Column("bad", Text, nullable=False),  # channels that do not reach the person: "", "email", "sms" or "email sms"
    Column("day", Text, nullable=False),  # last day on which it changed
    **_RANDOM,
)

OPT_OUTS = Table(
    "opt_outs",
    FIELD,
    Column("mark", LargeBinary, primary_key=True),  # keyed hash of a contact, an e-mail address or a telephone number
    Column("day", Text, nullable=False),
    Column("how", Text, nullable=False),  # "one click", "page", "file"
    **_RANDOM,
)

CONTACTED = Table(
    "contacted",
    FIELD,
    Column("contact", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # of an invitation that somebody else sent
    **_RANDOM,
)

EVENTS = Table(
    "events",
    FIELD,
    Column("event", Text, primary_key=True),  # id of the interaction, as its system gives it
    Column("touchpoint", Text, nullable=False),  # what waves follow: "visit.closed"
    Column("contact", Text, nullable=False, index=True),
    Column("audience", Text, nullable=False),
    Column("at", Text, nullable=False),  # moment of the interaction
    Column("received", Text, nullable=False),  # moment at which it came in
    Column("channel", Text, nullable=False),  # in which it happened, "" where nobody said
    Column("known", Text, nullable=False),  # JSON: frame item → value
    Column(
        "sha256", Text, nullable=False
    ),  # of its content: the same event twice is one, another under its name is none
    # "waiting" until it is decided; "invited"; "not asked", with the reason
    Column("state", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("wave", Text),  # that followed it
    Column("delay", Float),  # hours after which the person is asked: the wave's own, or of the arm drawn
    **_RANDOM,
)

OUTBOX = Table(
    "outbox",
    FIELD,
    Column(
        "id", LargeBinary, primary_key=True
    ),  # 16 bytes, of wave, audience, person and step: planning twice plans once
    Column("wave", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("token", LargeBinary, nullable=False),  # the invitation
    Column("contact", Text, nullable=False),
    Column("step", Integer, nullable=False),  # 0 the invitation, 1 the first reminder, ...
    Column("channel", Text, nullable=False),  # "email", "sms", "qr"; "" where nothing reaches the person
    Column("due", Text, nullable=False),
    Column("expires", Text, nullable=False),  # not sent at this moment or later
    # "planned", "sending" (claimed), "sent", "bounced" (refused for good), "uncertain" (a sender stopped between the claim and
    # the mark: never sent again), "dropped" (with the reason)
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sender", Text),  # who claimed it
    Column("claimed", Text),
    Column("tries", Integer, nullable=False),
    Column("sent", Text),
    **_RANDOM,
)
FIRST = OUTBOX.c.step == literal_column("0")
"""Invitations without their reminders; written so that both databases see which index serves it."""
PLANNED = OUTBOX.c.state == literal_column("'planned'")
"""Messages that wait; likewise."""
for _name in ("token", "contact"):
    Index(f"ix_outbox_{_name}", OUTBOX.c[_name], sqlite_where=FIRST, postgresql_where=FIRST)
Index("ix_outbox_due", OUTBOX.c.due, sqlite_where=PLANNED, postgresql_where=PLANNED)

LINKS = Table(
    "links",
    FIELD,
    Column("mark", LargeBinary, primary_key=True),  # keyed hash of a short link, or of the link by which people opt out
    Column("kind", Text, nullable=False),  # "short", "out"
    Column("token", LargeBinary, nullable=False, index=True),  # the invitation
    **_RANDOM,
)

CALLERS = Table(
    "callers",
    FIELD,
    Column("name", Text, primary_key=True),  # of a system that may post events
    Column("mark", LargeBinary, nullable=False),  # hash of its key
    Column("day", Text, nullable=False),
)

CASES = Table(
    "cases",
    FIELD,
    Column("case", Text, primary_key=True),  # 8 letters and digits, from wave, alert and answer
    Column("wave", Text, nullable=False),
    Column("alert", Text, nullable=False),
    Column("token", LargeBinary, nullable=False),  # the invitation, by which who cares for it knows whom to call
    Column("owner", Text, nullable=False),
    Column("unit", Text, nullable=False),  # in which the owner cares for it (`within`), "" without
    Column("opened", Text, nullable=False),
    Column("call_back_by", Text, nullable=False),
    Column("close_by", Text, nullable=False),
    Column("called_back", Text),
    Column("closed", Text),
    Column("escalated", Text),
    Column("told", Text),  # moment at which the owner was written to
    Column("by", Text),  # who took it
    **_RANDOM,
)

ANSWERS = Table(
    "answers",
    SEALED,
    Column("key", LargeBinary, primary_key=True),
    Column("wave", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("known", Text, nullable=False),
    Column("answers", Text, nullable=False),
    **_RANDOM,
)

KEYS = Table(
    "keys",
    SEALED,
    Column("seal", Integer, primary_key=True, autoincrement=False),
    Column("wave", Text, primary_key=True),
    Column("private", LargeBinary, nullable=False),
)
