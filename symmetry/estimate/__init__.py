"""Estimates: how much, plus or minus what.  Each verb returns an `Estimate`; its table is a frame with the house's columns."""

from symmetry.estimate.areas.area_level import fit_areas
from symmetry.estimate.areas.borrowing import columns_by_domain, of_full_rank
from symmetry.estimate.areas.shrinking import Shrunken, shrink
from symmetry.estimate.banners.making import Banner, banner
from symmetry.estimate.banners.workbook import write_excel
from symmetry.estimate.boxes import bottom_box, favourable, top_box
from symmetry.estimate.comparing.goodness import goodness_of_fit
from symmetry.estimate.comparing.groups import t_test
from symmetry.estimate.comparing.mixtures import mixture_tail
from symmetry.estimate.comparing.ranks import rank_test
from symmetry.estimate.comparing.small_samples import small_sample
from symmetry.estimate.comparing.tables import chisq
from symmetry.estimate.contrasts import contrast
from symmetry.estimate.distribution import cdf
from symmetry.estimate.functions import statistic
from symmetry.estimate.intervals import interval
from symmetry.estimate.joint import adjust, wald
from symmetry.estimate.loyalty import ces, csat, nps
from symmetry.estimate.means import mean
from symmetry.estimate.missing.combining import combine, missing_information
from symmetry.estimate.missing.imputing import impute
from symmetry.estimate.models.generalised import Model, glm, glm_by
from symmetry.estimate.models.likelihood import likelihood_ratio
from symmetry.estimate.models.margins import marginal_effects, margins
from symmetry.estimate.models.ordinal import Ordinal, ordinal
from symmetry.estimate.models.predicting import predict
from symmetry.estimate.named import named
from symmetry.estimate.nouns import COLUMNS, Estimate, join
from symmetry.estimate.provenance import provenance
from symmetry.estimate.quantiles.finding import median, quantile
from symmetry.estimate.spread import correlation, variance
from symmetry.estimate.totals import ratio, share, total

__all__ = [
    "COLUMNS",
    "Banner",
    "Estimate",
    "Model",
    "Ordinal",
    "Shrunken",
    "adjust",
    "banner",
    "bottom_box",
    "cdf",
    "ces",
    "chisq",
    "columns_by_domain",
    "combine",
    "contrast",
    "correlation",
    "csat",
    "favourable",
    "fit_areas",
    "glm",
    "glm_by",
    "goodness_of_fit",
    "impute",
    "interval",
    "join",
    "likelihood_ratio",
    "marginal_effects",
    "margins",
    "mean",
    "median",
    "missing_information",
    "mixture_tail",
    "named",
    "nps",
    "of_full_rank",
    "ordinal",
    "predict",
    "provenance",
    "quantile",
    "rank_test",
    "ratio",
    "share",
    "shrink",
    "small_sample",
    "statistic",
    "t_test",
    "top_box",
    "total",
    "variance",
    "wald",
    "write_excel",
]
