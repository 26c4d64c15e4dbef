"""The results record: every number that a page may show.

Frozen dataclasses, written to and read from ``results.json``: the answers to the questions
(`analysis.synthesis.answer`), the results of earlier reviews, and what all of it was computed from.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from analysis.synthesis.answer import (
    Absolute,
    Alternative,
    Coefficient,
    LeftOut,
    Mark,
    MetaRegression,
    Pooled,
    Row,
    SmallStudy,
    Subgroup,
    SubgroupTest,
    Synthesis,
    Text,
)

__all__ = [
    "SCHEMA_VERSION",
    "Absolute",
    "Alternative",
    "Coefficient",
    "EventShare",
    "LeftOut",
    "Mark",
    "MetaRegression",
    "Pooled",
    "Published",
    "Results",
    "Row",
    "SmallStudy",
    "Subgroup",
    "SubgroupTest",
    "Synthesis",
    "Text",
    "from_record",
    "to_record",
]

T = TypeVar("T")

SCHEMA_VERSION = "1.2"
"""A record of the same major version can be read: what a later one adds is empty in it."""


@dataclass(frozen=True)
class Published:
    """A result as an earlier review printed it; nothing of it is computed here.

    ``axis`` is ``controlled_difference``, ``single_arm`` or another kind of evidence: results of
    different axes answer different questions and never share one.
    """

    result_id: str
    review_id: str
    review_label: str
    year: int | None
    outcome: str
    outcome_text: str
    subgroup: str | None
    measure: str | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    i2: float | None
    p_value: float | None
    p_text: str | None
    axis: str | None
    mixed_with_hsct: bool
    is_seed: bool
    quote: str
    source_url: str | None


@dataclass(frozen=True)
class EventShare:
    """The share of people with an adverse event in one row of ``adverse_events.csv``, and its interval."""

    value_id: str
    n_people: float
    n_at_risk: float
    share: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Results:
    """Everything a build computed, and what it was computed from.

    Attributes
    ----------
    review : mapping
        ``id``, ``version``, ``status``, ``title`` and the dates, from ``review.yml``.
    inputs : mapping
        SHA-256 of each input file by its name under ``data/``.
    packages : mapping
        Versions of the packages the numbers depend on.
    counts : mapping
        Plain counts for prose, by dotted name (``studies.included``, ``values.checked`` …).
    """

    schema_version: str
    review: Mapping[str, Any]
    inputs: Mapping[str, str]
    packages: Mapping[str, str]
    counts: Mapping[str, float]
    questions: tuple[Synthesis, ...]
    published: tuple[Published, ...] = ()
    adverse_events: tuple[EventShare, ...] = ()

    def question(self, question_id: str) -> Synthesis:
        """The synthesis of that id.

        Raises
        ------
        KeyError
            With the known ids, when there is none.
        """
        for synthesis in self.questions:
            if synthesis.id == question_id:
                return synthesis
        known = ", ".join(synthesis.id for synthesis in self.questions)
        raise KeyError(f"no question {question_id!r} in review.yml; there are: {known}")

    def to_json(self) -> str:
        """The record as JSON, keys in a fixed order, floats in full."""
        return json.dumps(to_record(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Read a record back.

        Raises
        ------
        ValueError
            When the record was written under another major version of the schema.
        """
        raw = json.loads(text)
        if str(raw.get("schema_version")).partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise ValueError(
                f"results.json has schema version {raw.get('schema_version')!r}; "
                f"this code reads {SCHEMA_VERSION!r}"
            )
        return from_record(cls, raw)

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read a record from a file."""
        return cls.from_json(path.read_text(encoding="utf-8"))


def to_record(part: Any) -> Any:
    """A part of the results, or a tuple of parts, as what JSON can hold."""
    return [asdict(item) for item in part] if isinstance(part, tuple) else asdict(part)


def from_record(kind: type[T], record: Any) -> T:
    """The part of the results that `to_record` made the record of."""
    return typing.cast(T, _build(kind, record))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    """Turn parsed JSON into the annotated type, nested dataclasses and tuples included."""
    if value is None:
        return None
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner = [part for part in typing.get_args(kind) if part is not type(None)]
        return _build(inner[0], value) if len(inner) == 1 else value
    if origin is tuple:
        return tuple(_build(typing.get_args(kind)[0], item) for item in value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{f.name: _build(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    return value
