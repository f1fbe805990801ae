"""Written aside and renamed: whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest

from symmetry.aside import replace_file, replacing
from symmetry.errors import DataError


def _fill(folder: Path) -> None:
    with replacing(folder, holds="results") as staging:
        (staging / "levels.csv").write_text("1")
        (staging / "manifest.json").write_text('{"symmetry": "0", "holds": "results"}')


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """A text that cannot be written leaves the old one, and nothing beside it."""
    replace_file(tmp_path / "page.html", "old")
    with pytest.raises(UnicodeEncodeError):
        replace_file(tmp_path / "page.html", "half\ud800")
    assert [("page.html", "old")] == [(path.name, path.read_text()) for path in tmp_path.iterdir()]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt, OSError])
def test_an_interrupted_run_leaves_earlier_results_alone(tmp_path: Path, stop: type[BaseException]) -> None:
    """A run that fails, is stopped or fills the disk changes nothing and leaves nothing half-written."""
    _fill(tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def run() -> None:
        with replacing(tmp_path / "out", holds="results") as staging:
            (staging / "levels.csv").write_text("half")
            raise stop

    with pytest.raises(stop):
        run()
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert ["out"] == [path.name for path in tmp_path.iterdir()]


def test_results_are_replaced_whole(tmp_path: Path) -> None:
    """What a former run wrote and the new one does not is gone."""
    _fill(tmp_path / "out")
    (tmp_path / "out/old.csv").write_text("1")
    _fill(tmp_path / "out")
    assert not (tmp_path / "out/old.csv").exists()


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    """An existing folder with nothing in it is taken."""
    (tmp_path / "out").mkdir()
    _fill(tmp_path / "out")
    assert (tmp_path / "out/levels.csv").exists()


@pytest.mark.parametrize(
    "content", [{"thesis.txt": "years of work"}, {"manifest.json": '{"symmetry": 1, "holds": "responses"}'}]
)
def test_a_foreign_folder_is_refused(tmp_path: Path, content: dict[str, str]) -> None:
    """A folder that holds anything but results, even other files of ours, is left alone, and the message says what to do."""
    (tmp_path / "out").mkdir()
    for name, text in content.items():
        (tmp_path / "out" / name).write_text(text)
    with pytest.raises(DataError, match=r"something else than results.*\n  mend: name an empty or a new folder"):
        _fill(tmp_path / "out")
    assert sorted(content) == sorted(path.name for path in (tmp_path / "out").iterdir())


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    """A file where the folder should go is not deleted."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DataError, match="left alone"):
        _fill(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_disk_has_a_file_before_it_gets_its_name_and_the_name_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves the old file or the new one: its bytes are synced, then it is renamed, then the folder is synced."""
    steps: list[str] = []

    def sync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

    rename = Path.replace

    def renamed(path: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", renamed)
    replace_file(tmp_path / "counts.json", "{}", mode=0o600)
    assert steps == ["file", "rename", "folder"]
    assert stat.S_IMODE((tmp_path / "counts.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(("code", "raised"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced_is_no_failure_and_a_broken_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, raised: bool
) -> None:
    """Some file systems keep names by themselves and refuse to be asked; a disk that fails is told."""

    def sync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(OSError, match=os.strerror(code)) if raised else nullcontext():
        replace_file(tmp_path / "counts.json", "{}")
    assert (tmp_path / "counts.json").read_text() == "{}"


def test_a_folder_that_cannot_be_opened_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows opens no folder: the file is written all the same."""
    opened = os.open

    def refused(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path) == tmp_path:
            raise PermissionError(errno.EACCES, "refused", str(path))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refused)
    replace_file(tmp_path / "counts.json", "{}")
    assert (tmp_path / "counts.json").read_text() == "{}"
