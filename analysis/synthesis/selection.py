"""From evidence tables to the numbers of one question, study by study.

Every study that has something on the question comes back, with its numbers or with the reason why
it cannot be pooled.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from analysis.synthesis.protocol import Assumption, Question
from analysis.synthesis.results import Mark, Text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

Record = Mapping[str, Any]

TIMEPOINT_TOLERANCE_MONTHS = 1.0


@dataclass(frozen=True)
class Choices:
    """What one run of a question takes for granted; the main run changes nothing.

    Attributes
    ----------
    assumed : mapping
        Values by assumption id, in place of the protocol's.
    definition : tuple of str or None
        The wordings that count, in place of the question's.
    split_control : bool or None
        Whether a shared control arm is split, in place of the question's rule.
    effective_n : float or None
        Group size that counts are scaled to, with the share kept.
    """

    assumed: Mapping[str, float] = field(default_factory=dict)
    definition: tuple[str, ...] | None = None
    split_control: bool | None = None
    effective_n: float | None = None


@dataclass(frozen=True)
class Candidate:
    """One study's numbers for a question, or why there are none (`reason`)."""

    study: Record
    arm: str
    timepoint_months: float | None
    subgroup: str | None
    data: Mapping[str, float | None]
    marks: tuple[Mark, ...]
    value_ids: tuple[str, ...]
    attributes: Mapping[str, Text]
    reason: str | None = None
    reason_detail: str = ""


class Tables:
    """The evidence as plain records, missing cells as None.

    Parameters
    ----------
    evidence : Evidence
        Checked evidence.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.by_name = {name: records(evidence.tables[name]) for name in ("studies", "arms", "outcomes")}
        self.by_name["adverse_events"] = records(evidence.tables["adverse_events"])
        self.studies: dict[str, Record] = {row["study_id"]: row for row in self.by_name["studies"]}
        self.arms: dict[tuple[str, str], Record] = {
            (row["study_id"], row["arm_id"]): row for row in self.by_name["arms"]
        }

    def arm(self, row: Record) -> Record:
        """The arm a value belongs to, with the study's own values where the arm has none."""
        study = self.studies[row["study_id"]]
        arm = self.arms.get((row["study_id"], row.get("arm_id") or ""), {})
        shared = ("route", "cell_source", "donor")
        return {**arm, **{key: arm.get(key) or study.get(key) for key in shared}}

    def label(self, column: str, code: str | None) -> Text | None:
        """A code of the studies table in both languages."""
        if not code:
            return None
        return {lang: self.evidence.label("studies", column, code, lang) for lang in ("en", "zh")}


def records(frame: Any) -> list[Record]:
    """Rows of a data frame as dictionaries with None for missing."""
    return [
        {key: None if _missing(value) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("<NA>", "NaT", "")


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
    table = tables.by_name[question.table]
    own = [row for row in table if row["study_id"] == study_id]
    key = "category" if question.table == "adverse_events" else "outcome"
    on_outcome = [row for row in own if row[key] == question.outcome]
    treated = [row for row in on_outcome if _matches(tables.arm(row), question.treatment)]
    study = tables.studies[study_id]
    if not treated:
        related = [row for row in own if row[key] in question.related]
        related = [row for row in related if _matches(tables.arm(row), question.treatment)]
        if not related:
            return None
        return _unusable(question, study, tables, related, "other_definition")
    if study["inclusion"] in ("excluded", "awaiting"):
        reason = "excluded_study" if study["inclusion"] == "excluded" else "awaiting"
        return _unusable(question, study, tables, treated, reason)
    if question.table == "adverse_events":
        wordings = choices.definition or question.definition
        counted = [row for row in treated if not wordings or row["definition"] in wordings]
        if not counted:
            return _unusable(question, study, tables, treated, "other_definition")
        treated = counted
    reliable = [row for row in treated if row["confidence"] == "primary"]
    if not reliable:
        return _unusable(question, study, tables, treated, "secondary_unchecked")
    if question.kind == "before_after":
        built = _before_after(question, study, tables, reliable, assumptions, choices)
    elif question.kind == "two_arm":
        built = _two_arm(question, study, tables, on_outcome, reliable, assumptions, choices)
    else:
        built = _share(question, study, tables, reliable, choices)
    return built


def _share(
    question: Question, study: Record, tables: Tables, rows: list[Record], choices: Choices
) -> Candidate | None:
    count, size = ("n_people", "n_at_risk") if question.table == "adverse_events" else ("events", "n")
    counted = [row for row in rows if row[count] is not None]
    if question.table == "outcomes":
        counted = [row for row in counted if row["statistic"] == question.statistic]
    if not counted:
        return _unusable(question, study, tables, rows, "no_numbers")
    counted = _at_time(question, counted)
    if not counted:
        return _unusable(question, study, tables, rows, "no_numbers")
    if any(row[size] is None for row in counted):
        return _unusable(question, study, tables, counted, "missing_n")
    data = {
        "events": float(sum(row[count] for row in counted)),
        "n": float(sum(row[size] for row in counted)),
    }
    return _build(question, study, tables, counted, data, row_marks(counted))


def _before_after(
    question: Question,
    study: Record,
    tables: Tables,
    rows: list[Record],
    assumptions: tuple[Assumption, ...],
    choices: Choices,
) -> Candidate | None:
    means = [row for row in rows if row["statistic"] == question.statistic]
    before = [row for row in means if row["timepoint_months"] == 0]
    after = [row for row in means if (row["timepoint_months"] or 0) > 0]
    if not after:
        changes = [row for row in rows if (row["timepoint_months"] or 0) > 0]
        return _unusable(question, study, tables, changes, "no_numbers") if changes else None
    if not before:
        return _unusable(question, study, tables, after, "no_baseline")
    first = max(before, key=lambda row: row["sd"] is not None)
    last = _at_time(question, after)[0]
    data: dict[str, float | None] = {
        "mean_pre": first["mean"],
        "sd_pre": first["sd"],
        "mean_post": last["mean"],
        "sd_post": last["sd"],
        "n": last["n"],
    }
    marks = list(row_marks([first, last]))
    for assumption in assumptions:
        if not assumption.covers(study["study_id"], question.outcome, question.statistic):
            continue
        value = choices.assumed.get(assumption.id, assumption.value)
        if assumption.field == "n" and data["n"] is None and value == "baseline":
            value = first["n"]
        elif assumption.field == "n" and data["n"] is not None:
            continue
        if assumption.field is not None and isinstance(value, (int, float)):
            data[assumption.field] = float(value)
        marks.append(Mark(assumption.code, float(value) if isinstance(value, (int, float)) else None))
    printed_p = [
        row["p_value"]
        for row in rows
        if row["timepoint_months"] == last["timepoint_months"] and row.get("p_value") is not None
    ]
    data["p_paired"] = printed_p[0] if printed_p else None
    for name, reason in (("sd_pre", "missing_sd"), ("sd_post", "missing_sd"), ("n", "missing_n")):
        if data[name] is None:
            return _unusable(question, study, tables, [first, last], reason)
    if data.get("r") is None:
        return _unusable(question, study, tables, [first, last], "missing_correlation")
    return _build(question, study, tables, [last, first], data, tuple(marks))


def _two_arm(
    question: Question,
    study: Record,
    tables: Tables,
    on_outcome: list[Record],
    treated: list[Record],
    assumptions: tuple[Assumption, ...],
    choices: Choices,
) -> Candidate | None:
    treated = _at_time(question, [row for row in treated if row["statistic"] == question.statistic])
    if not treated:
        return _unusable(question, study, tables, on_outcome, "no_numbers")
    same_time = [
        row
        for row in on_outcome
        if row["statistic"] == question.statistic and row["timepoint_months"] == treated[0]["timepoint_months"]
    ]
    controls = [
        row
        for row in same_time
        if _matches(tables.arm(row), question.control or {}) and row["confidence"] == "primary"
    ]
    if not controls:
        return _unusable(question, study, tables, treated, "no_control")
    role = {key: value for key, value in question.treatment.items() if key == "role"}
    all_treated = [row for row in same_time if _matches(tables.arm(row), role)]
    marks = list(row_marks(treated + controls))
    numbers = [_arm_numbers(question, row, study, assumptions, choices, marks) for row in treated + controls]
    missing = next((key for arm in numbers for key, value in arm.items() if value is None), None)
    if missing is not None:
        reason = {"n": "missing_n", "sd": "missing_sd"}.get(missing, "no_numbers")
        return _unusable(question, study, tables, treated + controls, reason)
    first = combine_arms(numbers[: len(treated)])
    second = combine_arms(numbers[len(treated) :])
    split = question.split_control if choices.split_control is None else choices.split_control
    parts = len(all_treated) / len(treated)
    if split and parts > 1:
        second = {key: value / parts if key in ("n", "events") else value for key, value in second.items()}
        marks.append(Mark("split_control", parts))
    data: dict[str, float | None] = {f"{key}1": value for key, value in first.items()}
    data |= {f"{key}2": value for key, value in second.items()}
    return _build(question, study, tables, treated + controls, data, tuple(dict.fromkeys(marks)))


def _arm_numbers(
    question: Question,
    row: Record,
    study: Record,
    assumptions: tuple[Assumption, ...],
    choices: Choices,
    marks: list[Mark],
) -> dict[str, float | None]:
    keys = ("mean", "sd", "n") if question.measure == "MD" else ("events", "n")
    numbers: dict[str, float | None] = {key: None if row[key] is None else float(row[key]) for key in keys}
    for assumption in assumptions:
        if not assumption.covers(study["study_id"], question.outcome, question.statistic):
            continue
        value = choices.assumed.get(assumption.id, assumption.value)
        if assumption.field in numbers:
            if numbers[assumption.field] is not None:
                continue
            numbers[assumption.field] = float(value)  # type: ignore[arg-type]
            marks.append(Mark(assumption.code, float(value)))  # type: ignore[arg-type]
        elif assumption.field is None:
            marks.append(Mark(assumption.code))
    if choices.effective_n is not None and numbers.get("events") is not None and numbers["n"]:
        share = numbers["events"] / numbers["n"]  # type: ignore[operator]
        numbers["n"] = choices.effective_n
        numbers["events"] = share * choices.effective_n
    return numbers


def combine_arms(arms: list[dict[str, float | None]]) -> dict[str, float]:
    """Several arms as one (Cochrane Handbook, table 6.5.a): counts add up, means and SDs combine.

    Parameters
    ----------
    arms : list of dict
        Complete numbers of each arm: ``mean, sd, n`` or ``events, n``.
    """
    complete = [{key: float(value) for key, value in arm.items() if value is not None} for arm in arms]
    if len(complete) == 1:
        return complete[0]
    if "events" in complete[0]:
        return {key: sum(arm[key] for arm in complete) for key in ("events", "n")}
    from analysis.statistics.conversions import combine_groups

    n, mean, sd = combine_groups(
        [arm["n"] for arm in complete], [arm["mean"] for arm in complete], [arm["sd"] for arm in complete]
    )
    return {"mean": mean, "sd": sd, "n": n}


def _at_time(question: Question, rows: list[Record]) -> list[Record]:
    """The rows at the question's time point: the nearest within tolerance, or each study's last."""
    if question.timepoint is None:
        latest = max((row.get("timepoint_months") or -1.0 for row in rows), default=None)
        return [row for row in rows if (row.get("timepoint_months") or -1.0) == latest]
    target = question.timepoint
    near = [
        row
        for row in rows
        if row["timepoint_months"] is not None
        and abs(row["timepoint_months"] - target) <= TIMEPOINT_TOLERANCE_MONTHS
    ]
    if not near:
        return []
    nearest = min(near, key=lambda row: abs(row["timepoint_months"] - target))["timepoint_months"]
    return [row for row in near if row["timepoint_months"] == nearest]


def _matches(arm: Record, conditions: Mapping[str, str]) -> bool:
    return all(arm.get(key) == value for key, value in conditions.items())


def row_marks(rows: list[Record]) -> tuple[Mark, ...]:
    """Marks that the evidence rows carry themselves: a derived value."""
    return (Mark("derived_value"),) if any(row.get("derived") for row in rows) else ()


def _unusable(
    question: Question, study: Record, tables: Tables, rows: list[Record], reason: str
) -> Candidate:
    built = _build(question, study, tables, rows, {}, ())
    return replace(built, reason=reason)


def _build(
    question: Question,
    study: Record,
    tables: Tables,
    rows: list[Record],
    data: Mapping[str, float | None],
    marks: tuple[Mark, ...],
) -> Candidate:
    arm = tables.arm(rows[0])
    time = rows[0].get("timepoint_months")
    follow_up = time if time is not None else study.get("follow_up_months")
    attributes = {
        column: text
        for column in ("route", "cell_source", "donor", "design")
        if (text := tables.label(column, arm.get(column) or study.get(column)))
    }
    if follow_up is not None:
        attributes["follow_up"] = {
            "en": f"{follow_up:g} {'month' if follow_up == 1 else 'months'}",
            "zh": f"{follow_up:g} 个月",
        }
    by = question.subgroup_by
    return Candidate(
        study=study,
        arm=str(arm.get("label") or ""),
        timepoint_months=follow_up,
        subgroup=(arm.get(by) or study.get(by)) if by else None,
        data=data,
        marks=marks,
        value_ids=tuple(row["value_id"] for row in rows),
        attributes=attributes,
    )


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
