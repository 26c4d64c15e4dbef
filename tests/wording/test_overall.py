"""What all comparisons say together, in every state, against a snapshot that people have read.

After a change of wording: ``python -m tests.wording.test_overall`` writes the snapshot anew.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.synthesis.results import Results, Synthesis
from analysis.wording import LANGUAGES, overall, sentences
from tests.wording.simulated import ASSUMED_N, MC, answered, question, share

SNAPSHOT = Path(__file__).parent / "overall.txt"
NAMED = {
    "treatment": {"en": "the simulated cells", "zh": "模拟细胞"},
    "people": {"en": "simulated people", "zh": "模拟患者"},
}

BETTER, WORSE, OPEN, LITTLE = (-0.9, -1.1, -0.7), (0.9, 0.7, 1.1), (-0.4, -0.9, 0.1), (-0.1, -0.3, 0.1)
SLIGHT = (-0.4, -0.7, -0.1)


def result(values: tuple[float, float, float], k: int = 1, certainty: str = "not_assessed") -> Synthesis:
    return answered(*values, k, mid=0.5, certainty=certainty)


def with_assumption(synthesis: Synthesis) -> Synthesis:
    return replace(synthesis, rows=tuple(replace(row, marks=(ASSUMED_N,)) for row in synthesis.rows))


def other_trial(synthesis: Synthesis) -> Synthesis:
    return replace(synthesis, rows=tuple(replace(row, label="Simulated 2002") for row in synthesis.rows))


STATES: dict[str, tuple[Synthesis, ...]] = {
    "no comparison asked for": (share((3, 2), (7, 5), 0.1, 0.7), answered(-0.5, -0.7, -0.3, 3, **MC)),
    "no comparison answered": (question(), question()),
    "one trial, better": (result(BETTER),),
    "one trial, open, assumed": (with_assumption(result(OPEN)),),
    "one trial, worse, rated very low": (result(WORSE, certainty="very_low"),),
    "one trial, little, rated low": (result(LITTLE, certainty="low"),),
    "one trial behind all, they disagree": (result(BETTER), result(WORSE), result(OPEN)),
    "one trial each, all better": (result(BETTER), other_trial(result(BETTER))),
    "single and pooled, all open": (result(OPEN), result(OPEN, 3)),
    "pooled, better": (result(BETTER, 2), result(OPEN)),
    "pooled, worse": (result(WORSE, 12), with_assumption(result(OPEN, 2))),
    "pooled, little": (result(LITTLE, 5),),
    "pooled, different things": (result(BETTER, 2), result(WORSE, 3), result(LITTLE, 4)),
    "pooled, rated very low": (result(BETTER, 4, "very_low"), result(WORSE, 4, "very_low")),
    "rated low": (result(SLIGHT, 2, "low"), result(WORSE, 2, "low"), result(LITTLE, 2, "low")),
    "rated moderate and open": (result(BETTER, 2, "moderate"), result(OPEN, 2, "moderate")),
    "rated high, one not rated": (result(SLIGHT, 9, "high"), result(WORSE, 3), result(OPEN)),
    "rated high, little": (result(LITTLE, 9, "high"),),
}

JUDGED = [(0, 0), (0, 4), (1, 4), (4, 4)]


def results(*questions: Synthesis, judged: tuple[int, int] = (0, 0)) -> Results:
    counts = {"risk_of_bias.judged": judged[0], "risk_of_bias.statements": judged[1]}
    return Results("1.0", {}, {}, {}, counts, questions)


def told(of: str, judged: tuple[int, int], lang: str, style: str = "technical") -> str:
    done, total = judged
    questions = tuple(result(OPEN, certainty="low" if n < done else "not_assessed") for n in range(total))
    return sentences.judged(results(*questions, judged=judged), of, lang, style)


def rendered() -> str:
    lines = []
    for name, questions in STATES.items():
        lines.append(f"## {name}")
        for style in sentences.STYLES:
            lines += [sentences.bottom_line(results(*questions), NAMED, lang, style) for lang in LANGUAGES]
        lines.append("")
    for of, style in sentences.JUDGED:
        for judged in JUDGED:
            lines.append(f"## {of} [{style}], {judged[0]} of {judged[1]} judged")
            lines += [told(of, judged, lang, style) for lang in LANGUAGES]
            lines.append("")
    return "\n".join(lines)


def test_wording_is_the_wording_that_was_read() -> None:
    assert rendered() == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("style", sentences.STYLES)
@pytest.mark.parametrize("name", STATES)
def test_sentences_are_whole(name: str, style: str) -> None:
    english = sentences.bottom_line(results(*STATES[name]), NAMED, "en", style)
    chinese = sentences.bottom_line(results(*STATES[name]), NAMED, "zh", style)
    assert re.search(r"[.:]$", english)
    assert "  " not in english
    assert not re.search(r"[\u4e00-\u9fff，。；：（）]| [,.;:]", english)
    assert chinese.endswith("。")
    assert not re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z0-9]", chinese)
    assert not re.search(r"[\u4e00-\u9fff][,;:()]| [，。；：（）“”]|[，。；：（）] ", chinese)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", STATES)
def test_no_state_is_called_no_effect(name: str, lang: str) -> None:
    for style in sentences.STYLES:
        text = sentences.bottom_line(results(*STATES[name]), NAMED, lang, style)
        assert not re.search(r"no effect|not work|ineffective|无效|没有效果", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_trial_that_nobody_rated_settles_nothing(lang: str) -> None:
    for values in (BETTER, WORSE, LITTLE):
        text = sentences.bottom_line(results(result(values)), NAMED, lang)
        assert ("Nobody can say yet" if lang == "en" else "目前还无法下结论") in text


def test_what_is_not_named_is_said_in_general_words() -> None:
    texts = [sentences.bottom_line(results(question()), {}, lang) for lang in LANGUAGES]
    assert "the treatment" in texts[0]
    assert "该治疗" in texts[1]


@pytest.mark.parametrize(
    ("values", "verdict"), [(BETTER, "better"), (WORSE, "worse"), (OPEN, "open"), (LITTLE, "little")]
)
def test_verdicts(values: tuple[float, float, float], verdict: str) -> None:
    assert overall.verdict(result(values)) == verdict
    assert overall.verdict(question()) == "nothing"


def test_unknown_styles_and_judgements_are_errors() -> None:
    with pytest.raises(ValueError, match="technical, plain"):
        sentences.bottom_line(results(), NAMED, "en", "long")
    with pytest.raises(ValueError, match="no plain judgement"):
        sentences.judged(results(), "risk_of_bias", "en", "plain")


if __name__ == "__main__":
    SNAPSHOT.write_text(rendered(), encoding="utf-8")
