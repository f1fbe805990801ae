"""The words of a plan's outlook in French, under the keys of the English ones in `planner_words`."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FRENCH"]

FRENCH: Mapping[str, str] = {
    "title": "Ce que cette étude pourra dire",
    "sample": "Échantillon prévu : {customers} {a}, {employees} {b}{units}.",
    "sample.units": ", dans {units} unités",
    "of": "{number} (sur {every})",
    "assumed": "Supposé, faute d'être dit : {list}. À écrire dans `plan: expect:`, ou à donner en options.",
    "assumed.of": "{name} {value} ({audience})",
    "assumed.both": "{name} {value}",
    "assumed.sd": "dispersion d'une réponse",
    "assumed.share": "part de favorables",
    "assumed.sd_nps": "dispersion d'une réponse NPS",
    "assumed.icc": "ressemblance dans une unité",
    "assumed.deff": "effet des pondérations",
    "assumed.together": "ressemblance des deux publics d'une unité à l'autre",
    "assumed.cost": "coût d'une réponse",
    "told": "Rien n'est supposé : l'étude dit tout.",
    "customers": "{a}",
    "employees": "{b}",
    "units": "unités",
    "face.employee": "{A} et {b}",
    "face.management": "{A}, et {b} sur leur manager",
    "face.cooperation": "{A}, et {b} sur les autres équipes",
    "face.guess": "{A}, et ce que les {b} pensent qu'ils disent",
    "head": "Un écart de {margin}",
    "judged": "{who} : {number} paires jugées ensemble",
    "answers": "réponses",
    "error": "erreur",
    "aligned": "aligné",
    "if.none": "sans",
    "if.staff": "si tous",
    "if": "à {gap}",
    "found": "trouvé",
    "from": "dès",
    "strict": "  au pire de {family}",
    "strict.by": "  au pire de {family} (BY)",
    "unit.points": "points",
    "unit.pct": "points de pourcentage",
    "unit.nps": "points de NPS",
    "unit.score": "points sur 100",
    "unit.top": "points de pourcentage de la plus haute réponse",
    "elsewhere": "Le verdict de ces paires est en {unit}, la première de leurs marges ; celle-ci est dite à côté.",
    "how": "Les pourcentages sont des chances. `aligné, sans` : être dit aligné là où il n'y a pas d'écart ; `si "
    "tous` : de même si tous ({b}) répondaient ; `trouvé dès` : le plus petit écart vrai dit dissonant {times}. "
    "Chaque ligne vaut pour une paire seule ; `au pire de 9` : quand 9 paires sont jugées ensemble et qu'aucune autre"
    " n'est nette, le pire que l'ajustement (BH, ou BY pour les paires jugées par rapport aux autres écarts) puisse "
    "faire.",
    "points": "{number} points",
    "points.one": "{number} point",
    "pct": "{number} points de pourcentage",
    "pct.one": "{number} point de pourcentage",
    "top": "{number} points de pourcentage de la plus haute réponse",
    "top.one": "{number} point de pourcentage de la plus haute réponse",
    "score": "{number} points sur 100",
    "score.one": "{number} point sur 100",
    "nps": "{number} points de NPS",
    "nps.one": "{number} point de NPS",
    "everybody": "tous",
    "inside": "dans une unité",
    "place": "{label} : {category}",
    "where": "où",
    "dissonant": "dissonant",
    "undetermined": "indéterminé",
    "material": "dissonant, nettement plus que la marge",
    "none": "-",
    "how.smallest": "De chaque segment, la plus petite catégorie est montrée ; --format csv les donne toutes.",
    "cheapest": "L'échantillon le moins cher qui donne un verdict {times}",
    "claim.dissonant": "dissonant, si l'écart est de {gap}",
    "claim.aligned": "aligné, s'il n'y a pas d'écart",
    "cost": "coût",
    "verdict": "verdict",
    "colon": " :",
    "list": " ; ",
    "say.none": "Un écart de {margin} : il n'y aura pas de verdict : {why}.",
    "chance": "prévu",
    "sentences": "En clair",
    "say.alone": " pour une paire jugée seule",
    "say.aligned.yes": "Un écart de {margin} : là où il n'y a pas d'écart, l'étude le dira {chance} des fois{alone}"
    "{strict}.",
    "say.aligned.employees": "Un écart de {margin} : là où il n'y a pas d'écart, l'étude ne le dira que {chance} des "
    "fois{alone}{strict} ; il faudrait plus de réponses ({b}).",
    "say.aligned.never": "Un écart de {margin} : l'étude ne peut pas dire qu'il n'y a pas d'écart ({chance} des fois"
    "{alone}{strict}), même si tous répondaient.",
    "say.strict": ", {strict} dans le cas le plus dur de {family} jugées ensemble",
    "say.found": "Un écart vrai est trouvé {times} à partir de {gap}{alone}{strict}.",
    "say.found.strict": ", de {gap} dans le cas le plus dur de {family}",
    "say.found.strict.none": ", aucun que l'échelle permet dans le cas le plus dur de {family}",
    "say.found.none": "Aucun écart que l'échelle permet n'est trouvé {times}, même par une paire jugée seule.",
    "say.need": "Le moins cher pour dire « {claim} »{alone} : {sample}, pour {cost}{strict} (prévu : {planned}).",
    "say.need.strict": " ; dans le cas le plus dur de {family} : {sample}, pour {cost}",
    "say.need.strict.none": " ; dans le cas le plus dur de {family}, aucun échantillon possible ne suffit",
    "say.need.none": "Pour dire « {claim} », aucun échantillon possible ne suffit, même pour une paire jugée seule, à "
    "moins d'une marge plus large.",
    "say.need.sample": "{customers} {a} et {employees} {b}{units}",
    "say.inside.none": "Dans une unité ({customers} {a}, {employees} {b}), il n'y aura pas de verdict : {why}.",
    "say.inside": "Dans une unité ({customers} {a}, {employees} {b}), seuls des écarts de {gap} ou plus sont trouvés "
    "{times}{alone}.",
    "say.inside.never": "Dans une unité ({customers} {a}, {employees} {b}), aucun écart n'est trouvé {times}.",
    "say.left": "Les segments dont on ne dit pas la taille sont laissés de côté : {names}. Donnez aux deux publics un"
    " fichier de cibles.",
    "say.relative": "Les paires qui portent sur la relation propre de chacun sont jugées par rapport aux autres "
    "écarts ; le calcul fait comme si elles ne l'étaient pas, ce qui est prudent.",
    "why.hidden": "moins de {least} réponses ne sont jamais montrées",
    "why.few": "les réponses valent moins que ce que demande un verdict",
    "why.lone": "une unité seule ne dit rien des autres",
    "times": "{chance} des fois",
    "picture.verdicts": "Chance de chaque verdict",
    "picture.verdicts.means": "De gauche à droite, l'écart vrai, de zéro à {times} fois le plus petit écart d'intérêt"
    " (la ligne pointillée) ; plus une couleur est haute, plus son verdict est probable, avec l'échantillon prévu et "
    "pour une paire seule.",
    "picture.ground": "Combien interroger",
    "picture.ground.means": "Chance de dire « aligné » là où il n'y a pas d'écart, selon le nombre de réponses, pour "
    "une paire seule. La case encadrée est l'échantillon prévu ; un tiret : pas de verdict.",
    "picture.tables": "Chaque endroit",
    "picture.tables.means": "Tous, la plus petite catégorie de chaque segment, et l'intérieur d'une unité.",
    "load": "Rappeler les clients",
    "load.means": "Ce que les alertes d'une vague à chaud demandent à ceux qui rappellent, un jour moyen et un jour plein.",
    "load.of": "{wave} : {owner}",
    "load.wave": "vague : qui rappelle",
    "load.rate": "sollicités",
    "load.alerts": "alertes",
    "load.most": "jour plein",
    "load.needed": "il faut",
    "load.hours": "il y a",
    "load.borne": "tenable",
    "load.over": "Après `{wave}`, les alertes demandent {needed} un jour plein{besides} ; les quatre cinquièmes de {hours} "
    "({owner}) font {limit} : c'est trop. En sollicitant {rate} des événements, c'est tenable ; écrire "
    "`rate: {write}` dans son `sample`{instead}, ou trouver des heures.",
    "load.fits": "Après `{wave}`, les alertes demandent {needed} un jour plein{besides} ; les quatre cinquièmes de {hours} "
    "({owner}) font {limit} : c'est tenable, jusqu'à {rate} des événements.",
    "load.fits.all": "Après `{wave}`, les alertes demandent {needed} un jour plein{besides} ; les quatre cinquièmes de "
    "{hours} ({owner}) font {limit} : tous peuvent être sollicités.",
    "load.never": "Après `{wave}`, personne ne peut être sollicité : les alertes demandent {needed} un jour plein"
    "{besides}, et les quatre cinquièmes de {hours} ({owner}) font {limit}.",
    "load.besides": " (avec celles de {waves})",
    "load.instead": " à la place de `size`",
    "load.lacking": "Après `{wave}`, des nombres manquent, car personne ne les dit : ajouter {lines}",
    "load.how": "Jour plein : pas plus, 19 jours sur 20 (Poisson). Tenable : quatre cinquièmes des heures au plus, à "
    "{minutes} minutes par cas. Les jours qui diffèrent, comme les lundis, s'y ajoutent : un cinquième reste donc libre.",
    "gap": "écart vrai, en {unit}",
    "picture.axes": "En colonnes, les réponses des {a} ; en lignes, celles des {b}.",
    "or": " ou ",
    "alt": "{margin}. Sans écart : aligné {aligned}, indéterminé {open}. Un écart de {gap} : dissonant {dissonant}.",
}
