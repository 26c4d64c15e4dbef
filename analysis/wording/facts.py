"""What a sentence about a result needs to know, as plain text and plain yes or no."""

from __future__ import annotations

import math
from typing import Any, Final, Literal

from analysis.synthesis.results import Alternative, Mark, Pooled, Row, Synthesis
from analysis.wording import catalogue, numbers

Facts = dict[str, Any]
Direction = Literal["better", "worse", "none"]
Size = Literal["open", "trivial", "slight", "important", "beyond", "any"]

RATIOS: Final = frozenset({"RR", "OR", "IRR"})
UNITLESS: Final = frozenset({"", "ratio", "share"})

# Cochrane Handbook 10.10.2 gives overlapping bands for I²; these are their midpoints of overlap.
_LEVELS: Final = ((40.0, "low"), (60.0, "moderate"), (75.0, "substantial"))
# Below this number of studies an interval for I² that spans most of its range is the rule.
_FEW: Final = 5


def excludes_null(synthesis: Synthesis, low: float, high: float) -> bool:
    """Whether an interval leaves out the value of no effect."""
    null = synthesis.null_value
    return null is not None and not low <= null <= high


def direction(synthesis: Synthesis, estimate: float) -> Direction:
    """Which way an estimate points for the patient."""
    null = synthesis.null_value
    if null is None or estimate == null:
        return "none"
    return "better" if (estimate < null) == (synthesis.better == "lower") else "worse"


def size(synthesis: Synthesis, estimate: float, low: float, high: float) -> Size:
    """How an estimate and its interval stand to no effect and to the minimal important difference.

    Returns
    -------
    str
        ``open``: includes no effect and an important one; ``trivial``: stays within the minimal
        important difference; ``slight``: excludes no effect, estimate below the minimal important
        difference; ``important``: estimate reaches it, the interval does not; ``beyond``: the whole
        interval does; ``any``: excludes no effect, and no minimal important difference is known.
    """
    clear = excludes_null(synthesis, low, high)
    if synthesis.mid is None or synthesis.null_value is None:
        return "any" if clear else "open"
    distance = _log_distance if synthesis.measure in RATIOS else _distance
    mid = distance(synthesis.mid, 1.0 if synthesis.measure in RATIOS else 0.0)
    nearest, farthest = sorted(distance(limit, synthesis.null_value) for limit in (low, high))
    if farthest < mid:
        return "trivial"
    if not clear:
        return "open"
    if nearest >= mid:
        return "beyond"
    return "slight" if distance(estimate, synthesis.null_value) < mid else "important"


def _distance(value: float, null: float) -> float:
    return abs(value - null)


def _log_distance(value: float, null: float) -> float:
    return abs(math.log(value / null)) if value > 0 else math.inf


def unit(synthesis: Synthesis, lang: str) -> str:
    """The unit after a number, or nothing."""
    return "" if synthesis.unit in UNITLESS else catalogue.text(f"unit.{synthesis.unit}", lang)


def study_noun(synthesis: Synthesis) -> str:
    """What this question's studies are called: trials where there is a comparison group."""
    return "trial" if synthesis.kind == "two_arm" else "study"


def in_sentence(text: str) -> str:
    """A label as it stands inside a sentence: "Serious …" becomes "serious …", "EDSS …" stays."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def answer_facts(synthesis: Synthesis, lang: str) -> Facts:
    """The facts of a question's answer; `synthesis` must have a headline with an interval."""
    head = synthesis.headline
    assert head is not None
    estimate, low, high = limits(head)
    measure = synthesis.measure
    participants = synthesis.participants
    counts = [(row.data.get("events"), row.data.get("n")) for row in synthesis.used]
    known = [(events, n) for events, n in counts if events is not None and n is not None]
    people = sum(n for _, n in known) if len(known) == len(counts) else 0
    p = head.p_value if isinstance(head, Pooled) else None
    pointing = direction(synthesis, estimate)
    return {
        "k": synthesis.k,
        "k_trials": numbers.counted_in_words("trial", synthesis.k, lang),
        "k_studies": numbers.counted_in_words("study", synthesis.k, lang),
        "label": synthesis.used[0].label if synthesis.used else "",
        "n": numbers.plain(participants, 1) if participants is not None else "",
        "outcome": in_sentence(synthesis.outcome[lang]),
        "measure": catalogue.text(f"measure.{measure}.name", lang),
        "ratio": measure in RATIOS,
        "value": numbers.measured(estimate, measure),
        "unit": unit(synthesis, lang),
        "interval": numbers.interval(low, high, measure, lang),
        "high": numbers.measured(high, measure),
        "p": numbers.p_value(p, lang) if p is not None and synthesis.null_value is not None else "",
        "events": round(sum(events for events, _ in known)) if people else None,
        "people": people,
        "uninformative": uninformative(synthesis),
        "clear": excludes_null(synthesis, low, high),
        "direction": pointing,
        "favours": favours(synthesis, estimate, lang),
        "size": size(synthesis, estimate, low, high),
        "mid": numbers.measured(synthesis.mid, measure) if synthesis.mid is not None else "",
        "certainty": synthesis.certainty,
        "certainty_phrase": certainty_phrase(synthesis, lang),
    }


def uninformative(synthesis: Synthesis) -> Literal["", "nobody", "everybody"]:
    """Whether counts compare nothing: nobody in any group had the event, or everybody."""
    groups = [
        (row.data[f"events{group}"], row.data[f"n{group}"])
        for row in synthesis.used
        for group in (1, 2)
        if row.data.get(f"events{group}") is not None
    ]
    if not groups:
        return ""
    if all(events == 0 for events, _ in groups):
        return "nobody"
    return "everybody" if all(events == n for events, n in groups) else ""


def nothing_facts(synthesis: Synthesis, lang: str) -> Facts:
    """The facts where no study can be used."""
    listed = sum(row.status == "not_pooled" for row in synthesis.rows)
    return {
        "outcome": in_sentence(synthesis.outcome[lang]),
        "controlled": synthesis.kind == "two_arm",
        "listed": numbers.counted_in_words("report", listed, lang) if listed else "",
    }


def plain_facts(synthesis: Synthesis, lang: str) -> Facts:
    """The facts of an answer in everyday words: no interval, and shares counted in a hundred people."""
    noun = study_noun(synthesis)
    known: Facts = {
        "kind": synthesis.kind,
        "k": synthesis.k,
        "studies": numbers.counted_in_words(noun, synthesis.k, lang),
        "outcome": in_sentence(synthesis.outcome[lang]),
        "certainty": synthesis.certainty,
        "certainty_phrase": certainty_phrase(synthesis, lang),
        **dict.fromkeys(("direction", "size", "hundred"), ""),
        "clear": False,
        "uninformative": uninformative(synthesis),
    }
    if synthesis.headline is None:
        return known
    estimate, low, high = limits(synthesis.headline)
    return known | {
        "direction": direction(synthesis, estimate),
        "size": size(synthesis, estimate, low, high),
        "clear": excludes_null(synthesis, low, high),
        "hundred": numbers.in_hundred(estimate, lang) if synthesis.measure == "PR" else "",
    }


def heterogeneity_facts(synthesis: Synthesis, lang: str) -> Facts:
    """The facts about differences between studies."""
    pooled = synthesis.pooled
    facts: Facts = {
        "k": synthesis.k,
        "k_studies": numbers.counted_in_words("study", synthesis.k, lang),
        "wide": False,
        "level": "",
        "statistics": "",
        "prediction": "",
    }
    if pooled is None or synthesis.k < 2:
        return facts
    i2 = pooled.i2
    if i2 is not None:
        facts["level"] = next((name for limit, name in _LEVELS if i2 < limit), "considerable")
    spread = None if pooled.i2_low is None or pooled.i2_high is None else pooled.i2_high - pooled.i2_low
    facts["wide"] = i2 is None or (spread > 60 if spread is not None else synthesis.k < _FEW)
    facts["statistics"] = numbers.clauses(heterogeneity_statistics(pooled, lang), lang)
    facts["prediction"] = prediction(pooled, synthesis.measure, lang)
    return facts


def heterogeneity_statistics(pooled: Pooled, lang: str) -> list[str]:
    """I² and tau² (each with its interval where there is one), and Q."""
    found = []
    if pooled.i2 is not None:
        text = numbers.i_squared(pooled.i2)
        if pooled.i2_low is not None and pooled.i2_high is not None:
            span = catalogue.text(
                "number.span", lang, low=f"{pooled.i2_low:.0f}%", high=f"{pooled.i2_high:.0f}%"
            )
            text = catalogue.text("number.with_interval", lang, value=text, span=span)
        found.append(text)
    if pooled.tau2 is not None:
        found.append(equals("τ²", pooled.tau2))
    if pooled.q is not None and pooled.q_df is not None and pooled.q_p is not None:
        q = equals("Q", pooled.q, 2)
        p = numbers.p_value(pooled.q_p, lang)
        found.append(catalogue.text("number.q", lang, q=q, df=str(pooled.q_df), p=p))
    return found


def equals(symbol: str, value: float, places: int = 3) -> str:
    """ "τ² = 0.012", "τ² < 0.001"."""
    text = numbers.small(value, places)
    return f"{symbol} {text}" if text.startswith("<") else f"{symbol} = {text}"


def limits(head: Pooled | Row) -> tuple[float, float, float]:
    """Estimate and limits of what is quoted.

    Raises
    ------
    ValueError
        When the row has no interval.
    """
    if head.estimate is None or head.ci_low is None or head.ci_high is None:
        raise ValueError("the row that carries the answer has no estimate with an interval")
    return head.estimate, head.ci_low, head.ci_high


def favours(synthesis: Synthesis, estimate: float, lang: str) -> str:
    """ "favours MSC": what an estimate on this side of no effect speaks for."""
    null = synthesis.null_value
    if null is None or estimate == null:
        return catalogue.text("favours.neither", lang)
    text = (synthesis.favours_low if estimate < null else synthesis.favours_high)[lang]
    return text or catalogue.text(f"favours.{direction(synthesis, estimate)}", lang)


def prediction(head: Pooled | Row, measure: str, lang: str) -> str:
    """The limits of the prediction interval, or nothing."""
    if not isinstance(head, Pooled) or head.prediction_low is None or head.prediction_high is None:
        return ""
    return numbers.span(head.prediction_low, head.prediction_high, measure, lang)


def certainty_phrase(synthesis: Synthesis, lang: str) -> str:
    """ "low-certainty evidence", or nothing where nobody has assessed it."""
    if synthesis.certainty == "not_assessed":
        return ""
    return catalogue.text(f"certainty.phrase.{synthesis.certainty}", lang)


def mark_text(mark: Mark, lang: str) -> str:
    """The sentence of a mark."""
    value = "?" if mark.value is None else numbers.plain(mark.value)
    return catalogue.filled(f"mark.{mark.code}", lang, value=value)


def reason_text(code: str, detail: str, lang: str) -> str:
    """Why a row is not pooled, as a clause."""
    return catalogue.filled(f"reason.{code}", lang, detail=detail)


def alternative_text(alternative: Alternative, lang: str) -> str:
    """What another choice is called."""
    params = {
        name: value if isinstance(value, str) else numbers.plain(value)
        for name, value in alternative.params.items()
    }
    return catalogue.filled(f"alternative.{alternative.code}", lang, **params)


def small_study_reason(synthesis: Synthesis, lang: str) -> str:
    """Why small-study effects were not tested, or nothing where they were."""
    found = synthesis.small_study
    if found is None:
        return catalogue.text("small_study.not_planned", lang)
    if found.done:
        return ""
    key = f"small_study.{found.reason or 'too_few'}"
    return catalogue.filled(key, lang, count=found.k, minimum=found.minimum_k)


def caption(synthesis: Synthesis, lang: str) -> str:
    """A figure's caption: what is compared, and what the numbers are."""
    stop = "." if lang == "en" else "。"
    return numbers.sentences((synthesis.title[lang] + stop, synthesis.description[lang]), lang)


def certainty(synthesis: Synthesis, lang: str) -> str:
    """The certainty of the evidence in a word."""
    return catalogue.text(f"certainty.{synthesis.certainty}", lang)
