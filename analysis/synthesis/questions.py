"""One question of the protocol, answered: rows, pooled estimate, subgroups, sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics import special
from analysis.statistics.errors import StatisticsError
from analysis.synthesis.absolute import absolute_effect
from analysis.synthesis.candidates import Candidate, Choices
from analysis.synthesis.effects import (
    Choice,
    Effect,
    effect_of,
    other_choices,
    participants_of,
    pool,
    pool_each,
    primary_choice,
)
from analysis.synthesis.moderators import explain
from analysis.synthesis.protocol import NULL_VALUES, Assumption, Question, SynthesisProtocol
from analysis.synthesis.results import (
    Alternative,
    LeftOut,
    Pooled,
    Row,
    Subgroup,
    SubgroupTest,
    Synthesis,
)
from analysis.synthesis.selection import select
from analysis.synthesis.small_study import examine
from analysis.synthesis.tables import Tables


@dataclass(frozen=True)
class Answer:
    """Candidates with their effects, in the same order, and the pooled estimate if there is one.

    ``failure`` is the code of what kept two or more studies from being pooled.
    """

    candidates: tuple[Candidate, ...]
    effects: tuple[Effect | None, ...]
    pooled: Pooled | None
    weights: tuple[float, ...]
    failure: str | None = None

    @property
    def usable(self) -> tuple[tuple[Candidate, Effect], ...]:
        """The studies with an effect."""
        return tuple((c, e) for c, e in zip(self.candidates, self.effects, strict=True) if e is not None)


def answer(
    question: Question,
    tables: Tables,
    protocol: SynthesisProtocol,
    choice: Choice,
    choices: Choices | None = None,
) -> Answer:
    """Select, compute and pool under one set of choices."""
    candidates = select(question, tables, protocol.assumptions, choices)
    level = protocol.model.level
    effects = tuple(None if c.reason else effect_of(question, c, level) for c in candidates)
    usable = [(c, e) for c, e in zip(candidates, effects, strict=True) if e is not None]
    if len(usable) < 2:
        return Answer(candidates, effects, None, ())
    try:
        pooled, weights = pool(question, [c for c, _ in usable], [e for _, e in usable], choice, level)
    except StatisticsError as error:
        return Answer(candidates, effects, None, (), error.code)
    return Answer(candidates, effects, pooled, weights)


def synthesise_question(question: Question, tables: Tables, protocol: SynthesisProtocol) -> Synthesis:
    """Everything the results record holds on one question."""
    primary = primary_choice(question, protocol.model)
    main = answer(question, tables, protocol, primary)
    usable = main.usable
    subgroups = _subgroups(question, tables, protocol, main, primary)
    rows = _rows(main)
    used = [row for row in rows if row.status != "not_pooled"]
    single = used[0] if len(used) == 1 else None
    return Synthesis(
        id=question.id,
        kind=question.kind,
        measure=question.measure,
        scale=question.scale,
        better=question.better,
        null_value=NULL_VALUES[question.measure],
        mid=question.mid,
        unit=question.unit,
        title=question.title,
        outcome=question.outcome_name,
        description=question.description,
        favours_low=question.favours_low,
        favours_high=question.favours_high,
        columns=question.columns,
        k=len(usable),
        participants=participants_of([c for c, _ in usable]) if usable else None,
        rows=rows,
        pooled=main.pooled,
        subgroup_by=question.subgroup_by,
        subgroups=subgroups,
        subgroup_test=_subgroup_test(question.subgroup_by, subgroups),
        alternatives=(
            *_other_models(question, main, protocol),
            *_other_assumptions(question, tables, protocol, primary, main),
            *_other_inclusions(question, tables, protocol, primary),
        ),
        leave_one_out=_leave_one_out(question, usable, primary, protocol),
        small_study=examine(question, usable, protocol.model.small_study_minimum_k),
        certainty=tables.certainty.get(question.id, "not_assessed"),
        absolute=absolute_effect(question.measure, used, main.pooled or single),
        outcome_code=question.outcome,
        cumulative=_cumulative(question, usable, primary, protocol),
        regression=explain(question, usable, tables, protocol.model),
    )


def _rows(main: Answer) -> tuple[Row, ...]:
    weights = iter(main.weights)
    rows = []
    for candidate, effect in zip(main.candidates, main.effects, strict=True):
        reason = candidate.reason or (main.failure if effect else "not_estimable")
        status = "not_pooled" if reason else ("pooled" if main.pooled else "single")
        rows.append(
            Row(
                study_id=candidate.study["study_id"],
                label=candidate.study["label"],
                arm=candidate.arm,
                timepoint_months=candidate.timepoint_months,
                subgroup=candidate.subgroup,
                status=status,
                reason=reason,
                reason_detail=candidate.reason_detail,
                data=candidate.data,
                yi=effect.yi if effect else None,
                vi=effect.vi if effect else None,
                estimate=effect.estimate if effect else None,
                ci_low=effect.ci_low if effect else None,
                ci_high=effect.ci_high if effect else None,
                weight=next(weights) if status == "pooled" else None,
                marks=candidate.marks if effect else (),
                value_ids=candidate.value_ids,
                attributes=candidate.attributes,
            )
        )
    return tuple(rows)


def _by_subgroup(main: Answer) -> dict[str, list[tuple[Candidate, Effect]]]:
    groups: dict[str, list[tuple[Candidate, Effect]]] = {}
    for candidate, effect in main.usable:
        groups.setdefault(candidate.subgroup or "not_reported", []).append((candidate, effect))
    return groups


def _subgroups(
    question: Question, tables: Tables, protocol: SynthesisProtocol, main: Answer, choice: Choice
) -> tuple[Subgroup, ...]:
    if question.subgroup_by is None or main.pooled is None:
        return ()
    found = []
    for code, members in _by_subgroup(main).items():
        candidates = [candidate for candidate, _ in members]
        pooled = _pooled(question, members, choice, protocol) if len(members) > 1 else None
        label = tables.label(question.subgroup_by, code) or {"en": code, "zh": code}
        found.append(Subgroup(code, label, len(members), participants_of(candidates), pooled))
    return tuple(found)


def _pooled(
    question: Question,
    members: Sequence[tuple[Candidate, Effect]],
    choice: Choice,
    protocol: SynthesisProtocol,
) -> Pooled | None:
    """The pooled estimate of some of the studies; None where it cannot be computed."""
    candidates, effects = [c for c, _ in members], [e for _, e in members]
    try:
        return pool(question, candidates, effects, choice, protocol.model.level)[0]
    except StatisticsError:
        return None


def _subgroup_test(by: str | None, groups: Sequence[Subgroup]) -> SubgroupTest | None:
    """Q between on the analysis scale, from the subgroups' own estimates (separate tau²).

    None unless every subgroup has an estimate with a standard error.
    """
    estimates = [(g.pooled.beta, g.pooled.se) for g in groups if g.pooled is not None]
    complete = [(beta, se) for beta, se in estimates if beta is not None and se is not None]
    if by is None or len(groups) < 2 or len(complete) < len(groups):
        return None
    weights = [1 / se**2 for _, se in complete]
    mean = sum(w * b for w, (b, _) in zip(weights, complete, strict=True)) / sum(weights)
    q = sum(w * (b - mean) ** 2 for w, (b, _) in zip(weights, complete, strict=True))
    df = len(complete) - 1
    return SubgroupTest(by, q, df, float(special.chdtrc(df, q)))


def _leave_one_out(
    question: Question,
    usable: Sequence[tuple[Candidate, Effect]],
    choice: Choice,
    protocol: SynthesisProtocol,
) -> tuple[LeftOut, ...]:
    sets = ~np.eye(len(usable), dtype=np.bool_)
    return _refits(question, usable, [c for c, _ in usable], sets, choice, protocol)


def _cumulative(
    question: Question,
    usable: Sequence[tuple[Candidate, Effect]],
    choice: Choice,
    protocol: SynthesisProtocol,
) -> tuple[LeftOut, ...]:
    """The pooled estimate from the first two studies on, in order of publication."""
    ordered = sorted(usable, key=lambda pair: (pair[0].study.get("year") or 0, pair[0].study["label"]))
    sets = np.tri(len(ordered), dtype=np.bool_)[1:]
    return _refits(question, ordered, [c for c, _ in ordered[1:]], sets, choice, protocol)


def _refits(
    question: Question,
    usable: Sequence[tuple[Candidate, Effect]],
    named: Sequence[Candidate],
    sets: NDArray[np.bool_],
    choice: Choice,
    protocol: SynthesisProtocol,
) -> tuple[LeftOut, ...]:
    """The pooled estimate of each subset, under the name of the study it is about."""
    if len(usable) < 3:
        return ()
    candidates, effects = [c for c, _ in usable], [e for _, e in usable]
    fits = pool_each(question, candidates, effects, choice, protocol.model.level, sets)
    return tuple(
        LeftOut(
            candidate.study["study_id"],
            candidate.study["label"],
            pooled.estimate,
            pooled.ci_low,
            pooled.ci_high,
            pooled.tau2,
            pooled.i2,
        )
        for candidate, pooled in zip(named, fits, strict=True)
        if pooled is not None
    )


def _other_models(question: Question, main: Answer, protocol: SynthesisProtocol) -> tuple[Alternative, ...]:
    if main.pooled is None:
        return ()
    candidates, effects = [c for c, _ in main.usable], [e for _, e in main.usable]
    found = []
    for choice in other_choices(question, protocol.model):
        try:
            pooled, _ = pool(question, candidates, effects, choice, protocol.model.level)
        except StatisticsError as error:
            found.append(
                Alternative("model", choice.code, {}, len(effects), None, None, None, reason=error.code)
            )
            continue
        found.append(_alternative("model", choice.code, {}, pooled, None))
    return tuple(found)


def _other_assumptions(
    question: Question, tables: Tables, protocol: SynthesisProtocol, choice: Choice, main: Answer
) -> tuple[Alternative, ...]:
    codes = {mark.code for candidate, _ in main.usable for mark in candidate.marks}
    runs: list[tuple[str, dict[str, float], Choices]] = []
    for assumption in protocol.assumptions:
        if not _bears_on(assumption, question, main):
            continue
        for value in assumption.alternatives:
            runs.append((assumption.code, {"value": value}, Choices(assumed={assumption.id: value})))
    if any(candidate.data.get("p_paired") is not None for candidate, _ in main.usable):
        runs.append(("sd_from_p", {}, Choices(sd_from_p=True)))
    if "split_control" in codes:
        runs.append(("control_not_split", {}, Choices(split_control=False)))
    for n in question.effective_n:
        runs.append(("effective_n", {"value": n}, Choices(effective_n=n)))
    return tuple(
        _run("assumption", code, params, question, tables, protocol, choice, choices)
        for code, params, choices in runs
    )


def _bears_on(assumption: Assumption, question: Question, main: Answer) -> bool:
    return any(
        assumption.covers(candidate.study["study_id"], question.outcome, question.statistic)
        and assumption.code in {mark.code for mark in candidate.marks}
        for candidate, _ in main.usable
    )


def _other_inclusions(
    question: Question, tables: Tables, protocol: SynthesisProtocol, choice: Choice
) -> tuple[Alternative, ...]:
    return tuple(
        _run(
            "inclusion",
            rule.code,
            {},
            question,
            tables,
            protocol,
            choice,
            Choices(definition=rule.definition),
        )
        for rule in question.inclusions
    )


def _run(
    kind: str,
    code: str,
    params: dict[str, float],
    question: Question,
    tables: Tables,
    protocol: SynthesisProtocol,
    choice: Choice,
    choices: Choices,
) -> Alternative:
    result = answer(question, tables, protocol, choice, choices)
    single = result.usable[0][1] if len(result.usable) == 1 else None
    return _alternative(kind, code, params, result.pooled, single)


def _alternative(
    kind: str, code: str, params: dict[str, float], pooled: Pooled | None, single: Effect | None
) -> Alternative:
    if pooled is not None:
        return Alternative(
            kind,
            code,
            params,
            pooled.k,
            pooled.estimate,
            pooled.ci_low,
            pooled.ci_high,
            pooled.p_value,
            pooled.tau2,
            pooled.i2,
        )
    if single is not None:
        return Alternative(kind, code, params, 1, single.estimate, single.ci_low, single.ci_high)
    return Alternative(kind, code, params, 0, None, None, None, reason="not_estimable")
