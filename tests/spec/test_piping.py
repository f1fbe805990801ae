"""Earlier answers inside the words of a question: which names are braces, and who has answered what before."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.spec.nouns import AUDIENCE_OF, Item, Scale
from symmetry.spec.piping import ABSENT, BraceError, fill, piping_problems, placeholders
from symmetry.spec.running import Wave

NPS = Scale("nps", "nps", 0, 10)


def item(key: str, scale: Scale | None = NPS, **faces: str | dict[str, str]) -> Item:
    """An item with some faces, in English where only a text is given."""
    texts = {face: {"en": said} if isinstance(said, str) else said for face, said in faces.items()}
    who = tuple(dict.fromkeys(AUDIENCE_OF[face] for face in faces))
    return Item(key, "outcome", {}, scale, faces=texts, audiences=who)


def frame(key: str, *audiences: str) -> Item:
    """An item known beforehand."""
    return Item(key, "frame", {}, audiences=audiences)


def wave(key: str, *items: str, audiences: tuple[str, ...] = ("customers", "employees")) -> Wave:
    """A wave that asks some items."""
    return Wave(key, "cold", audiences, items)


def problems(*items: Item, waves: tuple[Wave, ...] = ()) -> list[tuple[str, str, int]]:
    """Code, route and offset of each problem, all of which say what to do."""
    found = piping_problems({each.key: each for each in items}, {each.key: each for each in waves})
    assert all(what and mend for *_, what, mend in found)
    return [(code, ".".join(map(str, route[1:])), offset) for code, route, offset, *_ in found]


def test_names_stand_between_braces() -> None:
    """Each name with the place of its brace, repeats included; doubled braces are braces."""
    assert (("a", 0), ("b_2.guess", 4), ("a", 16)) == placeholders("{a} {b_2.guess} {a} {{c}}")
    assert () == placeholders("Ni {{ceci}} ni cela, 100 % ?")


@pytest.mark.parametrize(
    ("text", "offset"),
    [("a { b", 2), ("a } b", 2), ("{}", 0), ("{a", 0), ("a}", 1), ("{Été}", 0), ("{{{", 2), ("{a b}", 0)],
)
def test_a_lone_brace_is_told(text: str, offset: int) -> None:
    """A brace that belongs to no placeholder is a slip, wherever it stands, and has its place."""
    for read in (placeholders, lambda words: fill(words, {})):
        with pytest.raises(BraceError) as told:
            read(text)
        assert offset == told.value.offset


def test_fill_reads_as_the_respondent_does() -> None:
    """Answers take their places, an absent one is `…`, and braces in an answer are not read again."""
    assert "7 of {10}, 7" == fill("{a} of {{10}}, {a}", {"a": "7"})
    assert f"You gave {ABSENT}." == fill("You gave {a}.", {})
    assert "{b} {{" == fill("{a}", {"a": "{b} {{", "b": "no"})


@given(st.lists(st.sampled_from(["{a}", "{b.guess}", "{{", "}}", "é ", "x"])))
def test_filling_is_formatting(parts: list[str]) -> None:
    """On sound texts, `fill` and `placeholders` agree with Python's own reader of braces."""
    text = "".join(parts)
    answers = {"a": "7", "b.guess": "{a}"}
    ours = fill(text, answers)
    theirs = string.Formatter().vformat(text.replace("b.guess", "b_guess"), (), {"a": "7", "b_guess": "{a}"})
    assert theirs == ours
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    assert names == [name for name, _ in placeholders(text)]
    assert all(text[offset] == "{" for _, offset in placeholders(text))


def test_a_sound_study_has_no_problem() -> None:
    """Own answers, guesses, frame items and faces of the same item asked before, in every language."""
    assert [] == problems(
        frame("branch", "customers", "employees"),
        item("nps", customer="In {branch}?", employee="In {branch}?", guess="You said {nps}. And they?"),
        item("why", None, customer={"fr": "{nps} ?", "en": "{nps}?"}, employee="{nps}, {nps.guess}: why?"),
        waves=(wave("cold", "nps", "why"), wave("hot", "nps", audiences=("customers",))),
    )


def test_pip01_a_name_nobody_asked() -> None:
    """An unknown name, with its likely one; a face that does not exist; an own face under its long name."""
    first = item("recommend", customer="Would you?", employee="Would you?", guess="Would they?")
    second = item("why", None, employee={"en": "{recommand} {recommend.gess} {recommend.employee}"})
    found = piping_problems({"recommend": first, "why": second}, {})
    assert [("PIP01", 0), ("PIP01", 12), ("PIP01", 29)] == [(code, offset) for code, _, offset, *_ in found]
    assert "did you mean `recommend`?" == found[0][-1]
    assert "did you mean `recommend.guess`?" == found[1][-1]
    assert "write `{recommend}`: the bare key is the reader's own answer" == found[2][-1]


def test_pip02_what_this_audience_never_answers() -> None:
    """Customers do not know what employees guessed, nor a frame item of employees alone."""
    nps = item("nps", customer="Would you?", guess="Would they?")
    why = item("why", None, customer="{nps.guess} {site} {nps}", employee="{nps}")
    expected = [("PIP02", "why.customer.en", 0), ("PIP02", "why.customer.en", 12), ("PIP02", "why.employee.en", 0)]
    assert expected == problems(frame("site", "employees"), nps, why)


def test_pip02_what_is_asked_later() -> None:
    """The answer must come first: in the study, inside an item, and in every wave that asks both."""
    later = item("nps", customer="{why}?"), item("why", None, customer="Why?")
    assert [("PIP02", "nps.customer.en", 0)] == problems(*later)
    within = item("nps", employee="They say {nps.guess}", guess="They?")
    assert [("PIP02", "nps.employee.en", 9)] == problems(within)
    itself = item("nps", customer="{nps}?")
    assert [("PIP02", "nps.customer.en", 0)] == problems(itself)


def test_pip02_what_a_wave_asks_later_or_not_at_all() -> None:
    """A wave with another order, or without the item, would show `…` to everybody."""
    nps, why = item("nps", customer="Would you?"), item("why", None, customer="{nps}: why?")
    assert [] == problems(nps, why, waves=(wave("cold", "nps", "why"),))
    assert [("PIP02", "why.customer.en", 0)] == problems(nps, why, waves=(wave("cold", "why", "nps"),))
    assert [("PIP02", "why.customer.en", 0)] == problems(nps, why, waves=(wave("hot", "why"),))
    assert [] == problems(nps, why, waves=(wave("hot", "why", audiences=("employees",)), wave("cold", "nps")))


def test_a_misplaced_name_is_told_once() -> None:
    """The same name in two languages and twice in one text is one slip."""
    both = {"fr": "{why} {why} ?", "en": "{why}?"}
    assert [("PIP02", "nps.customer.fr", 0)] == problems(item("nps", customer=both), item("why", None, customer="Why?"))


def test_pip03_languages_pipe_the_same() -> None:
    """A translation that lost a placeholder, or has one more, in whatever order they stand."""
    a, b = item("a", customer="A?"), item("b", customer="B?")
    lost = item("why", None, customer={"fr": "{a} {b}", "en": "b {b}"})
    more = item("why", None, customer={"fr": "{a}", "en": "on {b} and {a}"})
    same = item("why", None, customer={"fr": "{a} {b}", "en": "{b} {a} {a}"})
    assert [("PIP03", "why.customer.en", 0)] == problems(a, b, lost)
    assert [("PIP03", "why.customer.en", 3)] == problems(a, b, more)
    assert [] == problems(a, b, same)


def test_pip04_a_lone_brace_has_its_place_in_its_language() -> None:
    """One slip, one message: what the other languages pipe is not held against this one."""
    a = item("a", customer="A?")
    assert [("PIP04", "why.customer.en", 3)] == problems(a, item("why", customer={"fr": "{a}", "en": "On {a"}))


def test_a_guess_does_not_repeat_the_slips_of_the_customer_face() -> None:
    """`guess: auto` is made of the customer's words: their slip is told once, the guess's own slips are not lost."""
    slip = item("nps", customer="{x}?", guess="What would they answer? “{x}?”")
    own = item("nps", customer="Would you?", guess="{y}?")
    assert [("PIP01", "nps.customer.en", 0)] == problems(slip)
    assert [("PIP01", "nps.customer.en", 0), ("PIP01", "why.guess.en", 0)] == problems(
        slip, item("why", customer="Why?", guess="{x}?")
    )
    assert [("PIP01", "nps.guess.en", 0)] == problems(own)


def test_a_guess_reads_what_employees_answered() -> None:
    """A piped customer text that becomes a guess is held against what employees were asked."""
    nps = item("nps", customer="Would you?")
    why = item("why", customer="{nps}: why?", guess="What would they answer? “{nps}: why?”")
    assert [("PIP02", "why.guess.en", 25)] == problems(nps, why)
