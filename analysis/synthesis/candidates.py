"""What one study brings to one question: its numbers, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from analysis.evidence.rows import Record
from analysis.synthesis.protocol import Question
from analysis.synthesis.results import Mark, Text
from analysis.synthesis.tables import Tables


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
    sd_from_p : bool
        Whether the p value of a paired test, where printed, stands in for the assumed correlation.
    """

    assumed: Mapping[str, float] = field(default_factory=dict)
    definition: tuple[str, ...] | None = None
    split_control: bool | None = None
    effective_n: float | None = None
    sd_from_p: bool = False


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


def unusable(question: Question, study: Record, tables: Tables, rows: list[Record], reason: str) -> Candidate:
    built = build(question, study, tables, rows, {}, ())
    return replace(built, reason=reason)


def build(
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
