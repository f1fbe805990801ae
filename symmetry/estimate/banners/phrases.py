"""What banner tables say, in English and in French: one template, two languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from symmetry.errors import DesignError

__all__ = ["LANGUAGES", "check_language", "decimal", "heading", "note_in", "say", "titled"]

LANGUAGES = ("en", "fr")

_SAID: Mapping[str, tuple[str, str]] = {
    "yes": ("Yes", "Oui"),
    "no": ("No", "Non"),
    "total": ("Total", "Total"),
    "line": ("{title}: {answer}", "{title} : {answer}"),
    "per cent": ("{value}%", "{value} %"),
    "base": ("Base (answers)", "Base (réponses)"),
    "base_weighted": ("Base (weighted)", "Base (pondérée)"),
    "base_effective": ("Effective base", "Base effective"),
    "few": ("fewer than {n} answers, counted or effective", "moins de {n} réponses, comptées ou effectives"),
    "silent key": (
        "No columns were compared: a letter would name a lower column of the same head.",
        "Aucune colonne n’a été comparée : une lettre désignerait une colonne plus basse du même groupe.",
    ),
    "key": (
        "A letter names a column of the same head that this one is higher than: capitals at {capital}{small}.{star}",
        "Une lettre désigne une colonne du même groupe que celle-ci dépasse : majuscules à {capital}{small}.{star}",
    ),
    "small letters": (", small letters at {level}", ", minuscules à {level}"),
    "star": (" * and grey: {few}; not compared.", " * et gris : {few} ; non comparée."),
    "family line": (
        "the pairs of columns of one head on one line",
        "les paires de colonnes d’un groupe sur une ligne",
    ),
    "family item": (
        "the pairs of columns of one head on all lines of an item",
        "les paires de colonnes d’un groupe sur toutes les lignes d’une question",
    ),
    "family head": (
        "the pairs of columns of one head on all lines of the table",
        "les paires de colonnes d’un groupe sur toutes les lignes du tableau",
    ),
    "Reading": ("Reading", "Lecture"),
    "Design": ("Design", "Plan de sondage"),
    "Assumed": ("Assumed", "Hypothèse"),
    "Tests": ("Tests", "Tests"),
    "tests": (
        (
            "Two-sided t of the difference between two columns of a head; its error comes from the sampling design (weights, "
            "strata, psus, finite populations), the covariance between the two columns included."
        ),
        (
            "Test t bilatéral de l’écart entre deux colonnes d’un groupe ; son erreur vient du plan de sondage (poids, strates, "
            "unités primaires, populations finies), covariance entre les deux colonnes comprise."
        ),
    ),
    "Degrees of freedom": ("Degrees of freedom", "Degrés de liberté"),
    "df": (
        "Psus minus strata, the fewer of the two columns'; Satterthwaite's across audiences.",
        "Unités primaires moins strates, le plus petit nombre des deux colonnes ; Satterthwaite entre deux publics.",
    ),
    "Adjustment": ("Adjustment", "Ajustement"),
    "adjusted": (
        "p-values adjusted by {method}, over {family}.",
        "Valeurs p ajustées par la méthode {method}, sur {family}.",
    ),
    "alone": ("None: each pair stands alone.", "Aucun : chaque paire est jugée seule."),
    "Compared": ("Compared", "Comparaisons"),
    "compared": (
        "{tested} pairs of columns; not compared: {why}.",
        "{tested} paires de colonnes ; non comparées : {why}.",
    ),
    "none": ("none", "aucune"),
    "about base": (
        "Respondents of some weight who answered the item.",
        "Personnes de poids non nul qui ont répondu à la question.",
    ),
    "about base_weighted": ("Sum of their weights.", "Somme de leurs poids."),
    "about base_effective": (
        (
            "Answers over the design effect: the size of a simple random sample that would be as precise. "
            "Of shares by the mean design effect of the answers (Rao and Scott 1981)."
        ),
        (
            "Réponses divisées par l’effet de plan : la taille d’un échantillon aléatoire simple aussi précis. "
            "Pour des parts, l’effet de plan moyen des réponses (Rao et Scott 1981)."
        ),
    ),
    "Small bases": ("Small bases", "Petites bases"),
    "small": ("* and grey: {few}; shown, not compared.", "* et gris : {few} ; montrée, non comparée."),
    "Empty columns": ("Empty columns", "Colonnes vides"),
    "empty": ("– : nobody in the column answered the item.", "– : personne dans la colonne n’a répondu à la question."),
    "Scores": ("Scores", "Scores"),
    "scores": (
        "Net Promoter Score in points, −100 to 100. Shares are percentages of the column's weighted base.",
        "Net Promoter Score en points, de −100 à 100. Les parts sont des pourcentages de la base pondérée de la colonne.",
    ),
    "In R": ("In R", "Dans R"),
    "Banner table": ("Banner table", "Tableau croisé"),
    "Banner": ("Banner", "Tableau"),
    "Cells": ("Cells", "Cellules"),
    "Notes": ("Notes", "Notes"),
    "page": ("Page &P of &N", "Page &P sur &N"),
    "how": ("How this table was made", "Comment ce tableau a été fait"),
    "rows": ("{n} rows", "{n} lignes"),
    "psus": (", {psus} psus in {strata} strata", ", {psus} unités primaires dans {strata} strate{s}"),
}
_TITLES = {
    "en": {"mean": "Mean", "nps": "Net Promoter Score", "csat": "CSAT", "ces": "CES"},
    "fr": {
        "mean": "Moyenne", "nps": "Net Promoter Score", "csat": "CSAT", "ces": "CES", "share": "Part",
        "top_box": "Réponses les plus hautes", "bottom_box": "Réponses les plus basses", "median": "Médiane",
        "quantile": "Quantile", "total": "Total", "ratio": "Ratio", "statistic": "Statistique",
    },
}  # fmt: skip
_HEADINGS = {
    "statistic": "statistique", "item": "question", "category": "réponse", "head": "groupe", "column": "colonne",
    "letter": "lettre", "estimate": "estimation", "se": "erreur type", "lower": "borne basse", "upper": "borne haute",
    "df": "degrés de liberté", "deff": "effet de plan", "n": "n", "n_eff": "n effectif", "note": "note", "base": "base",
    "base_weighted": "base pondérée", "base_effective": "base effective", "title": "titre", "line": "ligne",
    "unit": "unité", "higher_than": "dépasse", "column_a": "colonne a", "letter_a": "lettre a", "column_b": "colonne b",
    "letter_b": "lettre b", "difference": "écart", "p": "p", "p_adjusted": "p ajusté",
}  # fmt: skip
_NOTES = {
    r"nobody answered": "personne n’a répondu",
    r"small base": "petite base",
    r"no error to test by": "sans erreur pour tester",
    r"no degrees of freedom": "sans degré de liberté",
    r"base of fewer than (\d+) answers, counted or effective": r"base de moins de \1 réponses, comptées ou effectives",
    r"all answers on one side: exact binomial interval of the psus":
        "toutes les réponses du même côté : intervalle binomial exact des unités primaires",
    r"outside 0 to 1: value ± t·se": "hors de 0 à 1 : valeur ± t·erreur type",
    r"scale taken from the answers: (\S+) to (\S+)": r"échelle prise dans les réponses : de \1 à \2",
    r"every answer is 6 or less: were they given from 0 to 10\?":
        "toutes les réponses sont 6 ou moins : ont-elles été données de 0 à 10 ?",
    r"(\d+) of (\d+) replicates gave no value and were left out":
        r"\1 répliques sur \2 n’ont pas donné de valeur et sont écartées",
    r"(\d+) missing answers count as 0": r"\1 réponses manquantes comptent pour 0",
    r"the estimated variance is below 0, which joint probabilities and two phases allow: no standard error":
        "la variance estimée est négative, ce que permettent probabilités doubles et deux phases : pas d’erreur type",
    r"later stages have no fpc: the variance within (.+) is left out":
        r"les degrés suivants n’ont pas de population finie : la variance à l’intérieur de \1 est laissée de côté",
    r"(\d+) labels of (.+) are reused across strata: each stratum × label is a psu of its own":
        r"\1 étiquettes de \2 reviennent dans plusieurs strates : chaque strate × étiquette est une unité primaire",
    r"weights calibrated on (.+): linearised variances are those of the residuals":
        r"poids calés sur \1 : les variances linéarisées sont celles des résidus",
    r"(\d+) strata of the second phase hold nobody in it: estimates leave them out":
        r"\1 strates de la seconde phase n’y ont personne : les estimations les laissent de côté",
    r"second phase: (\d+) of (\d+) rows; variances by the (.+) formula for two phases":
        r"seconde phase : \1 lignes sur \2 ; variances par la formule \3 à deux phases",
    r"half samples leave the fpc out": "les demi-échantillons laissent de côté la population finie",
    r"variances from (.+), the weighting made again on each(.*)": r"variances par \1, pondération refaite sur chacune\2",
    r"variances from (.+), (\d+) degrees? of freedom": r"variances par \1, \2 degrés de liberté",
    r"variances from (.+)": r"variances par \1",
    r"share": "part", r"mean": "moyenne", r"number": "nombre", r"median": "médiane", r"difference": "écart",
}  # fmt: skip
_TIGHT = {" :": "\u00a0:", " %": "\u00a0%", " ;": "\u202f;", " ?": "\u202f?"}


def check_language(lang: object) -> None:
    """Refuse a language that tables do not speak."""
    if lang not in LANGUAGES:
        raise DesignError(f"lang={lang!r} is unknown", mend=f"one of {', '.join(map(repr, LANGUAGES))}")


def say(lang: str, name: str, **facts: object) -> str:
    """A text of the template in a language, with its facts.

    Examples
    --------
    >>> say("fr", "few", n=30)
    'moins de 30 réponses, comptées ou effectives'
    """
    return _set(_SAID[name][LANGUAGES.index(lang)], lang).format(**facts)


def titled(statistic: str, lang: str) -> str:
    """The title of a statistic's line."""
    return _TITLES[lang].get(statistic, statistic.replace("_", " ").capitalize())


def heading(name: str, lang: str) -> str:
    """A column of the tidy table as a heading."""
    return _HEADINGS.get(name, name.replace("_", " ")) if lang == "fr" else name.replace("_", " ")


def decimal(text: str, lang: str) -> str:
    """A number written the English way, as the language writes it.

    Examples
    --------
    >>> decimal("1,234.5", "fr").split()
    ['1', '234,5']
    """
    return text.replace(",", "\u202f").replace(".", ",") if lang == "fr" else text


def note_in(note: str, lang: str) -> str:
    """Notes of estimates and designs in a language; one that is not known stays as it is.

    Examples
    --------
    >>> note_in("small base", "fr"), note_in("small base", "en")
    ('petite base', 'small base')
    """
    if lang == "en":
        return note
    whole = _translated(note)
    return whole if whole != note else _set(" ; ", lang).join(_translated(part) for part in note.split("; "))


def _translated(note: str) -> str:
    """One note in French."""
    for pattern, french in _NOTES.items():
        if found := re.fullmatch(pattern, note):
            return _set(found.expand(french), "fr")
    return note


def _set(text: str, lang: str) -> str:
    """The unbreakable spaces of a language."""
    for loose, tight in _TIGHT.items() if lang == "fr" else ():
        text = text.replace(loose, tight)
    return text
