"""Numbers of people, and their values, across the rows of a study."""

from __future__ import annotations

import bisect
import statistics
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.evidence.findings import Finding, finding

if TYPE_CHECKING:
    from analysis.evidence.package import Book
    from analysis.evidence.reading import Row

# With these flags n counts something other than the people of the study.
_OTHER_COUNT = frozenset({"pooled_cycles", "includes_other_disease", "per_injection"})

# A standard deviation below this part of the other studies' middle one looks like a standard error:
# for n = 9 an error is a third of its deviation, and most groups here are larger.
_SUSPICIOUS_PART = 1 / 3

_SHARES = ("edss_improved", "edss_stable", "edss_worsened")


def group_sizes(book: Book) -> Iterator[Finding]:
    """No value is about more people than its study or its arm has."""
    studies = {row["study_id"]: row for row in book.rows("studies")}
    arms = {(row["study_id"], row["arm_id"]): row for row in book.rows("arms")}
    for table, column in (("outcomes", "n"), ("adverse_events", "n_at_risk")):
        for row in book.rows(table):
            n = row[column]
            if n is None or _OTHER_COUNT & set((row["flags"] or "").split(";")):
                continue
            arm = arms.get((row["study_id"], row["arm_id"]))
            known = _largest(arm, ("n_randomised", "n_treated"))
            if known is not None and n > known:
                yield finding("n_exceeds_arm", row.file, row.number, column, n, known=known)
                continue
            known = _largest(studies.get(row["study_id"]), ("n_enrolled", "n_treated"))
            if known is not None and n > known and (arm is None or arm["unit"] != "external"):
                yield finding("n_exceeds_study", row.file, row.number, column, n, known=known)


def arms_add_up(book: Book) -> Iterator[Finding]:
    """The arms of a study add up to the study."""
    arms: dict[str, list[Row]] = defaultdict(list)
    for row in book.rows("arms"):
        if row["unit"] == "arm":
            arms[row["study_id"]].append(row)
    for study in book.rows("studies"):
        own = arms.get(study["study_id"], [])
        for column, whole in (("n_randomised", "n_enrolled"), ("n_treated", "n_treated")):
            parts = [arm[column] for arm in own]
            known = study[whole]
            if known is None or not parts or None in parts:
                continue
            total = sum(parts)
            if total != known:
                code = "arms_exceed_study" if total > known else "arms_below_study"
                yield finding(code, study.file, study.number, whole, known, total=total, known=known)


def parts_of_a_study(book: Book) -> Iterator[Finding]:
    """Phenotypes and sexes do not add up to more people than the study has."""
    for row in book.rows("studies"):
        known = _largest(row, ("n_enrolled", "n_treated"))
        if known is None:
            continue
        for parts in (("n_rrms", "n_spms", "n_ppms"), ("n_female", "n_male"), ("n_analysed",)):
            total = sum(row[part] or 0 for part in parts)
            if total > known:
                yield finding(
                    "parts_exceed_whole",
                    row.file,
                    row.number,
                    parts[0],
                    row.raw.get(parts[0]),
                    parts=" + ".join(parts),
                    total=total,
                    known=known,
                )


def shares_add_up(book: Book) -> Iterator[Finding]:
    """Improved, stable and worsened add up to the people they were counted among."""
    groups: dict[tuple[Any, ...], dict[str, Row]] = defaultdict(dict)
    for row in book.rows("outcomes"):
        if row["outcome"] in _SHARES and row["statistic"] == "count" and row["same_people_as"] is None:
            place = (row["study_id"], row["arm_id"], row["timepoint_months"], row["n"])
            groups[place][row["outcome"]] = row
    for (*_, n), shares in groups.items():
        counts = [row["events"] for row in shares.values()]
        # A single count above n is a finding of its own.
        if n is None or None in counts or max(counts) > n:
            continue
        total, last = sum(counts), list(shares.values())[-1]
        if total > n:
            yield finding(
                "shares_exceed_n", last.file, last.number, "events", last["events"], total=total, n=n
            )
        elif total < n and len(shares) == len(_SHARES):
            yield finding(
                "shares_below_n", last.file, last.number, "events", last["events"], total=total, n=n
            )


def changes(book: Book) -> Iterator[Finding]:
    """A change is follow-up less baseline, within the rounding of what is printed."""
    for row in book.rows("individual_edss"):
        yield from _change(row, "edss_change", row, "baseline_edss", row, "follow_up_edss")
    series: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in book.rows("outcomes"):
        if row["statistic"] in ("mean", "mean_change") and row["same_people_as"] is None:
            series[row["study_id"], row["arm_id"], row["outcome"]].append(row)
    for rows in series.values():
        baselines = [row for row in rows if row["statistic"] == "mean" and row["timepoint_months"] == 0]
        finals = {row["timepoint_months"]: row for row in rows if row["statistic"] == "mean"}
        for row in rows:
            final = finals.get(row["timepoint_months"])
            if row["statistic"] == "mean_change" and final is not None and baselines:
                yield from _change(row, "mean", baselines[0], "mean", final, "mean")


def implausible_sds(book: Book) -> Iterator[Finding]:
    """A standard deviation far below those of the other studies may be a standard error."""
    series: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in book.rows("outcomes"):
        if row["sd"] is not None and row["sd"] > 0:
            series[row["outcome"], row["statistic"]].append(row)
    for rows in series.values():
        by_study: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            by_study[row["study_id"]].append(row["sd"])
        middles = {study: statistics.median(sds) for study, sds in by_study.items()}
        ordered = sorted(middles.values())
        for row in rows:
            if len(ordered) < 3:
                continue
            middle = _median_without(ordered, middles[row["study_id"]])
            if row["sd"] < _SUSPICIOUS_PART * middle:
                yield finding(
                    "se_for_sd", row.file, row.number, "sd", row.raw.get("sd"), middle=f"{middle:g}"
                )


def _median_without(ordered: list[float], left_out: float) -> float:
    """Median of sorted values with one of them left out, without sorting again."""
    hole = bisect.bisect_left(ordered, left_out)

    def at(index: int) -> float:
        return ordered[index if index < hole else index + 1]

    count = len(ordered) - 1
    return (at((count - 1) // 2) + at(count // 2)) / 2


def _change(
    row: Row, change_in: str, before: Row, before_in: str, after: Row, after_in: str
) -> Iterator[Finding]:
    values = before[before_in], after[after_in], row[change_in]
    if None in values:
        return
    texts = (before.raw[before_in], after.raw[after_in], row.raw[change_in])
    slack = sum(0.5 * 10 ** -len(text.strip().partition(".")[2]) for text in texts)
    computed = values[1] - values[0]
    if abs(computed - values[2]) > slack + 1e-9:
        yield finding(
            "change_differs",
            row.file,
            row.number,
            change_in,
            row.raw[change_in],
            after=texts[1],
            before=texts[0],
            computed=f"{computed:.4g}",
        )


def _largest(row: Row | None, columns: tuple[str, ...]) -> int | None:
    known = [row[column] for column in columns if row[column] is not None] if row is not None else []
    return max(known, default=None)
