"""How each design takes its numbers from the tables: shares, before and after, two arms."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.evidence.rows import Record
from analysis.statistics import conversions
from analysis.statistics.errors import StatisticsError
from analysis.synthesis.candidates import Candidate, Choices, build, unusable
from analysis.synthesis.protocol import Assumption, Question
from analysis.synthesis.results import Mark
from analysis.synthesis.tables import Tables

TIMEPOINT_TOLERANCE_MONTHS = 1.0


def share(
    question: Question, study: Record, tables: Tables, rows: list[Record], choices: Choices
) -> Candidate | None:
    count, size = ("n_people", "n_at_risk") if question.table == "adverse_events" else ("events", "n")
    counted = [row for row in rows if row[count] is not None]
    if question.table == "outcomes":
        counted = [row for row in counted if row["statistic"] == question.statistic]
    if not counted:
        return unusable(question, study, tables, rows, "no_numbers")
    counted = _at_time(question, counted)
    if not counted:
        return unusable(question, study, tables, rows, "no_numbers")
    if any(row[size] is None for row in counted):
        return unusable(question, study, tables, counted, "missing_n")
    data = {
        "events": float(sum(row[count] for row in counted)),
        "n": float(sum(row[size] for row in counted)),
    }
    return build(question, study, tables, counted, data, row_marks(counted))


def followed(question: Question, rows: list[Record]) -> list[Record]:
    """What a study reports on change: nothing when it has baseline values only; its means when it
    has means after treatment; else whatever it says."""
    later = [row for row in rows if row["timepoint_months"] != 0]
    if any(row["statistic"] == question.statistic for row in later):
        means = [row for row in rows if row["statistic"] == question.statistic]
        tests = [row for row in later if row.get("p_value") is not None]
        found = means + [row for row in tests if row not in means]
        return sorted(found, key=lambda row: row["timepoint_months"] or 0.0, reverse=True)
    return later


def before_after(
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
        return unusable(question, study, tables, rows, "no_numbers")
    if not before:
        return unusable(question, study, tables, after, "no_baseline")
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
            return unusable(question, study, tables, [first, last], reason)
    if choices.sd_from_p and data["p_paired"] is not None:
        data["r"] = correlation_from_p(data)
    if data.get("r") is None:
        return unusable(question, study, tables, [first, last], "missing_correlation")
    return build(question, study, tables, [last, first], data, tuple(marks))


def correlation_from_p(data: Mapping[str, float | None]) -> float | None:
    """The correlation that a printed two-sided p value of a paired t test implies.

    The p value gives t, t gives the SD of the change, and the SD of the change gives the correlation
    (Cochrane Handbook 6.5.2.3 and 6.5.2.8). None where it would not lie between -1 and 1.
    """
    pre, post, n = (float(data[key] or 0.0) for key in ("sd_pre", "sd_post", "n"))
    change = float(data["mean_post"] or 0.0) - float(data["mean_pre"] or 0.0)
    try:
        se = conversions.se_from_p(change, float(data["p_paired"] or 0.0), df=n - 1)
        r = float(conversions.correlation_from_sds(pre, post, conversions.sd_from_se(se, n))[0])
    except StatisticsError:
        return None
    return r if -1 < r < 1 else None


def two_arm(
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
        return unusable(question, study, tables, on_outcome, "no_numbers")
    same_time = [
        row
        for row in on_outcome
        if row["statistic"] == question.statistic
        and row["timepoint_months"] == treated[0]["timepoint_months"]
    ]
    controls = [
        row
        for row in same_time
        if matches(tables.arm(row), question.control or {}) and row["confidence"] == "primary"
    ]
    if not controls:
        return unusable(question, study, tables, treated, "no_control")
    role = {key: value for key, value in question.treatment.items() if key == "role"}
    all_treated = [row for row in same_time if matches(tables.arm(row), role)]
    marks = list(row_marks(treated + controls))
    numbers = [_arm_numbers(question, row, study, assumptions, choices, marks) for row in treated + controls]
    missing = next((key for arm in numbers for key, value in arm.items() if value is None), None)
    if missing is not None:
        reason = {"n": "missing_n", "sd": "missing_sd"}.get(missing, "no_numbers")
        return unusable(question, study, tables, treated + controls, reason)
    first = combined(numbers[: len(treated)])
    second = combined(numbers[len(treated) :])
    split = question.split_control if choices.split_control is None else choices.split_control
    parts = len(all_treated) / len(treated)
    if split and parts > 1:
        second = {key: value / parts if key in ("n", "events") else value for key, value in second.items()}
        marks.append(Mark("split_control", parts))
    data: dict[str, float | None] = {f"{key}1": value for key, value in first.items()}
    data |= {f"{key}2": value for key, value in second.items()}
    return build(question, study, tables, treated + controls, data, tuple(dict.fromkeys(marks)))


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


def combined(arms: list[dict[str, float | None]]) -> dict[str, float]:
    """Several arms as one: counts add up, means and SDs combine.

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
    mean, sd, n = conversions.combine_arms(
        [arm["mean"] for arm in complete], [arm["sd"] for arm in complete], [arm["n"] for arm in complete]
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


def matches(arm: Record, conditions: Mapping[str, str]) -> bool:
    return all(arm.get(key) == value for key, value in conditions.items())


def row_marks(rows: list[Record]) -> tuple[Mark, ...]:
    """Marks that the evidence rows carry themselves: a derived value."""
    return (Mark("derived_value"),) if any(row.get("derived") for row in rows) else ()
