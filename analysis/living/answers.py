"""Answers compared: each question's result before and after, and which threshold it crossed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.living.errors import LivingError
from analysis.living.snapshots import Snapshot
from analysis.synthesis.results import LeftOut, Pooled, Synthesis, Text
from analysis.wording import facts


@dataclass(frozen=True)
class Answer:
    """What one state says on a question.

    Attributes
    ----------
    k : int or None
        Studies; None where an earlier review did not print it.
    printed_by : str or None
        The earlier review whose printed result this is; nothing of it was computed here.
    quote : str
        That review's words.
    """

    k: int | None
    participants: int | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    printed_by: str | None = None
    quote: str = ""


@dataclass(frozen=True)
class Crossing:
    """A threshold on another side of the interval than before.

    Attributes
    ----------
    threshold : str
        ``null`` (no effect), ``mid`` (minimal important difference) or ``certainty``.
    before, after : str
        Codes: ``includes`` or ``excludes`` for ``null``; those of `analysis.wording.facts.size` for
        ``mid``; those of `Synthesis.certainty` for ``certainty``.
    """

    threshold: str
    before: str
    after: str


@dataclass(frozen=True)
class Reversal:
    """A study without which the answer would be another one.

    Attributes
    ----------
    what : tuple of str
        ``direction`` (the estimate points the other way), ``null`` (the interval excludes no effect
        where it included it, or the other way round).
    """

    study_id: str
    label: str
    estimate: float
    ci_low: float
    ci_high: float
    what: tuple[str, ...]


@dataclass(frozen=True)
class QuestionChange:
    """One question in two states.

    Attributes
    ----------
    kind : str
        ``added``, ``removed``, ``moved`` (another estimate, interval, number of studies or certainty),
        ``detail`` (only something around the answer differs) or ``same``.
    scale : str
        Analysis scale of the measure (``identity``, ``log``, ``logit``): how a slope is drawn.
    before, after : Answer or None
        None where there is no such question, or no answer.
    entered, left : tuple of str
        Labels of studies that carry the answer only now, or only before.
    reversals : tuple of Reversal
        In the newer state, from leaving out one study at a time.
    """

    id: str
    kind: str
    measure: str
    scale: str
    title: Text
    null_value: float | None
    mid: float | None
    before: Answer | None
    after: Answer | None
    entered: tuple[str, ...]
    left: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    reversals: tuple[Reversal, ...]


def diff_answers(old: Snapshot, new: Snapshot) -> tuple[QuestionChange, ...]:
    """Every question of either state, in the newer one's order."""
    before = {answer.id: answer for answer in old.results.questions}
    after = {answer.id: answer for answer in new.results.questions}
    printed = _printed(old, new)
    found = [_change(before.get(name), answer, printed.get(name)) for name, answer in after.items()]
    return (*found, *(_change(answer, None, None) for name, answer in before.items() if name not in after))


def answer_of(synthesis: Synthesis | None) -> Answer | None:
    """What a synthesis says; None where nothing can be quoted."""
    head = synthesis.headline if synthesis else None
    if synthesis is None or head is None:
        return None
    return Answer(synthesis.k, synthesis.participants, head.estimate, head.ci_low, head.ci_high)


def told_by(states: Sequence[Snapshot], question: str) -> list[tuple[str, Answer | None]]:
    """A question's answer in each state, the oldest first, with the state's name."""
    found = []
    for state in states:
        synthesis = next((answer for answer in state.results.questions if answer.id == question), None)
        answer = answer_of(synthesis) if synthesis else _printed(state, states[-1]).get(question)
        found.append((state.name, answer))
    return found


def says_the_same(before: Answer | None, after: Answer | None) -> bool:
    """Whether two answers are one, but for the last digits that another library may give."""
    numbers = [_numbers(asdict(answer)) if answer else None for answer in (before, after)]
    return bool(numbers[0] == numbers[1])


def _printed(old: Snapshot, new: Snapshot) -> dict[str, Answer]:
    """Answers of the review that this one continues, by question, where the older state is that seed.

    ``living.seed_results`` of the protocol names the printed result that a question continues.

    Raises
    ------
    LivingError
        When it names a question or a result that is not there.
    """
    if old.schema is not None:
        return {}
    named: Mapping[str, str] = (new.protocol.get("living") or {}).get("seed_results") or {}
    known = {answer.id for answer in new.results.questions}
    known |= {result.result_id for result in new.results.published if result.is_seed}
    for name in (*named, *named.values()):
        if name not in known:
            raise LivingError(
                f"review.yml, living.seed_results: there is no question or seed result {name!r}",
                f"review.yml，living.seed_results：没有名为 {name!r} 的问题或原始评价结果",
            )
    results = {result.result_id: result for result in old.results.published if result.is_seed}
    return {
        question: Answer(
            None, None, result.estimate, result.ci_low, result.ci_high, result.review_label, result.quote
        )
        for question, result_id in named.items()
        if (result := results.get(result_id)) is not None
    }


def _change(before: Synthesis | None, after: Synthesis | None, printed: Answer | None) -> QuestionChange:
    shape = after or before
    assert shape is not None
    was = answer_of(before) if before is not None else printed
    now = answer_of(after)
    names = [{row.study_id: row.label for row in side.used} if side else {} for side in (before, after)]
    crossings = tuple(_crossings(shape, was, now, before, after))
    return QuestionChange(
        id=shape.id,
        kind=_kind(before, after, printed, was, now, crossings),
        measure=shape.measure,
        scale=shape.scale,
        title=shape.title,
        null_value=shape.null_value,
        mid=shape.mid,
        before=was,
        after=now,
        entered=tuple(label for name, label in names[1].items() if before and name not in names[0]),
        left=tuple(label for name, label in names[0].items() if after and name not in names[1]),
        crossings=crossings,
        reversals=tuple(reversals(after)) if after else (),
    )


def _kind(
    before: Synthesis | None,
    after: Synthesis | None,
    printed: Answer | None,
    was: Answer | None,
    now: Answer | None,
    crossings: tuple[Crossing, ...],
) -> str:
    if after is None:
        return "removed"
    if before is None:
        return "added" if printed is None else "moved"
    if crossings or not says_the_same(was, now):
        return "moved"
    if before == after:
        return "same"
    return "same" if _numbers(asdict(before)) == _numbers(asdict(after)) else "detail"


def _numbers(value: Any) -> Any:
    """A record without its texts in two languages, which are wording and no result.

    Nine digits count: another version of a library may change the last ones of sixteen.
    """
    if isinstance(value, dict):
        return {key: _numbers(part) for key, part in value.items() if not _is_text(part)}
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return [_numbers(part) for part in value] if isinstance(value, list | tuple) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"en", "zh"}


def _crossings(
    shape: Synthesis,
    was: Answer | None,
    now: Answer | None,
    before: Synthesis | None,
    after: Synthesis | None,
) -> Iterator[Crossing]:
    sides = [_side(shape, answer) for answer in (was, now)]
    if None not in sides and shape.null_value is not None:
        for threshold, old, new in zip(("null", "mid"), *(side for side in sides if side), strict=True):
            if old != new and (threshold == "null" or shape.mid is not None):
                yield Crossing(threshold, old, new)
    if before and after and before.certainty != after.certainty:
        yield Crossing("certainty", before.certainty, after.certainty)


def _side(shape: Synthesis, answer: Answer | None) -> tuple[str, str] | None:
    if answer is None or answer.estimate is None or answer.ci_low is None or answer.ci_high is None:
        return None
    clear = facts.excludes_null(shape, answer.ci_low, answer.ci_high)
    size = facts.size(shape, answer.estimate, answer.ci_low, answer.ci_high)
    return "excludes" if clear else "includes", size


def reversals(synthesis: Synthesis) -> Iterator[Reversal]:
    """Studies without which a pooled answer would point the other way, or gain or lose clarity.

    None for shares, which have no value of no effect.
    """
    pooled = synthesis.pooled
    if pooled is None or synthesis.null_value is None:
        return
    for left_out in synthesis.leave_one_out:
        what = tuple(_reversed(synthesis, pooled, left_out))
        if what:
            limits = (left_out.estimate, left_out.ci_low, left_out.ci_high)
            yield Reversal(left_out.study_id, left_out.label, *limits, what)


def _reversed(synthesis: Synthesis, pooled: Pooled, left_out: LeftOut) -> Iterator[str]:
    if facts.direction(synthesis, pooled.estimate) != facts.direction(synthesis, left_out.estimate):
        yield "direction"
    clear = facts.excludes_null(synthesis, pooled.ci_low, pooled.ci_high)
    if clear != facts.excludes_null(synthesis, left_out.ci_low, left_out.ci_high):
        yield "null"
