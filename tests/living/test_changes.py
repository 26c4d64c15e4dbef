"""What changed between two states, down to the cell, and the sentences about it."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from dataclasses import replace

import pytest

from analysis.evidence import load
from analysis.evidence.importing import plan_import, write_import
from analysis.living.answers import QuestionChange, reversals
from analysis.living.archive import Archive, open_archive
from analysis.living.changes import diff
from analysis.living.cli import diff_main
from analysis.living.errors import LivingError
from analysis.living.feed import feed
from analysis.living.releasing import release, seed_version
from analysis.living.report import headline, markdown, question_texts, summary
from analysis.living.snapshots import Snapshot, of_folder, of_version, open_snapshot
from analysis.living.status import status
from analysis.living.versions import read_versions
from analysis.synthesis import synthesise
from analysis.synthesis.results import LeftOut, Synthesis
from tests.living.conftest import ROOT, Project, workbook

DAY = datetime.date(2026, 2, 3)
HAN = re.compile(r"[\u4e00-\u9fff]")


def archive_of(project: Project) -> Archive:
    evidence = load(project.data)
    return open_archive(evidence, synthesise(evidence), project.data)


@pytest.fixture(scope="module")
def present() -> Snapshot:
    return of_folder(ROOT / "data")


def other(snapshot: Snapshot, table: str, key: str, **cells: str) -> Snapshot:
    """The same state with some cells written otherwise; its results are left as they are."""
    text = snapshot.tables[table]
    rows = {**text.rows, (key,): {**text.rows[(key,)], **cells}}
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[(key,)]))
    writer.writeheader()
    writer.writerows(rows.values())
    return replace(snapshot, tables={**snapshot.tables, table: replace(text, text=written.getvalue())})


def test_a_state_equals_itself(present: Snapshot) -> None:
    changes = diff(present, present)
    assert changes.nothing
    assert (changes.cells, changes.rows, changes.moved(), changes.protocol) == ((), (), (), ())
    assert summary(changes, "en") == "Nothing changes."


@pytest.mark.parametrize(
    ("column", "text", "is_value", "level"),
    [
        ("n_enrolled", "4711", True, "minor"),
        ("dose", "another dose (simulated)", True, "minor"),
        ("note", "another note (simulated)", False, "patch"),
        ("quote", "another quote (simulated)", False, "patch"),
        ("checked_by", "Simulated Reader", False, "patch"),
        ("inclusion_note_zh", "模拟", False, "patch"),
    ],
)
def test_a_value_makes_a_minor_and_its_source_a_patch(
    present: Snapshot, column: str, text: str, is_value: bool, level: str
) -> None:
    changes = diff(present, other(present, "studies", "petrou2020", **{column: text}))
    (cell,) = changes.cells
    assert (cell.table, cell.key, cell.study, cell.column) == ("studies", "petrou2020", "Petrou 2020", column)
    assert (cell.after, cell.is_value, changes.level) == (text, is_value, level)


def test_the_same_number_in_another_spelling_is_no_other_value(present: Snapshot) -> None:
    before = other(present, "studies", "petrou2020", age_mean="47.50")
    changes = diff(before, other(present, "studies", "petrou2020", age_mean="47.5"))
    assert [cell.is_value for cell in changes.cells] == [False]
    assert changes.level == "patch"


def test_a_search_of_another_year_makes_a_new_year(present: Snapshot) -> None:
    review = {**present.results.review, "search": {**present.results.review["search"], "last": "2026-01"}}
    assert diff(present, replace(present, results=replace(present.results, review=review))).level == "year"


def test_a_changed_method_a_question_and_a_text_are_told_apart(present: Snapshot) -> None:
    questions = [dict(question) for question in present.protocol["questions"]]
    questions[0] = {**questions[0], "timepoint": 12, "title": {**questions[0]["title"], "en": "Simulated"}}
    protocol = {**present.protocol, "questions": questions, "version": "2000.0.0"}
    protocol["synthesis"] = {**protocol["synthesis"], "tau2": "DL"}
    changes = diff(present, replace(present, protocol=protocol))
    found = {change.path: (change.about, change.before, change.after) for change in changes.protocol}
    first = questions[0]["id"]
    assert found[f"questions.{first}.timepoint"] == ("question", "6", "12")
    assert found[f"questions.{first}.title.en"][0] == "text"
    assert found["synthesis.tau2"] == ("method", '"REML"', '"DL"')
    assert len(found) == 3
    assert changes.level == "minor"


def moved(synthesis: Synthesis, low: float, high: float, **other: object) -> Synthesis:
    row = replace(synthesis.used[0], status="single", estimate=(low + high) / 2, ci_low=low, ci_high=high)
    return replace(synthesis, pooled=None, rows=(row,), k=1, **other)


def step(present: Snapshot, before: tuple[float, float], after: tuple[float, float]) -> QuestionChange:
    """The answer to a question with one interval, and then with another."""
    question = present.results.question("edss-it")
    states = [
        replace(present, results=replace(present.results, questions=(moved(question, *limits),)))
        for limits in (before, after)
    ]
    (change,) = diff(*states).questions
    return change


@pytest.mark.parametrize(
    ("before", "after", "meaning"),
    [
        ((-0.9, -0.1), (-0.9, -0.2), "the numbers moved, no threshold was crossed"),
        ((-0.9, -0.1), (0.1, 0.9), "the estimate moved to the other side of no effect"),
        ((-0.9, 0.1), (-0.9, -0.1), "no effect: "),
        ((-0.9, 0.1), (-0.9, 0.1), "the same"),
    ],
)
def test_a_result_that_moved_is_said_to_have_moved(
    present: Snapshot, before: tuple[float, float], after: tuple[float, float], meaning: str
) -> None:
    change = step(present, before, after)
    assert question_texts(change, "en")[-1].startswith(meaning)
    assert HAN.search(question_texts(change, "zh")[-1])
    assert question_texts(replace(change, null_value=None, crossings=()), "en")[-1] in (
        "the numbers moved",
        "the same",
    )


@pytest.mark.parametrize(
    ("before", "after", "crossed"),
    [
        ((-0.9, -0.1), (-0.4, 0.1), {"null": ("excludes", "includes"), "mid": ("important", "trivial")}),
        ((-0.9, -0.1), (-0.9, -0.2), {}),
        ((-0.9, -0.1), (-0.9, -0.6), {"mid": ("important", "beyond")}),
        ((-0.9, 0.1), (-0.9, -0.1), {"null": ("includes", "excludes"), "mid": ("open", "important")}),
    ],
)
def test_crossed_thresholds(present: Snapshot, before, after, crossed) -> None:
    change = step(present, before, after)
    assert change.kind == "moved"
    assert {c.threshold: (c.before, c.after) for c in change.crossings} == crossed


def test_a_judged_certainty_is_a_crossing(present: Snapshot) -> None:
    question = present.results.question("edss-it")
    results = replace(present.results, questions=(replace(question, certainty="very_low"),))
    (change,) = [c for c in diff(present, replace(present, results=results)).questions if c.id == "edss-it"]
    assert [(c.threshold, c.before, c.after) for c in change.crossings] == [
        ("certainty", "not_assessed", "very_low")
    ]


def test_a_judged_certainty_alone_moves_no_number(present: Snapshot) -> None:
    share = present.results.question("edss-improved")
    results = replace(present.results, questions=(replace(share, certainty="very_low"),))
    (change,) = [c for c in diff(present, replace(present, results=results)).questions if c.id == share.id]
    assert change.kind == "moved"
    assert question_texts(change, "en")[-1].startswith("certainty: ")
    assert question_texts(change, "zh")[-1].startswith("证据质量：")


def test_single_studies_that_would_reverse_an_answer(present: Snapshot) -> None:
    question = present.results.question("edss-before-after")
    assert question.pooled is not None
    pooled = replace(question.pooled, estimate=-0.3, ci_low=-0.5, ci_high=-0.1)
    left_out = (
        LeftOut("alpha", "Alpha (simulated)", -0.2, -0.3, -0.1, None, None),
        LeftOut("beta", "Beta (simulated)", -0.2, -0.5, 0.1, None, None),
        LeftOut("gamma", "Gamma (simulated)", 0.1, -0.1, 0.3, None, None),
    )
    found = {r.study_id: r.what for r in reversals(replace(question, pooled=pooled, leave_one_out=left_out))}
    assert found == {"beta": ("null",), "gamma": ("direction", "null")}


def test_shares_have_nothing_to_reverse(present: Snapshot) -> None:
    assert list(reversals(present.results.question("edss-improved"))) == []


def test_library_noise_moves_nothing(present: Snapshot) -> None:
    question = present.results.question("edss-improved")
    assert question.pooled is not None
    noisy = replace(
        question, pooled=replace(question.pooled, estimate=question.pooled.estimate * (1 + 1e-14))
    )
    one = replace(present, results=replace(present.results, questions=(question,)))
    two = replace(present, results=replace(present.results, questions=(noisy,)))
    assert diff(one, two).questions[0].kind == "same"


def test_the_seed_s_printed_result_stands_before_the_first_own_one(project: Project) -> None:
    seed = of_version(seed_version(project.data))
    changes = diff(seed, of_folder(project.data))
    found = {change.id: change for change in changes.questions}
    printed = {row["result_id"]: row for row in project.read("review_results")}
    before = found["edss-it"].before
    assert before is not None
    assert (before.estimate, before.k) == (float(printed["vaheb2024-r01"]["estimate"]), None)
    assert found["edss-iv"].before is not None
    assert found["edss-iv"].before.estimate is None
    assert found["edss-improved"].kind == "added"
    assert changes.cells == ()
    assert "no number printed by Vaheb 2024" in markdown(changes, "en")


def test_others_text_is_no_markup(present: Snapshot) -> None:
    evil = "@everyone <script>x</script> | `code` [x](http://example.org) ![i](http://example.org/i.png)"
    changes = diff(
        present, other(present, "studies", "petrou2020", note=evil, label=evil, inclusion="awaiting")
    )
    for lang in ("en", "zh"):
        for line in markdown(changes, lang).splitlines():
            outside = re.sub(r"`[^`]*`", "", line)
            assert not re.search(r"@everyone|<script|(?<!\\)\[x\]|!\[", outside), line


def test_the_story_of_a_review(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    taken = project.take_out("harris2024")
    seed_version(project.data)
    release(project.data, DAY)

    plan = plan_import(workbook(taken, project.folder / "harris.xlsx"), project.data)
    assert [found for found in plan.findings if found.severity == "error"] == []
    write_import(plan, project.data)
    assert diff_main(["2024.1.0", "--data", str(project.data), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [(study["study_id"], study["kind"]) for study in record["studies"]] == [("harris2024", "added")]
    assert {row["table"] for row in record["rows"]} == set(taken)
    assert sum(len(rows) for rows in taken.values()) == len(record["rows"])

    stored, changes = release(project.data, DAY)
    assert (stored.meta.version, stored.meta.trigger) == ("2024.2.0", "new_study")
    assert changes is not None
    for lang in ("en", "zh"):
        text = markdown(changes, lang)
        assert "Harris 2024" in text
        assert bool(HAN.search(text)) == (lang == "zh")
        assert stored.meta.reason[lang].endswith(summary(changes, lang))
        assert stored.meta.reason[lang].startswith(headline(changes, lang))
        assert "Harris 2024" in headline(changes, lang)

    project.change("studies", "harris2024", {"note": "a note (simulated)"})
    stored, changes = release(project.data, DAY)
    assert (stored.meta.version, stored.meta.level) == ("2024.2.1", "patch")
    assert changes is not None
    assert all(change.kind == "same" for change in changes.questions)

    project.change("outcomes", "petrou2021-o06", {"events": "1"})
    stored, changes = release(project.data, DAY)
    assert (stored.meta.version, stored.meta.trigger) == ("2024.3.0", "correction")
    assert changes is not None
    (change,) = [question for question in changes.questions if question.id == "edss-worsened"]
    assert change.kind == "moved"
    assert change.before is not None
    assert change.after is not None
    assert change.before.estimate > change.after.estimate

    versions = [version.meta.version for version in read_versions(project.data)]
    assert versions == ["2024.0.0", "2024.1.0", "2024.2.0", "2024.2.1", "2024.3.0"]
    feeds = {lang: feed(Archive(read_versions(project.data)), lang) for lang in ("en", "zh")}
    assert all(text.count("<entry>") == 4 for text in feeds.values())
    assert "2024.3.0" in feeds["zh"]

    project.replace("data/review.yml", "status: living ", "status: retired ")
    stored, changes = release(project.data, DAY)
    assert (stored.meta.version, stored.meta.trigger, stored.meta.status) == ("2024.3.1", "status", "retired")
    assert [change.path for change in changes.protocol] == ["status"]
    for lang in ("en", "zh"):
        assert status(stored.results.review, lang)["banner_kind"] == "retired"
    citation = (project.folder / "CITATION.cff").read_text(encoding="utf-8")
    assert "version: 2024.3.1" in citation

    archive = archive_of(project)
    steps = [archive.between(place, place + 1) for place in range(5)]
    assert [step.new for step in steps] == ["2024.1.0", "2024.2.0", "2024.2.1", "2024.3.0", "2024.3.1"]
    assert archive.pending is None
    assert archive.latest == steps[-1]
    between = diff(open_snapshot("2024.1.0", project.data), open_snapshot("2024.3.0", project.data))
    assert {cell.key for cell in between.cells} == {"petrou2021-o06"}


def test_what_is_not_released_yet_is_the_newest_step(project: Project) -> None:
    assert archive_of(project).latest is None
    release(project.data, DAY)
    assert archive_of(project).latest is None
    project.change("studies", "petrou2020", {"note": "a note (simulated)"})
    step = archive_of(project).latest
    assert step is not None
    assert step == archive_of(project).pending
    assert step.new_date is None
    assert [cell.column for cell in step.cells] == ["note"]


def test_a_seed_result_that_is_not_there_is_an_error(project: Project) -> None:
    project.replace("data/review.yml", "edss-it: vaheb2024-r01", "edss-it: vaheb2024-r99")
    with pytest.raises(LivingError, match="vaheb2024-r99"):
        diff(of_version(seed_version(project.data)), of_folder(project.data))


def test_an_unknown_version_is_named_in_both_languages(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert diff_main(["1999.0.0", "--data", str(project.data)]) == 1
    error = capsys.readouterr().err
    assert "1999.0.0" in error
    assert HAN.search(error)
