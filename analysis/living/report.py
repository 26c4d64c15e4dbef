"""What changed, in words: sentences for a feed and a table, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from analysis.living.answers import Answer, QuestionChange, says_the_same
from analysis.living.cells import CellChange, RowChange, StudyChange
from analysis.living.changes import Changes
from analysis.wording import catalogue, escape, numbers

LONGEST_LIST = 60
"""Rows and cells shown one by one in each part of the Markdown; the JSON holds all."""

_LONGEST_CELL = 120
_NAMED = 3
"""Studies and results that a headline names; of more it tells how many."""


def names(changes: Changes, lang: str) -> tuple[str, str]:
    """What the two states are called; the newer one is marked where it is not released."""
    if changes.new_date is not None:
        return changes.old, changes.new
    key = "later" if changes.new == changes.old else "unreleased"
    return changes.old, catalogue.text(f"living.report.{key}", lang, version=changes.new)


def headline(changes: Changes, lang: str) -> str:
    """What was done and which results that moves, in a sentence; nothing where no evidence changed.

    Examples
    --------
    “Adding Harris 2024 moves no result.”
    """

    def say(key: str, **params: str | int) -> str:
        return catalogue.text(f"living.headline.{key}", lang, **params)

    if changes.seed:
        return ""
    parts = {
        "added": [change.label for change in changes.studies if change.kind == "added"],
        "removed": [change.label for change in changes.studies if change.kind == "removed"],
        "reclassified": [change.label for change in changes.studies if change.kind == "reclassified"],
        "corrected": list(dict.fromkeys(c.study or c.key for c in changes.cells if c.is_value)),
        "methods": [c.path for c in changes.protocol if c.about in ("question", "method", "assumption")],
    }
    done = [name for name, found in parts.items() if found]
    if not done:
        return ""
    subjects = parts[done[0]]
    studies = numbers.listed(subjects[:_NAMED], lang)
    if len(subjects) > _NAMED:
        studies = say("many", count=len(subjects))
    moved = changes.moved()
    results = [
        say(
            "result",
            question=change.title[lang],
            before=answer_text(change.before, change.measure, lang),
            after=answer_text(change.after, change.measure, lang),
        )
        for change in moved[:_NAMED]
    ]
    if more := len(moved) - len(results):
        results.append(say("more", count=more))
    kind = done[0] if len(done) == 1 else "several"
    subject = catalogue.filled(f"living.headline.{kind}", lang, studies=studies)
    if not results:
        return say("none", subject=subject)
    return say("moves", subject=subject, results=numbers.clauses(results, lang))


def reason(changes: Changes, lang: str) -> str:
    """Why there is a new version: what was done and what it moves, then the counts."""
    return numbers.sentences(
        [text for text in (headline(changes, lang), summary(changes, lang)) if text], lang
    )


def crosses_null(changes: Changes) -> bool:
    """Whether an interval came to include no effect, or to exclude it."""
    return any(c.threshold == "null" for change in changes.questions for c in change.crossings)


def summary(changes: Changes, lang: str) -> str:
    """What changed in one sentence.

    Examples
    --------
    “1 study added; 3 cells corrected; 2 results moved.”
    """
    kinds = [change.kind for change in changes.studies]
    rows = [change.kind for change in changes.rows]
    counts = [
        ("studies_added", kinds.count("added")),
        ("studies_removed", kinds.count("removed")),
        ("studies_reclassified", kinds.count("reclassified")),
        ("rows_added", rows.count("added")),
        ("rows_removed", rows.count("removed")),
        ("cells", len(changes.cells)),
        ("results", sum(change.kind == "moved" for change in changes.questions)),
        ("questions_added", sum(change.kind == "added" for change in changes.questions)),
        ("questions_removed", sum(change.kind == "removed" for change in changes.questions)),
        ("protocol", len(changes.protocol)),
    ]
    parts = [catalogue.text(f"living.count.{name}", lang, count=n) for name, n in counts if n]
    if not parts:
        return catalogue.text("living.report.nothing", lang)
    return catalogue.text("living.report.sentence", lang, parts=numbers.clauses(parts, lang))


def markdown(changes: Changes, lang: str) -> str:
    """Everything that changed, as GitHub's Markdown.

    Evidence is text that others wrote: it stands in code spans, where it is neither markup nor a mention.
    """

    def say(key: str, **params: str | int) -> str:
        return catalogue.text(f"living.report.{key}", lang, **params)

    old, new = names(changes, lang)
    lines = [f"## {say('title', old=old, new=new)}", ""]
    if lead := headline(changes, lang):
        lines += [f"**{_plain(lead)}**", ""]
    lines += [_plain(summary(changes, lang)), ""]
    lines += [_plain(say(f"level_{changes.level}")), ""]
    if changes.seed:
        lines += [_plain(say("seed")), ""]
    if moved := changes.moved():
        lines += [f"### {say('results')}", ""]
        lines += _table([say(f"head_{name}") for name in ("question", "before", "after", "what")])
        lines += [_row([_plain(text) for text in question_texts(change, lang)]) for change in moved]
        lines += [""]
        if crosses_null(changes):
            lines += [_plain(catalogue.text("living.repeated_testing", lang)), ""]
    reversed_by = [change for change in changes.questions if change.reversals]
    if reversed_by:
        lines += [f"### {say('reversals')}", "", _plain(say("reversals_lead")), ""]
        lines += [f"- {sentence}" for change in reversed_by for sentence in _reversals(change, lang)] + [""]
    if changes.studies:
        lines += [f"### {say('studies')}", ""]
        lines += [f"- {_study(study, lang)}" for study in changes.studies]
        lines += [""]
    if changes.cells:
        lines += [f"### {say('cells')}", ""]
        lines += _table([say(f"head_{name}") for name in ("table", "row", "column", "before", "after")])
        lines += [_row(_cell_cells(change)) for change in changes.cells[:LONGEST_LIST]]
        lines += [*_more(len(changes.cells), lang), ""]
    if changes.rows:
        lines += [f"### {say('rows')}", "", *_rows(changes.rows, lang), ""]
    if changes.protocol:
        lines += [f"### {say('protocol')}", ""]
        lines += _table([say(f"head_{name}") for name in ("setting", "about", "before", "after")])
        for setting in changes.protocol[:LONGEST_LIST]:
            about = say(f"about_{setting.about}")
            lines.append(
                _row([_code(setting.path), about, _code(setting.before or ""), _code(setting.after or "")])
            )
        lines += [*_more(len(changes.protocol), lang), ""]
    return "\n".join(lines)


def answer_text(answer: Answer | None, measure: str, lang: str) -> str:
    """An answer with its interval and studies, plain text."""

    def say(key: str, **params: str) -> str:
        return catalogue.text(f"living.report.{key}", lang, **params)

    if answer is None:
        return say("no_answer")
    if answer.estimate is None or answer.ci_low is None or answer.ci_high is None:
        return say("no_number", by=answer.printed_by) if answer.printed_by else say("no_answer")
    text = numbers.estimate(answer.estimate, answer.ci_low, answer.ci_high, measure, lang)
    if answer.k is not None:
        text = say("with", first=text, second=numbers.counted("study", answer.k, lang))
    if answer.printed_by:
        text = say("with", first=text, second=say("printed", by=answer.printed_by))
    return text


def _study(study: StudyChange, lang: str) -> str:
    return catalogue.filled(
        f"living.report.study_{study.kind}",
        lang,
        study=_code(study.label),
        before=_code(study.before or ""),
        after=_code(study.after or ""),
    )


def question_texts(change: QuestionChange, lang: str) -> list[str]:
    """A question, its answer before and after, and what that means; plain text."""

    def say(key: str, **params: str) -> str:
        return catalogue.text(f"living.report.{key}", lang, **params)

    what = [*_kind(change, say)]
    for crossing in change.crossings:
        prefix = "certainty" if crossing.threshold == "certainty" else f"living.{crossing.threshold}"
        sides = [catalogue.text(f"{prefix}.{code}", lang) for code in (crossing.before, crossing.after)]
        what.append(say(f"crossed_{crossing.threshold}", before=sides[0], after=sides[1]))
    if change.entered:
        what.append(say("entered", studies=numbers.listed(change.entered, lang)))
    if change.left:
        what.append(say("left", studies=numbers.listed(change.left, lang)))
    answers = [answer_text(answer, change.measure, lang) for answer in (change.before, change.after)]
    return [change.title[lang], *answers, numbers.clauses(what, lang)]


def _kind(change: QuestionChange, say: Callable[[str], str]) -> Iterator[str]:
    """What kind of change it is; nothing where a threshold that was crossed, or a missing number, says it."""
    if change.kind != "moved":
        yield say(f"question_{change.kind}")
        return
    before, after = (answer.estimate if answer else None for answer in (change.before, change.after))
    # Where only the certainty is another one, no number has moved.
    if before is None or after is None or says_the_same(change.before, change.after):
        return
    if change.null_value is None:
        yield say("moved_share")
    # An interval may leave out no effect before and after, on either side of it: that crosses no threshold.
    elif (before - change.null_value) * (after - change.null_value) < 0:
        yield say("moved_across")
    elif not change.crossings:
        yield say("moved_within")


def reversal_texts(change: QuestionChange, lang: str) -> Iterator[tuple[str, str, str]]:
    """Each study that the answer hangs on, the estimate without it, and what that would change; plain."""
    for study in change.reversals:
        what = numbers.listed([catalogue.text(f"living.reversal.{code}", lang) for code in study.what], lang)
        without = numbers.estimate(study.estimate, study.ci_low, study.ci_high, change.measure, lang)
        yield study.label, without, what


def _reversals(change: QuestionChange, lang: str) -> Iterator[str]:
    for study, without, what in reversal_texts(change, lang):
        yield catalogue.text(
            "living.report.reversal",
            lang,
            question=_plain(change.title[lang]),
            study=_plain(study),
            estimate=_plain(without),
            what=what,
        )


def _rows(rows: Sequence[RowChange], lang: str) -> Iterator[str]:
    for (table, kind), group in groupby(rows, key=lambda row: (row.table, row.kind)):
        keys = [row.key for row in group]
        shown = [_code(key) for key in keys[:LONGEST_LIST]]
        names = numbers.listed(shown, lang) + ("…" if len(keys) > LONGEST_LIST else "")
        yield "- " + catalogue.text(
            f"living.report.row_{kind}", lang, table=_code(table), count=len(keys), keys=names
        )


def _cell_cells(change: CellChange) -> list[str]:
    return [_code(part) for part in (change.table, change.key, change.column, change.before, change.after)]


def _more(count: int, lang: str) -> list[str]:
    if count <= LONGEST_LIST:
        return []
    return ["", catalogue.text("living.report.more", lang, count=count - LONGEST_LIST)]


def _table(heads: Sequence[str]) -> list[str]:
    return [_row(heads), _row(["---"] * len(heads))]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text as Markdown shows it; an @ would call somebody."""
    return escape.markdown(text).replace("\\@", "&#64;&#8203;")


def _code(text: str) -> str:
    """Text in a code span of a table's cell."""
    cleaned = escape.clean(text).replace("`", "'")
    if not cleaned:
        return ""
    shown = cleaned if len(cleaned) <= _LONGEST_CELL else f"{cleaned[:_LONGEST_CELL]}…"
    return f"`{shown}`".replace("|", "\\|")
