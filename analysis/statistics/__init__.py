"""Meta-analysis in plain arrays: numbers in, numbers out. Knows neither files nor languages nor pandas.

Where to find what: `effect_sizes` (all measures, with `proportions` and `rates`), `conversions` (what papers
print), `pooling` (one set of studies), `many` (thousands at once), `mantel_haenszel` (tables), `glmm` (mixed
models of counts), `multilevel`, `regression`, `subgroups`, `heterogeneity` (tau² on its own), `influence`,
`small_study`, `selection`. Results are frozen records with ``to_dict()``; an input from which nothing honest
can be computed raises `errors.StatisticsError`, which names the study.
"""
