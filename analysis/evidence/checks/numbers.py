"""Numbers of one row that must fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.evidence.findings import Finding, finding

if TYPE_CHECKING:
    from analysis.evidence.package import Book

# The column that must be filled for each statistic to say anything.
_NEEDED = {
    "count": "events",
    "event_count": "events",
    "mean": "mean",
    "mean_change": "mean",
    "percent": "percent",
}


def counts(book: Book) -> Iterator[Finding]:
    """Counts of people stand beside the number they were counted among, and do not exceed it."""
    for row in book.rows("outcomes"):
        events, n = row["events"], row["n"]
        if row["statistic"] != "count" or events is None:
            continue
        if n is None:
            yield finding("n_missing", row.file, row.number, "n")
        elif events > n:
            yield finding("events_exceed_n", row.file, row.number, "events", events, n=n)
    for row in book.rows("adverse_events"):
        people, events, n = row["n_people"], row["n_events"], row["n_at_risk"]
        if people is not None and n is None:
            yield finding("at_risk_missing", row.file, row.number, "n_at_risk")
        if people is not None and n is not None and people > n:
            yield finding("events_exceed_n", row.file, row.number, "n_people", people, n=n)
        if people is not None and events is not None and events < people:
            yield finding("events_below_people", row.file, row.number, "n_events", events, people=people)
    for row in book.rows("review_studies"):
        if row["events"] is not None and row["n"] is not None and row["events"] > row["n"]:
            yield finding("events_exceed_n", row.file, row.number, "events", row["events"], n=row["n"])


def statistics_present(book: Book) -> Iterator[Finding]:
    """A row that announces a number has it; a statement about serious events says which."""
    for row in book.rows("outcomes"):
        column = _NEEDED.get(row["statistic"] or "")
        if column and row[column] is None:
            yield finding(
                "number_missing", row.file, row.number, column, statistic=row["statistic"], named=column
            )
    for row in book.rows("adverse_events"):
        if row["category"] == "serious" and row["definition"] is None:
            codes = book.schema.tables["adverse_events"].column("definition").enum or ()
            yield finding("definition_missing", row.file, row.number, "definition", codes=", ".join(codes))


def zeros(book: Book) -> Iterator[Finding]:
    """A zero is a statement of the source and stands with its words."""
    for table, columns in (("outcomes", ("events",)), ("adverse_events", ("n_people", "n_events"))):
        for row in book.rows(table):
            zero = next((column for column in columns if row[column] == 0), None)
            if zero and not row["quote"]:
                yield finding("zero_without_words", row.file, row.number, zero, 0)


def spreads(book: Book) -> Iterator[Finding]:
    """Standard deviations and errors are above zero; quartiles are in order."""
    for table, reading in book.readings.items():
        names = [name for name in reading.table.names if name in ("sd", "se") or name.endswith("_sd")]
        for row in book.rows(table):
            for name in names:
                if row[name] is not None and row[name] <= 0:
                    yield finding("sd_not_positive", row.file, row.number, name, row.raw.get(name))
    for row in book.rows("outcomes"):
        order = [row[name] for name in ("q1", "median", "q3") if row[name] is not None]
        if order != sorted(order):
            yield finding("quartile_order", row.file, row.number, "median", row.raw.get("median"))


def intervals(book: Book) -> Iterator[Finding]:
    """Confidence limits are in order and hold their estimate."""
    for table, reading in book.readings.items():
        names = reading.table.names
        if "ci_low" not in names:
            continue
        centre = next(name for name in ("estimate", "effect", "mean") if name in names)
        for row in book.rows(table):
            low, high, estimate = row["ci_low"], row["ci_high"], row[centre]
            if low is None or high is None:
                continue
            if low > high:
                yield finding(
                    "ci_order", row.file, row.number, "ci_high", row.raw.get("ci_high"), low=f"{low:g}"
                )
            elif estimate is not None and not low <= estimate <= high:
                yield finding(
                    "ci_excludes_estimate",
                    row.file,
                    row.number,
                    centre,
                    row.raw.get(centre),
                    low=f"{low:g}",
                    high=f"{high:g}",
                )


def percentages(book: Book) -> Iterator[Finding]:
    """A printed percentage follows from the printed count, within its rounding."""
    for table, events_in, n_in in (("outcomes", "events", "n"), ("adverse_events", "n_people", "n_at_risk")):
        for row in book.rows(table):
            events, n, percent = row[events_in], row[n_in], row["percent"]
            if events is None or not n or percent is None or row.get("statistic") == "event_count":
                continue
            places = len(row.raw.get("percent", "").strip().partition(".")[2])
            computed = 100 * events / n
            if abs(computed - percent) > 0.5 * 10**-places + 1e-9:
                yield finding(
                    "percent_differs",
                    row.file,
                    row.number,
                    "percent",
                    row.raw.get("percent"),
                    events=events,
                    n=n,
                    computed=f"{computed:.{places}f}",
                )


def flow(book: Book) -> Iterator[Finding]:
    """A box of the flow diagram has a number exactly when one was reported."""
    for row in book.rows("flow"):
        if (row["status"] == "reported") != (row["n"] is not None):
            yield finding("flow_number", row.file, row.number, "n", row.raw.get("n"))
