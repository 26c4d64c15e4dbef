"""Summary of findings, laid out as GRADE does: outcome, people, effect, certainty, in plain words."""

from __future__ import annotations

from analysis.synthesis.results import Absolute, Synthesis
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.results import ORDER, estimate_cell
from analysis.tables.sources import Sources, groups
from analysis.wording import catalogue, facts, numbers, sentences

DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
LOWERED = ("serious", "very_serious")
_DOWNLOADS = ("measure", "estimate", "ci_low", "ci_high", "treated_low", "treated", "treated_high")


def table(sources: Sources) -> Table:
    """A row for each question, controlled comparisons first."""
    questions = sorted(sources.results.questions, key=lambda found: ORDER.index(found.kind))
    notes = [sources.text("table.summary_of_findings.note")]
    if any(question.absolute for question in questions):
        notes.append(sources.text("table.summary_of_findings.absolute_note"))
    if any(question.kind in ("before_after", "proportion") for question in questions):
        notes.append(sources.text("table.results.no_reference"))
    return Table(
        id="summary-of-findings",
        lang=sources.lang,
        caption=sources.text("table.summary_of_findings.caption"),
        columns=(
            sources.column("question"),
            sources.column("studies", align="right"),
            sources.column("participants", align="right"),
            sources.column("effect"),
            sources.column("without"),
            sources.column("absolute"),
            sources.column("certainty"),
            sources.column("plain", wide=True),
            *(Column(name, name, download_only=True) for name in _DOWNLOADS),
        ),
        lines=groups([(sources.text(f"kind.{found.kind}"), _line(sources, found)) for found in questions]),
        notes=tuple(notes),
        landscape=True,
    )


def per_hundred(found: Absolute, lang: str) -> str:
    """The difference in a hundred people: "41 more (5 more to 49 more)"."""
    value, low, high = (_in_people(share, lang) for share in found.difference)
    return catalogue.text("table.summary_of_findings.absolute", lang, value=value, low=low, high=high)


def _in_people(difference: float, lang: str) -> str:
    people = round(100 * difference)
    if people == 0:
        return numbers.integer(0)
    kind = "more" if people > 0 else "fewer"
    return catalogue.text(f"table.summary_of_findings.{kind}", lang, value=numbers.integer(abs(people)))


def certainty_cell(sources: Sources, synthesis: Synthesis) -> Cell:
    """How certain the evidence is, with the reasons where somebody has judged it."""
    code = synthesis.certainty
    text = facts.certainty(synthesis, sources.lang)
    if code == "not_assessed":
        return Cell(text, value=code, muted=True)
    row = next((row for row in sources.rows("certainty") if row["question_id"] == synthesis.id), {})
    lowered = [
        f"{sources.text(f'certainty.domain.{domain}')} {sources.label('certainty', domain, row[domain])}"
        for domain in DOMAINS
        if row.get(domain) in LOWERED
    ]
    reason, _ = sources.own(row, "reason")
    reasons = numbers.clauses([*lowered, *([reason] if reason else [])], sources.lang)
    return Cell(text, value=code, marks=(reasons,) if reasons else ())


def _line(sources: Sources, synthesis: Synthesis) -> Line:
    return Line(
        (
            Cell(synthesis.title[sources.lang], value=synthesis.id),
            Cell(numbers.integer(synthesis.k), value=synthesis.k),
            _participants(sources, synthesis),
            _effect(sources, synthesis),
            *_absolute(sources, synthesis),
            certainty_cell(sources, synthesis),
            Cell(sentences.say(synthesis, sources.lang, "plain", markdown=False)),
            *_numbers(synthesis),
        )
    )


def _participants(sources: Sources, synthesis: Synthesis) -> Cell:
    if synthesis.participants is None:
        return Cell(sources.text("table.summary_of_findings.unknown"), value="", muted=True)
    return Cell(numbers.integer(synthesis.participants), value=synthesis.participants)


def _effect(sources: Sources, synthesis: Synthesis) -> Cell:
    cell = estimate_cell(sources, synthesis)
    if cell.muted:
        return cell
    name = sources.text(f"measure.{synthesis.measure}.name")
    text = sources.text("table.summary_of_findings.effect", measure=name, estimate=cell.text)
    return Cell(text[:1].upper() + text[1:], marks=cell.marks)


def _absolute(sources: Sources, synthesis: Synthesis) -> tuple[Cell, Cell]:
    """The share without treatment and the difference; both empty where there are no shares."""
    found = synthesis.absolute
    if synthesis.kind in ("before_after", "proportion"):
        return Cell(sources.text("table.summary_of_findings.no_control"), value="", muted=True), Cell("")
    if found is None:
        return Cell(""), Cell("")
    people = numbers.in_hundred(found.control, sources.lang)
    control = sources.text("table.summary_of_findings.of_hundred", value=people)
    return Cell(control, value=found.control), Cell(per_hundred(found, sources.lang))


def _numbers(synthesis: Synthesis) -> tuple[Cell, ...]:
    head, absolute = synthesis.headline, synthesis.absolute
    values = [
        synthesis.measure,
        *(getattr(head, name, None) for name in ("estimate", "ci_low", "ci_high")),
        *(getattr(absolute, name, None) for name in ("treated_low", "treated", "treated_high")),
    ]
    return tuple(Cell("", value=value) for value in values)
