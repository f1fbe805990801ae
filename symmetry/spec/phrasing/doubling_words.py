"""The words behind `doubling`: what joins, what is a fixed pair, what opens a subordinate clause, in English and French."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

__all__ = ["Reasons", "reasons"]


@dataclass(frozen=True)
class Reasons:
    """What one language needs to doubt a conjunction.

    `pattern` holds patterns by name: those of `idle`, `together`, `two_qualities` and `choice_of_two` look at
    "left ¦joint¦ right".  `words` holds sets of words by name, `pairs` words that stand together so often that they are one
    thing, and `listing` what opens a list of examples, with the word that must follow, if any.
    """

    pattern: Mapping[str, re.Pattern[str]]
    words: Mapping[str, frozenset[str]]
    pairs: frozenset[frozenset[str]]
    listing: Mapping[str, str]


@cache
def reasons(language: str) -> Reasons:
    """The patterns and words of "en" or "fr"."""
    words = {name: frozenset(listed.split()) for name, listed in _WORDS[language].items()}
    return Reasons(
        {name: re.compile(source) for name, source in _PATTERNS[language].items()},
        words,
        frozenset(frozenset(word.rstrip("s") for word in pair.split("~")) for pair in words["pairs"]),
        _LISTING[language],
    )


_LISTING = {
    "en": {"such": "as", "including": "", "e": "", "example": "", "namely": ""},
    "fr": {
        "tel": "que", "tels": "que", "telle": "que", "telles": "que", "comme": "", "notamment": "", "exemple": "",
        "compris": "",
    },
}  # fmt: skip
_WORDS = {
    "en": {
        "corrections": "but",
        "choices": "or",
        "people": """
            friend family families colleague relative neighbour neighbor partner acquaintance spouse guardian parent loved
            ones coworker co-worker workmate""",
        "kinds": "client customer employee patient student parent resident tenant retired married employed assistant",
        "little": """
            a an the my our your his her their its this that these those to of for with in on at by from any some other""",
        "numbers": """
            one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred half once twice
            first second third quarter""",
        "auxiliaries": "is are was were has have had will would can could should do does did must may",
        "subjects": "i you he she it we they my our your his her its their the a an this these",
        "asking": "who which what whose how why that",
        "clausal": """
            when whenever if while because since although though unless until where wherever thinking considering compared
            given based taking looking""",
        "around": "after before during throughout despite regardless",
        "relative": "who whom whose which that",
        "complement": "that",
        "opinion": """
            feel feels felt feeling think thinks thought believe believes find finds found agree agrees say says know knows
            sure confident satisfied happy clear trust hope see sees notice noticed glad told explained shows show proud so
            ensure ensures means mean important at on in of for with true fact""",
        "pairs": """
            term~condition bed~breakfast health~safety research~development question~answer pro~con rule~regulation
            back~forth up~down in~out out~about up~running wear~tear peace~quiet trial~error profit~loss supply~demand
            first~foremost each~every here~there now~then now~again time~again food~drink food~beverage ladies~gentlemen
            men~women man~woman boy~girl day~night black~white salt~pepper fish~chip art~craft lost~found search~rescue
            drag~drop copy~paste click~collect park~ride safe~sound short~sweet loud~clear sooner~later more~less yes~no
            true~false right~wrong good~bad husband~wife mother~father brother~sister son~daughter role~responsibilities
            diversity~inclusion equality~diversity learning~development training~development sale~marketing gas~electricity
            water~electricity accident~emergency check~balance good~service arrival~departure input~output weight~measure
            name~address hardware~software part~parcel law~order nut~bolt odd~end sick~tired tried~tested room~board
            board~lodging cash~carry ebb~flow give~take hit~miss do~don't meet~greet bit~piece plain~simple neat~tidy
            private~professional work~life begin~end start~finish left~right north~south east~west spring~summer
            summer~winter morning~evening weekday~weekend tea~coffee postage~packing science~technology hide~seek fast~slow
            easy~difficult easy~hard hot~cold open~closed satisfied~dissatisfied happy~unhappy full~part male~female
            married~single public~private positive~negative high~low agree~disagree employed~unemployed mergers~acquisitions
            nook~cranny rank~file cut~paste ready~willing wine~dine new~better
            bullying~harassment touch~feel stop~search high~dry far~wide near~far
            one~only over~above""",
    },
    "fr": {
        "corrections": "mais",
        "choices": "ou",
        "people": """
            ami amie proche famille collègue parent voisin voisine connaissance entourage conjoint conjointe partenaire
            confrère relation copain copine""",
        "kinds": """
            client cliente clients salarié salariée employé employée adhérent adhérente patient patiente étudiant étudiante
            assuré assurée abonné abonnée retraité retraitée marié mariée parent enseignant enseignante habitant habitante
            résident gérant gérante débutant débutante""",
        "little": """
            à au aux de des du d le la les l un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet
            cette ces en par pour avec chez dans sur sous vie temps autres points point""",
        "numbers": """
            un une deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante soixante cent
            mille premier première second seconde demi demie""",
        "auxiliaries": """
            est sont était étaient a ont avait avaient sera seront peut peuvent doit doivent va vont s'est m'a m'ont m me
            nous vous se s lui fut""",
        "subjects": """
            je j' tu il elle on nous vous ils elles mon ma mes notre nos votre vos le la les l' un une ce cette""",
        "asking": "qui que qu' quel quelle quels quelles comment pourquoi combien où quoi",
        "clausal": """
            quand lorsque lorsqu' si s' puisque puisqu' parce car tandis quoique alors pensant repensant tenant compte comme
            sachant""",
        "around": "après avant pendant durant depuis lors dès malgré selon",
        "relative": "qui que qu' dont où lequel laquelle lesquels lesquelles auquel duquel",
        "complement": "que qu'",
        "opinion": """
            pense penses pensez pensons pensent crois croyez croit trouve trouvez trouvent estime estimez considère
            considérez juge jugez dis dire dirais diriez dit dites sens sentez sentiment impression avis sûr certain
            convaincu sais savez sait vois constate assure veille faut fait heureux fier clair vrai important souhaite
            souhaitez ainsi est jugeriez affirme garantit""",
        "pairs": """
            terme~condition hygiène~sécurité santé~sécurité recherche~développement allée~venue aller~retour allers~retours
            aller~venir va~vient bel~bien jour~nuit matin~soir homme~femme fille~garçon père~mère gaz~électricité
            eau~électricité question~réponse droit~devoir us~coutume biens~services avantage~inconvénient fort~faible
            rôle~responsabilité fruit~légume petit~grand sain~sauf ici~là çà~là tôt~tard plus~moins oui~non vrai~faux
            tort~raison copier~coller glisser~déposer professionnelle~privée professionnelle~personnelle vie~travail
            perte~profit entrée~sortie début~fin haut~bas arts~métiers sciences~techniques son~lumière poids~mesures
            nom~prénom corps~âme madame~monsieur mesdames~messieurs noir~blanc sel~poivre pile~face gauche~droite
            plein~partiel bon~mauvais satisfait~insatisfait satisfait~mécontent content~mécontent ouvert~fermé
            facile~difficile chaud~froid public~privé positif~négatif marié~célibataire nord~sud est~ouest été~hiver
            thé~café commentaire~suggestion remarque~suggestion marque~modèle frère~sœur mari~femme fils~fille achat~vente
            offre~demande tenants~aboutissants bientôt~tard semaine~week-end qualité~prix cas~cas tout~partie
            théorie~pratique forme~fond sciences~technologies foi~loi dommages~intérêts allé~venu oral~écrit""",
    },
}  # fmt: skip
_ADJECTIVE_EN = (
    r"(?:\w+(?:ful|ous|ive|able|ible|ent|ant|ed|less|ly)|kind|clear|fast|quick|warm|fair|clean|safe|polite|simple|easy|good"
    r"|nice|cheap|happy|calm|quiet|comfortable|honest|sincere|accurate|complete)"
)
_IS_EN = r"\b(?:is|are|was|were|be|been|feel|feels|felt|feeling|seem|seems|look|looks|sound|find|found)\b"
_ADJECTIVE_FR = (
    r"(?:\w+(?:ées?|és?|ables?|ibles?|eux|euses?|ifs?|ives?|antes?|ants?|entes?|ents?|elles?|els?|iques?)|polie?s?|claire?s?"
    r"|simples?|justes?|propres?|calmes?|rapides?|sûre?s?|utiles?|faciles?|honnêtes?|sincères?|saine?s?|bons?|bonnes?"
    r"|complets?)"
)
_IS_FR = r"\b(?:est|sont|était|étaient|êtes|suis|sommes|semble|semblent|paraît|paraissent|sens|sent|sentez|jugez|trouvez|a été)\b"
_PATTERNS = {
    "en": {
        "joint": r"(?<![\w-])(?:and/or|as well as|along with|but also|and|or|nor|but)(?![\w-])|\s&\s",
        "word": r"[\w'-]+",
        "token": r"[\w'-]+|,",
        "idle": r"\b(?:between|among|(?:balance|mix|combination|blend|match) of)\b[^,¦]*¦and¦"
        r"|\b(?:he|she|his|her|him|hers|it|they|their) ¦or¦ (?:he|she|his|hers?|him|it|they|their)\b"
        r"|¦or¦ (?:more|less|fewer|so|over|under|above|below|not|otherwise|later|earlier|none|neither|else|never|no|two)\b"
        r"|¦and¦ (?:so on|others?|the (?:like|rest|following)|vice versa|a half)\b"
        r"|^(?:my|our|your|the|his|her) [\w'-]+(?: [\w'-]+)? ¦and¦ (?:i|you|we)\b|¦and¦ (?:me|us|myself|ourselves)\b"
        r"|^(?:you|i|we) ¦and¦ (?:my|our|your|the)\b"
        r"|^(?:please )?(?:think|look|read|imagine|consider|remember|take|recall|watch|listen|use|click|go|open|picture)\b"
        r"[^¦]*¦and¦ (?:then )?(?:please )?"
        r"(?:tell|say|rate|choose|select|indicate|answer|give|let|mark|tick|pick|describe)\b"
        r"|\b(?:come|came|comes|go|goes|going|went|try|tries|tried|wait|waited|sit|stay|stop|stopped) ¦and¦ \w+",
        "together": r"¦ (?!(?:collaborate|cooperate)\b)"
        r".*\b(?:together|each other|one another|mutual(?:ly)?|collaborate|cooperate)\b",
        "two_qualities": r"^(?!.*(?:\bnot\b|n't\b|\bnothing\b|\banything\b|\ball ¦))"
        rf".*{_IS_EN}.* \w+,? ¦but¦ (?:\w+ly |very )?\w+\W*$",
        "choice_of_two": rf"^(?!have\b|has\b)(?=.*{_IS_EN})(?!.*\b(?:too|better|worse|more|less|prefer|rather)\b)"
        rf".*\b{_ADJECTIVE_EN},? ¦or¦ {_ADJECTIVE_EN}\b"
        r"|\b(?:satisfied|happy|pleased) (?:are you |were you )?with\b[^,¦]*¦or¦"
        r"|\b(?:opinion|quality) of\b[^,¦]*¦or¦|\b(?:do|would) you rate\b[^,¦]*¦or¦",
    },
    "fr": {
        "joint": r"(?<![\w'-])(?:et/ou|ainsi que|mais (?:aussi|également|encore)|et|ou|mais|ni(?=.*\bni\b)"
        r"|aussi bien(?= .*\bqu[e']))(?![\w'-])|\s&\s",
        "word": r"\w+(?:-\w+)*",
        "token": r"\w+'?|,|-\w+",
        "idle": r"\b(?:entre|parmi)\b[^,¦]*¦et¦|\b(?:mélange|combinaison|alliance|rapport) (?:de|d'|du)[^,¦]*¦et¦"
        r"|\b(?:il|elle|son|sa|ses|le|la|un|une|celui|monsieur|madame|ce|cette) ¦ou¦ "
        r"(?:il|elle|son|sa|ses|le|la|un|une|plusieurs|celle|madame|monsieur|cette|ce)\b"
        r"|¦ou¦ (?:plus|moins|pas|non|bien|davantage|presque|environ|rien|jamais|deux|plusieurs|autre)\b"
        r"|¦et¦ (?:autres?|cetera|demie?|quart|compagnie|inversement|réciproquement|moi|toi|eux|soi)\b|¦et¦ plus\W*$"
        r"|^(?:vous|nous|moi|toi) ¦et¦"
        r"|^(?:pensez|repensez|regardez|lisez|imaginez|prenez|souvenez|rappelez|écoutez|considérez|ouvrez|cliquez)\b"
        r"[^¦]*¦et¦ (?:dites|notez|choisissez|indiquez|donnez|répondez|cochez|décrivez|évaluez)\b"
        r"|¦ainsi que¦ (?:prévu|convenu|promis|annoncé|demandé|indiqué)",
        "together": r"¦ (?!(?:collaborent|coopèrent)\b)"
        r".*\b(?:(?<!l')(?<!d')ensemble|collaborent|coopèrent|l'une? l'autre|l'une? à l'autre|les unes|les uns"
        r"|mutuellement|réciproquement|entre eux|entre elles|(?:se font|nous faisons) confiance)\b",
        "two_qualities": r"^(?!.*\b(?:pas|ne|jamais|rien|plus)\b)(?!.*n')"
        rf".*{_IS_FR}.* \w+,? ¦mais¦ (?:très |parfois |souvent |assez )?\w+\W*$",
        "choice_of_two": rf"^(?=.*{_IS_FR})(?!.*\b(?:trop|plus|moins|meilleure?|pire|préférez)\b)"
        rf".*\b{_ADJECTIVE_FR},? ¦ou¦ {_ADJECTIVE_FR}\b"
        r"|\b(?:satisfaite?|contente?|heureux|heureuse)s? (?:de|du|des)\b[^,¦]*"
        r"¦ou¦ (?:de|du|des|d'|nos|notre|la|le|les)"
        r"|\bpensez-vous (?:de|du|des)\b[^,¦]*¦ou¦ (?:de|du|des|d')",
    },
}
