"""The checklists hold every item, in both languages, in the words of their source."""

from __future__ import annotations

import hashlib
import re

import pytest

from analysis.reporting.checklists import CHECKLISTS, Item, by_id, items
from analysis.reporting.rules import RULES
from analysis.wording import LANGUAGES
from analysis.wording.chinese import spaced

NUMBERS = (  # noqa: SIM905
    "1 2 3 4 5 6 7 8 9 10a 10b 11 12 13a 13b 13c 13d 13e 13f 14 15 16a 16b 17 18 19 20a 20b 20c 20d 21 22 "
    "23a 23b 23c 23d 24a 24b 24c 25 26 27"
).split()
# Of the English texts, which were collated word for word with two public copies of the checklists. A new
# digest is right only after collating them again.
DIGESTS = {
    "prisma-2020": "9d0f1de4cbf70ba31c7390517ba155721bf57915166ccc9df6f089470c498f6d",
    "prisma-2020-abstracts": "2247053e4a14ed47664158d845c278b764bf18e06597c7456b229e67beb0b505",
    "prisma-lsr": "b80300f9e7b69f0edd67adc31fadf76adbba57c0896420e339efd1fd80b45f21",
}

every_item = pytest.mark.parametrize("item", by_id().values(), ids=lambda item: item.id)


def test_prisma_2020_has_its_lines() -> None:
    assert [item.number for item in items("prisma-2020")] == NUMBERS
    assert [item.number for item in items("prisma-2020-abstracts")] == [str(i) for i in range(1, 13)]


def test_every_id_stands_once() -> None:
    assert len(by_id()) == sum(len(items(checklist)) for checklist in CHECKLISTS)


@pytest.mark.parametrize("checklist", CHECKLISTS)
def test_the_words_are_the_sources(checklist: str) -> None:
    words = "\n".join(f"{item.topic['en']}: {item.text['en']}" for item in items(checklist))
    assert hashlib.sha256(words.encode()).hexdigest() == DIGESTS[checklist]


@every_item
def test_an_item_is_in_both_languages(item: Item) -> None:
    for text in (item.section, item.topic, item.text):
        assert set(text) == set(LANGUAGES)
        assert not re.search("[一-鿿]", text["en"])
        assert re.search("[一-鿿]", text["zh"])
        assert spaced(text["zh"]) == text["zh"]
        assert not re.search(r"[一-鿿][,;:?!()]|[,;:?!(][一-鿿]", text["zh"])


def test_every_rule_is_asked_for_and_known() -> None:
    asked = {item.rule for item in by_id().values() if item.rule}
    assert asked == {*RULES, "abstract"}


def test_only_what_was_read_in_the_checklist_has_a_number() -> None:
    assert all(bool(item.number) != item.from_abstract for item in items("prisma-lsr"))


def test_there_is_no_other_checklist() -> None:
    with pytest.raises(KeyError, match="prisma-lsr"):
        items("prisma-s")
