"""The evidence passes its checks, each question has an answer, stored versions stay, the site builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.evidence import errors, load
from analysis.living.versions import read_versions
from analysis.synthesis import synthesise

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
LANGUAGES = ("en", "zh")


def test_the_evidence_has_no_errors_and_every_question_an_answer() -> None:
    evidence = load(DATA)
    assert errors(evidence.warnings) == ()
    asked = [question["id"] for question in evidence.protocol["questions"]]
    assert [answer.id for answer in synthesise(evidence).questions] == asked


def test_the_same_evidence_gives_the_same_results() -> None:
    assert synthesise(load(DATA)).to_json() == synthesise(load(DATA)).to_json()


def test_no_stored_version_was_edited_after_its_release() -> None:
    assert [version.meta.version for version in read_versions(DATA) if version.altered()] == []


@pytest.mark.slow
def test_both_languages_are_built_and_show_the_results() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QUARTO_")}
    command = [sys.executable, "-m", "publishing", "build", "--engine", "embedded", "--no-pdf"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    expected = json.loads(synthesise(load(DATA)).to_json())
    for lang in LANGUAGES:
        record = json.loads((ROOT / "_site" / lang / "results.json").read_text(encoding="utf-8"))
        assert record == expected
        for answer in expected["questions"]:
            pages = "".join(
                path.read_text(encoding="utf-8") for path in (ROOT / "_site" / lang).rglob("*.html")
            )
            assert answer["title"][lang] in pages
