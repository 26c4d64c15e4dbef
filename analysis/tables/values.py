"""Extracted values, with where they came from: the table, and how one value reads."""

from __future__ import annotations

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.sources import Sources, groups
from analysis.wording import catalogue, numbers


def table(sources: Sources, outcome: str = "") -> Table:
    """Every outcome value, or those of one `outcome` code.

    Raises
    ------
    KeyError
        When no value of that outcome was extracted.
    """
    rows = [row for row in sources.rows("outcomes") if outcome in ("", row["outcome"])]
    if not rows:
        raise KeyError(f"no value of the outcome {outcome!r} was extracted")
    order = list(dict.fromkeys(row["outcome"] for row in rows))
    rows.sort(key=lambda row: order.index(row["outcome"]))
    lines = [(sources.label("outcomes", "outcome", row["outcome"]), _line(sources, row)) for row in rows]
    caption = sources.text("table.values.caption")
    if outcome:
        name = sources.label("outcomes", "outcome", outcome)
        caption = sources.text("table.values.caption_of", outcome=name)
    return Table(
        id=f"values-{outcome.replace('_', '-')}" if outcome else "values",
        lang=sources.lang,
        caption=caption,
        columns=_columns(sources),
        lines=tuple(line for _, line in lines) if outcome else groups(lines),
        notes=(sources.text("table.values.note"),),
        landscape=True,
    )


def shown(row: Record, lang: str) -> str:
    """One extracted value as text: "7/22", "−0.20 (SD 0.3), n = 30", "p = 0.028"."""
    text = ""
    match row.get("statistic"):
        case "count":
            text = _count(row, lang)
        case "event_count" if row.get("events") is not None:
            text = numbers.counted("event", round(row["events"]), lang)
        case "percent" if row.get("percent") is not None:
            text = numbers.plain(row["percent"]) + "%"
        case "mean" | "mean_change":
            text = _mean(row, lang)
    parts = [part for part in (text, _p(row, lang)) if part]
    return numbers.clauses(parts, lang) or catalogue.text("value.in_words", lang)


def published(row: Record, lang: str) -> str:
    """A between-group estimate as its study published it: "0.94 (95% CI 0.58 to 1.50); p = 0.78"."""
    given = [row.get(name) for name in ("estimate", "ci_low", "ci_high")]
    known = [value for value in given if value is not None]
    # The table of numbers has lost trailing zeros; sources print an interval with equal decimals.
    places = max((len(numbers.plain(value).partition(".")[2]) for value in known), default=0)
    text = ""
    if given[0] is not None:
        text, *limits = (numbers.decimal(value, places) for value in known)
        if len(limits) == 2:
            text = numbers.quoted(text, limits[0], limits[1], lang)
    return numbers.clauses((part for part in (text, _p(row, lang)) if part), lang)


def _count(row: Record, lang: str) -> str:
    if row.get("events") is None:
        return "" if row.get("percent") is None else numbers.plain(row["percent"]) + "%"
    if row.get("n") is None:
        return catalogue.text("value.of_unknown", lang, part=numbers.plain(row["events"]))
    part, whole = numbers.plain(row["events"]), numbers.plain(row["n"])
    return catalogue.text("number.of", lang, part=part, whole=whole)


def _mean(row: Record, lang: str) -> str:
    parts = []
    given = {name: numbers.plain(row[name]) for name in _MEAN_FIELDS if row.get(name) is not None}
    if "mean" in given:
        spread = next((name for name in ("sd", "se") if name in given), None)
        key = f"number.mean_{spread}" if spread else "value.plain"
        parts.append(catalogue.filled(key, lang, **given))
    if "ci_low" in given and "ci_high" in given:
        span = catalogue.text("number.span", lang, low=given["ci_low"], high=given["ci_high"])
        parts.append(catalogue.text("number.interval", lang, level="95", span=span))
    if "median" in given:
        key = "value.median_iqr" if {"q1", "q3"} <= given.keys() else "value.median"
        parts.append(catalogue.filled(key, lang, **given))
    if "n" in given and parts:
        parts.append(f"n = {given['n']}")
    return (", " if lang == "en" else "，").join(parts)


_MEAN_FIELDS = ("mean", "sd", "se", "ci_low", "ci_high", "median", "q1", "q3", "n")


def _p(row: Record, lang: str) -> str:
    printed = row.get("p_text")
    if printed and any(sign in str(printed) for sign in "<>≤≥"):
        symbol = "p" if lang == "en" else "P"
        return f"{symbol} {str(printed).lstrip('pP ').replace('<', '< ').replace('  ', ' ')}"
    if row.get("p_value") is None:
        return ""
    symbol = "p" if lang == "en" else "P"
    return f"{symbol} = {numbers.plain(row['p_value'])}"


def _columns(sources: Sources) -> tuple[Column, ...]:
    return (
        sources.column("study"),
        sources.column("outcome"),
        sources.column("arm"),
        sources.column("time"),
        sources.column("value"),
        sources.column("source"),
        sources.column("confidence"),
        sources.column("checked"),
        *(Column(name, name, download_only=True) for name in ("value_id", "outcome_code", "quote", "note")),
    )


def _line(sources: Sources, row: Record) -> Line:
    text, lang = sources.own(row, "outcome_text")
    extra = (row["value_id"], row["outcome"], row.get("quote") or "", row.get("note") or "")
    study = sources.study(row["study_id"])
    href = study.href.partition("#")[0] + f"#{row['value_id']}"
    return Line(
        (
            study,
            sources.cell(text, lang=lang),
            sources.arm(row),
            sources.month_cell(row.get("timepoint_months")),
            Cell(shown(row, sources.lang), href=href, marks=sources.flag_marks(row)),
            sources.source(row, "outcomes"),
            sources.confidence(row),
            sources.checked(row),
            *(Cell(str(value)) for value in extra),
        )
    )
