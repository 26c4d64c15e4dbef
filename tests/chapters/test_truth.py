"""The chapters say what is true, whatever the evidence says.

After a change of wording: ``python -m tests.chapters.test_truth`` writes anew what each variant of the
evidence changes; read it through before committing it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.evidence import load
from analysis.showing.passages import GUARD
from analysis.synthesis import synthesise
from analysis.wording import LANGUAGES, sentences
from tests.chapters import claims, truth
from tests.chapters.reading import INLINE, ROOT, Block, read
from tests.chapters.shown import GUARD_LINES, as_read, text_of
from tests.chapters.test_chapters import WITH_TEXT
from tests.chapters.variants import VARIANTS, Data

SNAPSHOTS = Path(__file__).parent / "changes"
READ = ("studies", "arms", "outcomes", "adverse_events", "estimates", "study_values", "risk_of_bias")
READ += ("certainty", "searches", "trials", "review_results")
READ_WITH = SNAPSHOTS / "evidence.sha256"
SAY = re.compile(r'^say\("([\w-]+)"(?:, "(\w+)")?\)$')


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Variant:
    return Variant(request.param, tmp_path_factory.mktemp(request.param))


class Variant:
    """A variant of the evidence with its results and with the text of every chapter."""

    def __init__(self, name: str, project: Path) -> None:
        self.name = name
        data = Data(project)
        VARIANTS[name](data)
        evidence = load(data.folder)
        studies = evidence.rows("studies")
        self.inclusion = {row["study_id"]: row["inclusion"] for row in studies}
        self.known = claims.Known(synthesise(evidence), self.inclusion)
        self.text = {lang: text_of(WITH_TEXT, project, lang) for lang in LANGUAGES}

    def blocks(self, lang: str) -> Iterator[tuple[str, Block]]:
        for chapter, blocks in self.text[lang].items():
            for block in blocks:
                yield f"{chapter}, line {block.line}", block


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_about_a_question_are_true(variant: Variant, lang: str) -> None:
    results = variant.known.results
    used = {SAY.match(code) for chapter in WITH_TEXT for b in chapter.blocks(lang) for code in b.inline}
    asked = {(found[1], found[2] or "answer") for found in used if found}
    assert len(asked) > 40
    wrong = [
        problem
        for name, part in sorted(asked)
        for problem in truth.of_sentence(
            results.question(name), part, as_read(sentences.say(results.question(name), lang, part)), lang
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_true(variant: Variant, lang: str) -> None:
    wrong = [
        f"{place}: {problem}"
        for place, block in variant.blocks(lang)
        for problem in claims.of_text(block.text, variant.known, lang)
    ]
    assert wrong == []


def test_both_languages_leave_out_the_same(variant: Variant) -> None:
    counts = [{name: len(blocks) for name, blocks in variant.text[lang].items()} for lang in LANGUAGES]
    assert counts[0] == counts[1]


@pytest.fixture(scope="module")
def as_it_is(tmp_path_factory: pytest.TempPathFactory) -> Variant:
    return Variant("as_it_is", tmp_path_factory.mktemp("as-it-is"))


def test_what_changes_is_what_was_read(variant: Variant, as_it_is: Variant) -> None:
    if READ_WITH.read_text(encoding="utf-8") != evidence_digest():
        pytest.skip("the evidence is another one than when the changes were read")
    if variant.name != "as_it_is":
        wanted = (SNAPSHOTS / f"{variant.name}.txt").read_text(encoding="utf-8")
        assert changes(variant, as_it_is) == wanted


def evidence_digest() -> str:
    """The evidence that the variants are made from: new evidence must not fail a test of wording."""
    found = hashlib.sha256()
    for path in (ROOT / "data" / f"{name}.csv" for name in READ):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest() + "\n"


def changes(variant: Variant, base: Variant) -> str:
    """The paragraphs that the variant's evidence changes: what goes (its beginning) and what comes.

    Answers to one question are read in ``tests/wording/sentences.txt``, branch by branch; the version's
    number changes with every release.
    """
    lines = []
    answers = {
        (chapter.name, block.line)
        for chapter in WITH_TEXT
        for lang in LANGUAGES
        for block in chapter.blocks(lang)
        if any(SAY.match(code) or code == 'say.review("version")' for code in block.inline)
    }
    for name in variant.text["en"]:
        found = []
        for lang in LANGUAGES:
            here, there = (
                [block.text for block in one.text[lang][name] if (name, block.line) not in answers]
                for one in (variant, base)
            )
            found += [f"- {text[:70]}" for text in there if text not in here]
            found += [f"+ {text}" for text in here if text not in there]
        lines += [f"== {name}", *found] if found else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_second_review_is_true(lang: str, tmp_path: Path) -> None:
    """Chapters of another review, another measure and no rating: the same sentences, as true."""
    bcg = ROOT / "tests" / "reviews" / "bcg"
    chapters = [chapter for path in sorted(bcg.rglob("*.qmd")) if (chapter := read(path)).pairs]
    (tmp_path / "data").symlink_to(bcg / "data")
    known = claims.Known(synthesise(load(bcg / "data")), {})
    question = known.results.question("tuberculosis")
    assert known.said == {"tuberculosis": "better"}
    shown = text_of(chapters, tmp_path, lang)
    lines = [block.text for blocks in shown.values() for block in blocks]
    assert [problem for text in lines for problem in claims.of_text(text, known, lang)] == []
    assert any(re.search("taken together favour BCG|至少有一项结局支持卡介苗", text) for text in lines)
    for part in sentences.PARTS:
        assert truth.of_sentence(question, part, as_read(sentences.say(question, lang, part)), lang) == []


MADE_FALSE = {
    "en": [
        "A search of our own has not yet been run.",
        "Nobody has judged the risk of bias of any study yet.",
        "Nobody has rated the certainty of the evidence yet.",
        "**Nobody can say yet whether cells can help.**",
        "All of them come from one and the same trial (Petrou 2020).",
        "Of four results with a comparison group, three favour the treatment.",
        "The favourable answers on disability and relapses come from a trial.",
        "After intrathecal cells, the difference found here points the same way.",
        "The evidence gathered here does not show that MSC should be given.",
    ],
    "zh": [
        "本评价尚未自行检索。",
        "目前尚无人判断任何一项研究的偏倚风险。",
        "目前尚无人对证据质量分级。",
        "**目前还无法下结论。**",
        "这些结果均来自同一项试验（Petrou 2020）。",
        "能够计算的有对照组的结果共 4 项：3 项支持治疗。",
        "残疾程度和复发方面的有利结果，来自一项试验。",
        "本评价所得差值的方向与之相同。",
        "现有证据既不能说明应当在对照试验之外使用细胞。",
    ],
}


@pytest.fixture(scope="module")
def contrary(tmp_path_factory: pytest.TempPathFactory) -> claims.Known:
    """Evidence under which none of the sentences above is true."""
    data = Data(tmp_path_factory.mktemp("contrary"))
    for change in ("many_against", "searched", "rated_low"):
        if change == "rated_low":
            VARIANTS["rated_very_low"](data)
            data.each("certainty", lambda row: row.update(certainty="low"))
        else:
            VARIANTS[change](data)
    evidence = load(data.folder)
    inclusion = {row["study_id"]: row["inclusion"] for row in evidence.rows("studies")}
    return claims.Known(synthesise(evidence), inclusion)


@pytest.mark.parametrize(
    ("lang", "sentence"), [(lang, sentence) for lang in LANGUAGES for sentence in MADE_FALSE[lang]]
)
def test_a_false_sentence_is_found(contrary: claims.Known, lang: str, sentence: str) -> None:
    assert claims.of_text(sentence, contrary, lang) != []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["answer", "short", "plain"])
def test_a_sentence_about_other_numbers_is_found(contrary: claims.Known, lang: str, part: str) -> None:
    """What is said of the evidence as it is, is untrue of the contrary evidence, and the other way round."""
    now = synthesise(load(ROOT / "data"))
    for question in ("edss-it", "edss-iv", "relapse-free-it"):
        here, there = now.question(question), contrary.results.question(question)
        for ours, theirs in ((here, there), (there, here)):
            assert truth.of_sentence(ours, part, as_read(sentences.say(theirs, lang, part)), lang) != []


def test_each_claim_is_made_somewhere() -> None:
    """No claim is kept for a sentence that is no longer written."""
    written = {
        lang: "\n".join(path.read_text(encoding="utf-8") for path in _sources(lang)) for lang in LANGUAGES
    }
    assert [claim.en for claim in claims.CLAIMS if not re.search(claim.en, written["en"])] == []
    assert [claim.zh for claim in claims.CLAIMS if not re.search(claim.zh, written["zh"])] == []


def _sources(lang: str) -> list[Path]:
    chapters = [ROOT / "index.qmd", *(ROOT / "chapters").glob("*.qmd")]
    return [*chapters, *sentences.TEMPLATES.glob(f"*.{lang}.j2")]


@pytest.mark.parametrize("chapter", WITH_TEXT, ids=lambda chapter: chapter.name)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_passages_begin_and_end_in_order(chapter, lang) -> None:
    calls = [block.text for block in chapter.blocks(lang) if GUARD_LINES.match(block.text)]
    kinds = [re.search(r"say\.(\w+)", call)[1] for call in calls]
    assert re.fullmatch(r"(?:given (?:otherwise )?end )*", "".join(f"{kind} " for kind in kinds))
    inside = [
        b.text
        for b in chapter.blocks(lang)
        if INLINE.search(b.text) and not GUARD_LINES.match(b.text) and GUARD.search(b.text)
    ]
    assert inside == [], "a guard stands on a line of its own"


if __name__ == "__main__":
    import tempfile

    SNAPSHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = {name: Variant(name, Path(folder) / name) for name in VARIANTS}
    READ_WITH.write_text(evidence_digest(), encoding="utf-8")
    unchanged = made.pop("as_it_is")
    for name, changed in made.items():
        (SNAPSHOTS / f"{name}.txt").write_text(changes(changed, unchanged), encoding="utf-8")
