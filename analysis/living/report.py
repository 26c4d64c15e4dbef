"""What changed, in words: a sentence for a feed, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from analysis.living.answers import Answer, QuestionChange
from analysis.living.cells import CellChange, RowChange, StudyChange
from analysis.living.changes import Changes
from analysis.wording import catalogue, escape, numbers

LONGEST_LIST = 60
"""Rows and cells shown one by one in each part of the Markdown; the JSON holds all."""

_LONGEST_CELL = 120


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
        ("results", len(changes.moved())),
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

    lines = [f"## {say('title', old=changes.old, new=changes.new)}", "", _plain(summary(changes, lang)), ""]
    lines += [_plain(say(f"level_{changes.level}")), ""]
    if changes.seed:
        lines += [_plain(say("seed")), ""]
    if moved := changes.moved():
        lines += [f"### {say('results')}", ""]
        lines += _table([say(f"head_{name}") for name in ("question", "before", "after", "what")])
        lines += [_row([_plain(text) for text in question_texts(change, lang)]) for change in moved]
        lines += [""]
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

    what = [say(f"question_{change.kind}")] if change.kind != "moved" else []
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


def _reversals(change: QuestionChange, lang: str) -> Iterator[str]:
    for study in change.reversals:
        what = numbers.listed([catalogue.text(f"living.reversal.{code}", lang) for code in study.what], lang)
        without = numbers.estimate(study.estimate, study.ci_low, study.ci_high, change.measure, lang)
        yield catalogue.text(
            "living.report.reversal",
            lang,
            question=_plain(change.title[lang]),
            study=_plain(study.label),
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
