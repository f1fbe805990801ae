"""The tables of the two stores.  `migrations` makes them; this is what the code speaks to.

*field*: waves, who is invited, what customers and observers answered, employees' drafts (locked with a key the store does not
have) and employees' finished answers on their way, each in a box that only the sealed store can open.  *sealed*: employees'
answers, with no token, no person, no day and no order, and the keys of the boxes still on their way.

Rows stand by random keys, never by arrival; no table has a time finer than a day.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text

__all__ = [
    "ANSWERS",
    "DRAFTS",
    "FIELD",
    "HOLDING",
    "INVITATIONS",
    "KEYS",
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
