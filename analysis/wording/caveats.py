"""What qualifies an answer: its assumptions, other choices, subgroups, small studies, what was left out."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.synthesis.results import Alternative, Mark, Subgroup, Synthesis
from analysis.wording import catalogue, numbers
from analysis.wording.facts import (
    Facts,
    alternative_text,
    excludes_null,
    in_sentence,
    limits,
    mark_text,
    reason_text,
    small_study_reason,
)


def assumption_facts(synthesis: Synthesis, lang: str) -> Facts:
    """The marks on the rows that carry the answer, with the studies each belongs to."""
    found: dict[Mark, list[str]] = {}
    for row in synthesis.used:
        for mark in row.marks:
            labels = found.setdefault(mark, [])
            if row.label not in labels:
                labels.append(row.label)
    notes: dict[str, list[str]] = {}
    for mark, labels in found.items():
        notes.setdefault(numbers.listed(labels, lang), []).append(mark_text(mark, lang))
    return {
        "k": synthesis.k,
        "notes": [
            {"labels": labels, "text": numbers.sentences(texts, lang)} for labels, texts in notes.items()
        ],
    }


def sensitivity_facts(synthesis: Synthesis, lang: str) -> Facts:
    """What the other choices do to the estimate and to its interval."""
    computed = [(alt, alt.estimate) for alt in synthesis.alternatives if alt.estimate is not None]
    head = synthesis.headline
    facts: Facts = {
        "computed": len(computed),
        "choices": numbers.counted_in_words("choice", len(computed), lang),
        "not_computed": _not_computed(synthesis, len(computed), lang),
        "has_null": synthesis.null_value is not None,
        **dict.fromkeys(("same", "unchanged", "clear", "changed"), False),
        **dict.fromkeys(("lowest", "highest", "value", "changed_words", "changed_names"), ""),
    }
    if head is None or not computed:
        return facts
    estimate, low, high = limits(head)
    clear = excludes_null(synthesis, low, high)
    changed = [alt for alt, _ in computed if _interval_differs(synthesis, alt, clear)]
    shown = [numbers.measured(value, synthesis.measure) for _, value in sorted_by_value(computed)]
    return facts | {
        "same": shown[0] == shown[-1],
        "unchanged": shown[0] == shown[-1] == numbers.measured(estimate, synthesis.measure),
        "lowest": shown[0],
        "highest": shown[-1],
        "value": numbers.measured(estimate, synthesis.measure),
        "clear": clear,
        "changed": len(changed),
        "changed_words": numbers.in_words(len(changed), lang),
        "changed_names": numbers.clauses((alternative_text(alt, lang) for alt in changed), lang),
    }


def sorted_by_value(
    computed: Iterable[tuple[Alternative, float]],
) -> list[tuple[Alternative, float]]:
    """Alternatives by their estimate, lowest first."""
    return sorted(computed, key=lambda pair: pair[1])


def _interval_differs(synthesis: Synthesis, alternative: Alternative, clear: bool) -> bool:
    if synthesis.null_value is None or alternative.ci_low is None or alternative.ci_high is None:
        return False
    return excludes_null(synthesis, alternative.ci_low, alternative.ci_high) != clear


def _not_computed(synthesis: Synthesis, computed: int, lang: str) -> str:
    count = len(synthesis.alternatives) - computed
    return numbers.counted_in_words("choice", count, lang) if count else ""


def small_study_facts(synthesis: Synthesis, lang: str) -> Facts:
    """Whether small-study effects could be tested, and what came out."""
    found = synthesis.small_study
    tests = [
        f"{catalogue.text(f'small_study_test.{name}', lang)} {numbers.p_value(values['p_value'], lang)}"
        for name, values in (found.tests.items() if found else ())
        if "p_value" in values
    ]
    return {
        "reason": small_study_reason(synthesis, lang),
        "tests": numbers.clauses(tests, lang),
    }


def left_out_facts(synthesis: Synthesis, lang: str) -> Facts:
    """The rows that are shown without being pooled, each with its reason."""
    found: dict[str, list[str]] = {}
    for row in synthesis.rows:
        if row.status == "not_pooled":
            reason = reason_text(row.reason or "not_estimable", row.reason_detail, lang)
            found.setdefault(reason, []).append(row.label)
    return {
        "rows": [
            {"labels": numbers.listed(labels, lang), "reason": reason} for reason, labels in found.items()
        ]
    }


def subgroup_facts(synthesis: Synthesis, lang: str) -> Facts:
    """Each subgroup's estimate, and the test of difference between them."""
    test = synthesis.subgroup_test
    column = f"column.{synthesis.subgroup_by}"
    return {
        "groups": [_group(group, synthesis.measure, lang) for group in synthesis.subgroups],
        # A column that only one review has is named in its own schema, which is not known here.
        "by": in_sentence(catalogue.text(column, lang)) if column in catalogue.load() else "",
        "test": "" if test is None else numbers.p_value(test.p_value, lang),
        "test_clear": test is not None and test.p_value < 0.05,
    }


def _group(group: Subgroup, measure: str, lang: str) -> Facts:
    found = group.pooled
    estimate = ""
    if found is not None:
        estimate = numbers.estimate(found.estimate, found.ci_low, found.ci_high, measure, lang)
    studies = numbers.counted_in_words("study", group.k, lang)
    return {"label": group.label[lang], "studies": studies, "estimate": estimate}
