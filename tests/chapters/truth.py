"""Whether what the pages say is borne out by the results: found by reading the text, not the templates.

``of_sentence`` reads what is said about one question; ``of_text`` reads a whole page. Both work out for
themselves what the numbers show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.synthesis.results import Results, Synthesis

NUMBERS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
NUMBERS |= {"eight": 8, "nine": 9}


def number(word: str) -> int:
    """A number as it is written: "four", "13"."""
    return NUMBERS[word.lower()] if word.lower() in NUMBERS else int(word)


def limits(synthesis: Synthesis) -> tuple[float, float, float] | None:
    """Estimate and interval of what is quoted, where there is one."""
    used = [row for row in synthesis.rows if row.status in ("pooled", "single")]
    if synthesis.pooled is not None:
        found = synthesis.pooled
        return found.estimate, found.ci_low, found.ci_high
    if len(used) == 1 and used[0].status == "single" and used[0].estimate is not None:
        row = used[0]
        assert row.ci_low is not None
        assert row.ci_high is not None
        return row.estimate, row.ci_low, row.ci_high
    return None


def clear(synthesis: Synthesis) -> str:
    """``better`` or ``worse`` where the whole interval is on one side of no difference, else nothing."""
    found = limits(synthesis)
    null = synthesis.null_value
    if found is None or null is None or found[1] <= null <= found[2]:
        return ""
    return "better" if (found[0] < null) == (synthesis.better == "lower") else "worse"


def trivial(synthesis: Synthesis) -> bool:
    """Whether the interval stays within the minimal important difference; none is set for ratios here."""
    found = limits(synthesis)
    if found is None or synthesis.mid is None:
        return False
    return max(abs(found[1]), abs(found[2])) < synthesis.mid


def verdicts(results: Results) -> dict[str, str]:
    """For each comparison with an answer: ``better``, ``worse``, ``little`` or ``open``."""
    return {
        found.id: "little" if trivial(found) else clear(found) or "open"
        for found in results.questions
        if found.kind == "two_arm" and limits(found) is not None
    }


def events_everywhere(synthesis: Synthesis) -> bool:
    """Whether no group (or every group) had the event, so that counts compare nothing."""
    rows = [row.data for row in synthesis.rows if row.status in ("pooled", "single")]
    counts = [(row.get(f"events{n}"), row.get(f"n{n}")) for row in rows for n in (1, 2)]
    known = [(events, n) for events, n in counts if events is not None]
    return bool(known) and (
        all(events == 0 for events, _ in known) or all(events == n for events, n in known)
    )


CERTAIN = {
    "en": {"high": "high-certainty", "moderate": "moderate-certainty", "low": "low-certainty"}
    | {"very_low": "very-low-certainty"},
    "zh": {"high": "高质量证据", "moderate": "中等质量证据", "low": "低质量证据", "very_low": "极低质量证据"},
}
GRADED = {
    "en": r"\bprobably\b|\bmay (?:improve|worsen|result|do)\b|[Tt]reatment (?:improves|worsens|results)",
    "zh": r"很可能|治疗(?:可能)?(?:使该结局|对该结局几乎)",
}
FORBIDDEN = {
    "en": r"\bno effect\b|not effective|ineffective|of those (?:who started|randomised)|intention",
    "zh": r"(?<!有效或)无效(?!果)|没有效果|没有影响|意向性",
}
FORBIDDEN_ALLOWED = {"zh": r"有效或无效", "en": r"$^"}


def of_sentence(synthesis: Synthesis, part: str, text: str, lang: str) -> list[str]:
    """What is wrong with a sentence about a question."""
    found = limits(synthesis)
    wrong: list[str] = []

    def claim(pattern: Mapping[str, str], holds: bool, what: str) -> None:
        if re.search(pattern[lang], text) and not holds:
            wrong.append(f"{synthesis.id} [{part}] {what}: {text}")

    if part in ("answer", "short", "plain"):
        claim(
            {
                "en": r"^No (?:trial|study) (?:has|could)",
                "zh": r"^(?:目前)?[尚还]无|^(?:目前)?还没有(?:试验|研究)给出",
            },
            found is None,
            "says that there is nothing",
        )
        claim(
            {"en": r"the one (?:trial|study) with|One (?:trial|study)", "zh": r"仅有一项|单项试验|只凭一项"},
            synthesis.k == 1,
            "says one",
        )
        claim(
            {"en": r"\bpooled\b|Across \w+ studies", "zh": r"合并"},
            synthesis.k > 1,
            "says pooled",
        )
        claim(
            {"en": r"[Ww]hole interval favours", "zh": r"整个置信区间均支持"},
            bool(clear(synthesis)),
            "says that the interval is on one side",
        )
        claim(
            {"en": r"includes the value of no difference", "zh": r"包含无差异值"},
            found is not None and not clear(synthesis),
            "says that the interval includes no difference",
        )
        claim(
            {"en": r"both a benefit and a harm|helps or harms", "zh": r"获益与危害均有可能|有好处还是有坏处"},
            not clear(synthesis) and not trivial(synthesis),
            "leaves it open",
        )
        claim(
            {"en": r"much the same", "zh": r"差不多"},
            trivial(synthesis),
            "says that there is little between them",
        )
        for text_of, side in ((synthesis.favours_low, -1), (synthesis.favours_high, 1)):
            if synthesis.kind == "two_arm" and text_of[lang]:
                null = synthesis.null_value or 0.0
                claim(
                    dict.fromkeys(("en", "zh"), re.escape(text_of[lang])),
                    found is not None and (found[0] - null) * side > 0 and not events_everywhere(synthesis),
                    "names the wrong side",
                )
        if synthesis.kind == "two_arm":
            claim({"en": r"did better", "zh": r"情况好"}, clear(synthesis) == "better", "says better")
            claim({"en": r"did worse", "zh": r"情况差"}, clear(synthesis) == "worse", "says worse")
        for level, phrase in CERTAIN[lang].items():
            pattern = rf"(?i)(?<!very-)(?<![\w])(?<!极){phrase}"
            claim(dict.fromkeys(("en", "zh"), pattern), synthesis.certainty == level, f"says {level}")
        claim(GRADED, synthesis.certainty not in ("not_assessed", "very_low"), "uses a graded word")
        if synthesis.kind == "proportion" and part == "answer" and found is not None:
            wanted = {"en": "no comparison group", "zh": "没有对照组"}[lang]
            if wanted not in text:
                wrong.append(f"{synthesis.id} [{part}] does not say that nothing is compared: {text}")
    if part == "heterogeneity":
        claim({"en": r"With one study", "zh": r"仅有一项"}, synthesis.k == 1, "says one")
        claim({"en": r"With no study", "zh": r"没有研究"}, synthesis.k == 0, "says none")
        claim({"en": r"With two studies", "zh": r"仅有两项"}, synthesis.k == 2, "says two")
    if part == "assumptions":
        marked = any(row.marks for row in synthesis.rows if row.status in ("pooled", "single"))
        claim(
            {"en": r"Every number", "zh": r"均直接见于"},
            found is not None and not marked,
            "says that nothing was assumed",
        )
    cleaned = re.sub(FORBIDDEN_ALLOWED[lang], "", text)
    if re.search(FORBIDDEN[lang], cleaned):
        wrong.append(f"{synthesis.id} [{part}] says that there is no effect: {text}")
    return wrong


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
