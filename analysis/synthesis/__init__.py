"""From protocol and evidence to the results record."""

from __future__ import annotations

import datetime
import os
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from analysis.synthesis.adverse_events import USED, event_shares
from analysis.synthesis.counts import count_evidence, count_flow
from analysis.synthesis.earlier import published_results
from analysis.synthesis.protocol import ProtocolError, read_protocol
from analysis.synthesis.questions import synthesise_question
from analysis.synthesis.results import SCHEMA_VERSION, EventShare, Results, Synthesis
from analysis.synthesis.tables import Tables

if TYPE_CHECKING:
    from analysis.evidence import Evidence

__all__ = ["ProtocolError", "Results", "synthesise"]

REVIEW_KEYS = ("id", "version", "status", "title", "short_title", "continues", "search", "licence")


T = TypeVar("T")


class Keeping(Protocol):
    """Gives a part of the results, made now or kept."""

    def __call__(self, kind: type[T], made_from: str, make: Callable[[], T]) -> T:
        """Of all that the part depends on besides code, and what makes it."""


def _make(kind: type[T], made_from: str, make: Callable[[], T]) -> T:
    return make()


def synthesise(evidence: Evidence, keeping: Keeping = _make) -> Results:
    """Answer every question of the protocol from the evidence.

    Parameters
    ----------
    evidence : Evidence
        Read and checked, see `analysis.evidence.load`.
    keeping : Keeping
        Stands between what is asked and its answer.

    Raises
    ------
    ProtocolError
        When ``review.yml`` asks for something that cannot be carried out.
    """
    protocol = read_protocol(evidence.protocol)
    tables = Tables(evidence)
    # In another order in each process, so that those at work at once keep different answers.
    order = random.Random(os.getpid()).sample(protocol.questions, len(protocol.questions))
    answers = {}
    others = replace(protocol, questions=())
    for question in order:
        own = tables.of_question(question)
        answers[question.id] = keeping(
            Synthesis,
            repr((question, others)) + own.content(),
            partial(synthesise_question, question, own, others),
        )
    questions = tuple(answers[question.id] for question in protocol.questions)
    counts = count_evidence(evidence)
    events = evidence.rows("adverse_events")
    return Results(
        schema_version=SCHEMA_VERSION,
        review={key: _plain(evidence.protocol[key]) for key in REVIEW_KEYS if key in evidence.protocol},
        inputs=dict(sorted(evidence.digests.items())),
        packages={name: version(name) for name in ("numpy", "scipy")},
        counts=counts | count_flow(counts, questions),
        questions=questions,
        published=published_results(evidence),
        adverse_events=keeping(
            tuple[EventShare, ...],
            repr((protocol.model.level, [[row[name] for name in USED] for row in events])),
            partial(event_shares, events, protocol.model.level),
        ),
    )


def _plain(value: Any) -> Any:
    """A day that YAML has read as a date, as the text it was; the record is JSON."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, datetime.date) else value
