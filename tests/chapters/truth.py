"""Whether what is said about one question is borne out by its results: found by reading the text.

It works out for itself what the numbers show; whole pages are read in ``claims``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.synthesis.results import Results, Synthesis


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
