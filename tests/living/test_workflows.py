"""The workflows: valid, pinned, with as few rights as possible, and nothing of others in a shell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = tuple(sorted((GITHUB / "workflows").glob("*.yml")))
FORMS = tuple(path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.name != "config.yml")
SAFE = re.compile(
    r"github\.(token|repository|ref|event\.pull_request\.number|event\.pull_request\.head\.repo\.full_name)"
    r"|inputs\.reason_(en|zh)"
    r"|steps\.[a-z]+\.outputs\.[a-z_]+|needs\.[a-z]+\.outputs\.[a-z]+"
)
HAN = re.compile(r"[\u4e00-\u9fff]")

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"])


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / name
    return subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_the_schemas_fit() -> None:
    for kind, paths in (
        ("workflows", WORKFLOWS),
        ("issue-forms", FORMS),
        ("issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
    ):
        done = tool("check-jsonschema", "--builtin-schema", f"vendor.github-{kind}", *map(str, paths))
        assert done.returncode == 0, done.stdout


def test_the_security_linter_finds_nothing() -> None:
    done = tool("zizmor", "--offline", "--persona", "pedantic", ".github")
    assert done.returncode == 0, done.stdout
    assert "No findings" in done.stdout


@every_workflow
def test_every_action_is_pinned_to_a_full_hash(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    for line in lines:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@every_workflow
def test_a_job_that_can_write_runs_nothing_of_the_repository(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(path).items():
        writes = "write" in job["permissions"].values()
        for step in job["steps"]:
            checks_out = str(step.get("uses", "")).startswith("actions/checkout@")
            if checks_out:
                assert not writes, name
                assert step["with"]["persist-credentials"] is False
            if "run" in step and not writes:
                assert re.fullmatch(r"make [a-z-]+( [A-Z]+=[A-Za-z0-9^]+)?", step["run"]), step["run"]


@every_workflow
def test_no_text_of_others_reaches_an_expression_or_a_shell(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for expression in re.findall(r"\$\{\{(.*?)\}\}", text):
        names = re.findall(r"\b(?:github|steps|needs|inputs|env|secrets)\.[\w.-]+", expression)
        assert names
        assert all(SAFE.fullmatch(name) for name in names), expression
    for job in jobs(path).values():
        for step in job["steps"]:
            assert "${{" not in str(step.get("run", ""))
    assert "pull_request_target" not in text
    assert "secrets." not in text


@every_workflow
def test_every_make_target_is_there(path: Path) -> None:
    known = (ROOT / "Makefile").read_text(encoding="utf-8") + (ROOT / "living.mk").read_text(encoding="utf-8")
    for job in jobs(path).values():
        for step in job["steps"]:
            if str(step.get("run", "")).startswith("make "):
                assert re.search(rf"^{step['run'].split()[1]}:", known, flags=re.MULTILINE), step["run"]


def test_the_comment_is_for_branches_of_the_repository_only() -> None:
    comment = jobs(GITHUB / "workflows" / "check.yml")["comment"]
    assert "head.repo.full_name == github.repository" in comment["if"]
    assert comment["permissions"] == {"pull-requests": "write"}
    others = [job for name, job in jobs(GITHUB / "workflows" / "check.yml").items() if name != "comment"]
    assert all(set(job["permissions"].values()) == {"read"} for job in others)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_in_both_languages(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    asked = [form["name"], form["description"], form["title"]]
    asked += [part["attributes"].get("label") or part["attributes"]["value"] for part in form["body"]]
    asked += [
        option["label"]
        for part in form["body"]
        if part["type"] == "checkboxes"
        for option in part["attributes"]["options"]
    ]
    for text in asked:
        assert HAN.search(text), text
        assert re.search("[A-Za-z]{3}", text), text


@pytest.mark.parametrize("folder", [ROOT, ROOT / "publishing" / "templates" / "review"], ids=["own", "new"])
def test_zenodo_and_the_citation_say_the_same(folder: Path) -> None:
    deposit = json.loads((folder / ".zenodo.json").read_text(encoding="utf-8"))
    citation = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8").replace("@YEAR@", "2031"))
    assert deposit["title"] == citation["title"]
    assert deposit["creators"] == [{"name": author["name"]} for author in citation["authors"]]
    assert deposit["license"] in citation["license"]
    assert "version" not in deposit, "it would go stale: Zenodo takes the tag's"
