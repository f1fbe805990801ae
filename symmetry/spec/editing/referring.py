"""What the keys of the grammar refer to, and what stands under them: the joints between the models.

A model says of which type a key is; here stands of which *thing*: that `scale:` is a key of `scales`, that the entries of
`waves` are `WaveModel`s, that a scale of type `nps` has no `points`.  Tests hold each table against the models and against
what the checker refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symmetry.spec import models, models_running
from symmetry.spec.validating import Strict

__all__ = ["ENTRIES", "KEYS", "NEEDED", "PARTS", "ROLE_MODELS", "VALUES"]

VALUES: Mapping[str, str] = MappingProxyType(  # whose ids the strings of a key are
    {
        "ServiceModel.attitudes": "promise",
        "ServiceModel.respect": "promise",
        "RatedModel.scale": "scales",
        "VerbatimModel.scale": "scales",
        "DemographicModel.scale": "scales",
        "ObservationModel.scale": "scales",
        "AskedModel.promise": "promise",
        "AskedModel.at": "moments",
        "AskedModel.owner": "owners",
        "RatedModel.scales": "scales",
        "RatedModel.negative": "faces",
        "GridModel.items": "observations",
        "GridModel.unit": "frames",
        "RotationModel.blocks": "asked",
        "WaveModel.audiences": "audiences",
        "WaveModel.items": "asked",
        "SampleModel.by": "frames",
        "SampleModel.measure": "numbers",
        "SampleModel.order": "frames",
        "SampledUnitsModel.of": "frames",
        "SampledUnitsModel.measure": "numbers",
        "OwnerModel.of": "audiences",
        "OwnerModel.within": "frames",
        "PlanModel.outcome": "outcomes",
        "PlanModel.drivers": "drivers",
        "PlanModel.segments": "categorised",
        "ComparisonModel.a": "faces",
        "ComparisonModel.b": "faces",
        "AlertModel.owner": "owners",
        "AlertModel.escalate": "owners",
    }
)
KEYS: Mapping[str, str] = MappingProxyType(  # whose ids the keys of a mapping are
    {
        "StudyModel.weights": "audiences",
        "MirroredReferentialModel.attitudes": "promise",
        "ScaleModel.ends": "languages",
        "ScaleModel.labels": "languages",
        "RatedModel.scales": "faces",
        "RatedModel.mirror": "faces",
        "WaveModel.sample": "audiences",
        "WeightingModel.rake": "categorised",
        "ExpectModel.hot": "hot",
        "ExpectedHotModel.contacts": "channels",
        "ExpectedHotModel.alerts": "alerts",
    }
)
PARTS: Mapping[str, type[Strict]] = MappingProxyType(  # a section that is one thing
    {
        "StudyModel.service": models.ServiceModel,
        "StudyModel.management": models.MirroredReferentialModel,
        "StudyModel.cooperation": models.MirroredReferentialModel,
        "StudyModel.rotation": models_running.RotationModel,
        "StudyModel.contact": models_running.ContactModel,
        "StudyModel.privacy": models_running.PrivacyModel,
        "StudyModel.plan": models_running.PlanModel,
        "SampleModel.units": models_running.SampledUnitsModel,
        "WaveModel.invite": models_running.InviteModel,
        "PlanModel.expect": models_running.ExpectModel,
        "ExpectModel.units": models_running.ExpectedUnitsModel,
        "ExpectModel.customers": models_running.ExpectedModel,
        "ExpectModel.employees": models_running.ExpectedModel,
    }
)
ENTRIES: Mapping[str, type[Strict]] = MappingProxyType(  # a section of things of one kind, under keys of their own
    {
        "StudyModel.journeys": models.JourneyModel,
        "StudyModel.grids": models.GridModel,
        "StudyModel.owners": models_running.OwnerModel,
        "StudyModel.weights": models_running.WeightingModel,
        "MirroredReferentialModel.moments": models.MomentModel,
        "JourneyModel.moments": models.MomentModel,
        "PlanModel.alerts": models_running.AlertModel,
        "ExpectModel.hot": models_running.ExpectedHotModel,
    }
)
ROLE_MODELS: Mapping[str, type[Strict]] = MappingProxyType(
    {
        **dict.fromkeys(("outcome", "driver", "engagement"), models.RatedModel),
        "verbatim": models.VerbatimModel,
        "demographic": models.DemographicModel,
        "observation": models.ObservationModel,
        "frame": models.FrameModel,
    }
)
NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(  # and what it cannot do without
    {
        **dict.fromkeys(("likert", "csat", "ces"), ("points",)),
        **dict.fromkeys(("single", "multiple"), ("choices",)),
    }
)
