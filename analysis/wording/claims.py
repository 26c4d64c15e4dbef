"""What a passage of prose relies on, and whether the results still bear it out.

A claim is a list of conditions: ``edss-it.k = 1, studies.included.controlled = 7``. A condition compares
a fact of the results with a number, a word, or another fact. The facts are

- every count of the results record (``studies.included``, ``risk_of_bias.judged`` …);
- ``search.last``: the month of the last systematic search;
- ``study.<id>``: that study's place in the review (``included`` …), ``absent`` where there is no such study;
- ``questions.total``, and ``questions.rated``: how many of them have a rating of certainty;
- ``controlled.most``: how many trials the comparison with the most trials has;
- ``<question>.k``, ``.certainty``, ``.direction`` (``better``, ``worse``, ``none``), ``.verdict``
  (``nothing``, ``open``, ``little``, ``better``, ``worse``), ``.assumed`` (``yes``, ``no``);
- ``<question>.<study id>``: how that study stands in the answer (``pooled``, ``single``, ``not_pooled``,
  ``absent``).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from analysis.synthesis.results import Results, Synthesis
from analysis.wording import facts, overall

Fact = float | str

_CONDITION: Final = re.compile(r"^([\w.-]+)\s*(<=|>=|!=|=|<|>)\s*([\w.-]+)$")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Counts are kept only for what occurs; where nothing does, the count of these is none.
_OCCURRING: Final = re.compile(
    r"trials\.\w+|values\.from\.\w+|studies\.included\.(?:design|route)\.\w+"
    r"|studies\.(?:included|overlapping|awaiting|excluded)|studies\.included\.(?:controlled|single_arm|randomised)"
)


@dataclass(frozen=True)
class Broken:
    """A condition that the results no longer meet, and what they say instead."""

    condition: str
    name: str
    found: str


def broken(claim: str, results: Results, inclusion: Mapping[str, str]) -> tuple[Broken, ...]:
    """The conditions of a claim that do not hold; nothing where all of them do.

    Parameters
    ----------
    inclusion : mapping
        Each study's place in the review by its id.

    Raises
    ------
    ValueError
        For what is no condition.
    KeyError
        For a fact that there is not.
    """
    found = []
    for condition in claim.split(","):
        parts = _CONDITION.match(condition.strip())
        if parts is None:
            raise ValueError(f"{condition.strip()!r} is no condition such as edss-it.k = 1")
        name, sign, wanted = parts.groups()
        here = fact(name, results, inclusion)
        if not _COMPARE[sign](*_comparable(here, wanted, results, inclusion)):
            shown = f"{here:g}" if isinstance(here, int | float) else here
            found.append(Broken(condition.strip(), name, shown))
    return tuple(found)


def fact(name: str, results: Results, inclusion: Mapping[str, str]) -> Fact:
    """One fact by its name.

    Raises
    ------
    KeyError
        With the nearest names, when there is no such fact.
    """
    if (found := count(name, results)) is not None:
        return found
    head, _, rest = name.partition(".")
    questions = {found.id: found for found in results.questions}
    if head == "study":
        return inclusion.get(rest, "absent")
    if name == "search.last":
        return str(results.review["search"]["last"])
    if name == "questions.rated":
        return sum(found.certainty != "not_assessed" for found in results.questions)
    if name == "questions.total":
        return len(results.questions)
    if name == "controlled.most":
        return max((found.k for found in overall.controlled(results)), default=0)
    if head in questions and rest:
        return _of_question(questions[head], rest)
    near = get_close_matches(name, [*results.counts, *questions], n=3)
    raise KeyError(f"there is no fact {name!r}; there is {', '.join(near) or 'nothing like it'}")


def count(name: str, results: Results) -> float | None:
    """A count of the results record; none (0) of what did not occur, nothing for what is no count."""
    if name in results.counts:
        return results.counts[name]
    return 0 if _OCCURRING.fullmatch(name) else None


def _of_question(synthesis: Synthesis, rest: str) -> Fact:
    match rest:
        case "k":
            return synthesis.k
        case "certainty":
            return synthesis.certainty
        case "verdict":
            return overall.verdict(synthesis)
        case "assumed":
            return "yes" if overall.is_assumed(synthesis) else "no"
        case "direction":
            head = synthesis.headline
            return "none" if head is None else facts.direction(synthesis, facts.limits(head)[0])
    rows = {row.study_id: row.status for row in synthesis.rows}
    return rows.get(rest, "absent")


def _comparable(here: Fact, wanted: str, results: Results, inclusion: Mapping[str, str]) -> tuple[Fact, Fact]:
    """Both sides of a condition: the second is a number, another fact or a word."""
    if isinstance(here, str):
        return here, wanted
    if re.fullmatch(r"\d+(?:\.\d+)?", wanted):
        return here, float(wanted)
    other = fact(wanted, results, inclusion)
    if isinstance(other, str):
        raise ValueError(f"{wanted} is no number")
    return here, other
