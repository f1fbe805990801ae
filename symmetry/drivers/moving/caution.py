"""What must be said beside every number on drivers: an association is no promise.  The same words in English and in French."""

from __future__ import annotations

from typing import Literal

from symmetry.errors import DesignError

__all__ = ["caution"]

_CAUTIONS = {
    "same": {
        "en": (
            "This is arithmetic on associations, not a promise. "
            "One person gave all these answers at one moment and in one mood, which makes every driver look stronger than it is. "
            "The direction is not known: people who are pleased overall may also rate each detail higher. "
            "What everybody gets right shows no effect here, and it still matters. "
            "Before a large investment, try the change in a few units and measure."
        ),
        "fr": (
            "Il s’agit d’un calcul sur des liens observés, et non d’une promesse. "
            "Une même personne a donné toutes ces réponses, au même moment et dans la même humeur, "
            "ce qui fait paraître chaque levier plus fort qu’il ne l’est. "
            "Le sens du lien n’est pas connu : une personne satisfaite dans l’ensemble peut aussi mieux noter chaque détail. "
            "Ce qui est réussi pour tout le monde ne montre ici aucun effet, et compte pourtant. "
            "Avant un investissement important, essayez le changement dans quelques unités et mesurez."
        ),
    },
    "cross": {
        "en": (
            "Employees and customers answered apart, so one person’s mood does not make this link. "
            "It is still a link between units and not a promise: places, clients and means differ too, "
            "and the direction is not known. "
            "Correlations of 0.2 to 0.4 are what studies usually find; a small one is no failure. "
            "Units with few answers make it look weaker than it is."
        ),
        "fr": (
            "Collaborateurs et clients ont répondu séparément : l’humeur d’une même personne ne crée pas ce lien. "
            "C’est toutefois un lien entre unités, et non une promesse : lieux, clientèles et moyens diffèrent aussi, "
            "et le sens du lien n’est pas connu. "
            "Les études trouvent d’ordinaire des corrélations de 0,2 à 0,4 ; une petite corrélation n’est pas un échec. "
            "Les unités à peu de réponses le font paraître plus faible qu’il ne l’est."
        ),
    },
}


def caution(language: str = "en", *, source: Literal["same", "cross"] = "same") -> str:
    """What a reader must know of drivers and what-ifs before acting on them.

    Parameters
    ----------
    language : "en" or "fr".
    source : "same", one person gave driver and outcome; "cross", employees gave the one and customers the other.

    Raises
    ------
    DesignError : there is no text in that language, or of that source.

    Examples
    --------
    >>> caution("en").split(". ")[0]
    'This is arithmetic on associations, not a promise'
    """
    if source not in _CAUTIONS:
        raise DesignError(f"no source is called {source!r}", mend='"same" or "cross"')
    if language not in _CAUTIONS[source]:
        raise DesignError(
            f"the caution is not written in {language!r}",
            mend=f"one of {', '.join(map(repr, sorted(_CAUTIONS[source])))}",
        )
    return _CAUTIONS[source][language]
