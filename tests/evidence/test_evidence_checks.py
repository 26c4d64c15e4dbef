"""Each check finds what it is for, where it stands, and says what was expected."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from analysis.evidence import check, errors
from analysis.evidence.findings import Finding
from analysis.evidence.messages import MESSAGES

SOURCES = Path(__file__).parents[2] / "analysis" / "evidence"

# The five mistakes that must stop a build (a missing n, a text in a number column, an unknown study,
# more events than people, a broken date), then every other check.
MISTAKES = [
    ("outcomes", "bonab2012-o03", "n", "", "n_missing"),
    ("outcomes", "bonab2012-o03", "n", "twenty-two", "not_integer"),
    ("outcomes", "bonab2012-o03", "study_id", "bonab2021", "unknown_reference"),
    ("outcomes", "bonab2012-o03", "events", "23", "events_exceed_n"),
    ("searches", "registry-ctis-2025-09-24", "searched_on", "2025-02-30", "not_date"),
    ("studies", "bonab2012", "route", "oral", "not_in_list"),
    ("outcomes", "petrou2020-o04", "flags", "pooled_cycles;whatever", "not_in_list"),
    ("studies", "bonab2012", "label", "", "required"),
    ("studies", "bonab2012", "year", "1066", "out_of_range"),
    ("studies", "bonab2012", "doi", "doi:10.1/x", "bad_pattern"),
    ("outcomes", "bonab2012-o01", "sd", "0,6", "not_number"),
    ("outcomes", "bonab2012-o01", "sd", "０.６", "not_number"),
    ("studies", "bonab2012", "baseline_edss_mean", "1e300", "not_number"),
    ("trials", "NCT00395200", "results_posted", "maybe", "not_boolean"),
    ("outcomes", "bonab2012-o02", "value_id", "bonab2012-o01", "key_twice"),
    ("outcomes", "bonab2012-o03", "arm_id", "placebo", "unknown_reference"),
    ("studies", "harris2021", "overlaps_with", "harris2018;harris2000", "unknown_reference"),
    ("studies", "harris2021", "secondary_fields", "year;colour", "unknown_column_named"),
    ("certainty", "sae", "question_id", "colour", "unknown_reference"),
    ("reporting", "prisma-3", "item", "prisma-99", "unknown_item"),
    ("reporting", "prisma-18", "status", "not_applicable", "status_is_computed"),
    ("reporting", "prisma-8", "note_zh", "", "one_language"),
    ("reporting", "prisma-3", "note_zh", "无。", "one_language"),
    ("reporting", "prisma-3", "sections", "Methods", "bad_pattern"),
    ("outcomes", "bonab2012-o03", "events", "", "number_missing"),
    ("outcomes", "bonab2012-o02", "mean", "", "number_missing"),
    ("outcomes", "bonab2012-o02", "sd", "0", "sd_not_positive"),
    ("studies", "bonab2012", "age_sd", "0", "sd_not_positive"),
    ("outcomes", "llufriu2014-o01", "ci_high", "1.0", "ci_order"),
    ("outcomes", "llufriu2014-o01", "mean", "9.1", "ci_excludes_estimate"),
    ("estimates", "uccelli2021-e01", "estimate", "1.94", "ci_excludes_estimate"),
    ("review_results", "vaheb2024-r01", "estimate", "0.28", "ci_excludes_estimate"),
    ("outcomes", "petrou2020-o04", "median", "1", "quartile_order"),
    ("outcomes", "petrou2020-o32", "percent", "83.8", "percent_differs"),
    ("outcomes", "cohen2018-o02", "percent", "26", "percent_differs"),
    ("adverse_events", "karussis2010-a01", "n_people", "35", "events_exceed_n"),
    ("adverse_events", "karussis2010-a01", "n_events", "20", "events_below_people"),
    ("adverse_events", "shokati2025-a01", "n_at_risk", "", "at_risk_missing"),
    ("adverse_events", "yamout2010-a01", "quote", "", "zero_without_words"),
    ("outcomes", "stepien2016-o01", "quote", "", "zero_without_words"),
    ("adverse_events", "yamout2010-a01", "definition", "", "definition_missing"),
    ("adverse_events", "shokati2025-a01", "n_at_risk", "50", "n_exceeds_study"),
    ("outcomes", "bonab2012-o03", "n", "220", "n_exceeds_study"),
    ("outcomes", "llufriu2014-o09", "n", "9", "n_exceeds_arm"),
    ("outcomes", "bonab2012-o04", "events", "14", "shares_exceed_n"),
    ("outcomes", "bonab2012-o04", "events", "11", "shares_below_n"),
    ("outcomes", "bonab2012-o02", "sd", "0.08", "se_for_sd"),
    ("individual_edss", "bonab2007-i01", "edss_change", "2.5", "change_differs"),
    ("arms", "harris2024 saline", "n_randomised", "28", "arms_exceed_study"),
    ("arms", "harris2024 saline", "n_randomised", "26", "arms_below_study"),
    ("studies", "uccelli2021", "n_spms", "53", "parts_exceed_whole"),
    ("studies", "bonab2012", "n_analysed", "26", "parts_exceed_whole"),
    ("study_values", "bonab2012-v05", "value", "52", "study_value_differs"),
    ("studies", "harris2021", "inclusion", "included", "cohort_twice"),
    ("studies", "odinak2012", "doi", "10.1016/S1474-4422(11)70305-2", "doi_twice"),
    ("studies", "odinak2012", "registration", "NCT00395200", "registration_twice"),
    ("flow", "screened", "n", "3948", "flow_number"),
    ("flow", "previous_studies", "n", "", "flow_number"),
    ("risk_of_bias", "llufriu2014-b01", "judgement", "low", "judged_by_nobody"),
    ("certainty", "sae", "imprecision", "serious", "judged_by_nobody"),
    ("trials", "NCT00395200", "completion", "2007-12", "dates_out_of_order"),
    ("trials", "NCT03355365", "results_first_posted", "2011-06-11", "dates_out_of_order"),
]


def new_findings(before: list[Finding], after: list[Finding]) -> list[Finding]:
    return [found for found in after if found not in before]


@pytest.fixture(scope="module")
def before(data_dir: Path) -> list[Finding]:
    return check(data_dir)


@pytest.mark.parametrize(("table", "key", "column", "text", "code"), MISTAKES)
def test_a_mistake_is_found_where_it_stands(
    copy: Path, edit, row_number, before: list[Finding], table, key, column, text, code
) -> None:
    edit(table, key, {column: text})
    found = [one for one in new_findings(before, check(copy)) if one.code == code]
    assert found
    places = {(one.file, one.row) for one in found}
    if code.startswith("arms_"):
        place = ("studies.csv", row_number("studies", key.split()[0]))
    elif code.startswith("shares_"):
        place = ("outcomes.csv", row_number("outcomes", "bonab2012-o05"))
    else:
        place = (f"{table}.csv", row_number(table, key))
    assert place in places
    for one in found:
        assert one.expected["en"]
        assert one.expected["zh"]
        assert one.message["en"] != one.message["zh"]
        assert one.severity == MESSAGES[code].severity


def test_a_change_that_breaks_no_rule_is_not_found(copy: Path, edit, before: list[Finding]) -> None:
    edit("studies", "petrou2022_csf", {"doi": "10.1136/x"})
    assert check(copy) == before


def test_the_five_mistakes_of_a_day_are_all_told_at_once(copy: Path, edit) -> None:
    edit("outcomes", "bonab2012-o03", {"n": ""})
    edit("outcomes", "bonab2012-o04", {"study_id": "bonab2021"})
    edit("outcomes", "bonab2012-o05", {"events": "23"})
    edit("outcomes", "bonab2012-o07", {"n": "many"})
    edit("searches", "registry-ctis-2025-09-24", {"searched_on": "2025-02-30"})
    codes = {found.code for found in errors(check(copy))}
    assert {"n_missing", "not_integer", "unknown_reference", "events_exceed_n", "not_date"} <= codes


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("{}", None),
        ("{funding: {en: None., zh: 无。}}", None),
        ("{funding: {en: None.}}", "one_language"),
        ("{funding: None.}", "one_language"),
        ("{sponsor: {en: None., zh: 无。}}", "unknown_declaration"),
        ("[funding]", "not_declarations"),
    ],
)
def test_declarations(copy: Path, declared: str, code: str | None) -> None:
    path = copy / "review.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("declarations: {}", f"declarations: {declared}"), encoding="utf-8")
    found = errors(check(copy))
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.file == "review.yml" and one.expected["zh"] for one in found)


def test_a_refused_study_does_not_make_its_rows_orphans(copy: Path, edit) -> None:
    edit("studies", "bonab2012", {"year": "two thousand"})
    assert {found.code for found in errors(check(copy))} == {"not_integer"}


def test_a_change_that_does_not_follow_is_found(copy: Path, edit) -> None:
    edit("outcomes", "bonab2012-o03", {"outcome": "edss", "statistic": "mean_change", "mean": "0.9"})
    found = [one for one in check(copy) if one.code == "change_differs"]
    assert [one.row for one in found]
    assert "6.3" in found[0].message["en"]


def test_an_included_study_needs_an_arm(copy: Path) -> None:
    path = copy / "arms.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("nabavi2023,")), encoding="utf-8")
    assert "included_without_arm" not in {found.code for found in check(copy)}
    path.write_text("".join(line for line in lines if not line.startswith("li2014,")), encoding="utf-8")
    assert "included_without_arm" in {found.code for found in check(copy)}


def test_an_overlap_with_nothing_is_found(copy: Path, edit) -> None:
    edit("studies", "mohajeri2011", {"overlaps_with": ""})
    assert "overlap_with_nothing" in {found.code for found in errors(check(copy))}


def test_a_study_that_cannot_be_cited_is_a_warning(copy: Path) -> None:
    path = copy / "references.bib"
    text = path.read_text(encoding="utf-8").replace("{yamout2010,", "{yamout,")
    path.write_text(text, encoding="utf-8")
    assert [(found.code, found.value) for found in check(copy) if found.code == "no_reference"] == [
        ("no_reference", "yamout2010")
    ]


def test_the_protocol_may_not_name_what_is_not_there(copy: Path) -> None:
    path = copy / "review.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("study: petrou2020", "study: petrou2002"), encoding="utf-8")
    found = [one for one in errors(check(copy)) if one.code == "unknown_in_protocol"]
    assert {one.value for one in found} == {"petrou2002"}


def test_a_unique_column_holds_no_value_twice(copy: Path) -> None:
    path = copy / "glossary.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    assert [found.row for found in errors(check(copy))] == [len(lines) + 1]


def test_every_message_is_used_and_has_the_same_placeholders_in_both_languages() -> None:
    used = {
        node.value
        for path in SOURCES.rglob("*.py")
        if path.name != "messages.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for code, wording in MESSAGES.items():
        assert code in used, f"{code} is never said"
        for text in (wording.message, wording.expected):
            assert set(text) == {"en", "zh"}
            assert placeholders(text["en"]) == placeholders(text["zh"]), code


def placeholders(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}
