"""The review's own tables, made from its own evidence."""

import re
from dataclasses import replace
from functools import partial
from inspect import Parameter, signature
from pathlib import Path

import pytest

from analysis import figures, tables
from analysis.evidence import load
from analysis.showing.places import sections
from analysis.synthesis import synthesise
from analysis.synthesis.counts import VALUE_TABLES
from analysis.synthesis.results import Absolute
from analysis.synthesis.tables import flags
from analysis.tables import (
    forest_data,
    render,
    risk_of_bias,
    summary_of_findings,
)
from analysis.tables.sources import Place, Sources
from analysis.wording import LANGUAGES, catalogue


def required(make):
    """The parameters that a table cannot be made without."""
    return [name for name, given in signature(make).parameters.items() if given.default is Parameter.empty]


DATA = Path(__file__).resolve().parents[2] / "data"
# The others are made for a question.
WHOLE = [name for name, make in tables.TABLES.items() if len(required(make)) == 1]


@pytest.fixture(scope="module")
def both():
    evidence = load(DATA)
    results = synthesise(evidence)
    return {
        lang: Sources(
            evidence,
            results,
            lang,
            lambda i: f"studies.html#study-{i}",
            places=partial(places, lang),
        )
        for lang in LANGUAGES
    }


def places(lang):
    found = sections(DATA.parent, lang)
    return {anchor: Place(chapter, title, f"{name}#{anchor}") for anchor, chapter, title, name in found}


@pytest.fixture(scope="module")
def made(both):
    return {(name, lang): tables.make(name, sources) for lang, sources in both.items() for name in WHOLE}


@pytest.mark.parametrize("name", WHOLE)
def test_both_languages_have_the_same_table(made, name):
    english, chinese = (made[name, lang] for lang in LANGUAGES)
    assert english.id == chinese.id == name
    assert [column.key for column in english.columns] == [column.key for column in chinese.columns]
    assert len(english.lines) == len(chinese.lines) > 0
    for first, second in zip(english.lines, chinese.lines, strict=True):
        assert first.heading == second.heading
        assert [cell.href for cell in first.cells] == [cell.href for cell in second.cells]
        assert [len(cell.marks) for cell in first.cells] == [len(cell.marks) for cell in second.cells]
    assert english.caption != chinese.caption


@pytest.mark.parametrize("name", WHOLE)
def test_english_in_a_chinese_table_is_marked_as_english(made, name):
    """Whatever is a sentence in English stands in a cell that says so, for readers and for screen readers."""
    for line in made[name, "zh"].lines:
        for cell in line.cells:
            if re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", cell.text) and not re.search("[一-鿿]", cell.text):
                assert cell.lang == "en" or not cell.data or name == "values", cell.text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WHOLE)
def test_every_form_can_be_made(made, name, lang):
    table = made[name, lang]
    for form in (render.html, render.typst, render.csv_text, render.json_text):
        assert form(table)
    registry = "None (Open Label)"
    texts = [cell.text.replace(registry, "") for line in table.lines for cell in line.cells]
    assert not [text for text in texts if re.search(r"\b(nan|None|NaT|True|False)\b", text)]


def test_every_included_study_is_in_the_characteristics(both, made):
    included = [row for row in both["en"].studies.values() if row["inclusion"] == "included"]
    shown = [line.cells[0].value for line in made["characteristics", "en"].lines if not line.heading]
    assert sorted(shown) == sorted(row["study_id"] for row in included)


def test_no_report_vanishes(both, made):
    shown = {
        line.cells[0].value
        for name in ("characteristics", "excluded")
        for line in made[name, "en"].lines
        if not line.heading
    }
    assert shown >= set(both["en"].studies)


def test_every_value_is_listed(both, made):
    listed = {line.cells[8].text for line in made["values", "en"].lines if not line.heading}
    assert listed == {row["value_id"] for row in both["en"].rows("outcomes")}


def test_shares_and_differences_of_earlier_reviews_stay_apart(both, made):
    headings = [line.cells[0].text for line in made["earlier-reviews", "en"].lines if line.heading]
    assert len(headings) == len(set(headings)) > 1
    mixed = [row.review_label for row in both["en"].results.published if row.mixed_with_hsct]
    marked = [
        line.cells[0].text
        for line in made["earlier-reviews", "en"].lines
        if not line.heading and line.cells[0].marks
    ]
    assert sorted(marked) == sorted(mixed) != []


def test_one_axis_of_earlier_reviews(both):
    table = tables.make("earlier-reviews", both["en"], axis="controlled_difference")
    assert table.id == "earlier-reviews-controlled-difference"
    with pytest.raises(KeyError, match="no earlier review"):
        tables.make("earlier-reviews", both["en"], axis="nothing")


def test_an_unknown_table_names_a_near_one(both):
    with pytest.raises(KeyError, match="characteristics"):
        tables.make("characteristic", both["en"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sensitivity_of_one_question(both, lang):
    question = both[lang].results.questions[0]
    table = tables.make("sensitivity", both[lang], question=question.id)
    assert len(table.lines) == 1 + len(question.alternatives)
    assert table.id == f"sensitivity-{question.id}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forest_data_has_a_row_for_each_study(both, lang):
    for question in both[lang].results.questions:
        table = forest_data.table(question, lang, both[lang].study_link)
        assert len(table.lines) == len(question.rows) + (question.pooled is not None)


def cells_of(table, name):
    place = [column.key for column in table.columns].index(name)
    return [line.cells[place] for line in table.lines if not line.heading]


def test_the_summary_of_findings_has_every_question_and_claims_no_certainty(both, made):
    table = made["summary-of-findings", "en"]
    assert {cell.value for cell in cells_of(table, "question")} == {
        q.id for q in both["en"].results.questions
    }
    assert {cell.text for cell in cells_of(table, "certainty")} == {"not assessed"}
    texts = {cell.text for cell in cells_of(table, "without")}
    assert "no comparison group" in texts
    assert any("of 100" in text for text in texts)


def test_a_judged_certainty_comes_with_its_reasons(both):
    sources = both["en"]
    why = {
        "risk_of_bias": "serious",
        "imprecision": "very_serious",
        "reason": "Simulated reason.",
        "reason_zh": "模拟。",
    }
    judged = [{**row, **why} for row in sources.rows("certainty")]
    tables_ = {**sources.evidence.tables, "certainty": judged}
    changed = replace(sources, evidence=replace(sources.evidence, tables=tables_))
    question = replace(sources.results.questions[0], certainty="very_low")
    cell = summary_of_findings.certainty_cell(changed, question)
    assert cell.text == "very low"
    (mark,) = cell.marks
    assert mark == (
        "risk of bias: serious: one level down; imprecision: very serious: two levels down; Simulated reason."
    )
    chinese = summary_of_findings.certainty_cell(replace(changed, lang="zh"), question)
    assert chinese.marks[0].endswith("模拟。")


@pytest.mark.parametrize(
    ("shares", "en", "zh"),
    [
        ((0.53, 0.94, 0.60, 1.0), "41 more (7 more to 47 more)", "多 41（从多 7 到多 47）"),
        ((0.50, 0.40, 0.30, 0.504), "10 fewer (20 fewer to 0)", "少 10（从少 20 到 0）"),
    ],
)
def test_differences_in_a_hundred_people(shares, en, zh):
    absolute = Absolute(*shares)
    found = [summary_of_findings.per_hundred(absolute, lang) for lang in LANGUAGES]
    assert found == [en, zh]


def test_every_statement_on_risk_of_bias_is_listed_and_none_is_judged(both, made):
    table = made["risk-of-bias", "en"]
    ids = {line.id for line in table.lines if not line.heading}
    assert ids == {row["rob_id"] for row in both["en"].rows("risk_of_bias")}
    assert {cell.text for cell in cells_of(table, "judgement")} == {"not assessed"}
    row = {"judgement": "low", "judged_by": "A. Person", "judgement_note": "Simulated."}
    cell = risk_of_bias.judgement_cell(both["en"], row)
    assert (cell.text, cell.marks) == ("low risk", ("Judged by A. Person.", "Simulated."))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("risk-of-bias", ("statement",)),
        ("searches", ("searched", "covers_to", "strategy", "note")),
        ("schedule", ("searched",)),
    ],
)
def test_own_words_are_in_the_page_s_language_and_names_stay(made, name, columns):
    cells = [cell for column in columns for cell in cells_of(made[name, "zh"], column)]
    assert cells
    assert {cell.text for cell in cells if cell.lang} <= {"ClinicalTrials.gov", "EU CTIS"}


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"statement_zh": "双盲", "domain_text_zh": "盲法"}, ("盲法：双盲", "")),
        ({"statement_zh": None, "domain_text_zh": "盲法"}, ("blinding: double-blind", "en")),
        ({"statement_zh": "双盲", "domain_text_zh": None}, ("blinding: double-blind", "en")),
        ({"statement_zh": "双盲", "domain_text": None, "domain_text_zh": None}, ("双盲", "")),
    ],
)
def test_a_statement_without_its_translation_is_shown_as_written(both, row, shown):
    sources = both["zh"]
    changed = {
        **sources.rows("risk_of_bias")[0],
        "statement": "double-blind",
        "domain_text": "blinding",
        **row,
    }
    tables_ = {**sources.evidence.tables, "risk_of_bias": [changed]}
    table = tables.make("risk-of-bias", replace(sources, evidence=replace(sources.evidence, tables=tables_)))
    assert [(cell.text, cell.lang) for cell in cells_of(table, "statement")] == [shown]


@pytest.mark.parametrize("name", ["risk_of_bias", "searches", "studies"])
def test_translations_of_own_words_hold_the_same_numbers(both, name):
    columns = [column for column in both["en"].rows(name)[0] if column.endswith("_zh")]
    known = [name for name in columns if not name.startswith(("note", "inclusion", "covers"))]
    assert known
    for row in both["en"].rows(name):
        for column in known:
            if row[column]:
                found, wanted = (
                    sorted(re.findall(r"\d+(?:\.\d+)?", row[key]))
                    for key in (column, column.removesuffix("_zh"))
                )
                assert found == wanted, row[column]


def test_searches_say_that_none_of_our_own_was_run(both, made):
    assert (
        made["searches", "en"].lines[0].cells[0].text == "This review; no search of its own has been run yet"
    )
    assert len(cells_of(made["searches", "en"], "searched")) == len(both["en"].rows("searches"))
    sources = both["en"]
    first, *others = sources.rows("searches")
    tables_ = {**sources.evidence.tables, "searches": [{**first, "done_for": "this_review"}, *others]}
    changed = tables.make("searches", replace(sources, evidence=replace(sources.evidence, tables=tables_)))
    assert "no search" not in changed.lines[0].cells[0].text


def test_the_flow_has_the_numbers_of_the_figure(both, made):
    drawn = figures.flow(both["en"].evidence, both["en"].results, "en").data
    table = made["flow", "en"]
    shown = dict(
        zip(
            [cell.text for cell in cells_of(table, "box_code")],
            [cell.value or None for cell in cells_of(table, "number")],
            strict=True,
        )
    )
    assert shown == {row["box"]: row["n"] for row in drawn}


def test_the_codebook_has_every_table_and_column(both):
    schema = both["en"].evidence.parsed_schema
    assert [cell.text for cell in cells_of(tables.make("codebook", both["en"]), "name")] == list(
        schema.tables
    )
    for name, entry in schema.tables.items():
        found = tables.make("codebook", both["zh"], of=name)
        assert found.id == f"codebook-{name.replace('_', '-')}"
        assert [cell.text for cell in cells_of(found, "data_column")] == list(entry.names)
    with pytest.raises(KeyError, match="studies"):
        tables.make("codebook", both["en"], of="studie")


def test_checked_values_are_counted_by_table(both, made):
    counts = both["en"].results.counts
    table = made["double-check", "en"]
    total = [cell.value for cell in cells_of(table, "total")]
    checked = [cell.value for cell in cells_of(table, "checked_by_second")]
    assert total == [*(counts[f"values.{name}.total"] for name in VALUE_TABLES), counts["values.total"]]
    assert checked == [*(counts[f"values.{name}.checked"] for name in VALUE_TABLES), counts["values.checked"]]
    parts = [
        [cell.value for cell in cells_of(table, name)] for name in ("primary", "secondary", "unverified")
    ]
    assert [sum(column) for column in zip(*parts, strict=True)] == total


def test_the_validation_shows_every_comparison(both, made):
    found = both["en"].agreements()
    table = made["validation", "en"]
    assert [cell.value for cell in cells_of(table, "ours")] == [one.ours for one in found]
    summed = [cell.value for cell in cells_of(made["validation-summary", "en"], "figures")]
    assert sum(summed) == sum(one.figures for one in found if one.section != "reference_wrong")
    part = tables.make("validation", both["en"], section="mixed")
    assert part.id == "validation-mixed"
    assert len(part.lines) == sum(one.section == "mixed" for one in found)
    with pytest.raises(KeyError, match="mixed"):
        tables.make("validation", both["en"], section="nothing")
    without = replace(both["en"], agreements=lambda: ())
    assert tables.make("validation", without).lines[0].heading
    assert tables.make("validation-summary", without).lines[0].heading


def test_every_code_of_the_evidence_has_its_words(both):
    sources = both["en"]
    used = {
        f"flag.{flag}"
        for name in ("outcomes", "adverse_events")
        for row in sources.rows(name)
        for flag in flags(row)
        if flag
    }
    used |= {f"item.{row['field']}" for row in sources.rows("study_values")}
    used |= {
        f"country.{code}"
        for row in sources.studies.values()
        for code in str(row.get("country_code") or "").split(";")
        if code
    }
    assert used - set(catalogue.keys()) == set()


def test_every_code_of_the_results_has_its_words(both):
    used = set()
    for question in both["en"].results.questions:
        used |= {f"mark.{mark.code}" for row in question.rows for mark in row.marks}
        used |= {f"reason.{row.reason}" for row in question.rows if row.reason}
        used |= {f"alternative.{found.code}" for found in question.alternatives}
        used |= {
            f"certainty.{question.certainty}",
            f"measure.{question.measure}.name",
            f"kind.{question.kind}",
        }
        if question.small_study and question.small_study.reason:
            used.add(f"small_study.{question.small_study.reason}")
        if question.pooled:
            used |= {f"model.{question.pooled.model}", f"interval.{question.pooled.interval}"}
    assert used - set(catalogue.keys()) == set()
