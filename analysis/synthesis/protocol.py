"""The synthesis part of ``review.yml`` as typed, checked objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from analysis.statistics.intervals import INTERVALS, PREDICTIONS
from analysis.statistics.tau2 import METHODS
from analysis.synthesis.results import Text

KINDS = {"proportion": ("PR",), "before_after": ("MC",), "two_arm": ("MD", "RR", "OR", "RD")}
SCALES = {"PR": "logit", "MC": "identity", "MD": "identity", "RR": "log", "OR": "log", "RD": "identity"}
NULL_VALUES = {"PR": None, "MC": 0.0, "MD": 0.0, "RR": 1.0, "OR": 1.0, "RD": 0.0}
STATISTICS = {"PR": "count", "MC": "mean", "MD": "mean_change", "RR": "count", "OR": "count", "RD": "count"}
LANGUAGES = ("en", "zh")
LEVELS = (0.95,)
"""Of confidence and prediction: every heading and sentence says 95%."""
MODEL_CHOICES: Mapping[str, Sequence[object]] = {
    "tau2": METHODS,
    "interval": INTERVALS,
    "prediction": PREDICTIONS,
    "level": LEVELS,
}

Prediction = Literal["hts", "t_k1", "normal"]


class ProtocolError(ValueError):
    """``review.yml`` says something that cannot be carried out; the message is in both languages."""

    def __init__(self, where: str, found: object, expected_en: str, expected_zh: str) -> None:
        self.where, self.found = where, found
        self.expected = {"en": expected_en, "zh": expected_zh}
        super().__init__(
            f"data/review.yml, {where}: found {found!r}, expected {expected_en}\n"
            f"data/review.yml，{where}：发现 {found!r}，应为{expected_zh}"
        )


@dataclass(frozen=True)
class Inclusion:
    """Another rule for which statements count, run beside the main analysis."""

    code: str
    definition: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question of the protocol.

    Attributes
    ----------
    table : str
        ``outcomes`` or ``adverse_events``; in the latter `outcome` is a category.
    timepoint : float or None
        Months after the first treatment; None means each study's last.
    treatment, control : mapping
        What an arm must be, column by column (``{"role": "intervention", "route": "IT"}``).
    definition : tuple of str
        For adverse events: the wordings that count as the same outcome; empty means all.
    related : tuple of str
        Outcomes that answer another question but whose studies are listed, not pooled.
    moderators : tuple of str
        Numeric columns of the studies that a meta-regression is to explain the effects by.
    effective_n : tuple of float
        Group sizes tried instead of the printed ones where observations are not independent.
    """

    id: str
    kind: str
    measure: str
    outcome: str
    statistic: str
    better: str
    unit: str
    title: Text
    outcome_name: Text
    description: Text
    favours_low: Text
    favours_high: Text
    treatment: Mapping[str, str]
    table: str = "outcomes"
    timepoint: float | None = None
    control: Mapping[str, str] | None = None
    stream: str | None = None
    definition: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    subgroup_by: str | None = None
    moderators: tuple[str, ...] = ()
    split_control: bool = False
    mid: float | None = None
    effective_n: tuple[float, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()

    @property
    def scale(self) -> str:
        """Analysis scale of the measure."""
        return SCALES[self.measure]

    @property
    def outcome_column(self) -> str:
        """The column of `table` that names the outcome."""
        return "category" if self.table == "adverse_events" else "outcome"


@dataclass(frozen=True)
class Assumption:
    """Something taken for granted about a value, with what else it might be.

    ``field`` and ``value`` are None where the assumption is a reading, not a number.
    ``value`` may be the word ``baseline``: the number at entry stands in.
    """

    id: str
    code: str
    reason: Text
    study: str | None
    outcome: str | None
    statistic: tuple[str, ...]
    field: str | None
    value: float | str | None
    alternatives: tuple[float, ...]

    def covers(self, study_id: str, outcome: str, statistic: str) -> bool:
        """Whether this assumption bears on such a value."""
        return (
            self.study in (None, study_id)
            and self.outcome in (None, outcome)
            and (not self.statistic or statistic in self.statistic)
        )


@dataclass(frozen=True)
class Model:
    """How questions are pooled unless they say otherwise."""

    tau2: str
    interval: str
    prediction: Prediction
    level: float
    small_study_minimum_k: int


@dataclass(frozen=True)
class SynthesisProtocol:
    """All of ``review.yml`` that the synthesis needs."""

    model: Model
    questions: tuple[Question, ...]
    assumptions: tuple[Assumption, ...]


def read_protocol(raw: Mapping[str, Any]) -> SynthesisProtocol:
    """Check and type the protocol.

    Parameters
    ----------
    raw : mapping
        The parsed ``review.yml``.

    Raises
    ------
    ProtocolError
        Naming the place in the file, what was found and what was expected.
    """
    model = raw.get("synthesis")
    if not isinstance(model, Mapping):
        raise ProtocolError("synthesis", model, "the settings of the synthesis", "综合分析的设置")
    try:
        typed_model = Model(**model)
    except TypeError:
        names = ", ".join(f.name for f in fields(Model))
        raise ProtocolError("synthesis", sorted(model), names, names) from None
    for key, known in MODEL_CHOICES.items():
        if model[key] not in known:
            choices = " | ".join(map(str, known))
            raise ProtocolError(f"synthesis.{key}", model[key], choices, choices)
    questions = tuple(_question(i, entry) for i, entry in enumerate(_entries(raw, "questions")))
    ids = [question.id for question in questions]
    for question_id in ids:
        if ids.count(question_id) > 1:
            raise ProtocolError("questions", question_id, "an id used once", "不重复的 id")
    assumptions = tuple(_assumption(i, entry) for i, entry in enumerate(_entries(raw, "assumptions")))
    return SynthesisProtocol(typed_model, questions, assumptions)


def _entries(raw: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    entries = raw.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ProtocolError(key, entries, "a list of entries", "条目列表")
    return entries


def _question(index: int, entry: Mapping[str, Any]) -> Question:
    where = f"questions[{index + 1}] ({entry.get('id', '?')})"
    known = {f.name for f in fields(Question)}
    for key in entry:
        if key not in known:
            raise ProtocolError(
                f"{where}.{key}", key, f"one of {sorted(known)}", f"其中之一：{sorted(known)}"
            )
    for key in ("id", "kind", "measure", "outcome", "better", "unit"):
        if not isinstance(entry.get(key), str):
            raise ProtocolError(f"{where}.{key}", entry.get(key), "a text", "一段文字")
    if entry["kind"] not in KINDS:
        raise ProtocolError(f"{where}.kind", entry["kind"], " | ".join(KINDS), " | ".join(KINDS))
    measures = KINDS[entry["kind"]]
    if entry["measure"] not in measures:
        raise ProtocolError(f"{where}.measure", entry["measure"], " | ".join(measures), " | ".join(measures))
    if entry["better"] not in ("lower", "higher"):
        raise ProtocolError(f"{where}.better", entry["better"], "lower | higher", "lower | higher")
    if entry["kind"] == "two_arm" and not entry.get("control"):
        raise ProtocolError(
            f"{where}.control", entry.get("control"), "what the control arm is", "对照组的条件"
        )
    timepoint = entry.get("timepoint", "last")
    if timepoint != "last" and not isinstance(timepoint, (int, float)):
        raise ProtocolError(f"{where}.timepoint", timepoint, "a number of months or “last”", "月数或 “last”")
    moderators = entry.get("moderators") or []
    if not isinstance(moderators, list) or not all(isinstance(name, str) for name in moderators):
        raise ProtocolError(
            f"{where}.moderators", moderators, "a list of columns of studies.csv", "studies.csv 的列名列表"
        )
    texts: dict[str, Any] = {
        key: _text(f"{where}.{key}", entry.get(key))
        for key in ("title", "outcome_name", "description", "favours_low", "favours_high")
    }
    rest: dict[str, Any] = {
        key: tuple(entry[key]) for key in ("definition", "related", "columns", "moderators") if entry.get(key)
    }
    return Question(
        id=entry["id"],
        kind=entry["kind"],
        measure=entry["measure"],
        outcome=entry["outcome"],
        statistic=str(entry.get("statistic", STATISTICS[entry["measure"]])),
        better=entry["better"],
        unit=entry["unit"],
        table=str(entry.get("table", "outcomes")),
        timepoint=None if timepoint == "last" else float(timepoint),
        treatment=dict(entry.get("treatment") or {"role": "intervention"}),
        control=entry.get("control"),
        stream=entry.get("stream"),
        subgroup_by=entry.get("subgroup_by"),
        split_control=bool(entry.get("split_control", False)),
        mid=entry.get("mid"),
        effective_n=tuple(float(n) for n in entry.get("effective_n", ())),
        inclusions=tuple(
            Inclusion(item["code"], tuple(item["definition"])) for item in entry.get("inclusions", ())
        ),
        **texts,
        **rest,
    )


def _assumption(index: int, entry: Mapping[str, Any]) -> Assumption:
    where = f"assumptions[{index + 1}] ({entry.get('id', '?')})"
    for key in ("id", "code"):
        if not isinstance(entry.get(key), str):
            raise ProtocolError(f"{where}.{key}", entry.get(key), "a text", "一段文字")
    statistic = entry.get("statistic", ())
    return Assumption(
        id=entry["id"],
        code=entry["code"],
        reason=_text(f"{where}.reason", entry.get("reason")),
        study=entry.get("study"),
        outcome=entry.get("outcome"),
        statistic=(statistic,) if isinstance(statistic, str) else tuple(statistic),
        field=entry.get("field"),
        value=entry.get("value"),
        alternatives=tuple(float(value) for value in entry.get("alternatives", ())),
    )


def _text(where: str, value: object) -> Text:
    if not isinstance(value, Mapping) or not all(isinstance(value.get(lang), str) for lang in LANGUAGES):
        raise ProtocolError(where, value, "a text in en and in zh", "中英文两种文字")
    return {lang: value[lang] for lang in LANGUAGES}
