"""Laws of recording: whatever is posted, in whatever company, the store holds what the pages would have read, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symmetry.fieldwork.asking.nouns import Outcome, Standing, Submission
from symmetry.fieldwork.asking.paging import on_route_only, pages_of, visible
from symmetry.fieldwork.asking.reading import read_page, stray
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import links, open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.recording import record
from symmetry.fieldwork.store.standing import standing_of
from symmetry.fieldwork.store.tokens import hash_of, secret_of
from symmetry.spec import Study, load

FULL = Path(__file__).resolve().parents[2] / "spec" / "full"
NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
PEOPLE = 400
Audience = Literal["customers", "employees"]
Post = tuple[int, Mapping[str, tuple[str, ...]]]
VALUES = st.sampled_from(["", "3", "4", "5", "9", "na", "price", "none", "new", "12,5", "2027-03-01", "words"])
NAMES = {
    "customers": {1: ("recommend", "satisfied", "respected"), 2: ("why", "word", "obstacles", "waited", "last_visit")},
    "employees": {
        1: ("recommend", "recommend.guess", "satisfied"),
        2: ("explained", "explained.guess", "seniority", "pride"),
    },
}


class Field:
    """An open wave, and people of whom nobody has answered yet."""

    def __init__(self, folder: Path, study: Study) -> None:
        self.store: Store = create(folder)
        samples = [_sample(study, audience) for audience in ("customers", "employees")]
        open_wave(self.store, study, "cold-2027", samples, on=date(2027, 3, 1), rehearse_on=date(2027, 3, 5), now=NOW)
        made = {audience: links(self.store, "cold-2027", audience) for audience in ("customers", "employees")}
        self._tokens = {audience: [link.rstrip("/")[-20:] for _, link in rows] for audience, rows in made.items()}
        self._next = count()

    def tokens(self, audience: str, people: int) -> list[str]:
        """The tokens of people who have not been here yet."""
        return [self._tokens[audience][next(self._next) % PEOPLE] for _ in range(people)]

    def record(self, token: str, posts: Sequence[Post]) -> list[Outcome]:
        """Record posts of one person in one transaction."""
        sent = [Submission(hash_of(token), secret_of(token), page, "en", fields, "next", NOW) for page, fields in posts]
        with to_write(self.store.field) as connection:
            return record(connection, self.store, sent)

    def standing(self, token: str) -> Standing:
        """Where somebody stands."""
        with self.store.field.connect() as connection:
            return standing_of(connection, self.store, hash_of(token), secret_of(token), NOW)


def _sample(study: Study, audience: str) -> Sample:
    """Everybody alike: in the north, of one branch."""
    known = {"region": "north", "branch": "b1"} | (
        {"channel": "branch", "balance": 5.0} if audience == "customers" else {}
    )
    fixed = {"stratum": "", "psu": "", "probability": 1.0, "given": 1.0, "drawn": True, "reason": ""}
    people = [f"{audience[0]}{number:03}" for number in range(PEOPLE)]
    units = pd.DataFrame({"person": people, "contact": people, **fixed, **known})
    return Sample(study.key, "cold-2027", audience, units, {})


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """One wave for all examples, each of which takes people of its own."""
    made = Field(tmp_path_factory.mktemp("field") / "store", load(FULL))
    yield made
    close(made.store)


def posts(audience: str) -> st.SearchStrategy[list[Post]]:
    """Up to six pages posted one after the other: in any order, twice, with the fields of another page, or none that there is."""
    values = st.lists(VALUES, min_size=1, max_size=2).map(tuple)
    fields = {
        page: st.dictionaries(st.sampled_from(names), values, max_size=3) for page, names in NAMES[audience].items()
    }
    proper = st.sampled_from([1, 2]).flatmap(lambda page: st.tuples(st.just(page), fields[page]))
    wild = st.tuples(st.integers(0, 3), fields[1])
    return st.lists(st.one_of(proper, proper, proper, wild), min_size=1, max_size=6)


def expected(standing: Standing, post: Post) -> tuple[str, Mapping[str, object]]:
    """What must come of a post, and what is saved then, told from the pages alone."""
    page, fields = post
    asked = standing.asked
    assert asked is not None
    pages = pages_of(asked, standing.person)
    if not 1 <= page <= len(pages) or stray(asked, pages[page - 1], fields):
        return "stray", standing.answers
    cells, faults = read_page(asked, visible(asked, pages[page - 1], standing.known, standing.answers), fields)
    if faults:
        return "invalid", standing.answers
    saved = {name: cell for name, cell in {**standing.answers, **cells}.items() if cell is not None}
    if any(visible(asked, later, standing.known, saved) for later in pages[page:]):
        return "saved", saved
    kept = on_route_only(asked, standing.known, saved)
    return ("complete", kept) if kept else ("invalid", standing.answers)


def again(standing: Standing, post: Post) -> str:
    """What must come of a post to somebody who is done: "complete" where it says what is stored, "used" where it does not."""
    page, fields = post
    asked, answers = standing.asked, standing.answers
    assert asked is not None
    pages = pages_of(asked, standing.person)
    if not answers or not 1 <= page <= len(pages) or stray(asked, pages[page - 1], fields):
        return "used"
    cells, faults = read_page(asked, visible(asked, pages[page - 1], standing.known, answers), fields)
    return "used" if faults or any(answers.get(name) != cell for name, cell in cells.items()) else "complete"


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["customers", "employees"]))
def test_posts_in_one_batch_end_as_posts_one_by_one(field: Field, data: st.DataObject, audience: Audience) -> None:
    """Two people who send the same, one in a single transaction and one in many, stand in the same place."""
    sent = data.draw(posts(audience))
    together, apart = field.tokens(audience, 2)
    batch = field.record(together, sent)
    single = [field.record(apart, [post])[0] for post in sent]
    assert [(each.kind, each.page, each.faults) for each in batch] == [
        (each.kind, each.page, each.faults) for each in single
    ]
    one, other = field.standing(together), field.standing(apart)
    assert (one.kind, one.answers, one.page, one.language) == (other.kind, other.answers, other.page, other.language)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["customers", "employees"]))
def test_the_store_holds_what_the_pages_read(field: Field, data: st.DataObject, audience: Audience) -> None:
    """After each post the outcome and the answers are those told from the pages alone; what is wrong or final changes nothing."""
    (token,) = field.tokens(audience, 1)
    for post in data.draw(posts(audience)):
        before = field.standing(token)
        (outcome,) = field.record(token, [post])
        after = field.standing(token)
        if before.kind == "complete":
            assert (again(before, post), before) == (outcome.kind, after)
            continue
        kind, saved = expected(before, post)
        assert kind == outcome.kind
        if kind == "complete" and audience == "employees":
            assert ("complete", {}) == (after.kind, after.answers)
        else:
            assert saved == after.answers
