"""What is known for judging the risk of bias, study by study and domain by domain."""

from __future__ import annotations

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import Sources
from analysis.wording import catalogue


def table(sources: Sources) -> Table:
    """A row for each statement under its study; a judgement only where somebody has made one."""
    rows = sources.rows("risk_of_bias")
    lines: list[Line] = []
    last = None
    for row in rows:
        if row["study_id"] != last:
            last = row["study_id"]
            lines.append(Line((_heading(sources, row),), heading=True))
        lines.append(_line(sources, row))
    return Table(
        id="risk-of-bias",
        lang=sources.lang,
        caption=sources.text("table.risk_of_bias.caption"),
        columns=(
            sources.column("domain"),
            sources.column("judgement"),
            sources.column("statement", wide=True),
            sources.column("quote", wide=True),
            sources.column("source"),
            sources.column("checked"),
        ),
        lines=tuple(lines) or (heading(sources.text("show.no_rows")),),
        notes=(sources.text("table.risk_of_bias.note"),),
        landscape=True,
        appendix=True,
    )


def judgement_cell(sources: Sources, row: Record) -> Cell:
    """The judgement with who made it; muted where nobody has."""
    code = row.get("judgement") or "not_assessed"
    label = sources.label("risk_of_bias", "judgement", code)
    if code == "not_assessed":
        return Cell(label, value=code, muted=True)
    who = row.get("judged_by")
    note, _ = sources.own(row, "judgement_note")
    marks = [sources.text("table.risk_of_bias.judged", who=str(who))] if who else []
    return Cell(label, value=code, marks=(*marks, *([note] if note else [])))


def _heading(sources: Sources, row: Record) -> Cell:
    label = str(sources.studies[row["study_id"]]["label"])
    tool = sources.label("risk_of_bias", "tool", row.get("tool"))
    text = sources.text("table.risk_of_bias.heading", study=label, tool=tool) if tool else label
    return Cell(text, href=sources.study_link(row["study_id"]))


def _line(sources: Sources, row: Record) -> Line:
    text, lang = _known(sources, row)
    return Line(
        (
            Cell(sources.label("risk_of_bias", "domain", row["domain"]), value=row["domain"]),
            judgement_cell(sources, row),
            Cell(text, lang=lang),
            sources.quote(row),
            sources.source(row, "risk_of_bias"),
            sources.checked(row),
        ),
        id=row["rob_id"],
    )


def _known(sources: Sources, row: Record) -> tuple[str, str]:
    """What is known, and the language it is in: a cell has one, so both parts are translated or neither."""
    written = {name: str(row[name]) for name in ("domain_text", "statement") if row.get(name)}
    own = {name: sources.own(row, name) for name in written}
    lang = next((lang for _, lang in own.values() if lang), "")
    parts = written if lang else {name: text for name, (text, _) in own.items()}
    if len(parts) < 2:
        return "".join(parts.values()), lang
    return catalogue.text("table.risk_of_bias.known", lang or sources.lang, **parts), lang
