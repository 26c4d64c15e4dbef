"""What the evidence says about an item: each rule takes the review and finds a status with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.evidence.rows import Record

if TYPE_CHECKING:
    from analysis.evidence import Evidence
    from analysis.synthesis.results import Results, Synthesis

Status = Literal["reported", "partial", "not_reported", "not_applicable"]

SYSTEMATIC: Final = {
    "en": ("systematic review", "meta-analysis"),
    "zh": ("系统评价", "系统综述", "Meta 分析"),
}
LIVING: Final = {"en": ("living",), "zh": ("动态",)}


@dataclass(frozen=True)
class Found:
    """What a rule found.

    Attributes
    ----------
    note : str
        Key of the catalogue under ``reporting.note``; nothing where there is nothing to explain.
    """

    status: Status
    note: str = ""
    params: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Review:
    """What rules look at.

    Attributes
    ----------
    earlier : tuple of str
        The stored versions of this review before the present one.
    """

    evidence: Evidence
    results: Results
    earlier: tuple[str, ...] = ()

    def rows(self, table: str) -> list[Record]:
        """An evidence table's rows; none where the review has no such table."""
        return self.evidence.rows(table)

    @property
    def included(self) -> set[str]:
        """The ids of the studies that count."""
        return {row["study_id"] for row in self.rows("studies") if row["inclusion"] == "included"}

    @property
    def questions(self) -> Sequence[Synthesis]:
        """The answers to the protocol's questions."""
        return self.results.questions


def share(done: int, total: int, note: str) -> Found:
    """Reported when all is done, in part when some is, else not; the note says how much of how much."""
    status: Status = "reported" if 0 < total <= done else "partial" if done else "not_reported"
    return Found(status) if status == "reported" else Found(status, note, {"done": done, "total": total})


def title_systematic(review: Review) -> Found:
    return _title(review, SYSTEMATIC, "title_systematic")


def title_living(review: Review) -> Found:
    return _title(review, LIVING, "title_living")


def _title(review: Review, words: Mapping[str, Sequence[str]], note: str) -> Found:
    titles: Mapping[str, str] = review.evidence.protocol["title"]
    named = [any(word.lower() in titles[lang].lower() for word in words[lang]) for lang in words]
    return share(sum(named), len(named), note)


def own_search(review: Review) -> Found:
    """A search of this review, with the date of each source."""
    searches = review.rows("searches")
    own = [row for row in searches if row["done_for"] == "this_review"]
    if not own:
        known = Found("partial", "no_own_search", {"count": len(searches)})
        return known if searches else Found("not_reported", "no_search")
    return share(sum(row["searched_on"] is not None for row in own), len(own), "search_dates")


def strategies(review: Review) -> Found:
    """The full strategy of every systematic search."""
    systematic = [row for row in review.rows("searches") if row["systematic"]]
    if not systematic:
        return Found("not_reported", "no_systematic_search")
    return share(sum(row["strategy"] is not None for row in systematic), len(systematic), "strategies")


def search_schedule(review: Review) -> Found:
    """An interval is always set; the sources are known once they have been searched."""
    named = any(row["done_for"] == "this_review" for row in review.rows("searches"))
    return Found("reported") if named else Found("partial", "schedule_without_sources")


def second_check(review: Review) -> Found:
    counts = review.results.counts
    total, checked = round(counts.get("values.total", 0)), round(counts.get("values.checked", 0))
    found = share(checked, total, "second_check")
    # That nobody checked is itself reported; what lacks is the second person.
    return found if found.status == "reported" else Found("partial", found.note, found.params)


def flow_numbers(review: Review) -> Found:
    boxes = review.rows("flow")
    if not boxes:
        return Found("not_reported", "no_flow")
    return share(sum(box["status"] != "not_reported" for box in boxes), len(boxes), "flow_numbers")


def exclusions(review: Review) -> Found:
    studies = [row for row in review.rows("studies") if row["inclusion"] == "excluded"]
    if studies or review.rows("excluded"):
        return Found("reported")
    return Found("not_reported", "no_exclusions")


def included_studies(review: Review) -> Found:
    return Found("reported") if review.included else Found("not_reported", "no_studies")


def bias_judged(review: Review) -> Found:
    """Judgements of the included studies."""
    included = review.included
    if not included:
        return Found("not_reported", "no_studies")
    judged = {
        row["study_id"]
        for row in review.rows("risk_of_bias")
        if row["judgement"] not in (None, "not_assessed") and row["study_id"] in included
    }
    return share(len(judged), len(included), "bias_judged")


def contributing_bias(review: Review) -> Found:
    """The characteristics are there; the risk of bias is as far as it was judged."""
    found = bias_judged(review)
    characteristics: Status = "partial" if review.included else "not_reported"
    return found if found.status == "reported" else Found(characteristics, found.note, found.params)


def study_results(review: Review) -> Found:
    usable = sum(bool(question.used) for question in review.questions)
    return share(usable, len(review.questions), "study_results")


def pooled_results(review: Review) -> Found:
    pooled = any(question.pooled for question in review.questions)
    return Found("reported") if pooled else Found("not_applicable", "nothing_pooled")


def heterogeneity_explored(review: Review) -> Found:
    """Comparisons of subgroups that the protocol plans; subgroups shown without one are a part."""
    planned = [question for question in review.questions if question.subgroup_by]
    if not planned:
        return Found("not_applicable", "no_subgroups")
    compared = sum(question.subgroup_test is not None for question in planned)
    found = share(compared, len(planned), "subgroups")
    shown = any(question.subgroups for question in planned)
    return Found("partial", found.note, found.params) if shown and not compared else found


def sensitivity_results(review: Review) -> Found:
    varied = any(found.estimate is not None for each in review.questions for found in each.alternatives)
    return Found("reported") if varied else Found("not_applicable", "nothing_pooled")


def missing_results(review: Review) -> Found:
    """Checks for small-study effects, which need enough studies."""
    pooled = [question for question in review.questions if question.pooled]
    if not pooled:
        return Found("not_applicable", "nothing_pooled")
    done = sum(question.small_study is not None and question.small_study.done for question in pooled)
    return share(done, len(pooled), "small_study")


def certainty_rated(review: Review) -> Found:
    rated = sum(question.certainty != "not_assessed" for question in review.questions)
    return share(rated, len(review.questions), "certainty_rated")


def retiring(review: Review) -> Found:
    retired = review.evidence.protocol["status"] == "retired"
    return Found("reported") if retired else Found("not_applicable", "not_retiring")


def continues(review: Review) -> Found:
    named = review.evidence.protocol.get("continues")
    return Found("reported") if named else Found("not_applicable", "no_preceding")


def since_preceding(review: Review) -> Found:
    return Found("reported") if review.earlier else Found("not_applicable", "first_version")


def _declared(name: str) -> Callable[[Review], Found]:
    """What only the maintainers can declare, in ``review.yml``."""

    def rule(review: Review) -> Found:
        return Found("reported") if declaration(review.evidence, name) else Found("not_reported", name)

    return rule


def declaration(evidence: Evidence, name: str) -> Mapping[str, Any] | None:
    """What the maintainers have declared under a name, in both languages; None before they have."""
    found = (evidence.protocol.get("declarations") or {}).get(name)
    return found if isinstance(found, dict) else None


RULES: Final[Mapping[str, Callable[[Review], Found]]] = MappingProxyType(
    {
        "title_systematic": title_systematic,
        "title_living": title_living,
        "own_search": own_search,
        "strategies": strategies,
        "search_schedule": search_schedule,
        "second_check": second_check,
        "flow_numbers": flow_numbers,
        "exclusions": exclusions,
        "included_studies": included_studies,
        "bias_judged": bias_judged,
        "contributing_bias": contributing_bias,
        "study_results": study_results,
        "pooled_results": pooled_results,
        "heterogeneity_explored": heterogeneity_explored,
        "sensitivity_results": sensitivity_results,
        "missing_results": missing_results,
        "certainty_rated": certainty_rated,
        "retiring": retiring,
        "continues": continues,
        "since_preceding": since_preceding,
        "registration": _declared("registration"),
        "funding": _declared("funding"),
        "competing_interests": _declared("competing_interests"),
        "authors": _declared("authors"),
    }
)
