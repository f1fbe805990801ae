"""Which format goes where: one verb out, one verb in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.nouns import Draft, Exported
from symmetry.spec.nouns import Study
from symmetry.spec.validating import nearest

__all__ = ["FORMATS", "draft", "export"]

FORMATS: Mapping[str, str] = {
    "xlsform": "to_xlsform",
    "surveyjs": "to_surveyjs",
    "limesurvey": "to_limesurvey",
    "triple-s": "to_triple_s",
    "ddi": "to_ddi",
}
_READERS = {
    ".xlsx": ("xlsform_import", "from_xlsform"),
    ".xls": ("xlsform_import", "from_xlsform"),
    ".qsf": ("qsf", "from_qsf"),
}


def export(study: Study, to: str, *, wave: str | None = None, audience: str | None = None) -> Exported:
    """One questionnaire of a study in the format of another tool.

    Parameters
    ----------
    study : the study, without errors.
    to : "xlsform", "surveyjs", "limesurvey", "triple-s", or "ddi", which describes every wave and audience of the study
        unless it is told one.
    wave : key of the wave; the first one by default.
    audience : who answers it; the wave's first by default.

    Returns
    -------
    The suggested file name, its bytes, and what the format cannot carry.

    Raises
    ------
    SpecError : no such format (XCH11) or wave (EXP01), an audience it does not ask (EXP02), or what the format refuses.
    """
    if to not in FORMATS:
        raise SpecError(f"there is no format `{to}`", mend=nearest(to, FORMATS), code="XCH11")
    write: Callable[..., Exported] = getattr(
        import_module(f"symmetry.spec.exchange.{to.replace('-', '_')}"), FORMATS[to]
    )
    if to == "ddi":
        return write(study, wave)
    wave = next(iter(study.waves)) if wave is None else wave
    if audience is None and wave in study.waves:
        audience = study.waves[wave].audiences[0]
    return write(study, wave, audience)


def draft(path: Path | str, *, audience: str = "customers") -> Draft:
    """A foreign questionnaire as a first draft of a study, and everything that it does not say.

    Parameters
    ----------
    path : an XLSForm (.xlsx, .xls) or a Qualtrics survey (.qsf).
    audience : who answers it: "customers", "employees" or "observers".

    Raises
    ------
    SpecError : another kind of file (XCH12), or one that cannot be read (XCH01 to XCH10).
    """
    file = Path(path)
    if file.suffix.lower() not in _READERS:
        what = f"a `{file.suffix or file.name}` file is no questionnaire that can be read"
        raise SpecError(
            what, where=Place(file), mend="give an XLSForm (.xlsx) or a Qualtrics survey (.qsf)", code="XCH12"
        )
    module, name = _READERS[file.suffix.lower()]
    read: Callable[..., Draft] = getattr(import_module(f"symmetry.spec.exchange.{module}"), name)
    return read(file, audience)
