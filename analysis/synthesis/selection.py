"""From evidence tables to the numbers of one question, study by study.

Every study that has something on the question comes back, with its numbers or with the reason why
it cannot be pooled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analysis.synthesis.candidates import Candidate, Choices, unusable
from analysis.synthesis.designs import before_after, followed, matches, share, two_arm
from analysis.synthesis.protocol import Assumption, Question
from analysis.synthesis.tables import Tables, flags

UNUSABLE_FLAGS = {"includes_other_disease": "mixed_population", "garbled_source": "secondary_unchecked"}
"""Flags of a row that keep it out of every analysis, with the reason that is shown."""


def select(
    question: Question, tables: Tables, assumptions: Iterable[Assumption], choices: Choices | None = None
) -> tuple[Candidate, ...]:
    """Every study with something on `question`, each cohort usable at most once.

    Parameters
    ----------
    question : Question
    tables : Tables
    assumptions : iterable of Assumption
        All of the protocol's; those that bear on a value are applied and marked.
    choices : Choices, optional
        What this run takes differently from the protocol.

    Returns
    -------
    tuple of Candidate
        In the order of the studies table.
    """
    choices = choices or Choices()
    assumptions = tuple(assumptions)
    found = []
    for study_id, study in tables.studies.items():
        if question.stream and study["stream"] != question.stream:
            continue
        candidate = _candidate(question, study_id, tables, assumptions, choices)
        if candidate is not None:
            found.append(candidate)
    return _once_per_cohort(found)


def _candidate(
    question: Question, study_id: str, tables: Tables, assumptions: tuple[Assumption, ...], choices: Choices
) -> Candidate | None:
    own = tables.of_study(question.table, study_id)
    on_outcome = [row for row in own if row[question.outcome_column] == question.outcome]
    treated = [row for row in on_outcome if matches(tables.arm(row), question.treatment)]
    study = tables.studies[study_id]
    if not treated:
        related = [row for row in own if row[question.outcome_column] in question.related]
        related = [row for row in related if matches(tables.arm(row), question.treatment)]
        if not related:
            return None
        return unusable(question, study, tables, related, "other_definition")
    if study["inclusion"] in ("excluded", "awaiting"):
        reason = "excluded_study" if study["inclusion"] == "excluded" else "awaiting"
        return unusable(question, study, tables, treated, reason)
    if question.table == "adverse_events":
        wordings = choices.definition or question.definition
        counted = [row for row in treated if not wordings or row["definition"] in wordings]
        if not counted:
            return unusable(question, study, tables, treated, "other_definition")
        treated = counted
    flagged = [
        reason for flag, reason in UNUSABLE_FLAGS.items() if all(flag in flags(row) for row in treated)
    ]
    if flagged:
        return unusable(question, study, tables, treated, flagged[0])
    treated = [row for row in treated if not flags(row) & UNUSABLE_FLAGS.keys()]
    if question.kind == "before_after":
        treated = followed(question, treated)
        if not treated:
            return None
    reliable = [row for row in treated if row["confidence"] == "primary"]
    if not reliable:
        return unusable(question, study, tables, treated, "secondary_unchecked")
    if question.kind == "before_after":
        built = before_after(question, study, tables, reliable, assumptions, choices)
    elif question.kind == "two_arm":
        built = two_arm(question, study, tables, on_outcome, reliable, assumptions, choices)
    else:
        built = share(question, study, tables, reliable, choices)
    return built


def _once_per_cohort(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Keep one usable report of each cohort: an included one first, then the one with most people."""
    chosen: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.reason is not None:
            continue
        cohort = candidate.study.get("cohort") or candidate.study["study_id"]
        rival = chosen.get(cohort)
        if rival is None or _rank(candidate) > _rank(rival):
            chosen[cohort] = candidate
    result = []
    for candidate in candidates:
        cohort = candidate.study.get("cohort") or candidate.study["study_id"]
        kept = chosen.get(cohort)
        if candidate.reason is None and kept is not candidate and kept is not None:
            candidate = replace(candidate, reason="overlap", reason_detail=kept.study["label"])
        result.append(candidate)
    return tuple(result)


def _rank(candidate: Candidate) -> tuple[bool, float]:
    sizes = [candidate.data.get(key) or 0.0 for key in ("n", "n1", "n2")]
    return (candidate.study["inclusion"] == "included", sum(sizes))
