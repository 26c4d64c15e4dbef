"""The feeds: one entry for each version that was released, the same bytes each time."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree

import pytest

from analysis.living.archive import Archive
from analysis.living.cli import feed_main
from analysis.living.errors import LivingError
from analysis.living.feed import ATOM, feed
from analysis.living.releasing import release, seed_version
from analysis.living.versions import read_versions
from tests.living.conftest import Project

NAMES = {"a": ATOM}


def test_a_feed_has_an_entry_for_each_released_version(project: Project) -> None:
    seed_version(project.data)
    with pytest.raises(LivingError, match="尚未发布"):
        feed(Archive(read_versions(project.data)), "en")
    release(project.data, datetime.date(2026, 1, 2))
    reason = {"en": "Less < more & “quoted”.", "zh": "理由 <模拟>。"}
    project.change("studies", "petrou2020", {"note": "a note (simulated)"})
    release(project.data, datetime.date(2026, 2, 3), reason)
    versions = Archive(read_versions(project.data))
    for lang, tag in (("en", "en"), ("zh", "zh-Hans")):
        text = feed(versions, lang, "https://example.org/review")
        assert text == feed(Archive(read_versions(project.data)), lang, "https://example.org/review")
        root = ElementTree.fromstring(text)
        assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == tag
        assert root.findtext("a:updated", namespaces=NAMES) == "2026-02-03T00:00:00Z"
        entries = root.findall("a:entry", NAMES)
        titles = [entry.findtext("a:title", namespaces=NAMES) or "" for entry in entries]
        assert ["2024.1.1" in titles[0], "2024.1.0" in titles[1], len(titles)] == [True, True, 2]
        assert entries[0].findtext("a:summary", namespaces=NAMES) == reason[lang]
        ids = [element.text for element in root.iter(f"{{{ATOM}}}id")]
        assert len(set(ids)) == len(ids) == 3
        for element in (root, *entries):
            for needed in ("id", "title", "updated"):
                assert element.findtext(f"a:{needed}", namespaces=NAMES)
        for link in root.iter(f"{{{ATOM}}}link"):
            assert (link.get("href") or "").startswith(f"https://example.org/review/{lang}/")
    assert set(ids).isdisjoint(
        element.text for element in ElementTree.fromstring(feed(versions, "en")).iter(f"{{{ATOM}}}id")
    )


def test_the_command_writes_both_languages(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(project.folder / "site"), "--data", str(project.data)]
    assert feed_main(arguments) == 1
    assert "no version" in capsys.readouterr().err
    release(project.data, datetime.date(2026, 1, 2))
    assert feed_main(arguments) == 0
    assert (project.folder / "site" / "zh" / "feed.xml").is_file()
