"""The verbs field open and field close: paths on stdout, talk on stderr, and nobody's name in either."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from symmetry import cli
from symmetry.fieldwork.store.tokens import is_token
from tests.fieldwork.store.waves import study_with


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A study, and the samples of both its audiences, drawn from frames of eight people."""
    study_with(tmp_path)
    for audience in ("customers", "employees"):
        frame = tmp_path / f"{audience}.csv"
        people = "".join(f"{audience}-{n}@example.org,{('north', 'south')[n % 2]}\n" for n in range(8))
        frame.write_text(f"person,site\n{people}", encoding="utf-8")
        words = ["draw", str(tmp_path / "small"), "cold", "--audience", audience, "--frame", str(frame)]
        assert cli.main([*words, "--seed", "1", "--on", "2026-12-01", "--out", str(tmp_path / audience)]) == 0
    return tmp_path


def opening(home: Path, *more: str) -> list[str]:
    """The words that open the wave."""
    samples = ["--sample", str(home / "customers"), "--sample", str(home / "employees")]
    return ["field", "open", str(home / "small"), "cold", *samples, "--store", str(home / "field"), *more]


def test_open_writes_the_links_of_everybody_and_says_where(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two files of links on stdout, for their owner's eyes alone; no contact and no token in what is printed."""
    capsys.readouterr()
    assert cli.main(opening(home, "--address", "https://survey.example.org")) == 0
    out, err = capsys.readouterr()
    files = [home / "field" / f"links-cold-{audience}.csv" for audience in ("customers", "employees")]
    assert out.splitlines() == [str(file) for file in files]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (*files, home / "field")] == [0o600, 0o600, 0o700]
    with files[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["contact"] for row in rows] == [f"customers-{n}@example.org" for n in range(8)]
    heads, tokens = zip(*(row["link"].removesuffix("/").rsplit("/", 1) for row in rows), strict=True)
    assert (set(heads), all(map(is_token, tokens)), len(set(tokens))) == ({"https://survey.example.org/s"}, True, 8)
    assert [word for word in ("example.org,", "customers-1", *tokens) if word in out + err] == []
    assert "cold/customers: 8 people invited" in err
    assert str(home / "small/fielded/cold.json") in err


def test_open_again_writes_the_same_links(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time nothing changes, and a lost file of links comes back as it was."""
    cli.main(opening(home))
    links = home / "field/links-cold-customers.csv"
    before = links.read_text("utf-8")
    links.unlink()
    capsys.readouterr()
    assert cli.main(opening(home)) == 0
    assert "8 people were invited before; nothing has changed" in capsys.readouterr().err
    assert links.read_text("utf-8") == before
    assert "http://127.0.0.1:8000/s/" in before


def test_a_rehearsal_says_so_and_leaves_the_study_unsealed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--rehearse-on` tries the wave out on one of its days, in a store of its own."""
    assert cli.main(opening(home, "--rehearse-on", "2027-03-02")) == 0
    assert "a rehearsal, as if today were 2027-03-02" in capsys.readouterr().err
    assert not (home / "small/fielded").exists()
    assert cli.main(opening(home)) == 1
    assert "OPN07" in capsys.readouterr().err


def test_close_tells_how_invitations_ended(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """States and their counts on stderr, the files that were written on stdout; once more is no fault."""
    cli.main(opening(home))
    capsys.readouterr()
    words = ["field", "close", "cold", "--store", str(home / "field"), "--backup"]
    for copy in (home / "copy", home / "again"):
        assert cli.main([*words, str(copy)]) == 0
        out, err = capsys.readouterr()
        assert out.splitlines() == [str(home / "field/closed-cold.json"), str(copy)]
        assert "cold/customers: 8 invited\ncold/employees: 8 asked\n" in err
        assert "@" not in out + err
    assert cli.main(opening(home)) == 1
    assert "OPN06" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--address", "survey.example.org"), "OPN12"),
        (("--sample", "CUSTOMERS"), "OPN03"),
        (("--database", "postgresql://u:secret@127.0.0.1:1/a"), "STO05"),
        (("--rehearse-on", "2028-01-01"), "OPN10"),
    ],
)
def test_what_cannot_be_opened_is_said_with_its_remedy(
    home: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: str
) -> None:
    """Exit code 1, the fault with its code, and a password never repeated."""
    given = [word.replace("CUSTOMERS", str(home / "customers")) for word in more]
    assert cli.main(opening(home, *given)) == 1
    err = capsys.readouterr().err
    assert f"error {code} " in err
    assert "mend: " in err
    assert "secret" not in err


def test_a_store_stays_where_its_databases_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A store on files is not moved to a server by naming one."""
    cli.main(opening(home))
    urls = ["--database", "postgresql://u@127.0.0.1:1/a", "--sealed-database", "postgresql://u@127.0.0.1:1/b"]
    assert cli.main(opening(home, *urls)) == 1
    assert "error OPN16 " in capsys.readouterr().err


def test_a_close_that_was_cut_off_is_told_of(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who opens another wave hears which one is closed by half, and what to run."""
    from symmetry.fieldwork.store.connecting import to_write
    from symmetry.fieldwork.store.opening import close, open_store
    from symmetry.fieldwork.store.tables import WAVES

    cli.main(opening(home))
    store = open_store(home / "field")
    with to_write(store.field) as connection:
        connection.execute(WAVES.update().values(wave="half", state="closing"))
    close(store)
    capsys.readouterr()
    cli.main(opening(home))
    assert f"symmetry field close half --store {home / 'field'}" in capsys.readouterr().err


def test_passwords_are_kept_off_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The help says where they belong."""
    with pytest.raises(SystemExit):
        cli.main(["field", "open", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert words.count("on the command line others on the machine can read it") == 2


@pytest.mark.parametrize("words", [["field"], ["field", "open"], ["field", "close", "cold"], ["field", "shut", "cold"]])
def test_wrong_usage_of_the_field_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A missing verb, study or store, and a verb that does not exist, are a matter of usage."""
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2
    assert "usage: symmetry field" in capsys.readouterr().err


def test_a_day_is_written_as_a_day(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--on tomorrow` is a matter of usage."""
    with pytest.raises(SystemExit) as stop:
        cli.main(opening(home, "--on", "tomorrow"))
    assert (stop.value.code, "'tomorrow' is no day" in capsys.readouterr().err) == (2, True)


def test_a_rehearsed_close_is_of_the_rehearsed_day(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in a rehearsal is of today: neither the day of its close, nor what is kept for so long after it."""
    assert cli.main(opening(home, "--rehearse-on", "2027-03-02")) == 0
    assert cli.main(["field", "close", "cold", "--store", str(home / "field")]) == 0
    note = json.loads((home / "field/closed-cold.json").read_text("utf-8"))
    assert note["closed"] == "2027-03-02"
    capsys.readouterr()
