"""Every branch of every sentence, in both languages, against a snapshot that people have read.

After a change of wording: ``python -m tests.wording.test_sentences`` writes the snapshot anew; read it
through before committing it.
"""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

from analysis.wording import LANGUAGES, sentences
from tests.wording.simulated import CASES, answered, share

SNAPSHOT = Path(__file__).parent / "sentences.txt"


def rendered() -> str:
    """Every case in both languages."""
    lines = []
    for name, (part, synthesis) in CASES.items():
        lines.append(f"## {name} [{part}]")
        lines.extend(sentences.say(synthesis, lang, part) for lang in LANGUAGES)
        lines.append("")
    return "\n".join(lines)


def test_wording_is_the_wording_that_was_read():
    assert rendered() == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_sentences_are_whole(name):
    part, synthesis = CASES[name]
    english = sentences.say(synthesis, "en", part)
    chinese = sentences.say(synthesis, "zh", part)
    assert english.endswith(".")
    assert english[0].isupper()
    assert "  " not in english
    assert not re.search(r"[\u4e00-\u9fff，。；：（）]", english)
    assert chinese.endswith("。")
    assert not re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]", chinese), "no space between Han characters"
    assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff][,;:()]|[,;:()][\u4e00-\u9fff]", chinese), "full-width punctuation"
    assert not re.search(r" [，。；：（）“”]|[，。；：（）] ", chinese)


@pytest.mark.parametrize("name", CASES)
def test_both_languages_give_the_same_numbers(name):
    part, synthesis = CASES[name]
    words = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
    found = []
    for lang in LANGUAGES:
        text = sentences.say(synthesis, lang, part)
        found.append(sorted(set(re.findall(r"−?\d+(?:[.,]\d+)*%?", text)) - {str(n) for n in words.values()}))
    assert found[0] == found[1]


def test_templates_of_a_pair_use_the_same_facts():
    environment = jinja2.Environment()
    names = {path.name.split(".")[0] for path in sentences.TEMPLATES.glob("*.j2")}
    for name in names:
        used = []
        for lang in LANGUAGES:
            source = (sentences.TEMPLATES / f"{name}.{lang}.j2").read_text(encoding="utf-8")
            used.append(meta.find_undeclared_variables(environment.parse(source)))
        assert used[0] == used[1], name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_imprecise_result_is_never_called_no_effect(lang):
    for name, (part, synthesis) in CASES.items():
        if "open" in name and part == "answer":
            text = sentences.say(synthesis, lang, part)
            assert not re.search(r"no effect|not effective|ineffective|无效|没有效果|没有影响", text), name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_study_is_not_called_pooled(lang):
    text = sentences.say(answered(-0.5, -0.7, -0.3, 1), lang)
    assert ("one trial" if lang == "en" else "一项试验") in text
    assert ("pooled" if lang == "en" else "合并") not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_short_answer_is_the_answer_without_its_end(lang):
    for name in ("short, no trial", "short, one trial", "short, before-after", "short, share"):
        synthesis = CASES[name][1]
        short, answer = (sentences.say(synthesis, lang, part) for part in ("short", "answer"))
        assert answer.startswith(short), name
        assert len(answer) > len(short), name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_share_says_that_it_has_no_comparison_group(lang):
    for events in ((0, 0), (3, 1)):
        text = sentences.say(share(events, (10, 10), 0.0, 0.4), lang)
        assert ("no comparison group" if lang == "en" else "没有对照组") in text
        assert not re.search("of those who started|intention", text)


def test_an_unknown_part_names_what_there_is():
    with pytest.raises(ValueError, match="answer, short, plain, heterogeneity"):
        sentences.say(answered(-0.5, -0.7, -0.3, 1), "en", "conclusion")


def test_a_missing_fact_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        sentences.render("certainty", "en", {})
    with pytest.raises(jinja2.UndefinedError):
        sentences.render("certainty", "en", {"certainty": None})


if __name__ == "__main__":
    SNAPSHOT.write_text(rendered(), encoding="utf-8")
