"""One verb for every format: a folder of files that is whole or not there, for the analyst alone, with all losses told.

The folder's manifest says from which answers it was made (their content hashes), in which language, and what was lost.
Nothing in it tells of a day or a machine: the same answers and the same study give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from symmetry.aside import replacing
from symmetry.errors import DataError, Place
from symmetry.responses.exporting.describing import describe
from symmetry.responses.exporting.nouns import Table, Written
from symmetry.responses.hashing import canonical_json, sha256
from symmetry.responses.nouns import Responses
from symmetry.spec import Study, nearest

__all__ = ["FORMATS", "export"]

FORMATS: Mapping[str, str] = {
    "sav": "spss:write_spss",
    "triple-s": "triple_s:write_triple_s",
    "csv": "delimited:write_csv",
    "parquet": "parquet:write_parquet",
}
_Writer = Callable[[Table, Path], tuple[str, ...]]


def export(
    responses: Responses,
    study: Study,
    out: Path,
    to: str,
    language: str | None = None,
    *,
    tables: Collection[str] = (),
    labels: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Written:
    """Write frozen answers for another program, with labels and missing codes.

    Parameters
    ----------
    responses : frozen answers, as `read` verified them.
    study : the study they answer; its words become the labels.
    out : folder to write; missing, empty, or holding an earlier export, which is replaced as a whole.
    to : "sav", "triple-s", "csv" or "parquet".
    language : of the labels; the study's first by default.
    tables : `wave/audience` of those to write; all of them by default.
    labels : write words instead of codes into a CSV file.
    tell : called with the key of each table before it is written.

    Returns
    -------
    Written: the files, and what each format could not carry.

    Raises
    ------
    DataError : no such format (XPT01), table (XPT05) or language (XPT06); words asked of a format that keeps both (XPT07);
        the disk refuses (XPT08); `out` holds something else (OUT01); a package is not installed (EXT02).
    """
    chosen = list(_tables(responses, study, language, tables, labels))
    write = _writer(to, labels)
    losses: dict[str, tuple[str, ...]] = {}
    try:
        with replacing(out, holds="export", mode=0o700) as new:
            for table in chosen:
                if tell:
                    tell(table.key)
                told = (*_common_losses(responses, table, to), *write(table, new))
                losses[table.key] = tuple(dict.fromkeys(told))
            names = sorted(path.name for path in new.iterdir())
            hashes = {name: sha256((new / name).read_bytes()) for name in names}
            (new / "manifest.json").write_bytes(_manifest(responses, chosen, to, hashes, losses))
            for path in new.iterdir():
                path.chmod(0o600)
    except OSError as error:
        what = f"the answers could not be written: {error.strerror or error}"
        mend = "free some room or choose another folder; what was there before is untouched"
        raise DataError(what, where=Place(out), mend=mend, code="XPT08") from error
    return Written(out, tuple(out / name for name in (*names, "manifest.json")), losses)


def _writer(to: str, labels: bool) -> _Writer:
    """The function that writes a format."""
    if to not in FORMATS:
        what = f"frozen answers are not written as `{to}`"
        raise DataError(what, mend=nearest(to, FORMATS), code="XPT01")
    if labels and to != "csv":
        what, mend = f"`{to}` holds codes and their labels side by side", "leave `--labels` out; it is for csv"
        raise DataError(what, mend=mend, code="XPT07")
    file, name = FORMATS[to].split(":")
    write: _Writer = getattr(import_module(f"symmetry.responses.exporting.{file}"), name)
    return write


def _tables(
    responses: Responses, study: Study, language: str | None, wanted: Collection[str], labels: bool
) -> Iterator[Table]:
    """The tables to write, each with its words."""
    have = {f"{wave}/{audience}": (wave, audience) for wave, audience in responses.answers}
    for key in wanted:
        if key not in have:
            raise DataError(f"there are no answers `{key}`", mend=nearest(key, have), code="XPT05")
    spoken = language or study.languages[0]
    if spoken not in study.languages:
        what = f"study `{study.key}` does not speak `{spoken}`"
        raise DataError(what, where=Place(study.path), mend=nearest(spoken, study.languages), code="XPT06")
    for key in dict.fromkeys(wanted or have):
        wave, audience = have[key]
        columns = describe(study, wave, audience, spoken)
        answers, content = responses.answers[wave, audience], responses.hashes[key]
        simulated = responses.manifest["tables"][key]["simulated"]
        yield Table(study, wave, audience, spoken, answers, columns, content, labels, simulated)


def _common_losses(responses: Responses, table: Table, to: str) -> Iterator[str]:
    """What is said of any format."""
    if responses.manifest["study"]["digest"] != table.study.digest:
        yield "The study has changed since the answers were frozen: the labels are today's words."
    if table.simulated and to in ("triple-s", "csv"):
        yield "These answers are simulated or rehearsed, which the file does not say: the manifest beside it does."


def _manifest(
    responses: Responses,
    tables: list[Table],
    to: str,
    hashes: Mapping[str, str],
    losses: Mapping[str, tuple[str, ...]],
) -> bytes:
    """What the folder holds, and where it comes from."""
    return canonical_json(
        {
            "symmetry": 1,
            "holds": "export",
            "format": to,
            "study": responses.manifest["study"],
            "language": tables[0].language,
            "labels": tables[0].labels,
            "tables": {
                table.key: {
                    "rows": len(table.answers),
                    "content": table.content,
                    "simulated": table.simulated,
                    "losses": list(losses[table.key]),
                }
                for table in tables
            },
            "files": dict(hashes),
        }
    )
