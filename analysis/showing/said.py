"""Inline texts: sentences, numbers, counts and dates for prose."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from analysis.evidence.checks.reporting import DECLARATIONS
from analysis.living.status import retirement_text, trigger_text
from analysis.reporting.rules import declaration
from analysis.showing import passages, session
from analysis.synthesis.results import Pooled, Row, Synthesis
from analysis.tables import adverse_events, earlier_reviews, values
from analysis.tables.schedule import state_of
from analysis.wording import catalogue, escape, facts, numbers, sentences
from analysis.wording.claims import broken, count

_MEASURED: Final = frozenset(
    {"estimate", "ci_low", "ci_high", "prediction_low", "prediction_high", "mid", "null_value"}
)
_COUNTS: Final = frozenset({"k", "participants"})
_PERCENT: Final = frozenset({"i2", "i2_low", "i2_high"})
_P: Final = frozenset({"p_value", "q_p"})
_SMALL: Final = frozenset({"tau2", "tau2_low", "tau2_high", "q", "h2"})
_VALUES: Final = {
    "outcomes": values.shown,
    "adverse_events": adverse_events.people,
    "estimates": values.published,
}


class Said(str):
    """A text that a notebook shows as Markdown, without quotes."""

    def _repr_markdown_(self) -> str:
        return str(self)


class Say:
    """What chapters say inline; each method returns text in the page's language."""

    def __init__(self) -> None:
        self._holds = True
        self._answered = False

    def __call__(self, question: str, part: str = "answer") -> Said:
        """A sentence (or a few) that follows the result: ``say("edss-it")``.

        Parameters
        ----------
        part : str
            ``answer``, ``short`` (without its closing caution), ``plain`` (in everyday words),
            ``heterogeneity``, ``subgroups``, ``assumptions``, ``sensitivity``, ``left_out``,
            ``small_study`` or ``certainty``.
        """
        now = session.current()
        return Said(sentences.say(now.results.question(question), now.lang, part))

    def bottom_line(self, style: str = "technical") -> Said:
        """What all comparisons say together; ``say.bottom_line("plain")`` in everyday words."""
        now = session.current()
        named = now.evidence.protocol.get("question", {}).get("named", {})
        return Said(sentences.bottom_line(now.results, named, now.lang, style))

    def judged(self, of: str, style: str = "technical") -> Said:
        """How much has been judged: ``say.judged("risk_of_bias")``, ``say.judged("certainty", "plain")``."""
        now = session.current()
        return Said(sentences.judged(now.results, of, now.lang, style))

    def given(self, claim: str) -> Said:
        """Begin a passage that relies on `claim`: ``say.given("edss-it.k = 1")``.

        `analysis.wording.claims` says what a claim is, `analysis.showing.passages` how it is written.
        """
        now = session.current()
        inclusion = {study_id: row["inclusion"] for study_id, row in now.sources.studies.items()}
        self._holds, self._answered = not broken(claim, now.results, inclusion), False
        if not self._holds:
            passages.warn(claim, now.results, inclusion, now.lang)
        return Said(passages.opening(self._holds, now.lang))

    def otherwise(self) -> Said:
        """Begin what stands where the claim does not hold."""
        self._answered = True
        return Said(":::\n\n" + passages.opening(not self._holds, session.current().lang))

    def end(self) -> Said:
        """End the passage; a note takes its place where it is left out and nothing is said otherwise."""
        note = not self._holds and not self._answered
        return Said(passages.closing(note, session.current().lang))

    def events_named(self) -> Said:
        """The adverse events that more than one counted study names: "headache (five studies)"."""
        now = session.current()
        return _said(adverse_events.named_by_most(now.sources))

    def n(self, path: str) -> Said:
        """One number: ``say.n("edss-it.estimate")``, ``say.n("sae.subgroups.IT.k")``.

        Raises
        ------
        KeyError
            When there is no such number.
        """
        now = session.current()
        name, _, field = path.rpartition(".")
        synthesis, found = _find(now.results.question(name.split(".")[0]), name)
        value = getattr(found, field, None)
        if value is None:
            value = getattr(synthesis, field, None)
        if value is None or isinstance(value, bool | str) or not isinstance(value, int | float):
            raise KeyError(f"{path}: there is no number {field!r} here")
        return _said(_format(field, value, synthesis.measure, now.lang))

    def ci(self, path: str) -> Said:
        """An estimate with its interval: ``say.ci("edss-it")``."""
        now = session.current()
        synthesis, found = _find(now.results.question(path.split(".")[0]), path)
        if not isinstance(found, Pooled | Row):
            raise KeyError(f"{path}: there is no estimate to quote")
        return _said(numbers.estimate(*facts.limits(found), synthesis.measure, now.lang))

    def count(self, name: str, noun: str = "") -> Said:
        """A count of the results record: ``say.count("studies.included")`` gives "24".

        With a `noun` of the catalogue the count is put in words: "four studies".
        """
        now = session.current()
        value = count(name, now.results)
        if value is None:
            value = _known(now.results.counts, name, "count")
        if noun:
            return _said(numbers.counted_in_words(noun, round(value), now.lang))
        return _said(numbers.integer(value))

    def date(self, path: str) -> Said:
        """A date of the protocol: ``say.date("search.last")``; a leading ``review.`` may be written."""
        now = session.current()
        value: Any = now.results.review
        for name in path.removeprefix("review.").split("."):
            value = _known(value, name, "date") if isinstance(value, Mapping) else None
        return _said(numbers.date(value if hasattr(value, "isoformat") else str(value), now.lang))

    def published(self, result_id: str) -> Said:
        """A result as an earlier review printed it: ``say.published("vaheb2024-r01")``."""
        now = session.current()
        row = _known({row.result_id: row for row in now.results.published}, result_id, "published result")
        text = earlier_reviews.estimate(row, now.lang)
        if not text:
            raise KeyError(f"{result_id}: the review printed no number")
        return _said(text)

    def value(self, value_id: str) -> Said:
        """A value as it was extracted: ``say.value("petrou2020-o04")``.

        An outcome value, the people with an adverse event ("2/18", or that their number is unknown)
        or a difference between groups as it was published.
        """
        now = session.current()
        found = {
            row["value_id"]: (show, row) for name, show in _VALUES.items() for row in now.sources.rows(name)
        }
        show, row = _known(found, value_id, "value")
        text = show(row, now.lang)
        if not text:
            raise KeyError(f"{value_id}: the source printed no number")
        return _said(text)

    def review(self, name: str) -> Said:
        """The state of the review: ``say.review("version")``, ``say.review("status")``.

        Also ``evidence_to``, ``next_search`` and ``licence``.
        """
        now = session.current()
        return _said(_known(now.state, name, "statement about the review"))

    def declared(self, name: str) -> Said:
        """What the maintainers declare: ``say.declared("funding")``; before they do, that they have not.

        Also ``authors``, ``contact``, ``competing_interests`` and ``registration``.
        """
        now = session.current()
        _known(dict.fromkeys(DECLARATIONS), name, "declaration")
        found = declaration(now.evidence, name)
        if found is None:
            return Said(f"**{catalogue.text('reporting.to_be_completed', now.lang)}**")
        return _said(str(found[now.lang]))

    def living(self, name: str) -> Said:
        """How the review is kept alive: ``days_since``, ``triggers`` or ``retirement``, as of today."""
        now = session.current()
        stands = state_of(now.sources)
        told = {
            "days_since": catalogue.text("living.days_since", now.lang, count=stands.days_since),
            "triggers": trigger_text(stands, now.lang),
            "retirement": retirement_text(stands.retirement, now.lang),
        }
        return _said(_known(told, name, "statement about the living mode"))

    def text(self, key: str, **params: str | int) -> Said:
        """A text of the catalogue."""
        return _said(catalogue.text(key, session.current().lang, **params))


def _said(text: str) -> Said:
    return Said(escape.markdown(text))


def _find(synthesis: Synthesis, path: str) -> tuple[Synthesis, Pooled | Row | object]:
    """What a path such as ``edss-improved`` or ``edss-improved.subgroups.IT`` names."""
    parts = path.split(".")[1:]
    if not parts:
        return synthesis, synthesis.headline or synthesis
    kind, _, name = ".".join(parts).partition(".")
    if kind == "subgroups":
        groups = {group.code: group for group in synthesis.subgroups}
        group = _known(groups, name, "subgroup")
        return synthesis, group.pooled or group
    if kind == "rows":
        rows = {row.study_id: row for row in synthesis.rows}
        return synthesis, _known(rows, name, "row")
    raise KeyError(f"{path}: after the question comes subgroups.<code> or rows.<study_id>, not {kind!r}")


def _format(field: str, value: float, measure: str, lang: str) -> str:
    if field in _MEASURED:
        return numbers.measured(value, measure)
    if field in _COUNTS:
        return numbers.integer(value)
    if field in _PERCENT:
        return numbers.decimal(value, 0) + "%"
    if field in _P:
        return numbers.p_value(value, lang)
    if field in _SMALL:
        return numbers.small(value)
    if field == "weight":
        return numbers.decimal(value, 1) + "%"
    if field == "timepoint_months":
        return numbers.months(value, lang)
    return numbers.plain(value)


def _known(mapping: Mapping[str, Any], name: str, what: str) -> Any:
    if name in mapping:
        return mapping[name]
    near = get_close_matches(name, [str(key) for key in mapping], n=3) or sorted(map(str, mapping))
    raise KeyError(f"there is no {what} {name!r}; there is {', '.join(near)}")
