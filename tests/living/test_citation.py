"""How a version is cited: in each style, and what is left out when it is not known."""

from __future__ import annotations

from pathlib import Path

import pypandoc
import pytest
import yaml

from analysis.living.citation import Author, Citation, citation

REVIEW = {
    "id": "sim",
    "version": "2031.2.0",
    "title": {"en": "A simulated review: 50% & more", "zh": "模拟评价"},
}
NAMED = {
    "version": "2031.2.0",
    "date-released": "2031-04-05",
    "doi": "10.1/sim",
    "authors": [
        {"family-names": "Example", "given-names": "Ann Bea"},
        {"family-names": "张", "given-names": "三"},
        {"name": "The Simulated Group"},
    ],
}
SITE = "https://example.org/r"
MAINTAINERS = {
    "en": "The maintainers of this review (names to be completed)",
    "zh": "本评价维护者（姓名待补充）",
}


def of(folder: Path, lang: str, known: dict[str, object] | None, site: str = SITE) -> Citation:
    if known is not None:
        (folder / "CITATION.cff").write_text(yaml.safe_dump(known, allow_unicode=True), encoding="utf-8")
    return citation(folder, REVIEW, lang, site)


def test_a_named_and_released_version(tmp_path: Path) -> None:
    english, chinese = (of(tmp_path, lang, NAMED) for lang in ("en", "zh"))
    assert english.vancouver("2031 May 6") == (
        "Example AB, 张三, The Simulated Group. A simulated review: 50% & more [Internet]. Version 2031.2.0. "
        "2031 Apr 5 [cited 2031 May 6]. Available from: https://example.org/r/en/. doi: 10.1/sim"
    )
    assert chinese.gbt7714("2031-05-06") == (
        "EXAMPLE AB, 张三, The Simulated Group. 模拟评价[EB/OL]. 版本 2031.2.0. (2031-04-05)[2031-05-06]. "
        "https://example.org/r/zh/. doi: 10.1/sim"
    )
    assert english.told() == {
        "citation": english.vancouver(""),
        "authors": ["Ann Bea Example", "张三", "The Simulated Group"],
        "date": "2031-04-05",
        "doi": "10.1/sim",
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "known",
    [
        None,
        {"version": "2031.1.0", "date-released": "2031-01-01", "authors": [{"name": "X (to be completed)"}]},
    ],
    ids=["no file", "placeholder, other version"],
)
def test_what_is_not_known_is_not_said(tmp_path: Path, lang: str, known: dict[str, object] | None) -> None:
    made = of(tmp_path, lang, known, site="")
    assert made.told() == {"citation": made.vancouver("")}
    for text in (made.vancouver("today"), made.gbt7714("today")):
        assert text.startswith(MAINTAINERS[lang])
        assert "today" not in text
        assert "2031-01-01" not in text
        assert "http" not in text
    assert {"en": "[date unknown]", "zh": "[日期不详]"}[lang] in made.vancouver("")
    assert "year" not in made.bibtex()
    assert "PY  - " not in made.ris()


def test_many_authors_are_cut_by_each_styles_rule(tmp_path: Path) -> None:
    people = [{"family-names": f"Name{letter}", "given-names": letter} for letter in "ABCDEFGH"]
    made = of(tmp_path, "en", {**NAMED, "authors": people})
    assert made.vancouver("").startswith("NameA A, NameB B, NameC C, NameD D, NameE E, NameF F, et al. ")
    assert made.gbt7714("").startswith("NAMEA A, NAMEB B, NAMEC C, et al. ")
    assert of(tmp_path, "zh", None).gbt7714("").startswith("NAMEA A, NAMEB B, NAMEC C, 等. ")
    assert made.bibtex().count(" and ") == 7


def test_reference_managers_read_the_files(tmp_path: Path) -> None:
    made = of(tmp_path, "en", NAMED)
    (read,) = yaml.safe_load(pypandoc.convert_text(made.bibtex(), "csljson", format="bibtex"))
    assert read["title"] == REVIEW["title"]["en"]
    assert read["DOI"] == "10.1/sim"
    assert read["URL"] == "https://example.org/r/en/"
    assert read["author"][0] == {"family": "Example", "given": "Ann Bea"}
    assert read["issued"]["date-parts"][0][0] == 2031
    (ris,) = yaml.safe_load(pypandoc.convert_text(made.ris(), "csljson", format="ris"))
    assert ris["title"] == REVIEW["title"]["en"]
    assert ris["author"][0] == {"family": "Example", "given": "Ann Bea"}


def test_text_of_others_stays_within_its_field() -> None:
    made = Citation("sim", "en", "x}, evil = {y \\ $\nER  - ", "1.0.0", (Author("A\nB"),))
    assert "evil = {y" not in made.bibtex()
    assert made.ris().count("\r\n") == 6
    assert made.ris().count("ER  - \r\n") == 1
