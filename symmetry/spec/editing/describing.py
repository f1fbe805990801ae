"""What each key of the grammar means, in the words that an editor shows and that the page of the grammar prints.

One entry for each key of each model, under `Model.key`; `Model.key[]` says what the entries of a section are, under their
own key.  A test holds that no key of the grammar goes without its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["DESCRIPTIONS", "KINDS", "MIRRORS", "ROLES", "TITLES", "described"]

_STUDY = {
    "symmetry": "The version of this grammar: 1.",
    "study": "The key of the study, as its folder is called: small letters, digits and _.",
    "title": "What people call the study.",
    "languages": "The languages in which it is asked, the source first. Others may live in `i18n/<language>.po` alone.",
    "source": "Who stands behind the answers; printed under every chart.",
    "audiences": "Who is asked, under the name the study gives them. With customers and employees, the study is mirrored.",
    "audiences[]": "The name of this audience.",
    "promise": "What is promised, by key. Items hang on these keys.",
    "promise[]": "What is promised, in one or two words.",
    "service": "The service referential, company to customer: one promise, three attitudes with respect among them.",
    "management": "The same referential turned inwards, manager to employee.",
    "cooperation": "The same referential turned inwards, team to team.",
    "journeys": "What people go through, and its moments of truth: at most five on a channel.",
    "scales": "How items are answered. Items share scales by their key.",
    "items": "The questions, every face of each, and what is known beforehand (`role: frame`).",
    "grids": "What an observer fills in on the spot: a sensory walk, or skills seen in practice.",
    "rotation": "Items whose order is drawn for each person, so that order does not answer for them.",
    "waves": "Each run of the questionnaire: cold between two days, hot after an event.",
    "contact": "When, how and how often people may be asked.",
    "owners": "Who answers for the results, and what they may see.",
    "privacy": "What may be shown, what employees were promised, and how long what is kept.",
    "weights": "How the answers of an audience are made to stand for its population.",
    "plan": "The analysis, fixed before the field. What changes afterwards is printed as not pre-registered.",
    "waive": "Warnings about the whole study that you answer for: their code, and the reason in a sentence.",
    "waive[]": "Why this is meant.",
}
_REFERENTIAL = {
    "ServiceModel.promise": "The promise to customers, in one sentence.",
    "ServiceModel.attitudes": "Three keys of `promise`: the attitudes that keep it.",
    "ServiceModel.respect": "Which of the three attitudes is respect.",
    "MirroredReferentialModel.promise": "The same promise, as this relation makes it.",
    "MirroredReferentialModel.attitudes": "The same three attitudes, in the words of this relation.",
    "MirroredReferentialModel.attitudes[]": "This attitude, in the words of this relation.",
    "MirroredReferentialModel.moments": "Moments of truth of this relation, by key: at most five.",
    "JourneyModel.name": "What people call this journey.",
    "JourneyModel.moments": "Its moments of truth, by key. An item refers to one as `at: journey.moment`.",
    "MomentModel.name": "What people call this moment.",
    "MomentModel.channel": "Where it is lived: branch, phone, web, app… A channel has at most five moments.",
    "MomentModel.emotion": "What the person should feel.",
    "MomentModel.rituals": "What is done each time, without being asked.",
    "MomentModel.cues": "What is there to be seen, heard or held.",
    "GridModel.kind": "`walk`: the place by the four senses. `skills`: what is done, item by item.",
    "GridModel.title": "What stands above the grid.",
    "GridModel.items": "Its items, in order: each of `role: observation`.",
    "GridModel.unit": "The frame item that says which place was observed.",
}
_SCALE = {
    "type": "How it is answered.",
    "points": "How many steps it has, from 2 to 11. Codes run from 1 up, and the highest is the best.",
    "boxes": "How many of the highest codes count as favourable; 2 where nothing is said.",
    "reversed": "True where the lowest code is the best. Better turn the scale.",
    "missing": "The codes of answers that are none: `na` does not apply, `dk` does not know, `refused`. Outside the scale.",
    "ends": "The words at its two ends, lowest first: `{en: [No, Yes]}`.",
    "labels": "A word for every code, lowest first, instead of the two ends.",
    "choices": "What one can choose, by key.",
    "choices[]": "The words of this choice.",
    "exclusive": "Choices that stand alone, such as “none of these”.",
    "min": "The lowest number, or the first day.",
    "max": "The highest number, the last day, or how many characters a text may have (2,000 where nothing is said).",
    "decimals": "How many decimals a number may have; none where nothing is said.",
    "unit": "In what a number is counted: minutes, euros…",
}
_ITEM = {
    "AskedModel.role": "What the item is for. It decides which other keys the item has.",
    "AskedModel.label": "A few words that name the line of a chart.",
    "RatedModel.scale": "How it is answered: a key of `scales` of type likert, csat, ces, nps, percent or score.",
    "DemographicModel.scale": "How it is answered: a key of `scales` of type single, multiple, number, date or text.",
    "ObservationModel.scale": "How it is noted: a key of `scales`.",
    "VerbatimModel.scale": "A key of `scales` of type text; a text of up to 2,000 characters where nothing is said.",
    "AskedModel.promise": "What was promised here: a key of `promise`.",
    "AskedModel.at": "The moment of truth it is about: `journey.moment`.",
    "AskedModel.ask_if": 'Asked only of those for whom this holds: `recommend <= 6 and channel != "app"`.',
    "AskedModel.owner": "Who answers for it: a key of `owners`.",
    "AskedModel.customer": "The question to customers. `{recommend}` puts in an earlier answer; `{{` and `}}` are braces.",
    "AskedModel.employee": "The question to employees, about the same thing (or their own: see `mirror`).",
    "AskedModel.guess": "What employees think customers answer: a text, or `auto` to have it made from the customer face.",
    "AskedModel.management": "The same question inwards: what my manager does for me.",
    "AskedModel.cooperation": "The same question inwards: what other teams do for mine.",
    "AskedModel.observer": "What the observer notes.",
    "AskedModel.waive": "Warnings that you answer for: their code, and the reason in a sentence.",
    "AskedModel.waive[]": "Why this is meant.",
    "RatedModel.scales": "Faces on another scale than `scale`. Their mirror can only be `loose`.",
    "RatedModel.scales[]": "The scale of this face: a key of `scales`.",
    "RatedModel.negative": "Faces worded the other way round, where a high answer is bad news.",
    "RatedModel.mirror": "How far each employee-side face follows the customer face; `none` where it is meant to have none.",
    "RatedModel.mirror[]": "How far this face follows the customer face. In doubt, choose the weaker.",
    "ObservationModel.sense": "The sense of a sensory walk.",
    "FrameModel.role": "What the item is for: known beforehand, never asked.",
    "FrameModel.label": "A few words that name it in a table.",
    "FrameModel.values": "Its categories, by the key that stands in the data.",
    "FrameModel.values[]": "The words of this category.",
    "FrameModel.type": "`category` has `values`; `number` and `text` have none.",
    "FrameModel.of": "Whose data hold it; `both` where nothing is said.",
}
_RUNNING = {
    "RotationModel.seed": "A whole number, kept: the same seed gives everybody the same order again.",
    "RotationModel.blocks": "Lists of items, each shuffled inside itself.",
    "RotationModel.blocks[]": "The items of this block.",
    "WaveModel.kind": "`cold` between two days, about the whole relation; `hot` after an event, five questions at most.",
    "WaveModel.audiences": "Who is asked.",
    "WaveModel.items": "`all`, or the items in the order of the questionnaire.",
    "WaveModel.after": "The event that a hot wave follows.",
    "WaveModel.delay": "The wait after the event: `30 min`, `2h`, `1d`. Beyond 48 hours memory has cooled.",
    "WaveModel.arms": "Other waits, drawn at random for a share of the events each: `{24h: 0.1, 7d: 0.1}`.",
    "WaveModel.arms[]": "The share of the events that wait so long.",
    "WaveModel.open_for": "How long an invitation stands: `7d`.",
    "WaveModel.window": "The first and the last day of a cold wave: `2027-03-01..2027-03-21`.",
    "WaveModel.sample": "Whom it invites, for each audience.",
    "WaveModel.sample[]": "A number of people, `census` for everybody, or the whole of it: `{size: 6000, by: [region]}`.",
    "WaveModel.invite": "The words that invite, instead of those of the house. The link and the way out are added.",
    "WaveModel.reminders": "Waits after the invitation: `[4d, 9d]`.",
    "InviteModel.subject": "The subject of the mail: one line.",
    "InviteModel.text": "The text of the mail, in paragraphs; without a link.",
    "InviteModel.sms": "The text of the SMS, to which the link is added.",
    "SampleModel.size": "A number of people, or `census` for everybody.",
    "SampleModel.rate": "The share of the events that is asked about, up to 1.",
    "SampleModel.units": "The units that are drawn first, if people are drawn in two stages.",
    "SampleModel.by": "The strata: frame items. With `units`, those of the units.",
    "SampleModel.allocation": "How the people are shared over strata, or over drawn units; `{north: 300, south: 200}` by hand.",
    "SampleModel.allocation[]": "How many people of this category; crossings of `by` are joined: `north × phone`.",
    "SampleModel.method": "`stratified`: at random in each stratum. `systematic`: every so many. `pps`: by size.",
    "SampleModel.measure": "The size that `pps` goes by: a frame item of type number.",
    "SampleModel.order": "The frame items by which `systematic` and `pps` sort people first.",
    "SampleModel.quotas": "The most answers wanted: `400 per region per month`.",
    "SampledUnitsModel.of": "The frame item that names a person's unit: a branch, a shop, a school.",
    "SampledUnitsModel.size": "How many units.",
    "SampledUnitsModel.method": "`pps`: chances by size. `stratified`: the same chance inside a stratum.",
    "SampledUnitsModel.measure": "The size: a frame item of type number; the people in the frame where nothing is said.",
    "ContactModel.quarantine": "The rest that a person has between two surveys: `90d`.",
    "ContactModel.max_per_year": "The most invitations to one person in a year.",
    "ContactModel.cold_first": "How long before a cold wave its people are left alone by hot ones; `14d` where not said.",
    "ContactModel.hours": "The hours in which people are written to: `09:00-19:30`.",
    "ContactModel.tz": "Of which time zone: `Europe/Paris`; UTC where nothing is said.",
    "ContactModel.channels": "How people are invited, the preferred way first.",
    "OwnerModel.name": "Their title, or that of their job.",
    "OwnerModel.sees": "What they may see.",
    "OwnerModel.of": "Of which audiences.",
    "OwnerModel.within": "Only of their own unit: the frame item that names it.",
    "OwnerModel.hours": "Hours a day there are for calling people back, of all who do it together.",
    "PrivacyModel.min_cell": "A cell with fewer answers is never shown. At least 5; 10 is the custom.",
    "PrivacyModel.employees": "`anonymous`: nobody can tell who answered. `confidential`: nobody outside may.",
    "PrivacyModel.keep_verbatim": "How long the words of people are kept: `365d`.",
    "PrivacyModel.keep_identity": "How long one can tell who answered: `90d`.",
    "WeightingModel.rake": "Frame items, each with its CSV file of population shares beside the study.",
    "WeightingModel.rake[]": "The file of shares: `targets/region.csv`.",
    "WeightingModel.trim": "The highest weight, in times the mean; above 1.",
    "PlanModel.outcome": "The item that everything is to explain: of `role: outcome`.",
    "PlanModel.drivers": "`all`, or the items that may explain it: of `role: driver`.",
    "PlanModel.segments": "Frame items in whose categories results are shown.",
    "PlanModel.dissonance": "Which faces are compared, and from which gap on it matters.",
    "PlanModel.expect": "What comes back if all goes as thought: read by `symmetry plan` alone, before launch.",
    "ExpectModel.units": "The units that both audiences answer from: branches, shops, schools.",
    "ExpectModel.customers": "What customers return.",
    "ExpectModel.employees": "What employees return.",
    "ExpectModel.hot": "What hot waves meet, by their key: `symmetry plan` says which share of it can be asked about.",
    "ExpectModel.finite": "`true` where verdicts are on these people and units alone, not on how things go in general.",
    "ExpectedUnitsModel.drawn": "How many units are drawn.",
    "ExpectedUnitsModel.of": "Of how many there are.",
    "ExpectedUnitsModel.together": "How far units good for one audience are good for the other, -1 to 1; 0 where not said.",
    "ExpectedUnitsModel.cost": "What a further unit costs, beside its answers.",
    "ExpectedModel.answers": "How many answer; or write `invited` and `response`.",
    "ExpectedModel.invited": "How many are invited.",
    "ExpectedModel.response": "The share of the invited who answer, up to 1.",
    "ExpectedModel.of": "How many there are: the customers of the frame, the payroll.",
    "ExpectedModel.sd": "The standard deviation of an answer in points of its scale; 1 where not said.",
    "ExpectedModel.share": "The favourable share; 0.5, the hardest case, where not said.",
    "ExpectedModel.sd_nps": "The standard deviation of an NPS answer (-100, 0 or 100); 60 where not said.",
    "ExpectedModel.icc": "How alike the answers inside a unit are, 0 to 1; 0.05 where units are told and this is not.",
    "ExpectedModel.deff": "The design effect of unequal weights, 1 or more; 1 where not said.",
    "ExpectedModel.cost": "What an answer costs; 1 where not said.",
    "ExpectedHotModel.contacts": "How many events a day, on a mean day, on each channel: `{branch: 1200, phone: 900}`.",
    "ExpectedHotModel.contacts[]": "How many a day on this channel.",
    "ExpectedHotModel.delivered": "The share of invitations that arrive, up to 1.",
    "ExpectedHotModel.response": "The share of those that is answered, up to 1.",
    "ExpectedHotModel.alerts": "The share of answers that raises each alert: `{detractor: 0.18}`.",
    "ExpectedHotModel.alerts[]": "The share of answers that raises this alert.",
    "PlanModel.alerts": "Answers that call for an answer, by key.",
    "ComparisonModel.a": "The first face.",
    "ComparisonModel.b": "The face it is compared with.",
    "ComparisonModel.smallest": "The smallest gap that would change what you do, in each unit: `[0.3 points, 5 pct, 10 nps]`.",
    "AlertModel.when": "When to raise it: `recommend <= 4`.",
    "AlertModel.owner": "Who calls back: a key of `owners`.",
    "AlertModel.call_back": "Within how long: `24h`.",
    "AlertModel.close": "And solved within how long: `48h`.",
    "AlertModel.minutes": "How long a case takes, in minutes; 20 where nothing is said.",
    "AlertModel.escalate": "Who is told when four fifths of the time are over: a key of `owners`.",
}
DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {f"StudyModel.{key}": words for key, words in _STUDY.items()}
    | _REFERENTIAL
    | {f"ScaleModel.{key}": words for key, words in _SCALE.items()}
    | _ITEM
    | _RUNNING
)
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "outcome": "What the study is to explain: recommendation, satisfaction.",
        "driver": "What may explain it: something promised, asked on every face.",
        "engagement": "How employees are: asked of them alone.",
        "verbatim": "An open question.",
        "demographic": "A question about the person, to make groups of.",
        "observation": "What an observer notes on the spot.",
        "frame": "Known beforehand (from a file of customers, from payroll), never asked.",
    }
)
MIRRORS: Mapping[str, str] = MappingProxyType(
    {
        "literal": "The same sentence about the same object: a gap has a verdict.",
        "parallel": "The same promise in one's own relation: a gap is judged against the other gaps.",
        "projection": "What we think they say. `guess` is always this, and nothing else is.",
        "loose": "Related, not the same: shown side by side, without a verdict.",
    }
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "likert": "Steps of agreement.",
        "csat": "Steps of satisfaction.",
        "ces": "Steps of effort.",
        "nps": "0 to 10: how likely to recommend.",
        "percent": "0 to 100: a share that a publisher has computed.",
        "score": "A mark that a publisher has computed for a whole unit, 0 to 10 unless `min` and `max` say otherwise.",
        "single": "One choice.",
        "multiple": "Several choices.",
        "number": "A number.",
        "date": "A day.",
        "text": "One's own words.",
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "StudyModel": "Study",
        "ServiceModel": "Service referential",
        "MirroredReferentialModel": "Referential turned inwards",
        "MomentModel": "Moment of truth",
        "JourneyModel": "Journey",
        "ScaleModel": "Scale",
        "RatedModel": "Item that is rated",
        "VerbatimModel": "Open question",
        "DemographicModel": "Question about the person",
        "ObservationModel": "Observation",
        "FrameModel": "Frame item",
        "GridModel": "Observation grid",
        "RotationModel": "Rotation",
        "WaveModel": "Wave",
        "InviteModel": "Invitation",
        "SampleModel": "Sample",
        "SampledUnitsModel": "Units drawn first",
        "ContactModel": "Contact rules",
        "OwnerModel": "Owner",
        "PrivacyModel": "Privacy",
        "WeightingModel": "Weighting",
        "PlanModel": "Analysis plan",
        "ComparisonModel": "Comparison",
        "ExpectModel": "What is expected",
        "ExpectedModel": "What an audience returns",
        "ExpectedUnitsModel": "Units",
        "ExpectedHotModel": "What a hot wave meets",
        "AlertModel": "Alert",
    }
)


def described(model: type, key: str) -> str:
    """What a key means in a model, or in the model it extends.

    Examples
    --------
    >>> from symmetry.spec.models import VerbatimModel
    >>> described(VerbatimModel, "label")
    'A few words that name the line of a chart.'
    """
    for each in model.__mro__:
        if f"{each.__name__}.{key}" in DESCRIPTIONS:
            return DESCRIPTIONS[f"{each.__name__}.{key}"]
    return ""
