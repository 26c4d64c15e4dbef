"""What chapters call, on a copy of the review."""

import json
import os
import re
import shutil
from pathlib import Path

import pypandoc
import pytest

from analysis import show
from analysis.evidence import EvidenceError
from analysis.figures.canvas import Canvas
from analysis.show import say
from analysis.showing import drawn, pictures, session
from analysis.synthesis.results import Results
from analysis.wording import LANGUAGES

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(REPOSITORY / "data", folder / "data")
    (folder / "chapters").mkdir()
    (folder / "_quarto.yml").write_text("project: {type: book}\n", encoding="utf-8")
    return folder


@pytest.fixture(params=LANGUAGES)
def lang(request, project, monkeypatch):
    """A cell of a chapter in each language."""
    monkeypatch.setenv("QUARTO_PROFILE", request.param)
    monkeypatch.delenv("QUARTO_PROJECT_DIR", raising=False)
    monkeypatch.chdir(project / "chapters")
    return request.param


def document(shown):
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/markdown", "text/plain"}
    return json.loads(pypandoc.convert_text(bundle["text/markdown"], "json", format="markdown"))


def raw(blocks, form):
    return "\n".join(block["c"][1] for block in blocks if block["t"] == "RawBlock" and block["c"][0] == form)


def test_the_citation_stands_in_three_styles_and_two_files(lang, project):
    blocks = document(show.citation())["blocks"]
    page, pdf = raw(blocks, "html"), raw(blocks, "typst")
    assert page.count('class="copyable"') == 3
    assert "GB/T 7714" in page
    assert "GB/T 7714" in pdf
    assert "@misc&#123;msc-ms-" in page
    assert "\x1f" not in page + pdf
    for name in ("citation.bib", "citation.ris"):
        assert f'href="../{name}"' in page
        assert (project / "_build" / lang / name).is_file()


def test_a_forest_plot(lang, project):
    (div,) = document(show.forest("edss-it"))["blocks"]
    (anchor, _, _), blocks = div["c"]
    assert anchor == "fig-edss-it"
    assert [block["t"] for block in blocks] == ["RawBlock", "RawBlock", "Para"]
    page = raw(blocks, "html")
    assert page.index("figure-drawing figure-wide") < page.index("figure-drawing figure-narrow")
    assert page.count("<svg") == 2
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {"fig-edss-it-title", "fig-edss-it-narrow-title"} <= set(ids)
    assert not list((project / "_build" / lang / "figures").glob("*narrow*"))
    assert "studies.html#study-petrou2020" in page
    assert "<table" in page
    for suffix in ("svg", "png", "csv", "json"):
        assert f'href="../figures/fig-edss-it.{suffix}"' in page
        assert (project / "_build" / lang / "figures" / f"fig-edss-it.{suffix}").stat().st_size > 0
    pdf = raw(blocks, "typst")
    assert pdf.startswith(f'#image("/_build/{lang}/figures/fig-edss-it.svg", alt: "')


@pytest.mark.parametrize("name", pictures.OF_THE_REVIEW)
def test_figures_of_the_review(name, lang, project):
    (div,) = document(show.figure(name))["blocks"]
    anchor = div["c"][0][0]
    assert anchor.startswith("fig-")
    assert (project / "_build" / lang / "figures" / f"{anchor}.svg").is_file()


@pytest.mark.parametrize("name", pictures.OF_A_QUESTION)
def test_figures_of_a_question(name, lang):
    (div,) = document(show.figure(name, "edss-improved"))["blocks"]
    assert div["c"][0][0] == f"fig-edss-improved-{name}"


def test_a_figure_that_is_refused_says_why(lang):
    (div,) = document(show.figure("funnel", "edss-it"))["blocks"]
    (anchor, _, _), blocks = div["c"]
    assert anchor == "fig-edss-it-funnel"
    assert "10" in raw(blocks, "html")
    assert "10" in raw(blocks, "typst")
    assert blocks[-1]["t"] == "Para"


def test_a_table(lang, project):
    (div,) = document(show.table("characteristics"))["blocks"]
    (anchor, classes, _), blocks = div["c"]
    assert (anchor, classes) == ("tbl-characteristics", ["landscape"])
    for suffix in ("csv", "xlsx", "json"):
        assert f'href="../tables/characteristics.{suffix}"' in raw(blocks, "html")
        assert (project / "_build" / lang / "tables" / f"characteristics.{suffix}").stat().st_size > 0
    assert raw(blocks, "typst").startswith("#review-table(")
    record = json.loads((project / "_build" / lang / "tables" / "characteristics.json").read_text("utf-8"))
    assert record["lang"] == lang
    text = (project / "_build" / lang / "tables" / "characteristics.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to see that it is UTF-8"


def test_a_table_with_an_option(lang):
    (div,) = document(show.table("values", outcome="gel_people"))["blocks"]
    assert div["c"][0][0] == "tbl-values-gel-people"


def test_sections_of_the_studies(lang):
    blocks = document(show.studies())["blocks"]
    anchors = [block["c"][1][0] for block in blocks if block["t"] == "Header"]
    studies = session.current().sources.studies
    assert sorted(anchors) == sorted(f"study-{study_id}" for study_id in studies)
    page = raw(blocks, "html")
    ids = re.findall(r'<tr id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for name in ("outcomes", "adverse_events", "estimates", "study_values"):
        wanted = {row["value_id"] for row in session.current().sources.rows(name)}
        assert wanted <= set(ids), name


def test_the_codebook_has_a_section_for_each_data_table(lang):
    blocks = document(show.codebook())["blocks"]
    schema = session.current().evidence.parsed_schema
    headers = [block["c"][1][0] for block in blocks if block["t"] == "Header"]
    assert headers == [f"codebook-{name}" for name in schema.tables]
    assert raw(blocks, "html").count("<table") == raw(blocks, "typst").count("#review-table(") == len(headers)
    links = re.findall(r'href="#(codebook-[^"]+)"', str(show.table("codebook")))
    assert sorted(links) == sorted(headers)


def test_sections_of_some_studies(lang):
    text = str(show.studies(stream="controlled", inclusion="included"))
    assert "{#study-petrou2020}" in text
    assert "{#study-bonab2007}" not in text


def test_every_link_within_the_site_has_its_target(lang):
    anchors = set(re.findall(r'(?:id="|\{#)([\w.-]+)', str(show.studies())))
    for name in ("adverse-events", "values", "excluded", "assumptions", "ongoing"):
        for target in re.findall(r'href="studies\.html#([^"]+)"', str(show.table(name))):
            assert target in anchors, (name, target)


def test_a_declaration_is_said_once_it_is_made(lang, tmp_path, monkeypatch):
    assert say.declared("funding") == {"en": "**To be completed.**", "zh": "**待补充。**"}[lang]
    shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    protocol = tmp_path / "data" / "review.yml"
    text = protocol.read_text(encoding="utf-8")
    declared = "declarations: {funding: {en: No *one* paid., zh: 无资助。}}"
    protocol.write_text(text.replace("declarations: {}", declared), encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text("project: {type: book}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert say.declared("funding") == {"en": r"No \*one\* paid.", "zh": "无资助。"}[lang]


def test_sentences_and_numbers(lang):
    assert say("edss-it") == say("edss-it", "answer")
    assert say("edss-it")._repr_markdown_() == str(say("edss-it"))
    estimate = say.n("edss-it.estimate")
    assert estimate in say.ci("edss-it")
    assert estimate in say("edss-it")
    assert say.n("edss-improved.subgroups.IT.k").isdigit()
    assert say.n("edss-it.rows.petrou2020.estimate") == estimate
    assert say.count("studies.included").isdigit()
    assert say.count("studies.included", "study") != say.count("studies.included")
    assert say.date("review.search.last") == say.date("search.last")
    assert say.value("yamout2010-o01") == "5/7"
    assert say.value("fernandez2018-a01") == "1/19"
    assert "0.58 {} 1.50".format({"en": "to", "zh": "至"}[lang]) in say.value("uccelli2021-e01")
    assert say.review("version") == session.current().results.review["version"]
    assert say.review("status") == {"en": "living", "zh": "持续更新"}[lang]
    assert say.published("vaheb2024-r01").startswith("−0.28")
    assert say.text("column.study") == {"en": "Study", "zh": "研究"}[lang]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: say("edss-iit"), "edss-it"),
        (lambda: say.n("edss-it.nothing"), "no number 'nothing'"),
        (lambda: say.n("edss-it.kind"), "no number 'kind'"),
        (lambda: say.ci("edss-improved.subgroups.ICV"), "no subgroup"),
        (lambda: say.ci("edss-improved.somewhere.IT"), "subgroups"),
        (lambda: say.count("studies.inclded"), "studies.included"),
        (lambda: say.date("search.lst"), "last"),
        (lambda: say.published("vaheb2024-r02"), "printed no number"),
        (lambda: say.value("yamout2010-o99"), "yamout2010"),
        (lambda: say.review("versoin"), "version"),
        (lambda: say.declared("founding"), "funding"),
        (lambda: show.figure("safty"), "safety"),
        (lambda: show.figure("funnel"), "of the whole review"),
        (lambda: show.figure("safety", "edss-it"), "of the question 'edss-it'"),
        (lambda: show.table("caracteristics"), "characteristics"),
        (lambda: show.forest("nothing"), "there are: edss-it"),
    ],
)
def test_a_wrong_name_is_an_error_that_helps(call, message, lang):
    with pytest.raises(KeyError, match=message):
        call()


def test_the_front_page_links_from_the_top(project, monkeypatch):
    monkeypatch.delenv("QUARTO_PROFILE", raising=False)
    monkeypatch.chdir(project)
    text = str(show.forest("edss-it"))
    assert 'href="figures/fig-edss-it.svg"' in text
    assert "chapters/studies.html#study-petrou2020" in text
    assert session.current().lang == "en", "English where nothing is set"


def test_another_language_is_an_error(project, monkeypatch):
    monkeypatch.setenv("QUARTO_PROFILE", "fr")
    monkeypatch.chdir(project)
    with pytest.raises(ValueError, match="'fr' is unknown"):
        say("edss-it")


def test_outside_a_project_is_an_error(tmp_path, monkeypatch):
    monkeypatch.delenv("QUARTO_PROJECT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"_quarto\.yml"):
        session.find_project(Path.cwd())
    monkeypatch.setenv("QUARTO_PROJECT_DIR", str(REPOSITORY))
    assert session.find_project(Path.cwd()) == REPOSITORY


def test_results_are_kept_and_made_anew_when_the_evidence_changes(lang, project):
    record = project / "_build" / "results.json"
    before = session.current().results
    assert Results.read(record).counts == before.counts
    assert session.current().results is before, "one reading per process"
    assert (project / "_build" / lang / "results.json").read_text("utf-8") == before.to_json()
    path = project / "data" / "outcomes.csv"
    original = path.read_bytes()
    header, *rows = original.decode("utf-8").splitlines(keepends=True)
    place = header.rstrip().split(",").index("events")
    index = next(i for i, row in enumerate(rows) if row.startswith("yamout2010-o01,"))
    cells = rows[index].split(",")
    assert cells[place] == "5"
    rows[index] = ",".join([*cells[:place], "4", *cells[place + 1 :]])
    try:
        path.write_text("".join([header, *rows]), encoding="utf-8", newline="")
        after = session.current().results
        assert (
            after.question("edss-improved").pooled.estimate < before.question("edss-improved").pooled.estimate
        )
        assert Results.read(record).inputs == after.inputs != before.inputs
    finally:
        path.write_bytes(original)


def test_kept_results_of_other_evidence_or_code_are_not_taken(lang, project, monkeypatch):
    current = session.current()
    monkeypatch.setattr(session, "synthesise", lambda *_: pytest.fail("kept, not made"))
    kept = session.results_of(current.evidence, current.store, session.digest(project / "data"))
    assert kept.to_json() == current.results.to_json()

    class Made(Exception):
        """Computed anew."""

    def make(*_):
        raise Made

    monkeypatch.setattr(session, "synthesise", make)
    with pytest.raises(Made):
        session.results_of(current.evidence, current.store, "another digest")
    monkeypatch.setattr(session, "code_of", lambda *names: "other code")
    with pytest.raises(Made):
        session.results_of(current.evidence, current.store, session.digest(project / "data"))


def test_the_comparison_with_the_reference_is_kept(lang, project, monkeypatch):
    show.table("validation-summary")
    before = session.agreements_of(project)
    assert before
    session.agreements_of.cache_clear()
    monkeypatch.setattr(session, "agreements", lambda folder: pytest.fail("kept, not made"))
    assert session.agreements_of(project) == before
    monkeypatch.setattr(session, "code_of", lambda *names: "other code")
    session.agreements_of.cache_clear()
    monkeypatch.setattr(session, "agreements", lambda folder: before[:1])
    assert session.agreements_of(project) == before[:1]
    session.agreements_of.cache_clear()
    monkeypatch.setattr(session, "FIXTURES", project / "nothing")
    assert session.agreements_of(project) == ()
    session.agreements_of.cache_clear()


def test_a_picture_is_drawn_once_for_what_goes_into_it(lang, project, monkeypatch):
    first = show.forest("edss-it")
    draw = Canvas.draw
    monkeypatch.setattr(Canvas, "draw", lambda canvas: pytest.fail("kept, not drawn"))
    assert str(show.forest("edss-it")) == str(first)
    sheets = []
    monkeypatch.setattr(Canvas, "draw", lambda canvas: sheets.append(canvas) or draw(canvas))
    pens = drawn.pens()
    with monkeypatch.context() as other:
        other.setattr(drawn, "pens", lambda: pens + "another font")
        assert str(show.forest("edss-it")) == str(first)
    assert sheets
    sheets.clear()
    monkeypatch.setenv("REVIEW_CACHE", "off")
    assert str(show.forest("edss-it")) == str(first)
    assert sheets


def test_the_record_is_offered_again_when_the_build_folder_was_emptied(lang, project):
    shutil.rmtree(project / "_build")
    say("edss-it")
    assert (project / "_build" / lang / "results.json").is_file()


def test_broken_evidence_stops_everything(tmp_path, monkeypatch):
    shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "data" / "outcomes.csv").write_text("value_id\nx\n", encoding="utf-8")
    monkeypatch.delenv("QUARTO_PROJECT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EvidenceError):
        say("edss-it")
    assert not os.path.exists(tmp_path / "_build")
