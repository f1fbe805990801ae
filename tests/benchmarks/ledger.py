"""Asks the ledger about 100,000 contacts at once, and prints how long it took.

    python -m tests.benchmarks.ledger [--contacts 100000] [--messages 300000]

The store holds an address of each, `messages` rows of the outbox (invitations and their reminders, over 14 months), contacts
made elsewhere and opt-outs; on SQLite, in a fresh folder.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from symmetry import spec
from symmetry.fieldwork import close_store, create_store
from symmetry.fieldwork.contacts.ledger import ledger_key, verdicts
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, OUTBOX
from symmetry.fieldwork.timing import stamp

AT = datetime(2027, 6, 1, 12, tzinfo=UTC)
STUDY = Path(__file__).parents[2] / "survey_specs" / "everyday_bank"


def fill(store: Store, contacts: list[str], messages: int) -> None:
    """Put a past into a store: every third message is an invitation, the others remind of it."""
    drawn = random.Random(20270601)
    rows = []
    for number in range(messages):
        contact = contacts[drawn.randrange(len(contacts))]
        sent = stamp(AT - timedelta(hours=drawn.randrange(1, 24 * 420)))
        rows.append({
            "id": drawn.randbytes(16), "wave": "hot", "audience": "customers", "token": drawn.randbytes(16), "contact": contact,
            "step": number % 3, "channel": "email", "due": sent, "expires": sent, "state": "sent", "reason": "", "tries": 1,
            "sent": sent,
        })  # fmt: skip
    addresses = [
        {
            "contact": each,
            "email": f"{each}@example.org",
            "phone": f"+336{each[2:]:0>8}",
            "bad": "",
            "day": "2027-01-01",
        }
        for each in contacts
    ]
    elsewhere = [
        {"contact": each, "day": (AT - timedelta(days=drawn.randrange(400))).date().isoformat()}
        for each in contacts[:: max(1, len(contacts) // 10_000)]
    ]
    with to_write(store.field) as connection:
        for table, given in ((OUTBOX, rows), (ADDRESSES, addresses), (CONTACTED, elsewhere)):
            connection.execute(insert(table), given)
        opt_out(connection, ledger_key(store.folder), contacts[::200], AT, "file")


def main() -> None:
    """Fill a store, ask, and print the time of each of five looks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=300_000)
    options = parser.parse_args()
    study = spec.load(STUDY)
    contacts = [f"c-{number:06d}" for number in range(options.contacts)]
    with tempfile.TemporaryDirectory() as folder:
        store = create_store(Path(folder) / "field")
        fill(store, contacts, options.messages)
        key = ledger_key(store.folder)
        for _ in range(5):
            begun = time.perf_counter()
            with store.field.connect() as connection:
                found = verdicts(connection, key, study, "hot", "customers", contacts, AT)
            print(f"{time.perf_counter() - begun:.2f} s", dict(Counter(found)))
        close_store(store)


if __name__ == "__main__":
    main()
