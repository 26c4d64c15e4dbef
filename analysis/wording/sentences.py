"""Sentences that follow a result: the facts come from ``facts.py``, the words stand in ``templates/``.

Each sentence has a template per language, given the same facts. A sentence is Markdown, and whatever
comes from the evidence is escaped. The wording of effects follows GRADE (Santesso 2020,
doi 10.1016/j.jclinepi.2019.10.014); where nobody has assessed the certainty it stays neutral.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2

from analysis.synthesis.results import Results, Synthesis, Text
from analysis.wording import caveats, escape, facts, known_language, overall
from analysis.wording.chinese import spaced

TEMPLATES: Final = Path(__file__).parent / "templates"

PARTS: Final = (
    "answer",
    "short",
    "plain",
    "heterogeneity",
    "subgroups",
    "assumptions",
    "sensitivity",
    "left_out",
    "small_study",
    "certainty",
)
"""What can be said about a question, in reading order; ``short`` is the answer without its closing
caution, for where that caution stands beside it, and ``plain`` is the answer in everyday words."""


STYLES: Final = {"technical": "bottom_line", "plain": "plain_line"}
"""The templates of the bottom line."""

JUDGED: Final = {
    ("risk_of_bias", "technical"): "judged",
    ("certainty", "technical"): "judged",
    ("certainty", "plain"): "plain_judged",
}
"""The templates of what people have judged so far."""


def say(synthesis: Synthesis, lang: str, part: str = "answer", *, markdown: bool = True) -> str:
    """Say one thing about a question.

    Parameters
    ----------
    part : str
        One of ``PARTS``.
    markdown : bool
        Whether to escape what comes from the evidence for Markdown; plain text otherwise.

    Raises
    ------
    ValueError
        For an unknown part or language.
    """
    known_language(lang)
    template, given = _given(synthesis, lang, part)
    return render(template, lang, given, markdown=markdown)


def bottom_line(
    results: Results, named: Mapping[str, Text], lang: str, style: str = "technical", *, markdown: bool = True
) -> str:
    """What all comparisons of the review say together.

    Parameters
    ----------
    named : mapping
        ``treatment`` and ``people`` as a sentence names them.
    style : str
        ``technical``, or ``plain`` for everyday words.

    Raises
    ------
    ValueError
        For an unknown style or language.
    """
    if style not in STYLES:
        raise ValueError(f"no style {style!r}; there is {', '.join(STYLES)}")
    given = overall.overall_facts(results, named, known_language(lang))
    return render(STYLES[style], lang, given, markdown=markdown)


def judged(results: Results, of: str, lang: str, style: str = "technical") -> str:
    """How much people have judged so far, of ``risk_of_bias`` or of ``certainty``.

    Raises
    ------
    ValueError
        For something else, and for an unknown language.
    """
    if (of, style) not in JUDGED:
        raise ValueError(f"no {style} judgement of {of!r}; there is {JUDGED}")
    return render(JUDGED[of, style], known_language(lang), overall.judged_facts(results, of))


def _given(synthesis: Synthesis, lang: str, part: str) -> tuple[str, facts.Facts]:
    """The template that says `part`, and its facts."""
    match part:
        case "answer" | "short" if synthesis.headline is None:
            return "nothing", facts.nothing_facts(synthesis, lang) | {"short": part == "short"}
        case "answer" | "short":
            given = facts.answer_facts(synthesis, lang) | {"short": part == "short"}
            return synthesis.kind, given
        case "plain":
            return part, facts.plain_facts(synthesis, lang)
        case "heterogeneity":
            return part, facts.heterogeneity_facts(synthesis, lang)
        case "subgroups":
            return part, caveats.subgroup_facts(synthesis, lang)
        case "assumptions":
            return part, caveats.assumption_facts(synthesis, lang)
        case "sensitivity":
            return part, caveats.sensitivity_facts(synthesis, lang)
        case "left_out":
            return part, caveats.left_out_facts(synthesis, lang)
        case "small_study":
            return part, caveats.small_study_facts(synthesis, lang)
        case "certainty":
            return part, {"certainty": facts.certainty(synthesis, lang)}
    raise ValueError(f"nothing to say under {part!r}; there is {', '.join(PARTS)}")


def render(name: str, lang: str, given: dict[str, Any], *, markdown: bool = True) -> str:
    """Fill the template ``<name>.<lang>.j2`` and lay it out as one line.

    Raises
    ------
    jinja2.UndefinedError
        When the template uses something that `given` lacks.
    """
    lines = _environment(markdown).get_template(f"{name}.{lang}.j2").render(given).splitlines()
    if lang == "zh":
        return spaced("".join(line.strip() for line in lines))
    text = " ".join(line.strip() for line in lines if line.strip())
    return re.sub(r"\s+([,.;:)])", r"\1", re.sub(r" {2,}", " ", text))


@cache
def _environment(markdown: bool) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        finalize=_escaped if markdown else _plain,
        autoescape=False,  # `finalize` escapes for Markdown; HTML escaping would come on top of it.
    )


def _plain(value: object) -> str:
    if value is None:
        raise jinja2.UndefinedError("a template printed a fact that is not there")
    return str(value)


def _escaped(value: object) -> str:
    text = _plain(value)
    return text if isinstance(value, jinja2.Undefined) else escape.markdown(text)
