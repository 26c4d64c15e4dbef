"""Whether what a page says is borne out by the results: found by reading the text, not the templates.

Each claim that a page may make stands here with when it is true; ``truth`` reads what is said about one
question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.synthesis.results import Results
from tests.chapters.truth import limits, verdicts

NUMBERS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
NUMBERS |= {"eight": 8, "nine": 9}


def number(word: str) -> int:
    """A number as it is written: "four", "13"."""
    return NUMBERS[word.lower()] if word.lower() in NUMBERS else int(word)


@dataclass(frozen=True)
class Claim:
    """A claim that a page may make, and when it is true."""

    en: str
    zh: str
    holds: Callable[[Known], bool]


@dataclass(frozen=True)
class Known:
    """What claims are held against."""

    results: Results
    inclusion: Mapping[str, str]

    def count(self, name: str) -> float:
        """A count; none (0) where there is no such thing."""
        return self.results.counts.get(name, 0)

    def k(self, question: str) -> int:
        """How many studies answer a question."""
        return self.results.question(question).k

    def sign(self, question: str) -> str:
        """Which way an estimate points, its interval aside."""
        synthesis = self.results.question(question)
        found, null = limits(synthesis), synthesis.null_value or 0.0
        if found is None or found[0] == null:
            return ""
        return "better" if (found[0] < null) == (synthesis.better == "lower") else "worse"

    def status(self, question: str, study: str) -> str:
        """How a study stands in an answer."""
        rows = {row.study_id: row.status for row in self.results.question(question).rows}
        return rows.get(study, "absent")

    @property
    def rated(self) -> int:
        """How many questions have a rating."""
        return sum(found.certainty != "not_assessed" for found in self.results.questions)

    @property
    def most(self) -> int:
        """The number of trials in the comparison that has the most."""
        return max((found.k for found in self.results.questions if found.kind == "two_arm"), default=0)

    @property
    def said(self) -> dict[str, str]:
        """The comparisons with an answer."""
        return verdicts(self.results)

    def decided(self) -> bool:
        """Whether trials together, or a rating, say something about any comparison."""
        questions = {found.id: found for found in self.results.questions}
        return any(
            verdict != "open"
            and (
                questions[name].certainty in ("high", "moderate", "low")
                or (questions[name].k > 1 and questions[name].certainty == "not_assessed")
            )
            for name, verdict in self.said.items()
        )


def _seven(known: Known) -> bool:
    """The controlled studies that the discussion was written about are the ones there are."""
    return known.count("studies.included.controlled") == 7


CLAIMS: tuple[Claim, ...] = (
    Claim(
        r"search of (?:our|its) own has not|[Nn]o systematic search of its own|not yet made a search",
        r"尚未自行检索|没有自己的系统检索|还没有自己检索",
        lambda known: known.count("searches.this_review") == 0,
    ),
    Claim(
        r"has searched itself|search for new studies ourselves",
        r"本评价自行检索的|我们自己检索新的研究",
        lambda known: known.count("searches.this_review") > 0,
    ),
    Claim(
        r"Nobody has judged the risk of bias",
        r"尚无人判断任何一项研究的偏倚风险",
        lambda known: known.count("risk_of_bias.judged") == 0,
    ),
    Claim(
        r"Nobody has rated|Nobody has judged yet how far the results",
        r"尚无人对证据质量分级|有多可靠，还没有人评价过。",
        lambda known: known.rated == 0,
    ),
    Claim(
        r"rated for every question|For every result, people",
        r"各问题均已作出证据质量分级|都已经有人评价过",
        lambda known: known.rated == len(known.results.questions),
    ),
    Claim(
        r"Not every question has a rating",
        r"并非每个问题都已分级",
        lambda known: known.rated < len(known.results.questions),
    ),
    Claim(
        r"Not every value has been checked",
        r"并非每个数值都经第二人核对",
        lambda known: known.count("values.checked") < known.count("values.total"),
    ),
    Claim(
        r"Not every statement that bears",
        r"并非每条有关表述都已作出判断",
        lambda known: known.count("risk_of_bias.judged") < known.count("risk_of_bias.statements"),
    ),
    Claim(
        r"Most of our numbers come from the short summary",
        r"数字大多来自研究的摘要",
        lambda known: known.count("values.from.abstract") > known.count("values.from.full_text"),
    ),
    Claim(
        r"Nobody has judged yet how far (?:this|it|they) can be trusted",
        r"(?:这一结果|这些结果|该结果)有多可靠，尚无人评价",
        lambda known: any(known.results.question(name).certainty == "not_assessed" for name in known.said),
    ),
    Claim(
        r"Nobody can say yet whether|\*\*Nobody knows yet",
        r"目前还无法下结论|\*\*现在还没有人知道",
        lambda known: not known.decided(),
    ),
    Claim(
        r"trials taken together favour",
        r"至少有一项结局支持",
        lambda known: "better" in known.said.values() and known.decided(),
    ),
    Claim(
        r"trials taken together speak against",
        r"至少有一项结局不支持",
        lambda known: "worse" in known.said.values() and known.decided(),
    ),
    Claim(
        r"one and the same trial|from one single study",
        r"均来自同一项试验|只来自一项研究（",
        lambda known: all(known.k(name) == 1 for name in known.said),
    ),
    Claim(
        r"No trial with a comparison group could be used",
        r"尚无设有对照组的试验可用于计算",
        lambda known: not known.said,
    ),
    Claim(
        r"could not be combined with these results",
        r"无法与上述结果合并",
        lambda known: (
            known.status("edss-iv", "uccelli2021") == "absent"
            and known.status("edss-it", "harris2024") == "not_pooled"
        ),
    ),
    Claim(
        r"favourable answers on disability",
        r"残疾程度和复发方面的有利结果",
        lambda known: {known.sign(name) for name in ("edss-it", "edss-iv", "relapse-free-it")} == {"better"},
    ),
    Claim(r"with so few trials", r"试验如此之少", _seven),
    Claim(r"hardly any of them could be read", r"寥寥无几", lambda known: known.most <= 1),
    Claim(
        r"the difference found here points the same way",
        r"本评价所得差值的方向与之相同",
        lambda known: known.sign("edss-it") == "better",
    ),
    Claim(
        r"does not find a difference in the same direction",
        r"未得到方向相同的差值",
        lambda known: known.sign("edss-it") != "better",
    ),
    Claim(
        r"the one usable trial also points",
        r"唯一可用的试验也偏向有益",
        lambda known: known.k("edss-iv") == 1 and known.sign("edss-iv") == "better",
    ),
    Claim(
        r"does not show that MSC should be given",
        r"既不能说明应当在对照试验之外",
        lambda known: known.rated == 0 and known.most <= 1,
    ),
    Claim(
        r"None of this strengthens the case",
        r"都没有使“有益”的理由更充分",
        lambda known: known.count("studies.included") == 24,
    ),
    Claim(
        r"Among those that wait are",
        r"其中有一项鞘内给药的随机交叉试验，仅读到",
        lambda known: known.inclusion.get("smart_ms2026") == "awaiting",
    ),
    Claim(
        r"this trial is listed under",
        r"故该试验列于",
        lambda known: known.status("edss-it", "harris2024") == "not_pooled",
    ),
)

TALLIES = {
    "en": {
        "better": r"(\w+) favours? the treatment",
        "worse": r"(\w+) favours? the comparison",
        "little": r"(\w+) shows? at most a difference",
        "open": r"(\w+) leaves? both benefit and harm",
    },
    "zh": {
        "better": r"(\d+) 项支持治疗",
        "worse": r"(\d+) 项支持对照",
        "little": r"(\d+) 项至多只有",
        "open": r"(\d+) 项获益与危害均有可能",
    },
}
TOTAL = {"en": r"Of (\w+) results with a comparison group", "zh": r"有对照组的结果(?:共|仅) (\d+) 项"}


def of_text(text: str, known: Known, lang: str) -> list[str]:
    """What is wrong with a paragraph of a page."""
    wrong = [
        f"untrue: {text}"
        for claim in CLAIMS
        if re.search(getattr(claim, lang), text) and not claim.holds(known)
    ]
    said = list(known.said.values())
    if total := re.search(TOTAL[lang], text):
        if number(total[1]) != len(said):
            wrong.append(f"{len(said)} comparisons have an answer: {text}")
        for verdict, pattern in TALLIES[lang].items():
            if found := re.search(pattern, text[total.end() :]):
                told = len(said) if found[1] == "all" else number(found[1])
                if told != said.count(verdict):
                    wrong.append(f"{said.count(verdict)} are {verdict}: {text}")
    return wrong
