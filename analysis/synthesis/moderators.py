"""Effects explained by numbers of the studies: a meta-regression, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.statistics.errors import StatisticsError
from analysis.statistics.regression import regress
from analysis.synthesis.candidates import Candidate
from analysis.synthesis.effects import Effect
from analysis.synthesis.protocol import Model, ProtocolError, Question
from analysis.synthesis.results import Coefficient, MetaRegression
from analysis.synthesis.tables import Tables

STUDIES_PER_MODERATOR = 10
"""Below ten studies for each moderator a regression is not worth while (Cochrane Handbook, 10.11.5.1)."""


def explain(
    question: Question, usable: Sequence[tuple[Candidate, Effect]], tables: Tables, model: Model
) -> MetaRegression | None:
    """The regression on the question's moderators; None where it names none.

    A study without a number for one of them is left out of the regression and counted.

    Raises
    ------
    ProtocolError
        When a moderator is no number of ``studies.csv``.
    """
    names = question.moderators
    if not names:
        return None
    columns = {column.name: column for column in tables.evidence.parsed_schema.tables["studies"].columns}
    for name in names:
        if name not in columns or columns[name].type not in ("number", "integer"):
            where = f"questions ({question.id}).moderators"
            raise ProtocolError(where, name, "a numeric column of studies.csv", "studies.csv 的数值列")
    known = [(c, e) for c, e in usable if all(c.study.get(name) is not None for name in names)]
    k, left_out, least = len(known), len(usable) - len(known), STUDIES_PER_MODERATOR * len(names)
    if question.measure == "PR":
        return MetaRegression(False, "not_for_shares", k, least, left_out)
    if k < least:
        return MetaRegression(False, "too_few", k, least, left_out)
    try:
        fit = regress(
            np.array([effect.yi for _, effect in known]),
            np.array([effect.vi for _, effect in known]),
            np.array([[float(candidate.study[name]) for name in names] for candidate, _ in known]),
            names=names,
            method=model.tau2,
            interval=model.interval,
            level=model.level,
        )
    except StatisticsError as error:
        return MetaRegression(False, error.code, k, least, left_out)
    coefficients = tuple(
        Coefficient(
            name=name,
            label=columns[name].title if name in columns else {"en": "", "zh": ""},
            beta=float(fit.beta[place]),
            se=float(fit.se[place]),
            ci_low=float(fit.ci_low[place]),
            ci_high=float(fit.ci_high[place]),
            p_value=float(fit.p_value[place]) if np.isfinite(fit.p_value[place]) else None,
        )
        for place, name in enumerate(fit.names)
    )
    return MetaRegression(
        True,
        None,
        k,
        least,
        left_out,
        coefficients,
        fit.tau2,
        fit.i2,
        fit.r2,
        fit.q_model,
        fit.q_model_df,
        fit.df,
        fit.q_model_p,
    )
