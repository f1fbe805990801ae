#!/bin/sh
# The golden values again, from R (Debian: apt-get install r-base-core r-cran-survey r-cran-mitools r-cran-mice r-cran-mitml r-cran-lavaan r-cran-lme4 r-cran-multilevel r-cran-polycor r-cran-psych r-cran-sampling). `data.R` first: the others read its files.
set -eu
cd "$(dirname "$0")"
for script in data means gaps effects verdicts units agreement lonely drivers decompositions presence covariances polychoric penalties moving crossing weights \
    stages estimators quantiles proportions contrasts loyalty replicates weighting probability models banners chisq mitools ranks ordinal predictions sizes areas tabulated sampling page; do
    echo "$script.R"
    Rscript --vanilla "$script.R"
done
