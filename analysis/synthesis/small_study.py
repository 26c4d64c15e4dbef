"""Whether small studies show other effects than large ones: tested, or why not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.statistics import small_study
from analysis.statistics.errors import StatisticsError
from analysis.synthesis.candidates import Candidate
from analysis.synthesis.effects import Effect
from analysis.synthesis.protocol import Question
from analysis.synthesis.results import SmallStudy

COUNT_TESTS = {"peters": small_study.peters, "harbord": small_study.harbord}
TABLE = ("events1", "n1", "events2", "n2")


def examine(question: Question, usable: Sequence[tuple[Candidate, Effect]], minimum_k: int) -> SmallStudy:
    """Egger's test, and for odds ratios Peters' and Harbord's, from `minimum_k` studies on.

    Shares are not tested: the standard error of a logit depends on the share itself, so that these
    tests find asymmetry where there is none (Hunter 2014, J Clin Epidemiol 67:897).
    """
    k = len(usable)
    if k < minimum_k:
        return SmallStudy(False, "too_few", k, minimum_k)
    if question.measure == "PR":
        return SmallStudy(False, "not_for_shares", k, minimum_k)
    yi = np.array([effect.yi for _, effect in usable])
    vi = np.array([effect.vi for _, effect in usable])
    try:
        tests = {"egger": small_study.egger(yi, vi, fewest=minimum_k)}
        if question.measure == "OR":
            columns = [np.array([candidate.data[key] for candidate, _ in usable]) for key in TABLE]
            tests |= {name: test(*columns, fewest=minimum_k) for name, test in COUNT_TESTS.items()}
    except StatisticsError as error:
        return SmallStudy(False, error.code, k, minimum_k)
    figures = {
        name: {"statistic": found.statistic, "p_value": found.p_value, "bias": found.bias}
        for name, found in tests.items()
    }
    return SmallStudy(True, None, k, minimum_k, figures)
