import re

import pytest

from analysis.wording import LANGUAGES, catalogue
from analysis.wording.catalogue import CatalogueError

HAN = re.compile(r"[\u4e00-\u9fff]")


def written(tmp_path, text):
    (tmp_path / "a.yml").write_text(text, encoding="utf-8")
    return tmp_path


def test_texts():
    assert catalogue.text("mark.assumed_n", "en", value="30").endswith("30 is assumed.")
    assert catalogue.text("mark.assumed_n", "zh", value="30") == "原文未给出例数，此处假定为 30。"
    assert catalogue.text("noun.study", "en", count=1) == "1 study"
    assert catalogue.text("noun.study", "en", count=1200) == "1,200 studies"


def test_an_unknown_key_or_language_is_an_error_and_never_a_fallback():
    with pytest.raises(CatalogueError, match=r"no key 'mark\.nothing'"):
        catalogue.text("mark.nothing", "en")
    with pytest.raises(ValueError, match="'fr' is unknown"):
        catalogue.text("column.study", "fr")


def test_placeholders_must_fit():
    with pytest.raises(CatalogueError, match="wanted"):
        catalogue.text("mark.assumed_n", "en")
    with pytest.raises(CatalogueError, match="wanted"):
        catalogue.text("column.study", "en", value="1")
    with pytest.raises(CatalogueError, match="formatted before"):
        catalogue.text("mark.assumed_n", "en", value=30.0)
    assert catalogue.filled("column.study", "en", value="not asked for") == "Study"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {en: x}", "wants exactly the languages"),
        ("a: {en: x, zh: 一, fr: y}", "wants exactly the languages"),
        ("a: {en: '', zh: 一}", "has no text"),
        ("a: {en: '{n}', zh: 一}", "placeholders differ"),
        ("a: {en: {one: x}, zh: 一}", "plural forms"),
        ("a: x", "wants exactly the languages"),
        ("- a", "not a mapping"),
        ("a:\n  b: {en: x, zh: 一}\n  b: {en: y, zh: 二}", "line 2: b is already defined"),
    ],
)
def test_a_broken_catalogue_says_what_is_wrong(tmp_path, text, message):
    with pytest.raises(CatalogueError, match=message):
        catalogue.load(written(tmp_path, text))


def test_a_key_stands_in_one_file(tmp_path):
    written(tmp_path, "a: {en: x, zh: 一}")
    (tmp_path / "b.yml").write_text("a: {en: y, zh: 二}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"b\.yml: a is already defined"):
        catalogue.load(tmp_path)


def test_keys_are_texts_not_what_yaml_makes_of_them():
    assert not [key for key in catalogue.load() if re.search("True|False|None", key)]


@pytest.mark.parametrize("key", catalogue.keys())
def test_each_language_is_written_in_its_own_script(key):
    forms = catalogue.load()[key]
    english = " ".join(forms["en"].values())
    chinese = forms["zh"]["other"]
    assert not HAN.search(english)
    if HAN.search(chinese):
        half_width = r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]"
        assert not re.search(half_width, chinese), "full-width punctuation"
        assert not re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_tidy(lang):
    for key, entry in catalogue.load().items():
        for form in entry[lang].values():
            if not key.startswith("figure."):
                assert form == form.strip(), key
            assert "  " not in form, key
