"""What all comparisons of a review say together: the facts of its bottom line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from analysis.synthesis.results import Results, Synthesis, Text
from analysis.wording import catalogue, facts, numbers

Verdict = Literal["nothing", "open", "little", "better", "worse"]
Lead = Literal["none", "unknown", "better", "worse", "little", "mixed", "rated"]

CONTROLLED: Final = "two_arm"
ASSUMED: Final = "assumed_"
_SURE: Final = frozenset({"high", "moderate", "low"})
_SAYING: Final = ("better", "worse", "little")


def controlled(results: Results) -> tuple[Synthesis, ...]:
    """The questions that compare groups."""
    return tuple(found for found in results.questions if found.kind == CONTROLLED)


def verdict(synthesis: Synthesis) -> Verdict:
    """What a comparison shows for the patient, its interval taken into account.

    Returns
    -------
    str
        ``nothing``: no usable numbers; ``open``: benefit and harm both remain possible; ``little``: at
        most a difference below the minimal important one; ``better`` and ``worse``: the whole interval.
    """
    if synthesis.headline is None:
        return "nothing"
    estimate, low, high = facts.limits(synthesis.headline)
    if facts.size(synthesis, estimate, low, high) == "trivial":
        return "little"
    if not facts.excludes_null(synthesis, low, high):
        return "open"
    return "better" if facts.direction(synthesis, estimate) == "better" else "worse"


def is_assumed(synthesis: Synthesis) -> bool:
    """Whether the answer rests on a number that somebody assumed."""
    return any(mark.code.startswith(ASSUMED) for row in synthesis.used for mark in row.marks)


def overall_facts(results: Results, named: Mapping[str, Text], lang: str) -> facts.Facts:
    """The facts of the bottom line.

    Parameters
    ----------
    named : mapping
        ``treatment`` and ``people`` as a sentence names them; what is missing is said in general words.
    """
    answered = [found for found in controlled(results) if found.headline is not None]
    sure = [found for found in answered if found.certainty in _SURE and verdict(found) in _SAYING]
    single = [found.used[0].label for found in answered if found.k == 1]
    rated = sum(found.certainty != "not_assessed" for found in answered)
    very_low = sum(found.certainty == "very_low" for found in answered)
    assumed = sum(is_assumed(found) for found in answered)
    count = len(answered)
    return {
        "lead": _lead(answered, sure),
        "count": count,
        "results": numbers.counted_in_words("result", count, lang),
        "tally": _enumerated(_tally(answered, lang), lang),
        "only": verdict(answered[0]) if count == 1 else "",
        "single": len(single),
        "single_words": numbers.in_words(len(single), lang),
        "trial": single[0] if len(set(single)) == 1 else "",
        "rated": rated,
        "rated_words": numbers.in_words(rated, lang),
        "very_low": very_low,
        "very_low_words": numbers.in_words(very_low, lang),
        "assumed": assumed,
        "assumed_words": numbers.in_words(assumed, lang),
        "known": [
            {
                "title": found.title[lang],
                "verdict": verdict(found),
                "size": facts.size(found, *facts.limits(found.headline)) if found.headline else "",
                "certainty": found.certainty,
                "certainty_phrase": facts.certainty_phrase(found, lang),
            }
            for found in sure
        ],
        **{
            name: named[name][lang] if name in named else catalogue.text(f"overall.{name}", lang)
            for name in ("treatment", "people")
        },
    }


def judged_facts(results: Results, of: str) -> facts.Facts:
    """How many recorded statements, or questions, people have judged."""
    if of == "certainty":
        rated = sum(found.certainty != "not_assessed" for found in results.questions)
        return {"of": of, "total": len(results.questions), "judged": rated}
    total, judged = (round(results.counts.get(f"{of}.{name}", 0)) for name in ("statements", "judged"))
    return {"of": of, "total": total, "judged": judged}


def _lead(answered: Iterable[Synthesis], sure: Iterable[Synthesis]) -> Lead:
    """What the first sentence may say: one trial that nobody has judged settles nothing."""
    answered = list(answered)
    if not answered:
        return "none"
    if list(sure):
        return "rated"
    pooled = {verdict(found) for found in answered if found.k > 1 and found.certainty == "not_assessed"}
    said = [name for name in _SAYING if name in pooled]
    if not said:
        return "unknown"
    return said[0] if len(said) == 1 else "mixed"


def _tally(answered: Iterable[Synthesis], lang: str) -> list[str]:
    found = Counter(verdict(synthesis) for synthesis in answered)
    if len(found) == 1 and found.total() > 1:
        return [catalogue.text(f"overall.all_{name}", lang) for name in found]
    return [
        catalogue.text(f"overall.{name}", lang, count=found[name], words=numbers.in_words(found[name], lang))
        for name in ("better", "worse", "little", "open")
        if found[name]
    ]


def _enumerated(items: list[str], lang: str) -> str:
    """ "a, b and c" or "a，b，c"."""
    if lang != "en":
        return "，".join(items)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
